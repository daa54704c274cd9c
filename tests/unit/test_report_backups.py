"""The report on backups: what was found, as long as that says anything; what nobody saw is UNKNOWN and never green."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from inventory.register.store import Register
from inventory.report import making
from inventory.report.inputs import Inputs, kept_inputs, write_inputs
from inventory.report.parts import Workbook
from inventory.report.template import Template
from tests.contract.test_backup import Kept
from tests.unit import report_backups as company
from tests.unit import report_estate as estate
from tests.unit.kept import kept_by_day
from tests.unit.report_estate import inputs, lights, tiles, told
from tests.unit.test_backup_coverage import desk
from tests.workspace import Desk

__all__ = ["kept_by_day"]
SHEETS = ["Summary", "Actions", "Matrix", "Verdicts", "Restore tests", "History 90 days", "History by week",
          "Not covered", "Targets", "Definitions", "Sources", "Provenance"]  # fmt: skip
UNSEEN = ("whether what is written can be removed",)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    found = estate.register(tmp_path)
    company.fill(found)
    yield found
    found.close()


def asked(seen: Any, **more: Any) -> Inputs:
    return inputs(seen, "backups", **({"backups": company.PLAN, "looks": company.looks(), "unseen": UNSEEN} | more))


def report(register: Register, **more: Any) -> Workbook:
    with register.reading() as seen:
        return making.build(seen, asked(seen, **more))


def matrix(book: Workbook) -> dict[str, dict[str, str]]:
    return {row["System"]: row for row in told(book)["matrix"]}


def test_the_workbook_has_every_sheet_and_holds_what_its_sources_count(register: Register, tmp_path: Path) -> None:
    with register.reading() as seen:
        wanted = making.expected(seen, asked(seen))
        making.export(making.build(seen, asked(seen)), tmp_path / "b.xlsx", "matrix", Template(), wanted)
    assert openpyxl.load_workbook(tmp_path / "b.xlsx", read_only=True).sheetnames == SHEETS
    assert (wanted["matrix"].rows, wanted["targets"].rows, wanted["tests"].rows) == (4, 2, 4)


def test_the_same_bytes_come_from_what_was_kept(register: Register, tmp_path: Path) -> None:
    with register.reading() as seen:
        made = asked(seen)
        digest = write_inputs(tmp_path / "kept", made, [])
        with kept_inputs(tmp_path / "kept", digest) as (again, _):
            assert again == made
            for name, one in (("a", made), ("b", again)):
                making.export(making.build(seen, one), tmp_path / f"{name}.xlsx", "matrix", Template(), {})
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_the_matrix_has_the_worst_of_each_question_and_what_nobody_saw_is_unknown(register: Register) -> None:
    found = matrix(report(register))
    assert {word: found["DB-1"][word] for word in ("Freshness", "On time", "Restore", "Overall")} == {
        "Freshness": "FAIL", "On time": "PASS", "Restore": "FAIL", "Overall": "FAIL",
    }  # fmt: skip
    assert (found["FS-1"]["Restore"], found["FS-1"]["3-2-1-1-0"], found["FS-1"]["Freshness"]) == (
        "PASS", "FAIL", "UNKNOWN",
    )  # fmt: skip
    assert {found["WEB-1"][word] for word in ("Freshness", "Restore", "Key", "Overall")} == {"UNKNOWN"}


def test_what_was_waived_is_no_good_news(register: Register) -> None:
    book = report(register)
    assert matrix(book)["OLD-1"]["Shape"] == "WARN"
    asked = [str(row) for row in told(book)["actions"]]
    assert asked
    assert not [row for row in asked if "waived until" in row], "somebody answers for it until a day"


def test_what_was_found_too_long_ago_says_nothing_but_what_failed_stands(register: Register) -> None:
    late = estate.AS_OF + timedelta(days=30)
    with register.reading() as seen:
        book = making.build(seen, replace(asked(seen), as_of=late))
    found = matrix(book)
    assert (found["DB-1"]["On time"], found["DB-1"]["Freshness"]) == ("UNKNOWN", "FAIL")
    assert found["FS-1"]["Restore"] == "UNKNOWN", "35 days are more than the 31 of its tier"
    assert any("last looked at 30" in row["Because"] for row in told(book)["verdicts"])


@pytest.mark.parametrize(
    ("subject", "rule", "column", "days"),
    [("vault", "key", "Key", 100), ("vault", "sentinel", "Immutable", 20), ("db1", "database", "Restore", 20)],
)
def test_a_proof_counts_for_its_cadence(register: Register, subject: str, rule: str, column: str, days: int) -> None:
    """A key is tried once a year: in the report it is as well proven as the check says."""
    for earlier, verdict in ((days, "PASS"), (400, "UNKNOWN")):
        one = company.row(subject, rule, "PASS", "proven", 0.04, earlier=str(earlier))
        assert matrix(report(register, looks=(*company.check(0.04), one)))["DB-1"][column] == verdict


def test_a_restore_that_was_too_slow_is_told_after_the_next_check_too(register: Register) -> None:
    slow = company.row("fs1-homes", "rto", "WARN", "0.1 MB/s: all of it in about 9 d", 1, audit="backups.restore")
    gone = company.row("was-once", "rto", "WARN", "0.1 MB/s", 1, audit="backups.restore")
    book = report(register, looks=(*company.looks(), slow, gone))
    assert matrix(book)["FS-1"]["Restore"] == "WARN"
    assert not [row for row in told(book)["verdicts"] if row["Subject"] == "was-once"]


def test_a_waived_restore_is_not_proven(register: Register) -> None:
    because = "waived until 2030-04-01 by Bob Ray (knows): 2 of 59 files are bad"
    waived = company.row("db1", "restore", "PASS", because, 0.01, audit="backups.restore")
    assert tiles(report(register, looks=(*company.looks(), waived)))["Restore proven"] == 1


def test_what_was_waived_is_a_warning_on_every_sheet(register: Register) -> None:
    """Its row in the evidence says PASS, for no alarm is to be raised; nobody is to read it as right."""
    because = "waived until 2030-04-01 by Bob Ray (knows): as it is"
    found = [
        company.row("db1", rule, "PASS", because, 0.01, audit="backups.restore") for rule in ("restore", "rto")
    ] + [company.row("db1", "finish", "PASS", because, day) for day in (0.02, 1.02, 2.02)]
    book = told(report(register, looks=found))
    assert [(row["Verdict"], row["Fast enough"]) for row in book["tests"]] == [("WARN", "WARN")]
    days = [row for row in book["history"] if row["Checks"]]
    assert [(row["WARN"], row["PASS"], row["Verdict"]) for row in days] == [(1, 0, "WARN")] * 3
    assert not [row for row in book["verdicts"] if row["Verdict"] == "PASS"]


def test_a_restore_test_since_the_last_check_counts(register: Register) -> None:
    right = company.row("db1", "restore", "PASS", "59 of 59 right", 0.01, audit="backups.restore")
    assert matrix(report(register, looks=(*company.looks(), right)))["DB-1"]["Restore"] == "PASS"


def test_restore_tests_stand_with_their_bound_and_their_speed(register: Register) -> None:
    rows = told(report(register))["tests"]
    assert [(row["Job"], row["Verdict"], row["Fast enough"]) for row in rows][:2] == [
        ("db1", "FAIL", "UNKNOWN"), ("fs1-homes", "PASS", "PASS"),
    ]  # fmt: skip
    assert "95 % sure" in rows[1]["What came back"]
    assert rows[1]["Speed and RTO"].startswith("84.1 MB/s")


def test_history_has_ninety_days_and_a_day_without_a_check_is_unknown(register: Register) -> None:
    book = told(report(register))
    days = {row["Day"]: row for row in book["history"]}
    assert len(days) == 90
    idle = days[str((estate.AS_OF - timedelta(days=43)).date())]
    assert (idle["Checks"], idle["FAIL"], idle["Verdict"]) == (0, None, "UNKNOWN")
    bad = days[str((estate.AS_OF - timedelta(days=22)).date())]
    assert (bad["FAIL"], bad["Verdict"]) == (1, "FAIL")
    weeks = book["weeks"]
    assert sum(row["Checked"] + row["Not checked"] for row in weeks) == 90
    assert sum(row["Not checked"] for row in weeks) == 8


@pytest.mark.parametrize(("since", "weeks", "charts"), [(9, 2, 1), (5, 1, 0)])
def test_the_picture_begins_with_the_first_check(register: Register, since: int, weeks: int, charts: int) -> None:
    """Before it nobody meant to look, and one week alone is no history."""
    since_then = [one for one in company.looks() if one[5] > (estate.AS_OF - timedelta(days=since)).isoformat()]
    book = report(register, looks=tuple(since_then))
    by_week, days = told(book)["weeks"], [row for row in told(book)["history"] if row["Checks"]]
    assert (len(by_week), len(book.summary.charts)) == (weeks, charts)
    assert sum(row["Checked"] for row in by_week) == len(days)
    assert sum(row["Checked"] + row["Not checked"] for row in by_week) <= since + 1


def test_what_is_not_covered_and_what_lies_in_backups_of_what_is_gone(register: Register) -> None:
    book = report(register)
    rows = {(row["Asset"], row["Rule"]): row["Verdict"] for row in told(book)["not_covered"]}
    assert rows["MAIL-1", "has a job"] == "FAIL"
    assert rows["WEB-1", "in the register"] == "FAIL"
    assert rows["OLD-1", "in the register"] == "WARN"
    assert rows["OLD-1 on vault", "still in a backup"] == "WARN"
    assert lights(book)["Coverage"] == "FAIL"
    ids = [row["Action"] for row in told(book)["actions"]]
    assert len(set(ids)) == len(ids)


def test_a_part_of_the_data_that_failed_stands_with_its_target(register: Register) -> None:
    """Nothing is said of how much was read where a part was not as it should be: the part is what counts."""
    part = company.row("vault", "data 3/90", "FAIL", "pack 1234 is damaged", 0.04)
    rest = [row for row in company.check(0.04) if not row[2].startswith("data")]
    (vault,) = [row for row in told(report(register, looks=(*rest, part)))["targets"] if row["Target"] == "vault"]
    assert (vault["Data read"], vault["How far"]) == ("FAIL", "data 3/90: pack 1234 is damaged")
    (vault,) = [row for row in told(report(register))["targets"] if row["Target"] == "vault"]
    assert (vault["Data read"], vault["How far"][:20]) == ("UNKNOWN", "72 of 90 parts were ")


def test_the_first_page_counts_and_says_what_was_not_looked_at(register: Register) -> None:
    book = report(register)
    found = tiles(book)
    assert (found["Systems protected"], found["All well"], found["Something failed"]) == (4, 0, 2)
    assert (found["Need one, have none"], found["Restore tests, 90 days"], found["Restore proven"]) == (2, 4, 1)
    assert book.summary
    assert list(book.summary.not_covered) == ["Whether what is written can be removed."]


def test_without_a_file_or_a_check_all_is_unknown_and_no_figure_is_nought(register: Register) -> None:
    for more in ({"backups": "", "looks": (), "unasked": "there is no backups.yaml"}, {"looks": ()}):
        book = report(register, **more)
        words = {name: verdict for name, verdict in lights(book).items() if name != "Coverage"}
        assert set(words.values()) == {"UNKNOWN"}
        assert tiles(book)["All well"] is None
        assert tiles(book)["Hours since the check"] is None
    book = report(register, backups="", looks=())
    assert lights(book)["Coverage"] == "UNKNOWN"
    assert told(book)["not_covered"] == [], "nothing was compared, so nothing is said to be missing"


def test_a_day_that_is_over_is_told_by_what_was_known_then(register: Register) -> None:
    early = estate.AS_OF - timedelta(days=22, hours=-1)
    with register.reading() as seen:
        book = making.build(seen, replace(asked(seen), as_of=early, past=True))
    assert [row["Job"] for row in told(book)["tests"]] == ["fs1-homes", "fs1-homes"]
    assert book.summary
    assert any("it is as it is today" in gap for gap in book.summary.not_covered)


def first(desk: Desk, name: str, sheet: str) -> dict[str, Any]:
    """The first row of a sheet of a workbook, by the titles of its columns."""
    book = openpyxl.load_workbook(desk.folder / name)
    head, row = ([cell.value for cell in line] for line in book[sheet].iter_rows(1, 2))
    return dict(zip(head, row, strict=True))


def test_from_a_real_check_to_a_workbook_that_is_verified(tmp_path: Path, kept: Kept) -> None:
    lead = desk(tmp_path / "lead", kept)
    lead.ops("audit", "run", "backups")
    assert lead.ops("backup", "restore-test", "homes", "--files", "3").code == 0
    made = lead.ops("report", "backups", "-o", "b.xlsx")
    assert made.code == 0, made.err
    assert "UNKNOWN" in made.out
    lead.ops("backup", "check")  # what is found later does not change what was told
    checked = lead.ops("report", "verify", "b.xlsx")
    assert (checked.code, checked.out.startswith("identical")) == (0, True), checked.err
    assert first(lead, "b.xlsx", "Matrix")["Restore"] == "UNKNOWN"
    tested = first(lead, "b.xlsx", "Restore tests")
    assert (tested["Job"], tested["Verdict"]) == ("homes", "UNKNOWN"), "so few prove nothing"
    assert "3 of 3 right: 95 % sure that at most 63.2% of" in tested["What came back"]
    assert lead.ops("backup", "restore-test", "homes").code == 0
    assert lead.ops("report", "backups", "-o", "all.xlsx").code == 0
    assert first(lead, "all.xlsx", "Restore tests")["Verdict"] == "PASS"
    plan = lead.folder / "inventory/backups.yaml"
    plan.write_text("systems: [")
    refused = lead.ops("report", "backups", "-o", "c.xlsx")
    assert (refused.code, "inventory/backups.yaml line" in refused.err) == (2, True), refused.err
