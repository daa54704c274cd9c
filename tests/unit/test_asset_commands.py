"""Assets by the command line: imports and the way back, counting without a network, labels that a phone reads."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from inventory.register.fields import normal
from inventory.register.labels import PAPERS, page
from inventory.register.search import book_value
from inventory.register.stocktake import Count, Expected, Scan, codes, expected_of, result, tag_of
from ops.adapters.register_projection import ProjectedRegister
from ops.adapters.register_words import holder_ref
from ops.errors import InvalidRequest
from ops.operation import load_operation
from tests.workspace import Desk, bare

ROWS = """Asset Tag;Serial;Model;Manufacturer;Category;Status;Location;Purchase Date;Purchase Cost;Checked Out To;Farbe
LAP-1;ABC12345;Latitude;Dell;Laptop;Ready to Deploy;Cupboard;25.11.2024;1.299,00 €;;=cmd|' /C calc'!A0
LAP-2;ABC12346;Latitude;Dell;Laptop;Deployed;Room 1;26.11.2024;1.299,00 €;amy.ng;rot
;ABC12347;Latitude;Dell;Laptop;Deployed;Room 1;27.11.2024;1.299,00 €;;
LAP-4;ABC12346;Latitude;Dell;Laptop;Broken;Room 1;27.11.2024;1.299,00 €;;
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = bare(tmp_path / "desk", "lead")
    (made.folder / "a.csv").write_bytes(ROWS.encode("cp1252"))
    return made


def test_an_import_takes_all_or_what_can_be_and_goes_back_as_one(desk: Desk) -> None:
    whole = desk.ops("asset", "import", "a.csv", "--yes")
    assert (whole.code, "nothing was taken in" in whole.err) == (6, True), whole.err
    assert desk.ops("asset", "find").out.strip() == "no asset is like that"
    part = desk.ops("asset", "import", "a.csv", "--partial", "--number", "LAP-", "--results", "r.csv", "--yes")
    assert (part.code, "1 row could not be taken in" in part.err) == (5, True), part.err
    results = (desk.folder / "r.csv").read_text().splitlines()
    assert results[1:4] == ["2,LAP-1,new,,", "3,LAP-2,new,,", "4,LAP-0003,new,,"]
    assert "the same serial stands in line 3" in results[4]
    run = desk.last_run()
    shown = desk.ops("asset", "show", "LAP-2", "--json").json
    assert (shown["holder"], shown["cost"], shown["purchased"]) == ("person:amy.ng", "1299.00", "2024-11-26")
    again = desk.ops("asset", "import", "a.csv", "--partial", "--number", "LAP-", "--yes")
    assert "nothing to change" in again.out
    for name in ("out.csv", "out.xlsx"):
        assert desk.ops("asset", "export", "-o", name).code == 0
        assert "nothing to change" in desk.ops("asset", "import", name, "--yes").out
    edited = (desk.folder / "out.csv").read_text().replace("Cupboard", "Shelf")
    (desk.folder / "out.csv").write_text(edited)
    assert desk.ops("asset", "import", "out.csv", "--yes").code == 0
    history = desk.ops("asset", "history", "LAP-1", "--json").json["events"]
    assert [event["what"] for event in history] == ["enters the register, in stock", "location Shelf"]
    refused = desk.ops("run", "undo", run, "--yes")
    assert (refused.code, "was changed after the import" in refused.err) == (6, True), refused.err
    assert desk.ops("run", "undo", desk.last_run(), "--yes").code in (0, 6)
    assert desk.ops("evidence", "verify").code == 0


