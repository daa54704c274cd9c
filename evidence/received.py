"""Somebody else's chains, as a mentor holds them: taken over event by event, and never written otherwise.

What is held already must come again the same; where it does not, the chain has forked, and the place is named.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from evidence.canonical import canonical, digest
from evidence.ledger import Document, Ledger
from evidence.shape import CHAIN, COUNT, RUN, SHA256, WORD, disclosed, misfit, moment
from ops.errors import Conflict, EvidenceInvalid

SAME = "insert or ignore into"
VALUE = {"seq": COUNT, "text": disclosed}
EVENT = {
    "chain": CHAIN,
    "seq": COUNT,
    "prev": SHA256,
    "run": RUN,
    "kind": WORD,
    "at": moment,
    "body": dict,
    "private": lambda found: isinstance(found, dict) and not misfit(list(found.values()), [SHA256]),
}
MINUTE = 60.0  # seconds: a clock that is corrected goes back by less


@dataclass(frozen=True)
class Taken:
    """What one import added: events by chain, and records; ``remarks`` say where the clock was set back."""

    events: dict[str, int]
    records: int
    remarks: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether all of it was held already."""
        return not self.records and not any(self.events.values())


class Gap(Conflict):
    """Events between what is held and what came are missing; ``first`` is the first of them."""

    def __init__(self, chain: str, first: int, before: int) -> None:
        super().__init__(
            f"{chain}: events {first} to {before - 1} are missing between what you hold and what came",
            hint=f"ask for them: ops evidence submit --since {first}",
        )


class Fork(Conflict):
    """Two different events claim one place in a chain; ``seq`` is that place."""

    def __init__(self, chain: str, seq: int) -> None:
        super().__init__(
            f"{chain} has forked at event {seq}: what came is not what you hold",
            hint="a backup was put back, or the chain was rewritten; keep both files and speak about it",
        )


class Received(Ledger):
    """The chains of one person, on file with the mentor; read like any ledger."""

    def __init__(self, path: Path, person: str, read_only: bool = False) -> None:
        super().__init__(path, person, read_only)
        self.person = person

    def take(
        self,
        chain: str,
        first: int,
        texts: Iterable[bytes],
        documents: Iterable[Document],
        private: Iterable[bytes],
        check: Callable[[], None] = lambda: None,
    ) -> Taken:
        """Take over events from ``first`` on, signed documents, and private values; all of it, or nothing.

        ``check`` looks at what is held then, and raises if that may not be. Raise ``Gap``, ``Fork``, or
        ``EvidenceInvalid`` for what does not hold together.
        """
        if not (chain == self.person or chain.startswith(f"{self.person}/")):
            raise EvidenceInvalid(f"{chain} is not a chain of {self.person}", hint="ask whose file this is")
        with self._store.transaction() as db:
            clock = _Clock(chain)
            added = self._take_events(db, chain, first, texts, clock)
            records = sum(self._take_document(db, document) for document in documents)
            for text in private:
                self._take_private(db, chain, text)
            check()
        return Taken({chain: added}, records, tuple(clock.remarks))

    def _take_events(self, db: Any, chain: str, first: int, texts: Iterable[bytes], clock: _Clock) -> int:
        head = self.head(chain)
        if first > head.size:
            raise Gap(chain, head.size, first)
        held = dict(self._hashes(chain, first))
        prev, added = self._hash_before(chain, first), 0
        for seq, raw in enumerate(texts, first):
            text, run = _event(raw, chain, seq, prev, clock)
            made = digest(raw)
            if held.get(seq, made) != made:
                raise Fork(chain, seq)
            if seq not in held:
                db.execute("insert into events values (?, ?, ?, ?, ?)", (chain, seq, made, run, text))
                added += 1
            prev = made
        return added

    def _hashes(self, chain: str, first: int) -> Iterator[tuple[int, str]]:
        yield from self._store.rows("select seq, hash from events where chain = ? and seq >= ?", (chain, first))

    def _hash_before(self, chain: str, seq: int) -> str:
        """What the event at this place must name as the one before it; empty if anything may."""
        row = self._store.one("select hash from events where chain = ? and seq = ?", (chain, seq - 1))
        return row[0] if row else "0" * 64

    def _take_document(self, db: Any, document: Document) -> int:
        row = (document.sha256, document.kind, document.run, document.text, document.signature)
        return int(db.execute(f"{SAME} documents values (?, ?, ?, ?, ?)", row).rowcount)  # noqa: S608

    def _take_private(self, db: Any, chain: str, raw: bytes) -> None:
        """A private value, as ``{"seq": …, "text": …}``; only one that its event commits to is taken."""
        try:
            given = json.loads(raw)
        except (ValueError, RecursionError):
            given = None
        if misfit(given, VALUE):
            raise EvidenceInvalid("a private value is damaged", hint="ask for the file again")
        seq, text = given["seq"], given["text"]
        row = self._store.one("select text from events where chain = ? and seq = ?", (chain, seq))
        commit = digest(text.encode())
        if row is None or commit not in json.loads(row[0])["private"].values():
            raise EvidenceInvalid(
                f"a private value of event {seq} is not what was committed to", hint="ask for it again"
            )
        db.execute(f"{SAME} disclosures values (?, ?, ?, ?)", (commit, chain, seq, text))  # noqa: S608


class _Clock:
    """Watches the times that events say; one that goes back by more than a minute is a remark, not a fault."""

    def __init__(self, chain: str) -> None:
        self._chain, self._last = chain, ""
        self.remarks: list[str] = []

    def tick(self, seq: int, at: str) -> None:
        """The time of the next event."""
        if self._last and at < self._last and _apart(at, self._last) > MINUTE:
            self.remarks.append(f"{self._chain}: event {seq} says {at[:16]}, after one that says {self._last[:16]}")
        self._last = at


def _apart(earlier: str, later: str) -> float:
    """Seconds between two times."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def _event(raw: bytes, chain: str, seq: int, prev: str, clock: _Clock) -> tuple[str, str]:
    """The text and the run of one event that follows the one before; raise ``EvidenceInvalid``."""
    wrong = EvidenceInvalid(f"{chain}: event {seq} does not follow the one before it", hint="ask for the file again")
    try:
        text = raw.decode()
        whole = json.loads(text)
        if misfit(whole, EVENT) or canonical(whole) != raw:
            raise wrong
        if (whole["chain"], whole["seq"], whole["prev"]) != (chain, seq, prev):
            raise wrong
        clock.tick(seq, whole["at"])
        return text, str(whole["run"])
    except (ValueError, RecursionError) as error:
        raise wrong from error
