"""Lists of licences: what their columns are called, and each row as one line of an order.

Of a price the column says whether it is of one pack or of the whole line; where it does not, somebody is asked. The
register keeps the first day without a licence; a column such as ``Valid until`` says the last day with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from pathlib import Path

from inventory.currency import places
from inventory.taking_in.assets import survey
from inventory.taking_in.headers import Names, plain
from inventory.taking_in.mapping import EXTRA, Mapped, Wishes, mapped
from inventory.taking_in.rows import Mistake, Options, Row, Taken
from inventory.taking_in.table import open_table
from inventory.taking_in.values import Reading, months_after, taken
from ops.errors import InvalidRequest

MOST = 2000  # rows; a list of licences is short
COSTS = {"unit": "unit_cost", "total": "total_cost"}
EVERYWHERE = ("org", "organisation", "organization", "all", "everywhere", "alle", "überall", "gesamt")

LICENCES = Names(
    (
        *("key", "product", "metric", "metric_params", "quantity", "pack_size", "starts", "ends", "maintenance_until"),
        *("unit_cost", "currency", "term_months", "auto_renew", "notice_days", "max_release", "downgrade", "scope"),
        *("agreement", "second_use", "order", "invoice", "proof", "owner", "notes"),
    ),
    ("until", "total_cost", "price"),
    {
        "key": ("short name", "licence id", "license id", "kurzname", "kennung", "lizenz id", "lizenznummer"),
        "product": (
            *("software", "product name", "software name", "application", "produkt", "produktname", "programm"),
            *("anwendung", "softwarename"),
        ),
        "metric": (
            *("licence type", "license type", "licence metric", "license metric", "metrik", "lizenztyp", "lizenzart"),
            *("lizenzmodell", "lizenzmetrik"),
        ),
        "metric_params": ("metric parameters",),
        "quantity": (
            *("qty", "seats", "licences", "licenses", "number of licences", "number of licenses", "purchased seats"),
            *("anzahl", "menge", "stück", "stückzahl", "lizenzen", "anzahl lizenzen", "plätze"),
        ),
        "pack_size": ("pack", "units per pack", "packgröße", "paketgröße", "pro paket"),
        "starts": (
            *("start", "start date", "starts on", "valid from", "from", "beginn", "startdatum", "laufzeitbeginn"),
            *("vertragsbeginn", "gültig ab", "gültig von", "ab", "von"),
        ),
        "ends": ("first day without it",),
        "until": (
            *("valid until", "valid to", "end", "end date", "expires", "expires on", "expiry", "expiry date"),
            *("expiration date", "expiration", "gültig bis", "bis", "ende", "enddatum", "laufzeitende", "vertragsende"),
            *("läuft ab", "läuft ab am", "ablaufdatum", "laufzeit bis"),
        ),
        "maintenance_until": ("maintenance expires", "support until", "wartung bis", "maintenance bis"),
        "unit_cost": (
            *("unit price", "price each", "price per unit", "cost per unit", "price per licence", "price per license"),
            *("cost per seat", "price per seat", "einzelpreis", "stückpreis", "preis pro lizenz", "preis je lizenz"),
            *("preis pro stück",),
        ),
        "total_cost": (
            *("total", "total price", "line total", "purchase cost", "gesamtpreis", "gesamtkosten", "gesamtbetrag"),
            *("gesamt", "summe", "rechnungsbetrag"),
        ),
        "price": ("cost", "costs", "amount", "preis", "kosten", "betrag", "kaufpreis"),
        "currency": ("currency code", "währung"),
        "term_months": (
            *("term", "term in months", "billing period", "laufzeit", "laufzeit monate", "laufzeit in monaten"),
            *("abrechnungszeitraum", "vertragslaufzeit"),
        ),
        "auto_renew": (
            *("auto renewal", "automatic renewal", "renews automatically", "renews by itself", "verlängert sich"),
            *("automatische verlängerung", "verlängerung automatisch"),
        ),
        "notice_days": (
            *("notice", "notice period", "kündigungsfrist", "kündigungsfrist tage", "kündigungsfrist in tagen"),
        ),
        "max_release": ("version", "release"),
        "downgrade": ("downgrade right", "downgrade rights", "downgraderecht"),
        "scope": ("geltungsbereich", "site", "standort", "schule"),
        "agreement": ("contract", "contract number", "agreement number", "vertrag", "vertragsnummer", "vertragsnr"),
        "second_use": ("second use right", "zweitnutzung", "zweitnutzungsrecht"),
        "order": ("order number", "order no", "po number", "purchase order", "bestellnummer", "bestellnr", "auftrag"),
        "invoice": ("invoice number", "invoice no", "rechnung", "rechnungsnummer", "rechnungsnr"),
        "proof": (
            *("proof file", "proof of purchase", "invoice file", "document", "file", "nachweis", "nachweisdatei"),
            *("beleg", "belegdatei", "rechnungsdatei", "dokument", "datei"),
        ),
        "owner": ("responsible", "verantwortlich", "verantwortlicher", "zuständig"),
        "notes": ("note", "comment", "comments", "remarks", "bemerkung", "bemerkungen", "notiz", "notizen"),
    },
    {"product": ("licence", "license", "name", "title", "lizenz", "bezeichnung", "titel")},
)


@dataclass(frozen=True)
class LicenceTable:
    """A list of licences with everything that was decided about it; ``said`` tells a person."""

    path: Path
    said: tuple[str, ...]
    rows: tuple[Taken | Mistake, ...]


def open_licences(
    path: Path, options: Options | None = None, wishes: Wishes | None = None, cost: str = ""
) -> LicenceTable:
    """Read a list of licences; ``cost`` says of which a plain price is, ``unit`` or ``total``.

    Raise ``InvalidRequest`` where a column can be understood in two ways, and for more than ``MOST`` rows.
    """
    if cost and cost not in COSTS:
        raise InvalidRequest(f"a price is not of a {cost}", hint="say --cost unit or total")
    wishes = wishes or Wishes()
    table = open_table(path, options)
    mapping = _without_extra(mapped(table.columns, wishes, path.name, LICENCES))
    rows = tuple(islice(table.rows(), MOST + 1))
    if len(rows) > MOST:
        raise InvalidRequest(f"{path.name} has more than {MOST} rows", hint="is it a list of licences?")
    found = survey(table, mapping, wishes, LICENCES)
    lines = tuple(_lines(rows, found.reading))
    lines = _priced(lines, found.mapping, path.name, cost)
    said = (*table.said, *found.said, *_last_day(found.mapping))
    return LicenceTable(path, said, tuple(_concluded(line) if isinstance(line, Taken) else line for line in lines))


def _without_extra(mapping: Mapped) -> Mapped:
    """A licence has no extra fields: what is not known is left out, and said."""
    fields = {column: name for column, name in mapping.fields.items() if not name.startswith(EXTRA)}
    said = tuple(one.replace("is kept as extra", "is left out") for one in mapping.said)
    if mapping.unknown:
        said += (f"columns not known, left out: {', '.join(mapping.unknown)}",)
    return replace(mapping, fields=fields, unknown=(), said=said)


def _lines(rows: tuple[Row | Mistake, ...], reading: Reading) -> Iterator[Taken | Mistake]:
    for row in rows:
        found = row if isinstance(row, Mistake) else taken(row, reading)
        yield from found if isinstance(found, tuple) else (found,)


def _last_day(mapping: Mapped) -> Iterator[str]:
    if column := mapping.column("until"):
        yield f"{column} is taken as the last day; the register keeps the first day without"


def _priced(lines: tuple[Taken | Mistake, ...], mapping: Mapped, source: str, cost: str) -> tuple[Taken | Mistake, ...]:
    """Every plain price as that of a pack or of a line; where that matters and is not said, it is asked."""
    if not (column := mapping.column("price")):
        return lines
    several = any(one.fields.get("quantity", "1") != "1" for one in lines if isinstance(one, Taken))
    if several and not cost:
        hint = "say --cost unit or --cost total"
        raise InvalidRequest(f"{source}: {column} can be of one or of the whole line", hint=hint)
    name = COSTS.get(cost, "unit_cost")
    return tuple(_renamed(one, "price", name) if isinstance(one, Taken) else one for one in lines)


def _renamed(line: Taken, name: str, new: str) -> Taken:
    fields = {new if one == name and new not in line.fields else one: text for one, text in line.fields.items()}
    return replace(line, fields=fields)


def _concluded(line: Taken) -> Taken:
    """What only helps becomes a field: the last day the first without, the price of a line that of a pack."""
    fields, notices = dict(line.fields), list(line.notices)
    if until := fields.pop("until", ""):
        fields.setdefault("ends", _first_without(fields.get("starts", ""), until))
    fields.pop("price", "")
    if total := fields.pop("total_cost", ""):
        _each(fields, Decimal(total), notices)
    if scope := fields.get("scope", ""):
        fields["scope"] = _scope(scope)
    if fields.get("term_months") and fields.get("starts") and not fields.get("ends"):
        notices.append("no end is given, so it never ends")
    return Taken(line.number, dict(sorted(fields.items())), tuple(notices))


def _first_without(starts: str, until: str) -> str:
    """The first day without: the day after the last, but for an end that is the anniversary of the start itself."""
    last = date.fromisoformat(until)
    first = date.fromisoformat(starts) if starts else None
    months = (last.year - first.year) * 12 + last.month - first.month if first else 0
    if first and months > 0 and months_after(first, months) == last:
        return until
    return (last + timedelta(days=1)).isoformat()


def _each(fields: dict[str, str], total: Decimal, notices: list[str]) -> None:
    """The price of one pack out of that of the line, in the currency's smallest unit."""
    packs = int(fields.get("quantity") or "1") or 1
    smallest = Decimal(1).scaleb(-places(fields["currency"]))
    each = (total / packs).quantize(smallest, ROUND_HALF_UP)
    fields.setdefault("unit_cost", str(each))
    if each * packs != total:
        notices.append(f"{total} for {packs} is {each} each, rounded")


def _scope(text: str) -> str:
    if re.fullmatch(r"site:\S.*", text):
        return text
    return "org" if plain(text) in EVERYWHERE else f"site:{text}"
