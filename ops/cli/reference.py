"""The reference documentation, written from the code itself: ``python -m ops.cli.reference docs``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from evidence.framework import Framework, Item, load_frameworks
from ops.cli.root import build
from ops.cli.topics import errors, page, topics

NOTE = "<!-- Written by script/docs from the code; edit that instead. -->\n\n"
WIDTH = 100


def reference() -> dict[str, str]:
    """File name → text of every page."""
    root = build()
    context = click.Context(root, info_name="ops", **root.context_settings)
    return {
        "commands.md": NOTE + "# Commands\n\n" + "\n".join(_commands(root, context)),
        "topics.md": NOTE + "\n".join(map(page, topics())),
        "errors.md": NOTE + "\n".join(map(page, errors())),
        "frameworks.md": NOTE + "# What work counts toward\n\n" + "\n".join(map(_framework, load_frameworks())),
    }


def _commands(command: click.Command, context: click.Context) -> Iterator[str]:
    context.terminal_width = WIDTH
    if not isinstance(command, click.Group):
        text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        yield f"## {context.command_path}\n\n```\n{text}\n```\n"
        return
    for name in command.list_commands(context):
        if found := command.get_command(context, name):
            yield from _commands(found, click.Context(found, info_name=name, parent=context))


def _framework(framework: Framework) -> str:
    lines = [f"## {framework.title}\n", f"From {framework.source_title}, {framework.edition}. Wording is our own.\n"]
    for unit in framework.units:
        lines += [f"### {unit.id} {unit.label}\n", *map(_item, unit.items), ""]
    return "\n".join(lines)


def _item(item: Item) -> str:
    rules = "; ".join(f"`{rule.work}` ({rule.covers}) {rule.because}" for rule in item.evidenced_by)
    return f"- **{item.id}** {item.label} — {rules or 'no run of this tool counts toward it'}"


def main(folder: str) -> None:
    """Write all pages."""
    Path(folder).mkdir(exist_ok=True)
    for name, text in reference().items():
        Path(folder, name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
