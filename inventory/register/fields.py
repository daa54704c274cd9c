"""The kinds of things in the register and their fields. To everybody outside a thing is a mapping of text.

Texts: dates as ``2026-11-25``, money as ``1299.00`` with its currency beside it, counts as ``12``, yes or no as ``yes``
and ``no``. A field that is not known is not in the mapping.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from inventory.currency import places
from ops.errors import InvalidRequest

Fields = Mapping[str, str]  # one thing: field → text, never empty

TEXT, DATE, MONEY, COUNT, YES = "text", "date", "money", "count", "yes or no"

THINGS: Mapping[str, Mapping[str, str]] = {
    "asset": {
        **dict.fromkeys(("kind", "maker", "model", "serial", "uuid", "macs", "hostname", "fqdn", "address"), TEXT),
        **dict.fromkeys(("state", "condition", "site", "location", "department", "owner"), TEXT),
        **dict.fromkeys(
            ("data_class", "supplier", "invoice", "warranty_source", "parent", "media", "notes", "extra"), TEXT
        ),
        **dict.fromkeys(("criticality", "life_months"), COUNT),
        **dict.fromkeys(("approved", "backup_required"), YES),
        **dict.fromkeys(("ordered", "received", "purchased", "warranty_until", "eol_on"), DATE),
        **{"cost": MONEY, "salvage": MONEY, "currency": TEXT},
        **{"holder": TEXT, "held_since": DATE, "due": DATE, "terms": TEXT, "accepted": DATE, "signature": TEXT},
        **{"return_signature": TEXT, "repair_with": TEXT},
        **dict.fromkeys(("disposal", "requested_by", "approved_by", "recycler", "certificate"), TEXT),
        **{"certificate_sha256": TEXT, "disposed_on": DATE, "proceeds": MONEY},
    },
    "medium": {
        **dict.fromkeys(("asset", "kind", "maker", "model", "serial", "method", "technique", "tool"), TEXT),
        **dict.fromkeys(("verification", "operator", "verifier", "destination"), TEXT),
        "sanitised_on": DATE,
    },
    "failure": {"asset": TEXT, "happened_on": DATE, "what": TEXT, "ticket": TEXT, "down_hours": COUNT},
    "usage": {"asset": TEXT, "day": DATE, "hours": COUNT, "source": TEXT},
    "consumable": {
        **{"name": TEXT, "site": TEXT, "location": TEXT, "fits": TEXT, "on_hand": COUNT, "reorder_at": COUNT},
        **{"unit_cost": MONEY, "currency": TEXT, "supplier": TEXT},
    },
    "budget": {"department": TEXT, "year": COUNT, "amount": MONEY, "currency": TEXT, "what_for": TEXT},
    "spend": {
        **{"budget": TEXT, "spent_on": DATE, "amount": MONEY, "currency": TEXT, "what": TEXT},
        **{"invoice": TEXT, "consumable": TEXT, "asset": TEXT},
    },
    "price": {"product": TEXT, "amount": MONEY, "currency": TEXT, "pack": COUNT},
    "entitlement": {
        **dict.fromkeys(("product", "metric", "metric_params", "downgrade", "scope", "agreement", "max_release"), TEXT),
        **{"quantity": COUNT, "pack_size": COUNT, "starts": DATE, "ends": DATE, "maintenance_until": DATE},
        **{"unit_cost": MONEY, "currency": TEXT, "term_months": COUNT, "second_use": YES},
        **{"auto_renew": YES, "notice_days": COUNT, "order": TEXT, "invoice": TEXT, "proof": TEXT, "state": TEXT},
        **{"owner": TEXT, "notes": TEXT},
    },
    "seat": {
        **{"entitlement": TEXT, "holder": TEXT, "quantity": COUNT, "since": DATE, "until": DATE, "why": TEXT},
        **{"approved_by": TEXT, "over": COUNT, "over_until": DATE},
    },
    "exemption": {"product": TEXT, "holder": TEXT, "why": TEXT, "approved_by": TEXT, "expires": DATE},
    "declared": {"product": TEXT, "quantity": COUNT, "source": TEXT, "counted_on": DATE},
    "measured": {
        **{"product": TEXT, "file": TEXT, "sha256": TEXT, "sessions": COUNT, "first_day": DATE, "last_day": DATE},
    },
    "excuse": {"holder": TEXT, "why": TEXT, "expires": DATE},
    "decision": {
        **dict.fromkeys(("verdict", "subject", "owner", "decision", "severity", "word"), TEXT),
        **{"decided_on": DATE, "until": DATE},
    },
    "import": {
        **dict.fromkeys(("file", "sha256", "said", "options"), TEXT),
        **{"taken": DATE, **dict.fromkeys(("new", "changed", "same", "refused"), COUNT)},
    },
    "stocktake": {
        **dict.fromkeys(("site", "location", "opened_by", "snapshot", "closed_by", "result", "supersedes"), TEXT),
        **dict.fromkeys(("opened", "closed"), DATE),
        **dict.fromkeys(("expected", "found", "missing", "misplaced", "unexpected", "repeated"), COUNT),
    },
    "waiver": {"audit": TEXT, "rule": TEXT, "subject": TEXT, "why": TEXT, "approved_by": TEXT, "expires": DATE},
}

KEY = re.compile(r"\w(?:[\w._@+/:,'()&-]| (?=\S)){0,118}")


# What may be the name somebody signs in with: two letters at least, no blank.
LOGON = re.compile(r"[A-Za-z][A-Za-z0-9._+@-]*[A-Za-z][A-Za-z0-9._+@-]*|[a-z]")


def holder_text(text: str) -> str:
    """A holder in one writing: logon names in small letters, other names as they are written."""
    kind, colon, name = text.strip().partition(":")
    name = " ".join(name.split())
    return f"{kind}{colon}{name.lower() if kind == 'person' and LOGON.fullmatch(name) else name}"


def reference(ref: str) -> tuple[str, str]:
    """``asset:LAP-0001`` as its kind and its key; raise ``InvalidRequest`` for what can be no reference."""
    kind, colon, key = ref.partition(":")
    if kind not in THINGS or not colon:
        raise InvalidRequest(f"{ref!r} is nothing of the register", hint=f"it begins with one of {', '.join(THINGS)}")
    if not KEY.fullmatch(key):
        hint = "letters, digits, dots, hyphens, commas, slashes; 120 at most"
        raise InvalidRequest(f"{key!r} cannot name anything in the register", hint=hint)
    return kind, key


def stored(kind: str, name: str, text: str, currency: str = "") -> Any:
    """A field as the database keeps it: a day, or a whole number of the currency's smallest unit; else its text."""
    type_ = type_of(kind, name)
    if type_ == TEXT:
        return _line(name, text)
    try:
        match type_:
            case "date":
                return _day(text)
            case "money":
                return _minor(text, currency)
            case "count":
                return _count(text)
    except (ValueError, InvalidOperation):
        raise InvalidRequest(f"{name}: {text!r} is no {type_}", hint=FORMS[type_]) from None
    if text not in ("yes", "no"):
        raise InvalidRequest(f"{name}: {text!r} is neither yes nor no", hint="write yes or no")
    return text


