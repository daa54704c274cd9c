"""Stock-taking as rules: what should be where, what was scanned, and what follows. Nothing here asks a database."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from inventory.register.chain import text_of
from inventory.register.fields import Fields

COUNTED = ("received", "in_stock", "deployed", "on_loan")  # states in which a thing should be found where it is
RESULTS = ("found", "misplaced", "missing", "unexpected", "repeated")


class Expected(NamedTuple):
    """One asset that should be found: its tag, its place, and who has it."""

    asset: str
    place: str
    holder: str


class Scan(NamedTuple):
    """One code that was read; ``place`` is where, empty if nobody said."""

    number: int
    code: str
    at: str
    by: str
    place: str
    photo: str


@dataclass(frozen=True)
class Count:
    """A stock-take: the frozen list and the scans."""

    expected: Sequence[Expected]
    scans: Sequence[Scan]


@dataclass(frozen=True)
class Line:
    """What became of one asset or code. ``result`` is one of ``RESULTS``."""

    result: str
    asset: str
    should: str
    was: str
    scan: int = 0
    photo: str = ""


def asked_for(site: str, location: str) -> dict[str, str]:
    """The fields that a scope narrows."""
    return {name: text for name, text in (("site", site), ("location", location)) if text}


def expected_of(assets: Mapping[str, Fields], in_place: bool = False) -> tuple[Expected, ...]:
    """The list to freeze, in order of tags. Where one place is counted, what people have with them is not there."""
    return tuple(
        Expected(ref.partition(":")[2], place_of(fields), fields.get("holder", ""))
        for ref, fields in sorted(assets.items())
        if fields.get("state") in COUNTED and not (in_place and fields.get("holder", "").startswith("person:"))
    )


def codes(assets: Iterable[tuple[str, Fields]]) -> dict[str, str]:
    """What a scanner may read → the tag it means, in capitals: tags, and serial numbers that only one asset has."""
    tags, serials = {}, Counter[str]()
    of_serial = {}
    for tag, fields in assets:
        tags[tag.upper()] = tag
        if serial := fields.get("serial", "").upper():
            serials[serial] += 1
            of_serial[serial] = tag
    return {**{serial: tag for serial, tag in of_serial.items() if serials[serial] == 1}, **tags}


def place_of(fields: Fields) -> str:
    """Where a thing is, or with whom: what somebody who counts can compare."""
    kind, _, name = fields.get("holder", "").partition(":")
    place = name if kind == "location" else fields.get("location", "")
    return " / ".join(filter(None, (fields.get("site", ""), place)))


def fingerprint(rows: Sequence[Sequence[object]]) -> str:
    """SHA-256 of a list, so that a later look knows whether it is the same."""
    return hashlib.sha256(text_of([list(row) for row in rows]).encode()).hexdigest()


def result(count: Count, known: Mapping[str, str]) -> list[Line]:
    """Five-way: found, misplaced, missing, unexpected, repeated. ``known`` is what ``codes`` says of all assets.

    A code is compared without regard to capitals; a scan without a place finds its asset where it should be, and what
    a person has is found wherever it is.
    """
    listed = {one.asset.upper(): one for one in count.expected}
    first: dict[str, Scan] = {}
    lines = []
    for scan in count.scans:
        code = tag_of(scan.code).upper()
        code = code if code in listed else known.get(code, code).upper()
        one = listed.get(code)
        if code in first:
            was = f"read before, number {first[code].number}"
            lines.append(Line("repeated", known.get(code, scan.code), one.place if one else "", was, scan.number))
            continue
        first[code] = scan
        lines.append(_line(scan, code, one, known))
    lines += [Line("missing", one.asset, one.place, "") for key, one in listed.items() if key not in first]
    return lines


def tag_of(code: str) -> str:
    """The tag in what a scanner read: our labels hold the tag alone; of an address the last part is taken."""
    text = code.strip()
    return text.rstrip("/").rpartition("/")[2] if "://" in text else text


def _line(scan: Scan, code: str, one: Expected | None, known: Mapping[str, str]) -> Line:
    if one is None:
        why = "not on this list" if code in known else "not in the register"
        return Line("unexpected", known.get(code, scan.code), why, scan.place, scan.number, scan.photo)
    with_person = one.holder.startswith("person:")
    there = not scan.place or with_person or same_place(scan.place, one.place)
    word = "found" if there else "misplaced"
    return Line(word, one.asset, one.place, scan.place or one.place, scan.number, scan.photo)


def same_place(said: str, should: str) -> bool:
    """Whether a place that was said is the one of the list: the whole of it, or its last part."""
    spoken, whole = said.strip().casefold(), should.casefold()
    return spoken in (whole, whole.rpartition(" / ")[2])
