"""Making a report: what goes into it is kept, what comes out of it is recorded, so that it can be made again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import partial
from hashlib import file_digest
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evidence.event import Event, now
from inventory.register.entitling import OWN
from inventory.register.past import Head, Seen, head_at, observed, past
from inventory.report.chapter import figures
from inventory.report.inputs import KINDS, Account, Inputs, write_inputs
from inventory.report.making import MAIN, OBSERVED, SUFFIXES, build, expected, export, rules
from inventory.report.parts import Table, Workbook
from inventory.report.template import Template, read_template
from ops import __version__
from ops.cli.accounts import accounts
from ops.cli.backup_looks import NONE, looks
from ops.cli.record import close, new_run, note_refusal
from ops.cli.site import Site
from ops.errors import InvalidRequest, OpsError
from ops.private import private_folder

if TYPE_CHECKING:
    from inventory.register.store import Snapshot, Told

FOLDER = "reports"  # in the state folder: what each report was made of
SOURCE = "report"
OFTEN = 500  # rows


@dataclass(frozen=True)
class Wish:
    """What is asked for. Without ``out`` only the first page is made; ``on`` is a day that is over, or none.

    With ``replace`` a report that was made here, and that nobody changed since, makes room for this one.
    """

    report: str
    out: Path | None = None
    on: date | None = None
    template: Path | None = None
    approved_by: str = ""
    owner: str = ""
    classification: str = "Internal"
    replace: bool = False


@dataclass(frozen=True)
class Made:
    """What was made in which run: the report, which is open no longer, and what is known of its file."""

    run: str
    report: str
    workbook: Workbook
    file: Mapping[str, Any] = field(default_factory=dict)


def report(site: Site, wish: Wish, run: str = "") -> Made:
    """Make one report and its record; a refusal is recorded too. ``run`` is its run, if that has begun already."""
    if wish.out and wish.out.suffix not in SUFFIXES:
        raise InvalidRequest(f"{wish.out} is no file of a report", hint=f"its name ends in {', '.join(SUFFIXES)}")
    run = run or new_run()
    try:
        _room(site, wish)
        return _report(site, wish, run)
    except OpsError as error:
        note_refusal(site, run, f"{SOURCE} {wish.report}", error)
        raise


def _room(site: Site, wish: Wish) -> None:
    """Raise ``InvalidRequest`` where the name is taken by what must not be lost: notes in a workbook, another file."""
    if wish.out is None or not wish.out.exists():
        return
    if not wish.replace:
        raise InvalidRequest(f"{wish.out} exists already", hint="choose another name, or replace it: --replace")
    digest = written(wish.out)["sha256"] if wish.out.is_file() else ""
    if not any(body["file"].get("sha256") == digest for body in reports(site)):
        said = f"{wish.out} is no report as it was made here: somebody changed it, or it is another file"
        raise InvalidRequest(said, hint="keep it, and choose another name")


def _report(site: Site, wish: Wish, run: str) -> Made:
    with site.register.reading() as seen:
        inputs = _inputs(site, wish, run, seen)
        with site.register.watch() as told, _as_asked(seen, inputs) as then:
            workbook = watched(build(then, inputs), told)
            file = _write(site, wish, inputs, workbook, then) if wish.out else {}
    made = Made(run, wish.report, workbook, file)
    _record(site, inputs, made)
    return made


def watched(workbook: Workbook, told: Told) -> Workbook:
    """The same report; whoever is told hears how many of its rows were read."""
    number = count(1)

    def heard(rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
        for row in rows:
            if not (read := next(number)) % OFTEN:
                told(read)
            yield row

    parts = [
        replace(part, rows=partial(lambda make: heard(make()), part.rows))
        if isinstance(part, Table) and callable(part.rows) else part
        for part in workbook.parts
    ]  # fmt: skip
    return replace(workbook, parts=parts)


def every(site: Site, folder: Path, **wished: Any) -> list[Made]:
    """All reports, each a workbook in a folder, which is made if it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidRequest(f"{folder} cannot be made: {error.strerror}", hint="choose another place") from error
    return [report(site, Wish(name, folder / f"{name}.xlsx", **wished)) for name in KINDS]


def _inputs(site: Site, wish: Wish, run: str, seen: Snapshot) -> Inputs:
    moment, over = _moment(wish.on)
    head = head_at(seen, f"{moment:%Y-%m-%dT%H:%M:%S.999999Z}") if over else Head(*seen.head())
    own, name = site.workspace.folder / OWN, site.identity.name or site.identity.person
    listed, unasked = _accounts(site, over) if wish.report == "access" else (None, "")
    seen_of = looks(site, moment) if wish.report == "backups" else NONE
    joins, leaves = _movers(site)
    return Inputs(
        report=wish.report,
        as_of=moment,
        evidence=run,
        head=head.number,
        head_hash=head.hash,
        prepared_by=name,
        responsible=wish.owner or name,
        classification=wish.classification,
        approved_by=wish.approved_by,
        past=over,
        left={str(page["logon"]).casefold(): str(page["left"]) for page in site.leavers.pages().values()},
        joins=joins,
        leaves=leaves,
        before=_before(site, wish.report, moment),
        command=f"ops report {wish.report}" + (f" --as-of {wish.on}" if wish.on else ""),
        versions=versions(),
        software=own.read_text(encoding="utf-8") if wish.report == "licences" and own.is_file() else "",
        accounts=listed,
        unasked=unasked or seen_of.unasked,
        backups=seen_of.plan,
        looks=seen_of.rows,
        unseen=seen_of.unseen,
        template=read_template(wish.template) if wish.template else Template(),
    )


