"""Looking for a person."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from ops.adapters.directory_names import people_like
from ops.cli.access import show_access, show_traces
from ops.cli.data import data
from ops.cli.options import Options
from ops.cli.people import can_sign_in, entry_shape
from ops.cli.site import open_site
from ops.cli.table import table
from ops.cli.tracing import due, page_of, search
from ops.errors import InvalidRequest, NotFound


@click.command()
@click.argument("who")
@click.option("--access", is_flag=True, help="Look at every way in that one person has; WHO is the logon name.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(who: str, access: bool, as_json: bool) -> None:
    """Find people by a part of their name, logon name, mail address or employee number."""
    if not who.strip():
        raise InvalidRequest("nobody was named", hint="give a part of a name, logon name, address or number")
    with open_site() as site:
        if access:
            show_access(site, who, Options(json=as_json))
            return
        directory = site.targets[site.kinds["directory"]]
        found = directory.search(people_like(who))
    if not found:
        raise NotFound(f"nobody is called anything like {who}", hint="try a part of the family name")
    if as_json:
        data("people/1", {"people": [entry_shape(entry, ()) for entry in found]})
        return
    rows = sorted((e.logon_name, e.name, e.first("department"), can_sign_in(e).partition("   ")[0]) for e in found)
    click.echo(table(("logon name", "name", "department", "can sign in"), rows))


@click.command()
@click.argument("who", default="")
@click.option("--again", is_flag=True, help="All of whom a look after a day, a week or a month is due.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def traces(who: str, again: bool, as_json: bool) -> None:
    """Search every place where somebody who left is still named; exit 3 if anything still opens something."""
    if bool(who) == again:
        raise InvalidRequest("name a leaver, or give --again", hint="ops leaver list shows who is in the book")
    with open_site() as site:
        pages = list(due(site, datetime.now(UTC).date())) if again else [page_of(site, who)]
        found = [search(site, page) for page in pages]
    show_traces(found, as_json)
