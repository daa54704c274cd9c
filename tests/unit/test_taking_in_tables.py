"""Tables as CSV, as they come: any encoding, any delimiter, broken rows, formulas, and far too many of everything."""

from __future__ import annotations

import csv
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.report.text import defused, undefused
from inventory.taking_in.csv_rows import LONGEST_LINE
from inventory.taking_in.rows import MOST_COLUMNS, MOST_MISTAKES, Mistake, Options, Row, shown
from inventory.taking_in.table import open_table, rows_of
from ops.errors import InvalidRequest

BROKEN = 31_007  # the line with the row that is broken
UMLAUTS = "Tag;Maker\nLAP-1;Müller & Söhne\nLAP-2;Größe\n"
MARKS = {"utf-8": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


def written(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "assets.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def cells(path: Path, **options: str) -> list[list[str]]:
    found = list(rows_of(path, Options(**options)))
    assert all(isinstance(row, Row) for row in found), [str(row) for row in found]
    return [list(row.cells.values()) for row in found if isinstance(row, Row)]


def mistakes(path: Path, **options: str) -> list[Mistake]:
    return [row for row in rows_of(path, Options(**options)) if isinstance(row, Mistake)]


def refused(path: Path, **options: str) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        list(rows_of(path, Options(**options)))
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("marked", [True, False])
def test_the_same_rows_come_out_of_every_encoding(tmp_path: Path, encoding: str, marked: bool) -> None:
    mark = MARKS.get(encoding, b"") if marked else b""
    path = written(tmp_path, mark + UMLAUTS.encode(encoding))
    assert cells(path) == [["LAP-1", "Müller & Söhne"], ["LAP-2", "Größe"]]


def test_windows_1252_behind_the_mark_of_utf_8_is_read_and_said(tmp_path: Path) -> None:
    path = written(tmp_path, MARKS["utf-8"] + UMLAUTS.encode("cp1252"))
    table = open_table(path)
    assert table.said == (
        "CSV, Windows-1252, though it begins with the mark of UTF-8",
        "columns parted by semicolon, by the header",
    )
    assert cells(path)[0] == ["LAP-1", "Müller & Söhne"]


def test_the_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    assert open_table(written(tmp_path, MARKS["utf-8"] + b"Tag,Model\n1,2\n")).columns == ("Tag", "Model")


def test_one_broken_byte_costs_one_row_and_spoils_no_other_name(tmp_path: Path) -> None:
    lines = [f"LAP-{n};Müller {n}\n".encode() for n in range(2, 50)]
    lines[20] = "LAP-22;Müller\n".encode("cp1252")
    path = written(tmp_path, b"Tag;Maker\n" + b"".join(lines))
    assert open_table(path).said[0] == "CSV, UTF-8, by its bytes; 1 lines have broken bytes"
    found = list(rows_of(path))
    assert [str(row) for row in found if isinstance(row, Mistake)] == [
        "line 22, Maker: a character is broken, found 'M\ufffdller', expected text in the file's encoding"
    ]
    assert sum(isinstance(row, Row) and row.cells["Maker"].startswith("Müller ") for row in found) == 47


def test_the_encoding_that_is_asked_for_is_used(tmp_path: Path) -> None:
    path = written(tmp_path, "Tag;Preis\n1;5 €\n", "iso-8859-15")
    assert cells(path, encoding="iso-8859-15") == [["1", "5 €"]]
    assert cells(path) == [["1", "5 ¤"]]
    assert "no encoding" in str(refused(path, encoding="klingon"))
    assert "no encoding" in str(refused(path, encoding="rot13"))


def test_utf_16_that_is_asked_for_has_the_order_of_its_mark(tmp_path: Path) -> None:
    assert (
        cells(written(tmp_path, MARKS["utf-16-be"] + UMLAUTS.encode("utf-16-be")), encoding="utf-16")[1][1] == "Größe"
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_header_says_the_delimiter(tmp_path: Path, delimiter: str) -> None:
    assert cells(written(tmp_path, f"Tag{delimiter}Model\n1{delimiter}2\n")) == [["1", "2"]]


def test_a_semicolon_in_quotes_or_a_comma_in_a_cell_does_not_mislead(tmp_path: Path) -> None:
    assert cells(written(tmp_path, '"Tag;x;y;z",Model\n1,"2;3"\n')) == [["1", "2;3"]]
    assert cells(written(tmp_path, "Tag;Model\n1;2,3,4\n")) == [["1", "2,3,4"]]


def test_excels_own_first_line_says_the_delimiter_and_is_no_header(tmp_path: Path) -> None:
    path = written(tmp_path, "sep=;\r\nTag;Model, large\r\n1;2\r\n")
    table = open_table(path)
    assert (table.columns, table.said[1]) == (
        ("Tag", "Model, large"),
        "columns parted by semicolon, as its first line says",
    )
    assert [row.number for row in table.rows()] == [3]


def test_the_delimiter_that_is_asked_for_is_used(tmp_path: Path) -> None:
    path = written(tmp_path, "Tag;a,b\n1;2,3\n")
    assert open_table(path, Options(delimiter="comma")).columns == ("Tag;a", "b")
    assert "parts no columns" in str(refused(path, delimiter="|"))


def test_a_cell_may_have_quotes_delimiters_and_lines_in_it(tmp_path: Path) -> None:
    path = written(tmp_path, 'Tag,Notes\r\n1,"one, ""two""\r\nthree"\r\n2,24" wide\r\n')
    rows = list(rows_of(path))
    assert [(row.number, row.cells["Notes"]) for row in rows if isinstance(row, Row)] == [
        (2, 'one, "two"\r\nthree'),
        (4, '24" wide'),
    ]


def test_empty_lines_and_rows_of_delimiters_are_no_rows(tmp_path: Path) -> None:
    assert cells(written(tmp_path, "\n\nTag;Model;\n\n;;\n1;2;\n\n")) == [["1", "2"]]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("LAP-3,x,y,z", "the row has 4 cells, the header 3"),
        ("LAP-3,x", "the row has 2 cells, the header 3"),
        ('LAP-3,"x,y', "a quotation mark is opened and never closed"),
        ('LAP-3,"x"y,z', "a quotation mark stands inside a quoted cell; write it twice"),
        (f"LAP-3,x,{'y' * 140_000}", "a cell is longer than 131,072 characters"),
    ],
)
def test_a_broken_row_is_one_mistake_with_its_line_and_the_rest_goes_on(tmp_path: Path, row: str, why: str) -> None:
    before, after = "LAP-2,a,b", 'LAP-4,"c",d\nLAP-5,e,f'
    found = list(rows_of(written(tmp_path, f"Tag,Serial,Model\n{before}\n{row}\n{after}\n")))
    wrong = [one for one in found if isinstance(one, Mistake)]
    assert [(one.number, one.why) for one in wrong] == [(3, why)]
    assert [one.cells["Tag"] for one in found if isinstance(one, Row)] == ["LAP-2", "LAP-4", "LAP-5"]


def test_two_broken_rows_one_after_the_other_are_two_mistakes(tmp_path: Path) -> None:
    found = list(rows_of(written(tmp_path, 'Tag,Serial,Model\n1,"a,b\n2,"c","d\n3,e,f\n')))
    assert [(one.number, one.why) for one in found if isinstance(one, Mistake)] == [
        (2, "a quotation mark is opened and never closed"),
        (3, "a quotation mark is opened and never closed"),
    ]
    assert [one.cells["Tag"] for one in found if isinstance(one, Row)] == ["3"]


def test_an_open_quotation_mark_swallows_no_rows_up_to_the_next_one_far_below(tmp_path: Path) -> None:
    between = "".join(f"{n},x\n" for n in range(3, 203))
    found = list(rows_of(written(tmp_path, f'Tag,Model\n2,"open\n{between}203,24"\n')))
    assert [one.number for one in found if isinstance(one, Mistake)] == [2]
    assert len(found) == 202


def test_rows_between_two_open_quotation_marks_are_not_taken_for_a_note(tmp_path: Path) -> None:
    path = written(tmp_path, 'Tag,Serial,Model,Notes\n1,a,b,"c\n2,d,e,f\n3,g,h,"\n4,i,j,k\n')
    assert [str(one) for one in mistakes(path)] == [
        "line 2: a quoted cell has whole rows in it; is its quotation mark closed?, found '1,a,b,\"c'",
        "line 4: a quotation mark is opened and never closed, found '3,g,h,\"'",
    ]
    assert [one.cells["Tag"] for one in rows_of(path) if isinstance(one, Row)] == ["2", "4"]


def test_an_open_quotation_mark_at_the_very_end_is_a_mistake_too(tmp_path: Path) -> None:
    assert [one.number for one in mistakes(written(tmp_path, 'Tag,Model\n1,2\n3,"4'))] == [3]


def test_a_column_that_comes_twice_gets_a_name_of_its_own(tmp_path: Path) -> None:
    assert open_table(written(tmp_path, "Tag,Location,Location\n1,2,3\n")).columns == (
        "Tag",
        "Location",
        "Location (2)",
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("\n\n  \n", "is empty"),
        (";;;\n1;2;3;4\n", "has no header"),
        ("Tag,,Model\n1,2,3\n", "column 2 has no name"),
        ('"Tag,Model\n1,2\n', "the header cannot be read"),
        (",".join(f"c{n}" for n in range(MOST_COLUMNS + 1)), f"more than {MOST_COLUMNS} columns"),
        ("Tag,Model\n1," + "x" * LONGEST_LINE, "line 2 has more than a million characters"),
        (b"\xff\xfe\0\0T\0\0\0", "is UTF-32"),
    ],
)
def test_what_is_no_table_is_refused_with_the_next_step(tmp_path: Path, content: str | bytes, said: str) -> None:
    assert said in str(refused(written(tmp_path, content)))


