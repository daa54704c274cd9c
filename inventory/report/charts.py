"""Charts that are read in black and white too: values written beside the bars, patterns and dashes, never colour alone.

Their figures are stored in the chart as well as in the cells, for viewers that do not look into the cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from inventory.report.cells import GAP, number_form
from inventory.report.money import Money
from inventory.report.parts import Chart, Column, Plain
from inventory.report.sheet import Drawn
from inventory.report.text import escaped
from inventory.report.wording import plain
from ops.errors import InvalidRequest

PATTERNS = ("", "wdUpDiag", "smGrid", "pct20")
DASHES = ("solid", "dash", "sysDot", "dashDot")
MARKERS = ("circle", "square", "triangle", "diamond")
INKS = ("", "5B6770", "8A5A00", "1B1F24")
POINT = 12700  # EMU
COLUMN, ALL_WIDE, HIGH = 3, 560, 225  # beside the tiles: column D, points


def draw(charts: Sequence[Chart], drawn: dict[str, Drawn], accent: str, row: int) -> list[Any]:
    """The summary's charts, side by side from a row (from 0) on. Raise ``InvalidRequest`` if one cannot be drawn."""
    made = []
    for number, chart in enumerate(charts):
        one = _chart(chart, drawn[chart.table], accent)
        one.anchor = _anchor(row, number, len(charts))
        made.append(one)
    return made


def _chart(chart: Chart, source: Drawn, accent: str) -> Any:
    from openpyxl.chart import BarChart, LineChart

    made: Any = LineChart() if chart.kind == "line" else BarChart()
    if chart.kind != "line":
        made.type, made.gapWidth = ("bar" if chart.kind == "bar" else "col"), 60
    made.title, made.style = _title(chart.title), 2
    made.legend = None if len(chart.values) == 1 else _legend()
    made.series = [_series(chart, source, number, accent) for number in range(len(chart.values))]
    _axes(made, chart, source)
    return made


def _axes(made: Any, chart: Chart, source: Drawn) -> None:
    """Values stand at the bars, so their axis is left out; a line keeps it. Bars start at zero."""
    kind = chart.kind
    made.x_axis.delete, made.y_axis.delete = False, kind != "line"
    made.y_axis.majorGridlines = _thin_lines() if kind == "line" else None
    made.y_axis.scaling.min = 0 if kind != "line" and not _below_zero(source, chart) else None
    made.x_axis.txPr = made.y_axis.txPr = _letters(800)
    if kind == "bar":
        made.x_axis.scaling.orientation = "maxMin"


def _below_zero(source: Drawn, chart: Chart) -> bool:
    return any(_number(one) < 0 for title in chart.values for one in source.kept[title] if one is not None)


def _thin_lines() -> Any:
    from openpyxl.chart.axis import ChartLines
    from openpyxl.chart.shapes import GraphicalProperties

    lines: Any = ChartLines(spPr=GraphicalProperties())
    lines.spPr.ln = _line("D5D8DC", 0.5)
    return lines


def _line(ink: str, points: float) -> Any:
    from openpyxl.drawing.line import LineProperties

    made: Any = LineProperties(w=int(points * POINT))
    made.solidFill = ink
    return made


def _series(chart: Chart, source: Drawn, number: int, accent: str) -> Any:
    from openpyxl.chart.data_source import AxDataSource, NumData, NumDataSource, NumRef, NumVal, StrData, StrRef, StrVal
    from openpyxl.chart.series import Series, SeriesLabel

    title = chart.values[number]
    column = next(one for one in source.table.columns if one.title == title)
    values, labels = source.kept[title], source.kept[chart.labels]
    form = _form(chart, column, values).removesuffix(GAP)
    points = [NumVal(idx=at, v=float(_number(one))) for at, one in enumerate(values) if one is not None]
    names = [StrVal(idx=at, v=escaped(plain(one))) for at, one in enumerate(labels)]
    made = Series(idx=number, order=number)
    made.tx = SeriesLabel(strRef=StrRef(_range(source, title, head=True), StrData(ptCount=1, pt=[StrVal(0, title)])))
    made.cat = AxDataSource(strRef=StrRef(_range(source, chart.labels), StrData(ptCount=len(names), pt=names)))
    cache = NumData(formatCode=form, ptCount=len(values), pt=points)
    made.val = NumDataSource(numRef=NumRef(_range(source, title), numCache=cache))
    _paint(made, chart.kind, number, accent)
    made.dLbls = _labels(chart, form, [at for at, one in enumerate(values) if one is not None and not _number(one)])
    return made


