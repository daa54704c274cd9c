"""The append-only ledger: one gapless chain per person and device, private values beside it.

What is stored of an event is its canonical text, hashed as it stands: chain, place, hash of the one before,
run, kind, time, public body, and the commitments of its private values. Only the private values can be erased.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence.canonical import canonical, digest
from evidence.disclosure import Disclosure, conceal
from evidence.event import Event
from evidence.store import Store
from ops.errors import EvidenceInvalid, EvidenceUnavailable

GENESIS = "0" * 64


@dataclass(frozen=True)
class Document:
    """A signed text kept with the chain: ``kind`` is its SSH signature namespace."""

    kind: str
    run: str
    text: str
    signature: str

    @property
    def sha256(self) -> str:
        """What events call it."""
        return digest(self.text.encode())

    @property
    def body(self) -> dict[str, Any]:
        """The parsed text."""
        parsed: dict[str, Any] = json.loads(self.text)
        return parsed


@dataclass(frozen=True)
class Head:
    """How long a chain is, and the hash of its last event."""

    size: int
    hash: str


@dataclass(frozen=True)
class Begun:
    """A run and where it starts."""

    run: str
    chain: str
    seq: int


@dataclass(frozen=True)
class Fault:
    """The first place of a chain that does not hold."""

    chain: str
    seq: int
    problem: str


class Ledger:
    """The evidence of one person on one device, in a file. Nothing but ``append`` adds to it."""

    def __init__(self, path: Path, chain: str, read_only: bool = False, in_need: bool = False) -> None:
        self.chain = chain
        self._store = Store(path, read_only, in_need)

    def append(self, *events: Event, documents: Sequence[Document] = (), owed: bool = False) -> None:
        """Add events and signed documents in one commit; all are on disk when this returns, or none.

        ``owed`` marks outcomes of changes already made: for these the kept ballast is given up if need be.
        """
        try:
            self._append(events, documents)
        except EvidenceUnavailable:
            if not owed:
                raise
            self._store.free_ballast()
            self._append(events, documents)

    def _append(self, events: Sequence[Event], documents: Sequence[Document]) -> None:
        with self._store.transaction() as db:
            head = self.head()
            for event in events:
                head = self._insert(db, event, head)
            for document in documents:
                row = (document.sha256, document.kind, document.run, document.text, document.signature)
                db.execute("insert into documents values (?, ?, ?, ?, ?)", row)

    def _insert(self, db: Any, event: Event, head: Head) -> Head:
        hidden = {name: conceal(name, value) for name, value in event.private.items()}
        text = _text(self.chain, head, event, hidden)
        made = digest(text.encode())
        db.execute("insert into events values (?, ?, ?, ?, ?)", (self.chain, head.size, made, event.run, text))
        rows = [(one.commit, self.chain, head.size, one.text) for one in hidden.values()]
        db.executemany("insert into disclosures values (?, ?, ?, ?)", rows)
        return Head(head.size + 1, made)

    def head(self, chain: str = "") -> Head:
        """Where a chain ends now; size 0 for one that does not exist."""
        sql = "select seq, hash from events where chain = ? order by seq desc limit 1"
        row = self._store.one(sql, (chain or self.chain,))
        return Head(int(row[0]) + 1, row[1]) if row else Head(0, GENESIS)

    def chains(self) -> list[str]:
        """Names of all chains in the file."""
        return [row[0] for row in self._store.rows("select distinct chain from events order by chain")]

    def run(self, run: str) -> list[Event]:
        """The events of one run in order, each checked by itself, private values resolved where they still exist."""
        sql = "select chain, seq, hash, text from events where run = ? order by chain, seq"
        return [self._event(*row) for row in list(self._store.rows(sql, (run,)))]

    def runs(self) -> list[Begun]:
        """All runs, the newest first."""
        sql = "select run, chain, min(seq) as first from events group by run, chain order by first desc"
        return [Begun(*row) for row in self._store.rows(sql)]

    def document(self, run: str, kind: str) -> Document | None:
        """The newest signed document of this kind about a run."""
        sql = "select kind, run, text, signature from documents where run = ? and kind = ? order by rowid desc limit 1"
        row = self._store.one(sql, (run, kind))
        return Document(*row) if row else None

    def documents(self, kind: str) -> list[Document]:
        """All signed documents of this kind, oldest first."""
        sql = "select kind, run, text, signature from documents where kind = ? order by rowid"
        return [Document(*row) for row in self._store.rows(sql, (kind,))]

    def each(self, kind: str) -> Iterator[Document]:
        """The same one by one, for more than fit into memory."""
        sql = "select kind, run, text, signature from documents where kind = ? order by rowid"
        yield from (Document(*row) for row in self._store.rows(sql, (kind,)))

    def has_document(self, sha256: str) -> bool:
        """Whether there is a document of this hash."""
        return self._store.one("select 1 from documents where sha256 = ?", (sha256,)) is not None

    def has_event(self, hashed: str) -> bool:
        """Whether there is an event of this hash."""
        return self._store.one("select 1 from events where hash = ?", (hashed,)) is not None

    def whole_texts(self, run: str, kind: str) -> list[str]:
        """The texts of a run's events of one kind that are what they were hashed as."""
        sql = "select hash, text from events where run = ? order by chain, seq"
        rows = ((hashed, text) for hashed, text in self._store.rows(sql, (run,)) if f'"kind":"{kind}"' in text)
        return [text for hashed, text in rows if digest(text.encode()) == hashed]

    def texts(self, run: str) -> list[str]:
        """The stored texts of a run's events, for export."""
        sql = "select text from events where run = ? order by chain, seq"
        return [row[0] for row in self._store.rows(sql, (run,))]

    def disclosures(self, run: str) -> list[str]:
        """The private texts of a run that still exist, for a recipient who may read names."""
        sql = (
            "select d.text from disclosures d join events e on e.chain = d.chain and e.seq = d.seq"
            " where e.run = ? order by d.seq"
        )
        return [row[0] for row in self._store.rows(sql, (run,))]

    def erase(self, run: str) -> int:
        """Forget the private values of a run, down to the bytes of the file; chain and signatures stay valid."""
        with self._store.transaction() as db:
            sql = "delete from disclosures where (chain, seq) in (select chain, seq from events where run = ?)"
            count = int(db.execute(sql, (run,)).rowcount)
        self._store.scrub()
        return count

    def mentions(self, words: str) -> list[str]:
        """Runs with a private value in which these words stand, whatever their case, oldest first."""
        sql = (
            "select e.run, d.text from disclosures d join events e on e.chain = d.chain and e.seq = d.seq"
            " order by d.chain, d.seq"
        )
        wanted = words.casefold()
        found = (run for run, text in self._store.rows(sql) if wanted in str(json.loads(text)[2]).casefold())
        return list(dict.fromkeys(found))

    def rows(self, chain: str, first: int = 0) -> Iterator[tuple[int, str, str, str]]:
        """``(seq, hash, run, text)`` as stored from a place on, unchecked, in order."""
        sql = "select seq, hash, run, text from events where chain = ? and seq >= ? order by seq"
        yield from self._store.rows(sql, (chain, first))

    def private_texts(self, first: int, end: int) -> Iterator[tuple[int, str]]:
        """``(seq, text)`` of the private values that still exist of our own events from ``first`` to before ``end``."""
        sql = "select seq, text from disclosures where chain = ? and seq >= ? and seq < ? order by seq"
        yield from self._store.rows(sql, (self.chain, first, end))

    def places(self, run: str) -> list[tuple[int, str]]:
        """Where the events of a run stand in our own chain, and their hashes."""
        sql = "select seq, hash from events where run = ? and chain = ? order by seq"
        return list(self._store.rows(sql, (run, self.chain)))

    def verify(self) -> list[Fault]:
        """Walk every chain; the first fault of each, if any."""
        return [fault for chain in self.chains() if (fault := check_chain(chain, self.rows(chain)))]

    def damage(self) -> str:
        """What is wrong with the file itself, apart from what it says; empty if nothing."""
        return self._store.damage()

    def _event(self, chain: str, seq: int, hashed: str, text: str) -> Event:
        if digest(text.encode()) != hashed:
            raise EvidenceInvalid(f"event {seq} was altered", hint="ops evidence verify", chain=chain, seq=seq)
        whole = json.loads(text)
        private = dict(self._values(whole["private"]))
        return Event(whole["run"], whole["kind"], whole["at"], whole["body"], private)

    def _values(self, commits: dict[str, str]) -> Iterator[tuple[str, Any]]:
        for name, commit in commits.items():
            row = self._store.one('select text from disclosures where "commit" = ?', (commit,))
            if row and digest(row[0].encode()) == commit:
                yield name, json.loads(row[0])[2]

    def close(self) -> None:
        """Close the file."""
        self._store.close()


