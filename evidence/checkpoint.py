"""Checkpoints: how long each chain is and what its last event hashes to, signed by whoever vouches for it.

A hash chain alone shows nothing about its end: whoever holds it can cut it off, or write all of it anew. Once
somebody else has signed how far it went, both are seen. The text is made for stock ``ssh-keygen -Y verify``:

    evidence-checkpoint/1
    p-1a2b3c4d/d-5e6f7a8b 41 9c0d…
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evidence.ledger import GENESIS, Head, Ledger
from evidence.roles import CHECKPOINT
from ops.errors import EvidenceInvalid

NAMESPACE = CHECKPOINT
FIRST = "evidence-checkpoint/1"
LINE = re.compile(r"(\S{1,100}) ([0-9]{1,15}) ([0-9a-f]{64})")


@dataclass(frozen=True)
class Broken:
    """Where a ledger is not what a checkpoint says: ``problem`` in words, ``seq`` the first event concerned."""

    chain: str
    seq: int
    problem: str


def made(heads: Iterable[tuple[str, Head]]) -> str:
    """The text for these chains, sorted by name."""
    return "\n".join([FIRST, *(f"{chain} {head.size} {head.hash}" for chain, head in sorted(heads))]) + "\n"


def of(ledger: Ledger) -> str:
    """The text for all chains of a ledger, as it is now."""
    return made((chain, ledger.head(chain)) for chain in ledger.chains())


def read(text: str) -> dict[str, Head]:
    """Chain → head; raise ``EvidenceInvalid`` for a text that is no checkpoint."""
    first, *lines = text.split("\n")
    found: dict[str, Head] = {}
    if first != FIRST or lines[-1:] != [""]:
        raise EvidenceInvalid("this is not a checkpoint", hint="it begins with evidence-checkpoint/1")
    for line in lines[:-1]:
        match = LINE.fullmatch(line)
        if not match or match[1] in found:
            raise EvidenceInvalid(f"a line of the checkpoint cannot be read: {line[:60]}", hint="ask for it again")
        found[match[1]] = Head(int(match[2]), match[3])
    return found


def compare(ledger: Ledger, heads: Mapping[str, Head], copy: Ledger | None = None) -> list[Broken]:
    """Where a ledger does not go on from what a checkpoint says; with the copy somebody holds, the exact place."""
    return [found for chain, head in heads.items() if (found := _compare(ledger, chain, head, copy))]


def _compare(ledger: Ledger, chain: str, head: Head, copy: Ledger | None) -> Broken | None:
    size = ledger.head(chain).size
    if size < head.size:
        return Broken(
            chain, size, f"it ends at event {size}, and had {head.size}: it was cut off, or an old copy put back"
        )
    if hash_at(ledger, chain, head.size) == head.hash:
        return None
    first = _first_difference(ledger, copy, chain) if copy else 0
    where = f"from event {first} on" if copy else f"somewhere before event {head.size}"
    return Broken(chain, first, f"{where} it is not what was signed: it was rewritten, or has forked")


def hash_at(ledger: Ledger, chain: str, size: int) -> str:
    """The hash of the last event when a chain was so long."""
    if not size:
        return GENESIS
    return next((hashed for seq, hashed, _, _ in ledger.rows(chain, size - 1) if seq == size - 1), "")


def _first_difference(ledger: Ledger, copy: Ledger, chain: str) -> int:
    pairs = zip(ledger.rows(chain), copy.rows(chain), strict=False)
    return next(
        (mine[0] for mine, theirs in pairs if mine[1] != theirs[1]), min(ledger.head(chain).size, copy.head(chain).size)
    )