def _number(value: Plain) -> Decimal:
    return value.amount if isinstance(value, Money) else Decimal(value)  # type: ignore[arg-type]


def _form(chart: Chart, column: Column, values: Sequence[Plain]) -> str:
    """One number format for all points; two currencies have no common axis."""
    forms = {number_form(column.kind, column.places, value) for value in values if value is not None}
    if len(forms) > 1:
        message = f"chart {chart.title}: {column.title} has more than one currency"
        raise InvalidRequest(message, hint="chart a table of one currency")
    return next(iter(forms), "General")


def _paint(made: Any, kind: str, number: int, accent: str) -> None:
    from openpyxl.chart.marker import Marker
    from openpyxl.chart.shapes import GraphicalProperties
    from openpyxl.drawing.colors import ColorChoice
    from openpyxl.drawing.fill import PatternFillProperties

    ink = INKS[number] or accent
    look = GraphicalProperties()
    look.line.solidFill = ink
    if kind == "line":
        look.line.dashStyle, look.line.width = DASHES[number], 2 * POINT
        made.marker, made.smooth = cast("Any", Marker)(MARKERS[number], size=6), False
        made.marker.spPr = GraphicalProperties(solidFill=ink)
    elif PATTERNS[number]:
        colour, fill = cast("Any", ColorChoice), cast("Any", PatternFillProperties)
        look.pattFill = fill(prst=PATTERNS[number], fgClr=colour(srgbClr=ink), bgClr=colour(srgbClr="FFFFFF"))
    else:
        look.solidFill = ink
    made.spPr = look


def _labels(chart: Chart, form: str, zeros: Sequence[int]) -> Any:
    """A number at each point, and nothing where it is 0; a line that is one of several has none."""
    from openpyxl.chart.label import DataLabel, DataLabelList

    told = chart.kind != "line" or len(chart.values) == 1
    made = DataLabelList(numFmt=form, txPr=_letters(800), showVal=told)
    made.dLbl = [_silent(DataLabel(idx=at)) for at in zeros] if told and chart.kind != "line" else []
    made.position = "t" if chart.kind == "line" else "outEnd"
    return _silent(made, told)


def _silent(label: Any, value: bool = False) -> Any:
    """A label that shows nothing, or nothing but the value."""
    label.showVal = value
    label.showLegendKey = label.showCatName = label.showSerName = label.showPercent = label.showBubbleSize = False
    return label


def _legend() -> Any:
    from openpyxl.chart.legend import Legend

    return Legend(legendPos="b", txPr=_letters(800))


def _title(text: str) -> Any:
    from openpyxl.chart.title import Title

    return Title(tx=_letters(1000, text), overlay=False)


def _letters(size: int, text: str = "") -> Any:
    """Letters of a size in hundredths of a point; with a text, the text in them."""
    from openpyxl.chart.text import RichText, Text
    from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties, RegularTextRun

    properties = CharacterProperties(sz=size, b=bool(text), solidFill="1B1F24")
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=properties), endParaRPr=CharacterProperties(sz=size))
    if text:
        paragraph.r = [RegularTextRun(rPr=properties, t=text)]
    rich = RichText(p=[paragraph])
    return Text(rich=rich) if text else rich


def _range(source: Drawn, title: str, head: bool = False) -> str:
    from openpyxl.utils import get_column_letter, quote_sheetname

    at = next(number for number, one in enumerate(source.table.columns, 1) if one.title == title)
    letter = get_column_letter(at)
    cells = f"${letter}$1" if head else f"${letter}$2:${letter}${source.last}"
    return f"{quote_sheetname(source.title)}!{cells}"


def _anchor(row: int, number: int, count: int) -> Any:
    from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
    from openpyxl.drawing.xdr import XDRPositiveSize2D

    wide = (ALL_WIDE - 10 * (count - 1)) / count
    left = 8 + number * (wide + 10)
    marker = AnchorMarker(col=COLUMN, colOff=int(left * POINT), row=row, rowOff=0)
    return OneCellAnchor(_from=marker, ext=XDRPositiveSize2D(int(wide * POINT), HIGH * POINT))
