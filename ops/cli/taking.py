"""An import as people see it: how the file was read, what is wrong with which row, and all rows in a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from inventory.register.importing import Report, Wanted
from inventory.report.text import defused
from ops.cli import derive
from ops.cli.keeping import written
from ops.cli.show import counting
from ops.cli.site import Site
from ops.cli.terminal import counted, plain
from ops.errors import PartlyDone

SHOWN = 20  # refused rows on the screen


def told(site: Site, arguments: Mapping[str, Any], results: Path | None) -> int:
    """Rehearse an import of assets and tell what comes of every row; how many are refused."""
    site.register.watch = counting
    return _told(site.targets["register"].rehearsed(Wanted(**_resolved(arguments))), results)


def told_licences(site: Site, arguments: Mapping[str, Any], results: Path | None) -> int:
    """Tell what an import of licences makes of every row; how many are refused."""
    from inventory.register.entitlements_in import lines_in

    given = _resolved(arguments)
    cost = given.pop("cost", "")
    given.pop("why", "")
    return _told(lines_in(site.targets["register"], Wanted(**given), cost)[0], results, "licence")


def _resolved(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {**arguments, "file": str(Path(arguments["file"]).expanduser().resolve())}


def _told(report: Report, results: Path | None, thing: str = "asset") -> int:
    for line in report.said:
        click.echo(f"  {plain(line)}", err=True)
    refused = [one for one in report.outcomes if one.word == "refused"]
    for one in refused[:SHOWN]:
        click.echo(f"  row {one.row}: {plain(f'{one.tag}: ' * bool(one.tag) + one.why)}", err=True)
    if len(refused) > SHOWN:
        click.echo(f"  and {len(refused) - SHOWN} more rows; --results FILE names them all", err=True)
    numbers = ", ".join(f"{number} {word}" for word, number in report.numbers.items())
    click.echo(f"  {numbers}", err=True)
    if results:
        _written(results, report, thing)
    return len(refused)


def take(given: dict[str, Any], operation: str = "asset.import_") -> None:
    """Carry an import out; one that left rows behind is partly done."""
    results, left = given.pop("results"), []
    look = told_licences if operation.startswith("licence.") else told
    derive.carry_out(operation, given, lambda site, arguments: left.append(look(site, arguments, results)))
    if any(left) and not (given["dry_run"] or given["check"] or given["save_plan"]):
        hint = "--results FILE names them; correct them and import the file again"
        raise PartlyDone(f"{counted(left[0], 'row')} could not be taken in", hint=hint)


def _written(path: Path, report: Report, thing: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("row", thing, "result", "matched by", "why"))
    for one in report.outcomes:
        writer.writerow((one.row, defused(one.tag), one.word, one.by, defused(one.why)))
    written(path, text.getvalue())
