"""Hosts: whose key was confirmed, and who can get in."""

from __future__ import annotations

import click

from ops.cli.data import data
from ops.cli.hosts import host_facts, host_rows, login_facts
from ops.cli.options import ask_or_fail
from ops.cli.site import open_site
from ops.cli.table import table
from ops.cli.terminal import plain
from ops.cli.trusting import trust_host


@click.command()
@click.argument("name", default="")
@click.option("--login", default="", help="One login: its lock, keys, jobs and processes.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(name: str, login: str, as_json: bool) -> None:
    """List the hosts of the inventory; with a name, connect and show that one."""
    with open_site(enter=bool(name)) as site:
        if not name:
            rows = host_rows(site)
            said = {"hosts": rows}
        else:
            said = login_facts(site, name, login) if login else host_facts(site, name)
    if as_json:
        data("hosts/1" if not name else "host/1", said)
    elif not name:
        click.echo(table(("name", "address", "account", "key"), [tuple(row.values()) for row in rows]))
    else:
        for word, value in said.items():
            click.echo(f"  {word:<16} {plain(str(value))}")


@click.command()
@click.argument("name")
@click.option("--fingerprint", default="", help="What the host's console shows: SHA256:…; then nothing is asked.")
@click.option("--again", is_flag=True, help="Replace a key that was confirmed before.")
@click.option("--no-input", is_flag=True, help="Never ask; fail instead.")
def trust(name: str, fingerprint: str, again: bool, no_input: bool) -> None:
    """Show the key of a host and keep it once you have compared it; who confirmed it is recorded.

    Read the fingerprint on the host itself, never over the connection you are about to trust:
    ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
    """
    with open_site(ask=not no_input) as site:
        trust_host(site, name, fingerprint, again, ask_or_fail(no_input))
