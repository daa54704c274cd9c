"""Competency frameworks: the catalogue is whole, honest about what it covers, and points only at work that exists."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from evidence.framework import FOLDER, Framework, find_item, load_frameworks
from evidence.framework_check import check
from ops.cli.cataloguing import REPORTS
from ops.errors import InvalidRequest, NotFound
from ops.operation import names

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
ONBOARDING = ("user/onboard", "account.create", "group.add_member", "account.first_password", "account.enable")
COUNTS = {  # units, items; performance, knowledge, behaviour; source: the documents, counted by hand
    "itied-1.2": (14, 240, 117, 97, 26),
    "pipeline-its": (2, 12, 12, 0, 0),
    "rapids-1059cb": (7, 45, 45, 0, 0),
    "scoe-itst": (4, 46, 20, 10, 16),
    "sds-ta-its-8": (8, 160, 59, 101, 0),
}
SMALL = """\
schema: framework/1
id: mine
title: Mine
edition: "1"
source:
  title: A document
  sha256: {hash}
  numbering: as in the document
units:
- id: "1"
  label: One unit
  source: {{line: 1, sha256: {hash}}}
  items:
  - id: 1.A
    label: One item
    kind: performance
    mode: automated
    source: {{line: 2, sha256: {hash}}}
    evidenced_by:
    - work: group.*
      because: the first reason
      covers: partial
    - work: group.add_member
      because: the better reason
      covers: full
  - id: 1.B
    label: Another item
    kind: knowledge
    mode: guided
    source: {{line: 3, sha256: {hash}}}
