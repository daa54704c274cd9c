"""Take a list of licences into the register."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from inventory.register.entitlements_in import lines_in
from inventory.register.importing import Wanted, accept
from ops.adapters.register import Entry, RegisterReader
from ops.change import Part
from ops.operation import operation


@operation
def import_(
    register: RegisterReader,
    file: Annotated[str, "CSV or XLSX, one line of an order in a row; 2,000 rows at most"],
    partial: Annotated[bool, "take in what can be, though other rows are refused"] = False,
    mapping: Annotated[str, "a YAML file that says which column is what"] = "",
    cost: Annotated[str, "unit or total, where a column such as Price does not say of which it is"] = "",
    dates: Annotated[str, "ymd, dmy or mdy, where days can be read two ways"] = "",
    decimals: Annotated[str, "point or comma, where amounts can be read two ways"] = "",
    currency: Annotated[str, "the currency of amounts that name none, such as EUR"] = "",
    encoding: Annotated[str, "of a CSV, such as cp1252, if it is not found out"] = "",
    delimiter: Annotated[str, "of a CSV, if it is not found out"] = "",
    sheet: Annotated[str, "of a workbook; the first if left out"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Enter, correct or leave the licence of every row; a product may be called by its id or its name.

    Nothing is taken in if one row is refused, unless --partial is given. The same file again changes nothing, and
    empty cells leave what is there. A proof is a file beside the list; its SHA-256 is kept.
    """
    wanted = Wanted(
        str(Path(file).expanduser().resolve()),
        partial,
        mapping=mapping,
        dates=dates,
        decimals=decimals,
        currency=currency,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
    )
    report, lines = lines_in(register, wanted, cost)
    accept(report, wanted)
    for line in lines:
        yield Entry(line.ref, line.before, line.after, why or f"import of {Path(file).name}")
