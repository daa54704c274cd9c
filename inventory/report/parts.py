"""What a workbook is made of, said without any spreadsheet library: tables, one summary page, charts of tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from inventory.report.money import Money
from inventory.report.text import escaped, one_line, units
from ops.errors import InvalidRequest

VERDICTS = ("FAIL", "ERROR", "UNKNOWN", "WARN", "PASS")
# Each kind's usual width, in characters of the standard font.
KINDS: Mapping[str, int] = {
    **{"text": 24, "id": 18, "note": 50, "integer": 12, "decimal": 14, "money": 18, "percent": 11},
    **{"date": 13, "due": 17, "datetime": 18, "verdict": 13, "link": 20},
}
SUMMED = ("integer", "decimal", "money")
NUMERIC = (*SUMMED, "percent")
MONEY_TAIL = " currency"  # in CSV an amount's currency stands in a column of its own
NAME = re.compile("[a-z][a-z0-9_]{0,40}")
SHEET_NAME = re.compile(r"(?!')[^\[\]:*?/\\]{1,31}(?<!')")
TILES, LIGHTS, DECISIONS, GAPS, CHARTS, REASON_WORDS = 8, 12, 6, 8, 2, 20


@dataclass(frozen=True)
class Link:
    """Text that leads to another sheet of the same workbook: ``to`` is that table's name."""

    text: str
    to: str


Plain = str | int | Decimal | Money | date | datetime | Link | None
Rows = Iterable[Sequence[object]] | Callable[[], Iterable[Sequence[object]]]


@dataclass(frozen=True)
class Column:
    """One column. ``width`` in characters, 0 for what is usual of its kind; ``places`` are decimals shown.

    ``percent`` takes fractions (0.5 is 50 %); ``due`` is a date that is marked late when it is before the
    workbook's ``as_of``; ``datetime`` is shown in UTC. ``meaning`` says which of ``VERDICTS`` another word counts as;
    a word nobody explained counts as UNKNOWN. ``choices`` is offered as a list when the cell is edited.
    """

    title: str
    kind: str = "text"
    width: int = 0
    total: bool = False
    places: int = 2
    meaning: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    bar: bool = False

    def __post_init__(self) -> None:
        """Raise ``InvalidRequest`` for a column that cannot be written as it says."""
        _refuse(self.kind not in KINDS, f"column {self.title}: there is no kind {self.kind}", f"use {', '.join(KINDS)}")
        proper = 0 < len(self.title) <= 60 and self.title == escaped(one_line(self.title))
        _refuse(not proper, f"{self.title!r} is no column title", "one line of at most 60 characters")
        _refuse(self.total and self.kind not in SUMMED, f"column {self.title}: {self.kind} has no total", "drop total")
        _refuse(not 0 <= self.places <= 6, f"column {self.title}: {self.places} decimals", "0 to 6")
        wrong = [word for word in self.meaning.values() if word not in VERDICTS]
        _refuse(bool(wrong), f"column {self.title}: {wrong} is no verdict", f"use {', '.join(VERDICTS)}")
        offered = ",".join(self.choices)
        listable = units(offered) <= 255 and not any(set(',"') & set(choice) for choice in self.choices)
        _refuse(not listable, f"column {self.title}: these choices cannot be a list", "fewer, without commas or quotes")

    @property
    def wide(self) -> int:
        """Its width in characters; never too narrow for the longest word of its title and the filter's button."""
        longest = max(len(word) for word in self.title.split())
        return max(self.width or KINDS[self.kind], min(longest + 4, 40))


@dataclass(frozen=True)
class Table:
    """A sheet with one table. ``rows`` may be a generator, which is good for one file, or a function that makes one.

    ``name`` is its identifier (``a-z0-9_``), for charts, links and the template; ``title`` is the sheet's name;
    ``empty`` what it means that there is no row.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Rows
    note: str = ""
    empty: str = ""
    _taken: list[bool] = field(default_factory=list, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raise ``InvalidRequest`` for names or columns a spreadsheet cannot have."""
        named = NAME.fullmatch(self.name) and self.name != "summary"
        _refuse(not named, f"{self.name!r} is no table name", "small letters, digits and _, not summary")
        check_sheet_name(self.title)
        titles = [column.title.casefold() for column in self.columns]
        titles += [column.title.casefold() + MONEY_TAIL for column in self.columns if column.kind == "money"]
        _refuse(not titles, f"table {self.name} has no columns", "give it one")
        _refuse(len(set(titles)) < len(titles), f"table {self.name} has two columns of one title", "rename one")

    def each(self) -> Iterator[Sequence[object]]:
        """The rows; a generator a second time raises ``InvalidRequest`` rather than be silently empty."""
        rows = self.rows() if callable(self.rows) else self.rows
        if rows is self.rows and iter(rows) is rows:
            _refuse(
                bool(self._taken), f"the rows of table {self.name} were read before", "pass a function that makes them"
            )
            self._taken.append(True)
        return iter(rows)


