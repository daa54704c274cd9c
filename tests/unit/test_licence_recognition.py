"""Recognising software: one spelling for names, rules whose examples are run, and nothing that is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.licence.census import Estate, census
from inventory.licence.model import UNKNOWN_RELEASE, Device, Installation, Product, Release
from inventory.licence.naming import normal
from inventory.licence.recognition import Catalogue, Example, Recogniser, Recognition, Rule, check_rules, leading_word
from inventory.licence.recognition_file import SHIPPED, merged, read, shipped
from ops.errors import InvalidRequest

RECOGNISE = Recogniser(shipped())
ROWS = [example for rule in shipped().rules for example in (*rule.examples, *rule.counterexamples)]


@pytest.mark.parametrize(
    ("raw", "name", "version"),
    [
        ("Mozilla Firefox (x64 en-GB)", "mozilla firefox", ""),
        ("7-Zip 23.01 (x64)", "7-zip", "23.01"),
        ("WinRAR.exe", "winrar", ""),
        ("Microsoft® Visio™ Standard 2019 - de-DE", "microsoft visio standard 2019", ""),
        ("AutoCAD 2024 - English", "autocad 2024", ""),
        ("SumatraPDF 64-bit", "sumatrapdf", ""),
        ("Git version 2.43.0", "git", "2.43.0"),
        ("Outlook (add-on)", "outlook (add-on)", ""),
        ("7.1", "7.1", ""),
        ("Tool 1.2 (3.4)", "tool", "3.4"),
    ],
)
def test_version_architecture_locale_and_exe_are_stripped_and_a_year_stays(raw: str, name: str, version: str) -> None:
    assert (normal("", raw).name, normal("", raw).version) == (name, version)


@pytest.mark.parametrize(
    ("raw", "owner"),
    [
        ("Microsoft Corporation", "microsoft"),
        ("Adobe Systems Incorporated", "adobe systems"),
        ("Autodesk, Inc.", "autodesk"),
        ("JetBrains s.r.o.", "jetbrains"),
        ("Limited", "limited"),
    ],
)
def test_a_publisher_is_known_without_its_legal_form(raw: str, owner: str) -> None:
    assert normal(raw, "x").publisher == owner


@given(st.text(), st.text(), st.text())
def test_a_normal_name_is_normal_already_and_never_empty_for_a_name_with_letters(a: str, b: str, c: str) -> None:
    once = normal(a, b, c)
    assert normal(once.publisher, once.name, once.version) == once
    assert once.name or not any(char.isalnum() for char in b)


def test_the_shipped_rules_agree_with_all_their_examples() -> None:
    assert check_rules(shipped()) == []
    assert len(shipped().rules) >= 25


def test_a_rule_without_examples_or_with_a_wrong_one_is_named() -> None:
    product = Product("p", "A", "P", releases=(Release("1", 1), Release("2", 2)))
    rule = Rule("r", 1, "a", "p( .*)?", "p", {"2": "2"})
    assert check_rules(Catalogue({"p": product}, (rule,))) == [
        "r: needs at least one row that it is and one that it is not"
    ]
    wrong = replace(
        rule,
        examples=(Example("q", "a"), Example("p", "a", "1.0", release="2"), Example("p", "a", "2.9", release="2")),
        counterexamples=(Example("p extra", "a"),),
    )
    assert check_rules(Catalogue({"p": product, "lost": product}, (wrong,))) == [
        "r: q is found as nothing",
        "r: p 1.0 is not found as release 2",
        "r: p extra is found, and must not be",
        "lost: no rule finds it",
    ]


def test_first_rule_by_priority_decides() -> None:
    rules = (Rule("a", 9, "a", "p.*", "late"), Rule("b", 1, "a", "pq", "early"))
    products = {one: Product(one, "A", one) for one in ("late", "early")}
    recognise = Recogniser(Catalogue(products, rules))
    assert recognise.recognise("A", "PQ").product == "early"
    assert recognise.recognise("A", "PR").product == "late"


def test_publisher_must_match_when_present() -> None:
    name = "Microsoft 365 Apps for enterprise - en-us"
    assert RECOGNISE.recognise("Microsoft Corporation", name).product == "microsoft.365-apps"
    assert RECOGNISE.recognise("", name).product == "microsoft.365-apps"
    assert RECOGNISE.recognise("Somebody Else", name).product == ""


def test_a_release_comes_from_the_name_then_from_the_longest_version_start() -> None:
    product = Product("p", "A", "P", releases=tuple(Release(v, i) for i, v in enumerate(("1", "2", "3"), 1)))
    rule = Rule("r", 1, "a", r"p( (?P<release>\d))?", "p", {"16": "1", "16.0": "2"})
    recognise = Recogniser(Catalogue({"p": product}, (rule,))).recognise
    assert [recognise("a", "p", version).rank for version in ("16.0.1", "16.1", "17", "160")] == [2, 1, -1, -1]
    assert recognise("a", "p 3", "16.0").rank == 3
    assert recognise("a", "p 9", "16.0").rank == UNKNOWN_RELEASE


def test_unrecognised_rows_are_listed_never_dropped() -> None:
    rows = [Installation("A", "Acme", "Thing", "1")] * 2 + [Installation("B", "", "Other")]
    free = [Installation("A", "Igor Pavlov", "7-Zip 23.01 (x64)"), Installation("A", "Mozilla", "Mozilla Firefox")]
    estate = Estate(date(2026, 11, 22), shipped().products, {"A": Device("A"), "B": Device("B")})
    found = census([*rows, *free], RECOGNISE, estate)
    assert found.unknown_names() == [("Acme", "Thing", "1", 2), ("", "Other", "", 1)]
    assert found.dropped == {"open_source": 2}
    assert found.rows == 5
    assert found.installed == {}


def test_each_distinct_row_is_looked_up_once() -> None:
    asked: list[str] = []

    class Counting(Recogniser):
        def recognise(self, publisher: str, name: str, version: str = "") -> Recognition:
            asked.append(name)
            return super().recognise(publisher, name, version)

    recognise = Counting(shipped())
    for n in range(300):
        recognise(Installation(f"PC{n}", "Mozilla", ("Mozilla Firefox", "Unheard Of")[n % 2]))
    assert asked == ["Mozilla Firefox", "Unheard Of"]


@given(st.data())
def test_the_index_by_first_word_finds_what_asking_every_rule_finds(data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(ROWS))
    name = data.draw(st.sampled_from([row.name, row.name.upper(), f"{row.name} x", row.name[1:], row.name[:-1]]))
    plain = normal(row.publisher, name, row.version)
    rules = sorted(shipped().rules, key=lambda rule: (rule.priority, rule.id))
    expected = next((rule.id for rule in rules if rule.match(plain)), "")
    assert RECOGNISE.recognise(row.publisher, name, row.version).rule == expected


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        ("microsoft edge.*", "microsoft"),
        ("winrar", "winrar"),
        ("word? x", ""),
        ("word ?x", ""),
        ("words|others y", ""),
        ("a b|c d", ""),
        (r"a (b|c)", "a"),
        ("(u|b)torrent", ""),
        (r"a [|] b\|c", "a"),
        ("7-zip", ""),
    ],
)
def test_a_pattern_has_a_first_word_only_when_every_name_must_begin_with_it(pattern: str, word: str) -> None:
    assert leading_word(pattern) == word


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("priority: 10", "priority: soon", "priority"),
        ("name: winrar\n", "name: (winrar\n", "pattern"),
        ("product: winrar\n", "product: winrarr\n", "winrarr"),
        ("- id: winrar\n", "- id: 7-zip\n", "two rules"),
        ("suites: [adobe.creative-cloud]", "suites: [adobe.cc]", "adobe.cc"),
        ("category: prohibited", "category: banned", "banned"),
        ("    publisher: videolan", "    publishr: videolan", "publishr"),
    ],
)
def test_a_mistake_in_the_file_is_named(old: str, new: str, message: str) -> None:
    text = Path(SHIPPED).read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(InvalidRequest, match=message) as caught:
        read(text.replace(old, new), "recognition.yaml")
    assert caught.value.hint


def test_a_release_that_a_rule_leads_to_must_be_one_of_the_product() -> None:
    text = "products: {p: {publisher: a, name: p}}\nrules: [{id: r, priority: 1, publisher: a, name: p, product: p,"
    with pytest.raises(InvalidRequest, match="release 9"):
        read(f'{text} releases: {{"16": "9"}}}}]\n', "own.yaml")


def test_rules_of_ones_own_replace_shipped_ones_of_the_same_id_only() -> None:
    text = "products: {winrar: {publisher: R, name: W, category: free}}\n"
    own = read(text + "rules: [{id: winrar, priority: 1, publisher: r, name: winrar, product: winrar}]\n", "own.yaml")
    both = merged(shipped(), own)
    assert both.products["winrar"].category == "free"
    assert len(both.rules) == len(shipped().rules)
    assert Recogniser(both).recognise("Mozilla", "Mozilla Firefox").product == "firefox"
