"""The one place where errors become a line on the screen, a hint and an exit code."""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any

import click

from ops.cli.terminal import plain
from ops.errors import OpsError


def fail(error: OpsError, as_json: bool) -> int:
    """Say what went wrong and what to do next; return the exit code."""
    if os.environ.get("OPS_DEBUG"):
        traceback.print_exception(error)
    if as_json:
        said = {"shape": "error/1", "error": type(error).__name__, "message": str(error), "hint": error.hint}
        click.echo(json.dumps({**said, "exit_code": error.exit_code, "page": error.page}, ensure_ascii=False))
        return error.exit_code
    click.secho(f"{title(error)}: {plain(str(error))}", err=True, fg="red")
    if error.hint:
        click.echo(f"  next: {plain(error.hint)}", err=True)
    return error.exit_code


def title(error: OpsError) -> str:
    """The page name as words: ``not-found`` → ``Not found``."""
    return error.page.replace("-", " ").capitalize()


class Guarded(click.Group):
    """A group whose errors all end in ``fail``; a bug ends in one line too, with how to see the rest."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; translate what it raises."""
        try:
            return super().invoke(ctx)
        except OpsError as error:
            ctx.exit(fail(error, "--json" in sys.argv))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("\nstopped before anything was changed", err=True)
            ctx.exit(130)
