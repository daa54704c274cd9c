"""Text from outside in a workbook and in CSV: it stays text, stays readable, and stays what it was."""

from __future__ import annotations

import csv
import io
import re
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inventory.report import rows
from inventory.report.parts import Column, Table
from inventory.report.plain import csv_text
from inventory.report.text import (
    LONGEST,
    MARK,
    cut,
    defused,
    escaped,
    one_line,
    printable,
    starts_formula,
    undefused,
    units,
)
from tests.unit.reports import MAIN, made, one_column, opened, part

FORMULAS = (
    "=1+1",
    "=cmd|'/c calc'!A0",
    '=HYPERLINK("http://x.example","click")',
    "+1+1",
    "-1+1",
    "-",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\r\n=1+1",
    "\n=1+1",
    " =1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "=",
    "==",
)
HARMLESS = (
    "#N/A",
    "#REF!",
    "TRUE",
    "1E5",
    "00012",
    "2026-11-22",
    "1/2",
    "'quoted",
    "a=b",
    "{=1}",
    "مرحبا",
    "👩🏽‍💻",
)
ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


def cells(values: list[str]) -> list[tuple[str, bool, str]]:
    """How each text stands in a workbook: its type, whether it is quoted, and what a reader of the format sees."""
    content = made(one_column(values))
    quoted = [node.get("quotePrefix") == "1" for node in part(content, "xl/styles.xml").find(f"{MAIN}cellXfs")]
    rows = part(content, "xl/worksheets/sheet1.xml").find(f"{MAIN}sheetData")[1:]
    found = [(row[0].get("t"), quoted[int(row[0].get("s"))], _seen(row[0])) for row in rows if len(row)]
    return found[: len(values)]


def _seen(cell: object) -> str:
    text = "".join(cell.itertext())  # type: ignore[attr-defined]
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


@pytest.mark.parametrize("text", FORMULAS)
def test_what_starts_as_a_formula_is_typed_as_text_and_quoted(text: str) -> None:
    assert cells([text]) == [("inlineStr", True, printable(text))]


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_typed_as_text_too_and_not_quoted(text: str) -> None:
    assert cells([text]) == [("inlineStr", False, text)]


def test_no_formula_and_no_error_is_in_any_cell_whatever_the_text() -> None:
    content = made(one_column([*FORMULAS, *HARMLESS]))
    sheet = part(content, "xl/worksheets/sheet1.xml")
    assert list(sheet.iter(f"{MAIN}f")) == []
    assert {cell.get("t") for cell in sheet.iter(f"{MAIN}c")} == {"inlineStr"}


@pytest.mark.parametrize("code", [*range(9), 0x0B, 0x0C, 0x1F, 0x7F, 0x9F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF])
def test_a_control_character_leaves_a_mark(code: int) -> None:
    assert cells([f"a{chr(code)}b"]) == [("inlineStr", False, f"a{MARK}b")]


