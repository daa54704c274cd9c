"""The register as a target: things by reference, ``asset:LAP-0001``, each a mapping of text; and its one change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from inventory.register.fields import Fields, normal, reference
from inventory.register.stocktake import RESULTS, Count, Expected
from ops.change import Change, Detail
from ops.errors import NotFound

if TYPE_CHECKING:
    from inventory.estate.cases import Kept
    from inventory.licence.model import Product
    from inventory.licence.position import Position
    from inventory.register.importing import Report, Wanted

QUIET = ("held_since", "state")  # said by other words already


class RegisterReader(Protocol):
    """The read side."""

    def read(self, ref: str) -> Fields | None: ...
    def find(self, kind: str, **equal: str) -> Mapping[str, Fields]: ...
    @property
    def products(self) -> Mapping[str, Product]: ...
    def previous(self, ref: str) -> Fields | None: ...
    def twin(self, key: str, fields: Fields) -> str: ...
    def expected(self, site: str, location: str) -> Sequence[Expected]: ...
    def counted(self, stocktake: str) -> Count: ...
    def broken(self) -> str: ...
    def positions(self, on: date) -> Sequence[Position]: ...
    def beyond(self, on: date) -> Mapping[str, int]: ...
    def cases(self) -> Sequence[Kept]: ...
    def rehearsed(self, wanted: Wanted) -> Report: ...
    def untouched(self, imported: str) -> bool: ...


class Register(RegisterReader, Protocol):
    """The write side. ``swap`` raises ``Conflict`` unless the thing is as it was, and whatever the rules refuse."""

    def swap(self, ref: str, before: Fields | None, after: Fields | None, why: str = "") -> None: ...
    def snapshot(self, refs: Iterable[str]) -> RegisterReader: ...
    def last(self, ref: str) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Entry(Change[Register]):
    """One thing of the register is entered (None → fields), changed, or taken back (fields → None)."""

    why: str = ""

    def apply(self, adapter: Register) -> None:
        adapter.swap(self.subject, self.before, self.after, self.why)

    def observe(self, adapter: Register) -> Any:
        return adapter.read(self.subject)

    def sentence(self) -> str:
        return told(self.subject, self.before, self.after)

    def about(self) -> str:
        return called(self.subject, self.after or self.before)

    def details(self) -> tuple[Detail, ...]:
        before, after = self.before or {}, self.after or {}
        return tuple(Detail(name, before.get(name, ""), after.get(name, "")) for name in _changed(before, after))

    def public(self) -> dict[str, Any]:
        return {"attributes": _changed(self.before or {}, self.after or {})}

    def proof(self, adapter: Register) -> dict[str, Any]:
        return dict(adapter.last(self.subject))

    def inverse(self) -> Entry | None:
        after = self.after or {}
        ended = after.get("state") == "disposed" or ("snapshot" in after and bool(after.get("closed")))
        return None if ended else Entry(self.subject, self.after, self.before, self.why)

    def rests_on(self) -> tuple[str, ...]:
        fields = self.after or self.before
        others = [f"{kind}:{fields[kind]}" for kind in ("asset", "entitlement", "budget") if fields.get(kind)]
        holder = fields.get("holder", "")
        return (self.subject, *others, *([holder] if holder.startswith("asset:") else []))


def thing(register: RegisterReader, kind: str, key: str) -> Fields:
    """One thing; raise ``NotFound`` if the register has none of that name."""
    found = register.read(f"{kind}:{key}")
    if found is None:
        near = [ref.partition(":")[2] for ref in register.find(kind)] if kind != "asset" else []
        from difflib import get_close_matches

        close = get_close_matches(key, near, 1)
        hint = f"did you mean {close[0]}?" if close else HINTS.get(kind, f"ops {kind} show lists them")
        raise NotFound(f"the register has no {kind} {key}", hint=hint)
    return found


HINTS = {"asset": "ops asset find WORD looks for it, also by serial number, name or holder"}


def entered(ref: str, fields: Fields, why: str = "") -> Entry:
    """The change that enters a new thing."""
    return Entry(ref, None, normal(reference(ref)[0], fields), why)


def altered(ref: str, before: Fields, why: str = "", /, **new: str) -> Iterator[Entry]:
    """The change of some fields of a thing; an empty text takes a field away. None if all are so already."""
    after = normal(reference(ref)[0], {**before, **new})
    if after != before:
        yield Entry(ref, before, after, why)


def today() -> str:
    """Today's day as the register writes it."""
    return datetime.now(UTC).date().isoformat()


