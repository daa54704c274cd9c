"""Configuration files of borgmatic, of its sections and without them (from 1.8 on). Source: its own reference."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from inventory.backup.found import Found, without_secret
from ops import strictyaml
from ops.errors import InvalidRequest

SECTIONS = ("location", "storage", "retention", "consistency", "hooks")
KEEP = ("keep_within", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly")
HOOK = re.compile(r"(before|after|on)_\w+|commands|\w+_databases")
CAT = re.compile(r"cat (/\S+)")


def jobs(text: str, origin: str) -> Iterator[Found]:
    """One job for each repository; raise ``InvalidRequest`` for what is no such file."""
    read = strictyaml.load(text, origin)
    if not isinstance(read, dict):
        raise InvalidRequest(f"{origin} is no configuration of borgmatic", hint="leave it out")
    known: dict[str, Any] = {key: value for key, value in read.items() if key not in SECTIONS}
    for section in SECTIONS:
        if isinstance(inner := read.get(section), dict):
            known.update(inner)
    paths = tuple(path for path in _list(known.get("source_directories")) if isinstance(path, str))
    secret, note = _credential(known)
    notes = [note, _retention(known), _hooks(known)]
    for where in _repositories(known):
        yield without_secret(Found(origin, "borg", where, paths, credential=secret).noted(*notes))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _repositories(known: Mapping[str, Any]) -> Iterator[str]:
    for one in _list(known.get("repositories")):
        path = one.get("path") if isinstance(one, dict) else one
        if isinstance(path, str) and path:
            yield path


def _credential(known: Mapping[str, Any]) -> tuple[str, str]:
    command = known.get("encryption_passcommand")
    if isinstance(command, str) and (match := CAT.fullmatch(command)):
        return f"file:{match[1]}", ""
    if command:
        return "", "a command tells the passphrase: name it as file:PATH or keyring"
    if known.get("encryption_passphrase"):
        return "", "the passphrase stands in that file: put it into a file of its own; it was not copied"
    return "", "no passphrase is named"


def _retention(known: Mapping[str, Any]) -> str:
    kept = [f"{key} {known[key]}" for key in KEEP if isinstance(known.get(key), str)]
    return f"it keeps: {', '.join(kept)}" if kept else ""


def _hooks(known: Mapping[str, Any]) -> str:
    """Which hooks there are; what they run may hold secrets, and is not copied."""
    found = [key for key, value in known.items() if value and HOOK.fullmatch(key)]
    return f"it has hooks: {', '.join(found)}" if found else ""
