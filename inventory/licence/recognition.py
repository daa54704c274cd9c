"""What an installed row is: rules by priority, the first that fits decides; what no rule knows is listed, never lost.

A rule's publisher must fit whenever the row has one: a name alone misfires. Rows repeat a great deal, so each distinct
(publisher, name, version) is looked up once, and among rules that can fit its first word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from inventory.licence.model import UNKNOWN_RELEASE, Installation, Product
from inventory.licence.naming import Name, normal

_WORD = re.compile(r"\w+")
_LITERAL = re.compile(r"[\w ]*")


@dataclass(frozen=True)
class Example:
    """A row as an installer wrote it. ``release`` is the one it must be recognised as, if it matters."""

    name: str
    publisher: str = ""
    version: str = ""
    release: str = ""


ANYTHING = ".+"  # a name pattern that leaves it to the publisher


@dataclass(frozen=True)
class Rule:
    """Patterns over normal names, which must fit whole; ``releases`` maps the first parts of a version to a release.

    A group called ``release`` in the name's pattern says the release before ``releases`` is asked.
    """

    id: str
    priority: int
    publisher: str
    name: str
    product: str
    releases: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    counterexamples: tuple[Example, ...] = ()

    @cached_property
    def patterns(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        """Publisher and name, compiled."""
        return re.compile(self.publisher), re.compile(self.name)

    def match(self, row: Name) -> re.Match[str] | None:
        """Whether it fits; the match of the name."""
        publisher, name = self.patterns
        if row.publisher and not publisher.fullmatch(row.publisher):
            return None
        if not row.publisher and self.name == ANYTHING:
            return None  # a rule about a publisher alone says nothing of a row without one
        return name.fullmatch(row.name)

    def release(self, row: Name, match: re.Match[str]) -> str:
        """The release a fitting row says it is, or empty."""
        if named := match.groupdict().get("release"):
            return named
        parts = row.version.split(".")
        whole = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
        return next((self.releases[start] for start in whole if start in self.releases), "")


@dataclass(frozen=True, slots=True)
class Recognition:
    """The answer for one row: rule, product and the rank of its release, ``UNKNOWN_RELEASE`` if that cannot be told."""

    name: Name
    rule: str = ""
    product: str = ""
    rank: int = 0


@dataclass(frozen=True)
class Catalogue:
    """Products and the rules that find them."""

    products: Mapping[str, Product]
    rules: tuple[Rule, ...]


class Recogniser:
    """Looks rows up by the rules of a catalogue, and remembers every distinct row."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._known: dict[tuple[str, str, str], Recognition] = {}
        self._by_word: dict[str, tuple[Rule, ...]] = {}
        self._ordered = sorted(catalogue.rules, key=lambda rule: (rule.priority, rule.id))

    def __call__(self, row: Installation) -> Recognition:
        """What this row is."""
        key = (row.publisher, row.name, row.version)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self.recognise(*key)
        return found

    def recognise(self, publisher: str, name: str, version: str = "") -> Recognition:
        """What a row of these raw texts is, looked up anew."""
        row = normal(publisher, name, version)
        for rule in self._candidates(row.name):
            if match := rule.match(row):
                return Recognition(row, rule.id, rule.product, self._rank(rule, row, match))
        return Recognition(row)

    def _rank(self, rule: Rule, row: Name, match: re.Match[str]) -> int:
        product = self.catalogue.products[rule.product]
        if not product.ranks:
            return 0
        rank = product.rank_of(rule.release(row, match))
        return UNKNOWN_RELEASE if rank is None else rank

    def _candidates(self, name: str) -> tuple[Rule, ...]:
        """The rules whose first word this name has, in order, with those that begin with no plain word."""
        first = _WORD.match(name)
        word = first[0] if first else ""
        if word not in self._by_word:
            fitting = (rule for rule in self._ordered if leading_word(rule.name) in ("", word))
            self._by_word[word] = tuple(fitting)
        return self._by_word[word]


def leading_word(pattern: str) -> str:
    """The whole word that every name fitting a pattern begins with; empty where the pattern leaves it open."""
    literal = _LITERAL.match(pattern)
    start, rest = (literal[0], pattern[literal.end() :]) if literal else ("", pattern)
    if "|" in _outside_groups(pattern):
        return ""
    word, blank, _ = start.partition(" ")
    return word if (blank and not (start == f"{word} " and rest[:1] in _OPTIONAL)) or not rest else ""


_OPTIONAL = ("?", "*", "{")


def _outside_groups(pattern: str) -> Iterator[str]:
    """The characters of a pattern that stand in no group and no class."""
    depth, escaped, in_class = 0, False, False
    for char in pattern:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif depth == 0:
            yield char


def check_rules(catalogue: Catalogue) -> list[str]:
    """What is wrong with the rules, one line each: every example is run against all of them, not its own rule only."""
    recogniser = Recogniser(catalogue)
    mistakes = [line for rule in catalogue.rules for line in _check(rule, recogniser)]
    return [*mistakes, *_unreachable(catalogue)]


def _check(rule: Rule, recogniser: Recogniser) -> Iterator[str]:
    if not rule.examples or not rule.counterexamples:
        yield f"{rule.id}: needs at least one row that it is and one that it is not"
    for example in rule.examples:
        found = recogniser.recognise(example.publisher, example.name, example.version)
        if found.rule != rule.id:
            yield f"{rule.id}: {example.name} is found as {found.rule or 'nothing'}"
            continue
        wanted = recogniser.catalogue.products[rule.product].rank_of(example.release)
        if example.release and found.rank != wanted:
            yield f"{rule.id}: {example.name} {example.version} is not found as release {example.release}"
    for example in rule.counterexamples:
        if recogniser.recognise(example.publisher, example.name, example.version).rule == rule.id:
            yield f"{rule.id}: {example.name} is found, and must not be"


def _unreachable(catalogue: Catalogue) -> Iterator[str]:
    """Products that no rule leads to would look as if nobody had them."""
    reached = {rule.product for rule in catalogue.rules}
    yield from (f"{product}: no rule finds it" for product in catalogue.products if product not in reached)
