"""What somebody's own arrangements make backups of, as far as their files tell; secrets are never part of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

CREDENTIALS = re.compile(r"(?<=://)([^/@\s:]*):[^/\s]*@")  # of an address: rest:https://name:secret@host/
NOT_COPIED = "a password stands in the address of the repository: it was not copied"


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


def without_secret(found: Found) -> Found:
    """The same, its address without a password in it."""
    clean = CREDENTIALS.sub(r"\1@", found.where)
    return found if clean == found.where else replace(found, where=clean).noted(NOT_COPIED)