def test_a_file_full_of_broken_rows_is_the_wrong_file(tmp_path: Path) -> None:
    error = refused(written(tmp_path, "Tag,Model\n" + "1,2,3\n" * (MOST_MISTAKES + 1)))
    assert (str(error), error.hint) == ("assets.csv has more than 1000 broken rows", "is it the right file?")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "cannot be read" in str(refused(tmp_path / "absent.csv"))
    assert str(refused(tmp_path)).endswith("is a folder")


@pytest.mark.parametrize("text", ["=1+1", "+49 170", "-5", "@SUM(A1)", "'=1", "''=1", "\t=1"])
def test_a_formula_in_a_name_is_text_that_survives_our_export(tmp_path: Path, text: str) -> None:
    assert defused(text) == f"'{text}"
    path = tmp_path / "out.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["Tag", "Name"], ["1", defused(text)]])
    assert cells(path) == [["1", text]]


@pytest.mark.parametrize("text", ["'s-Hertogenbosch", "'", "''", "O'Brien", "plain", ""])
def test_an_apostrophe_that_nobody_put_there_stays(text: str) -> None:
    assert defused(text) == undefused(text) == text


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufffd"), max_size=40)
MARKED = st.builds("".join, st.tuples(st.sampled_from(["", "'", "''", "=", "'=", "+", "-", "@", "\t", "'\t"]), TEXTS))