def test_counting_needs_no_network_and_what_is_closed_stays_closed(desk: Desk) -> None:
    (desk.folder / "b.csv").write_text(
        "tag,kind,site,location\nA-1,dock,Leith,Shelf\nA-2,dock,Leith,Shelf\nA-3,dock,Leith,Room\n"
    )
    assert desk.ops("asset", "import", "b.csv", "--yes").code == 0
    assert desk.ops("stocktake", "open", "leith", "--site", "Nowhere", "--yes").code == 1
    assert desk.ops("stocktake", "open", "leith", "--site", "Leith", "--yes").code == 0
    (desk.folder / "scanner.txt").write_text(
        "A-1,Shelf,2026-11-25T10:00:00\na-1\nhttps://x.example/assets/A-3,Shelf\nZZZ\n"
    )
    assert desk.ops("stocktake", "scan", "leith", "--from", "scanner.txt").code == 0
    shown = desk.ops("stocktake", "show", "leith", "--json").json
    assert shown["numbers"] == {"found": 1, "misplaced": 1, "missing": 1, "unexpected": 1, "repeated": 1}
    closed = desk.ops("stocktake", "close", "leith", "--mark-missing", "--relocate", "--yes")
    assert closed.code == 0, closed.err
    assert desk.ops("asset", "show", "A-2", "--json").json["state"] == "missing"
    assert desk.ops("asset", "show", "A-3", "--json").json["location"] == "Shelf"
    late = desk.ops("stocktake", "scan", "leith", "A-2")
    assert (late.code, "--supersedes leith" in late.err) == (6, True)
    back = desk.ops("run", "undo", "last", "--yes")
    assert (back.code, "cannot be taken back: stocktake (leith) closes" in back.err) == (0, True), back.err
    assert desk.ops("asset", "show", "A-2", "--json").json["state"] == "in_stock"


def test_of_a_count_each_code_has_one_of_five_answers() -> None:
    expected = [Expected("A-1", "Leith / Shelf", ""), Expected("A-2", "Leith / Room", ""), Expected("A-3", "", "")]
    scans = [
        Scan(n, code, "", "amy", place, "")
        for n, (code, place) in enumerate([("a-1", "shelf"), ("A-2", "Shelf"), ("B-9", ""), ("A-1", ""), ("?", "")], 1)
    ]
    lines = result(Count(expected, scans), {"A-1": "A-1", "A-2": "A-2", "A-3": "A-3", "B-9": "B-9"})
    assert [(line.result, line.asset) for line in lines] == [
        ("found", "A-1"), ("misplaced", "A-2"), ("unexpected", "B-9"), ("repeated", "A-1"), ("unexpected", "?"),
        ("missing", "A-3"),
    ]  # fmt: skip
    assert lines[2].should == "not on this list"
    assert tag_of(" https://x.example/a/LAP-1/ ") == "LAP-1"


def test_a_serial_number_is_as_good_as_a_tag_and_what_a_person_has_is_found_anywhere() -> None:
    expected = [Expected("A-1", "Leith / Shelf", ""), Expected("A-2", "Leith / Shelf", "person:amy.ng")]
    assets = [("A-1", {"serial": "5CD123"}), ("A-2", {"serial": "TWICE"}), ("A-3", {"serial": "twice"})]
    scans = [Scan(1, "5cd123", "", "amy", "Shelf", ""), Scan(2, "A-2", "", "amy", "Library", ""),
             Scan(3, "TWICE", "", "amy", "", "")]  # fmt: skip
    lines = result(Count(expected, scans), codes(assets))
    assert [(line.result, line.asset) for line in lines] == [
        ("found", "A-1"),
        ("found", "A-2"),
        ("unexpected", "TWICE"),
    ]
    held = {"asset:A-1": {"state": "in_stock"}, "asset:A-2": {"state": "deployed", "holder": "person:amy.ng"}}
    assert [one.asset for one in expected_of(held, in_place=True)] == ["A-1"]


@pytest.mark.parametrize(
    ("to", "holder"),
    [
        ("Amy.NG", "person:amy.ng"),
        ("person:Ng, Amy", "person:Ng, Amy"),
        ("location:W 12", "location:W 12"),
        ("amy", "person:amy"),
    ],
)
def test_who_gets_it_is_said_in_one_way(to: str, holder: str) -> None:
    assert holder_ref(to) == holder


@pytest.mark.parametrize("to", ["W 12", "Ng, Amy", "12", "", "room:12", "person:", "location: "])
def test_a_room_is_not_taken_for_a_person(to: str) -> None:
    with pytest.raises(InvalidRequest, match="is no logon name") as caught:
        holder_ref(to)
    assert "location:" in caught.value.hint


