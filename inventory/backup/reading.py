"""``backups.yaml``: systems, targets, jobs and how often each proof is due, checked strictly.

systems:
  FS-1: {host: fs1, tier: 1, rpo: 24h, rto: 4h, site: Leith, failure_domain: rack-1}
targets:
  vault: {tool: restic, where: /srv/backup/restic, medium: disk, site: Leith, failure_domain: rack-2,
          credential: "file:secrets/vault", key_held_by: Bob Ray}
jobs:
  fs1-homes: {system: FS-1, target: vault, paths: [/srv/home], every: 1d, at: "02:00",
              start_grace: 1h, finish_grace: 4h}
cadence:
  1: {structure: 7d, data: 90d, restore: 31d}
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, time
from posixpath import normpath
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from inventory.backup.durations import length
from inventory.backup.model import (
    DAYS,
    KINDS,
    MEDIA,
    TOOLS,
    USUAL,
    Backups,
    Cadence,
    Database,
    Job,
    Schedule,
    System,
    Target,
)
from inventory.backup.places import ACCOUNT, behind_ssh
from inventory.backup.schema import backups_file
from ops import strictyaml
from ops.errors import InvalidRequest

LENGTHS = {
    "systems": ("rpo", "rto"),
    "jobs": ("every", "start_grace", "finish_grace"),
    "cadence": ("structure", "data", "restore", "sentinel", "key"),
}
TIERS = {"1": 1, "2": 2, "3": 3}
YES = {"true": True, "false": False}
UNFILLED = "CHANGE ME"
ZONED = "02:00 Europe/London"
MOST = 20  # lines that are named
CREDENTIALS = ("file:", "keyring", "prompt")
NAMELESS = ("tar", "rsync")  # tools that do not record on which machine a backup was made
NAMED = 200  # octets of a name; a file called so still has an ending (NAME_MAX is 255)


def read_backups(text: str, source: str = "backups.yaml") -> Backups:
    """Read and check all of it; raise ``InvalidRequest`` with the place of the first mistake."""
    strictyaml.parse(text, backups_file(), source)
    read = strictyaml.document(text, source)
    whole: Any = read.value or {}
    _filled_in(read)
    _names(read, whole)
    _lengths(read, whole)
    systems = {tag: _system(read, tag, row) for tag, row in whole.get("systems", {}).items()}
    targets = {name: _target(read, name, row) for name, row in whole.get("targets", {}).items()}
    jobs = [_job(read, name, row) for name, row in whole.get("jobs", {}).items()]
    for job in jobs:
        for key, known in (("system", systems), ("target", targets)):
            if getattr(job, key) not in known:
                hint = f"there are: {', '.join(known) or 'none'}"
                raise read.mistake(("jobs", job.name, key), f"there is no {key} {getattr(job, key)}", hint)
    found = Backups(systems, targets, tuple(jobs), {**USUAL, **_cadences(read, whole.get("cadence", {}))})
    _told_apart(read, found)
    return found


def _told_apart(read: strictyaml.Document, found: Backups) -> None:
    """Where a tool records no machine, only the paths say of which one a backup is."""
    kept: dict[tuple[str, str], list[Job]] = {}
    for job in found.jobs:
        target, host = found.targets[job.target], found.systems[job.system].host
        beside = kept.setdefault((target.tool, normpath(target.where)), [])
        others = [one for one in beside if found.systems[one.system].host != host and target.tool in NAMELESS]
        if other := next((one for one in others if _overlap(one.paths, job.paths)), None):
            why = f"{target.tool} does not record whose files these are: {other.name} keeps the same paths there"
            raise read.mistake(("jobs", job.name, "target"), why, "keep each machine's in a folder of its own")
        beside.append(job)


def _overlap(some: Sequence[str], others: Sequence[str]) -> bool:
    pairs = [sorted((f"{one.rstrip('/')}/", f"{other.rstrip('/')}/"), key=len) for one in some for other in others]
    return any(long.startswith(short) for short, long in pairs)


def _filled_in(read: strictyaml.Document) -> None:
    """Nothing of a proposal waits to be filled in; all places are named at once, by their lines."""
    waiting: list[tuple[tuple[str | int, ...], object]] = [((), read.value)]
    found = []
    while waiting:
        place, value = waiting.pop(0)
        if UNFILLED in str(place[-1:]) or (isinstance(value, str) and UNFILLED in value):
            found.append(place)
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        waiting += [((*place, name), one) for name, one in inner]
    if not found:
        return
    first, *others = sorted(found, key=lambda place: read.marks.get(place, (0, 0)))
    named = first[-1] if isinstance(first[-1], str) and UNFILLED not in first[-1] else "this"
    lines = [str(read.marks[place][0]) for place in others if place in read.marks]
    hint = "nobody but you knows it: write it in its place"
    hint += f"; so are lines {', '.join(lines[:MOST])}{' …' * bool(lines[MOST:])}" if lines else ""
    raise read.mistake(first, f"{named} is still to be filled in", hint)


def _names(read: strictyaml.Document, whole: Mapping[str, Any]) -> None:
    """What is called by a name of it, a folder of ours or an archive, lies where it is looked for."""
    for section in ("targets", "jobs"):
        for name in whole.get(section, {}):
            if not name or "/" in name or name[0] in ".-" or len(name.encode()) > NAMED or not name.isprintable():
                hint = f"no / and nothing that is not seen in it, neither . nor - before it, at most {NAMED} octets"
                raise read.mistake((section, name), f"{strictyaml.shown(name)} cannot be the name of a file", hint)


def _lengths(read: strictyaml.Document, whole: Mapping[str, Any]) -> None:
    """Every length of time is one."""
    for section, keys in LENGTHS.items():
        for name, row in whole.get(section, {}).items():
            for key in keys:
                _checked(read, (section, name, key), row.get(key))


def _checked(read: strictyaml.Document, place: tuple[str | int, ...], text: str | None) -> None:
    if text is None:
        return
    try:
        length(text)
    except InvalidRequest as error:
        raise read.mistake(place, str(error), error.hint) from None


def _one_of(read: strictyaml.Document, place: tuple[str | int, ...], text: str, known: Any) -> str:
    if text not in known:
        raise read.mistake(place, f"{strictyaml.shown(text)} is not one of {', '.join(known)}")
    return text


def _system(read: strictyaml.Document, tag: str, row: Mapping[str, str]) -> System:
    tier = TIERS[_one_of(read, ("systems", tag, "tier"), row.get("tier", "2"), TIERS)]
    domain = row.get("failure_domain") or row["host"]
    return System(
        tag, row["host"], tier, length(row["rpo"]), length(row["rto"]), row["site"], domain, row.get("recorded_as", "")
    )


def _target(read: strictyaml.Document, name: str, row: Mapping[str, str]) -> Target:
    place = ("targets", name)
    tool = _one_of(read, (*place, "tool"), row["tool"], TOOLS)
    medium = _one_of(read, (*place, "medium"), row.get("medium", "disk"), MEDIA)
    _keys(read, place, row)
    _place(read, place, row)
    flags = {key: YES[_one_of(read, (*place, key), row.get(key, usual), YES)] for key, usual in _FLAGS.items()}
    days = row.get("lock_days", "0")
    if not (days.isascii() and days.isdigit() and len(days) <= 5):
        raise read.mistake((*place, "lock_days"), "lock_days is a whole number")
    return Target(
        name, tool, row["where"], medium, row["site"], row.get("failure_domain") or row["site"],
        row.get("credential", ""), row.get("key_held_by", ""), lock_days=int(days), identity=row.get("identity", ""),
        escrow=row.get("escrow", ""), writer=row.get("writer", ""), writer_identity=row.get("writer_identity", ""),
        **flags,
    )  # fmt: skip


def _keys(read: strictyaml.Document, place: tuple[str, ...], row: Mapping[str, str]) -> None:
    """What opens it is named, never written down, and the copy that is kept elsewhere is another one."""
    for key in ("credential", "escrow"):
        if row.get(key) and not row[key].startswith(CREDENTIALS):
            hint = "write file:PATH, keyring or prompt; a password never stands here"
            raise read.mistake((*place, key), "a credential is named, not written down", hint)
    if row.get("escrow", "").startswith("file:") and row["escrow"] == row.get("credential"):
        hint = "name the copy that is kept elsewhere, such as escrow: prompt"
        raise read.mistake((*place, "escrow"), "escrow names the key that is in use", hint)


def _place(read: strictyaml.Document, place: tuple[str, ...], row: Mapping[str, str]) -> None:
    """Where it is can be told to its tool as it stands, and a place behind SSH has a key."""
    try:
        behind = behind_ssh(row["tool"], row["where"])
    except InvalidRequest as error:
        raise read.mistake((*place, "where"), str(error), error.hint) from None
    if behind and not row.get("identity"):
        hint = "identity: keys/backup_ed25519, the file of a key of its own"
        raise read.mistake((*place, "where"), "a place behind SSH needs a key", hint)
    if not behind and row.get("identity"):
        raise read.mistake((*place, "identity"), "a folder here needs no key", "write where: as a URL, or leave it out")
    for key in ("writer", "writer_identity"):
        if row.get(key) and not behind:
            raise read.mistake((*place, key), f"{key} is for places behind SSH", "leave it out")
    if row.get("writer") and not re.fullmatch(ACCOUNT, row["writer"]):
        raise read.mistake((*place, "writer"), "writer is the name of an account at the place")


_FLAGS = {"encrypted": "true", "offline": "false", "sentinel": "false"}


def _job(read: strictyaml.Document, name: str, row: Mapping[str, Any]) -> Job:
    place = ("jobs", name)
    paths = _paths(read, (*place, "paths"), row["paths"])
    day = _one_of(read, (*place, "day"), row["day"], DAYS) if row.get("day") else ""
    schedule = Schedule(length(row["every"]), day=day, **_begins(read, (*place, "at"), row.get("at", "00:00")))
    start, finish = (length(row.get(key, usual)) for key, usual in (("start_grace", "1h"), ("finish_grace", "6h")))
    found = (_database(read, (*place, "databases"), path, one, paths) for path, one in row.get("databases", {}).items())
    return Job(name, row["system"], row["target"], paths, schedule, start, finish, tuple(found))


def _begins(read: strictyaml.Document, place: tuple[str, ...], text: str) -> dict[str, Any]:
    """A time of the day, and the zone of the tz database behind it, as systemd.time(7) writes both."""
    shown, _, zone = text.partition(" ")
    try:
        at = time.fromisoformat(shown)
    except ValueError:
        at = None
    if at is None or at.tzinfo:
        raise read.mistake(place, "at is not a time of the day", f"write it as 02:00, or as {ZONED}")
    try:
        return {"at": at, "zone": ZoneInfo(zone) if zone else UTC}
    except (ValueError, OSError, ZoneInfoNotFoundError):
        why = f"{strictyaml.shown(zone)} is no time zone that is known here"
        raise read.mistake(place, why, f"write it as {ZONED}; timedatectl list-timezones") from None


def _paths(read: strictyaml.Document, place: tuple[str, ...], written: Sequence[str]) -> tuple[str, ...]:
    """Each path once."""
    if not written:
        raise read.mistake(place, "a job names at least one path")
    for number, path in enumerate(written):
        if not path.startswith("/") or ".." in path.split("/"):
            raise read.mistake((*place, number), "a path is written from the root, without ..")
    return tuple(dict.fromkeys(map(_listed, written)))


def _listed(path: str) -> str:
    """A whole path as tools list it."""
    return f"/{normpath(path).lstrip('/')}"


def _database(
    read: strictyaml.Document, place: tuple[str, ...], path: str, row: Mapping[str, str], paths: Sequence[str]
) -> Database:
    kind = _one_of(read, (*place, path, "kind"), row["kind"], KINDS)
    whole = _listed(path)
    if ".." in path.split("/") or not any(f"{whole}/".startswith(f"{one.rstrip('/')}/") for one in paths):
        raise read.mistake((*place, path), f"{strictyaml.shown(path)} does not lie in a path of the job")
    least = row.get("at_least", "1")
    if not (least.isascii() and least.isdigit() and len(least) <= 15):
        raise read.mistake((*place, path, "at_least"), "at_least is a whole number")
    return Database(whole, kind, row.get("query", ""), int(least))


def _cadences(read: strictyaml.Document, rows: Mapping[str, Mapping[str, str]]) -> dict[int, Cadence]:
    found = {}
    for tier, row in rows.items():
        number = TIERS[_one_of(read, ("cadence", tier), tier, TIERS)]
        usual = USUAL[number]
        parts = {key: length(row[key]) if key in row else getattr(usual, key) for key in LENGTHS["cadence"]}
        found[number] = Cadence(**parts)
    return found
