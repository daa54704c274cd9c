"""A ``backups.yaml`` proposed from what exists; what no file tells stands as CHANGE ME, which is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from posixpath import basename

from inventory.backup.existing import Existing
from inventory.backup.found import Found
from inventory.backup.places import SCHEME, as_written_here, behind_ssh
from inventory.backup.reading import UNFILLED, ZONED

ASK = f"{UNFILLED} "
LENGTH = f"{ASK}such as 24h"
HEAD = (
    "# Proposed from what was found. Nothing of it was tried.",
    f"# Replace every {UNFILLED}: no file tells it. Passwords were not copied; a credential names where one is.",
)


def proposal(found: Mapping[str, Existing], tags: Mapping[str, str]) -> str:
    """The text of the file: host → what exists there; ``tags``: host → its tag in the register, where that is known.

    A host without a name is one that nobody named.
    """
    systems = {host: tags.get(host) or f"{UNFILLED} tag of {host or 'its machine'}" for host in found}
    targets, jobs = _named(found)
    lines = [*HEAD, *_unclear(found), "systems:"]
    for host, tag in systems.items():
        lines += _system(host, tag)
    lines += ["targets:" if targets else "targets: {}"]
    for (tool, where), (name, one) in targets.items():
        lines += _target(name, tool, where, one)
    lines += ["jobs:" if jobs else "jobs: {}"]
    for name, host, one in jobs:
        when = replace(one.when, at=_in_zone(one.when.at, found[host].zone)) if one.when.at else one.when
        lines += _job(name, systems[host], targets[one.tool, one.where][0], replace(one, when=when))
    return "\n".join(lines) + "\n"


def _in_zone(at: str, zone: str) -> str:
    """A time as backups.yaml has it: one without a zone is in UTC, so that one of no known zone is no time yet."""
    return at if zone in ("UTC", "Etc/UTC") or " " in at else f"{at} {zone or f'{ASK}its zone, as in {ZONED}'}"


def _named(
    found: Mapping[str, Existing],
) -> tuple[dict[tuple[str, str], tuple[str, Found]], list[tuple[str, str, Found]]]:
    """Each place copies lie in once, with a name; each job with a name of its own."""
    targets: dict[tuple[str, str], tuple[str, Found]] = {}
    jobs: list[tuple[str, str, Found]] = []
    for host, existing in found.items():
        for one in existing.jobs:
            if (one.tool, one.where) not in targets:
                taken = [name for name, _ in targets.values()]
                targets[one.tool, one.where] = (_slug(f"{one.tool}-{basename(one.where.rstrip('/'))}", taken), one)
            first = basename(one.paths[0].rstrip("/")) if one.paths else one.tool
            jobs.append((_slug(f"{host}-{first or 'all'}", [name for name, _, _ in jobs]), host, one))
    return targets, jobs


def _slug(text: str, taken: Sequence[str]) -> str:
    """A short name of small letters that is not taken yet."""
    word = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-") or "job"
    return next(
        name for name in (word, *(f"{word}-{number}" for number in range(2, len(taken) + 3))) if name not in taken
    )


def _unclear(found: Mapping[str, Existing]) -> Iterator[str]:
    for host, existing in found.items():
        for text in existing.unclear:
            yield f"# not understood{f', on {_comment(host)}' * bool(host)}: {_comment(text)}"


def _system(host: str, tag: str) -> Iterator[str]:
    yield f"  {_quoted(tag)}:"
    yield f"    host: {_quoted(host or f'{ASK}the name of its machine')}"
    yield f"    tier: {_quoted(f'{ASK}1 (most important), 2 or 3')}"
    yield f"    rpo: {_quoted(LENGTH)}  # how much work may be lost"
    yield f"    rto: {_quoted(LENGTH)}  # how long bringing it back may take"
    yield f"    site: {_quoted(ASK.strip())}"
    yield f"    failure_domain: {_quoted(ASK.strip())}  # a copy in the same one, such as on the same disk, is none"


def _target(name: str, tool: str, where: str, one: Found) -> Iterator[str]:
    yield f"  {name}:"
    yield f"    tool: {tool}"
    ours = as_written_here(tool, where) if where else ""
    found = f"  # was found as {_comment(where)}" if where and ours != where else ""
    yield f"    where: {_quoted(ours or f'{ASK}a whole path, or {SCHEME[tool]}://ACCOUNT@HOST/PATH')}{found}"
    if ours and behind_ssh(tool, ours):
        yield f"    identity: {_quoted(f'{ASK}the file of its SSH key')}"
    yield f"    site: {_quoted(ASK.strip())}"
    yield f"    failure_domain: {_quoted(ASK.strip())}  # what would take all in it away together"
    if tool in ("restic", "borg"):
        yield f"    credential: {_quoted(one.credential or f'{ASK}file:PATH, keyring or prompt')}"
        yield f"    key_held_by: {_quoted(ASK.strip())}"
    else:
        yield '    encrypted: "false"'


def _job(name: str, system: str, target: str, one: Found) -> Iterator[str]:
    yield f"  {name}:  # from {_comment(one.origin)}"
    yield from (f"    # {_comment(note)}" for note in dict.fromkeys(one.notes))
    good = [path for path in one.paths if path.startswith("/") and ".." not in path.split("/")]
    if lost := len(one.paths) - len(good):
        yield f"    # {lost} more that are no whole paths: look at where it was found"
    yield f"    system: {_quoted(system)}"
    yield f"    target: {target}"
    yield f"    paths: [{', '.join(map(_quoted, good or [f'/{UNFILLED}']))}]"
    yield f"    every: {_quoted(one.when.every or f'{ASK}such as 1d')}"
    yield from ([f"    at: {_quoted(one.when.at)}"] if one.when.at else [])
    yield from ([f"    day: {one.when.day}"] if one.when.day else [])


def _quoted(text: str) -> str:
    """A text in double quotes as YAML 1.1 reads it back (5.7); what no text has becomes a sign for it."""
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    return "\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else f"\\U{ord(char):08x}"


def _comment(text: str) -> str:
    """A text in one line."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)[:200]
