"""Templates: a TOML file that says whose reports these are; every mistake in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.report.template import Template, png_size, read_template
from ops.errors import InvalidRequest
from tests.unit.reports import png

WHOLE = """
organisation = "Example Ltd"
logo = "logo.png"

[colours]
accent = "#004400"
tile = "#EEEEEE"

[sheets]
register = "Inventar"
"""


def template(folder: Path, text: str) -> Template:
    """A template file with this text, read."""
    (folder / "house.toml").write_text(text, encoding="utf-8")
    return read_template(folder / "house.toml")


def test_a_whole_template_is_read(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(png(300, 100))
    assert template(tmp_path, WHOLE) == Template(
        "Example Ltd", png(300, 100), "#004400", "#EEEEEE", {"register": "Inventar"}
    )
    assert png_size(png(300, 100)) == (300, 100)


def test_an_empty_template_is_the_standard_one(tmp_path: Path) -> None:
    assert template(tmp_path, "") == Template()


@pytest.mark.parametrize(
    ("text", "word", "hint"),
    [
        ("organization = 'x'", "nothing is called organization", "did you mean organisation?"),
        ("[colours]\nacent = '#000000'", r"\[colours\]: nothing is called acent", "did you mean accent?"),
        ("[colours]\npass = '#000000'", "nothing is called pass", "there are: accent, tile"),
        ("[colours]\naccent = 'blue'", "accent: blue is no colour", 'write it as "#1F4E79"'),
        ("[colours]\naccent = 5", "accent must be a text", 'put it between "quotes"'),
        ("colours = 'x'", "colours must be a section", "write [colours]"),
        ("organisation = 5", "organisation must be a text", 'put it between "quotes"'),
        (
            "[sheets]\nregister = 'a/b'",
            r"\[sheets\] register: 'a/b' is no sheet name",
            "31 characters, none of []:*?/\\",
        ),
        ("[sheets]\n'The Register' = 'a'", "The Register is no table", "use the table's name"),
        ("logo = 'none.png'", "none.png cannot be read", "give the logo's path"),
        ("logo = 'house.toml'", "the logo is no PNG", "save it as PNG"),
        ("a = ", "Invalid value", "correct that line"),
    ],
)
def test_a_mistake_is_named_with_the_next_step(tmp_path: Path, text: str, word: str, hint: str) -> None:
    with pytest.raises(InvalidRequest, match=word) as error:
        template(tmp_path, text)
    assert error.value.hint == hint


def test_a_template_that_is_not_there_or_far_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="cannot be read"):
        read_template(tmp_path / "none.toml")
    with pytest.raises(InvalidRequest, match="larger than 64 KiB"):
        template(tmp_path, "#" * 70_000)


def test_a_logo_of_monstrous_size_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="too large"):
        png_size(png(5000, 1))
    with pytest.raises(InvalidRequest, match="no PNG"):
        png_size(b"GIF89a" + b"\0" * 40)
