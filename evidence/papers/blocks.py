"""What a paper is made of, whatever file it becomes: headings, paragraphs and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A heading; ``level`` 1 is the title."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Text:
    """One paragraph; ``small`` is for what explains rather than says."""

    text: str
    small: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under a head. ``widths`` are shares of the page's width, one a column."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]


Block = Heading | Text | Table
