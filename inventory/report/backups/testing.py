"""The sheets Restore tests and History: what came back and when, and how each of the last 90 days went."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from inventory.backup.memory import ORDER, TEST, TESTED, Remembered, newest
from inventory.backup.model import Backups
from inventory.report.appendix import Definition
from inventory.report.backups.standing import CHECK, DAYS, Standing
from inventory.report.chapter import Chapter
from inventory.report.parts import Chart, Column, Table

TESTS = (
    *(Column("When (UTC)", "datetime"), Column("Job", "id", 18), Column("System", "id", 12)),
    *(Column("Verdict", "verdict", 12), Column("What came back", "note", 58)),
    *(Column("Fast enough", "verdict", 12), Column("Speed and RTO", "note", 36), Column("Record", "id", 12)),
)
HISTORY = (
    *(Column("Day", "date"), Column("Checks", "integer", 10), Column("Restore tests", "integer", 11)),
    *(Column(word, "integer", 13) for word in reversed(ORDER)),
    Column("Verdict", "verdict", 12),
)
WEEKS = (
    *(Column("Week from", width=13), Column("Checked", "integer", 11), Column("Failed", "integer", 11)),
    *(Column("Not all known", "integer", 11), Column("Not checked", "integer", 11)),
)
SHOWN = ("Failed", "Not all known", "Not checked")
BAD = ("FAIL", "ERROR")
BY_WEEK = f"Days of each week, by their last check, from the first check of these {DAYS} days on."


def chapter(stands: Standing) -> Chapter:
    """Both sheets, and the history as a picture."""
    days = _days(stands)
    weeks = list(_weeks(days))
    looked = sum(1 for row in days if row[1])
    alt = f"Days of each week on which a check failed, did not see all, or was not made; {looked} days with a check."
    chart = Chart("column", "Days a week since the first check, by how it ended", alt, "weeks", "Week from", SHOWN)
    return Chapter(
        [
            Table("tests", "Restore tests", TESTS, _tests(stands), "", "Nothing was brought back to see that it can."),
            Table("history", f"History {DAYS} days", HISTORY, days, "Days without a check have no verdict: UNKNOWN."),
            Table("weeks", "History by week", WEEKS, weeks, BY_WEEK),
        ],
        charts=[chart] if looked and len(weeks) > 1 else [],
        definitions=[
            Definition(
                "What came back", "Files of the newest and the oldest backup, drawn by chance, compared.",
                "n right ones: 95 % sure that at most 1 - 0.05^(1/n) of all are bad, rounded up",
                "ops backup restore-test",
            ),
            Definition("A day's verdict", "How the last check of that day ended.", "the worst of it", "History"),
        ],
    )  # fmt: skip


def _tests(stands: Standing) -> list[Sequence[object]]:
    """One row a run and job, the newest first; of two backups that were tried the worse one."""
    by_run: dict[str, list[Remembered]] = defaultdict(list)
    for one in stands.tests:
        by_run[one.run].append(one)
    jobs = {job.name: job.system for job in (stands.plan or Backups()).jobs}
    rows: list[Sequence[object]] = []
    for run, some in by_run.items():
        worst = newest(some)
        for job in dict.fromkeys(one.subject for one in some if one.rule in TESTED):
            said = [one.because for one in some if (one.subject, one.rule) == (job, "restore")]
            back, rto = worst.get((job, "restore")), worst.get((job, "rto"))
            rows.append((
                some[0].at, job, jobs.get(job, "no longer named"), back.worth if back else None,
                "\n".join(said), rto.worth if rto else None, rto.because if rto else "", run,
            ))  # fmt: skip
    return rows


def _weeks(days: Sequence[Sequence[object]]) -> Iterator[Sequence[object]]:
    """The same by week, the newest complete, from the first day with a check on: before it nobody meant to look."""
    first = next((at for at, row in enumerate(days) if row[1]), 0)
    days = days[first:]
    for end in range(len(days) % 7 or 7, len(days) + 1, 7):
        some = days[max(0, end - 7) : end]
        checked = [row for row in some if row[1]]
        bad = sum(row[-1] in BAD for row in checked)
        unknown = sum(row[-1] == "UNKNOWN" for row in checked)
        yield f"{some[0][0]:%m-%d}", len(checked), bad, unknown, len(some) - len(checked)


def _days(stands: Standing) -> list[tuple[object, ...]]:
    """Each of the last 90 days, with the verdicts of its last check."""
    last = stands.as_of.date()
    runs: dict[date, dict[str, list[Remembered]]] = defaultdict(lambda: defaultdict(list))
    tests: dict[date, set[str]] = defaultdict(set)
    for one in stands.looks:
        if one.audit == CHECK:
            runs[one.at.date()][one.run].append(one)
        elif one.audit == TEST:
            tests[one.at.date()].add(one.run)
    return [
        _day(day, runs.get(day, {}), len(tests.get(day, ())))
        for day in (last - timedelta(days=back) for back in range(DAYS - 1, -1, -1))
    ]


def _day(day: date, runs: dict[str, list[Remembered]], tests: int) -> tuple[object, ...]:
    if not runs:
        return (day, 0, tests, *(None for _ in ORDER), "UNKNOWN")
    final = max(runs.values(), key=lambda some: some[0].at)
    counts = Counter(one.worth for one in final)
    worst = max(counts, key=ORDER.index)
    return (day, len(runs), tests, *(counts[word] for word in reversed(ORDER)), worst)
