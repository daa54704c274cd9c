"""Everything a paper may draw on, gathered once: coverage, decisions, sign-offs, and what stands in private."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from evidence.canonical import digest
from evidence.coverage import Coverage, ItemState
from evidence.framework import Framework
from evidence.review import Judged, strength_with
from evidence.signoff import Signed
from evidence.strength import WORDS

NOT_PROVED = (
    "who sat at the keyboard, and whether they understood what was done: that is for people to judge",
    "that nothing was left out after the last checkpoint somebody else signed",
    "that a machine was what it seemed, beyond the anchors each record names",
    "that help and machine-written words were declared in full",
)
PLACES = {"LAB": "practice network", "STAGING": "staging", "PRODUCTION": "production"}


@dataclass(frozen=True)
class Line:
    """One record in short."""

    run: str
    day: str
    what: str
    kind: str
    status: str
    machine: str
    environment: str
    items: tuple[str, ...]
    caps: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """How far it is proved by itself, in words."""
        return WORDS[self.machine]


@dataclass(frozen=True)
class Dossier:
    """``person`` is a name or a pseudonym; ``told`` maps runs to question → answer, empty where names may not go.

    ``people`` maps ids of mentors to what they are called; ``checkpoint`` is the cosigned text.
    """

    person: str
    coverage: Coverage
    lines: Sequence[Line]
    stands: Mapping[str, Judged]
    signed: Sequence[Signed]
    told: Mapping[str, Mapping[str, str]]
    people: Mapping[str, str]
    checkpoint: str
    made: str
    total: int

    def framework(self, wanted: str) -> Framework:
        """One of the frameworks."""
        return next(one for one in self.coverage.frameworks if one.id == wanted)

    def state(self, framework: str, item: str) -> ItemState | None:
        """Where one item stands; None where it is not of the level that is followed."""
        return self.coverage.states.get(f"{framework}:{item}")

    @property
    def mark(self) -> str:
        """The beginning of the hash of the cosigned checkpoint, printed beside initials; empty if there is none."""
        return digest(self.checkpoint.encode())[:12] if self.checkpoint else ""

    def called(self, person: str) -> str:
        """What somebody is called here."""
        return self.people.get(person, person)

    def review(self, run: str) -> str:
        """What stands about a record, in words."""
        found = self.stands.get(run)
        if found is None:
            return "nobody has reviewed it"
        return f"{found.decision} by {self.called(found.reviewer.person)}, {found.method}, {found.at[:10]}"

    def of_kind(self, *sources: str) -> list[tuple[Line, Mapping[str, str]]]:
        """Statements of some playbooks with what was told, oldest first."""
        return [(line, self.told.get(line.run, {})) for line in self.lines if line.kind in sources]


def line_of(body: Mapping[str, Any], decision: Judged | None = None) -> Line:
    """A record in short, as strong as it is with the decision that stands about it."""
    operation, graded = body["op"], strength_with(body, decision)
    return Line(
        body["id"],
        body["when"]["start"][:10],
        str(operation.get("title") or operation.get("source", "")),
        body["kind"],
        body["outcome"]["status"],
        graded.machine,
        PLACES[body["env"]["class"]],
        tuple(f"{tag['framework']}:{tag['item']}" for tag in body["tags"]),
        graded.caps,
    )


def pseudonym(key: bytes, person: str) -> str:
    """What a person is called for one recipient: the same in everything they get, another for everybody else."""
    return "person-" + hmac.new(key, person.encode(), sha256).hexdigest()[:8]


def best(states: Sequence[ItemState], stands: Mapping[str, Judged], number: int) -> set[str]:
    """The few records that say most: accepted ones that cover most items, the strongest first."""
    covers: dict[str, set[str]] = {}
    strength: dict[str, str] = {}
    for state in states:
        for piece in state.pieces:
            if piece.run in stands and stands[piece.run].decision == "accepted":
                covers.setdefault(piece.run, set()).add(state.id)
                strength[piece.run] = piece.machine
    chosen: set[str] = set()
    seen: set[str] = set()
    while covers and len(chosen) < number:
        run = max(covers, key=lambda one: (len(covers[one] - seen), strength[one], one))
        seen |= covers.pop(run)
        chosen.add(run)
    return chosen
