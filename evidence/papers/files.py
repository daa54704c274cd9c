"""Papers as files: DOCX, one self-contained HTML page, XLSX. Nothing in them runs, links out or reads as a formula."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from evidence.papers.blocks import Block, Heading, Table, Text
from ops.errors import InvalidRequest
from ops.private import new_file

KINDS = (".docx", ".html", ".xlsx")
NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
SHORT = 16  # characters of a word that stays whole
LONGEST_CELL = 32_000  # characters; a workbook takes 32,767
STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--head:#f3f5f7;--page:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa5b1;--line:#3d444d;--head:#20262d;--page:#14181d}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page)}
body{max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.7rem;line-height:1.2}h2{font-size:1.2rem;margin-top:2.2rem}
small,p.small{color:var(--soft);font-size:.9rem;margin:.2rem 0}
div.table{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem;min-width:36rem}
th,td{border:1px solid var(--line);padding:.35rem .5rem;text-align:left;vertical-align:top;overflow-wrap:break-word}
td.n{white-space:nowrap}
th{background:var(--head)}thead{display:table-header-group}tr{break-inside:avoid}
@media print{body{margin:0;max-width:none;font-size:10pt}}
"""


def write(path: Path, blocks: Sequence[Block], title: str) -> None:
    """Write a paper into a new file; what kind, its name says. Raise ``InvalidRequest`` if it cannot be made."""
    makers = {".docx": docx, ".html": page, ".xlsx": workbook}
    if path.suffix not in makers:
        raise InvalidRequest(f"{path.name}: what kind of file is that?", hint=f"end it with {', '.join(KINDS)}")
    save(path, makers[path.suffix](blocks, title))


def save(path: Path, content: bytes) -> None:
    """A new file, whole or not at all."""
    with new_file(path) as file:
        file.write(content)


def clean(text: str) -> str:
    """What no office program can hold is left out."""
    return CONTROL.sub("", text)


def page(blocks: Sequence[Block], title: str) -> bytes:
    """One HTML file with its own style, for screen and paper, light and dark; no script, nothing from elsewhere."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    head = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n<title>{html.escape(clean(title))}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">\n<style>{STYLE}</style></head><body>\n'
    )
    return (head + "\n".join(_html(block) for block in blocks) + "\n</body></html>\n").encode()


def _html(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{html.escape(clean(text))}</h{level}>"
        case Text(text, small):
            return f"<p{' class=small' if small else ''}>{html.escape(clean(text))}</p>"
        case Table(head, rows, widths):
            total = sum(widths)
            columns = "".join(f'<col style="width:{100 * width / total:.1f}%">' for width in widths)
            return (
                f"<div class=table><table><colgroup>{columns}</colgroup><thead>{_row(head, 'th')}</thead><tbody>\n"
                + "\n".join(_row(row, "td") for row in rows)
                + "\n</tbody></table></div>"
            )


def _row(cells: Sequence[str], tag: str) -> str:
    return f"<tr>{''.join(_cell(cell, tag) for cell in cells)}</tr>"


def _cell(text: str, tag: str) -> str:
    """A short word, such as a date or an id, is not broken."""
    kept = " class=n" if tag == "td" and len(text) <= SHORT and not re.search(r"\s", text) else ""
    return f"<{tag}{kept}>{html.escape(clean(text))}</{tag}>"


def docx(blocks: Sequence[Block], title: str) -> bytes:
    """A document for a word processor: A4, repeated heads, the page's number and the title at the foot."""
    import docx as library
    from docx.shared import Cm, Pt

    made: Any = library.Document()
    made.core_properties.title, made.core_properties.author = clean(title), ""
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(1.8)
    section.top_margin = section.bottom_margin = Cm(1.6)
    made.styles["Normal"].font.name, made.styles["Normal"].font.size = "Liberation Sans", Pt(9.5)
    section.footer_distance = Cm(0.8)
    section.footer.paragraphs[0].style = made.styles["Normal"]  # a footer's own has tab stops of another page
    _foot(section.footer.paragraphs[0], title)
    for block, after in zip_longest(blocks, blocks[1:]):
        _docx_block(made, block, isinstance(block, Text) and block.small and isinstance(after, Text) and after.small)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _foot(paragraph: Any, title: str) -> None:
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm

    paragraph.text = f"{clean(title)}\t"
    paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(17.4), WD_TAB_ALIGNMENT.RIGHT)
    for what in ("PAGE", "NUMPAGES"):
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), what)
        paragraph.add_run(" / " if what == "NUMPAGES" else "")
        paragraph._p.append(field)