NAMED = ("name", "subject", "product", "what", "kind")  # fields that say what a thing is, best first


def called(ref: str, fields: Fields) -> str:
    """How a person knows a thing: "Dell Latitude 5440 (LAP-0001)"."""
    kind, key = reference(ref)
    name = " ".join(fields[part] for part in ("maker", "model") if fields.get(part))
    if kind == "import":
        return fields["file"].rpartition("/")[2]
    if kind in ("seat", "exemption", "excuse"):
        return whose(fields["holder"])
    name = name or next((fields[word] for word in NAMED if fields.get(word)), kind)
    return f"{name} ({key})"


def _count(after: Fields) -> str:
    if not after.get("closed"):
        return f"opens: {after['expected']} are expected"
    return "closes: " + ", ".join(f"{after[word]} {word}" for word in RESULTS)


def _import(after: Fields) -> str:
    numbers = ", ".join(f"{after[word]} {word}" for word in ("new", "changed", "same", "refused"))
    return f"is taken in: {numbers}"


def _seat(after: Fields) -> str:
    what, until = after["entitlement"], after.get("until", "")
    number = f"{after['quantity']} seats" if after.get("quantity", "1") != "1" else "a seat"
    return f"gives {number} of {what} back" if until else f"gets {number} of {what}"


SENTENCES: Mapping[str, Callable[[Fields], str]] = {
    "budget": lambda after: f"may spend {after['amount']} {after['currency']}",
    "spend": lambda after: f"costs {after['amount']}, booked on {after['budget']}",
    "failure": lambda after: f"is written into the log of {after['asset']}",
    "usage": lambda after: f"was used {after['hours']} hours",
    "stocktake": _count,
    "import": _import,
    "seat": _seat,
    "decision": lambda after: f"is answered by {after['owner']}: {after['decision']}",
    "waiver": lambda after: f"is waived until {after['expires']} by {after['approved_by']}: {after['why']}",
    "price": lambda after: f"would cost {after['amount']} {after['currency']}",
    "declared": lambda after: f"is needed {after['quantity']} times, says {after['source']}",
    "measured": lambda after: f"was used in {after['sessions']} sessions, {after['first_day']} to {after['last_day']}",
    "exemption": lambda after: f"needs no licence until {after['expires']}: {after['why']}",
    "excuse": lambda after: f"may leave seats unused until {after['expires']}: {after['why']}",
}


def told(ref: str, before: Fields | None, after: Fields | None) -> str:
    """What a change of a thing means, in words."""
    kind, _ = reference(ref)
    if kind in SENTENCES and after is not None:
        return SENTENCES[kind](after)
    if before is None:
        state = (after or {}).get("state", "").replace("_", " ") if kind == "asset" else ""
        holder = (after or {}).get("holder", "")
        return f"enters the register{f', {state}' * bool(state)}{f' with {whose(holder)}' * bool(holder)}"
    if after is None and kind == "import":
        return "is taken back, with all that it brought"
    if after is None:
        return "leaves the register again: it was entered by mistake"
    if kind == "asset":
        return _moved(before, after)
    return f"changes: {_values(before, after)}"


def _moved(before: Fields, after: Fields) -> str:
    was, is_ = before.get("holder", ""), after.get("holder", "")
    until = f" until {after['due']}" if after.get("due") else ""
    said = []
    if is_ and is_ != was:
        said.append(f"goes to {whose(is_)}{until}")
    elif was and not is_:
        said.append(f"comes back from {whose(was)}")
    if before["state"] != after["state"]:
        said.append(f"becomes {after['state'].replace('_', ' ')}")
    skipped = (*QUIET, "holder", *(["due"] if is_ != was else []))
    if rest := _values(before, after, skipped):
        said.append(rest)
    return ", ".join(said)


def whose(holder: str) -> str:
    """``person:amy.ng`` as people say it."""
    return holder.partition(":")[2]


def _changed(before: Fields, after: Fields) -> list[str]:
    return [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]


def _values(before: Fields, after: Fields, skipped: tuple[str, ...] = ()) -> str:
    names = [name for name in _changed(before, after) if name not in skipped]
    short = [f"{name.replace('_', ' ')} {after.get(name, 'no more')}" for name in names]
    return ", ".join(short) if len(short) <= 4 else f"{', '.join(short[:3])} and {len(short) - 3} more fields"