""".format(hash="0" * 64)


@pytest.fixture(scope="module")
def rapids() -> Framework:
    return next(framework for framework in load_frameworks() if framework.id == "rapids-1059cb")


def mine(folder: Path, text: str = SMALL, name: str = "mine.yaml") -> Framework:
    folder.joinpath(name).write_text(text, encoding="utf-8")
    return load_frameworks(folder)[-1]


def everything() -> set[str]:
    """The names of all work there is: operations and audits with dots, playbooks with a slash."""
    books = {path.relative_to(PLAYBOOKS).with_suffix("").as_posix() for path in PLAYBOOKS.glob("*/*.yaml")}
    return {*names("operations"), *names("audits"), *REPORTS, *books}


def framework(name: str) -> Framework:
    return next(one for one in load_frameworks() if one.id == name)


@pytest.mark.parametrize("name", COUNTS)
def test_each_catalogue_has_as_many_items_of_each_kind_as_its_document(name: str) -> None:
    items = list(framework(name).items)
    kinds = [item.kind for item in items]
    counted = (kinds.count("performance"), kinds.count("knowledge"), kinds.count("behaviour"))
    assert (len(framework(name).units), len(items), *counted) == COUNTS[name]
    assert len({item.id for item in items}) == len(items)


def test_the_scottish_catalogue_has_its_requirements_meta_skills_and_standards() -> None:
    sds = framework("sds-ta-its-8")
    per_unit = [[item.kind for item in unit.items] for unit in sds.units]
    assert [kinds.count("performance") for kinds in per_unit] == [10, 7, 9, 6, 6, 6, 7, 8]
    assert [kinds.count("knowledge") for kinds in per_unit] == [14, 13, 12, 17, 10, 11, 11, 13]
    assert [unit.optional for unit in sds.units] == [False] * 6 + [True] * 2
    assert sds.at_least_optional == 1
    assert len(sds.meta_skills) == 12
    assert [len(unit.meta_skills) for unit in sds.units] == [6, 4, 12, 11, 10, 10, 10, 10]
    assert len({code for unit in sds.units for code in unit.standards}) == 12


def test_the_education_catalogue_has_its_levels_and_says_where_the_document_is_damaged() -> None:
    items = list(framework("itied-1.2").items)
    levels = [item.level for item in items]
    assert [levels.count(level) for level in ("0.5", "1", "2", "3")] == [56, 66, 65, 53]
    assert {item.quality for item in items} == {"", "truncated", "fused", "garbled"}
    assert len({item.id.partition(".")[0] for item in items}) == 7


def test_health_schooling_and_records_of_a_job_description_are_never_evidence() -> None:
    sonoma = framework("scoe-itst")
    (left_out,) = sonoma.left_out
    assert left_out.bullets == 22
    assert max(max(item.source.line, item.source.through) for item in sonoma.items) < left_out.first


@pytest.mark.parametrize("name", COUNTS)
def test_every_item_of_the_five_has_a_guided_way_today(name: str) -> None:
    assert check(framework(name), everything()) == []


def test_the_check_finds_a_rule_about_nothing_and_an_item_without_a_way(tmp_path: Path) -> None:
    found = check(mine(tmp_path), {"group.add_member"})
    assert found == [
        "1.A has no guided way: nobody can give evidence for it today",
        "1.B has no guided way: nobody can give evidence for it today",
    ]
    assert "no operation, audit or playbook is called group.*" in check(mine(tmp_path), {"account.create"})


def test_what_is_only_planned_matches_no_work(tmp_path: Path) -> None:
    planned = mine(tmp_path, SMALL.replace("work: group.*", "planned: groups of all kinds"))
    assert planned.unmatched(["group.add_member"]) == ()
    assert [tag.rule for tag in planned.tags(["group.remove_member", ""])] == []


@pytest.mark.parametrize("name", COUNTS)
def test_the_shipped_schema_accepts_every_catalogue(name: str) -> None:
    schema = json.loads(FOLDER.joinpath("framework.schema.json").read_text(encoding="utf-8"))
    text = FOLDER.joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    Draft202012Validator(schema).validate(yaml.load(text, yaml.BaseLoader))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: knowledge", "kind: skill"),
        ("title: Mine", "titel: Mine"),
        ("label: Another item", "label: " + "w " * 11),
    ],
)
def test_the_shipped_schema_refuses_what_the_reader_refuses(old: str, new: str) -> None:
    schema = json.loads(FOLDER.joinpath("framework.schema.json").read_text(encoding="utf-8"))
    assert Draft202012Validator(schema).is_valid(yaml.load(SMALL, yaml.BaseLoader))
    assert not Draft202012Validator(schema).is_valid(yaml.load(SMALL.replace(old, new), yaml.BaseLoader))


def test_an_item_that_is_named_gets_a_tag_that_says_so(tmp_path: Path) -> None:
    text = SMALL.replace("units:", "when_named:\n- {work: journal/*, kinds: knowledge, because: it talks}\nunits:", 1)
    (tag,) = mine(tmp_path, text).tags(["journal/discuss"], named=["1.B"])
    assert (tag.item, tag.origin, tag.covers, tag.rationale) == ("1.B", "named", "partial", "it talks")
    with pytest.raises(InvalidRequest, match="cannot count toward mine 1.A, which is performance"):
        mine(tmp_path, text).tags(["journal/discuss"], named=["1.A"])


def test_work_that_shows_many_things_counts_only_where_it_is_named(tmp_path: Path) -> None:
    framework_ = mine(tmp_path, SMALL.replace("covers: partial", "covers: partial\n      only: named", 1))
    assert framework_.tags(["group.remove_member"]) == ()
    (tag,) = framework_.tags(["group.remove_member"], named=["1.A"])
    assert tag.origin == "named"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("rapids-1059cb:1.C", "1.C"),
        ("1.C", "1.C"),
        ("ws4.pr2", "ws4.pr2"),
        ("itied-1.2:tech.f.r07.05", "tech.f.r07.05"),
    ],
)
def test_an_item_is_found_with_or_without_its_framework(wanted: str, found: str) -> None:
    assert find_item(load_frameworks(), wanted)[1].id == found


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [("rapids:1.C", "rapids-1059cb"), ("rapids-1059cb:1.Z", "1."), ("ws4.pr77", ".pr"), ("x", ":")],
)
def test_an_item_there_is_not_gets_a_suggestion(wanted: str, hint: str) -> None:
    with pytest.raises(NotFound) as caught:
        find_item(load_frameworks(), wanted)
    assert hint in caught.value.hint


def test_an_item_of_two_frameworks_must_be_named_in_full(tmp_path: Path) -> None:
    mine(tmp_path, SMALL.replace("id: 1.B", "id: 1.D"))
    with pytest.raises(InvalidRequest) as caught:
        find_item(load_frameworks(tmp_path), "1.D")
    assert "mine:1.D" in caught.value.hint
    assert "rapids-1059cb:1.D" in caught.value.hint


def test_the_rapids_catalogue_has_all_seven_units_and_forty_five_items(rapids: Framework) -> None:
    assert [len(unit.items) for unit in rapids.units] == [9, 6, 6, 8, 4, 5, 7]
    expected = [f"{unit.id}.{letter}" for unit in rapids.units for letter in "ABCDEFGHI"[: len(unit.items)]]
    assert [item.id for item in rapids.items] == expected
    assert len(set(expected)) == 45


def test_a_third_of_the_catalogue_needs_people_and_the_file_says_so(rapids: Framework) -> None:
    modes = [item.mode for item in rapids.items]
    assert [modes.count(mode) for mode in ("automated", "automated+attested", "guided")] == [24, 15, 6]


def test_every_wording_names_its_line_in_the_source_and_no_two_share_one(rapids: Framework) -> None:
    sources = [unit.source for unit in rapids.units] + [item.source for item in rapids.items]
    assert len({source.line for source in sources}) == len({source.sha256 for source in sources}) == 52
    lines = [item.source.line for item in rapids.items]
    assert lines == sorted(lines)


def test_labels_are_short_names_of_our_own_and_no_two_are_alike(rapids: Framework) -> None:
    labels = [part.label for part in (*rapids.units, *rapids.items)]
    assert max(len(label.split()) for label in labels) <= 10
    assert len(set(labels)) == len(labels)


def test_every_glob_matches_something_that_exists() -> None:
    assert set(COUNTS) == {framework.id for framework in load_frameworks()}
    assert [framework.unmatched(everything()) for framework in load_frameworks()] == [()] * len(COUNTS)


def test_a_glob_that_matches_nothing_is_reported(rapids: Framework) -> None:
    assert rapids.unmatched(everything() - {"account.expire"}) == ("account.expire",)


def test_an_onboarding_counts_toward_accounts_access_and_server_users(rapids: Framework) -> None:
    tags = {tag.item: tag for tag in rapids.tags(ONBOARDING)}
    assert {item: tag.covers for item, tag in tags.items()} == {
        "1.C": "partial",
        "4.E": "partial",
        "4.G": "full",
        "7.B": "partial",
    }
    assert tags["1.C"].rule == "user/onboard"
    assert tags["1.C"].framework == "rapids-1059cb"
    assert "password" in tags["1.C"].rationale


def test_an_audit_of_passwords_counts_toward_watching_them_in_part(rapids: Framework) -> None:
    assert [(tag.item, tag.covers) for tag in rapids.tags(["directory.passwords"])] == [("7.A", "partial")]


def test_an_onboarding_without_groups_gives_no_access_and_claims_none(rapids: Framework) -> None:
    assert [tag.item for tag in rapids.tags(set(ONBOARDING) - {"group.add_member"})] == ["1.C", "4.G"]


@pytest.mark.parametrize(
    "work", ["account.unlock", "account.enable", "account.relocate", "account", "user.onboard", ""]
)
def test_work_that_evidences_nothing_by_itself_counts_toward_nothing(rapids: Framework, work: str) -> None:
    assert rapids.tags([work]) == ()


def test_no_item_that_a_person_must_attest_is_ever_covered_in_full() -> None:
    for framework in load_frameworks():
        for tag in framework.tags(everything()):
            item = framework.item(tag.item)
            assert tag.covers == "partial" or (item.kind, item.mode) == ("performance", "automated")


def test_an_item_gets_one_tag_by_the_rule_that_says_most(tmp_path: Path) -> None:
    framework = mine(tmp_path)
    (tag,) = framework.tags(iter(["group.add_member", "group.remove_member"]))
    assert (tag.rule, tag.rationale, tag.covers) == ("group.add_member", "the better reason", "full")
    (tag,) = framework.tags(["group.remove_member"])
    assert (tag.rule, tag.rationale, tag.covers) == ("group.*", "the first reason", "partial")


def test_the_version_changes_with_every_change_of_the_file(tmp_path: Path) -> None:
    before = mine(tmp_path).version
    after = mine(tmp_path, SMALL.replace("the better reason", "a better reason")).version
    assert before != after
    assert after == "1+" + sha256(tmp_path.joinpath("mine.yaml").read_bytes()).hexdigest()[:12]


def test_an_item_is_found_by_its_id_and_a_wrong_id_gets_a_suggestion(rapids: Framework) -> None:
    assert rapids.item("1.C").kind == "performance"
    with pytest.raises(NotFound) as caught:
        rapids.item("1C")
    assert "1.C" in caught.value.hint


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("schema: framework/1", "schema: framework/2", "line 1 column 1: schema: it should be one of framework/1"),
        ("id: mine", "id: yours", "line 2 column 1: id: the file is called mine.yaml"),
        ("title: Mine", "titel: Mine", "line 3 column 1: titel: nothing is called that here"),
        ("title: Mine\n", "", "title is missing"),
        ("title: Mine", "title:", "line 3 column 1: title: it should be one text"),
        ("title: Mine", "title: [Mine]", "line 3 column 1: title: it should be one text"),
        ("title: A document", "title: ' '", "line 6 column 3: title: it should be one text"),
        ("kind: knowledge", "kind: skill", "line 28 column 5: kind: it should be one of performance, knowledge"),
        ("mode: guided", "mode: magic", "mode: it should be one of automated, automated+attested, guided"),
        ("covers: partial", "covers: most", "line 22 column 7: covers: it should be one of full, partial"),
        ("id: 1.B", "id: 1.A", "line 26 column 5: id: 1.A is given twice"),
        ("id: 1.B", 'id: "1"', "line 26 column 5: id: 1 is given twice"),
        ("id: 1.B", "id: one b", "id: it does not have the right shape"),
        ("line: 3", "line: third", "line: it does not have the right shape"),
        ("line: 3", "line: 0", "line: it does not have the right shape"),
        (f"3, sha256: {'0' * 64}", f"3, sha256: {'0' * 63}", "sha256: it does not have the right shape"),
        (f"  sha256: {'0' * 64}", "  sha256: none", "line 7 column 3: sha256: it does not have the right shape"),
        ("label: Another item", f"label: {'word ' * 11}", "label: it has more than 10 words"),
        ("mode: automated\n", "mode: automated+attested\n", "line 25 column 7: covers: no run covers"),
        ("kind: performance", "kind: knowledge", "line 25 column 7: covers: no run covers"),
        ("  source: {line: 1", "  source: [{line: 1", "mine.yaml line"),
        ("units:\n", "units: none\nmore:\n", "nothing is called that"),
        (SMALL, "units", "here should be a mapping"),
        (SMALL, "", "here should be a mapping"),
        (SMALL[SMALL.index("units:") :], "units: none", "line 9 column 1: units: it should be a list"),
        (SMALL[SMALL.index("units:") :], "units: [none]", "line 9 column 9: here should be a mapping"),
    ],
)
def test_a_mistake_in_a_framework_is_named_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SMALL
    with pytest.raises(InvalidRequest) as caught:
        mine(tmp_path, SMALL.replace(old, new, 1))
    assert said in str(caught.value)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_two_frameworks_of_one_id_fail_at_load(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="rapids-1059cb already"):
        mine(tmp_path, FOLDER.joinpath("rapids-1059cb.yaml").read_text(encoding="utf-8"), "rapids-1059cb.yaml")


def test_a_file_that_is_not_text_is_one_clear_line(tmp_path: Path) -> None:
    tmp_path.joinpath("mine.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidRequest, match="cannot be read as text"):
        load_frameworks(tmp_path)


def test_a_workspace_without_frameworks_of_its_own_has_those_of_the_package(tmp_path: Path) -> None:
    assert load_frameworks(tmp_path / "nothing here") == load_frameworks()


def test_reading_frameworks_needs_no_pydantic() -> None:
    code = "import sys, evidence.framework as f; f.load_frameworks(); sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=PLAYBOOKS.parent).returncode == 0
