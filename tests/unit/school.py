"""An IT lead, a mentor and an apprentice, each with a workspace of their own, and only files between them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence.enrolment import Card, SignersFile
from evidence.identity import Identity
from inventory.settings_file import set_once
from tests.workspace import Desk, Result, bare

ROOM = ("--room", "Room Zanzibar", "--equipment", "a beamer", "--settings", "HDMI 1", "--check", "sat in the last row")
NAMES = {"lead": "Lea Marchbanks", "mentor": "Max Thistlewood", "amy": "Amy Quillfeather", "bob": "Bob Underhill"}
ROLES = {"mentor": "mentor", "amy": "apprentice", "bob": "apprentice"}


@dataclass(frozen=True)
class School:
    """Everybody's workspaces below one folder."""

    folder: Path

    def __getattr__(self, name: str) -> Desk:
        return Desk(self.folder / name)

    def person(self, name: str) -> str:
        """Somebody's id."""
        return Identity.load(self.folder / name / "state").person

    def file(self, name: str) -> str:
        """A path between the workspaces."""
        return str(self.folder / name)

    def submit(self, who: str = "amy", name: str = "week.evidence", *more: str) -> Result:
        return Desk(self.folder / who).ops("evidence", "submit", "-o", self.file(name), *more)

    def imported(self, name: str = "week.evidence", *more: str) -> Result:
        return self.mentor.ops("review", "import", self.file(name), *more)

    def returned(self, name: str = "back.return", who: str = "amy") -> Result:
        return self.mentor.ops("review", "return", self.person(who), "-o", self.file(name))

    def received(self, name: str = "back.return", who: str = "amy") -> Result:
        return Desk(self.folder / who).ops("evidence", "receive", self.file(name))


def room(desk: Desk, *more: str) -> str:
    """A statement about a room; its run."""
    return str(desk.ops("task", "set-up-room", *ROOM, "--yes", "--json", *more).json["run"])


def enrol(folder: Path, **until: Any) -> None:
    """Everybody's key enrolled and the list installed; ``until`` ends somebody's."""
    from datetime import date

    lead = Identity.load(folder / "lead" / "state")
    file = SignersFile(folder / "lead")
    for name, role in ROLES.items():
        one = Identity.load(folder / name / "state")
        first = until.get(f"{name}_from", date(2026, 1, 1))
        file.add(Card(one.person, one.signer().public, NAMES[name]), role, first, until.get(name), lead.signer())
    for name in NAMES:
        set_once(folder / name, "it_lead", lead.fingerprint)
        if name != "lead":
            for end in ("", ".sig"):
                shutil.copy(folder / "lead" / f"signers{end}", folder / name)


def make(folder: Path, **until: Any) -> School:
    """A new school in which everybody is enrolled."""
    for name, called in NAMES.items():
        bare(folder / name, called)
    enrol(folder, **until)
    return School(folder)


def handed_in(folder: Path) -> School:
    """A school in which Amy has told of one room and handed it in."""
    school = make(folder)
    room(school.amy)
    assert school.submit().code == 0
    return school


def copied(school: School, folder: Path) -> School:
    """The same school somewhere else, to be spoilt."""
    shutil.copytree(school.folder, folder)
    for name in NAMES:
        state = folder / name / "state" / "identity.json"
        state.write_text(state.read_text().replace(str(school.folder), str(folder)))
    return School(folder)
