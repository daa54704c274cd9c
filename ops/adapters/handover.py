"""Handing a first password to its owner: one private sheet per person, waiting in a folder until it is given.

The only place where a password made by this tool may stand; ``handover done`` deletes the sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ops.change import Change, Detail, one_by_one
from ops.errors import Conflict, OpsError
from ops.secret import Secret, Slot

LETTERS = ("welcome", "manager")


@dataclass(frozen=True)
class Sheet:
    """What stands on a sheet. Times and places are not on it: it is for the person, not for the record."""

    logon: str
    person: str
    sign_in: str
    password: Secret | Slot


class HandoverReader(Protocol):
    """Which sheets wait to be handed over."""

    def waiting(self, logon: str) -> bool: ...

    def letter(self, name: str) -> str | None:
        """The text of a letter that waits, named ``LOGON/welcome`` or ``LOGON/manager``."""
        ...


class Handover(HandoverReader, Protocol):
    """The write side."""

    def put(self, sheet: Sheet) -> None: ...
    def take_back(self, logon: str) -> None: ...
    def write(self, name: str, before: str | None, after: str | None) -> None: ...
    def snapshot(self, refs: Iterable[str]) -> HandoverReader: ...


@dataclass(frozen=True)
class Delivery(Change[Handover]):
    """Put a sheet in the folder (False → True), or take it back; the subject is the logon name."""

    person: str
    sign_in: str
    password: Any

    def apply(self, adapter: Handover) -> None:
        if self.after:
            adapter.put(Sheet(self.subject, self.person, self.sign_in, self.password))
        else:
            adapter.take_back(self.subject)

    def observe(self, adapter: HandoverReader) -> Any:
        return adapter.waiting(self.subject)

    def sentence(self) -> str:
        return "gets a sheet with the password, to be handed over" if self.after else "loses the sheet again"

    def about(self) -> str:
        return f"{self.person} ({self.subject})"

    def details(self) -> tuple[Detail, ...]:
        sheet = f"for {self.person}, sign-in name {self.sign_in}"
        return (Detail("sheet", "" if self.after else sheet, sheet if self.after else ""),)


@dataclass(frozen=True)
class Letter(Change[Handover]):
    """A letter without secrets appears in the folder (None → text), or goes; the subject is ``LOGON/welcome``."""

    person: str = ""

    def apply(self, adapter: Handover) -> None:
        adapter.write(self.subject, self.before, self.after)

    def observe(self, adapter: HandoverReader) -> Any:
        return adapter.letter(self.subject)

    def sentence(self) -> str:
        words = "a welcome letter" if self.subject.endswith("/welcome") else "a note for the manager"
        return f"gets {words}" if self.after else f"loses {words} again"

    def about(self) -> str:
        return self.person

    def details(self) -> tuple[Detail, ...]:
        lines = (self.after or self.before).strip().splitlines()
        return tuple(Detail("", "", line.strip()) for line in lines if line.strip() and self.after)


@dataclass(frozen=True)
class Withdrawal(Change[Handover]):
    """Destroy a sheet that nobody fetched (True → False): its password opens nothing any more."""

    person: str = ""

    def apply(self, adapter: Handover) -> None:
        adapter.take_back(self.subject)

    def observe(self, adapter: HandoverReader) -> Any:
        return adapter.waiting(self.subject)

    def sentence(self) -> str:
        return "loses the sheet with a password that nobody fetched"

    def about(self) -> str:
        return f"{self.person} ({self.subject})"

    def inverse(self) -> None:
        """Its password was written nowhere else."""
        return


class ProjectedHandover(Handover):
    """The folder as it will be; over nothing, a folder in memory."""

    def __init__(self, base: HandoverReader | None = None) -> None:
        self._base = base
        self._known: dict[str, bool] = {}
        self._letters: dict[str, str | None] = {}
        self._journal: list[tuple[str, bool] | tuple[str, str | None, None]] = []

    def waiting(self, logon: str) -> bool:
        if logon not in self._known:
            self._known[logon] = self._base.waiting(logon) if self._base else False
        return self._known[logon]

    def put(self, sheet: Sheet) -> None:
        if self.waiting(sheet.logon):
            raise waiting_already(sheet.logon)
        self._set(sheet.logon, True)

    def take_back(self, logon: str) -> None:
        if not self.waiting(logon):
            raise Conflict(f"the sheet of {logon} is no longer there")
        self._set(logon, False)

    def letter(self, name: str) -> str | None:
        if name not in self._letters:
            self._letters[name] = self._base.letter(name) if self._base else None
        return self._letters[name]

    def write(self, name: str, before: str | None, after: str | None) -> None:
        if self.letter(name) != before:
            raise another_letter(name)
        self._journal.append((name, before, None))
        self._letters[name] = after

    def _set(self, logon: str, waits: bool) -> None:
        self._journal.append((logon, self._known[logon]))
        self._known[logon] = waits

    def mark(self) -> int:
        """Where the journal of planned changes stands."""
        return len(self._journal)

    def back_to(self, mark: int) -> None:
        """Take back every change planned since."""
        while len(self._journal) > mark:
            match self._journal.pop():
                case (name, before, None):
                    self._letters[name] = before
                case (logon, waits):
                    self._known[logon] = waits

    def rehearsal(self) -> ProjectedHandover:
        """An empty folder."""
        return ProjectedHandover()

    def heir(self) -> ProjectedHandover:
        """A picture of the same folder with these sheets in it."""
        fresh = ProjectedHandover(self._base)
        fresh._known, fresh._letters = dict(self._known), dict(self._letters)
        return fresh

    def asked(self) -> Mapping[str, Mapping[str, None]]:
        """Nothing: looking into a folder costs nothing."""
        return {}

    def warm(self, questions: Mapping[str, Mapping[str, None]]) -> None:
        """Nothing to prepare."""

    def snapshot(self, refs: Iterable[str]) -> HandoverReader:  # noqa: ARG002
        return self

    def projection(self) -> ProjectedHandover:
        """A picture over this one."""
        return ProjectedHandover(self)

    def about(self, ref: str) -> str:
        """How a person knows it."""
        return ref

    def apply_all(self, changes: Sequence[Change[Handover]]) -> list[OpsError | None]:
        """Apply changes in order; one error or None for each."""
        return one_by_one(changes, self)


def waiting_already(logon: str) -> Conflict:
    """The refusal to write over a sheet that nobody has received yet."""
    return Conflict(f"an older sheet of {logon} is still waiting", hint=f"ops handover done {logon}")


def another_letter(name: str) -> Conflict:
    """The refusal to write over a letter."""
    who, _, kind = name.partition("/")
    return Conflict(f"the {kind} letter about {who} is not as it was", hint="plan again")
