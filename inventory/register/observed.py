"""What others say is there: each source's last word on each thing, every look that was made, and the cases from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from itertools import starmap
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from inventory.estate.alone import FIELDS, MARKS, Alone, Columns, apart, sharing
from inventory.estate.case import Case
from inventory.estate.cases import Decision, Kept
from inventory.estate.identity import Identity
from inventory.estate.scene import GONE
from inventory.estate.sighting import FACTS, Sighting, SourceRun, registered
from inventory.register.fields import Fields
from inventory.register.tables import table

if TYPE_CHECKING:
    from inventory.register.store import Pen, Snapshot

REACH = timedelta(days=46)  # how far back looks matter: MISSING is judged over 45 days
MANY = 1000
LONGEST = 300  # characters of the column
ASKED = ("key", *FACTS, "maker", "serial", "uuid", "macs", "hostname", "fqdn", "address")


def saw(pen: Pen, run: SourceRun, name: str, sightings: Iterable[Sighting]) -> int:
    """Keep a look and what it saw; a thing seen before is known by its newest sighting. Returns the look's number."""
    looks, made = table("source_run"), table("sighting")
    row = {
        **{"source": run.source, "name": name, "ok": run.ok, "began": _text(run.began), "ended": _text(run.ended)},
        **{"scopes": json.dumps(run.scopes), "rows": run.rows, "failures": str(run.failures), "input": ""},
    }
    result = pen.connection.execute(insert(looks).values(**row, run=pen.run).returning(looks.c.number))
    number = int(result.scalar_one())
    newest: dict[str, Sighting] = {}
    for one in sightings:
        known = newest.get(_ref(one))
        if known is None or _text(known.seen) <= _text(one.seen):
            newest[_ref(one)] = one
    for some in _chunks(newest.values()):
        refs = [_ref(one) for one in some]
        asked = select(made.c.ref, made.c.seen).where(made.c.source == run.source, made.c.ref.in_(refs))
        later = {row.ref for row in pen.connection.execute(asked) if row.seen > _text(newest[row.ref].seen)}
        fresh = [ref for ref in refs if ref not in later]
        pen.connection.execute(delete(made).where(made.c.source == run.source, made.c.ref.in_(fresh)))
        if fresh:
            pen.connection.execute(insert(made), [_row(newest[ref], number) for ref in fresh])
    return number


def _ref(one: Sighting) -> str:
    """What a source calls it, however long: a name too long for the column ends in a digest of all of it."""
    if len(one.ref) <= LONGEST:
        return one.ref
    return f"{one.ref[: LONGEST - 17]} {hashlib.sha256(one.ref.encode()).hexdigest()[:16]}"


def _chunks(things: Iterable[Sighting]) -> Iterator[list[Sighting]]:
    from itertools import islice

    left = iter(things)
    while some := list(islice(left, MANY)):
        yield some


def _row(one: Sighting, number: int) -> dict[str, Any]:
    return {
        "source": one.source,
        "ref": _ref(one),
        "source_run": number,
        "name": one.name,
        "identities": json.dumps(one.identities),
        "address": one.address,
        "seen": _text(one.seen),
        "facts": json.dumps(dict(one.facts), ensure_ascii=False),
    }


def sightings(seen: Snapshot) -> list[Sighting]:
    """Everything: the register itself, and the last word of every other source."""
    return [*_registered(seen, seen.columns("asset", ASKED)), *_said(seen)]


def compared(seen: Snapshot) -> tuple[list[Sighting], Iterator[Alone], int]:
    """The same for ``judge``: assets that share no value with anything, which are most, are not made sightings. And
    how many things these are."""
    said, assets = list(_said(seen)), seen.columns("asset", (*FIELDS, *MARKS))
    near, tags = sharing(assets, said), assets["key"]
    for some in _some([tags[number] for number in near]):
        said += _registered(seen, seen.columns("asset", ASKED, some))
    return said, apart(assets, near), len(said) + len(tags) - len(near)


def _registered(seen: Snapshot, assets: Columns) -> Iterator[Sighting]:
    values = zip(*assets.values(), strict=True)
    rows = [{name: one for name, one in zip(assets, row, strict=True) if one is not None} for row in values]
    since = _states_since(seen, [row["key"] for row in rows if row["state"] in GONE])
    for row in rows:
        tag = row.pop("key")
        if moment := since.get(tag):
            row["state_since"] = moment
        yield registered(tag, row)


