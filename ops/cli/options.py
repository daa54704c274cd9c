"""Options that every changing command has, defined once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import click

from ops.cli.terminal import plain
from ops.errors import InvalidRequest
from ops.params import parse_date

WHY = "why"  # the parameter of an operation, and the answer in a playbook, that --ticket and --reason fill


@dataclass(frozen=True)
class Options:
    """How a changing command is to be carried out; see ``conduct_options`` for what each means."""

    dry_run: bool = False
    check: bool = False
    yes: bool = False
    no_input: bool = False
    json: bool = False
    details: bool = False
    save_plan: Path | None = None
    ticket: str = ""
    reason: str = ""
    rows: Path | None = None
    max_fail: int = 1
    results: Path | None = None
    on: str = ""
    everything: bool = False  # of a look: what is well too

    @property
    def why(self) -> str:
        """Ticket and reason in one text."""
        return ": ".join(filter(None, (self.ticket, self.reason)))


class Day(click.ParamType[date]):
    """A day, in any writing that has one reading."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ARG002
        if isinstance(value, date):
            return value
        if (day := parse_date(value)) is None:
            raise InvalidRequest(f"{value!r} is not a date", hint="write it as 2026-11-25")
        return day


def words(most: int) -> Callable[[click.Context, click.Parameter, str], str]:
    """What a person says in an option, to stand in a record: at most so many characters, and none that hides."""

    def checked(_: click.Context, option: click.Parameter, given: str) -> str:
        said = given.strip()
        if len(said) > most:
            hint = "say it shorter; a file can be attached"
            raise InvalidRequest(f"{option.opts[0]} has {len(said)} characters, and may have {most}", hint=hint)
        if (seen := said.replace("\n", " ").replace("\t", " ")) != plain(seen):
            raise InvalidRequest(f"{option.opts[0]} holds characters nobody can see", hint="write plain text")
        return said

    return checked


def conduct_options() -> list[click.Parameter]:
    """The options of every command that changes something."""
    return [
        click.Option(["--dry-run"], is_flag=True, help="Show every change and stop; nothing is written."),
        click.Option(["--check"], is_flag=True, help="Like --dry-run, and exit 3 if anything would change."),
        click.Option(["--details"], is_flag=True, help="Show every value before and after."),
        click.Option(["--save-plan"], type=click.Path(path_type=Path), help="Write the plan to a file and stop."),
        click.Option(["--ticket"], default="", callback=words(100), help="Number of the ticket, for the record."),
        click.Option(["--reason"], default="", callback=words(500), help="Why, in a few words, for the record."),
        click.Option(["--yes", "-y"], is_flag=True, help="Go ahead without asking."),
        click.Option(["--no-input"], is_flag=True, help="Never ask; fail instead."),
        click.Option(["--json"], is_flag=True, help="Print the result as JSON."),
    ]


def bulk_options() -> list[click.Parameter]:
    """The options of playbooks, which can run over many rows."""
    return [
        click.Option(
            ["--rows"], type=click.Path(path_type=Path), help="A CSV file: one row each, columns as the options."
        ),
        click.Option(
            ["--max-fail"],
            type=click.IntRange(0),
            default=1,
            show_default=True,
            help="Begin no further batch once so many rows failed.",
        ),
        click.Option(
            ["--results"], type=click.Path(path_type=Path), help="Where to write what became of each row, as CSV."
        ),
    ]


def telling_options() -> list[click.Parameter]:
    """The options of playbooks that only ask."""
    return [
        click.Option(["--about"], default="", metavar="RUN", help="The run that this is about, or last."),
        click.Option(
            ["--for", "for_"], multiple=True, metavar="ITEM", help="What it shows: rapids-1059cb:3.A; again for more."
        ),
        click.Option(["--helped-by"], default="", callback=words(200), help="Who helped, by role; it stays private."),
        click.Option(
            ["--ai"],
            default="",
            type=click.Choice(["", "none", "drafted", "other"]),
            metavar="none|drafted|other",
            help="Whether a machine wrote any of the words.",
        ),
        click.Option(["--ticket"], default="", callback=words(100), help="Number of the ticket, for the record."),
        click.Option(["--reason"], default="", callback=words(500), help="Why, in a few words, for the record."),
        click.Option(["--yes", "-y"], is_flag=True, help="Sign without asking."),
        click.Option(["--no-input"], is_flag=True, help="Never ask; fail instead."),
        click.Option(["--json"], is_flag=True, help="Print the result as JSON."),
    ]


def options_from(given: Mapping[str, Any]) -> tuple[Options, dict[str, Any]]:
    """Split what click read into how to carry it out, and what to do."""
    names = {field.name for field in fields(Options)}
    how = {key: value for key, value in given.items() if key in names}
    return Options(**how), {key: value for key, value in given.items() if key not in names}


def ask_or_fail(no_input: bool) -> Callable[[str, str], str]:
    """How to ask for an answer: a prompt with a default; without a terminal an error that names the question."""

    def ask(question: str, default: str) -> str:
        if no_input or not sys.stdin.isatty():
            raise InvalidRequest(f"nobody can be asked: {question}", hint="give it as an option; --help names them")
        return str(click.prompt(question, default=default, err=True))

    return ask
