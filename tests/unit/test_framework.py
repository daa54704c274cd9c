"""Competency frameworks: the catalogue is whole, honest about what it covers, and points only at work that exists."""

from __future__ import annotations

import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import pytest

from evidence.framework import FOLDER, Framework, load_frameworks
from ops.errors import InvalidRequest, NotFound
from ops.operation import names

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
ONBOARDING = ("user/onboard", "account.create", "group.add_member", "account.first_password", "account.enable")
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
    return {*names("operations"), *names("audits"), *books}


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
    assert {framework.id: framework.unmatched(everything()) for framework in load_frameworks()} == {"rapids-1059cb": ()}


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


def test_reading_all_frameworks_is_cheap_enough_for_every_run() -> None:
    load_frameworks()
    start = time.perf_counter()
    load_frameworks()
    assert time.perf_counter() - start < 0.1  # measured: 2 ms; a machine under load may take its time


def test_reading_frameworks_needs_no_pydantic() -> None:
    code = "import sys, evidence.framework as f; f.load_frameworks(); sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=PLAYBOOKS.parent).returncode == 0
