"""A small estate in a register on disk, with one of everything reports tell of, for their tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import copy2
from tempfile import mkdtemp
from typing import Any

from inventory.estate.case import Case
from inventory.estate.cases import OPEN, Kept
from inventory.estate.sighting import SourceRun
from inventory.register import observed
from inventory.register.fields import normal
from inventory.register.stocktake import Count, expected_of, fingerprint, result
from inventory.register.stocktaking import counted, known, scanned
from inventory.register.store import Author, Pen, Register, Snapshot
from inventory.register.swap import Swap
from inventory.report.inputs import Inputs
from inventory.report.parts import Light, Workbook
from inventory.report.plain import as_json

AS_OF = datetime(2030, 3, 15, 12, 0, tzinfo=UTC)
TODAY = AS_OF.date()
LEFT = {"amy.ng": "2030-03-01", "zoe.still": "2030-06-30"}
LAPTOP = {
    **{"kind": "laptop", "maker": "Dell", "model": "L5", "site": "Leeds", "location": "Room 1", "department": "Sales"},
    **{"cost": "1000.00", "currency": "EUR", "purchased": "2029-03-15", "life_months": "48", "owner": "bob"},
    **{"warranty_until": "2030-05-01", "criticality": "2", "data_class": "internal", "hostname": "h", "macs": "aa"},
}
GONE = {
    **{"media": "none", "disposal": "recycled", "requested_by": "amy", "approved_by": "bob"},
    **{"disposed_on": "2030-02-01", "recycler": "Green Ltd"},
}
FORMULA = '=HYPERLINK("http://x","y")'


def put(pen: Pen, ref: str, **fields: str) -> None:
    """Enter or change one thing."""
    pen.swap(Swap(ref, pen.read(ref), normal(ref.partition(":")[0], fields)))


def laptop(pen: Pen, tag: str, state: str = "in_stock", **more: str) -> None:
    """One laptop; what is held has been since January."""
    held = {"held_since": "2030-01-02"} if state in ("deployed", "on_loan") else {}
    put(pen, f"asset:{tag}", **{**LAPTOP, "serial": f"SN-{tag}", "state": state, **held, **more})


def fill(pen: Pen) -> None:
    """Nine assets: two with Amy, who left; one overdue, one missing, one gone, one a formula; a tenth is taken back."""
    laptop(pen, "LAP-1", "deployed", holder="person:amy.ng", accepted="2030-01-02")
    laptop(pen, "LAP-2", "on_loan", holder="person:amy.ng", due="2030-02-01")
    laptop(pen, "LAP-3", "on_loan", holder="person:zoe.still", due="2030-04-01")
    laptop(pen, "LAP-4", "deployed", holder="person:kit", warranty_until="2030-01-01")
    laptop(pen, "LAP-5", cost="500.00", currency="GBP", maker=FORMULA)
    laptop(pen, "LAP-6", "missing", department="")
    laptop(pen, "LAP-7", "retired")
    put(pen, "asset:LAP-7", **{**LAPTOP, **GONE, "serial": "SN-LAP-7", "state": "disposed"})
    laptop(pen, "LAP-8", "ordered", ordered="2030-03-01", supplier="Dell")
    laptop(pen, "LAP-9")
    pen.swap(Swap("asset:LAP-9", pen.read("asset:LAP-9"), None))
    put(pen, "asset:SRV-1", kind="server", state="deployed", holder="location:Rack", held_since="2030-01-02")
    for number in range(3):
        put(pen, f"failure:LAP-1/{number}", asset="LAP-1", happened_on="2030-01-09", what="dark", down_hours="4")
    put(pen, "consumable:TONER", name=FORMULA, on_hand="1", reorder_at="3", unit_cost="80.00", currency="EUR")
    put(pen, "budget:it/2030", department="IT", year="2030", amount="100.00", currency="EUR")
    put(pen, "spend:it/2030/1", budget="it/2030", spent_on="2030-01-05", currency="EUR", amount="120.00", what="cables")


def look(pen: Pen, at: datetime = AS_OF - timedelta(hours=2)) -> None:
    """Somebody scanned the network, and found one case."""
    observed.saw(pen, SourceRun("wire", True, at, at, ("10.0.0.0/24",), 3, 0), "nmap", [])
    case = Case("GHOST-ALIVE", "LAP-7", "critical", "FAIL", "disposed and seen on port 3", ("wire",), at, TODAY)
    observed.keep_cases(pen, [Kept(case, OPEN, at, at)])


def count(pen: Pen) -> None:
    """A stock-take of all of Leeds, closed: LAP-1 was found, LAP-5 was elsewhere, the rest was not read."""
    listed = expected_of(pen.find("asset", site="Leeds"))
    opened = {"site": "Leeds", "opened": "2030-03-10", "opened_by": "amy", "snapshot": fingerprint(listed)}
    put(pen, "stocktake:spring", **opened, expected=str(len(listed)))
    scanned(
        pen,
        "spring",
        [("LAP-1", "Leeds / Room 1", "", ""), ("LAP-5", "Attic", "", ""), ("ZZZ", "Attic", "", "")],
        "amy",
    )
    found: Count = counted(pen, "spring")
    numbers = dict.fromkeys(("found", "missing", "misplaced", "unexpected", "repeated"), 0)
    for line in result(found, known(pen)):
        numbers[line.result] += 1
    ended = {"closed": "2030-03-11", "closed_by": "amy", "result": fingerprint(found.scans)}
    put(
        pen, "stocktake:spring", **opened, expected=str(len(listed)), **ended, **{k: str(v) for k, v in numbers.items()}
    )


@cache
def _blank() -> Path:
    """A register with its tables, made once; and one that is filled."""
    folder = Path(mkdtemp(prefix="reports-"))
    Register(folder / "blank.db", Author("amy")).close()
    copy2(folder / "blank.db", folder / "filled.db")
    made = Register(folder / "filled.db", Author("amy", lambda: "RUN12345"))
    with made.writing() as pen:
        fill(pen)
        look(pen)
        count(pen)
    made.close()
    return folder


def register(folder: Path, filled: bool = True) -> Register:
    """A register of one's own."""
    copy2(_blank() / ("filled.db" if filled else "blank.db"), folder / "register.db")
    return Register(folder / "register.db", Author("amy", lambda: "RUN12345"))


