"""A workspace for your own network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ops.cli.options import ask_or_fail
from ops.cli.starting import Answers, start


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path(), help="Where the workspace goes; here if not given."
)
@click.option("--domain", default="", help="Name of the domain, such as lab.school.example.")
@click.option("--controller", default="", help="Full name of one domain controller; its certificate must carry it.")
@click.option(
    "--ca-file", type=click.Path(path_type=Path), help="The certificate authority of the controller, in PEM form."
)
@click.option("--account", default="", help="Your delegated account, such as apprentice1@lab.school.example.")
@click.option("--credential", default="", help="Where its password is: keyring, prompt, kerberos or file:PATH.")
@click.option("--staff", default="", help="Organisational unit of the staff, as a DN.")
@click.option("--leavers", default="", help="Organisational unit of the leavers, as a DN.")
@click.option("--service", default="", help="Organisational unit of service accounts, as a DN.")
@click.option(
    "--class",
    "kind",
    type=click.Choice(["STAGING", "PRODUCTION"]),
    default="PRODUCTION",
    show_default=True,
    help="What counts here.",
)
@click.option("--passphrase-from", default="", help="Protect the signing key: prompt, stdin or file:PATH.")
@click.option(
    "--role",
    type=click.Choice(["person", "service"]),
    default="person",
    show_default=True,
    help="Whose key: a person's, or a service's, whose records count for nobody.",
)
@click.option("--name", default="", help="Your own name, for your card and papers; your account's if not given.")
@click.option("--evidence-only", is_flag=True, help="Nothing to work on: for a mentor, an assessor or an IT lead.")
@click.option("--no-input", is_flag=True, help="Never ask; fail instead.")
@click.pass_context
def init(
    ctx: click.Context, /, folder: Path, domain: str, controller: str, ca_file: Path | None, no_input: bool, **more: Any
) -> None:
    """Make a workspace and a signing key, testing every answer; hand the key's fingerprint to your mentor.

    Run in a workspace that has no key yet, it only makes the key; in one that has, it only says what is there.
    """
    ask = ask_or_fail(no_input)
    start(Answers(folder, domain, controller, ca_file, ask, **more), _given(ctx))


def _given(ctx: click.Context) -> tuple[str, ...]:
    """The options somebody wrote."""
    written = ParameterSource.COMMANDLINE
    return tuple(p.opts[0] for p in ctx.command.params if p.name and ctx.get_parameter_source(p.name) == written)