@dataclass(frozen=True)
class Tile:
    """One key figure, and what it was last time. ``None`` is shown as not known, never as 0."""

    label: str
    value: object
    kind: str = "integer"
    before: object = None
    verdict: str = ""
    places: int = 1

    def __post_init__(self) -> None:
        """Raise ``InvalidRequest`` for a tile that cannot be shown."""
        _refuse(self.kind not in KINDS, f"figure {self.label}: there is no kind {self.kind}", f"use {', '.join(KINDS)}")
        _refuse(self.verdict not in ("", *VERDICTS), f"{self.verdict!r} is no verdict", f"use {', '.join(VERDICTS)}")


@dataclass(frozen=True)
class Light:
    """One line of the summary's table: what, how it stands, why in at most 20 words, and who answers for it."""

    subject: str
    verdict: str
    reason: str
    owner: str = ""

    def __post_init__(self) -> None:
        """Raise ``InvalidRequest`` for an unknown verdict or a long reason."""
        _refuse(self.verdict not in VERDICTS, f"{self.verdict!r} is no verdict", f"use {', '.join(VERDICTS)}")
        words = len(self.reason.split())
        _refuse(words > REASON_WORDS, f"the reason of {self.subject} has {words} words", f"at most {REASON_WORDS}")


@dataclass(frozen=True)
class Chart:
    """A picture of a small table: ``labels`` is the title of one column, ``values`` of up to four numeric ones.

    ``alt`` says in words what it shows, for those who cannot see it.
    """

    kind: str
    title: str
    alt: str
    table: str
    labels: str
    values: Sequence[str]

    def __post_init__(self) -> None:
        """Raise ``InvalidRequest`` for a chart nobody could read."""
        _refuse(self.kind not in ("bar", "column", "line"), f"there is no {self.kind} chart", "use bar, column or line")
        _refuse(not self.alt.strip(), f"chart {self.title} has no text for those who cannot see it", "fill in alt")
        _refuse(not 1 <= len(self.values) <= 4, f"chart {self.title} has {len(self.values)} series", "1 to 4")


@dataclass(frozen=True)
class Summary:
    """The first page, which is exactly one printed page."""

    scope: str
    tiles: Sequence[Tile] = ()
    lights: Sequence[Light] = ()
    decisions: Sequence[str] = ()
    not_covered: Sequence[str] = ()
    charts: Sequence[Chart] = ()

    def __post_init__(self) -> None:
        """Raise ``InvalidRequest`` for more than fits on a page that is still read."""
        limits = {"tiles": TILES, "lights": LIGHTS, "decisions": DECISIONS, "not_covered": GAPS, "charts": CHARTS}
        for name, most in limits.items():
            found = len(getattr(self, name))
            _refuse(found > most, f"the summary has {found} {name.replace('_', ' ')}", f"at most {most}")


@dataclass(frozen=True)
class Workbook:
    """One report. ``as_of`` is when the figures held, with a time zone; ``evidence`` is the evidence record's id.

    A ``Summary``, if there is one, is the first part.
    """

    title: str
    subject: str
    as_of: datetime
    evidence: str
    classification: str
    prepared_by: str
    parts: Sequence[Summary | Table]
    approved_by: str = ""

    def __post_init__(self) -> None:
        """Raise ``InvalidRequest`` for what cannot be one workbook."""
        _refuse(self.as_of.tzinfo is None, "as_of has no time zone", "use datetime.now(UTC)")
        _refuse(not self.tables, "a workbook needs a table", "add one")
        late = any(isinstance(part, Summary) for part in self.parts[1:])
        _refuse(late, "a summary is the first part, and there is only one", "put it first")
        _refuse(len({table.name for table in self.tables}) < len(self.tables), "two tables have one name", "rename one")
        for chart in self.summary.charts if self.summary else ():
            self._check_chart(chart)

    def _check_chart(self, chart: Chart) -> None:
        columns = {
            column.title: column for table in self.tables if table.name == chart.table for column in table.columns
        }
        _refuse(not columns, f"chart {chart.title}: there is no table {chart.table}", "name one of the workbook's")
        missing = [title for title in (chart.labels, *chart.values) if title not in columns]
        _refuse(bool(missing), f"chart {chart.title}: {chart.table} has no column {missing}", "use a column's title")
        words = [title for title in chart.values if columns[title].kind not in NUMERIC]
        _refuse(bool(words), f"chart {chart.title}: {words} has no numbers", f"its kind is one of {', '.join(NUMERIC)}")

    @property
    def summary(self) -> Summary | None:
        """The first page, if there is one."""
        return self.parts[0] if self.parts and isinstance(self.parts[0], Summary) else None

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables, in order."""
        return tuple(part for part in self.parts if isinstance(part, Table))

    @property
    def today(self) -> date:
        """The day of ``as_of`` in UTC."""
        return self.as_of.astimezone(UTC).date()

    @property
    def moment(self) -> str:
        """``as_of`` in UTC, to the minute."""
        return f"{self.as_of.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def check_sheet_name(name: str) -> None:
    """Raise ``InvalidRequest`` for what no sheet can be called (Excel: 31 characters, none of ``[]:*?/\\``)."""
    proper = SHEET_NAME.fullmatch(name) and name == escaped(one_line(name)) and units(name) <= 31
    _refuse(not proper or name.casefold() == "history", f"{name!r} is no sheet name", "31 characters, none of []:*?/\\")


def _refuse(wrong: bool, message: str, hint: str) -> None:
    if wrong:
        raise InvalidRequest(message, hint=hint)
