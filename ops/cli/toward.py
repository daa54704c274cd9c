"""What a record counts toward, in few lines: with labels while they are few, else by framework."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ops.cli.terminal import counted, plain

FEW = 4
LEAD = "  counts toward "


def lines(tags: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One line an item, or one a framework."""
    if len(tags) <= FEW:
        yield from (f"{LEAD}{tag['framework']} {tag['item']} {plain(tag['label'])}" for tag in tags)
        return
    for framework in dict.fromkeys(tag["framework"] for tag in tags):
        yield f"{LEAD}{framework} {', '.join(tag['item'] for tag in tags if tag['framework'] == framework)}"


def short(tags: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """How many, in one line: for what is done many times a day."""
    if tags:
        yield f"{LEAD}{counted(len(tags), 'item')}: the record lists them"


def names(tags: Sequence[Mapping[str, Any]]) -> list[str]:
    """Framework and item of each."""
    return [f"{tag['framework']} {tag['item']}" for tag in tags]
