"""A report by its name: what it reads, how it is built, and how it becomes a file of one of three kinds."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING

from inventory.report import access
from inventory.report.assets import workbook as assets
from inventory.report.backups import workbook as backups
from inventory.report.book import STANDARD, release, write
from inventory.report.gathering import gathered
from inventory.report.inputs import Inputs
from inventory.report.licences import workbook as licences
from inventory.report.parts import Workbook
from inventory.report.plain import write_csv, write_json
from inventory.report.template import Template
from inventory.report.values import Counts
from ops.errors import InvalidRequest, NotVerified
from ops.private import appearing

if TYPE_CHECKING:
    from inventory.register.store import Snapshot

ROOMS = ("backup", "estate", "licence", "register", "report")  # whose code decides what a report says
SUFFIXES = (".xlsx", ".csv", ".json")
OBSERVED: Mapping[str, tuple[str, ...]] = {
    "assets": assets.OBSERVED,
    "licences": licences.OBSERVED,
    "access": (),
    "backups": (),
}
MAIN = {
    "assets": "register",
    "licences": "position",
    "access": "accounts",
    "backups": "matrix",
}  # the table that becomes a CSV file


def rules() -> str:
    """The first digits of a SHA-256 over the code that reckons and writes reports: another number, other rules."""
    whole, here = sha256(), Path(__file__).parent.parent
    for path in sorted(path for room in ROOMS for path in (here / room).rglob("*.py")):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def build(seen: Snapshot, inputs: Inputs) -> Workbook:
    """The report; its rows are read while it is written, so the snapshot has to last as long."""
    if inputs.report == "access":
        return access.workbook(inputs)
    if inputs.report == "backups":
        return backups.workbook(seen, inputs)
    return assets.workbook(seen, inputs) if inputs.report == "assets" else licences.workbook(seen, inputs)


def expected(seen: Snapshot, inputs: Inputs) -> Mapping[str, Counts]:
    """What the source of the figures itself counts and adds up, by table."""
    if inputs.report == "access":
        return access.expected(inputs)
    if inputs.report == "backups":
        return backups.expected(inputs)
    return assets.expected(seen) if inputs.report == "assets" else licences.expected(seen)


def export(
    workbook: Workbook, path: Path, main: str, template: Template, wanted: Mapping[str, Counts], *,
    replace: bool = False,
) -> None:  # fmt: skip
    """Write a new file of the kind its name says, look at it again, and only then give it its name.

    ``main`` is the table that becomes a CSV file, and a sheet also if it is empty. With ``replace`` it takes the place
    of a file of that name at once, so that there is always one of them whole. Raise ``InvalidRequest`` if there is
    such a file and it was not to be replaced, or it cannot be made; ``NotVerified`` if a figure differs.
    """
    if path.suffix == ".xlsx":
        release(gathered(workbook, main), path, template, wanted, replace=replace)
        return
    try:
        with appearing(path, replace) as file:
            make(workbook, file, path.suffix, main, template)
            if path.suffix == ".csv" and main in wanted and (rows := _rows(file)) != wanted[main].rows:
                message = f"table {main} has {rows:,} rows in the file read back, {wanted[main].rows:,} in its source"
                raise NotVerified(message, hint="nothing was released; report this")
    except FileExistsError as error:
        raise InvalidRequest(f"{path} exists already", hint="choose another name") from error
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise InvalidRequest(message, hint="choose another place") from error


def make(workbook: Workbook, file: IO[bytes], suffix: str, main: str, template: Template = STANDARD) -> None:
    """Write the report into a file that is open; ``main`` is the table a CSV file holds."""
    if suffix == ".xlsx":
        write(gathered(workbook, main), file, template)
        return
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    if suffix == ".csv":
        write_csv(next(table for table in workbook.tables if table.name == main), text, bom=True)
    else:
        write_json(workbook, text)
    text.flush()
    text.detach()


def _rows(file: IO[bytes]) -> int:
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    found = sum(1 for _ in csv.reader(text)) - 1
    text.detach()
    return found
