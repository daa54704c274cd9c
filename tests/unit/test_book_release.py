"""A workbook is released only whole and right, and written without being held."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook as Workbook_
from openpyxl import load_workbook

from inventory.report import book, making
from inventory.report import sheet as sheets
from inventory.report.book import release, write
from inventory.report.cells import Styles
from inventory.report.money import money
from inventory.report.page import Setting
from inventory.report.parts import Column, Table, Workbook
from inventory.report.reopened import reopened
from inventory.report.template import Template
from inventory.report.values import Counts
from ops.errors import InvalidRequest, NotVerified
from tests.unit.reports import AS_OF, made, one_column, report

MEMORY = 150 << 20  # bytes, the interpreter and its libraries included
MANY = """
import pathlib, resource, sys
from inventory.report.book import write
from inventory.report.parts import Column, Table, Workbook
from tests.unit.reports import AS_OF
rows = ((f"{n:06d} {'x' * 300}", n) for n in range(100_000))
table = Table("big", "Big", (Column("Tag", "id"), Column("N", "integer", total=True)), rows)
counts = write(Workbook("T", "S", AS_OF, "e", "c", "p", [table]), pathlib.Path(sys.argv[1]))
print(counts["big"].rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10)
"""


def test_what_is_read_back_has_the_rows_and_sums_that_were_written(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    counts = write(report(rows=200), path)
    assert reopened(path) == counts
    assert counts["register"].rows == 200
    assert counts["register"].sums["Units"] == Decimal(sum(range(1, 201)) * 1000)
    assert counts["custody"] == Counts()
    assert counts["summary"].rows == 2


def test_cents_add_up_exactly(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    amounts = [money("0.10", "EUR"), money("0.20", "EUR"), money("-0.30", "EUR"), money("9007199254740.93", "EUR")]
    write(one_column(amounts, "money"), path)
    assert reopened(path)["t"].sums == {"Value EUR": Decimal("9007199254740.93")}


def test_a_released_file_is_there_whole_private_and_alone(tmp_path: Path) -> None:
    counts = release(report(), tmp_path / "a.xlsx", expected={"register": Counts(30, dict(_sums()))})
    assert [one.name for one in tmp_path.iterdir()] == ["a.xlsx"]
    assert (tmp_path / "a.xlsx").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a.xlsx").read_bytes() == made(report())
    assert counts == reopened(tmp_path / "a.xlsx")


def _sums() -> dict[str, Decimal]:
    return write(report(), io.BytesIO())["register"].sums


def test_a_file_that_differs_from_its_source_is_not_released(tmp_path: Path) -> None:
    for expected, word in (
        (Counts(31, _sums()), "30 rows written and 31 in its source"),
        (Counts(30, _sums() | {"Units": Decimal(1)}), "the sum of Units is 465000 written, 1 in its source"),
    ):
        with pytest.raises(NotVerified, match=word):
            release(report(), tmp_path / "a.xlsx", expected={"register": expected})
        assert list(tmp_path.iterdir()) == []


def test_a_file_that_reads_back_differently_is_not_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lossy(workbook: Workbook, target: object, template: Template) -> dict[str, Counts]:
        write(report(rows=29), target, template)  # type: ignore[arg-type]
        return write(workbook, io.BytesIO(), template)

    monkeypatch.setattr(book, "write", lossy)
    with pytest.raises(NotVerified, match="30 rows written and 29 in the file read back"):
        release(report(), tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("mine")
    with pytest.raises(InvalidRequest, match="exists already"):
        release(report(), tmp_path / "a.xlsx")
    assert (tmp_path / "a.xlsx").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("suffix", making.SUFFIXES)
@pytest.mark.parametrize("replace", [True, False])
def test_of_two_who_write_one_file_at_once_each_has_it_whole(tmp_path: Path, suffix: str, replace: bool) -> None:
    path, alone, other = tmp_path / f"a{suffix}", tmp_path / f"alone{suffix}", report(rows=7)
    making.export(other, alone, "register", Template(), {})

    def rows() -> Iterator[tuple[str]]:
        yield ("first",)
        making.export(other, path, "register", Template(), {}, replace=replace)
        assert path.read_bytes() == alone.read_bytes()
        yield ("last",)

    slow = Workbook("T", "S", AS_OF, "e", "c", "p", [Table("register", "R", [Column("Tag")], rows())])
    with nullcontext() if replace else pytest.raises(InvalidRequest, match="exists already"):
        making.export(slow, path, "register", Template(), {"register": Counts(2)}, replace=replace)
    assert (path.read_bytes() == alone.read_bytes()) is not replace
    assert {one.name for one in tmp_path.iterdir()} == {path.name, alone.name}


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="No such file"):
        release(report(), tmp_path / "no" / "a.xlsx")


@pytest.mark.parametrize("content", [b"", b"PK", b"no workbook"])
def test_reading_back_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(InvalidRequest, match="no workbook of ours"):
        reopened(tmp_path / "a.xlsx")


def test_a_formula_put_in_later_is_found_when_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write(report(), path)
    changed = load_workbook(path)
    changed["Register"]["F2"] = "=1000"
    changed.save(path)
    with pytest.raises(InvalidRequest, match="table register holds a formula"):
        reopened(path)


def test_after_a_wrong_row_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spare = tmp_path / "spare"
    spare.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spare))
    with pytest.raises(InvalidRequest, match="table t row 3, Value: 'x' is no number"):
        release(one_column([1, 2, "x"], "integer"), tmp_path / "a.xlsx")
    assert list(spare.iterdir()) == []
    assert [one.name for one in tmp_path.iterdir()] == ["spare"]


@pytest.mark.night
def test_a_hundred_thousand_rows_are_written_without_being_held(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", MANY, str(tmp_path / "a.xlsx")], capture_output=True, text=True, check=True
    )
    rows, peak = map(int, ran.stdout.split())
    assert rows == 100_000
    assert peak < MEMORY, f"{peak >> 20} MiB"


def test_the_heights_of_rows_are_not_kept_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    workbook = one_column(["word " * 40] * 9, "note")
    target = Workbook_(write_only=True).create_sheet("T")
    setting = Setting(workbook, Template(), Styles(Template()), {"t": "T"})
    assert sheets.write_table(target, workbook.tables[0], setting).counts.rows == 9
    assert list(target.row_dimensions) == [1]  # that of the titles
