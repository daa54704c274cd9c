"""A row's cells as fields of the register, each checked; one mistake for each cell that cannot be what it should be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from inventory.currency import places as places_of
from inventory.taking_in import dates, identifiers, money, words
from inventory.taking_in.headers import plain
from inventory.taking_in.mapping import ELSE, EXTRA
from inventory.taking_in.rows import Mistake, Row, Taken
from ops.errors import InvalidRequest
from ops.written import amount_of, amounts

LONGEST, LONGEST_NOTE = 255, 4000  # characters
DATES = (
    *("ordered", "received", "purchased", "warranty_until", "eol_on", "held_since", "due", "accepted", "disposed_on"),
    *("starts", "ends", "until", "maintenance_until"),
)
MONEY = ("cost", "salvage", "proceeds", "unit_cost", "total_cost", "price")
NUMBERS = ("quantity", "pack_size", "notice_days")
YEARS = {"life_years": "life_months", "warranty_years": "warranty_months"}
SPANS = {"life": "life_months", "warranty": "warranty_months"}  # the unit has to be in the cell
COUNTS = ("life_months", "warranty_months", "term_months", *YEARS, *SPANS)
TERMS = {
    **dict.fromkeys(("monthly", "per month", "monatlich", "pro monat"), "1"),
    **dict.fromkeys(("quarterly", "vierteljährlich", "pro quartal"), "3"),
    **dict.fromkeys(("yearly", "annual", "annually", "per year", "jährlich", "pro jahr"), "12"),
    **dict.fromkeys(("once", "one time", "perpetual", "einmalig", "unbefristet", "dauerhaft"), "0"),
}
LONGEST_MONTH = 31  # days: notice is rather given too early than too late
NOBODY = frozenset(
    map(plain, ("", "nobody", "none", "niemand", "keiner", "frei", "unassigned", "not assigned", "nicht zugewiesen"))
)
NOT_HELD = ("planned", "ordered", "in_repair", "missing", "lost", "stolen", "retired", "sanitised", "disposed")
HOLDER = re.compile(r"(person|location|asset):(\S.*)")
LATE = (*MONEY, "holder")
SHORTEST = 12  # a bare number below it is as likely years as months
SPACES = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")  # all of Unicode's that are no plain blank
BREAKS = re.compile(r"\s*[\r\n\t\v\f\x85\u2028\u2029]+\s*")


@dataclass(frozen=True)
class Reading:
    """How the cells of one file are to be understood.

    ``orders`` and ``decimals`` are by field, as found in the whole column; ``currency`` is for amounts without one;
    ``values`` are the words of a mapping file, by field. ``logon``: the holder's column holds logon names, so that
    whoever stands in another column only is a place.
    """

    fields: Mapping[str, str]
    orders: Mapping[str, str] = field(default_factory=dict)
    decimals: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    logon: bool = False

    @cached_property
    def in_order(self) -> list[tuple[str, str]]:
        """Columns and their fields: amounts after the currency, the holder after its kind and all places."""
        return sorted(self.fields.items(), key=lambda one: 2 * one[1].startswith(ELSE) or one[1] in LATE)


class _Wrong(Exception):
    """A cell cannot be taken."""

    def __init__(self, why: str, expected: str = "") -> None:
        super().__init__(why)
        self.why, self.expected = why, expected


@dataclass
class _Card:
    """A row on its way: what was taken so far."""

    reading: Reading
    fields: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    states: tuple[str, ...] = ()


def taken(row: Row, reading: Reading) -> Taken | tuple[Mistake, ...]:
    """A row as fields of the register, or every mistake in it; a row with a mistake is not taken in part."""
    card, mistakes = _Card(reading), []
    for column, name in reading.in_order:
        cell = row.cells[column]
        try:
            if text := _line(name, cell):
                _take(card, name, text)
        except _Wrong as wrong:
            mistakes.append(Mistake(row.number, wrong.why, cell, column, wrong.expected))
    if mistakes:
        return tuple(mistakes)
    _conclude(card)
    return Taken(row.number, dict(sorted(card.fields.items())), tuple(card.notices), card.states)


def _line(name: str, cell: str) -> str:
    """The cell as one line. In notes, line breaks become blanks; anywhere else they are as wrong as other controls."""
    text = cell
    if not text.isprintable():
        text = SPACES.sub(" ", text)
        text = BREAKS.sub(" ", text) if name == "notes" or name.startswith(EXTRA) else text
    text = text.strip()
    if not text.isprintable():
        odd = next(letter for letter in text if not letter.isprintable())
        raise _Wrong(f"an invisible character (U+{ord(odd):04X}) is in it", "plain text in one line")
    limit = LONGEST_NOTE if name == "notes" else LONGEST
    if len(text) > limit:
        raise _Wrong(f"it has {len(text)} characters", f"at most {limit}")
    return text


def _take(card: _Card, name: str, text: str) -> None:
    if card.reading.values and not (text := _meant(card, name, text)):
        return
    if name in words.OF_FIELD:
        _word(card, name, text)
    elif name in DATES:
        _date(card, name, text)
    elif name in MONEY:
        _money(card, name, text)
    elif name in COUNTS:
        _count(card, name, text)
    elif name in NUMBERS:
        _number(card, name, text)
    else:
        taker = _holder_else if name.startswith(ELSE) else TAKERS.get(name, _text)
        taker(card, name, text)


def _meant(card: _Card, name: str, text: str) -> str:
    """What the mapping file says a word means, else the word."""
    wanted = card.reading.values.get(name, {})
    return next((own for other, own in wanted.items() if plain(other) == plain(text)), text)


def _word(card: _Card, name: str, text: str) -> None:
    """The register's word for another's. What says more than that is kept in the notes as it was written."""
    if words.says_nothing(text):
        return
    word, other = words.own_word(name, text), words.OTHER_NAME.get(name, "")
    if not word and other and other not in card.reading.fields.values() and (word := words.own_word(other, text)):
        name = other
    if not word:
        near = words.near_word(name, text)
        raise _Wrong(f"this is no {name.replace('_', ' ')}", f"perhaps {near}" if near else "")
    card.fields[name] = word
    if name == "state":
        card.states = words.may_mean(text)
    if words.says_more(name, text):
        card.notes.append(text)


def _text(card: _Card, name: str, text: str) -> None:
    card.fields[name] = text


def _notes(card: _Card, _name: str, text: str) -> None:
    card.notes.append(text)


def _date(card: _Card, name: str, text: str) -> None:
    if text.casefold() in dates.NO_DAY:
        return
    found = dates.readings(text)
    order = card.reading.orders.get(name, "ymd")
    if order not in found:
        if found:
            raise _Wrong(f"the column's days are written {order}")
        raise _Wrong(dates.why_no_day(text), f"a day such as {dates.ORDERS[order]}")
    card.fields[name] = found[order].isoformat()


def _money(card: _Card, name: str, text: str) -> None:
    amount = amount_of(text)
    if amount is None:
        raise _Wrong("this is no amount", money.FORM)
    try:
        code = money.currency_of(amount.sign, card.fields.get("currency", ""), card.reading.currency)
    except InvalidRequest as error:
        raise _Wrong(str(error), error.hint) from None
    if not code:
        raise _Wrong("it has no currency", "one beside it, in its own column, or with --currency")
    places = places_of(code)
    found = amounts(amount.number, places)
    sign = card.reading.decimals.get(name, "point")
    if sign not in found:
        why = f"the column's decimals are parted by a {sign}" if found else f"{code} has {places} decimals"
        raise _Wrong(why, money.FORM)
    card.fields[name], card.fields["currency"] = str(found[sign]), code


def _currency(card: _Card, _name: str, text: str) -> None:
    try:
        card.fields["currency"] = money.currency_of(text, "", card.reading.currency)
    except InvalidRequest as error:
        raise _Wrong(str(error), error.hint) from None


def _number(card: _Card, name: str, text: str) -> None:
    """A whole number, also with thousands parted and with what is counted behind it; spans of notice as days."""
    match = re.fullmatch(r"(\d{1,3}(?:[.,' ]\d{3})+|\d{1,9})(?:[.,]0+)?\s*([^\W\d]{0,20}\.?)", text)
    if not match:
        raise _Wrong("this is no whole number", "such as 12")
    number, unit = int(re.sub(r"\D", "", match[1])), match[2].casefold()
    if name == "notice_days" and unit:
        lengths = {"d": 1, "t": 1, "w": 7, "m": LONGEST_MONTH, "j": 366, "y": 366}
        if not (length := lengths.get(unit[0], 0)):
            raise _Wrong("this is no span of days", "such as 90, or 3 months")
        number *= length
    card.fields[name] = str(number)


def _count(card: _Card, name: str, text: str) -> None:
    if name == "term_months" and (term := TERMS.get(plain(text))):
        card.fields[name] = term
        return
    match = re.fullmatch(r"(\d{1,4})(?:[.,]0+)?\s*(months?|mths?|monate?n?|mon\.?|m)?", text, re.I)
    years = re.fullmatch(r"(\d{1,2})(?:[.,]0+)?\s*(years?|yrs?|jahre?n?|j|y)" + "?" * (name in YEARS), text, re.I)
    if years and (not match or not match[2]) and (name in YEARS or years[2]):
        months = int(years[1]) * 12
    elif match and (match[2] or name not in YEARS):
        months = int(match[1])
    else:
        raise _Wrong("this is no number of months", "a whole number, such as 36")
    if name in SPANS and match and not match[2] and 0 < months < SHORTEST:
        raise _Wrong("this can be months or years", f"such as {months} years or {months * 12} months")
    card.fields[YEARS.get(name) or SPANS.get(name, name)] = str(months)


def _serial(card: _Card, name: str, text: str) -> None:
    if identifiers.names_nothing(text):
        card.notices.append(f"{name} {text!r} is a placeholder and was left out")
    else:
        _tag(card, name, text)


def _tag(card: _Card, name: str, text: str) -> None:
    if identifiers.lost_as_number(text):
        raise _Wrong("a spreadsheet took it for a number and lost its end", "the text; format the column as text")
    card.fields[name] = text


def _uuid(card: _Card, name: str, text: str) -> None:
    try:
        found = identifiers.uuid_of(text)
    except ValueError:
        raise _Wrong("this is no UUID", "32 digits 0-9 and a-f") from None
    if not found:
        card.notices.append(f"{name} {text!r} is a placeholder and was left out")
        return
    card.fields[name] = found


def _macs(card: _Card, name: str, text: str) -> None:
    try:
        card.fields[name] = identifiers.macs_of(f"{card.fields.get(name, '')} {text}")
    except ValueError as error:
        raise _Wrong(
            f"{str(error)!r} is no MAC address", "such as 52:54:00:12:34:56, several parted by blanks"
        ) from None


def _address(card: _Card, name: str, text: str) -> None:
    try:
        card.fields[name] = identifiers.address_of(text)
    except ValueError:
        raise _Wrong("this is no IP address", "such as 192.0.2.10") from None


def _hostname(card: _Card, name: str, text: str) -> None:
    try:
        only_a_kind = text[:1].isupper() and words.own_word("kind", text)  # "Notebook" names no host, "utm" may
        host, full = identifiers.host_of("" if only_a_kind else text)
    except ValueError:
        card.notes.append(text)
        card.notices.append(f"{text!r} is no host name and is kept in the notes")
        return
    card.fields[name] = host
    if full:
        card.fields.setdefault("fqdn", full)


def _fqdn(card: _Card, name: str, text: str) -> None:
    try:
        host, full = identifiers.host_of(text)
    except ValueError:
        raise _Wrong("this is no full host name", "such as pc1.example.org") from None
    card.fields[name] = full or host.lower()


def _holder(card: _Card, name: str, text: str) -> None:
    """``person:amy.ng`` stays; a bare name is of the kind that another column says, a person's if none does."""
    if plain(text) in NOBODY or words.says_nothing(text):
        return
    kind = card.fields.get("holder_kind", "person")
    card.fields[name] = text if HOLDER.fullmatch(text) else f"{kind}:{text}"