@given(st.lists(st.tuples(MARKED, MARKED), max_size=8), st.sampled_from([",", ";", "\t"]), st.booleans())
def test_what_was_exported_is_read_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str, marked: bool
) -> None:
    path = tmp_path_factory.mktemp("out") / "out.csv"
    with path.open("w", newline="", encoding="utf-8-sig" if marked else "utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerows([["Tag", "Name", "Notes"], *((f"T{n}", *map(defused, row)) for n, row in enumerate(rows))])
    assert cells(path, encoding="utf-8", delimiter=delimiter) == [[f"T{n}", *row] for n, row in enumerate(rows)]


@given(st.binary(max_size=400))
def test_no_bytes_at_all_end_in_anything_but_rows_mistakes_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = written(tmp_path_factory.mktemp("odd"), content)
    with suppress(InvalidRequest):
        assert all(isinstance(row, Row | Mistake) for row in open_table(path).rows())


def large(path: Path, lines: int) -> Path:
    """A file whose row in line 31,007 opens a quotation mark and never closes it."""

    def rows() -> Iterator[str]:
        yield "Tag,Serial,Model,Purchased,Notes\r\n"
        for number in range(2, lines + 1):
            model = '"ThinkPad T14' if number == BROKEN else '"ThinkPad, T14"'
            yield f"LAP-{number},SN{number},{model},2026-01-{number % 28 + 1:02},bought for Zoë Müller\r\n"

    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(rows())
    return path


def test_the_broken_row_31007_is_named_and_all_others_are_read(tmp_path: Path) -> None:
    found = list(rows_of(large(tmp_path / "large.csv", 32_000)))
    wrong = [one for one in found if isinstance(one, Mistake)]
    assert [(one.number, one.why) for one in wrong] == [(BROKEN, "a quotation mark is opened and never closed")]
    assert len(found) == 32_000 - 1


@pytest.mark.parametrize("lines", [15_000, pytest.param(700_000, marks=[pytest.mark.night, pytest.mark.timeout(900)])])
def test_a_large_file_is_read_in_little_memory_whatever_its_size(tmp_path: Path, lines: int) -> None:
    path = large(tmp_path / "large.csv", lines)
    assert lines < 100_000 or path.stat().st_size > 40 << 20
    tracemalloc.start()
    try:
        read = sum(isinstance(row, Row) for row in rows_of(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert read == lines - 1 - (lines > BROKEN)
    assert peak < 400_000  # bytes; the smaller of the files has a million


def test_a_mistake_shows_a_long_or_invisible_cell_short_and_in_one_line() -> None:
    assert shown("x" * 500) == f"'{'x' * 59}…'"
    assert shown("a\nb\u202e") == ascii("a\nb\u202e")
