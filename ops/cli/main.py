"""``ops``: the entry point."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import click

from inventory.load import find
from ops import __version__
from ops.cli.tree import Root, Tree
from ops.errors import NotFound

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


def main() -> None:
    """Run the command line."""
    build(own_playbooks(sys.argv[1:]))(prog_name="ops")


if __name__ == "__main__":
    main()
