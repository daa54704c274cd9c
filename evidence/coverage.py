"""Where somebody stands in a framework: per item what is there, what a mentor accepted, what is missing, what next.

Everything is computed from records, reviews, sign-offs and the policy; nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from evidence.framework import GUIDED, Framework, Item, Unit
from evidence.padding import likeness
from evidence.policy import Accepted, Policy
from evidence.review import Judged
from evidence.signoff import Signed
from evidence.strength import RUNS, seen_again

STATES = ("signed off", "enough", "accepted", "there", "nothing")


@dataclass(frozen=True)
class Piece:
    """One record as far as it counts toward an item."""

    run: str
    day: str
    what: str
    source: str
    kind: str
    machine: str
    environment: str
    origin: str
    like: str
    sha256: str = ""
    changed: int = 0
    anchors: tuple[str, ...] = ()

    @property
    def is_run(self) -> bool:
        """Whether the tool did something, rather than a person stating it."""
        return self.kind in RUNS


@dataclass
class ItemState:
    """One item. ``pieces`` are the records there are; ``accepted`` those that count, one a day of each likeness."""

    framework: str
    unit: Unit
    item: Item
    pieces: list[Piece] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    referred: list[str] = field(default_factory=list)
    signed: Signed | None = None
    missing: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Framework and item."""
        return f"{self.framework}:{self.item.id}"

    @property
    def state(self) -> str:
        """One of ``STATES``."""
        if self.signed:
            return "signed off"
        if self.accepted:
            return "accepted" if self.missing else "enough"
        return "there" if self.pieces else "nothing"


class Coverage:
    """Grows record by record, so that nothing but what counts is kept in memory."""

    def __init__(self, frameworks: Iterable[Framework], level: str = "") -> None:
        self.frameworks = tuple(frameworks)
        self.states: dict[str, ItemState] = {
            f"{one.id}:{item.id}": ItemState(one.id, unit, item)
            for one in self.frameworks
            for unit in one.units
            for item in unit.items
            if item.level in ("", level) or not level
        }
        self.records = 0
        self._hashes: dict[str, tuple[Mapping[str, Any], str]] = {}

    def add(self, record: Mapping[str, Any], sha256: str = "") -> None:
        """Take one record into account; ``sha256`` is of its text, as decisions name it."""
        self.records += 1
        piece: Piece | None = None
        for tag in record["tags"]:
            state = self.states.get(f"{tag['framework']}:{tag['item']}")
            if state is not None:
                piece = piece or _piece(record, sha256)
                state.pieces.append(piece if tag.get("origin", "rule") == "rule" else _named(piece))

    def judge(self, decisions: Mapping[str, Judged], signed: Iterable[Signed], policies: Mapping[str, Policy]) -> None:
        """Say what was accepted, what is signed off, and what is missing. ``decisions`` maps runs to what stands."""
        talks: dict[tuple[str, str], list[str]] = {}
        for state in self.states.values():
            _accept(state, decisions)
            methods = [one.method for one in state.accepted]
            talks.setdefault((state.framework, state.unit.id), []).extend(methods)
        for each in signed:
            if each.item in self.states:
                self.states[each.item].signed = each
        for state in self.states.values():
            in_unit = talks[state.framework, state.unit.id]
            state.missing = policies[state.framework].missing(state.item, state.accepted, in_unit)

    def of(self, framework: str) -> list[ItemState]:
        """The items of one framework, in its order."""
        return [state for state in self.states.values() if state.framework == framework]


def _piece(record: Mapping[str, Any], sha256: str) -> Piece:
    operation = record["op"]
    return Piece(
        record["id"],
        record["when"]["start"][:10],
        str(operation.get("title") or operation.get("source", "")),
        str(operation.get("source", "")),
        record["kind"],
        record["strength"]["machine"],
        record["env"]["class"],
        "rule",
        likeness(record),
        sha256,
        record["outcome"]["changed"],
        tuple(record["env"]["anchors"]),
    )


def _with_witness(piece: Piece, decision: Judged | None) -> Piece:
    """A piece as strong as it is with what its reviewer read again."""
    seen = decision is not None and seen_again(piece.changed, piece.anchors, decision.witnessed(piece.sha256))
    return replace(piece, machine="M4") if seen and piece.machine == "M3" else piece


def _named(piece: Piece) -> Piece:
    return replace(piece, origin="named")


def _accept(state: ItemState, decisions: Mapping[str, Judged]) -> None:
    """One accepted record a day of each likeness counts; a witness or a talk on file is a method of its own."""
    seen: set[tuple[str, str]] = set()
    state.pieces = [_with_witness(piece, decisions.get(piece.run)) for piece in state.pieces]
    for piece in state.pieces:
        decision = decisions.get(piece.run)
        if decision is None:
            continue
        if decision.decision == "referred-back":
            state.referred.append(piece.run)
        if decision.decision != "accepted" or state.id not in decision.items or (piece.like, piece.day) in seen:
            continue
        seen.add((piece.like, piece.day))
        method = {"witness": "witness", "discussion": "discussion"}.get(piece.kind, decision.method)
        state.accepted.append(Accepted(piece.run, piece.day, piece.is_run, method))


def next_steps(states: Sequence[ItemState], frameworks: Iterable[Framework], work: Collection[str]) -> list[Step]:
    """What would help most: each work that gives evidence for open items, most items first, easiest first."""
    known = {one.id: one for one in frameworks}
    helps: dict[str, list[str]] = {}
    for state in states:
        if state.state in ("signed off", "enough") or (state.pieces and not state.accepted and not state.referred):
            continue
        if way := easiest(known[state.framework], state, work):
            helps.setdefault(way, []).append(state.id)
    found = [Step(name, tuple(items)) for name, items in helps.items()]
    return sorted(found, key=lambda step: (-len(step.items), step.work))


@dataclass(frozen=True)
class Step:
    """Work worth doing, and the items it would give evidence for."""

    work: str
    items: tuple[str, ...]


def easiest(framework: Framework, state: ItemState, work: Collection[str]) -> str:
    """The easiest work that gives what an item still lacks; empty if there is none."""
    ways = framework.ways(state.item, work)
    if state.item.kind == "knowledge":
        return next((way for way in ways if way == "journal/discuss"), "")
    runs = [way for way in ways if not way.startswith(GUIDED)]
    books = [way for way in runs if "/" in way]
    has_run = any(piece.is_run for piece in state.pieces)
    ordered = (
        [*books, *runs, *ways] if not has_run else [*(way for way in ways if way.startswith("task/")), *runs, *ways]
    )
    return next(iter(ordered), "")
