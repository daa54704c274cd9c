"""Taking a file of assets into the register: every row matched, checked and told; all of it or, as asked, the rest."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from inventory.estate.sighting import SourceRun
from inventory.register.fields import Fields, normal, tidy
from inventory.register.matching import Known
from inventory.register.rules import check
from inventory.register.states import HELD
from inventory.register.swap import Swap
from inventory.taking_in.choosing import FORMATS, reader_for
from inventory.taking_in.glpi import Collected
from inventory.taking_in.mapping import Wishes, wishes_from
from inventory.taking_in.rows import Mistake, Options, Taken
from inventory.taking_in.settling import settled
from ops.errors import Conflict, InvalidRequest, OpsError, Refused

if TYPE_CHECKING:
    from inventory.register.store import Pen, Told

EXTRA = "extra."  # how a column that nobody knows is kept
FREED = ("holder", "held_since", "due", "terms", "accepted", "signature")  # of what nobody has any more
CHUNK = 1000  # rows written together
WORDS = ("new", "changed", "same", "refused")


@dataclass(frozen=True)
class Wanted:
    """How a file is to be taken in. ``partial``: what can be taken is, though other rows are refused; ``number``: a
    prefix for new assets without a tag; the rest says how to read it, empty for: look for yourself.
    """

    file: str
    partial: bool = False
    number: str = ""
    format: str = ""
    mapping: str = ""
    dates: str = ""
    decimals: str = ""
    currency: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a row; ``word`` is one of ``WORDS``, ``by`` what it was matched by."""

    row: int
    tag: str
    word: str
    by: str = ""
    why: str = ""


@dataclass
class Report:
    """All outcomes, and how the file was read."""

    said: tuple[str, ...] = ()
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def numbers(self) -> dict[str, int]:
        """How many of each word."""
        counted = Counter(one.word for one in self.outcomes)
        return {word: counted[word] for word in WORDS}


