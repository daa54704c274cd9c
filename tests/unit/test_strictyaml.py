"""Strict YAML: text stays text, nothing is said twice or hidden, and every mistake has a place and a next step."""

from __future__ import annotations

import json
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, RootModel

from ops.errors import InvalidRequest
from ops.strictyaml import DEEPEST, LARGEST, load, parse


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Ask(Strict):
    help: str
    default: str | None = None


class Step(Strict):
    id: str
    do: str
    arguments: dict[str, str] = Field(alias="with", default_factory=dict)
    times: int = 1


class Book(Strict):
    title: str
    asks: dict[str, str | Ask] = {}
    steps: list[Step] = []
    open: bool = False


class Books(RootModel[dict[str, Book]]):
    """Names to books."""


def mistake(text: str) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        load(text, "a.yaml")
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    return caught.value


def wrong(text: str, model: type[BaseModel] = Book) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        parse(text, model, "a.yaml")
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    return caught.value


@pytest.fixture(params=["C", "Python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """PyYAML comes with its C parser or without it."""
    if request.param == "Python":
        monkeypatch.delattr(yaml, "CBaseLoader")
    return str(request.param)


@pytest.mark.parametrize("word", ["no", "on", "yes", "012", "1e3", "1_000", "~", "null", "22:22", "2026-11-22", ".inf"])
def test_what_other_loaders_turn_into_something_else_stays_text(word: str) -> None:
    assert load(f"{word}: {word}\n", "a.yaml") == {word: word}


def test_an_empty_file_is_nothing_and_an_empty_value_is_an_empty_text() -> None:
    assert load("", "a.yaml") is None
    assert load("# only a comment\n", "a.yaml") is None
    assert load("a:\n", "a.yaml") == {"a": ""}


def test_the_mark_that_windows_editors_put_first_does_no_harm() -> None:
    assert load("\ufefftitle: x\r\nhelp: y\r\n", "a.yaml") == {"title": "x", "help": "y"}


def test_a_merge_key_is_a_key_like_any_other() -> None:
    assert load("<<: {a: b}", "a.yaml") == {"<<": {"a": "b"}}


def test_a_key_given_twice_names_both_lines() -> None:
    assert str(mistake("a: 1\nb: 2\na: 3\n")) == "a.yaml line 3 column 1: a is given twice, first in line 1"


def test_the_same_key_in_two_places_is_no_twin() -> None:
    assert load("[{a: 1}, {a: 2}]", "a.yaml") == [{"a": "1"}, {"a": "2"}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x 1\nb: *x\n", "line 1 column 4: anchors"),
        ("a: *x\n", "line 1 column 4: anchors"),
        ("&x a: 1\n", "line 1 column 1: anchors"),
        ("a: &x [1]\n", "line 1 column 4: anchors"),
        ("a: !!python/object/apply:os.system [id]\n", "line 1 column 4: tags"),
        ("a: !!int 7\n", "line 1 column 4: tags"),
        ("!x a: 1\n", "line 1 column 1: tags"),
        ("%TAG ! !\n--- !x {a: 1}\n", "line 2 column 5: tags"),
        ("a: 1\n---\nb: 2\n", "line 2 column 1: a second document"),
        ("? [a]\n: b\n", "line 1 column 3: a key must be"),
        ("{*a : b}", "anchors"),
        ("a: b: c\n", "line 1 column 5: a colon"),
        ("a:\n\tb: c\n", "line 2 column 1: a tab"),
        ("a: @x\n", "line 1 column 4: a text cannot begin"),
        ("a: 'x\n", "a quotation mark is opened and never closed"),
        ('a: "C:\\users"\n', "line 1 column 9: a backslash"),
        ("a: 1\n b: 2\n", "line 2"),
        ("- a\nb: c\n", "line 2 column 1: this does not line up"),
        ("a: [1, 2\nb: 3\n", "line 2"),
        ('a: "\\UFFFFFFFF"', "a.yaml: this is not YAML"),
        ("%YAML 1." + "9" * 5000 + "\n---\na", "a.yaml: this is not YAML"),
        ('a: "\\uD800"', "a.yaml"),
        ("ab: c\nd: \x1b[2J\n", "line 2 column 4: the character U+001B is not allowed"),
        ("a: \ud800\n", "line 1 column 4: the character U+D800 is not allowed"),
        ("a: x\nb: \u202ey\n", "line 2 column 4: the invisible character U+202E"),
    ],
)
def test_anything_but_plain_data_is_refused_with_its_place(text: str, said: str, parser: str) -> None:
    assert said in str(mistake(text))


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 100_000,
        "[" * 60_000,
        "{a: " * 50_000,
        "- " * 20_000 + "x",
        "? " * 20_000,
        "a: &a [x,x]\n" + "".join(f"b{n}: &b{n} [*b{n - 1},*b{n - 1}]\n" for n in range(1, 40)),
        "x" * (LARGEST + 1),
        "ä" * LARGEST,
        "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
    ],
    ids=[
        "lists",
        "lists in a small file",
        "mappings",
        "block lists",
        "keys",
        "laughs",
        "too long",
        "too many bytes",
        "one too deep",
    ],
)
def test_bombs_are_refused_within_a_second(bomb: str, parser: str) -> None:
    start = time.monotonic()
    assert len(str(mistake(bomb))) < 200
    assert time.monotonic() - start < 1


def test_the_deepest_and_the_largest_that_are_allowed_are_read() -> None:
    assert load("[" * DEEPEST + "]" * DEEPEST, "a.yaml")
    assert load("x" * LARGEST, "a.yaml") == "x" * LARGEST


def test_a_long_or_unprintable_key_does_not_spoil_the_message() -> None:
    assert str(mistake('{"a\\nb": 1, "a\\nb": 2}')).count("'a\\nb' is given twice") == 1
    assert len(str(mistake(f"{'k' * 100}: 1\n{'k' * 100}: 2\n"))) < 120


def test_a_model_gets_what_the_file_says() -> None:
    book = parse("title: x\nopen: yes\nsteps:\n- {id: a, do: b, with: {c: '7'}, times: '2'}\n", Book, "a.yaml")
    assert book.open is True
    assert book.steps == [Step.model_validate({"id": "a", "do": "b", "with": {"c": "7"}, "times": 2})]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("titel: x\n", "line 1 column 1: nothing is called titel here", "did you mean title?"),
        ("", "a.yaml: title is missing", "add title: …"),
        (
            "title: x\nwith: y\n",
            "line 2 column 1: nothing is called with here",
            "there may be: title, asks, steps, open",
        ),
        (
            "title: x\nsteps:\n- id: a\n  do: b\n- id: a\n  ddo: b\n",
            "line 6 column 3: steps no. 2: nothing is called ddo here",
            "did you mean do?",
        ),
        ("title: x\nsteps:\n- id: a\n", "line 3 column 3: steps no. 1: do is missing", "add do: …"),
        ("title: x\nsteps:\n- {id: a, do: b, wiht: {}}\n", "steps no. 1: nothing is called wiht", "did you mean with?"),
        ("title: x\nasks:\n  a: {hlep: y}\n", "line 3 column 7: asks, a: nothing is called hlep", "did you mean help?"),
        ("title: x\nasks:\n  a: {default: y}\n", "line 3 column 3: asks, a: help is missing", "add help: …"),
        ("title: x\nasks:\n  a: [y]\n", "line 3 column 3: asks, a: it should be", "correct that line"),
        ("title: [x]\n", "line 1 column 1: title: it should be one text", "correct that line"),
        ("title: x\nsteps: y\n", "line 2 column 1: steps: it should be a list", "correct that line"),
        ("title: x\nopen: maybe\n", "line 2 column 1: open: it should be true or false", "correct that line"),
        (
            "title: x\nsteps:\n- {id: a, do: b, with: {c: [d]}}\n",
            "line 3 column 25: steps no. 1, with, c: it should be one text",
            "correct that line",
        ),
        ("- x\n", "a.yaml: it should be a mapping", "correct that line"),
    ],
)
def test_a_mistake_in_a_model_has_path_place_and_a_next_step(text: str, message: str, hint: str) -> None:
    error = wrong(text)
    assert message in str(error)
    assert error.hint == hint


def test_a_typo_below_any_name_is_corrected_too() -> None:
    assert wrong("one: {titel: x}\n", Books).hint == "did you mean title?"


def test_a_message_never_repeats_a_value_which_may_be_a_password_in_the_wrong_place() -> None:
    assert "hunter2" not in str(wrong("title: x\nopen: hunter2\nsteps: hunter2\n"))


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KEY = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)  # YAML allows 1024 characters as written
DATA = st.recursive(TEXT, lambda d: st.lists(d, max_size=4) | st.dictionaries(KEY, d, max_size=4), max_leaves=12)


@given(DATA)
def test_whatever_is_written_as_json_comes_back(data: object) -> None:
    text = json.dumps(data)  # JSON with ASCII only, except that YAML takes no surrogate pairs
    if "\\ud" not in text:
        assert load(text, "a.yaml") == data


@given(st.text() | st.text("&*!{}[],:?-|>'\"%@#\n \\uUx0a\t"))
def test_no_text_at_all_ends_in_another_error(text: str) -> None:
    said = ""
    try:
        load(text, "a.yaml")
    except InvalidRequest as error:
        said = str(error)
    assert "\n" not in said
