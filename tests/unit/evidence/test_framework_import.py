"""Frameworks of one's own, from a table, from Moodle and from CASE: nothing of them is lost."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from evidence.framework import Framework
from evidence.framework_compare import compare
from evidence.framework_file import read
from evidence.framework_import import to_yaml
from ops.errors import InvalidRequest

LONG = "Explains to somebody who is new here how a thing is done and why it is done so and not otherwise"
TABLE = f"""\
id,label,unit,kind,mode,level,owner
N 1,Patches a cable,Network,performance,automated,1,Ann
N/1,{LONG},Network,knowledge,guided,2,
x,"Smiles, always",,behaviour,,1,
"""
MOODLE_HEAD = (
    "Parent ID number,ID number,Short name,Description,Description format,Scale values,Scale configuration,"
    "Rule type (optional),Rule outcome (optional),Rule config (optional),Cross-referenced competency ID numbers,"
    "Exported ID (optional),Is framework,Taxonomy"
)
MOODLE = f"""\
{MOODLE_HEAD}
,IT,IT support,<p>All of it</p>,1,"not yet,yes",[1],,,,,7,1,"domain,competency"
,NET,Networks,<p>Wires</p>,1,,,,,,,8,,
NET,NET-1,Patches,<p>Patches a cable, and tests it</p>,1,,,,,,NET-2,9,,
NET,NET-2,Measures,,1,,,core_competency\\competency_rule_all,1,,,10,,
""".replace("<p>Patches a cable, and tests it</p>", '"<p>Patches a cable, and tests it</p>"')
CASE: dict[str, Any] = {
    "CFDocument": {
        "identifier": "doc-1",
        "uri": "https://case.invalid/doc-1",
        "title": "IT support",
        "creator": "A college",
        "lastChangeDateTime": "2026-01-01T00:00:00Z",
        "CFPackageURI": {"title": "IT", "identifier": "p", "uri": "https://case.invalid/p"},
    },
    "CFItems": [
        {"identifier": "u-1", "uri": "https://case.invalid/u-1", "fullStatement": "Networks", "CFItemType": "Unit"},
        {
            "identifier": "i-1",
            "uri": "https://case.invalid/i-1",
            "fullStatement": LONG,
            "humanCodingScheme": "NET.1",
            "educationLevel": ["08"],
            "language": "en",
        },
        {"identifier": "i-2", "uri": "https://case.invalid/i-2", "fullStatement": "Stands alone"},
    ],
    "CFAssociations": [
        {
            "associationType": kind,
            "originNodeURI": {"identifier": origin},
            "destinationNodeURI": {"identifier": destination},
        }
        for kind, origin, destination in (
            ("isChildOf", "u-1", "doc-1"),
            ("isChildOf", "i-1", "u-1"),
            ("isRelatedTo", "i-2", "i-1"),
        )
    ],
    "CFDefinitions": {"CFSubjects": [{"title": "IT"}]},
}


def imported(folder: Path, text: str, name: str) -> Framework:
    path = folder / "our.yaml"
    path.write_text(to_yaml(text.encode(), name, "our"), encoding="utf-8")
    return read(path)


def everything_said(framework: Framework) -> str:
    """All values of a framework in one text."""
    parts = [*framework.units, *framework.items]
    said = [value for part in parts for value in (part.id, part.label, part.text, *part.extra.values())]
    kinds = [value for item in framework.items for value in (item.kind, item.mode, item.level)]
    return "\n".join([framework.title, *framework.extra.values(), *said, *kinds])


@pytest.mark.parametrize(("text", "name"), [(TABLE, "own.csv"), (MOODLE, "moodle.csv")])
def test_every_cell_of_a_table_is_still_there(tmp_path: Path, text: str, name: str) -> None:
    said = everything_said(imported(tmp_path, text, name))
    for row in csv.reader(io.StringIO(text.partition("\n")[2])):
        for cell in row:
            assert cell in said, cell


def test_every_value_of_a_case_package_is_still_there(tmp_path: Path) -> None:
    said = everything_said(imported(tmp_path, json.dumps(CASE), "case.json"))

    def values(part: Any) -> list[Any]:
        if isinstance(part, dict):
            return [v for each in part.values() for v in values(each)]
        return [v for each in part for v in values(each)] if isinstance(part, list) else [part]

    kept = {key: value for key, value in CASE.items() if key != "CFAssociations"}
    assert [value for value in values(kept) if str(value) not in said] == []
    assert "isRelatedTo" in said


def test_units_items_kinds_and_levels_come_out_as_they_went_in(tmp_path: Path) -> None:
    found = imported(tmp_path, TABLE, "own.csv")
    assert [(unit.label, len(unit.items)) for unit in found.units] == [("Network", 2), ("Items without a unit", 1)]
    assert [(i.id, i.kind, i.mode, i.level) for i in found.items] == [
        ("N-1", "performance", "automated", "1"),
        ("N-1-2", "knowledge", "guided", "2"),
        ("x", "behaviour", "guided", "1"),
    ]
    assert found.levels == ("1", "2")
    assert found.item("N-1-2").text == LONG
    assert found.item("N-1").extra == {"owner": "Ann", "id": "N 1"}


def test_what_came_in_can_be_claimed_at_once(tmp_path: Path) -> None:
    found = imported(tmp_path, json.dumps(CASE), "case.json")
    assert [tag.item for tag in found.tags(["task/lay_cable"], named=["NET.1"])] == ["NET.1"]


def test_a_table_with_semicolons_and_a_mark_at_its_beginning_is_read(tmp_path: Path) -> None:
    found = imported(tmp_path, "\ufeffid;label\na;One, or two\n", "excel.csv")
    assert [item.label for item in found.items] == ["One, or two"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,name\na,b\n", "has no column label"),
        ("id,label\n", "has no rows"),
        ("", "has no rows"),
        ("id,label\na,b,c\n", "line 2: it has more or fewer columns"),
        ("id,label\na\n", "line 2: it has more or fewer columns"),
        ("id,label,kind\na,b,skill\n", "line 2: kind is one of"),
        ('id,label\na,"b\n', "is not a table"),
        ("{", "is not a CASE package"),
        ('{"CFDocument": {}, "CFItems": []}', "is not a CASE package"),
        ('{"CFDocument": {"identifier": "x", "title": "t"}, "CFItems": [], "CFAssociations": []}', "has no entries"),
        (MOODLE.replace(',7,1,"', ',7,0,"'), "has no row that is the framework"),
    ],
)
def test_what_is_no_framework_is_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        imported(tmp_path, text, "in.csv")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_two_versions_are_compared_item_by_item(tmp_path: Path) -> None:
    before = imported(tmp_path, TABLE, "own.csv")
    after = imported(tmp_path, TABLE.replace("Patches a cable", "Tests a cable").replace("x,", "y,"), "own.csv")
    found = [(one.item, one.what, one.before, one.after) for one in compare(before, after)]
    assert ("N-1", "label", "Patches a cable", "Tests a cable") in found
    assert ("y", "is new", "", "Smiles, always") in found
    assert ("x", "is gone", "Smiles, always", "") in found
    assert compare(before, before) == []