def inputs(seen: Snapshot, report: str = "assets", **more: Any) -> Inputs:
    """What a report is made of."""
    number, hashed = seen.head()
    made = Inputs(
        report, AS_OF, "ABCD2345", number, hashed, "Amy Ng", "Bob Ray", left=LEFT, command=f"ops report {report}"
    )
    return replace(made, **more)


def told(workbook: Workbook) -> dict[str, list[dict[str, Any]]]:
    """Every table of a report as it is in JSON: its name → rows by the titles of columns."""
    found = {}
    for table in json.loads(as_json(workbook))["tables"]:
        titles = [column["title"] for column in table["columns"]]
        found[table["name"]] = [dict(zip(titles, row, strict=True)) for row in table["rows"]]
    return found


def lights(workbook: Workbook) -> dict[str, str]:
    """Subject → verdict, of the first page."""
    return {light.subject: light.verdict for light in each_light(workbook)}


def each_light(workbook: Workbook) -> Iterator[Light]:
    """The lines of the first page."""
    assert workbook.summary
    yield from workbook.summary.lights


def tiles(workbook: Workbook) -> dict[str, Any]:
    """Label → value, of the first page."""
    assert workbook.summary
    return {tile.label: tile.value for tile in workbook.summary.tiles}


def days(start: date, count: int) -> list[date]:
    """Days in a row."""
    return [start + timedelta(number) for number in range(count)]
