"""Competency frameworks: what an apprenticeship asks for, and which of our work counts toward it.

One file a framework, ``evidence/frameworks/<id>.yaml``; adding one touches nothing else. Wording is our own; a
source is named by line and hash. A run counts toward an item when the name of what it did matches one of the
item's rules, and each rule says why. A rule never says that somebody is competent: that is for a mentor to judge.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from ops.errors import InvalidRequest, NotFound

FOLDER = Path(__file__).parent / "frameworks"
KINDS = ("performance", "knowledge", "behaviour")  # knowledge and behaviour are never satisfied by runs alone
MODES = {"automated": "a run", "automated+attested": "a run with a statement", "guided": "a statement"}
COVERAGE = ("full", "partial")
QUALITIES = ("truncated", "fused", "garbled", "untitled")
GUIDED = ("task/", "journal/")  # playbooks that only ask


@dataclass(frozen=True)
class Tag:
    """That work counts toward an item. ``rule`` is the glob that matched; ``covers`` is ``full`` or ``partial``.

    ``version`` is that of the framework and its rules, so that a later change of either is seen. ``origin`` is
    ``rule``, or ``named`` where only the one who did the work says that it counts.
    """

    framework: str
    item: str
    version: str
    rule: str
    rationale: str
    covers: str
    label: str
    kind: str
    origin: str = "rule"


@dataclass(frozen=True)
class Source:
    """Where a wording comes from: line from 1 in the source's plain text, and SHA-256 (hex) of that stripped line.

    With ``through`` it is several lines, each stripped and joined by one space.
    """

    line: int
    sha256: str
    through: int = 0


@dataclass(frozen=True)
class Rule:
    """What evidences an item: a glob of names of operations, audits and playbooks, the reason, and how much of it.

    With ``planned`` instead of ``work`` it names a subject for which there is no command yet. ``only_named``
    counts where the one who did the work names the item, for such work can show many things.
    """

    work: str
    because: str
    covers: str
    planned: str = ""
    only_named: bool = False

    def matches(self, names: Iterable[str]) -> bool:
        """Whether one of these names is meant."""
        return bool(self.work) and any(fnmatchcase(name, self.work) for name in names)


@dataclass(frozen=True)
class NamedRule:
    """Work that counts toward any item of some kinds, if the one who did it names the item."""

    work: str
    kinds: tuple[str, ...]
    because: str


@dataclass(frozen=True)
class Item:
    """One competency. ``kind`` is one of ``KINDS``; ``mode``, one of ``MODES``, is how evidence for it is made.

    ``level`` is one of the framework's levels, or empty; ``quality`` says what is wrong with the source there.
    ``text`` is the whole wording and ``extra`` what else stood there, both only of frameworks that were imported.
    """

    id: str
    label: str
    kind: str
    mode: str
    source: Source
    evidenced_by: tuple[Rule, ...] = ()
    level: str = ""
    quality: str = ""
    text: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def rule_for(self, names: Collection[str], named: bool = False) -> Rule | None:
        """The rule that says most about work of these names: full before partial, then as the file orders them."""
        rules = (rule for rule in self.evidenced_by if named or not rule.only_named)
        matching = [rule for rule in rules if rule.matches(names)]
        return min(matching, key=lambda rule: COVERAGE.index(rule.covers), default=None)


@dataclass(frozen=True)
class Unit:
    """Items that belong together. ``meta_skills`` and ``standards`` are those the source links with them."""

    id: str
    label: str
    source: Source
    items: tuple[Item, ...]
    optional: bool = False
    meta_skills: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()
    quality: str = ""
    text: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LeftOut:
    """Lines of the source that must never become evidence: how many ``bullets`` stand there, and why not."""

    first: int
    last: int
    bullets: int
    because: str


@dataclass(frozen=True)
class Framework:
    """One framework. ``edition`` is the source's own; ``digest`` (SHA-256, hex) is that of our file.

    ``levels`` go from the lowest up; ``meta_skills`` map ids to labels; of the optional units at least
    ``at_least_optional`` are needed.
    """

    id: str
    title: str
    edition: str
    source_title: str
    source_sha256: str
    digest: str
    units: tuple[Unit, ...]
    levels: tuple[str, ...] = ()
    meta_skills: Mapping[str, str] = field(default_factory=dict)
    at_least_optional: int = 0
    left_out: tuple[LeftOut, ...] = ()
    when_named: tuple[NamedRule, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """The edition and the beginning of our file's hash: it changes whenever wording or rules do."""
        return f"{self.edition}+{self.digest[:12]}"

    @property
    def items(self) -> Iterator[Item]:
        """All items in the order of the source."""
        return (item for unit in self.units for item in unit.items)

    def item(self, wanted: str) -> Item:
        """The item of this id, such as ``1.C``; raise ``NotFound`` with a suggestion."""
        items = {item.id: item for item in self.items}
        if wanted not in items:
            near = get_close_matches(wanted, items, 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else f"ops framework show {self.id} lists them"
            raise NotFound(f"{self.id} has no item {wanted}", hint=hint)
        return items[wanted]

    def tags(self, names: Iterable[str], named: Collection[str] = ()) -> tuple[Tag, ...]:
        """What work of these names counts toward: one tag an item, by the rule that says most.

        ``named`` are items of this framework that the one who did the work claims; raise ``InvalidRequest`` for
        one that such work cannot count toward.
        """
        done = frozenset(names)
        by_rule = ((item, item.rule_for(done)) for item in self.items if item.id not in named)
        found = [self._tag(item, rule) for item, rule in by_rule if rule]
        return (*found, *(self._claimed(self.item(one), done) for one in named))

    def _tag(self, item: Item, rule: Rule, origin: str = "rule") -> Tag:
        return Tag(self.id, item.id, self.version, rule.work, rule.because, rule.covers, item.label, item.kind, origin)

    def _claimed(self, item: Item, names: Collection[str]) -> Tag:
        if rule := item.rule_for(names, named=True):
            return self._tag(item, rule, "named" if rule.only_named else "rule")
        for each in self.when_named:
            rule = Rule(each.work, each.because, "partial")
            if item.kind in each.kinds and rule.matches(names):
                return self._tag(item, rule, "named")
        raise InvalidRequest(
            f"this cannot count toward {self.id} {item.id}, which is {item.kind}",
            hint=f"ops framework show {self.id}:{item.id} says what can",
        )

    def unmatched(self, names: Iterable[str]) -> tuple[str, ...]:
        """The globs that match none of these names: rules about work that does not exist (yet, or any more)."""
        names = frozenset(names)
        globs = dict.fromkeys(rule.work for item in self.items for rule in item.evidenced_by if rule.work)
        globs |= dict.fromkeys(rule.work for rule in self.when_named)
        return tuple(glob for glob in globs if not any(fnmatchcase(name, glob) for name in names))

    def ways(self, item: Item, names: Collection[str]) -> tuple[str, ...]:
        """Which of all names of work could give evidence for an item, its own rules first."""
        everything = frozenset(names)
        globs = [rule.work for rule in item.evidenced_by if rule.work]
        globs += [one.work for one in self.when_named if item.kind in one.kinds]
        return tuple(dict.fromkeys(name for glob in globs for name in _matching(glob, everything)))


@cache
def _matching(glob: str, names: frozenset[str]) -> tuple[str, ...]:
    """The names that a glob means, sorted; asked for the same names hundreds of times over."""
    return tuple(name for name in sorted(names) if fnmatchcase(name, glob))


def find_item(frameworks: Iterable[Framework], wanted: str) -> tuple[Framework, Item]:
    """``rapids-1059cb:1.C``, or ``1.C`` where only one framework has it; raise ``NotFound`` or ``InvalidRequest``."""
    known = {one.id: one for one in frameworks}
    named, colon, item = wanted.partition(":")
    if colon:
        if named not in known:
            near = get_close_matches(named, known, 1, 0.3)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
            raise NotFound(f"there is no framework {named}", hint=hint)
        return known[named], known[named].item(item)
    having = [one for one in known.values() if any(each.id == wanted for each in one.items)]
    if len(having) > 1:
        choices = " or ".join(f"{one.id}:{wanted}" for one in having)
        raise InvalidRequest(f"several frameworks have an item {wanted}", hint=f"write {choices}")
    if not having:
        near = get_close_matches(wanted, (each.id for one in known.values() for each in one.items), 1, 0.6)
        hint = f"did you mean {near[0]}?" if near else "write FRAMEWORK:ITEM, such as rapids-1059cb:1.C"
        raise NotFound(f"no framework has an item {wanted}", hint=hint)
    return having[0], having[0].item(wanted)


def load_frameworks(folder: Path | None = None) -> tuple[Framework, ...]:
    """What the package ships and then what ``folder``, a workspace's own, has; each sorted by id.

    Raise ``InvalidRequest``, with line and column, for a file that is not a framework, and for two of one id.
    """
    from evidence.framework_file import read

    folders = [FOLDER] if folder is None else [FOLDER, folder]
    found: dict[str, Framework] = {}
    for path in (path for each in folders for path in sorted(each.glob("*.yaml"))):
        if path.stem in found:
            raise InvalidRequest(f"{path}: there is a framework {path.stem} already", hint="give yours another id")
        found[path.stem] = read(path)
    return tuple(found.values())
