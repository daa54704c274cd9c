"""ops report: from a CSV file to a workbook that anybody can have checked, and what happens when it was changed."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from shutil import copy2, copytree
from typing import Any

import openpyxl
import pytest

from evidence.event import Event, now
from inventory.load import load
from inventory.register.store import Register
from inventory.report.values import Counts
from ops.cli import rebuilding, reporting, showing
from ops.cli.rebuilding import Checked
from ops.cli.record import new_run
from ops.cli.reporting import Made, Wish
from ops.cli.site import Site
from ops.errors import ChangesPending, EvidenceInvalid, InvalidRequest, NotFound, NotVerified
from tests.unit import report_estate as estate
from tests.unit.report_estate import LAPTOP, put
from tests.workspace import Desk, bare

CSV = """tag,kind,serial,state,location,holder,held_since,cost,currency,purchased,life_months
LAP-1,laptop,S1,deployed,,amy.ng,2026-01-02,1000.00,EUR,2026-01-01,48
LAP-2,laptop,S2,in_stock,=1+1,,,500.00,EUR,2026-01-01,48
"""


def test_a_csv_file_becomes_a_workbook_that_is_checked_with_three_commands(tmp_path: Path) -> None:
    desk = bare(tmp_path / "w")
    desk.folder.joinpath("assets.csv").write_text(CSV, encoding="utf-8")
    assert desk.ops("asset", "import", "assets.csv", "--yes").code == 0
    made = desk.ops("report", "assets", "-o", "a.xlsx")
    assert (made.code, "UNKNOWN  Stock-take" in made.out) == (0, True), made.err
    checked = desk.ops("report", "verify", "a.xlsx")
    assert (checked.code, checked.out.startswith("identical")) == (0, True), checked.err
    register = openpyxl.load_workbook(desk.folder / "a.xlsx")["Register"]
    assert [row[0].value for row in register.iter_rows(2, 3)] == ["LAP-1", "LAP-2"]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A workspace with a small estate and a report on it, a.xlsx."""
    folder = tmp_path_factory.mktemp("reports")
    made = bare(folder / "w")
    estate.register(folder).close()
    (folder / "register.db").rename(made.folder / "state/register.db")
    with opened(made.folder) as site:
        reporting.report(site, Wish("assets", made.folder / "a.xlsx"))
    return made


@contextmanager
def opened(folder: Path) -> Iterator[Site]:
    """The workspace, until the end."""
    with ExitStack() as stack:
        site = Site(load(folder), stack, ask=False)
        stack.callback(lambda: site.ledger.close())
        yield site


@pytest.fixture
def site(template: Desk, tmp_path: Path) -> Iterator[Site]:
    """A copy of the workspace."""
    copytree(template.folder, tmp_path / "w")
    with opened(tmp_path / "w") as found:
        yield found


def made_before(site: Site) -> dict[str, Any]:
    """The public part of the record of a.xlsx."""
    return next(reporting.reports(site))


def check(site: Site, name: str = "a.xlsx", run: str = "") -> Checked:
    """The file checked."""
    return rebuilding.check(site, site.workspace.folder / name, run)


def report(site: Site, name: str, kind: str = "assets", **more: Any) -> Made:
    """One more report."""
    return reporting.report(site, Wish(kind, site.workspace.folder / name, **more))


def altered(site: Site, name: str, change: Callable[[str, bytes], bytes]) -> str:
    """The workbook with parts changed, under another name."""
    folder = site.workspace.folder
    with zipfile.ZipFile(folder / "a.xlsx") as old, zipfile.ZipFile(folder / name, "w") as new:
        for entry in old.infolist():
            new.writestr(entry, change(entry.filename, old.read(entry)))
    return name


def one_tag(part: str, content: bytes) -> bytes:
    """One tag in the sheet Register, and nothing else."""
    if part != "xl/worksheets/sheet3.xml":
        return content
    assert content.count(b">LAP-1<") == 1
    return content.replace(b">LAP-1<", b">LAP-9<")


