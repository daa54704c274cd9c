"""Plain tables that line up, also with wide letters, and survive being piped."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from itertools import zip_longest
from textwrap import wrap
from typing import TextIO

from ops.cli.terminal import MORE, clip, folded, measure, plain

GAP = 2
WIDE = 10_000  # where nobody looks, nothing is cut
NARROW = 12  # no column becomes narrower
TALLEST = 12  # lines of one cell


def table(head: Sequence[str], rows: Sequence[Sequence[str]], width: int = 0) -> str:
    """Rows under a head, columns aligned; where the terminal is narrow the widest columns are broken between words."""
    cells = [[plain(str(cell)) for cell in row] for row in (head, *rows)]
    widths = [max(map(measure, column)) for column in zip(*cells, strict=True)]
    room = width or (shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else WIDE)
    over = sum(widths) + GAP * (len(widths) - 1) - room
    if over > 0:
        _narrow(widths, over, [_longest(column, room // 2) for column in zip(*cells, strict=True)])
    head_, *rest = ["\n".join(_lines(row, widths)) for row in cells]
    rule = "  ".join("─" * width_ for width_ in widths)
    return "\n".join([head_, rule, *rest])


def _longest(column: Sequence[str], most: int) -> int:
    """How wide its longest word is; one that is wider than ``most`` is broken rather than all beside it squeezed."""
    sizes = (measure(word) for cell in column for word in cell.split())
    return max((size for size in sizes if size <= most), default=0)


def _narrow(widths: list[int], over: int, words: Sequence[int]) -> None:
    """Take room from the widest columns; words are broken within only where no column can give more."""
    for _ in range(over):
        spare = [width if width > max(NARROW, word) else 0 for width, word in zip(widths, words, strict=True)]
        widest = spare.index(max(spare)) if any(spare) else widths.index(max(widths))
        widths[widest] = max(NARROW, widths[widest] - 1)


def hung(text: str, indent: int, stream: TextIO | None = None) -> str:
    """A line broken between words where a terminal ends, what follows indented; elsewhere the line as it is."""
    if not (stream or sys.stdout).isatty():
        return text
    width = max(40, shutil.get_terminal_size((100, 24)).columns)
    lines = wrap(text, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines) or text


def _lines(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """One row, in as many lines as its tallest cell takes."""
    broken = [folded(cell, width) for cell, width in zip(row, widths, strict=True)]
    for lines, width in zip(broken, widths, strict=True):
        if len(lines) > TALLEST:
            lines[TALLEST - 1 :] = [clip(f"{lines[TALLEST - 1]} {MORE}", width)]
    return [_line(cells, widths) for cells in zip_longest(*broken, fillvalue="")]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (width - measure(cell)) for cell, width in zip(cells, widths, strict=True)]
    return (" " * GAP).join(padded).rstrip()
