"""Text from outside, made fit for a cell: nothing invisible, nothing too long, nothing a program would compute.

The signs that start a formula are those of OWASP ASVS 5.0, 1.2.10, and their full-width forms, which some
spreadsheets take for the same. A workbook keeps such text as it is, as typed text with the quote prefix; CSV has no
types, so there an apostrophe goes first and is taken off again by ``undefused``.
"""

from __future__ import annotations

import re

LONGEST = 32_767  # UTF-16 code units a cell holds (Excel specifications and limits)
MARK = "\ufffd"  # stands where something unprintable stood
# C0, C1, half characters, non-characters, and what turns a line round on the screen (CVE-2021-42574).
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
LINE_END = re.compile("\r\n?")
STARTS = "=+\\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"
FORMULA = re.compile(rf"\s*[{STARTS}]")
TO_DEFUSE = re.compile(rf"'*\s*[{STARTS}]")
ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # SpreadsheetML reads _x0041_ as A (ECMA-376 part 1, 22.9.2.19)


def printable(text: str) -> str:
    """The text with one U+FFFD for each control, half or direction-changing character; line ends become LF."""
    return text if text.isprintable() else UNPRINTABLE.sub(MARK, LINE_END.sub("\n", text))


def one_line(text: str, longest: int = 200) -> str:
    """Printable text in one line of at most so many characters, for titles, headers and footers."""
    flat = " ".join(printable(text).split())
    return flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…"


def cut(text: str, longest: int = LONGEST) -> str:
    """Text that a cell holds; what is too long ends in ``... (n more characters)``. Lengths are UTF-16 code units."""
    if len(text) <= longest // 2 or units(text) <= longest:
        return text
    kept = longest - len(f"... ({len(text)} more characters)")
    start = text.encode("utf-16-le")[: 2 * kept].decode("utf-16-le", "ignore")
    return f"{start}... ({len(text) - len(start)} more characters)"


def units(text: str) -> int:
    """How many UTF-16 code units a text takes."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def starts_formula(text: str) -> bool:
    """Whether a spreadsheet could take the text for a formula, were it typed in."""
    return FORMULA.match(text) is not None


def escaped(text: str) -> str:
    """Text as SpreadsheetML writes it: what looks like one of its escapes is written so that it stays itself."""
    return ESCAPE.sub("_x005F_", text)


def fitted(text: str) -> str:
    """Text as a cell is given it: printable, escaped, and cut so that it fits with its escapes."""
    if len(text) <= LONGEST // 2 and text.isprintable() and "_x" not in text:
        return text  # as nearly all are
    whole, longest = printable(text), LONGEST
    while (over := units(written := escaped(cut(whole, longest))) - LONGEST) > 0:
        longest -= -(-over // 2)  # an escape makes 13 of 7 characters, so this never takes off too much
    return written


def defused(text: str) -> str:
    """Text for CSV: an apostrophe before what a spreadsheet would compute, and before one that stands there already."""
    return f"'{text}" if TO_DEFUSE.match(text) else text


def undefused(text: str) -> str:
    """The text as it was before ``defused``: exactly one apostrophe is taken off, and only one put there by it."""
    return text[1:] if text.startswith("'") and TO_DEFUSE.match(text) else text
