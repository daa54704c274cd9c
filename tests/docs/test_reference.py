"""What the documents say is what the code does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from evidence.framework import load_frameworks
from ops.cli.cataloguing import REPORTS
from ops.cli.reference import reference
from ops.cli.root import build
from ops.cli.topics import errors, page, topics
from ops.cli.tree import PLAYBOOKS
from ops.errors import NotFound, OpsError
from ops.operation import names, opening, summary
from tests.architecture.house import ROOT, modules

COMMAND = re.compile(r"\bops ((?:[a-z][a-z_-]+ ?){1,2})")
EXAMPLE = re.compile(r"^  Example:\n    (.*)$", re.M)


def family() -> dict[str, type[OpsError]]:
    """Every error there is, by its page."""
    for module in modules():
        if "OpsError" in module.text or "Unreachable" in module.text:
            import_module(module.name.removesuffix(".__init__"))
    found: list[type[OpsError]] = [OpsError]
    for one in found:
        found += one.__subclasses__()
    return {one.page: one for one in found if not one.__module__.startswith("tests.")}


def test_the_reference_is_current() -> None:
    stale = [name for name, text in reference().items() if (ROOT / "docs" / name).read_text("utf-8") != text]
    assert stale == [], "run script/docs"


def test_each_error_has_a_page_with_its_exit_code_and_no_page_is_left_over() -> None:
    assert sorted(errors()) == sorted(family())
    for name, error in family().items():
        assert f"Exit code {error.exit_code}." in page(name)


def test_the_table_of_exit_codes_is_complete() -> None:
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", page("exit-codes"), re.M)}
    assert listed == {0} | {error.exit_code for error in family().values()}


def test_a_page_that_does_not_exist_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound) as caught:
        page("exit-code")
    assert caught.value.hint == "ops help exit-codes"


def pages() -> Iterator[tuple[str, str]]:
    yield from ((name, page(name)) for name in (*topics(), *errors()))
    yield from ((name, (ROOT / name).read_text(encoding="utf-8")) for name in ("README.md", "CONTRIBUTING.md"))
    yield from ((path.name, path.read_text(encoding="utf-8")) for path in PLAYBOOKS.glob("*/*.yaml"))


def unknown(text: str) -> list[str]:
    """Commands a text names that do not exist."""
    root = build()
    context = click.Context(root)
    wrong = []
    for match in COMMAND.finditer(text):
        noun, verb = (*match[1].split(), "")[:2]
        found = root.get_command(context, noun)
        group = isinstance(found, click.Group)
        if found is None or (group and verb and found.get_command(context, verb) is None):
            wrong.append(match[0])
    return wrong


@pytest.mark.parametrize(("name", "text"), list(pages()), ids=lambda value: value if len(value) < 30 else "")
def test_every_command_a_document_names_exists(name: str, text: str) -> None:
    shown = re.findall(r"`([^`]+)`", text) + re.findall(r"^ {4,}(?:\$ )?(.*)$", text, re.M)
    assert unknown("\n".join(shown)) == []


def test_a_command_that_does_not_exist_is_found() -> None:
    assert unknown("ops account unlokc and ops nothing") == ["ops account unlokc ", "ops nothing"]
    assert unknown("ops user cut_off --logon amy.ng") == ["ops user cut_off "]


def test_the_example_of_every_command_can_be_typed() -> None:
    examples = EXAMPLE.findall(reference()["commands.md"])
    assert len(examples) > len(names("operations"))
    assert unknown("\n".join(examples)) == []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Keep a page: for this, and so that\nnobody gets the name. More follows.\n\nA second paragraph.",
         "Keep a page: for this, and so that nobody gets the name."),
        ("Stop an account. What is open stays open.\n\nMore.", "Stop an account. What is open stays open."),
        ("Is it so?", "Is it so?"),
        ("Name it in ops.toml and\nsay so", "Name it in ops.toml and say so"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_text_opens_with_its_first_line_and_never_stops_within_a_sentence(text: str, first: str) -> None:
    assert opening(text) == first


@pytest.mark.parametrize("folder", ["operations", "lookups", "audits"])
def test_every_summary_is_a_whole_sentence(folder: str) -> None:
    assert [name for name in names(folder) if summary(folder, name)[-1:] not in (".", "?")] == []


def test_every_rule_of_a_framework_is_about_work_that_exists() -> None:
    work = [*names("operations"), *names("audits"), *REPORTS]
    work += [path.relative_to(PLAYBOOKS).with_suffix("").as_posix() for path in PLAYBOOKS.glob("*/*.yaml")]
    assert [framework.unmatched(work) for framework in load_frameworks()] == [()] * 5


def test_hints_name_commands_that_exist() -> None:
    hints = [hint for module in modules() for hint in re.findall(r"hint=f?\"([^\"]*)\"", module.text)]
    assert len(hints) > 50
    assert unknown("\n".join(hint for hint in hints if Path(hint))) == []
