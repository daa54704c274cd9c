"""One answer, two faces: rows as JSON, and some of their fields as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from ops.cli.data import data
from ops.cli.table import table
from ops.cli.terminal import plain


@dataclass(frozen=True)
class Said:
    """``columns``: head of a column → field of a row; ``name`` is what the rows are in JSON; ``none`` is said for no
    rows, ``notes`` below them; ``more`` stands beside the rows in JSON.
    """

    name: str
    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]
    none: str
    notes: Sequence[str] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    def tell(self, shape: str, as_json: bool) -> None:
        """Print it."""
        if as_json:
            data(shape, {**self.more, self.name: [dict(row) for row in self.rows]})
            return
        cells = [[_cell(row.get(name)) for name in self.columns.values()] for row in self.rows]
        click.echo(table(tuple(self.columns), cells) if cells else self.none)
        for line in self.notes:
            click.echo(f"  {plain(line)}", err=True)


def _cell(value: Any) -> str:
    return "" if value is None or value == "" else str(value)
