"""Backups: whether they can be restored, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from inventory.backup.assurance import needed
from ops.cli.auditing import EVERYTHING, run_audits
from ops.cli.backup_matrix import matrix
from ops.cli.data import data
from ops.cli.options import Options
from ops.cli.site import Site, open_site
from ops.cli.table import table
from ops.cli.terminal import counted
from ops.cli.vaulting import Vaults, plan_rows
from ops.finding import Finding, Verdict

JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
FAIL_ON = click.option(
    "--fail-on",
    type=click.Choice(["fail", "warn", "unknown"]),
    default="fail",
    show_default=True,
    help="Exit 3 from here on.",
)


@click.command("list")
@JSON
def list_(as_json: bool) -> None:
    """List the jobs of inventory/backups.yaml; nothing is looked into."""
    with open_site(enter=False, reading=True) as site:
        rows = plan_rows(Vaults(site).plan)
    if as_json:
        data("backups/1", {"jobs": rows})
        return
    head = ("job", "system", "tier", "target", "tool", "paths")
    shown = [tuple((row | {"tier": str(row["tier"]), "paths": ", ".join(row["paths"])}).values()) for row in rows]
    click.echo(table(head, shown) if rows else "backups.yaml names no job")


@click.command()
@click.option("--again", is_flag=True, help="Prove structure, keys and sentinels anew, though that is not due.")
@FAIL_ON
@JSON
def check(again: bool, fail_on: str, as_json: bool) -> None:
    """Check every job and every repository: fresh, on time, of the usual shape, whole; then 3-2-1-1-0.

    Nothing is brought back: for that there is ops backup restore-test. What cannot be looked at is UNKNOWN.

    \b
    Example:
      ops backup check --fail-on unknown
    """
    with open_site() as site:
        options = Options(json=as_json)
        run_audits(site, ["backups.check"], Verdict[fail_on.upper()], {"again": again}, options, _told(site))


@click.command()
@FAIL_ON
@EVERYTHING
@JSON
def coverage(fail_on: str, as_json: bool, everything: bool) -> None:
    """Compare the register with inventory/backups.yaml: what needs a backup and has none, what is there no more.

    An asset in use needs one if the register says backup_required: yes; where nobody said, servers and virtual
    machines do.
    Of machines that are gone it is said where their data still lie in backups. Then: ops audit waive.

    \b
    Example:
      ops backup coverage --fail-on warn
    """
    with open_site() as site:
        options = Options(json=as_json, everything=everything)
        run_audits(site, ["backups.coverage"], Verdict[fail_on.upper()], {}, options)


@click.command("import")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--host", default="", help="Read them on this host of the inventory, over SSH.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="A new file; without it, it is printed.")
def import_(files: tuple[Path, ...], host: str, out: Path | None) -> None:
    """Propose a backups.yaml from borgmatic, restic settings, cron and systemd; nothing is overwritten.

    It reads this machine, a host, or files that are named, and the shell scripts that cron and systemd start.
    Passwords are not copied. What no file tells stands as CHANGE ME, and is refused until somebody fills it in.

    \b
    Example:
      ops backup import --host fs1 -o proposed.yaml
    """
    from ops.cli.backup_import import proposed
    from ops.private import new_file

    with open_site(enter=bool(host), reading=True) as site:
        text, number = proposed(site, files, host)
    if out:
        with new_file(out) as file:
            file.write(text.encode())
    click.echo(f"written: {out}" if out else text.rstrip("\n"))
    then = "fill in every CHANGE ME, then: ops backup list"
    told = then if number else "what calls programs of its own is named above, and is to be written by hand"
    click.echo(f"{counted(number, 'job')} found; {told}", err=True)


@click.command()
@click.argument("job")
@click.option(
    "--files", default=needed(0.05), show_default=True, type=click.IntRange(1, 10_000), help="Of each backup."
)
@click.option("--by", default="", help="What files are drawn by; the same again draws the same.")
@FAIL_ON
@JSON
def restore_test(job: str, files: int, by: str, fail_on: str, as_json: bool) -> None:
    """Bring files back from the newest and the oldest backup of a job, compare them, and say how sure that makes.

    They come into an empty folder of the workspace and are deleted afterwards; nothing is ever written over.

    \b
    Example:
      ops backup restore-test homes --files 300
    """
    arguments = {"job": job, "files": files, "by": by}
    with open_site() as site:
        run_audits(site, ["backups.restore"], Verdict[fail_on.upper()], arguments, Options(json=as_json), _told(site))


@click.command()
@click.option(
    "--fail-on",
    type=click.Choice(["fail", "warn", "unknown"]),
    default="unknown",
    show_default=True,
    help="Exit 3, and tell the switch of a failure, from here on.",
)
@JSON
def watch(fail_on: str, as_json: bool) -> None:
    """Check as ops backup check does, say it in one line, and tell a dead man's switch; for a service's timer.

    The switch is asked after a good look, and with /fail after a bad one; backup_ping, under [settings] of ops.toml,
    names where its address is kept. What cannot be looked at is no good look.

    \b
    Example:
      ops backup watch --fail-on fail
    """
    from ops.cli.backup_watching import watch as look

    with open_site(ask=False) as site:
        look(site, Verdict[fail_on.upper()], as_json)


def _told(site: Site) -> Callable[[Sequence[Finding]], None]:
    """Findings as a matrix of the systems that backups.yaml names."""
    return lambda found: matrix(site.targets["backup"].plan, found)
