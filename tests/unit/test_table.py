"""Tables on terminals of any width: lined up, nothing lost, and what one must type can be read to its end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ops.cli.table import TALLEST, table
from ops.cli.terminal import folded, measure, plain

HEAD = ("do this", "items", "such as")
ROWS = [
    ("ops task set-up-room", "12", "rapids-1059cb 3.A Connects projectors, cameras and other room equipment"),
    ("ops user onboard", "7", "scoe-itst d09 Supports connections, accounts, groups and rights"),
]
TEXT = st.text("aé\u0301王👍 x", max_size=60)


def test_where_there_is_room_each_row_is_one_line() -> None:
    assert table(HEAD, ROWS, 200).splitlines() == [
        "do this               items  such as",
        "────────────────────  ─────  " + "─" * 71,
        "ops task set-up-room  12     rapids-1059cb 3.A Connects projectors, cameras and other room equipment",
        "ops user onboard      7      scoe-itst d09 Supports connections, accounts, groups and rights",
    ]


def test_where_it_is_narrow_cells_are_broken_between_words_and_stay_in_their_column() -> None:
    assert table(HEAD, ROWS, 60).splitlines() == [
        "do this               items  such as",
        "────────────────────  ─────  ───────────────────────────────",
        "ops task set-up-room  12     rapids-1059cb 3.A Connects",
        "                             projectors, cameras and other",
        "                             room equipment",
        "ops user onboard      7      scoe-itst d09 Supports",
        "                             connections, accounts, groups",
        "                             and rights",
    ]


def test_a_path_stays_whole_where_another_column_has_room_to_give() -> None:
    path = "/srv/archive/amy.ng.tar.zst"
    rows = [("archive", f"no job of backups.yaml holds {path}", "let one hold it, as ops help backups says of paths")]
    told = table(("what", "how it is known", "next"), rows, 62)
    assert path in told
    assert max(map(measure, told.splitlines())) <= 62
    assert path not in table(("what", "how it is known", "next"), rows, 40), "there it cannot"


def test_a_word_that_is_wider_than_half_of_all_squeezes_no_other_column() -> None:
    told = table(("what", "next"), [("/a" * 60, "let one hold it, as ops help backups says")], 60).splitlines()
    assert told[1].split()[1] >= "─" * 24


def test_a_cell_without_end_ends_with_a_sign() -> None:
    said = table(("who", "what"), [("Amy", "word " * 500)], 40).splitlines()
    assert len(said) == 2 + TALLEST
    assert said[-1].endswith("…")
    assert max(map(measure, said)) <= 40


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("Amy Ng", 6, ["Amy Ng"]),
        ("Amy Ng", 5, ["Amy", "Ng"]),
        ("a  b", 4, ["a  b"]),
        ("SHA256:abcdef", 6, ["SHA256", ":abcde", "f"]),
        ("go SHA256", 4, ["go", "SHA2", "56"]),
        ("王小明", 4, ["王小", "明"]),
        ("abe\u0301d", 3, ["abe\u0301", "d"]),
        ("", 3, [""]),
    ],
)
def test_a_text_is_folded_between_words_and_within_one_only_if_it_must(text: str, width: int, lines: list[str]) -> None:
    assert folded(text, width) == lines


@given(TEXT, st.integers(2, 30))
def test_folding_loses_nothing_and_never_takes_more_than_its_room(text: str, width: int) -> None:
    lines = folded(plain(text), width)
    assert "".join("".join(lines).split()) == "".join(plain(text).split())
    assert all(measure(line) <= width for line in lines)


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=4), st.integers(40, 90))
def test_no_line_of_a_table_is_wider_than_the_terminal(rows: list[tuple[str, str, str]], width: int) -> None:
    assert all(cell_len(line) <= width for line in table(HEAD, rows, width).splitlines())