def _text(chain: str, head: Head, event: Event, hidden: dict[str, Disclosure]) -> str:
    whole = {
        "chain": chain,
        "seq": head.size,
        "prev": head.hash,
        "run": event.run,
        "kind": event.kind,
        "at": event.at,
        "body": dict(event.body),
        "private": {name: one.commit for name, one in hidden.items()},
    }
    return canonical(whole).decode()


def check_chain(chain: str, rows: Iterable[tuple[int, str, str, str]]) -> Fault | None:
    """The first place where stored rows are not one gapless chain of their own texts, or None.

    A text is compared with its hash as bytes; that the columns say what the text says is read off its start
    and end, where canonical JSON puts ``at, body, chain, kind, prev, private, run, seq`` in this order.
    """
    prev = GENESIS
    for place, (seq, hashed, run, text) in enumerate(rows):
        if seq != place:
            return Fault(chain, place, "missing or out of place")
        if hashlib.sha256(text.encode()).hexdigest() != hashed:
            return Fault(chain, seq, "the text does not match its hash")
        if not text.endswith(f'"run":{json.dumps(run, ensure_ascii=False)},"seq":{seq}}}'):
            return Fault(chain, seq, "the row says something else than its text")
        if f'"prev":"{prev}","private":{{' not in text or f'"chain":"{chain}","kind":"' not in text:
            return Fault(chain, seq, "does not follow the event before it")
        prev = hashed
    return None