def test_a_file_nobody_touched_is_identical_also_after_the_register_went_on(site: Site) -> None:
    with site.register.writing() as pen:
        put(pen, "asset:LAP-5", **{**LAPTOP, "state": "in_stock", "cost": "1.00"})
        pen.connection.exec_driver_sql("DELETE FROM kept_case")
    found = check(site)
    assert (found.identical, found.original, found.run) == (True, True, made_before(site)["run"])
    showing.tell_checked(found, "a.xlsx", as_json=False)


def test_a_changed_cell_is_told_by_its_sheet_with_exit_3(site: Site) -> None:
    found = check(site, altered(site, "b.xlsx", one_tag))
    assert (found.differs, found.original, found.identical) == (("Register",), False, False)
    with pytest.raises(ChangesPending, match="differs from the report of run [A-Z0-9]{8}: Register") as told:
        showing.tell_checked(found, "b.xlsx", as_json=False)
    assert told.value.hint.startswith("it was changed after it was written")


def test_a_file_packed_anew_is_the_same_report_and_not_the_same_file(site: Site) -> None:
    folder = site.workspace.folder
    with zipfile.ZipFile(folder / "a.xlsx") as old, zipfile.ZipFile(folder / "b.xlsx", "w") as new:
        for entry in old.infolist():
            new.writestr(entry, old.read(entry), zipfile.ZIP_STORED)
    found = check(site, "b.xlsx")
    assert (found.identical, found.original) == (True, False)


