"""What may be in the register. One function every path goes through: commands, imports, undo, and the plan before."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple, Protocol

from inventory.licence.allocate import may_allocate
from inventory.licence.cores import CoreRule
from inventory.licence.model import UNLIMITED, Allocation, Product
from inventory.register.entitling import entitlement_of, over_of, seat_of
from inventory.register.fields import Fields, reference, stored, type_of
from inventory.register.media import check_medium, unsanitised
from inventory.register.states import CLASSES, CONDITIONS, HELD, KINDS, LIVE, STATES, USABLE, one_of, step
from ops.errors import InvalidRequest, NotFound, Refused

HOLDERS = ("person", "location", "asset")
TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")
CURRENCY = re.compile(r"[A-Z]{3}")
NO_MEDIA = "none"


class Things(Protocol):
    """The register as it is, or as it will be."""

    def read(self, ref: str) -> Fields | None:
        """One thing, or None."""
        ...

    @property
    def products(self) -> Mapping[str, Product]:
        """What licences can be for, by its id."""
        ...

    def find(self, kind: str, **equal: str) -> Mapping[str, Fields]:
        """The things of a kind whose fields equal these; reference → fields."""
        ...

    def previous(self, ref: str) -> Fields | None:
        """What a thing was before its last change; None if it was not there."""
        ...

    def twin(self, key: str, fields: Fields) -> str:
        """The tag of another live asset with the same serial or UUID; empty if there is none."""
        ...


class Asked(NamedTuple):
    """A change that is to be checked; ``before`` is empty for a new thing, ``back`` says that it is a step back."""

    things: Things
    key: str
    before: Fields
    after: Fields
    back: bool = False


def check(things: Things, ref: str, before: Fields | None, after: Fields | None) -> None:
    """Raise ``InvalidRequest``, ``Refused`` or ``NotFound`` unless the register may change like this."""
    kind, key = reference(ref)
    if before is not None:
        _frozen(kind, key, before)
    back = before is not None and things.previous(ref) == after
    if after is None:
        _may_go(things, ref, back)
        return
    for name, text in after.items():
        stored(kind, name, text, after.get("currency", ""))
    _money(kind, after)
    CHECKS.get(kind, _anything)(Asked(things, key, before or {}, after, back))


def _frozen(kind: str, key: str, before: Fields) -> None:
    """Some ends are ends, also for an undo."""
    if before.get("state") == "disposed":
        raise Refused(f"{key} is disposed; its record is closed", hint="ops asset history shows all of it")
    if kind == "stocktake" and before.get("closed"):
        raise Refused(f"stock-take {key} is closed", hint=f"open another one: --supersedes {key}")


# What names a thing of a kind: (kind, field, whether the field holds the whole reference).
NAMED_BY = {
    "asset": (("asset", "parent", False), ("asset", "holder", True), ("seat", "holder", True),
              *((kind, "asset", False) for kind in ("medium", "failure", "usage"))),
    "entitlement": (("seat", "entitlement", False),),
    "budget": (("spend", "budget", False),),
}  # fmt: skip


def _may_go(things: Things, ref: str, back: bool) -> None:
    """Only what was entered last, and what nothing else names, is taken back."""
    kind, key = reference(ref)
    if not back:
        raise Refused(f"{key} has a history and cannot go", hint="retire or dispose of it; nothing is deleted")
    unnamed(things, ref)


def unnamed(things: Things, ref: str) -> None:
    """Raise ``Refused`` while another thing names this one."""
    kind, key = reference(ref)
    for other, field, whole in NAMED_BY.get(kind, ()):
        if found := next(iter(things.find(other, **{field: ref if whole else key})), ""):
            raise Refused(f"{found.partition(':')[2]} belongs to {key}", hint="take that back first")


def _anything(asked: Asked) -> None:
    """Nothing but the types of its fields."""


def _money(kind: str, after: Fields) -> None:
    currency = after.get("currency", "")
    if currency and not CURRENCY.fullmatch(currency):
        raise InvalidRequest(f"{currency!r} is no currency", hint="three letters, such as EUR, GBP or USD")
    priced = [name for name in after if type_of(kind, name) == "money"]
    if wrong := next((name for name in priced if after[name].startswith("-") and kind != "spend"), ""):
        raise InvalidRequest(f"{wrong} is less than nothing", hint="write what was paid, or came in")
    if priced and not currency:
        raise InvalidRequest(f"{priced[0]} needs a currency", hint="give --currency, such as EUR")


def _asset(asked: Asked) -> None:
    things, tag, before, after, back = asked
    if not TAG.fullmatch(tag):
        hint = "letters, digits, dots, hyphens, slashes; 40 at most"
        raise InvalidRequest(f"{tag!r} cannot be the tag of an asset", hint=hint)
    one_of("the kind of an asset", after.get("kind", ""), KINDS)
    one_of("the state of an asset", after.get("state", ""), tuple(STATES))
    one_of("the condition of an asset", after.get("condition", ""), CONDITIONS)
    one_of("the class of its data", after.get("data_class", ""), CLASSES)
    if after.get("criticality", "1") not in ("1", "2", "3", "4"):
        raise InvalidRequest("criticality is 1 (highest) to 4", hint="give --criticality 3, for most things")
    if not after.get("kind") or not after.get("state"):
        raise InvalidRequest(f"{tag} needs a kind and a state", hint=f"a kind is one of {', '.join(KINDS)}")
    if before and before["state"] != after["state"] and not back:
        step(before["state"], after["state"], after, tag)
    _custody(things, tag, after)
    _alone(things, tag, after)
    _parent(things, tag, after)
    if after["state"] in ("sanitised", "disposed"):
        _leaving(things, tag, after)


def _custody(things: Things, tag: str, after: Fields) -> None:
    state, holder = after["state"], after.get("holder", "")
    if (state in HELD) != bool(holder):
        said = f"is {state} and nobody has it" if state in HELD else f"is {state}, and yet somebody has it"
        raise InvalidRequest(f"{tag} {said}", hint="deployed and on_loan have a holder, other states have none")
    if not holder:
        return
    kind, colon, name = holder.partition(":")
    if kind not in HOLDERS or not colon or not name.strip():
        hint = "write person:amy.ng, location:Room 12 or asset:SRV-1"
        raise InvalidRequest(f"{holder!r} can hold nothing", hint=hint)
    if kind == "asset":
        other = things.read(holder)
        if name == tag or other is None or other["state"] not in LIVE:
            raise Refused(f"{holder} cannot hold {tag}", hint="it has to be another asset that is in use")
    if state == "on_loan" and not after.get("due"):
        raise InvalidRequest(f"{tag} is on loan, and nobody said until when", hint="a loan needs a day: due")
    if state == "on_loan" and after["due"] < after.get("held_since", ""):
        raise InvalidRequest(f"{tag} is due before it is lent", hint="give a later --due")


def _alone(things: Things, tag: str, after: Fields) -> None:
    if after["state"] in LIVE and (twin := things.twin(tag, after)):
        raise Refused(f"{tag} has the serial number or UUID of {twin}", hint=f"ops asset show {twin}; one is wrong")


def _parent(things: Things, tag: str, after: Fields) -> None:
    seen, above = {tag}, after.get("parent", "")
    while above:
        found = things.read(f"asset:{above}")
        if above in seen or found is None:
            said = f"is part of itself by way of {above}" if found else f"is part of {above}, which is not there"
            raise Refused(f"{tag} {said}", hint="give another --parent")
        seen.add(above)
        above = found.get("parent", "")


def _leaving(things: Things, tag: str, after: Fields) -> None:
    requester, approver = after.get("requested_by", ""), after.get("approved_by", "")
    if after["state"] == "disposed" and not (requester and approver):
        raise InvalidRequest(f"{tag} is disposed of, and nobody asked for it or agreed", hint="two people are needed")
    if after["state"] == "disposed" and after.get("disposed_on", "9") < after.get("purchased", ""):
        raise InvalidRequest(f"{tag} was disposed of before it was bought", hint="correct one of the days")
    if after["state"] == "disposed" and requester.casefold() == approver.casefold():
        raise Refused(f"{tag}: {approver} cannot approve what they asked for", hint="somebody else has to approve")
    media = things.find("medium", asset=tag).values()
    if why := unsanitised(after.get("data_class", ""), media, after.get("media") == NO_MEDIA):
        raise Refused(f"{tag} may not leave: {why}", hint=f"ops asset sanitise {tag} --help")


def _medium(asked: Asked) -> None:
    things, key, before, after, back = asked
    asset = _asset_of(things, after)
    check_medium(after)
    if back or not after.get("method"):
        return  # it was put to use again: what was wiped before counts no more
    if asset["state"] not in ("retired", "sanitised"):
        hint = f"ops asset retire {after['asset']} first: what is used again has to be wiped again"
        raise Refused(f"{after['asset']} is in use", hint=hint)
    if before.get("method") and before != after:
        raise Refused(f"the medium {key} is sanitised already", hint="what was recorded of it stays")


def _asset_of(things: Things, after: Fields) -> Fields:
    tag = after.get("asset", "")
    found = things.read(f"asset:{tag}") if tag else None
    if found is None:
        raise NotFound(f"the register has no asset {tag}".rstrip(), hint="ops asset find lists them")
    return found


def _of_asset(asked: Asked) -> None:
    _asset_of(asked.things, asked.after)


def _consumable(asked: Asked) -> None:
    _least(asked.after, asked.key, on_hand=0, reorder_at=0)
    if not asked.after.get("name"):
        raise InvalidRequest(f"{asked.key} needs a name", hint="give --name, such as 'Toner black HP 26X'")


def _spend(asked: Asked) -> None:
    budget = asked.after.get("budget", "")
    if asked.things.read(f"budget:{budget}") is None:
        raise NotFound(f"there is no budget {budget}", hint="ops budget set it/2026 20000.00 EUR makes one")


def _least(after: Fields, key: str, **least: int) -> None:
    for name, number in least.items():
        if name in after and int(after[name]) < number:
            raise Refused(f"{key}: {name} would be {after[name]}", hint=f"it cannot be less than {number}")


def _ends(asked: Asked) -> None:
    if missing := [name for name in ("why", "approved_by", "expires") if not asked.after.get(name)]:
        raise InvalidRequest(f"an exception needs {', '.join(missing)}", hint="no exception is for ever")


def _entitlement(asked: Asked) -> None:
    after = asked.after
    if missing := [name for name in ("product", "metric", "quantity", "starts") if not after.get(name)]:
        raise InvalidRequest(f"{asked.key} needs {', '.join(missing)}", hint="ops licence add --help")
    line = entitlement_of(asked.key, after, asked.things.products)
    CoreRule.of(line.metric_params) if line.metric == "core" else None
    seats = [one for one in asked.things.find("seat", entitlement=asked.key).values() if not one.get("until")]
    held = sum(int(one["quantity"]) for one in seats)
    fewer = asked.before and line.units < int(asked.before["quantity"]) * int(asked.before.get("pack_size", "1"))
    if fewer and held > line.units and line.metric not in UNLIMITED:
        hint = "ops licence reclaim takes seats back first"
        raise Refused(f"{asked.key} has {held} seats given out, more than {line.units}", hint=hint)


def _seat(asked: Asked) -> None:
    """The rule of quantity, for every path there is."""
    after = asked.after
    if after.get("until"):
        return  # taking a seat back needs no room
    fields = asked.things.read(f"entitlement:{after.get('entitlement', '')}")
    if fields is None:
        raise NotFound(f"there is no licence {after.get('entitlement', '')}", hint="ops licence show lists them")
    new = seat_of(after)
    if new.holder.startswith("asset:"):
        _in_use(asked.things, new.holder)
    line = entitlement_of(new.entitlement, fields, asked.things.products)
    if _approved(after, new.starts):
        ruling = may_allocate({line.id: line}, [], _closed(new, after), over_of(after))
    else:
        others = asked.things.find("seat", entitlement=new.entitlement, until="")
        held = [seat_of(one) for ref, one in others.items()
                if ref != f"seat:{asked.key}" and not _approved(one, new.starts)]  # fmt: skip
        ruling = may_allocate({line.id: line}, held, new)
    if not ruling:
        raise Refused(ruling.because, hint=ruling.hint)


def _approved(seat: Fields, day: date) -> bool:
    """Whether somebody answers for a seat on that day, so that it takes none of those that are owned."""
    over = over_of(seat)
    return over is not None and over.expires > day


def _closed(new: Allocation, after: Fields) -> Allocation:
    """A seat beyond what is owned ends with its approval."""
    return replace(new, ends=date.fromisoformat(after["over_until"]))


def _in_use(things: Things, holder: str) -> None:
    other = things.read(holder)
    if other is None or other["state"] not in USABLE:
        raise Refused(
            f"{holder.partition(':')[2]} is not in use, and cannot hold a seat", hint="ops asset show tells why"
        )


def _stocktake(asked: Asked) -> None:
    named = asked.after.get("supersedes", "")
    before = asked.things.read(f"stocktake:{named}") if named else None
    if named and (before is None or not before.get("closed")):
        raise Refused(f"{named} is no closed stock-take", hint="ops stocktake show lists them")


CHECKS: Mapping[str, Callable[[Asked], None]] = {
    "asset": _asset,
    "medium": _medium,
    "stocktake": _stocktake,
    "entitlement": _entitlement,
    "seat": _seat,
    "failure": _of_asset,
    "usage": _of_asset,
    "consumable": _consumable,
    "spend": _spend,
    "exemption": _ends,
    "waiver": _ends,
}
