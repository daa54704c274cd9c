"""How strong a record is by itself, recomputed from its text alone: M0 to M4, with the reasons and what caps it.

The human side (review, witness, discussion) is another axis and never mixed in. Source: the rules stated in
``ops help evidence``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WORDS = {
    "M0": "typed in, nothing checked",
    "M1": "shown or attached, nothing was done",
    "M2": "the tool ran it and recorded what it was told",
    "M3": "the tool read the result back and it was as planned",
    "M4": "a second witness, another account, host or server log, says the same",
}

RUNS = ("operation", "audit")  # the other kinds of record are statements


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


def strength(record: Mapping[str, Any]) -> Strength:
    """Grade a record's body."""
    if record["kind"] not in RUNS:
        attached = sum("sha256" in answer for answer in record["answers"])
        reason = f"{attached} attachments are hashed" if attached else "a person typed it"
        return Strength("M1" if attached else "M0", (reason,), ("it is a statement: the tool saw nothing of it",))
    outcome = record["outcome"]
    level, reasons = 2, ["the tool ran it and recorded it"]
    if outcome["read_back"] and outcome["status"] == "completed":
        level, reasons = 3, [f"{outcome['read_back']} results were read back from the target"]
    caps = _caps(record)
    most = min((cap for cap, _ in caps), default=4)
    return Strength(f"M{min(level, most)}", tuple(reasons), tuple(why for _, why in caps))


def _caps(record: Mapping[str, Any]) -> list[tuple[int, str]]:
    environment, outcome = record["env"], record["outcome"]
    caps = [(3, "the target's own word is the only witness")]
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