def test_a_part_that_was_added_or_another_program_that_saved_it_shows(site: Site) -> None:
    folder = site.workspace.folder
    with zipfile.ZipFile(folder / altered(site, "b.xlsx", lambda _, content: content), "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    assert check(site, "b.xlsx").differs == (rebuilding.AROUND,)
    book = openpyxl.load_workbook(folder / "a.xlsx")
    book.save(folder / "c.xlsx")
    assert "Register" in check(site, "c.xlsx").differs


def test_csv_and_json_hold_the_same_rows_and_are_checked_too(site: Site) -> None:
    folder = site.workspace.folder
    runs = {name: report(site, name).run for name in ("a.csv", "a.json")}
    assert check(site, "a.csv").identical
    assert check(site, "a.json").identical
    tables = {one["name"]: one for one in json.loads((folder / "a.json").read_text("utf-8"))["tables"]}
    lines = (folder / "a.csv").read_text("utf-8-sig").splitlines()
    assert [line.partition(",")[0] for line in lines[1:]] == [row[0] for row in tables["register"]["rows"]]
    (folder / "b.csv").write_bytes((folder / "a.csv").read_bytes().replace(b"LAP-3", b"LAP-9"))
    with pytest.raises(NotFound, match="does not say which run"):
        check(site, "b.csv")
    assert check(site, "b.csv", runs["a.csv"]).differs == ("line 4",)


def test_the_record_holds_the_hashes_and_names_nobody(site: Site) -> None:
    body = made_before(site)
    whole = (site.workspace.folder / "a.xlsx").read_bytes()
    with site.register.reading() as seen:
        number, hashed = seen.head()
    assert body["register"] == {"event": number, "hash": hashed}
    assert body["file"]["sha256"] == sha256(whole).hexdigest()
    (text,) = (text for _, _, _, text in site.ledger.rows(site.ledger.chain) if '"audited"' in text)
    assert not [word for word in ("LAP-1", "amy.ng", "a.xlsx") if word in text]


def test_what_it_was_made_of_cannot_be_exchanged(site: Site) -> None:
    kept = site.workspace.state / "reports" / f"{made_before(site)['run']}.jsonl.gz"
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.write_bytes(gzip.compress(gzip.decompress(kept.read_bytes()).replace(b'"past":false', b'"past":true')))
    with pytest.raises(EvidenceInvalid, match="is not what was recorded"):
        check(site)
    kept.unlink()
    with pytest.raises(EvidenceInvalid, match="cannot be read"):
        check(site)


def test_a_history_that_was_rewritten_since_is_found(site: Site) -> None:
    with site.register.writing() as pen:
        pen.connection.exec_driver_sql("UPDATE event SET actor = 'bob' WHERE number = 2")
    with pytest.raises(EvidenceInvalid, match="history does not hold: event 2"):
        check(site)


def test_a_record_that_was_rewritten_is_no_word_to_go_by(site: Site) -> None:
    with closing(sqlite3.connect(site.workspace.state / "ledger.db")) as db, db:
        db.execute("DROP TRIGGER events_no_update")
        changed = """UPDATE events SET text = replace(text, '"event":', '"happened":') WHERE text LIKE '%"figures"%'"""
        assert db.execute(changed).rowcount == 1
    with pytest.raises(EvidenceInvalid, match="record of run .* does not hold"):
        check(site)


def test_a_file_is_never_overwritten_and_a_refusal_is_recorded_and_leaves_nothing(site: Site) -> None:
    folder = site.workspace.folder
    before = sorted((site.workspace.state / "reports").iterdir())
    (folder / "a.csv").touch()
    for name, said in (
        ("a.xlsx", "exists already"),
        ("a.csv", "exists already"),
        ("no/a.xlsx", "cannot be written"),
        ("no/a.csv", "cannot be written"),
    ):
        with pytest.raises(InvalidRequest, match=said):
            report(site, name)
    with pytest.raises(InvalidRequest, match="is no file of a report"):
        report(site, "a.xls")
    assert sorted((site.workspace.state / "reports").iterdir()) == before
    assert [path.name for path in folder.iterdir() if path.suffix == ".part"] == []
    refused = [text for _, _, _, text in site.ledger.rows(site.ledger.chain) if '"refused"' in text]
    assert len(refused) == 4


def test_an_earlier_day_is_told_from_the_history_and_checked(site: Site) -> None:
    made = report(site, "old.xlsx", on=date(2026, 1, 31))
    assert estate.tiles(made.workbook)["Assets on the books"] is None
    assert check(site, "old.xlsx").identical
    with pytest.raises(InvalidRequest, match="still to come"):
        report(site, "new.xlsx", on=date(2999, 1, 31))


def test_figures_are_compared_with_the_latest_earlier_day_whenever_that_was_made(site: Site) -> None:
    for day, late in (("2026-02-28", "7"), ("2026-01-31", "9")):
        body = {"source": "report assets", "as_of": f"{day}T23:59:59+00:00", "figures": {"Overdue returns": late}}
        site.ledger.append(Event(new_run(), "audited", now(), body))
    made = reporting.report(site, Wish("assets"))
    assert made.workbook.summary
    assert {tile.label: tile.before for tile in made.workbook.summary.tiles}["Overdue returns"] == "7"


def test_all_reports_come_into_a_folder_and_look_as_the_template_says(site: Site) -> None:
    folder = site.workspace.folder
    (folder / "t.toml").write_text('organisation = "Example Ltd"\n[sheets]\nregister = "Inventory"\n', encoding="utf-8")
    made = reporting.every(site, folder / "all", template=folder / "t.toml", approved_by="Bob Ray")
    assert [path.name for path in sorted((folder / "all").iterdir())] == [
        "access.xlsx",
        "assets.xlsx",
        "backups.xlsx",
        "licences.xlsx",
    ]
    assert "Inventory" in openpyxl.load_workbook(folder / "all/assets.xlsx", read_only=True).sheetnames
    (folder / "t.toml").unlink()
    assert check(site, "all/assets.xlsx").identical
    assert len({one.run for one in made}) == 4


@pytest.mark.parametrize(
    ("on", "why"),
    [
        (None, "There is no directory in the inventory."),
        (date(2026, 1, 31), "A directory does not tell how it was on a day that is over."),
    ],
)
def test_access_without_a_directory_to_ask_is_unknown_on_the_first_page(site: Site, on: date | None, why: str) -> None:
    report(site, "access.xlsx", "access", on=on)
    page = openpyxl.load_workbook(site.workspace.folder / "access.xlsx").worksheets[0]
    rows = [[cell for cell in row if cell] for row in page.iter_rows(values_only=True)]
    for what in ("Leavers cannot sign in", "Dormant accounts"):
        assert next(row for row in rows if row[:1] == [what])[1::2] == ["UNKNOWN", why]


def test_a_report_of_another_workspace_is_not_known_here(site: Site, tmp_path: Path) -> None:
    other = bare(tmp_path / "o")
    copy2(site.workspace.folder / "a.xlsx", other.folder / "a.xlsx")
    with opened(other.folder) as elsewhere, pytest.raises(NotFound, match="is recorded here"):
        check(elsewhere)


def test_what_a_terminal_shows_and_json_tells_are_the_figures_of_the_file(site: Site, capsys: Any) -> None:
    made = report(site, "b.xlsx")
    told, recorded = showing.shape(made), list(reporting.reports(site))[-1]
    value = told["figures"]["Net book value"]
    assert f"{value['amount']} {value['currency']}" == recorded["figures"]["Net book value"]
    assert str(told["figures"]["Missing, lost or stolen"]) == recorded["figures"]["Missing, lost or stolen"] == "1"
    assert told["file"]["sha256"] == sha256((site.workspace.folder / "b.xlsx").read_bytes()).hexdigest()
    showing.tell(made)
    shown = capsys.readouterr().out
    assert f"{Decimal(value['amount']):,} EUR" in shown
    assert "FAIL     Missing assets" in shown


def test_nothing_is_kept_of_a_register_that_is_only_looked_at(site: Site) -> None:
    assert isinstance(site.register, Register)
    before = sorted((site.workspace.state / "reports").iterdir())
    reporting.report(site, Wish("licences"))
    assert sorted((site.workspace.state / "reports").iterdir()) == before


def test_a_report_nobody_touched_makes_room_for_its_correction_if_that_is_asked_for(site: Site) -> None:
    path, first = site.workspace.folder / "a.xlsx", made_before(site)["run"]
    with pytest.raises(InvalidRequest, match="exists already") as told:
        report(site, "a.xlsx")
    assert "--replace" in told.value.hint
    with site.register.writing() as pen:
        put(pen, "asset:LAP-5", **{**LAPTOP, "state": "in_stock", "cost": "1.00"})
    made = report(site, "a.xlsx", replace=True)
    assert (check(site).run, check(site).identical) == (made.run, True)
    assert first != made.run
    assert [one.name for one in path.parent.glob(".a.*")] == []


def test_notes_that_somebody_wrote_into_a_report_are_not_replaced_nor_is_another_file(site: Site) -> None:
    folder = site.workspace.folder
    altered(site, "b.xlsx", one_tag)
    (folder / "c.csv").write_text("mine", encoding="utf-8")
    (folder / "d.xlsx").mkdir()
    for name in ("b.xlsx", "c.csv", "d.xlsx"):
        with pytest.raises(InvalidRequest, match="no report as it was made here"):
            report(site, name, replace=True)
    assert (folder / "c.csv").read_text("utf-8") == "mine"


def test_a_replacement_that_does_not_add_up_leaves_the_report_before_as_it_was(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (site.workspace.folder / "a.xlsx").read_bytes()
    monkeypatch.setattr(reporting, "expected", lambda *_: {"register": Counts(99)})
    with pytest.raises(NotVerified):
        report(site, "a.xlsx", replace=True)
    assert (site.workspace.folder / "a.xlsx").read_bytes() == whole
    assert check(site).identical


def test_the_command_replaces_only_when_it_is_told_to(template: Desk, tmp_path: Path) -> None:
    copytree(template.folder, tmp_path / "w")
    desk = replace(template, folder=tmp_path / "w")
    assert desk.ops("report", "assets", "-o", "a.xlsx").code != 0
    assert desk.ops("report", "assets", "-o", "a.xlsx", "--replace").code == 0
    assert desk.ops("report", "all", "-o", "r").code == desk.ops("report", "all", "-o", "r", "--replace").code == 0
