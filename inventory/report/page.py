"""What every sheet has when it is printed and when it is opened: paper, head and foot, and where one starts."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

from inventory.report.cells import Styles
from inventory.report.parts import Workbook
from inventory.report.template import Template
from inventory.report.text import one_line, printable

A4 = 9
MARGIN, EDGE = 0.6, 0.3  # inches
READABLE = 230  # characters on one page, which are printed at 6.5 points then
LINE, HIGHEST = 14.0, 409.0  # points, of a line of text and of a row at most
LONGEST_PART = 60  # characters; head and foot may have 255 each


@dataclass(frozen=True)
class Setting:
    """What all sheets of one workbook share; ``sheets`` maps tables' names to their sheets' titles."""

    workbook: Workbook
    template: Template
    styles: Styles
    sheets: dict[str, str]


def furnish(sheet: Any, setting: Setting, title: str, one_page: bool = False, wide: int = 0) -> None:
    """Set a sheet up for A4 landscape, with head and foot; ``one_page``: on one page.

    It is as many pages wide as it takes to be read at all, ``wide`` characters being its columns; beside the first
    page stands the first column again.
    """
    pages = max(1, -(-wide // READABLE))
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages, 1 if one_page else 0
    if pages > 1:
        sheet.print_title_cols, sheet.page_setup.pageOrder = "A:A", "overThenDown"
    sheet.print_options.horizontalCentered = one_page
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top = margins.bottom = MARGIN
    margins.header = margins.footer = EDGE
    sheet.oddHeader.left.text = coded(setting.template.organisation)
    sheet.oddHeader.center.text = coded(title)
    sheet.oddHeader.right.text = coded(setting.workbook.title)
    sheet.oddFooter.center.text = foot(setting.workbook)
    for part in (sheet.oddHeader.left, sheet.oddHeader.center, sheet.oddHeader.right, sheet.oddFooter.center):
        part.size = 8


def foot(workbook: Workbook) -> str:
    """``Page 2 of 7 | internal | ev-12 | as of 2026-11-22 10:00 UTC``, in the codes of a page's foot."""
    words = [coded(workbook.classification), coded(workbook.evidence), f"as of {workbook.moment}"]
    return " | ".join(["Page &P of &N", *(word for word in words if word)])


def lines(text: str, width: int) -> int:
    """How many lines a text takes in a width; widths are counted in digits, and letters are narrower on the average."""
    room = max(1, width * 115 // 100)
    return sum(1 if len(line) <= room else len(textwrap.wrap(line, room)) for line in text.split("\n"))


def coded(text: str) -> str:
    """Text as a page's head or foot takes it, where ``&`` starts a code."""
    return one_line(printable(text), LONGEST_PART).replace("&", "&&")
