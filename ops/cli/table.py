"""Plain tables that line up, also with wide letters, and survive being piped."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from textwrap import wrap
from typing import TextIO

from ops.cli.terminal import clip, measure, plain

GAP = 2
WIDE = 10_000  # where nobody looks, nothing is cut
NARROW = 12  # no column becomes narrower


def table(head: Sequence[str], rows: Sequence[Sequence[str]], width: int = 0) -> str:
    """Rows under a head, columns aligned; the widest columns give way when the terminal is narrow."""
    cells = [[plain(str(cell)) for cell in row] for row in (head, *rows)]
    widths = [max(map(measure, column)) for column in zip(*cells, strict=True)]
    room = width or (shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else WIDE)
    over = sum(widths) + GAP * (len(widths) - 1) - room
    for _ in range(over):
        widest = widths.index(max(widths))
        widths[widest] = max(NARROW, widths[widest] - 1)
    lines = [_line(row, widths) for row in cells]
    rule = "  ".join("─" * width_ for width_ in widths)
    return "\n".join([lines[0], rule, *lines[1:]])


def hung(text: str, indent: int, stream: TextIO | None = None) -> str:
    """A line broken between words where a terminal ends, what follows indented; elsewhere the line as it is."""
    if not (stream or sys.stdout).isatty():
        return text
    width = max(40, shutil.get_terminal_size((100, 24)).columns)
    lines = wrap(text, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines) or text


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    clipped = [clip(cell, width) for cell, width in zip(row, widths, strict=True)]
    padded = [cell + " " * (width - measure(cell)) for cell, width in zip(clipped, widths, strict=True)]
    return (" " * GAP).join(padded).rstrip()