def _docx_block(made: Any, block: Block, kept_with_next: bool) -> None:
    from docx.shared import Pt

    match block:
        case Heading(text, level):
            made.add_heading(clean(text), 0 if level == 1 else level - 1)
        case Text(text, small):
            paragraph = made.add_paragraph()
            paragraph.add_run(clean(text)).font.size = Pt(8) if small else None
            paragraph.paragraph_format.space_after = Pt(2) if small else None
            paragraph.paragraph_format.keep_with_next = kept_with_next
        case Table():
            _docx_table(made, block)


def _docx_table(made: Any, block: Table) -> None:
    from docx.shared import Cm

    table = made.add_table(rows=1, cols=len(block.head))
    table.style, table.autofit = "Table Grid", False
    unit = 17.4 / sum(block.widths)
    for column, width in zip(table.columns, block.widths, strict=True):
        column.width = Cm(unit * width)
    for row in [table.rows[0], *(table.add_row() for _ in block.rows)]:
        for cell, width in zip(row.cells, block.widths, strict=True):
            cell.width = Cm(unit * width)
        _keep_together(row)
    _fill(table.rows[0], block.head, bold=True)
    _repeat(table.rows[0])
    for row, cells in zip(table.rows[1:], block.rows, strict=True):
        _fill(row, cells)


def _fill(row: Any, cells: Sequence[str], bold: bool = False) -> None:
    for cell, text in zip(row.cells, cells, strict=True):
        run = cell.paragraphs[0].add_run(clean(text))
        run.bold = bold
        cell.paragraphs[0].paragraph_format.space_after = 0


def _repeat(row: Any) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _keep_together(row: Any) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def workbook(blocks: Sequence[Block], title: str) -> bytes:
    """A workbook: a sheet a table, named by the heading above it; what is said in between comes first."""
    from lxml.etree import LxmlError
    from openpyxl import Workbook

    made: Any = Workbook()
    about = made.active
    about.title = "About"
    about.column_dimensions["A"].width = 110
    _print_set_up(about)
    heading = title
    for block in blocks:
        match block:
            case Heading(text, _):
                heading = text
                _write(about, [text], [110], bold=True)
            case Text(text, _):
                _write(about, [text], [110])
            case Table():
                _sheet(made.create_sheet(_name(heading, made.sheetnames)), block)
    out = io.BytesIO()
    try:
        made.save(out)  # by way of temporary files
    except (LxmlError, OSError) as error:
        raise InvalidRequest("the workbook cannot be made: no room", hint="free some space where TMPDIR is") from error
    return out.getvalue()


def _sheet(sheet: Any, block: Table) -> None:
    from openpyxl.styles import PatternFill
    from openpyxl.utils import get_column_letter

    widths = [max(9, round(110 * width / sum(block.widths))) for width in block.widths]
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    _write(sheet, block.head, widths, bold=True)
    for cell in sheet[1]:
        cell.fill = PatternFill("solid", start_color="FFE7EBEF")
    for row in block.rows:
        _write(sheet, row, widths)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(block.head))}{len(block.rows) + 1}"
    sheet.print_title_rows = "1:1"
    _print_set_up(sheet)


def _print_set_up(sheet: Any) -> None:
    """A4 across, as wide as one page."""
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.page_setup.paperSize = 9
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _write(sheet: Any, cells: Sequence[str], widths: Sequence[int], bold: bool = False) -> None:
    """A row; numbers as numbers, all else as text, and as high as its longest text needs."""
    from openpyxl.styles import Alignment, Font

    sheet.append([int(text) if NUMBER.fullmatch(text) else text for text in _texts(cells)])
    lines = 1
    for cell, width in zip(sheet[sheet.max_row], widths, strict=True):
        if isinstance(cell.value, str):
            cell.data_type = "s"
            lines = max(lines, sum(-(-len(line) // max(1, width - 2)) or 1 for line in cell.value.split("\n")))
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
        cell.font = Font(bold=bold)
    sheet.row_dimensions[sheet.max_row].height = min(400, 15 * lines)


def _texts(cells: Sequence[str]) -> Iterator[str]:
    """Text that no spreadsheet takes for a formula, also when it is saved as CSV and opened again."""
    for cell in cells:
        text = clean(cell)[:LONGEST_CELL]
        yield f"'{text}" if text.startswith(FORMULA) and len(text) > 1 else text


def _name(heading: str, taken: Sequence[str]) -> str:
    short = re.sub(r"[\[\]:*?/\\']", "", clean(heading))[:27].strip() or "Table"
    names = (short if n == 1 else f"{short} {n}" for n in range(1, len(taken) + 2))
    return next(name for name in names if name.casefold() not in {one.casefold() for one in taken})
