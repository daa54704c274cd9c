"""Held against its source: lines and hashes, words that are too alike, and what must stay out."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from evidence.framework import Framework
from evidence.framework_check import check_source
from evidence.framework_file import read
from ops.errors import InvalidRequest

SOURCE = """\
A catalogue of things one should be able to do
• Makes a cup of strong tea for everybody
in the room before the meeting begins
• Must run a mile
"""


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def catalogue(folder: Path, **changed: str) -> Framework:
    """A catalogue of ``SOURCE``, as it should be but for what is changed."""
    whole = {
        "label": "Serves hot drinks",
        "because": "a kettle was seen to boil",
        "line": "2",
        "hash": hashed("• Makes a cup of strong tea for everybody in the room before the meeting begins"),
        "bullets": "1",
    } | changed
    folder.joinpath("source.txt").write_text(SOURCE, encoding="utf-8")
    path = folder / "drinks.yaml"
    path.write_text(
        f"""\
schema: framework/1
id: drinks
title: Drinks
edition: "1"
source: {{title: A list, sha256: {hashed(SOURCE)}, numbering: as there}}
left_out:
- {{from: 4, to: 4, bullets: {whole["bullets"]}, because: bodies are no evidence}}
units:
- id: all
  label: All
  source: {{line: 1, sha256: {hashed(SOURCE.splitlines()[0])}}}
  items:
  - id: d1
    label: {whole["label"]}
    kind: performance
    mode: guided
    source: {{line: {whole["line"]}, through: {int(whole["line"]) + 1}, sha256: {whole["hash"]}}}
    evidenced_by:
    - {{work: task/tea, because: {whole["because"]}, covers: partial}}
""",
        encoding="utf-8",
    )
    return read(path)


def test_a_catalogue_that_agrees_with_its_source_has_no_mistakes(tmp_path: Path) -> None:
    assert check_source(catalogue(tmp_path), tmp_path) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"hash": hashed("something else")}, "d1: line 2 of the source is not what was hashed"),
        ({"label": "Makes cup of strong tea for everybody in hall"}, ""),
        (
            {"label": "makes a cup of strong tea for everybody in"},
            "d1 shares 9 words in a row with its source: makes a cup of strong tea for everybody in",
        ),
        (
            {"because": "he makes a cup of strong tea for everybody in the house"},
            "d1 shares 9 words in a row with its source: makes a cup of strong tea for everybody in",
        ),
        ({"bullets": "2"}, "lines 4 to 4 of the source have 1 bullets, not 2"),
        (
            {"line": "3", "hash": hashed("in the room before the meeting begins • Must run a mile")},
            "d1 is of a part that must never be evidence: bodies are no evidence",
        ),
    ],
)
def test_what_does_not_agree_is_named(tmp_path: Path, changed: dict[str, str], said: str) -> None:
    assert check_source(catalogue(tmp_path, **changed), tmp_path) == ([said] if said else [])


def test_without_the_source_nothing_can_be_said(tmp_path: Path) -> None:
    made = catalogue(tmp_path)
    (tmp_path / "source.txt").unlink()
    with pytest.raises(InvalidRequest, match="is the source of drinks") as caught:
        check_source(made, tmp_path)
    assert made.source_sha256 in caught.value.hint