@pytest.mark.parametrize("paper", [min(PAPERS), max(PAPERS)])
def test_every_code_on_a_sheet_of_labels_can_be_read(paper: str, tmp_path: Path) -> None:
    assets = [(f"LAP-{n:04}", normal("asset", {"kind": "laptop", "maker": "Dell & <Söhne>"})) for n in range(1, 7)]
    text = page(assets, paper, "Leith <College>")
    assert "<Söhne>" not in text
    assert not re.search(r"(src|href)=", text)
    (tmp_path / "l.html").write_text(text)
    chromium = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    argv = [*chromium, f"--print-to-pdf={tmp_path / 'l.pdf'}", str(tmp_path / "l.html")]
    subprocess.run(argv, capture_output=True, timeout=60, check=True)
    subprocess.run(["pdftoppm", "-r", "300", "-png", str(tmp_path / "l.pdf"), str(tmp_path / "l")], check=True)
    pictures = sorted(map(str, tmp_path.glob("l-*.png")))
    assert len(pictures) == 1
    argv = ["zbarimg", "-q", "--raw", *pictures]
    read = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert sorted(read.stdout.split()) == [tag for tag, _ in assets]


@pytest.mark.parametrize(
    ("on", "worth"),
    [
        ("2025-01-15", "1300.00"),
        ("2025-02-14", "1300.00"),
        ("2025-02-15", "1275.00"),
        ("2027-01-15", "700.00"),
        ("2029-01-15", "100.00"),
        ("2035-01-15", "100.00"),
        ("2024-01-01", "1300.00"),
    ],
)
def test_value_goes_down_in_a_straight_line_by_whole_months_to_what_is_left(on: str, worth: str) -> None:
    from datetime import date

    asset = {"cost": "1300.00", "salvage": "100.00", "currency": "EUR", "purchased": "2025-01-15", "life_months": "48"}
    assert book_value(asset, date.fromisoformat(on)) == worth
    assert book_value({**asset, "life_months": ""}, date.fromisoformat(on)) == ""


def test_what_daily_work_counts_toward_is_one_line_and_the_record_has_it_all(desk: Desk) -> None:
    added = desk.ops("asset", "add", "LAP-9", "laptop", "--yes")
    told = [line for line in added.err.splitlines() if "counts toward" in line]
    tags = desk.ops("evidence", "show", "last", "--json").json["tags"]
    assert told == [f"  counts toward {len(tags)} items: the record lists them"]
    shown = desk.ops("evidence", "show", "last").out
    assert len(tags) > 1
    assert [tag["item"] for tag in tags if tag["item"] not in shown] == []


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_tags_and_serials_that_look_like_numbers_come_back_as_they_went(desk: Desk, suffix: str) -> None:
    names = ("0E0", "1E5", "2.5E14", "007", "1.0")
    rows = "".join(f"{name},7{name},laptop\n" for name in names)
    (desk.folder / "n.csv").write_text(f"Tag,Serial,Kind\n{rows}", encoding="utf-8")
    taken = desk.ops("asset", "import", "n.csv", "--yes")
    assert taken.code == 0, taken.err
    out = desk.folder / f"out.{suffix}"
    assert desk.ops("asset", "export", "-o", out.name).code == 0
    assert "nothing to change" in desk.ops("asset", "import", out.name, "--yes").out
    if suffix == "csv":
        out.write_text(
            out.read_text(encoding="utf-8-sig").replace("0E0,laptop,,", "0E0,laptop,Dell,"), encoding="utf-8"
        )
    else:
        book = openpyxl.load_workbook(out)
        book.active["C2"] = "Dell"
        book.save(out)
    edited = desk.ops("asset", "import", out.name, "--yes")
    assert (edited.code, "0 new, 1 changed, 4 same, 0 refused" in edited.err) == (0, True), edited.err


@pytest.mark.parametrize(("name", "given"), [("check_out", {"tag": "LAP-1"}), ("hand_out", {"tags": ("LAP-1",)})])
def test_an_asset_is_not_handed_to_the_tag_of_another_as_if_that_were_a_person(
    name: str, given: dict[str, Any]
) -> None:
    register, plan = ProjectedRegister(), load_operation(f"asset.{name}").function
    for tag in ("LAP-1", "SRV-A"):
        register.swap(f"asset:{tag}", None, {"kind": "laptop", "state": "in_stock"})
    with pytest.raises(InvalidRequest, match="SRV-A is an asset, and no person"):
        list(plan(register, to="SRV-A", **given))
    assert [entry.after["holder"] for entry in plan(register, to="amy.ng", **given)] == ["person:amy.ng"]
