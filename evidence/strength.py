"""How strong a record is, recomputed from its text: M0 to M3 by itself, M4 with what a second witness read.

The second witness is a reviewer, whose signed decision says what they read again, and through which account.
The human side (review, witness, discussion) is another axis and never mixed in. Source: the rules stated in
``ops help evidence``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WORDS = {
    "M0": "typed in, nothing checked",
    "M1": "shown or attached, nothing was done",
    "M2": "the tool ran it and recorded what it was told",
    "M3": "the tool read the result back and it was as planned",
    "M4": "somebody else read the result again through another account and found the same",
}

RUNS = ("operation", "audit")  # the other kinds of record are statements
ALONE = "the target's own word is the only witness"
ANOTHER = "another"  # account than the performer's


@dataclass(frozen=True)
class Strength:
    """``machine`` is M0 … M4; ``reasons`` say what carries it, ``caps`` what keeps it from being higher."""

    machine: str
    reasons: tuple[str, ...]
    caps: tuple[str, ...]

    @property
    def words(self) -> str:
        """In words, before the code."""
        return f"{WORDS[self.machine]} ({self.machine})"


def seen_again(changed: int, anchors: Sequence[str], again: Mapping[str, Any] | None) -> bool:
    """Whether a reading again says the same of every change, of the same targets, through another account."""
    if not again or not changed or not anchors:
        return False
    whole = again["still"] == changed and again["account"] == ANOTHER
    return whole and set(again["anchors"]) == set(anchors)


def strength(record: Mapping[str, Any], again: Mapping[str, Any] | None = None) -> Strength:
    """Grade a record's body. ``again`` is what stands in the accepting decision about reading it again, if anything."""
    by_itself = _by_itself(record)
    if not again or by_itself.machine != "M3":
        return by_itself
    changed, still = record["outcome"]["changed"], again["still"]
    found = f"{still} of {changed} results were read again through {again['account']} account, and were the same"
    if seen_again(changed, record["env"]["anchors"], again):
        return Strength("M4", (*by_itself.reasons, found), ())
    return Strength("M3", by_itself.reasons, (f"{found}; more is needed for a second witness of all of it",))


def _by_itself(record: Mapping[str, Any]) -> Strength:
    if record["kind"] not in RUNS:
        attached = sum("sha256" in answer for answer in record["answers"])
        reason = f"{attached} attachments are hashed" if attached else "a person typed it"
        return Strength("M1" if attached else "M0", (reason,), ("it is a statement: the tool saw nothing of it",))
    outcome = record["outcome"]
    level, reasons = 2, ["the tool ran it and recorded it"]
    if outcome["read_back"] and outcome["status"] == "completed":
        level, reasons = 3, [f"{outcome['read_back']} results were read back from the target"]
    caps = _caps(record)
    most = min(cap for cap, _ in caps)
    return Strength(f"M{min(level, most)}", tuple(reasons), tuple(why for _, why in caps))


def _caps(record: Mapping[str, Any]) -> list[tuple[int, str]]:
    environment, outcome = record["env"], record["outcome"]
    caps = [(3, ALONE)]
    if record["op"]["dry_run"]:
        caps.append((1, "it was a dry run"))
    if outcome["status"] in ("refused", "failed", "interrupted", "unknown"):
        caps.append((2, f"the run was {outcome['status']}"))
    if not outcome["changed"]:
        caps.append((2, "it changed nothing"))
    if not environment["matched"]:
        caps.append((2, "the environment is what the inventory says, not what was measured"))
    elif environment["class"] != "LAB" and environment["basis"] != "signed":
        caps.append((2, "nobody has signed this environment's anchors"))
    if record["tool"]["modified"]:
        caps.append((2, "the tool is not as it was published"))
    return caps
