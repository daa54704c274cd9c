"""Competency frameworks: what an apprenticeship asks for, and which of our work counts toward it.

One file a framework, ``evidence/frameworks/<id>.yaml``; adding one touches nothing else. Wording is our own; a
source is named by line and hash. A run counts toward an item when the name of what it did matches one of the
item's rules, and each rule says why. A rule never says that somebody is competent: that is for a mentor to judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from ops.errors import InvalidRequest, NotFound

FOLDER = Path(__file__).parent / "frameworks"
KINDS = ("performance", "knowledge")  # knowledge is never satisfied by runs alone
MODES = ("automated", "automated+attested", "guided")
COVERAGE = ("full", "partial")


@dataclass(frozen=True)
class Tag:
    """That work counts toward an item. ``rule`` is the glob that matched; ``covers`` is ``full`` or ``partial``.

    ``version`` is that of the framework and its rules, so that a later change of either is seen.
    """

    framework: str
    item: str
    version: str
    rule: str
    rationale: str
    covers: str
    label: str
    kind: str


@dataclass(frozen=True)
class Source:
    """Where a wording comes from: line from 1 in the source's plain text, and SHA-256 (hex) of that stripped line."""

    line: int
    sha256: str


@dataclass(frozen=True)
class Rule:
    """What evidences an item: a glob of names of operations, audits and playbooks, the reason, and how much of it."""

    work: str
    because: str
    covers: str


@dataclass(frozen=True)
class Item:
    """One competency. ``kind`` is one of ``KINDS``; ``mode``, one of ``MODES``, is how evidence for it is made."""

    id: str
    label: str
    kind: str
    mode: str
    source: Source
    evidenced_by: tuple[Rule, ...] = ()

    def rule_for(self, names: Iterable[str]) -> Rule | None:
        """The rule that says most about work of these names: full before partial, then as the file orders them."""
        matching = [rule for rule in self.evidenced_by if any(fnmatchcase(name, rule.work) for name in names)]
        return min(matching, key=lambda rule: COVERAGE.index(rule.covers), default=None)


@dataclass(frozen=True)
class Unit:
    """Items that belong together."""

    id: str
    label: str
    source: Source
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Framework:
    """One framework. ``edition`` is the source's own; ``digest`` (SHA-256, hex) is that of our file."""

    id: str
    title: str
    edition: str
    source_title: str
    digest: str
    units: tuple[Unit, ...]

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
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(items)}"
            raise NotFound(f"{self.id} has no item {wanted}", hint=hint)
        return items[wanted]

    def tags(self, names: Iterable[str]) -> tuple[Tag, ...]:
        """What work of these names counts toward: one tag an item, by the rule that says most."""
        names = frozenset(names)
        found = ((item, item.rule_for(names)) for item in self.items)
        return tuple(self._tag(item, rule) for item, rule in found if rule)

    def _tag(self, item: Item, rule: Rule) -> Tag:
        return Tag(self.id, item.id, self.version, rule.work, rule.because, rule.covers, item.label, item.kind)

    def unmatched(self, names: Iterable[str]) -> tuple[str, ...]:
        """The globs that match none of these names: rules about work that does not exist (yet, or any more)."""
        names = frozenset(names)
        globs = dict.fromkeys(rule.work for item in self.items for rule in item.evidenced_by)
        return tuple(glob for glob in globs if not any(fnmatchcase(name, glob) for name in names))


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
