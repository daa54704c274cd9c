"""The one place where errors become a line on the screen, a hint and an exit code."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

import click

from ops.cli import early
from ops.cli.data import PRINTED, data
from ops.cli.table import hung
from ops.cli.terminal import plain
from ops.errors import OpsError


def fail(error: OpsError, as_json: bool) -> int:
    """Say what went wrong and what to do next; return the exit code."""
    if debugging():
        for line in "".join(traceback.format_exception(error)).split("\n"):
            click.echo(plain(line), err=True)
    if as_json and not PRINTED:
        said = {"error": type(error).__name__, "message": str(error), "hint": error.hint}
        data("error/1", {**said, "exit_code": error.exit_code, "page": error.page})
        return error.exit_code
    click.secho(hung(f"{title(error)}: {plain(str(error))}", 2, sys.stderr), err=True, fg="red")
    if error.hint:
        click.echo(hung(f"  next: {plain(error.hint)}", 8, sys.stderr), err=True)
    return error.exit_code


def title(error: OpsError) -> str:
    """The page name as words: ``not-found`` → ``Not found``."""
    return error.page.replace("-", " ").capitalize()


def debugging() -> bool:
    """Whether somebody wants to see where an error came from."""
    return bool(os.environ.get("OPS_DEBUG")) or "--debug" in sys.argv


class Bug(OpsError):
    """The tool itself failed in a way nobody foresaw; what was begun is in the ledger."""

    page = "bug"


def bug(error: Exception) -> Bug:
    """What nobody foresaw, in one line; its text may be anything, so only its kind is said."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    said = f"this should not have happened: {type(error).__name__} in {Path(where.filename).name} line {where.lineno}"
    found = Bug(
        said, hint="ops run list shows what was begun; ops --debug … shows where it came from: please report it"
    )
    found.__cause__ = error
    return found


def give_up_output() -> None:
    """Standard output takes no more: what is still to come goes nowhere, and Python is silent about it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Guarded(click.Group):
    """A group whose errors all end in ``fail``; a bug ends in one line too, with how to see the rest."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; translate what it raises."""
        try:
            early.listen()
            return super().invoke(ctx)
        except OpsError as error:
            ctx.exit(fail(error, "--json" in sys.argv))
        except (click.ClickException, click.exceptions.Exit):
            raise
        except BrokenPipeError:
            give_up_output()
            ctx.exit(1)
        except (KeyboardInterrupt, click.Abort):
            _stopped(ctx)
        except OSError as error:
            if error.errno != errno.ENOSPC or error.filename:
                ctx.exit(fail(bug(error), "--json" in sys.argv))
            give_up_output()
            click.echo(
                "what was to be printed could not be: the disk is full; ops run list says what was done", err=True
            )
            ctx.exit(1)
        except Exception as error:  # noqa: BLE001  the last line of defence: one line instead of a traceback
            if isinstance(error.__cause__, KeyboardInterrupt):  # Python 3.11 wraps what is raised while a class is made
                _stopped(ctx)
            ctx.exit(fail(bug(error), "--json" in sys.argv))


def _stopped(ctx: click.Context) -> NoReturn:
    early.over()  # who is impatient presses it twice
    click.echo(early.SAID, err=True, nl=False)
    ctx.exit(early.STOPPED)
