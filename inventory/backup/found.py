"""What somebody's own arrangements make backups of, as far as their files tell; secrets are never part of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

PASSWORD = re.compile(r"^([^/@\s:]*):.*@", re.DOTALL)  # of name:secret@host/; it may hold what ends one elsewhere
SHORT = re.compile(r"^(sftp:)?(?!sftp:)([^/@\s:]*):.*@(?=[^/@]*:)", re.DOTALL)  # name:secret@host:path, without a URL
SETTINGS = re.compile(r"^(rclone::?[^,:]*,|(?:b2|gs|azure|swift):[^:]*:[^:]*:).+", re.DOTALL)  # what follows is no path
ASKED = re.compile(r"\?\w+=")
NOT_COPIED = "a name, a password or a token stands in the address of the repository: it was not copied"
LEFT_OUT = "what may be a password or a token stands in one of its paths: that was not copied"
HIDDEN = "…"


@dataclass(frozen=True)
class When:
    """When a job begins, in the words of ``backups.yaml``; empty is not known. ``note`` is what could not be said."""

    every: str = ""
    at: str = ""
    day: str = ""
    note: str = ""


@dataclass(frozen=True)
class Found:
    """One job: what ``tool`` copies from ``paths`` to ``where``, told by the file ``origin``."""

    origin: str
    tool: str
    where: str = ""
    paths: tuple[str, ...] = ()
    when: When = When()
    credential: str = ""
    notes: tuple[str, ...] = ()

    def noted(self, *notes: str) -> Found:
        """The same with more to be said of it."""
        return replace(self, notes=(*self.notes, *(note for note in notes if note)))


def without_credentials(where: str) -> str:
    """An address without what may be a secret: no password, and of one on the web scheme, host and path alone.

    A sign stands for what was left out. Where nobody can say what is host and path, neither is left.
    """
    if SETTINGS.match(where):
        return SETTINGS.sub(r"\1…", where)
    scheme, mark, rest = where.partition("://")
    if not scheme.endswith(("http", "https")):
        return scheme + mark + PASSWORD.sub(r"\1@", rest) if mark else SHORT.sub(r"\1\2@", where)
    place, asked, query = rest.partition("?")
    if "@" in query:
        return f"{scheme}{mark}…@…"
    _, named, place = place.rpartition("@")
    return scheme + mark + "…@" * bool(named) + place + "?…" * bool(asked)


def without_secret(found: Found) -> Found:
    """The same without a secret in its address or its paths; of such a path nothing is left."""
    where = without_credentials(found.where)
    paths = tuple(HIDDEN if without_credentials(path) != path or ASKED.search(path) else path for path in found.paths)
    notes = NOT_COPIED * (where != found.where), LEFT_OUT * (paths != found.paths)
    return replace(found, where=where, paths=paths).noted(*notes)
