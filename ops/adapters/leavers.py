"""The leavers' book: who left, what they had, and which names are therefore never given again.

One private page for each leaver, written before anything is taken away. Rehiring starts from it, and the search for
what was forgotten looks for what stands in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ops.change import Change, Detail, one_by_one
from ops.errors import Conflict, OpsError

Page = Mapping[str, Any]  # text, numbers, tuples and mappings: what a plan can hold
NAMES = ("logon", "mail", "sign_in")  # fields of a page that hold names nobody else may get


class LeaversReader(Protocol):
    """The read side."""

    def page(self, logon: str) -> Page | None: ...


class Leavers(LeaversReader, Protocol):
    """The write side."""

    def put(self, logon: str, page: Page) -> None: ...
    def take_back(self, logon: str) -> None: ...
    def snapshot(self, refs: Iterable[str]) -> LeaversReader: ...


@dataclass(frozen=True)
class Leaver(Change[Leavers]):
    """A leaver gets a page (None → page), or loses it again; the subject is the logon name."""

    person: str = ""

    def apply(self, adapter: Leavers) -> None:
        if self.after is None:
            adapter.take_back(self.subject)
        else:
            adapter.put(self.subject, self.after)

    def observe(self, adapter: LeaversReader) -> Any:
        return adapter.page(self.subject)

    def sentence(self) -> str:
        return (
            "is written into the leavers' book, with all they had" if self.after else "leaves the leavers' book again"
        )

    def about(self) -> str:
        return self.person

    def details(self) -> tuple[Detail, ...]:
        page = self.after or self.before
        groups = ", ".join(page.get("groups", {}).values())
        return (Detail("groups", groups, groups), Detail("place", page.get("dn", ""), page.get("dn", "")))

    def public(self) -> dict[str, Any]:
        return {"attributes": sorted(self.after or self.before)}


class ProjectedLeavers(Leavers):
    """The book as it will be; over nothing, a book in memory."""

    def __init__(self, base: LeaversReader | None = None) -> None:
        self._base = base
        self._pages: dict[str, Page | None] = {}
        self._journal: list[tuple[str, Page | None]] = []

    def page(self, logon: str) -> Page | None:
        if logon not in self._pages:
            self._pages[logon] = self._base.page(logon) if self._base else None
        return self._pages[logon]

    def put(self, logon: str, page: Page) -> None:
        if self.page(logon) is not None:
            raise written_already(logon)
        self._set(logon, page)

    def take_back(self, logon: str) -> None:
        if self.page(logon) is None:
            raise Conflict(f"{logon} is not in the leavers' book any more")
        self._set(logon, None)

    def _set(self, logon: str, page: Page | None) -> None:
        self._journal.append((logon, self._pages[logon]))
        self._pages[logon] = page

    def mark(self) -> int:
        """Where the journal of planned changes stands."""
        return len(self._journal)

    def back_to(self, mark: int) -> None:
        """Take back every change planned since."""
        while len(self._journal) > mark:
            logon, self._pages[logon] = self._journal.pop()

    def rehearsal(self) -> ProjectedLeavers:
        """An empty book."""
        return ProjectedLeavers()

    def heir(self) -> ProjectedLeavers:
        """A picture of the same book with these pages in it."""
        fresh = ProjectedLeavers(self._base)
        fresh._pages = dict(self._pages)
        return fresh

    def asked(self) -> Mapping[str, Mapping[str, None]]:
        """Nothing: looking into a book costs nothing."""
        return {}

    def warm(self, questions: Mapping[str, Mapping[str, None]]) -> None:
        """Nothing to prepare."""

    def snapshot(self, refs: Iterable[str]) -> LeaversReader:  # noqa: ARG002
        return self

    def projection(self) -> ProjectedLeavers:
        """A picture over this one."""
        return ProjectedLeavers(self)

    def about(self, ref: str) -> str:
        """How a person knows it."""
        return ref

    def apply_all(self, changes: Sequence[Change[Leavers]]) -> list[OpsError | None]:
        """Apply changes in order; one error or None for each."""
        return one_by_one(changes, self)


def written_already(logon: str) -> Conflict:
    """The refusal to write over a page."""
    return Conflict(f"{logon} is in the leavers' book already", hint="plan again")
