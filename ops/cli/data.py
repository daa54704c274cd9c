"""JSON on standard output: versioned shapes, and nothing in them that could move a cursor."""

from __future__ import annotations

import json
from typing import Any

import click

from ops.cli.terminal import plain

PRINTED: list[str] = []  # shapes of this process; standard output is one document


def data(shape: str, body: dict[str, Any]) -> None:
    """Print one object, ``shape`` first, such as ``account/1``; shapes only ever grow."""
    PRINTED.append(shape)
    click.echo(text_of({"shape": shape, **body}))


def text_of(value: Any) -> str:
    """Compact JSON in which letters stay letters; what is invisible or moves the cursor is a JSON escape."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(char: str) -> str:
    return char if plain(char) == char else json.dumps(char)[1:-1]
