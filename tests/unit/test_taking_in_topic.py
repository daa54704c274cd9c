"""What the page about imports shows is what imports read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inventory.licence.recognition import Recogniser, check_rules
from inventory.licence.recognition_file import merged, read, shipped
from inventory.taking_in.headers import ASSETS, Names
from inventory.taking_in.licences import LICENCES
from inventory.taking_in.mapping import mapped, wishes_from
from inventory.taking_in.words import own_word
from ops.cli.topics import page
from tests.workspace import bare

PAGE = page("importing")


def block(start: str) -> str:
    """The indented example that begins with a line."""
    found = re.search(r"(?:^    .*\n|^\n(?=    ))+", PAGE[PAGE.index(f"\n    {start}") + 1 :], re.M)
    assert found
    return "".join(line.removeprefix("    ") for line in found[0].splitlines(keepends=True))


def listed(start: str) -> list[str]:
    """The fields that a paragraph lists."""
    found = re.search(rf"^{start}: ([^.]+)\.", PAGE, re.M)
    assert found
    return re.split(r",\s+", found[1])


@pytest.mark.parametrize(("start", "names"), [("An asset", ASSETS), ("A licence", LICENCES)])
def test_every_field_that_is_listed_can_be_a_column(start: str, names: Names) -> None:
    assert set(listed(start)) <= set(names.all)
    assert list(mapped(listed(start), names=names).fields.values()) == listed(start)


def test_the_columns_that_are_named_are_known(tmp_path: Path) -> None:
    columns = re.findall(r"`([^`]+)`", PAGE[PAGE.index("punctuation: ") : PAGE.index("and those of exports")])
    assert len(columns) > 5
    assert mapped(columns).unknown == ()
    assert (own_word("state", "im Einsatz"), own_word("kind", "Laserdrucker")) == ("deployed", "printer")


def test_the_mapping_file_is_one(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(block("columns:"), encoding="utf-8")
    wishes = wishes_from(path)
    found = mapped(("Inventar-Nr.", "Gattung", "Farbe", "Lfd. Nr."), wishes)
    assert found.fields == {"Inventar-Nr.": "tag", "Gattung": "kind", "Farbe": "extra.colour"}
    assert (wishes.dates, wishes.decimals, wishes.currency, wishes.unknown) == ("dmy", "comma", "EUR", "refuse")


def test_the_software_of_ones_own_is_recognised_as_it_says() -> None:
    catalogue = merged(shipped(), read(block("products:"), "software.yaml"))
    assert list(check_rules(catalogue)) == []
    found = Recogniser(catalogue).recognise("Example Ltd", "Example CAD", "25.3")
    assert (found.product, found.rank) == ("example.cad", 1)


def test_the_page_can_be_asked_for(tmp_path: Path) -> None:
    assert "inventory/software.yaml" in bare(tmp_path / "desk").ops("help", "importing").out