FORMS = {DATE: "write it as 2026-11-25", MONEY: "write it as 1299.00", COUNT: "write a whole number, such as 12"}
LONGEST = 4000


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if not 1970 <= day.year <= 2999 or len(text) != 10:
        raise ValueError(text)
    return day


def _minor(text: str, currency: str) -> int:
    scaled = Decimal(text).scaleb(places(currency))
    if scaled != scaled.to_integral_value() or abs(scaled) > 10**15:
        raise ValueError(text)
    return int(scaled)


def _count(text: str) -> int:
    number = int(text)
    if str(number) != text or abs(number) > 10**9:
        raise ValueError(text)
    return number


def _line(name: str, text: str) -> str:
    if not text.isprintable():
        raise InvalidRequest(f"{name} holds a character that cannot be seen", hint="write one line of plain text")
    if len(text) > LONGEST or text != text.strip():
        raise InvalidRequest(f"{name} is longer than {LONGEST} characters or has blanks around it", hint="shorten it")
    return text


def shown(kind: str, name: str, value: Any, currency: str = "") -> str:
    """What ``stored`` kept, as text again."""
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if type_of(kind, name) == MONEY:
        return _major(int(value), places(currency))
    return str(value)


def _major(minor: int, decimals: int) -> str:
    """Whole smallest units as text: 129900 is 1299.00."""
    digits = str(abs(minor)).zfill(decimals + 1)
    whole = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return f"-{whole}" if minor < 0 else whole


def type_of(kind: str, name: str) -> str:
    """The type of a field; raise ``InvalidRequest`` for one that is not known."""
    try:
        return THINGS[kind][name]
    except KeyError:
        from difflib import get_close_matches

        near = get_close_matches(name, THINGS[kind], 1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(THINGS[kind])}"
        raise InvalidRequest(f"a {kind} has no field {name}", hint=hint) from None


def normal(kind: str, fields: Fields) -> Fields:
    """The same as the register would tell them again: ``1299`` as ``1299.00``; raise for what it cannot keep."""
    currency, kept = fields.get("currency", ""), tidy(fields)
    if holder := kept.get("holder", ""):
        kept = {**kept, "holder": holder_text(holder)}
    return {name: shown(kind, name, stored(kind, name, text, currency), currency) for name, text in kept.items()}


def tidy(fields: Fields) -> Fields:
    """The same without what is empty, in order of names."""
    return {name: fields[name] for name in sorted(fields) if fields[name]}
