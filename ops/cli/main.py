"""``ops``: the entry point."""

from __future__ import annotations

import click

from ops import __version__
from ops.cli.tree import Root, Tree


def build() -> Root:
    """The command with its global options; nothing that does work is imported yet."""
    root = Tree().root()
    root.params.append(
        click.Option(["--workspace"], envvar="OPS_WORKSPACE", help="Folder with ops.toml; found from here upwards.")
    )
    root.params.append(
        click.Option(["--debug"], is_flag=True, envvar="OPS_DEBUG", help="Show where an error came from.")
    )
    root.callback = _remember
    root.context_settings = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
    root.epilog = "Start here: ops lab up, then ops guide. Every command has --help with examples."
    return click.version_option(__version__, message="ops %(version)s")(root)


@click.pass_context
def _remember(ctx: click.Context, workspace: str | None, debug: bool) -> None:
    ctx.obj = {"workspace": workspace or "", "debug": debug}


def main() -> None:
    """Run the command line."""
    build()()


if __name__ == "__main__":
    main()