@pytest.mark.parametrize("sign", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_a_sign_that_turns_a_line_round_leaves_a_mark(sign: str) -> None:
    assert printable(f"invoice{sign}fdp.exe") == f"invoice{MARK}fdp.exe"


def test_letters_written_from_the_right_and_joined_emoji_stay_whole() -> None:
    assert cells(["שלום מרחבא", "👩🏽‍💻 🇩🇪"]) == [("inlineStr", False, "שלום מרחבא"), ("inlineStr", False, "👩🏽‍💻 🇩🇪")]


def test_a_text_of_the_longest_length_is_whole_and_one_more_is_cut_with_a_word() -> None:
    whole, cut_off = cells(["x" * LONGEST, "x" * (LONGEST + 1)])
    assert whole[2] == "x" * LONGEST
    assert re.fullmatch(r"x+\.\.\. \((\d+) more characters\)", cut_off[2])
    assert len(cut_off[2]) <= LONGEST
    assert cut_off[2].count("x", 0, -20) + int(re.search(r"\((\d+) more", cut_off[2])[1]) == LONGEST + 1  # type: ignore[index]


def test_length_is_counted_as_a_spreadsheet_counts_and_no_character_is_halved() -> None:
    text = cells(["👩" * LONGEST])[0][2]
    assert units(text) <= LONGEST
    assert text.startswith("👩👩")
    assert MARK not in text


def test_a_long_text_full_of_escapes_is_cut_with_a_word_and_not_silently() -> None:
    text = cells(["_x0041_" * 6000])[0][2]
    assert text.endswith(" more characters)")
    assert text.startswith("_x0041_" * 2000)


def test_what_looks_like_the_formats_own_escape_stays_as_written() -> None:
    assert cells(["_x0041_", "_x003D_1+1", "__x000D__"]) == [
        ("inlineStr", False, text) for text in ("_x0041_", "_x003D_1+1", "__x000D__")
    ]
    assert escaped("_x0041_") == "_x005F_x0041_"


@settings(max_examples=150, deadline=None)
@given(st.lists(ANY.filter(lambda text: text != ""), min_size=1, max_size=8))
@example(["=\x00", "\ud83d", "_x005F_x0041_", "\u2028=1"])
def test_any_text_at_all_comes_back_as_its_printable_self(values: list[str]) -> None:
    assert [(kind, seen) for kind, _, seen in cells(values)] == [("inlineStr", printable(text)) for text in values]


@settings(max_examples=50, deadline=None)
@given(st.lists(ANY.filter(lambda text: text != ""), min_size=1, max_size=5))
def test_any_text_can_be_opened_by_a_reader_and_none_is_a_formula_there(values: list[str]) -> None:
    sheet = opened(made(one_column(values))).worksheets[0]
    assert {cell.data_type for cell in sheet["A"][1 : len(values) + 1]} <= {"s", "inlineStr"}


@given(ANY)
@example("'=1")
@example("''=1")
@example("'")
def test_defusing_is_undone_exactly_and_leaves_nothing_that_computes(text: str) -> None:
    assert undefused(defused(text)) == text
    assert not starts_formula(defused(text))


@given(ANY)
def test_an_apostrophe_nobody_put_there_is_not_taken_off(text: str) -> None:
    assert undefused(f"'{text}") in (f"'{text}", text)
    assert undefused("'tis") == "'tis"


@given(st.lists(ANY.filter(lambda text: text != ""), min_size=1, max_size=6))
def test_csv_gives_back_the_printable_text_and_starts_no_cell_as_a_formula(values: list[str]) -> None:
    text = csv_text(Table("t", "T", (Column("Value"),), [(value,) for value in values]))
    rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [undefused(row[0]) for row in rows] == [printable(value) for value in values]
    assert not any(starts_formula(row[0]) for row in rows)


@given(ANY)
def test_a_title_is_one_printable_line(text: str) -> None:
    line = one_line(text, 50)
    assert len(line) <= 50
    assert line == printable(line)
    assert "\n" not in line


@given(ANY, st.integers(40, 80))
def test_cutting_says_exactly_how_much_is_missing(text: str, longest: int) -> None:
    whole = printable(text)
    short = cut(whole, longest)
    assert units(short) <= longest
    if short != whole:
        kept, more = re.fullmatch(r"(.*)\.\.\. \((\d+) more characters\)", short, re.DOTALL).groups()  # type: ignore[union-attr]
        assert whole.startswith(kept)
        assert len(kept) + int(more) == len(whole)


@settings(max_examples=40, deadline=None)
@given(st.lists(ANY.filter(bool) | st.text("aB7 .,:;/()#+@-_<>&\n=x0041", min_size=1, max_size=12), max_size=30))
@example([*FORMULAS, *HARMLESS, "a_x0041_", "a<b", "a&b", " a", "a ", "a  b", "a\nb", "a" * (LONGEST + 1)])
def test_what_is_written_sooner_is_written_the_same(texts: list[str]) -> None:
    sooner = made(one_column(["plain", *texts]))
    with patch.object(rows, "HARMLESS", re.compile("(?!)")):
        assert made(one_column(["plain", *texts])) == sooner
