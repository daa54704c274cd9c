"""Untrusted text on a terminal: nothing a directory says can move the cursor, hide, or push a table out of line."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ops.cli.terminal import clip, measure, plain

MIXED = "aé\u0301\u200d王👍🏽❤\ufe0fעם\u0601\u1112\u1161\u11ab\x1b\u202e"
JOINED = st.text() | st.text(MIXED)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "\\u001b[2Jgone"),
        ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
        ("\x9b31m", "\\u009b31m"),
        ("a\x00b\x7f", "a\\u0000b\\u007f"),
        ("two\nlines\r\tover", "two\\nlines\\r\\tover"),
        ("Amy\u202egnp.exe", "Amy\\u202egnp.exe"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("amy\u200bng", "amy\\u200bng"),
        ("\u200f\u061c\ufeff\u00ad", "\\u200f\\u061c\\ufeff\\u00ad"),
        ("a\u2028b\u2029", "a\\u2028b\\u2029"),
        ("half \ud800", "half \\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_moves_the_cursor_or_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Amy Ng",
        "DOMAIN\\amy",
        "محمد علي",
        "דוד",
        "علی\u200cزاده",
        "e\u0301",
        "王小明",
        "👩\u200d👩\u200d👧",
        "\u0601٣",
        "a\u00a0b",
        "",
    ],
)
def test_letters_of_any_script_with_their_marks_stay(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("Amy Ng", 6, "Amy Ng"),
        ("Amy Ng", 5, "Amy …"),
        ("王小明", 6, "王小明"),
        ("王小明", 5, "王小…"),
        ("王小明", 4, "王…"),
        ("王小明", 2, "…"),
        ("abe\u0301d", 3, "ab…"),
        ("abe\u0301de", 4, "abe\u0301…"),
        ("Amy", 1, "…"),
        ("Amy", 0, ""),
        ("Amy", -1, ""),
        ("", 0, ""),
        ("\x1b[2J", 5, "\\u00…"),
    ],
)
def test_a_long_text_is_cut_with_a_sign_and_never_within_a_letter(text: str, width: int, shown: str) -> None:
    assert clip(text, width) == shown


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("amy", 3),
        ("王", 2),
        ("Ｎｇ", 4),
        ("é", 1),
        ("e\u0301", 1),
        ("한", 2),
        ("\u1112\u1161\u11ab", 2),
        ("👍", 2),
        ("❤\ufe0f", 2),
        ("\u0601", 1),
    ],
)
def test_widths_are_those_of_the_field(text: str, width: int) -> None:
    assert measure(text) == cell_len(text) == width


@given(JOINED)
def test_no_text_at_all_can_send_a_command_to_the_terminal(text: str) -> None:
    shown = plain(text)
    shown.encode()  # what is half a character cannot be written at all
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(char) for char in shown} & {"LRE", "RLE", "LRO", "RLO", "PDF"}
    assert not set(shown) & set("\u2066\u2067\u2068\u2069\u200b\u200e\u200f\x1b\x9b")
    assert len(shown.splitlines()) <= 1
    assert plain(shown) == shown


@given(JOINED, st.integers(0, 30))
def test_a_clipped_text_never_takes_more_than_its_room(text: str, width: int) -> None:
    shown = clip(text, width)
    assert measure(shown) <= width
    assert shown == plain(text) or shown == "" or shown.endswith("…")


@given(st.text(MIXED), st.integers(0, 30))
def test_a_terminal_that_joins_what_belongs_together_has_room_too(text: str, width: int) -> None:
    assert cell_len(clip(text, width)) <= width


def test_only_the_standard_library_is_loaded_for_it() -> None:
    code = "import sys; import ops.cli.terminal; sys.exit(bool({'rich', 'click', 'wcwidth'} & set(sys.modules)))"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=root).returncode == 0
