"""The leavers' book: who left, what they had, and which names are therefore never given again.

One private page for each leaver, written before anything is taken away. Rehiring starts from it, and the search for
what was forgotten looks for what stands in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from ops.adapters.pages import Page, PageChange, PagesReader, ProjectedPages
from ops.change import Detail

NAMES = ("logon", "mail", "sign_in")  # fields of a page that hold names nobody else may get


class LeaversReader(PagesReader, Protocol):
    """Pages by logon name."""


@dataclass(frozen=True)
class Leaver(PageChange):
    """A leaver gets a page, or loses it again."""

    def sentence(self) -> str:
        return (
            "is written into the leavers' book, with all they had" if self.after else "leaves the leavers' book again"
        )

    def details(self) -> tuple[Detail, ...]:
        page = self.after or self.before
        groups = ", ".join(page.get("groups", {}).values())
        return (Detail("groups", groups, groups), Detail("place", page.get("dn", ""), page.get("dn", "")))


class ProjectedLeavers(ProjectedPages):
    """The book as it will be."""

    book: ClassVar[str] = "the leavers' book"


def reserved(pages: Iterable[Page]) -> frozenset[str]:
    """Every name of a leaver, in small letters: logon names, and what stands before the @ of an address."""
    texts = (str(page.get(field, "")) for page in pages for field in NAMES)
    return frozenset(text.partition("@")[0].lower() for text in texts if text)