def _said(seen: Snapshot) -> Iterator[Sighting]:
    """The last word of every source but the register."""
    made = table("sighting")
    asked = (made.c[name] for name in ("source", "ref", "name", "address", "seen", "identities", "facts"))
    kept = select(*asked).execution_options(yield_per=MANY)
    for rows in seen.connection.execute(kept).partitions():
        *plain, identities, facts = zip(*rows, strict=True)
        for source, ref, name, address, when, found, said in zip(*plain, _read(identities), _read(facts), strict=True):
            yield Sighting(source, ref, name, tuple(starmap(Identity, found)), address, _moment(when), said)


def _read(texts: Iterable[str]) -> Any:
    """Many texts of JSON at once, which is twice as fast."""
    return json.loads(f"[{','.join(texts)}]")


def _states_since(seen: Snapshot, gone: list[str]) -> dict[str, str]:
    """Since when what is gone has been so: only of those a moment matters."""
    made = table("event")
    found: dict[str, str] = {}
    for some in _some(gone):
        refs = [f"asset:{tag}" for tag in some]
        asked = select(made.c.ref, made.c.at, made.c.before, made.c.after).where(made.c.ref.in_(refs))
        for row in seen.rows(asked.order_by(made.c.number)):
            before, after = (json.loads(text) if text else {} for text in (row.before, row.after))
            if before and before.get("state") != after.get("state"):  # entered as gone: its own days tell since when
                found[row.ref.partition(":")[2]] = row.at
    return found


def _some(tags: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(tags), MANY // 2):
        yield tags[start : start + MANY // 2]


def runs(seen: Snapshot, at: datetime) -> list[SourceRun]:
    """Every look of the last weeks, and the register, which is looked at now."""
    made = table("source_run")
    known = select(made).where(made.c.ended >= _text(at - REACH)).order_by(made.c.number)
    found = [
        SourceRun(
            row.source,
            row.ok,
            datetime.fromisoformat(row.began),
            datetime.fromisoformat(row.ended),
            tuple(json.loads(row.scopes)),
            row.rows,
            int(row.failures),
        )
        for row in seen.rows(known)
    ]
    return [*found, SourceRun("register", True, at - REACH, at, ("all",), seen.count("asset"))]


def last_looks(seen: Snapshot) -> list[dict[str, Any]]:
    """The last look of each source and place, for people."""
    made = table("source_run")
    found = {(row.source, row.name): row._asdict() for row in seen.rows(select(made).order_by(made.c.number))}
    return [found[key] for key in sorted(found)]


def kept_cases(seen: Snapshot) -> list[Kept]:
    """Cases as they were kept last, with what was decided on them."""
    decided = {ref.partition(":")[2]: _decision(fields) for ref, fields in seen.every("decision")}
    made = table("kept_case")
    rows = seen.rows(select(made).order_by(made.c.key))
    return [_kept(json.loads(row.body), decided.get(row.key)) for row in rows]


def keep_cases(pen: Pen, cases: Iterable[Kept]) -> None:
    """Write the cases down in the place of those before."""
    made = table("kept_case")
    pen.connection.execute(delete(made))
    rows = [{"key": one.case.id, "state": one.state, "body": _body(one)} for one in cases]
    if rows:
        pen.connection.execute(insert(made), rows)


def _body(kept: Kept) -> str:
    case = asdict(kept.case) | {"as_of": _text(kept.case.as_of), "due": kept.case.due.isoformat()}
    times = {"first_seen": _text(kept.first_seen), "last_seen": _text(kept.last_seen)}
    return json.dumps({"case": case, "state": kept.state, **times}, ensure_ascii=False)


def _kept(body: dict[str, Any], decision: Decision | None) -> Kept:
    case: dict[str, Any] = dict(body["case"])
    case |= {name: tuple(value) for name, value in case.items() if isinstance(value, list)}
    case |= {"as_of": datetime.fromisoformat(case["as_of"]), "due": date.fromisoformat(case["due"])}
    first, last = (datetime.fromisoformat(body[name]) for name in ("first_seen", "last_seen"))
    return Kept(Case(**case), body["state"], first, last, decision)


def _decision(fields: Fields) -> Decision:
    until = date.fromisoformat(fields["until"]) if fields.get("until") else None
    day = date.fromisoformat(fields["decided_on"])
    return Decision(fields["owner"], fields["decision"], day, until, fields.get("severity", ""), fields.get("word", ""))


def _text(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
