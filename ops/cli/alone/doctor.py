"""Is everything as it should be?"""

from __future__ import annotations

import click

from ops.cli.data import data
from ops.cli.examining import examine
from ops.cli.table import table
from ops.errors import OpsError


class Unwell(OpsError):
    """Something that is needed does not work."""

    page = "unwell"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def doctor(as_json: bool) -> None:
    """Check workspace, key, ledger, name, certificate, sign-in, clock and rights; say how to mend what is wrong."""
    found = examine()
    if as_json:
        data("doctor/1", {"checks": [vars(one) for one in found]})
    else:
        click.echo(table(("", "check", "found", "to mend it"), [(o.verdict, o.name, o.found, o.fix) for o in found]))
    if bad := [one.name for one in found if one.verdict == "fail"]:
        raise Unwell(f"{', '.join(bad)} must be mended first", hint="the last column says how")
