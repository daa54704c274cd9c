"""``ops``: the whole command, and what is looked at before it is read."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from pathlib import Path

import click

from inventory.load import find
from ops import __version__
from ops.cli.errors import fail
from ops.cli.tree import Root, Tree
from ops.errors import InvalidRequest, NotFound

# The register of a large firm is millions of small things that are in no cycle; to look for one among the youngest
# seven hundred, as is usual, takes a third of the time of a command.
YOUNG = 100_000
EPILOG = "Start here: ops lab up, then ops guide. Every command has --help."


def build(own: Path | None = None) -> Root:
    """The command with its global options, a workspace's own playbooks included; nothing that works is imported."""
    root = Tree(own).root()
    root.params += [
        click.Option(["--workspace"], envvar="OPS_WORKSPACE", help="Folder with ops.toml; found from here upwards."),
        click.Option(["--no-color"], is_flag=True, help="No colours; NO_COLOR and a dumb terminal do the same."),
        click.Option(["--debug"], is_flag=True, envvar="OPS_DEBUG", help="Show where an error came from."),
    ]
    root.callback = _remember
    root.context_settings = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
    root.epilog = EPILOG
    return click.version_option(__version__, message="ops %(version)s")(root)


@click.pass_context
def _remember(ctx: click.Context, workspace: str | None, no_color: bool, debug: bool) -> None:
    if workspace and Path(workspace).expanduser().is_file():
        raise InvalidRequest(f"{workspace} is a file", hint="--workspace takes the folder in which ops.toml is")
    ctx.obj = {"workspace": workspace or "", "debug": debug}
    if no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        ctx.color = False


def own_playbooks(words: list[str]) -> Path | None:
    """The playbooks of the workspace that this command line is about, if there are any."""
    named = os.environ.get("OPS_WORKSPACE", "")
    for place, word in enumerate(words):
        if word.startswith("--workspace"):
            named = word.partition("=")[2] or "".join(words[place + 1 : place + 2])
    with suppress(NotFound):
        folder = find(Path.cwd(), named) / "playbooks"
        return folder if folder.is_dir() else None
    return None


def unusable(words: list[str]) -> str:
    """Why nothing can be done from here with these words; empty if it can."""
    try:
        Path.cwd()
    except OSError:
        return "the folder you are in is gone"
    broken = next((word for word in words if not word.isascii() and "\ufffd" in _as_text(word)), None)
    return "" if broken is None else f"“{_as_text(broken)}” is not text in UTF-8"


def _as_text(word: str) -> str:
    return os.fsencode(word).decode(errors="replace")


def _open_again() -> None:
    """Streams that whoever started us has closed lead nowhere: else a file of ours would be given their number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
            setattr(sys, name, os.fdopen(number, "r" if name == "stdin" else "w", closefd=False))


def run() -> None:
    """Run the command line."""
    _open_again()
    gc.set_threshold(YOUNG)
    if problem := unusable(sys.argv[1:]):
        hint = "go to one that is there: cd" if "gone" in problem else "type it again, or give the file another name"
        sys.exit(fail(InvalidRequest(problem, hint=hint), "--json" in sys.argv))
    build(own_playbooks(sys.argv[1:]))(prog_name="ops")
