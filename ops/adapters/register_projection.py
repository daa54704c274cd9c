"""The register as it will be, for planning; over nothing, a register in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from inventory.register.entitling import catalogue
from inventory.register.fields import Fields, tidy
from inventory.register.keys import serial_key, uuid_key
from inventory.register.rules import check
from inventory.register.states import LIVE
from inventory.register.stocktake import Count, Expected, asked_for, expected_of
from ops.adapters.register import Register, RegisterReader, called
from ops.change import Change, one_by_one
from ops.errors import Conflict, OpsError

if TYPE_CHECKING:
    from inventory.estate.cases import Kept
    from inventory.licence.model import Product
    from inventory.licence.position import Position
    from inventory.register.importing import Report, Wanted


class ProjectedRegister(Register):
    """Planned changes over the register as it is; the same rules hold."""

    def __init__(self, base: RegisterReader | None = None) -> None:
        self._base = base
        self._things: dict[str, Fields | None] = {}
        self._before: dict[str, Fields | None] = {}
        self._journal: list[tuple[str, tuple[Fields | None, ...], tuple[Fields | None, ...]]] = []
        self._known: dict[str, set[str]] = {}  # serial or UUID key → tags of planned assets that had it

    def read(self, ref: str) -> Fields | None:
        if ref not in self._things:
            return self._base.read(ref) if self._base else None
        return self._things[ref]

    def find(self, kind: str, **equal: str) -> Mapping[str, Fields]:
        found = dict(self._base.find(kind, **equal)) if self._base else {}
        for ref, fields in self._things.items():
            found.pop(ref, None)
            if fields and ref.startswith(f"{kind}:") and _has(fields, equal):
                found[ref] = fields
        return {ref: found[ref] for ref in sorted(found)}

    @property
    def products(self) -> Mapping[str, Product]:
        return self._base.products if self._base else catalogue(None).products

    def previous(self, ref: str) -> Fields | None:
        if ref in self._before:
            return self._before[ref]
        return self._base.previous(ref) if self._base else None

    def twin(self, key: str, fields: Fields) -> str:
        mine = _identities(fields)
        for name in {tag for one in mine for tag in self._known.get(one, ())} - {key}:
            other = self._things.get(f"asset:{name}")
            if other and other["state"] in LIVE and mine & _identities(other):
                return name
        found = self._base.twin(key, fields) if self._base else ""
        return "" if f"asset:{found}" in self._things else found

    def expected(self, site: str, location: str) -> Sequence[Expected]:
        return expected_of(self.find("asset", **asked_for(site, location)), bool(location))

    def counted(self, stocktake: str) -> Count:
        return self._base.counted(stocktake) if self._base else Count((), ())

    def broken(self) -> str:
        return self._base.broken() if self._base else ""

    def positions(self, on: date) -> Sequence[Position]:
        return self._base.positions(on) if self._base else ()

    def beyond(self, on: date) -> Mapping[str, int]:
        return self._base.beyond(on) if self._base else {}

    def cases(self) -> Sequence[Kept]:
        return self._base.cases() if self._base else ()

    def rehearsed(self, wanted: Wanted) -> Report:
        from inventory.register.importing import Report

        return self._base.rehearsed(wanted) if self._base else Report()

    def untouched(self, imported: str) -> bool:
        return bool(self._base and self._base.untouched(imported))

    def swap(self, ref: str, before: Fields | None, after: Fields | None, why: str = "") -> None:  # noqa: ARG002
        if self.read(ref) != (None if before is None else tidy(before)):
            raise Conflict(f"{ref} is no longer as it was", hint="plan again")
        check(self, ref, before, after)
        was = tuple(known[ref] for known in (self._things,) if ref in known)
        self._journal.append((ref, was, tuple(known[ref] for known in (self._before,) if ref in known)))
        self._before[ref] = before
        self._things[ref] = None if after is None else tidy(after)
        if ref.startswith("asset:"):
            for one in _identities(after or {}):
                self._known.setdefault(one, set()).add(ref.partition(":")[2])

    def last(self, ref: str) -> Mapping[str, Any]:  # noqa: ARG002
        """Nothing: what is planned is no event yet."""
        return {}

    def mark(self) -> int:
        """Where the journal of planned changes stands."""
        return len(self._journal)

    def back_to(self, mark: int) -> None:
        """Take back every change planned since."""
        while len(self._journal) > mark:
            ref, was, before = self._journal.pop()
            for known, value in ((self._things, was), (self._before, before)):
                known.pop(ref)
                known.update((ref, one) for one in value)

    def rehearsal(self) -> ProjectedRegister:
        """An empty register."""
        return ProjectedRegister()

    def heir(self) -> ProjectedRegister:
        """A picture of the same register with these things in it."""
        fresh = ProjectedRegister(self._base)
        fresh._things, fresh._before = dict(self._things), dict(self._before)
        fresh._known = {key: set(tags) for key, tags in self._known.items()}
        return fresh

    def asked(self) -> Mapping[str, Mapping[str, None]]:
        """Nothing: looking into the register costs little."""
        return {}

    def warm(self, questions: Mapping[str, Mapping[str, None]]) -> None:
        """Nothing to prepare."""

    def snapshot(self, refs: Iterable[str]) -> RegisterReader:  # noqa: ARG002
        return self

    def projection(self) -> ProjectedRegister:
        """A picture over this one."""
        return ProjectedRegister(self)

    def about(self, ref: str) -> str:
        """How a person knows it."""
        return called(ref, self.read(ref) or {})

    def apply_all(self, changes: Sequence[Change[Register]]) -> list[OpsError | None]:
        """Apply changes in order; one error or None for each."""
        return one_by_one(changes, self)


def _has(fields: Fields, equal: Mapping[str, str]) -> bool:
    return all(fields.get(name, "") == text for name, text in equal.items())


def _identities(fields: Fields) -> set[str]:
    serial = serial_key(fields.get("serial", ""), fields.get("maker", ""))
    return {key for key in (serial, uuid_key(fields.get("uuid", ""))) if key}
