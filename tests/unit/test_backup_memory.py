"""What earlier looks count for: a proof is of the moment it was seen, and ends with the first look that found wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from evidence.event import Event
from evidence.ledger import Ledger
from inventory.backup.memory import NUMBERED, OF, OPENS, TEST, Remembered, newest, places, proven, still
from inventory.backup.reading import read_backups
from inventory.backup.rules import restored
from ops.cli.guiding_backups import JOB, TASKS
from ops.cli.remembering import remembered, verdicts

if TYPE_CHECKING:
    from ops.cli.site import Site

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def told(verdict: str, day: int, rule: str = "structure", audit: str = "backups.check", **more: str) -> Remembered:
    """A verdict of so many days ago; ``of`` how many days before it was seen."""
    at = NOON - day * DAY
    of = at - int(more.pop("earlier", "0")) * DAY
    return Remembered("vault", "vault", rule, verdict, more.get("because", "x"), at, of, f"R{day}", audit)


def test_a_proof_is_as_old_as_when_it_was_seen_however_often_it_was_told_again() -> None:
    """Else a daily check would tell of one old proof for ever, and never look again."""
    rows = [told("PASS", 9), *(told("PASS", day, earlier=str(9 - day)) for day in range(9))]
    assert proven(rows)["vault"]["structure"] == NOON - 9 * DAY


@pytest.mark.parametrize("verdict", ["FAIL", "ERROR"])
def test_what_was_found_wrong_since_is_proven_no_more(verdict: str) -> None:
    assert proven([told("PASS", 3), told(verdict, 1)])["vault"] == {}
    assert proven([told(verdict, 3), told("PASS", 1)])["vault"]["structure"] == NOON - DAY


def test_not_knowing_takes_no_proof_away() -> None:
    assert "structure" in proven([told("PASS", 3), told("UNKNOWN", 1)])["vault"]


def test_of_two_verdicts_of_one_run_the_worst_counts() -> None:
    """A restore test looks at the newest and the oldest backup: both have to be right."""
    pair = [told("FAIL", 1, "restore", "backups.restore"), told("PASS", 1, "restore", "backups.restore")]
    for rows in (pair, pair[::-1]):
        assert proven(rows)["vault"] == {}
        assert newest(rows)["vault", "restore"].verdict == "FAIL"


def test_what_somebody_answers_for_does_not_hide_what_nobody_knows() -> None:
    """Of two backups one was waived, and of the other nothing is known: the job is open, and not a warning."""
    waived = told("FAIL", 1, "restore", because="waived until 2026-12-24, because of the move: 1 of 2 right")
    pair = [waived, told("UNKNOWN", 1, "restore")]
    for rows in (pair, pair[::-1], [told("FAIL", 2, "restore"), *pair]):
        assert newest(rows)["vault", "restore"].worth == "UNKNOWN"
        assert proven([told("PASS", 3, "restore"), *rows])["vault"] == {}


def test_one_of_two_databases_that_could_not_be_tried_leaves_both_unproven() -> None:
    """Else a check tells for a month that the databases of a job are well, one of which nobody ever opened."""
    pair = [told(verdict, 1, "database", "backups.restore") for verdict in ("PASS", "UNKNOWN")]
    before = told("PASS", 9, "database", "backups.restore")
    for rows in (pair, pair[::-1]):
        assert proven(rows)["vault"] == {}
        assert proven([before, *rows])["vault"] == {"database": NOON - 9 * DAY}


def test_a_run_that_left_something_open_proves_nothing_and_takes_no_earlier_proof_away() -> None:
    """Of two backups that were looked at, one had files there was no room for."""
    pair = [told("PASS", 1, "restore", "backups.restore"), told("UNKNOWN", 1, "restore", "backups.restore")]
    for rows in (pair, pair[::-1]):
        assert proven(rows)["vault"] == {}
        assert proven([told("PASS", 3, "restore", "backups.restore"), *rows])["vault"]["restore"] == NOON - 3 * DAY


def test_what_was_erased_is_no_proof_and_no_error() -> None:
    rows = [["vault", "structure", "PASS", "checked now", "vault"]]
    body = {"source": "backups.check"}
    for private in ({"findings": rows}, {"of": [NOON.isoformat()]}, {"findings": rows, "of": []}, {}):
        found = list(verdicts(Event("R", "audited", "2026-11-20T12:00:00.000Z", body, private)))
        assert [one.of for one in found] == [NOON] * ("findings" in private)
    told_again = {"findings": rows, "of": [(NOON - DAY).isoformat()]}
    (one,) = verdicts(Event("R", "audited", "2026-11-20T12:00:00.000Z", body, told_again))
    assert (one.at, one.of) == (NOON, NOON - DAY)


def test_a_waiver_proves_nothing() -> None:
    waived = told("PASS", 1, because="waived until 2027-01-01 by bob (known): damaged")
    assert proven([told("PASS", 3), waived])["vault"] == {}
    assert proven([waived, told("PASS", 1)])["vault"] == proven([told("PASS", 1), waived])["vault"] == {}


def test_what_was_waived_is_worth_a_warning_however_it_is_kept() -> None:
    because = "waived until 2027-01-01 by bob (known): damaged"
    assert [told(word, 1, because=because).worth for word in ("PASS", "FAIL")] == ["WARN", "WARN"]
    assert [told(word, 1).worth for word in ("PASS", "UNKNOWN", "FAIL")] == ["PASS", "UNKNOWN", "FAIL"]


def test_a_waived_restore_is_not_what_the_guide_asks_for() -> None:
    """It says a bound only where files were right."""
    (bring_back,) = [task for task in TASKS if task.title == "bring files back"]
    right = replace(told("PASS", 1, "restore", "backups.restore"), subject=JOB)
    waived = replace(right, because="waived until 2027-01-01 by bob (known): 3 of 59 files are bad")
    nowhere = cast("Site", None)  # what was done is told by the evidence alone
    assert [bring_back.done(nowhere, [one]) for one in (right, waived)] == [True, False]


def test_only_a_restore_test_proves_a_restore() -> None:
    assert proven([told("PASS", 1, "restore", "backups.check")])["vault"] == {}
    assert "restore" in proven([told("PASS", 1, "restore", "backups.restore")])["vault"]


def test_a_restore_test_that_failed_stands_until_another_is_right() -> None:
    failed = told("FAIL", 1, "restore", "backups.restore", because="2 of 9 files are bad")
    found = restored(NOON - 3 * DAY, failed, 31 * DAY, NOON)
    assert (found.verdict, "2 of 9 files are bad" in found.because, found.of) == ("FAIL", True, NOON - DAY)
    assert restored(NOON - DAY, told("PASS", 1, "restore"), 31 * DAY, NOON).verdict == "PASS"
    assert restored(NOON - 40 * DAY, None, 31 * DAY, NOON).verdict == "UNKNOWN"
    assert restored(None, None, 31 * DAY, NOON).verdict == "UNKNOWN"


def test_a_restore_test_that_could_not_tell_of_one_of_two_backups_is_not_known() -> None:
    """An earlier one that was right of both is not undone by that."""
    half = told("UNKNOWN", 1, "restore", TEST, because="of the others only the size: rsync keeps no hashes")
    right = told("PASS", 1, "restore", TEST)
    last = proven([right, half])["vault"].get("restore")
    found = restored(last, half, 31 * DAY, NOON)
    said = "2026-11-19 12:00 UTC: of the others only the size: rsync keeps no hashes"
    assert (found.verdict, found.because) == ("UNKNOWN", said)
    last = proven([told("PASS", 3, "restore", TEST), right, half])["vault"].get("restore")
    assert restored(last, half, 31 * DAY, NOON).verdict == "PASS"
    few = told("UNKNOWN", 1, "restore", TEST, because="1 of 1 right")
    assert restored(None, few, 31 * DAY, NOON).step == "", "restic keeps hashes: its rule knows what to do"
    assert ("checksums" in found.step, restored(None, half, 31 * DAY, NOON, "database").step) == (True, "")


PLACED = """systems:
  FS-1: {host: fs1, tier: 1, rpo: 24h, rto: 4h, site: Leith}
