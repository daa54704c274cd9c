"""Files of scanners: commas, semicolons or tabs, headings, umlauts, and times as two countries write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.taking_in.scans import scanned_lines
from ops.errors import InvalidRequest


def lines(folder: Path, text: str, encoding: str = "utf-8") -> list[list[str]]:
    path = folder / "scans.txt"
    path.write_bytes(text.encode(encoding))
    return [cells for _, cells in scanned_lines(path)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_line_is_parted_however_the_scanner_parts_it(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join((delimiter.join(("A-1", "Shelf", "2026-11-25T10:00:00Z")), "A-2", f"A-3{delimiter}Room", ""))
    assert lines(tmp_path, text) == [["A-1", "Shelf", "2026-11-25T10:00:00Z"], ["A-2", "", ""], ["A-3", "Room", ""]]


def test_a_comma_in_a_place_parts_nothing_where_semicolons_do(tmp_path: Path) -> None:
    assert lines(tmp_path, "A-1;Schrank 2, oben\nA-2;Schrank 2, unten\n") == [
        ["A-1", "Schrank 2, oben", ""],
        ["A-2", "Schrank 2, unten", ""],
    ]
    assert lines(tmp_path, "A-1,left; above\nA-2,right\n") == [["A-1", "left; above", ""], ["A-2", "right", ""]]


def test_headings_are_passed_over_and_only_in_the_first_line(tmp_path: Path) -> None:
    assert lines(tmp_path, "Code;Ort;Zeit\nA-1;Aula;\nRaum;Aula\n") == [["A-1", "Aula", ""], ["Raum", "Aula", ""]]
    assert lines(tmp_path, "A-1\nA-2\n") == [["A-1", "", ""], ["A-2", "", ""]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_umlauts_of_a_place_survive(tmp_path: Path, encoding: str) -> None:
    assert lines(tmp_path, "A-1;Büro Süd\nA-2;Büro Süd\n", encoding)[1] == ["A-2", "Büro Süd", ""]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("25.11.2026 10:15", "2026-11-25T10:15:00"),
        ("25.11.2026 10:15:30", "2026-11-25T10:15:30"),
        ("25.11.2026", "2026-11-25T00:00:00"),
        ("2026-11-25 10:15", "2026-11-25 10:15"),
    ],
)
def test_a_moment_may_be_written_in_two_ways(tmp_path: Path, text: str, moment: str) -> None:
    assert lines(tmp_path, f"A-1;;{text}\n") == [["A-1", "", moment]]


def test_a_moment_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest) as caught:
        lines(tmp_path, "A-1;;2026-11-25\n\nA-2;;soon\n")
    assert "scans.txt line 3: 'soon' is no time" in str(caught.value)
    with pytest.raises(InvalidRequest, match="cannot be read"):
        list(scanned_lines(tmp_path / "absent"))


CODES = st.text("ABC-0123456789/", min_size=1, max_size=12)


@given(st.lists(CODES, min_size=1, max_size=20), st.sampled_from([",", ";", "\t"]))
def test_no_code_is_lost_and_none_is_joined_with_its_place(
    tmp_path_factory: pytest.TempPathFactory, codes: list[str], delimiter: str
) -> None:
    text = "".join(f"{code}{delimiter}Room 1\n" for code in codes)
    assert [cells[:2] for cells in lines(tmp_path_factory.mktemp("s"), text)] == [[code, "Room 1"] for code in codes]
