"""The register of a workspace as a target of changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from inventory.register.entitling import catalogue, over_of
from inventory.register.fields import Fields
from inventory.register.stocktake import Count, Expected, asked_for, expected_of
from inventory.register.stocktaking import counted
from inventory.register.store import Register as Store
from ops.adapters.register import Register, RegisterReader, called
from ops.adapters.register_projection import ProjectedRegister
from ops.change import Change, one_by_one
from ops.errors import OpsError

if TYPE_CHECKING:
    from inventory.estate.cases import Kept
    from inventory.licence.model import Product
    from inventory.licence.position import Position
    from inventory.register.importing import Report, Wanted


class StoredRegister(Register):
    """Each question is asked at one moment, each change is one transaction."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._rehearsed: tuple[object, Report] | None = None

    def read(self, ref: str) -> Fields | None:
        return self.store.read(ref)

    def find(self, kind: str, **equal: str) -> Mapping[str, Fields]:
        with self.store.reading() as seen:
            return seen.find(kind, **equal)

    @property
    def products(self) -> Mapping[str, Product]:
        return catalogue(self.store.own).products

    def previous(self, ref: str) -> Fields | None:
        with self.store.reading() as seen:
            return seen.previous(ref)

    def twin(self, key: str, fields: Fields) -> str:
        with self.store.reading() as seen:
            return seen.twin(key, fields)

    def expected(self, site: str, location: str) -> Sequence[Expected]:
        return expected_of(self.find("asset", **asked_for(site, location)), bool(location))

    def counted(self, stocktake: str) -> Count:
        with self.store.reading() as seen:
            return counted(seen, stocktake)

    def broken(self) -> str:
        """Where the history does not hold; empty if it does."""
        with self.store.reading() as seen:
            return seen.broken()

    def positions(self, on: date) -> Sequence[Position]:
        from inventory.licence.position import positions
        from inventory.register.licensing import counted as counted_licences

        with self.store.reading() as seen:
            return list(positions(*counted_licences(seen, on)))

    def beyond(self, on: date) -> Mapping[str, int]:
        """Seats given out beyond what is owned and approved, by licence."""
        from inventory.licence.allocate import over_allocated
        from inventory.register.licensing import estate

        with self.store.reading() as seen:
            known = estate(seen, on)
            overs = [over for _, fields in seen.every("seat", until="") if (over := over_of(fields))]
        return over_allocated({line.id: line for line in known.entitlements}, known.allocations, overs, on)

    def cases(self) -> Sequence[Kept]:
        from inventory.register.observed import kept_cases

        with self.store.reading() as seen:
            return kept_cases(seen)

    def rehearsed(self, wanted: Wanted) -> Report:
        """What an import would do: it is done, and not kept. Asked again in between, it is not done again."""
        from inventory.register.importing import digest, taken_in

        with self.store.reading() as seen:
            known = (wanted, digest(wanted.file), seen.head())
        if self._rehearsed is None or self._rehearsed[0] != known:
            with self.store.rehearsing() as pen:
                self._rehearsed = known, taken_in(pen, wanted)
        return self._rehearsed[1]

    def untouched(self, imported: str) -> bool:
        """Whether nothing was written since an import."""
        with self.store.reading() as seen:
            entry = seen.read(imported) or {"new": "0", "changed": "0"}
            rows = int(entry["new"]) + int(entry["changed"])
            return rows > 0 and seen.head()[0] == seen.last(imported)[0] + rows

    def swap(self, ref: str, before: Fields | None, after: Fields | None, why: str = "") -> None:
        self.store.swap(ref, before, after, why)

    def last(self, ref: str) -> Mapping[str, Any]:
        with self.store.reading() as seen:
            number, digest = seen.last(ref)
        return {"event": number, "event_hash": digest} if number else {}

    def snapshot(self, refs: Iterable[str]) -> RegisterReader:  # noqa: ARG002
        return self

    def projection(self) -> ProjectedRegister:
        """The register as it will be, for planning."""
        return ProjectedRegister(self)

    def about(self, ref: str) -> str:
        """How a person knows it."""
        return called(ref, self.read(ref) or {})

    def apply_all(self, changes: Sequence[Change[Register]]) -> list[OpsError | None]:
        """Apply changes in order; one error or None for each."""
        return one_by_one(changes, self)
