"""What operations on the register have in common: who holds what, what was accepted, how many are left."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

from inventory.register.fields import DATE, KEY, LOGON, MONEY, Fields, holder_text, normal, type_of
from ops import regular_file
from ops.adapters.register import Entry, RegisterReader, altered, entered, thing, today
from ops.errors import InvalidRequest, NotFound, Refused
from ops.params import Pairs, parse_amount, parse_date

HOLDERS = ("person", "location", "asset")
FREED: Mapping[str, str] = dict.fromkeys(("holder", "held_since", "due", "terms", "accepted", "signature"), "")
LARGEST = 50 << 20  # bytes of a file that is hashed


@dataclass(frozen=True)
class Counted(Entry):
    """So many are taken or added. Doing it again would take as many again, so it is not planned anew."""

    one_shot: ClassVar[bool] = True


def day_text(day: date | None) -> str:
    """A day as the register writes it; empty for none."""
    return day.isoformat() if day else ""


def typed(kind: str, words: Pairs) -> dict[str, str]:
    """Fields as somebody typed them, with days and amounts as the register writes them."""
    readers = {DATE: lambda text: day_text(parse_date(text)), MONEY: parse_amount}
    return {name: readers.get(type_of(kind, name), str)(text) for name, text in words}


NOT_BY_HAND = {
    "state": "check-in, check-out, repair, retire and the others change it",
    "holder": "check-in and check-out change it",
}


def not_by_hand(new: Mapping[str, str]) -> None:
    """Refuse to write down what only happens."""
    for name in new.keys() & NOT_BY_HAND.keys():
        raise InvalidRequest(f"{name} is not written by hand", hint=NOT_BY_HAND[name])


def number(name: str, text: str, least: int = 1) -> int:
    """A whole number from the command line."""
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < least:
        raise InvalidRequest(f"{name}: {text!r} is not a whole number from {least} up", hint="write digits only")
    return int(text)


def file_sha256(name: str) -> str:
    """SHA-256 of a file of at most 50 MiB; raise ``InvalidRequest`` if it cannot be read."""
    return hashlib.sha256(regular_file.content(Path(name), LARGEST)).hexdigest()


def holder_ref(to: str) -> str:
    """Who gets something, as the register writes it: ``amy.ng`` is a person, ``location:Room 12`` a place.

    A bare word that can be no logon name is refused rather than taken for somebody: a room is easily forgotten to be
    named as one. A person who has no logon name is written out: ``person:Ng, Amy``.
    """
    kind, colon, name = to.strip().partition(":")
    if not colon and LOGON.fullmatch(kind):
        return holder_text(f"person:{kind}")
    if kind not in HOLDERS or not name.strip():
        hint = f"a person: person:'{to.strip()}'; a place: location:'{to.strip()}'; another asset: asset:TAG"
        raise InvalidRequest(f"{to!r} is no logon name", hint=hint)
    return holder_text(to)


def known_holder(register: RegisterReader, to: str) -> str:
    """The same, where the tag of an asset is not taken for the name of a person."""
    if KEY.fullmatch(to.strip()) and register.read(f"asset:{to.strip()}") is not None:
        raise InvalidRequest(f"{to} is an asset, and no person", hint=f"asset:{to}, if it goes into that")
    return holder_ref(to)


def held(tag: str, known: Fields, state: str, holder: str, due: str = "") -> dict[str, str]:
    """The fields of an asset that somebody gets. What somebody else has is taken back first; a place gives it away."""
    now = known.get("holder", "")
    if now not in ("", holder) and not now.startswith("location:"):
        hint = f"ops asset check-in {tag} first: then it is known in which condition it came back"
        raise Refused(f"{tag} is with {now.partition(':')[2]}", hint=hint)
    since = known.get("held_since") if now == holder else ""
    moved = {"location": holder.partition(":")[2]} if holder.startswith("location:") else {}
    fresh = {} if now == holder else FREED  # terms were accepted by somebody else
    given = {"state": state, "holder": holder, "held_since": since or today(), "due": due, "repair_with": ""}
    return {**fresh, **given, **moved}


def given_out(
    register: RegisterReader, tag: str, to: str, why: str, *, due: str = "", terms: str = "", signature: str = ""
) -> Iterator[Entry]:
    """An asset goes to somebody: until a day it is a loan, else for good."""
    known = thing(register, "asset", tag)
    new = held(tag, known, "on_loan" if due else "deployed", known_holder(register, to), due)
    yield from altered(f"asset:{tag}", known, why, **(new | accepted(known, terms, signature)))


def accepted(known: Fields, terms: str, signature: str) -> dict[str, str]:
    """What acceptance of terms adds to an asset; nothing if no terms were given."""
    if not terms:
        if signature:
            raise InvalidRequest("a signature is under something", hint="give --terms, the file that was signed")
        return {}
    digest = file_sha256(terms)
    day = known["accepted"] if known.get("terms") == digest and known.get("accepted") else today()
    signed = {"signature": file_sha256(signature)} if signature else {}
    return {"terms": digest, "accepted": day, **signed}


def next_key(register: RegisterReader, kind: str, key: str) -> str:
    """The next free number below a key: ``LAP-0001/3``."""
    taken = {ref.rpartition("/")[2] for ref in register.find(kind, asset=key)}
    return f"{key}/{next(n for n in range(1, len(taken) + 2) if str(n) not in taken)}"


def counted(ref: str, known: Fields, change: int, why: str, **new: str) -> Counted:
    """Some are taken (a negative change) or added."""
    left = int(known.get("on_hand", "0")) + change
    if left < 0:
        have = known.get("on_hand", "0")
        raise Refused(
            f"there are only {have} of {known['name']}",
            hint=f"ops consumable restock {ref.partition(':')[2]} QUANTITY, or take fewer",
        )
    return Counted(ref, known, normal("consumable", {**known, **new, "on_hand": str(left)}), why)


def spent(
    register: RegisterReader, budget: str, amount: str, what: str, day: date | None, why: str, **more: str
) -> Iterator[Entry]:
    """A booking on a budget; the same day, amount, purpose and invoice again is the same booking."""
    fields = booking(register, budget, amount, what, day, **more)
    if not register.find("spend", **fields):
        yield entered(f"spend:{_free(register, budget)}", fields, why)


def booking(
    register: RegisterReader, budget: str, amount: str, what: str, day: date | None, **more: str
) -> dict[str, str]:
    """The fields of a booking; raise ``NotFound`` for a budget that is not there."""
    found = register.read(f"budget:{budget}")
    if found is None:
        hint = f"ops budget set {budget} AMOUNT CURRENCY, such as ops budget set it/2026 20000.00 EUR"
        raise NotFound(f"there is no budget {budget}", hint=hint)
    plain = normal("budget", {"amount": amount, "currency": found["currency"]})["amount"]
    fields = {"budget": budget, "spent_on": day_text(day) or today(), "amount": plain, "what": what, **more}
    return {name: text for name, text in {**fields, "currency": found["currency"]}.items() if text}


def _free(register: RegisterReader, budget: str) -> str:
    taken = {ref.rpartition("/")[2] for ref in register.find("spend", budget=budget)}
    return f"{budget}/{next(n for n in range(1, len(taken) + 2) if str(n) not in taken)}"


def bought(register: RegisterReader, budget: str, cost: Fields, what: str, day: date | None, **more: str) -> Counted:
    """A booking that comes with a delivery: two on one day are two."""
    fields = booking(register, budget, cost["amount"], what, day, **more)
    if fields["currency"] != cost["currency"]:
        raise Refused(
            f"it is priced in {cost['currency']}, and {budget} is kept in {fields['currency']}",
            hint="ops budget spend books what was paid in the budget's currency",
        )
    return Counted(f"spend:{_free(register, budget)}", None, normal("spend", fields))


def waiver_key(audit: str, rule: str, subject: str) -> str:
    """The key of a waiver: what it is about, however it is written."""
    text = "\0".join((audit, rule, subject))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
