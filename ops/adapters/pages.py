"""Small books of a workspace: private pages by name. Not a kind of target itself, but what such kinds are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

from ops.change import Change, one_by_one
from ops.errors import Conflict, OpsError

Page = Mapping[str, Any]  # what a plan can hold


class PagesReader(Protocol):
    """The read side."""

    def page(self, name: str) -> Page | None: ...
    def pages(self) -> Mapping[str, Page]: ...


class Pages(PagesReader, Protocol):
    """The write side."""

    def put(self, name: str, page: Page) -> None: ...
    def take_back(self, name: str) -> None: ...
    def snapshot(self, refs: Iterable[str]) -> PagesReader: ...


@dataclass(frozen=True)
class PageChange(Change[Pages]):
    """A page appears (None → page), or goes; the subject is its name."""

    person: str = ""

    def apply(self, adapter: Pages) -> None:
        if self.after is None:
            adapter.take_back(self.subject)
        else:
            adapter.put(self.subject, self.after)

    def observe(self, adapter: PagesReader) -> Any:
        return adapter.page(self.subject)

    def about(self) -> str:
        return self.person

    def public(self) -> dict[str, Any]:
        return {"attributes": sorted(self.after or self.before)}


class ProjectedPages(Pages):
    """A book as it will be; over nothing, a book in memory. ``book`` is what people call it."""

    book: ClassVar[str] = "the book"

    def __init__(self, base: PagesReader | None = None) -> None:
        self._base = base
        self._pages: dict[str, Page | None] = {}
        self._journal: list[tuple[str, Page | None]] = []

    def page(self, name: str) -> Page | None:
        if name not in self._pages:
            self._pages[name] = self._base.page(name) if self._base else None
        return self._pages[name]

    def pages(self) -> Mapping[str, Page]:
        found = {**(self._base.pages() if self._base else {}), **self._pages}
        return {name: page for name, page in found.items() if page is not None}

    def put(self, name: str, page: Page) -> None:
        if self.page(name) is not None:
            raise there_already(self.book, name)
        self._set(name, page)

    def take_back(self, name: str) -> None:
        if self.page(name) is None:
            raise not_there(self.book, name)
        self._set(name, None)

    def _set(self, name: str, page: Page | None) -> None:
        self._journal.append((name, self._pages[name]))
        self._pages[name] = page

    def mark(self) -> int:
        """Where the journal of planned changes stands."""
        return len(self._journal)

    def back_to(self, mark: int) -> None:
        """Take back every change planned since."""
        while len(self._journal) > mark:
            name, self._pages[name] = self._journal.pop()

    def rehearsal(self) -> Self:
        """An empty book."""
        return type(self)()

    def heir(self) -> Self:
        """A picture of the same book with these pages in it."""
        fresh = type(self)(self._base)
        fresh._pages = dict(self._pages)
        return fresh

    def asked(self) -> Mapping[str, Mapping[str, None]]:
        """Nothing: looking into a book costs nothing."""
        return {}

    def warm(self, questions: Mapping[str, Mapping[str, None]]) -> None:
        """Nothing to prepare."""

    def snapshot(self, refs: Iterable[str]) -> PagesReader:  # noqa: ARG002
        return self

    def projection(self) -> Self:
        """A picture over this one."""
        return type(self)(self)

    def about(self, ref: str) -> str:
        """How a person knows it."""
        return ref

    def apply_all(self, changes: Sequence[Change[Pages]]) -> list[OpsError | None]:
        """Apply changes in order; one error or None for each."""
        return one_by_one(changes, self)


def there_already(book: str, name: str) -> Conflict:
    """The refusal to write over a page."""
    return Conflict(f"{name} is in {book} already", hint="plan again")


def not_there(book: str, name: str) -> Conflict:
    """The refusal to take out what is gone."""
    return Conflict(f"{name} is not in {book} any more", hint="plan again")
