"""ops report: from a CSV file to a workbook that anybody can have checked, and what happens when it was changed."""

from __future__ import annotations

import gzip
import json
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from evidence.identity import Identity
from evidence.ledger import Ledger
from tests.workspace import Desk, bare

CSV = """tag,kind,serial,state,location,holder,held_since,cost,currency,purchased,life_months
LAP-1,laptop,S1,deployed,,amy.ng,2026-01-02,1000.00,EUR,2026-01-01,48
LAP-2,laptop,S2,in_stock,=1+1,,,500.00,EUR,2026-01-01,48
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A workspace with two assets and a report on them, a.xlsx."""
    made = bare(tmp_path_factory.mktemp("reports") / "w")
    made.folder.joinpath("assets.csv").write_text(CSV, encoding="utf-8")
    taken = made.ops("asset", "import", "assets.csv", "--yes")
    assert taken.code == 0, taken.err
    done = made.ops("report", "assets", "-o", "a.xlsx", "--json")
    assert done.code == 0, done.err
    made.folder.joinpath("run").write_text(done.json["run"], encoding="utf-8")
    return made


def run(desk: Desk) -> str:
    """The run that made a.xlsx."""
    return desk.folder.joinpath("run").read_text(encoding="utf-8")


def edited(desk: Desk, name: str, sheet: str) -> str:
    """The workbook with one cell of a sheet changed, under another name."""
    book = openpyxl.load_workbook(desk.folder / "a.xlsx")
    book[sheet]["A2"] = "LAP-9"
    book.save(desk.folder / name)
    return name


def test_a_file_nobody_touched_is_identical_also_after_the_register_went_on(desk: Desk) -> None:
    assert desk.ops("asset", "correct", "LAP-2", "notes=sold", "--yes").code == 0
    checked = desk.ops("report", "verify", "a.xlsx", "--json")
    assert (checked.code, checked.json["identical"], checked.json["original"]) == (0, True, True), checked.err
    assert checked.json["run"] == run(desk)


def test_a_changed_cell_is_told_by_its_sheet_with_exit_3(desk: Desk) -> None:
    checked = desk.ops("report", "verify", patched(desk, "cell.xlsx"), "--json")
    assert (checked.code, checked.json["differs"], checked.json["original"]) == (3, ["Register"], False)
    saved = desk.ops("report", "verify", edited(desk, "saved.xlsx", "Register"))
    assert (saved.code, "changed after it was written" in saved.err) == (3, True)


def patched(desk: Desk, name: str) -> str:
    """One tag in the sheet Register, and nothing else."""
    import zipfile

    with zipfile.ZipFile(desk.folder / "a.xlsx") as old, zipfile.ZipFile(desk.folder / name, "w") as new:
        register = "xl/worksheets/sheet3.xml"
        for entry in old.infolist():
            content = old.read(entry)
            assert entry.filename != register or content.count(b">LAP-1<") == 1
            new.writestr(entry, content.replace(b">LAP-1<", b">LAP-7<") if entry.filename == register else content)
    return name


def test_csv_and_json_hold_the_same_rows_and_are_checked_too(desk: Desk) -> None:
    for name in ("a.csv", "a.json"):
        assert desk.ops("report", "assets", "-o", name).code == 0
    assert desk.ops("report", "verify", "a.json").code == 0
    path = desk.folder / "a.csv"
    text = path.read_bytes()
    assert text.count(b"\r\n") == 3
    assert b"'=1+1" in text
    tables = json.loads(desk.folder.joinpath("a.json").read_text("utf-8"))["tables"]
    assert [row[0] for row in tables[1]["rows"]] == ["LAP-1", "LAP-2"]
    desk.folder.joinpath("b.csv").write_bytes(text.replace(b"LAP-1", b"LAP-7"))
    assert "does not say which run" in desk.ops("report", "verify", "b.csv").err
    made = desk.ops(
        "report",
        "verify",
        "b.csv",
        "--run",
        next(run for run, _, body in recorded(desk) if body["file"].get("kind") == "csv"),
    )
    assert (made.code, "line 2" in made.err) == (3, True)


def recorded(desk: Desk) -> list[tuple[str, str, dict[str, Any]]]:
    """Run, text and public body of every report that was recorded, oldest first."""
    state = desk.folder / "state"
    with closing(Ledger(state / "ledger.db", Identity.load(state).chain, read_only=True)) as ledger:
        rows = [(run, text, json.loads(text)) for _, _, run, text in ledger.rows(ledger.chain)]
    return [(run, text, event["body"]) for run, text, event in rows if event["kind"] == "audited"]


def test_the_record_holds_the_hashes_and_names_nobody(desk: Desk) -> None:
    _, text, body = next(one for one in recorded(desk) if one[0] == run(desk))
    assert body["file"]["sha256"] == sha256(desk.folder.joinpath("a.xlsx").read_bytes()).hexdigest()
    assert (body["source"], body["register"]["event"] > 2, len(body["register"]["hash"])) == ("report assets", True, 64)
    assert not [word for word in ("LAP-1", "amy.ng", "a.xlsx") if word in text]


def test_what_it_was_made_of_cannot_be_exchanged(desk: Desk) -> None:
    kept = desk.folder / "state/reports" / f"{run(desk)}.jsonl.gz"
    whole = kept.read_bytes()
    kept.write_bytes(gzip.compress(gzip.decompress(whole).replace(b'"past":false', b'"past":true')))
    checked = desk.ops("report", "verify", "a.xlsx")
    kept.write_bytes(whole)
    assert (checked.code, "not what was recorded" in checked.err) == (9, True)


def test_a_file_is_never_overwritten_and_the_refusal_leaves_nothing_behind(desk: Desk) -> None:
    before = {path.name for path in desk.folder.joinpath("state/reports").iterdir()}
    again = desk.ops("report", "assets", "-o", "a.xlsx")
    assert (again.code, "exists already" in again.err) == (2, True)
    nowhere = desk.ops("report", "assets", "-o", "no/folder/a.xlsx")
    assert (nowhere.code, "cannot be written" in nowhere.err) == (2, True)
    assert {path.name for path in desk.folder.joinpath("state/reports").iterdir()} == before


def test_all_reports_come_into_a_folder_and_an_earlier_day_is_empty(desk: Desk) -> None:
    done = desk.ops("report", "all", "-o", "month", "--as-of", "2026-01-31", "--json")
    assert done.code == 0, done.err
    assert sorted(path.name for path in (desk.folder / "month").iterdir()) == [
        "access.xlsx",
        "assets.xlsx",
        "licences.xlsx",
    ]
    figures = {one["report"]: one["figures"] for one in done.json["reports"]}
    assert (figures["assets"]["Assets on the books"], figures["access"]["Accounts"]) == (0, None)
    assert desk.ops("report", "verify", "month/assets.xlsx").code == 0


def test_a_report_of_another_workspace_is_not_known_here(desk: Desk, tmp_path: Path) -> None:
    other = bare(tmp_path / "o")
    checked = other.ops("report", "verify", str(desk.folder / "a.xlsx"))
    assert (checked.code, "another workspace" in checked.err) == (1, True)
