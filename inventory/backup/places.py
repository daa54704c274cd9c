"""Where a target is: a folder here, or one behind SSH, written as a URL.

``sftp://backup@vault.school.example/srv/restic`` and, where borg runs on the far side too,
``ssh://backup@vault.school.example:2222/srv/borg``. Nothing is decoded, and only plain characters are allowed, so that
no part of it can be read as an option, as shell text or as another place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from inventory.backup.found import without_credentials
from ops.errors import InvalidRequest

SCHEME = {"restic": "sftp", "tar": "sftp", "rsync": "sftp", "borg": "ssh"}
ACCOUNT = r"[A-Za-z_][A-Za-z0-9._-]{0,31}"
NAME = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
STEP = r"(?!\.{1,2}(?:/|$))[\w.+@=,~ -]+"
URL = re.compile(
    rf"(?P<scheme>[a-z]+)://(?P<account>{ACCOUNT})@(?P<host>{NAME}|\[[0-9A-Fa-f:.]+\])"
    rf"(?::(?P<port>[1-9][0-9]{{0,4}}))?(?P<path>(?:/{STEP})+)/?"
)
REST = re.compile(r"rest:https://[^@?\s]+")  # neither a password nor a token stands in it
ELSEWHERE = re.compile(r"[\w.@\[\]-]+:.*")  # as rsync, scp and restic write a host without a URL


@dataclass(frozen=True)
class Place:
    """A folder behind SSH; ``host`` without brackets, ``path`` from the root."""

    account: str
    host: str
    port: int
    path: str


def behind_ssh(tool: str, where: str) -> Place | None:
    """The place behind SSH that is meant, None for one its tool reaches without; raise ``InvalidRequest``."""
    scheme = SCHEME[tool]
    right = f"write a whole path, or {scheme}://ACCOUNT@HOST/PATH"
    shown = repr(without_credentials(where))
    if not where.isprintable() or where.startswith("-") or not where:
        raise InvalidRequest(f"{shown} is no place", hint=right)
    if where.startswith(f"{scheme}://"):
        found = URL.fullmatch(where)
        if found is None or int(found["port"] or 22) > 65535:
            raise InvalidRequest(f"{shown} is no place behind SSH", hint=right + "; plain characters only")
        return Place(found["account"], found["host"].strip("[]"), int(found["port"] or 22), found["path"])
    if where.startswith("/") and ".." in where.split("/"):
        raise InvalidRequest(f"{shown} leads back by ..", hint="write it from the root, without ..")
    if where.startswith("/") or (tool == "restic" and REST.fullmatch(where)):
        return None
    if without_credentials(where) != where:
        raise InvalidRequest(f"{shown} was written with a name, a password or a token in it", hint=right)
    if ELSEWHERE.match(where) or "://" in where:
        raise InvalidRequest(f"{shown} would be reached without its key being checked here", hint=right)
    raise InvalidRequest(f"{shown} is not a whole path", hint=right)


def as_written_here(tool: str, where: str) -> str:
    """Another program's way of writing a place, in ours; empty if there is none, such as a path below a home."""
    scheme = SCHEME[tool]
    short = re.fullmatch(r"(?:sftp:)?(?!//)(?P<who>[^:/@\s]+@[^:/\s]+):(?P<path>/.*)", where)
    ours = f"{scheme}://{short['who']}{short['path']}" if short else where
    try:
        behind_ssh(tool, ours)
    except InvalidRequest:
        return ""
    return ours