def digest(file: str) -> str:
    """SHA-256 of a file, or of all files of a folder in order; raise ``InvalidRequest`` if it cannot be read."""
    path = Path(file).expanduser()
    try:
        parts = sorted(path.iterdir()) if path.is_dir() else [path]
        with_names = [(part.name, _sha256(part)) for part in parts if part.is_file()]
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}", hint="check its name and rights") from error
    if not with_names:
        said = "holds no files" if path.is_dir() else "is no file" if path.exists() else "is not there"
        raise InvalidRequest(f"{path} {said}", hint="give the path of a file, or of a folder of inventories")
    if path.is_file():
        return with_names[0][1]
    return hashlib.sha256(json.dumps(with_names).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Decided(NamedTuple):
    """A row's outcome, and what it makes of its asset; ``after`` is None where nothing changes."""

    outcome: Outcome
    before: Fields | None = None
    after: Fields | None = None


def taken_in(pen: Pen, wanted: Wanted) -> Report:
    """Match, check and write every row that may be; the report names the others."""
    with pen.watch() as told:
        return _taken_in(pen, wanted, told)


def _taken_in(pen: Pen, wanted: Wanted, told: Told) -> Report:
    said, rows = _read(wanted)
    report, known = Report(said), Known(pen)
    later: list[Taken] = []  # what is part of another asset comes after all that are not
    why = f"import of {Path(wanted.file).name}"
    left = iter(rows)
    while some := list(islice(left, CHUNK)):
        now = [row for row in some if isinstance(row, Mistake) or not _waits(row)]
        later += [row for row in some if isinstance(row, Taken) and _waits(row)]
        _chunk(pen, known, now, wanted, report, why)
        told(len(report.outcomes))
    for row in later:  # one by one: what is part of another may itself have parts
        _chunk(pen, known, [row], wanted, report, why)
        told(len(report.outcomes))
    if wanted.format == "glpi" or said[0].startswith(f"read as {FORMATS['glpi']}"):
        _collected(pen, wanted)
    return report


def _collected(pen: Pen, wanted: Wanted) -> None:
    """What inventories of machines say besides: their hardware, and what is installed on them."""
    from inventory.register.collecting import Machine, collect
    from inventory.register.observed import saw

    at = datetime.now(UTC)
    found = reader_for(Path(wanted.file).expanduser(), "glpi").records()
    machines = [Machine(one, at) for one in found if isinstance(one, Collected)]
    run = SourceRun("collected", True, at, at, (), len(machines), 0)
    number = saw(pen, run, f"import {Path(wanted.file).name}", [one.sighting for one in machines])
    collect(pen, machines, number)


def accept(report: Report, wanted: Wanted) -> None:
    """Raise ``Refused`` if a row may not be taken in, unless the rest was asked for; a file of none is no file."""
    if not report.outcomes:
        raise InvalidRequest(f"{wanted.file} has no rows", hint="is it the right file, or the right --sheet?")
    bad = [one for one in report.outcomes if one.word == "refused"]
    if bad and not wanted.partial:
        more = f"; and {len(bad) - 1} more" * (len(bad) > 1)
        hint = "--dry-run --results FILE names them all; correct them, or take in the rest with --partial"
        raise Refused(f"row {bad[0].row}: {bad[0].why}{more}; nothing was taken in", hint=hint)


def _read(wanted: Wanted) -> tuple[tuple[str, ...], Iterable[Taken | Mistake]]:
    """How the file is read, and its rows. Of collected inventories the machine is taken; see ``estate discover``."""
    wishes = wishes_from(Path(wanted.mapping)) if wanted.mapping else Wishes()
    said = {name: value for name in ("dates", "decimals", "currency") if (value := getattr(wanted, name))}
    options = Options(wanted.encoding, wanted.delimiter, wanted.sheet)
    reader = reader_for(Path(wanted.file).expanduser(), wanted.format, options, replace(wishes, **said))
    rows = (
        row if isinstance(row, Taken | Mistake) else Taken(number, row.fields, row.notices)
        for number, row in enumerate(reader.records(), 1)
    )
    return reader.said, rows


def _waits(row: Taken) -> bool:
    return bool(row.fields.get("parent")) or row.fields.get("holder", "").startswith("asset:")


def _chunk(pen: Pen, known: Known, rows: Sequence[Taken | Mistake], wanted: Wanted, report: Report, why: str) -> None:
    known.look(row.fields for row in rows if isinstance(row, Taken))
    swaps = []
    for row in rows:
        if isinstance(row, Mistake):
            report.outcomes.append(Outcome(row.number, "", "refused", "", _mistaken(row)))
            continue
        outcome, before, after = _decided(known, row, wanted)
        report.outcomes.append(outcome)
        if after is not None:
            swaps.append(Swap(f"asset:{outcome.tag}", before, after))
            known.took(outcome.tag, after)
    if swaps:
        pen.put(swaps, why, known.voided)


def _mistaken(row: Mistake) -> str:
    """A mistake without its line, which stands beside it."""
    return str(replace(row, number=0, file="")).lstrip(": ")


def _decided(known: Known, row: Taken, wanted: Wanted) -> Decided:
    tag = row.fields.get("tag", "")
    try:
        found, by = known.means(row.fields)
        before = known.read(f"asset:{found}") if found else None
        tag = found or tag or _numbered(known, wanted)
        after = merged(before, settled(before, row))
        if after == before:
            return Decided(Outcome(row.number, tag, "same", by))
        check(known, f"asset:{tag}", before, after)
    except OpsError as error:
        why = f"{error} ({error.hint})" if error.hint else str(error)
        return Decided(Outcome(row.number, tag, "refused", "", why))
    outcome = Outcome(row.number, tag, "changed" if before else "new", by, "; ".join(row.notices))
    return Decided(outcome, before, after)


def _numbered(known: Known, wanted: Wanted) -> str:
    if not wanted.number:
        hint = "--number LAP- gives new ones a number"
        raise InvalidRequest("it has no tag, and no serial number or UUID that is known", hint=hint)
    return known.next_tag(wanted.number)


def merged(before: Fields | None, given: Mapping[str, str]) -> Fields:
    """What the register would say: cells that are empty leave what is there.

    Somebody who has a new asset makes it deployed; a deployed one that nobody has is with its place.
    """
    extra = {name.removeprefix(EXTRA): text for name, text in given.items() if name.startswith(EXTRA) and text}
    new = {name: text for name, text in given.items() if text and name != "tag" and not name.startswith(EXTRA)}
    if extra:
        told = "; ".join(f"{name}={text}" for name, text in sorted(extra.items()))
        new["extra"] = "; ".join(filter(None, (new.get("extra", ""), told)))
    if before is None:
        state = new.get("state", "in_stock")
        given_out = state in ("in_stock", "received") and new.get("holder")
        new = {"kind": "other", **new, "state": "deployed" if given_out else state}
    after = {**(before or {}), **new}
    if after["state"] not in HELD:
        after = {name: text for name, text in after.items() if name not in FREED}
    if after["state"] == "deployed" and not after.get("holder") and after.get("location"):
        after["holder"] = f"location:{after['location']}"
    return normal("asset", after)


def along(pen: Pen, ref: str, before: Fields | None, after: Fields | None) -> None:
    """Take the rows in with the entry of an import, or back with it; raise ``Conflict`` if either is another now."""
    if after is None:
        _back(pen, ref, before or {})
        return
    if digest(after["file"]) != after["sha256"]:
        raise Conflict(f"{after['file']} was changed since the plan was made", hint="plan again")
    wanted = Wanted(**json.loads(after["options"]))
    report = taken_in(pen, wanted)
    accept(report, wanted)
    if {word: str(number) for word, number in report.numbers.items()} != {word: after[word] for word in WORDS}:
        raise Conflict("the register was changed since the plan was made", hint="plan again")


def _back(pen: Pen, ref: str, entered: Fields) -> None:
    """Take back all that an import did, if nothing of it was touched since: its rows follow its entry."""
    rows = int(entered["new"]) + int(entered["changed"])
    entry = max(one.number for one in pen.history(ref) if one.before is None)
    mine = [one for one in pen.since(entry) if one.number <= entry + rows]
    for happened in reversed(mine):
        if pen.read(happened.ref) != happened.after:
            tag = happened.ref.partition(":")[2]
            raise Conflict(f"{tag} was changed after the import", hint=f"ops asset history {tag} shows by what")
        pen.put([Swap(happened.ref, happened.after, happened.before)], "the import is taken back", frozenset())


def options_text(wanted: Wanted) -> str:
    """How a file was asked to be read, to be read again in the same way."""
    options = {name: value for name, value in asdict(wanted).items() if value or name == "file"}
    return json.dumps(options, ensure_ascii=False, sort_keys=True)


def entry(wanted: Wanted, sha256: str, report: Report, day: str) -> Fields:
    """The entry of an import in the register."""
    numbers = {word: str(number) for word, number in report.numbers.items()}
    text = options_text(wanted)
    said = "; ".join(report.said)[:1000]
    return tidy({"file": wanted.file, "sha256": sha256, "said": said, "options": text, "taken": day, **numbers})