def _holder_else(card: _Card, name: str, text: str) -> None:
    """A second column of who has it. Where logon names stand in the first, what has none is no person but a place."""
    if card.fields.get("holder"):
        card.fields[EXTRA + name.removeprefix(ELSE)] = text
        return
    places = [plain(card.fields[place]) for place in ("location", "site") if place in card.fields]
    if "holder_kind" not in card.fields and (card.reading.logon or plain(text) in places):
        card.fields["holder_kind"] = "location"
        card.notices.append(f"{text!r} has no logon name beside it and is taken for a place")
    _holder(card, "holder", text)


TAKERS: Mapping[str, Callable[[_Card, str, str], None]] = {
    **{"serial": _serial, "tag": _tag, "uuid": _uuid, "macs": _macs, "address": _address, "hostname": _hostname},
    **{"fqdn": _fqdn, "holder": _holder, "currency": _currency, "notes": _notes},
}


def _conclude(card: _Card) -> None:
    """Turn what only helps into fields, and leave out what an asset in its state cannot have."""
    card.fields.pop("holder_kind", None)
    card.fields = {name: text for name, text in card.fields.items() if text}
    state, holder = card.fields.get("state", ""), card.fields.get("holder", "")
    if state in NOT_HELD and holder:
        card.fields[f"{EXTRA}holder"] = card.fields.pop("holder")
        card.notices.append(f"what is {state.replace('_', ' ')} nobody holds; {holder!r} is kept as extra.holder")
    _note(card)
    _warranty(card)


def _note(card: _Card) -> None:
    """All that goes to the notes, each once; a name that is the host name says nothing more."""
    own = card.fields.get("hostname", "").casefold()
    noted = [text for text in dict.fromkeys(card.notes) if text.casefold() != own]
    if noted:
        parts = [text for at, text in enumerate(noted) if not any(text in other for other in noted[:at])]
        card.fields["notes"] = "; ".join(parts)[:LONGEST_NOTE]


def _warranty(card: _Card) -> None:
    """Months of warranty as its last day, counted from the purchase."""
    months, bought = card.fields.pop("warranty_months", ""), card.fields.get("purchased", "")
    if not months or card.fields.get("warranty_until"):
        return
    if not bought:
        card.notices.append(f"{months} months of warranty count from no known day")
        return
    card.fields["warranty_until"] = months_after(date.fromisoformat(bought), int(months)).isoformat()
    card.fields["warranty_source"] = f"{months} months from the purchase"


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, last)
        except ValueError:
            continue
    raise ValueError(months)