targets:
  vault: {tool: restic, where: /srv/new, site: Perth}
jobs:
  homes: {system: FS-1, target: vault, paths: [/srv/home], every: 1d}
"""


def test_what_was_proven_of_another_place_proves_nothing_of_this_one() -> None:
    plan = read_backups(PLACED)
    before = [told("PASS", 3), told("PASS", 3, OPENS, because="restic at /srv/old")]
    tested = replace(told("PASS", 3, "restore"), subject="homes")
    now = [told("PASS", 1, "key"), told("PASS", 1, OPENS, because="restic at /srv/new")]
    assert still([*before, tested, *now], plan) == now
    assert still([told("PASS", 3)], plan), "evidence of an older version names no place"


def test_a_job_that_lies_elsewhere_now_keeps_no_proof_of_where_it_lay() -> None:
    """A restore test tells one place: of no other it says anything."""
    other = PLACED.replace("targets:", "targets:\n  old: {tool: restic, where: /srv/old, site: Perth}")
    rows = [
        told("PASS", 3, OPENS, TEST, because="restic at /srv/new"),
        replace(told("PASS", 3, "restore", TEST), subject="homes"),
    ]
    assert proven(still(rows, read_backups(other)))["homes"]
    moved = read_backups(other.replace("target: vault", "target: old"))
    assert "homes" not in proven(still(rows, moved))


def test_a_waived_door_hides_nothing_that_was_found_behind_it() -> None:
    before = [told("PASS", 3), told("PASS", 3, OPENS, because="restic at /srv/new")]
    now = [told("FAIL", 1), told("PASS", 1, OPENS, because="waived until 2999-01-01 by Bob Ray (x): damaged")]
    assert "structure" not in proven(still([*before, *now], read_backups(PLACED)))["vault"]


@pytest.mark.parametrize("rule", ["key", "sentinel"])
def test_what_held_where_the_door_stayed_shut_is_of_no_place(rule: str) -> None:
    rows = [told("PASS", 1, rule), told("UNKNOWN", 1, OPENS)]
    assert still(rows, read_backups(PLACED)) == rows[1:]
    wrong = [told("FAIL", 1, rule), told("UNKNOWN", 1, OPENS)]
    assert still(wrong, read_backups(PLACED)) == wrong, "what was wrong stands"


def test_another_repository_in_the_place_of_one_inherits_nothing() -> None:
    """It may have been lost and made anew, at the same place and with the same password."""
    plan = read_backups(PLACED)
    one, other = (f"restic at /srv/new{NUMBERED}{number}" for number in ("a1", "b2"))
    before = [told("PASS", 3), told("PASS", 3, OPENS, because=one)]
    assert proven(still(before, plan))["vault"]["structure"] == NOON - 3 * DAY
    assert still(before, plan, {"vault": one}) == before
    assert still(before, plan, {"vault": other}) == [], "which is met now"
    now = told("PASS", 1, OPENS, because=other)
    assert still([*before, now], plan) == [now], "which was met last"
    assert places([*before, now]) == {"vault": other}


def test_a_restore_test_is_of_the_paths_and_databases_it_was_made_of() -> None:
    """Data that were never brought back are not proven by others that were, under the name of the same job."""
    plan = read_backups(PLACED)
    because = f"restic at /srv/new{NUMBERED}a1{OF}{plan.jobs[0].holds}"
    opened, back = (
        told("PASS", 3, OPENS, TEST, because=because),
        replace(told("PASS", 3, "restore", TEST), subject="homes"),
    )
    assert "homes" in proven(still([opened, back], plan))
    for more in ("paths: [/srv/other]", "paths: [/srv/home, /srv/other]",
                 "paths: [/srv/home], databases: {/srv/home/x.db: {kind: sqlite}}"):  # fmt: skip
        changed = read_backups(PLACED.replace("paths: [/srv/home]", more))
        assert "homes" not in proven(still([opened, back], changed)), more
    same = read_backups(PLACED.replace("every: 1d", "every: 7d"))
    assert "homes" in proven(still([opened, back], same))


def test_a_clock_that_was_ahead_proves_nothing_for_later_and_hides_nothing(tmp_path: Path) -> None:
    """The order of the ledger holds: what was written before is not of a later moment."""
    ledger = Ledger(tmp_path / "ledger.db", "p-1/d-1")
    soon, today = "2099-01-01T12:00:00.000Z", "2026-11-20T12:00:00.000Z"
    for run, at, verdict in (("B", soon, "PASS"), ("A", today, "FAIL")):
        rows = [["vault", "structure", verdict, "x", "vault"]]
        ledger.append(Event(run, "audited", at, {"source": "backups.check"}, {"findings": rows, "of": [at]}))
    found = remembered(ledger)
    assert [(one.verdict, one.at, one.of) for one in found] == [("PASS", NOON, NOON), ("FAIL", NOON, NOON)]
    assert proven(found)["vault"] == {}
    assert newest(found)["vault", "structure"].verdict == "FAIL"
    ledger.append(Event("C", "audited", soon, {"source": "backups.check"}, {"findings": rows, "of": [soon]}))
    assert remembered(ledger)[-1].at <= datetime.now(UTC), "nothing was seen that is still to come"


def test_a_restore_test_that_could_not_tell_leaves_one_that_failed_standing() -> None:
    """Else a test of one file would take away what a test of 59 had found."""
    found = [told(verdict, day, "restore", TEST) for verdict, day in (("FAIL", 3), ("UNKNOWN", 2), ("UNKNOWN", 1))]
    ((_, known),) = newest(found).items()
    assert known.verdict == "FAIL"
    half = [told("PASS", 0, "restore", TEST), told("UNKNOWN", 0, "restore", TEST)]  # of the newest and the oldest
    ((_, known),) = newest([*found, *half]).items()
    assert known.verdict == "FAIL"
    ((_, known),) = newest([*found, told("PASS", 0, "restore", TEST)]).items()
    assert known.verdict == "PASS"
