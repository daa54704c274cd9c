"""The one writer of workbooks: safe text, real tables, one page of summary, and the same bytes for the same report."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC
from pathlib import Path
from typing import IO, Any

from inventory.report.archive import FixedArchive
from inventory.report.cells import Styles
from inventory.report.charts import draw
from inventory.report.logo import picture
from inventory.report.page import Setting
from inventory.report.parts import Workbook
from inventory.report.reopened import reopened
from inventory.report.sheet import Drawn, write_table
from inventory.report.summary import write_summary
from inventory.report.template import Template, sheet_titles
from inventory.report.text import one_line
from inventory.report.values import Counts
from ops.errors import InvalidRequest, NotVerified
from ops.private import appearing

STANDARD = Template()


def write(workbook: Workbook, target: Path | IO[bytes], template: Template = STANDARD) -> dict[str, Counts]:
    """Write a workbook and return what stands in it, by table. Raise ``InvalidRequest`` if it cannot be made.

    The same workbook gives the same bytes at any time, in any time zone and locale, as long as openpyxl and zlib are
    the same; ``archive.contents_sha256`` is the same with any zlib. The file is not looked at again: see ``release``.
    """
    from lxml.etree import LxmlError

    made = _empty()
    try:
        return _write(made, workbook, target, template)
    except (LxmlError, OSError) as error:
        message = f"the workbook cannot be written: {getattr(error, 'strerror', None) or error}"
        raise InvalidRequest(message, hint="is there room, there and where TMPDIR is?") from error
    finally:
        _forget(made)


def release(
    workbook: Workbook,
    path: Path,
    template: Template = STANDARD,
    expected: Mapping[str, Counts] | None = None,
    *,
    replace: bool = False,
) -> dict[str, Counts]:
    """Write a new file, read it back, compare its rows and sums, and only then let it appear under its name.

    ``expected`` is what the source of the figures says of some or all tables: their rows, and the sums it names.
    Raise ``InvalidRequest`` if the file exists and is not to be replaced, or cannot be made; ``NotVerified`` if a
    figure differs. Nothing is left then, and a file that was to be replaced is as it was.
    """
    try:
        with appearing(path, replace) as file:
            counts = write(workbook, file, template)
            _compare(counts, reopened(file), "in the file read back")
            asked = expected or {}
            _compare({name: _said(counts.get(name), one) for name, one in asked.items()}, asked, "in its source")
    except FileExistsError as error:
        raise InvalidRequest(f"{path} exists already", hint="choose another name") from error
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise InvalidRequest(message, hint="choose another place") from error
    return counts


def _write(made: Any, workbook: Workbook, target: Path | IO[bytes], template: Template) -> dict[str, Counts]:
    from openpyxl.writer.excel import ExcelWriter

    titles = sheet_titles(template, workbook.tables, workbook.summary is not None)
    names = [*(["summary"] if workbook.summary else []), *(table.name for table in workbook.tables)]
    setting = Setting(workbook, template, Styles(template), dict(zip(names, titles, strict=True)))
    sheets = {name: made.create_sheet(title) for name, title in setting.sheets.items()}
    sheets[names[0]].sheet_view.tabSelected = True
    row = write_summary(sheets["summary"], workbook.summary, setting) if workbook.summary else 0
    drawn = {
        table.name: write_table(sheets[table.name], table, setting, _charted(workbook, table.name))
        for table in workbook.tables
    }
    alts = _pictures(sheets, drawn, setting, row)
    _describe(made, workbook)
    with FixedArchive(target, "w") as archive:
        archive.edits = {"xl/drawings/drawing1.xml": lambda xml: _with_words(xml, alts)}
        ExcelWriter(made, archive).write_data()
    status = {"summary": Counts(len(workbook.summary.lights))} if workbook.summary and workbook.summary.lights else {}
    return status | {name: one.counts for name, one in drawn.items()}


def _empty() -> Any:
    from openpyxl import Workbook as Book

    made: Any = Book(write_only=True)
    made.calculation.fullCalcOnLoad = False  # nothing is to be computed, so nobody is asked to save
    return made


def _charted(workbook: Workbook, table: str) -> list[str]:
    charts = [chart for chart in (workbook.summary.charts if workbook.summary else ()) if chart.table == table]
    return list(dict.fromkeys(title for chart in charts for title in (chart.labels, *chart.values)))


def _pictures(sheets: Mapping[str, Any], drawn: dict[str, Drawn], setting: Setting, row: int) -> list[str]:
    """Put charts and logo on the first page; return what each shows, in words, in the order they are drawn."""
    summary = setting.workbook.summary
    if summary is None:
        return []
    for chart in draw(summary.charts, drawn, setting.template.accent[1:].upper(), row):
        sheets["summary"].add_chart(chart)
    alts = [one_line(chart.alt, 400) for chart in summary.charts]
    if setting.template.logo:
        sheets["summary"].add_image(picture(setting.template.logo))
        alts.append(f"Logo of {setting.template.organisation}" if setting.template.organisation else "Logo")
    return alts


def _describe(made: Any, workbook: Workbook) -> None:
    about = made.properties
    about.title, about.subject = one_line(workbook.title), one_line(workbook.subject)
    about.creator = about.lastModifiedBy = one_line(workbook.prepared_by)
    about.keywords = one_line(f"{workbook.classification}, {workbook.evidence}")
    about.created = about.modified = workbook.as_of.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def _with_words(xml: bytes, alts: list[str]) -> bytes:
    """Alternative texts in a drawing; openpyxl has no place for them."""
    from openpyxl.xml.functions import fromstring, tostring

    tree = fromstring(xml)
    frames = [node for node in tree.iter() if str(node.tag).endswith("}cNvPr")]
    for frame, alt in zip(frames, alts, strict=True):
        frame.set("descr", alt)
    written: Any = tostring(tree)
    return bytes(written)


def _forget(made: Any) -> None:
    """Remove what a failed write left in the folder for temporary files, ending first what was begun."""
    from lxml.etree import LxmlError

    for sheet in made.worksheets:
        writer = sheet._writer
        if writer is None or not Path(writer.out).exists():
            continue
        with suppress(LxmlError, OSError):
            if not sheet.closed:
                sheet.close()
        writer.cleanup()


def _said(counts: Counts | None, expected: Counts) -> Counts:
    """The rows, and of the sums those the source has an opinion on."""
    found = counts or Counts()
    return Counts(found.rows, {key: found.sums[key] for key in expected.sums if key in found.sums})


def _compare(found: Mapping[str, Counts], expected: Mapping[str, Counts], where: str) -> None:
    for name in sorted({*found, *expected}):
        one, other = found.get(name, Counts()), expected.get(name, Counts())
        if one.rows != other.rows:
            message = f"table {name} has {one.rows:,} rows written and {other.rows:,} {where}"
            raise NotVerified(message, hint="nothing was released; report this")
        for key in sorted({*one.sums, *other.sums}):
            if one.sums.get(key) != other.sums.get(key):
                message = (
                    f"table {name}: the sum of {key} is {one.sums.get(key)} written, {other.sums.get(key)} {where}"
                )
                raise NotVerified(message, hint="nothing was released; report this")