def _accounts(site: Site, over: bool) -> tuple[tuple[Account, ...] | None, str]:
    return (None, "a directory does not tell how it was on a day that is over") if over else accounts(site)


def _moment(on: date | None) -> tuple[datetime, bool]:
    """Now; or the end of a day that is over."""
    present = datetime.now(UTC).replace(microsecond=0)
    if on is None or on == present.date():
        return present, False
    if on > present.date():
        raise InvalidRequest(f"{on} is still to come", hint="give a day that is over: --as-of 2026-11-30")
    return datetime.combine(on, time(23, 59, 59), UTC), True


def versions() -> dict[str, str]:
    """Of what the bytes of a file depend on."""
    import zlib
    from importlib.metadata import version

    return {
        "journeyman": __version__,
        "rules": rules(),
        "openpyxl": version("openpyxl"),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }


def _movers(site: Site) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The days on which somebody begins and leaves, as the schedule has them."""
    pages = list(site.schedule.pages().values())
    by = {book: tuple(sorted(str(page["on"]) for page in pages if page["playbook"] == book))
          for book in ("user/onboard", "user/offboard")}  # fmt: skip
    return by["user/onboard"], by["user/offboard"]


def _before(site: Site, name: str, moment: datetime) -> dict[str, str]:
    """The figures of the report of the latest earlier day; of several of that day, the last."""
    found: dict[str, str] = {}
    latest = ""
    for body in reports(site):
        earlier = datetime.fromisoformat(body["as_of"]).date() < moment.date()
        if body["source"] == f"{SOURCE} {name}" and earlier and body["as_of"] >= latest:
            found, latest = body["figures"], body["as_of"]
    return found


def reports(site: Site) -> Iterator[dict[str, Any]]:
    """The public part of every report that was made here, oldest first, with its run."""
    for _, _, run, text in site.ledger.rows(site.ledger.chain):
        if f'"source":"{SOURCE} ' in text and '"figures"' in text:
            yield {"run": run, **json.loads(text)["body"]}


@contextmanager
def _as_asked(seen: Snapshot, inputs: Inputs) -> Iterator[Snapshot]:
    """The register as it is, or as it was at the end of the day."""
    if not inputs.past:
        yield seen
        return
    with past(seen, Head(inputs.head, inputs.head_hash), told(seen, inputs), inputs.software) as then:
        yield then


def told(seen: Snapshot, inputs: Inputs) -> Iterator[Seen]:
    """What has no history: all of it for today; for a day that is over what bears a time, up to then."""
    until = inputs.as_of.isoformat()
    times = {"source_run": "ended", "scan": "at", "expected": "", "position": "day", "session": "began"}
    for name, row in observed(seen, OBSERVED[inputs.report]):
        if not inputs.past or (name in times and _by(row.get(times[name]), until)):
            yield name, row


def _by(text: Any, until: str) -> bool:
    """Whether a day or time is not after a moment; what bears none is older than whatever belongs to it."""
    return not text or str(text)[:19] <= until[:19]


def _write(site: Site, wish: Wish, inputs: Inputs, workbook: Workbook, then: Snapshot) -> dict[str, Any]:
    """Keep what it is made of, write it, and tell what was written."""
    assert wish.out
    kept = private_folder(site.workspace.state / FOLDER) / f"{inputs.evidence}.jsonl.gz"
    rows = observed(then, OBSERVED[wish.report])
    try:
        made_of = write_inputs(kept, inputs, rows)
        export(workbook, wish.out, MAIN[wish.report], inputs.template, expected(then, inputs), replace=wish.replace)
    except OSError as error:
        kept.unlink(missing_ok=True)
        message = f"{kept} cannot be written: {error.strerror}"
        raise InvalidRequest(message, hint="is there room in the state folder?") from error
    except OpsError:
        kept.unlink(missing_ok=True)
        raise
    return {"name": wish.out.name, "kind": wish.out.suffix[1:], **written(wish.out), "made_of": made_of}


def written(path: Path) -> dict[str, Any]:
    """Length and SHA-256 of a file; of a workbook also that of its parts, however they are packed."""
    from inventory.report.archive import contents_sha256

    with path.open("rb") as file:
        found: dict[str, Any] = {"bytes": path.stat().st_size, "sha256": file_digest(file, "sha256").hexdigest()}
    return found | ({"contents": contents_sha256(path)} if path.suffix == ".xlsx" else {})


def _record(site: Site, inputs: Inputs, made: Made) -> None:
    """Counts, hashes and figures in public; the file's name and the reasons in private."""
    summary = made.workbook.summary
    assert summary
    name = f"{SOURCE} {inputs.report}"
    file = {key: value for key, value in made.file.items() if key != "name"}
    body = {
        "source": name,
        "title": name,
        "operations": [f"report.{inputs.report}"],
        "findings": dict(Counter(light.verdict for light in summary.lights)),
        "looked_at": [{"what": "events of the register", "count": inputs.head}],
        "not_looked_at": list(summary.not_covered),
        "as_of": inputs.as_of.isoformat(),
        "register": {"event": inputs.head, "hash": inputs.head_hash},
        "figures": figures(made.workbook),
        "file": file,
    }
    private = {"findings": [[light.subject, "", light.verdict, light.reason] for light in summary.lights]}
    more = {"file": made.file["name"]} if made.file else {}
    site.ledger.append(Event(made.run, "audited", now(), body, private | more))
    close(site, made.run)
