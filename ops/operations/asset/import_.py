"""Take a file of assets into the register."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from inventory.register.importing import Wanted, accept, digest, options_text
from inventory.register.importing import entry as import_entry
from ops.adapters.register import Entry, RegisterReader, today
from ops.change import Part
from ops.operation import operation


@operation
def import_(
    register: RegisterReader,
    file: Annotated[str, "CSV or XLSX, an inventory of Ansible, or one or a folder of GLPI Agent's"],
    partial: Annotated[bool, "take in what can be, though other rows are refused"] = False,
    number: Annotated[str, "a prefix such as LAP-: new assets without a tag get the next number"] = "",
    format: Annotated[str, "csv, xlsx, glpi, ansible-yaml or ansible-ini, if it is not found out"] = "",
    mapping: Annotated[str, "a YAML file that says which column is what"] = "",
    dates: Annotated[str, "ymd, dmy or mdy, where days can be read two ways"] = "",
    decimals: Annotated[str, "point or comma, where amounts can be read two ways"] = "",
    currency: Annotated[str, "the currency of amounts that name none, such as EUR"] = "",
    encoding: Annotated[str, "of a CSV, such as cp1252, if it is not found out"] = "",
    delimiter: Annotated[str, "of a CSV, if it is not found out"] = "",
    sheet: Annotated[str, "of a workbook; the first if left out"] = "",
) -> Iterator[Part]:
    """Match every row by tag, serial number or UUID, and enter, correct or leave its asset.

    Nothing is taken in if one row is refused, unless --partial is given. The same file again changes nothing.
    An export can be edited and imported again; empty cells leave what is there.
    """
    wanted = Wanted(
        str(Path(file).expanduser().resolve()),
        partial,
        number,
        format,
        mapping,
        dates,
        decimals,
        currency,
        encoding,
        delimiter,
        sheet,
    )
    sha256 = digest(wanted.file)
    before = register.find("import", sha256=sha256)
    if any(entry["options"] == options_text(wanted) and register.untouched(ref) for ref, entry in before.items()):
        return
    report = register.rehearsed(wanted)
    accept(report, wanted)
    if report.numbers["new"] or report.numbers["changed"]:
        yield Entry(f"import:{sha256[:12]}/{len(before) + 1}", None, import_entry(wanted, sha256, report, today()))
