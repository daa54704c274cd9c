"""Licences as people look at them; all numbers come from the rules of ``inventory.licence``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from inventory.licence.census import Census, Estate
from inventory.licence.forecast import anniversary, forecast
from inventory.licence.position import Position, derivation, positions
from inventory.licence.reclaim import candidates, savings
from inventory.licence.recognition import check_rules
from inventory.licence.renewals import calendar
from inventory.register import licensing
from inventory.register.entitling import OWN, catalogue
from inventory.register.fields import shown
from inventory.register.snapshots import required_since
from inventory.register.store import Register, Snapshot
from inventory.register.usage import excused, last_used
from ops.adapters.register import whose
from ops.cli.site import Site
from ops.cli.tabled import Said
from ops.errors import InvalidRequest, NotFound

DAYS_BACK = 186  # six months of trend
Days = list[date]


def today() -> date:
    """Today, in UTC."""
    return datetime.now(UTC).date()


def money(amount: int | None, currency: str) -> str:
    """Minor units as text with their currency; empty where either is not known."""
    return f"{shown('price', 'amount', amount, currency)} {currency}" if amount is not None and currency else ""


def every(register: Register) -> Said:
    """All licences."""
    with register.reading() as seen:
        lines, seats = seen.find("entitlement"), seen.find("seat", until="")
    held: Counter[str] = Counter()
    for seat in seats.values():
        held[seat["entitlement"]] += int(seat["quantity"])
    rows = [
        {**one, "key": key, "units": int(one["quantity"]) * int(one.get("pack_size", "1")), "given_out": held[key],
         "ends": one.get("ends", "never"), "missing": "" if one.get("proof") else "no proof"}
        for key, one in ((ref.partition(":")[2], one) for ref, one in lines.items())
    ]  # fmt: skip
    columns = {"licence": "key", "product": "product", "metric": "metric", "units": "units", "given out": "given_out",
               "ends": "ends", "": "missing"}  # fmt: skip
    return Said("licences", columns, rows, "there is none yet: ops licence add --help")


def one(register: Register, key: str) -> Said:
    """One licence and its seats."""
    with register.reading() as seen:
        fields = seen.read(f"entitlement:{key}")
        if fields is None:
            raise NotFound(f"there is no licence {key}", hint="ops licence show lists them")
        seats = [{**seat, "who": whose(seat["holder"])} for seat in seen.find("seat", entitlement=key).values()]
    notes = [f"{name.replace('_', ' ')}: {text}" for name, text in fields.items()]
    columns = {"who": "who", "seats": "quantity", "since": "since", "until": "until", "why": "why",
               "approved by": "approved_by"}  # fmt: skip
    return Said("seats", columns, seats, "nobody has a seat of it", notes, {"key": key, **fields})


def _counted(seen: Snapshot, product: str, on: date) -> tuple[Estate, Census, list[Position]]:
    estate, census = licensing.counted(seen, on)
    if product and product not in estate.products:
        raise NotFound(f"there is no product {product}", hint="ops licence products lists them")
    return estate, census, [one for one in positions(estate, census) if product in ("", one.key.product)]


def _unknown(census: Census) -> list[str]:
    number = len(census.unrecognised)
    return [f"{number} kinds of installed software are not recognised: ops licence unrecognised"] if number else []


def position(register: Register, product: str, on: date) -> Said:
    """Where one stands on a day."""
    with register.reading() as seen:
        _, census, found = _counted(seen, product, on)
    columns = {"product": "product", "metric": "metric", "scope": "scope", "effective": "effective",
               "required": "required", "position": "position", "status": "status", "grade": "grade",
               "missing costs": "missing_costs"}  # fmt: skip
    more = {"on": on.isoformat(), "unrecognised": len(census.unrecognised)}
    none = "no licence, and no installation to count"
    return Said("positions", columns, [position_row(one) for one in found], none, _unknown(census), more)


def position_row(one: Position) -> dict[str, Any]:
    """A position as one row."""
    names = ("owned", "effective", "unproven", "required", "allocated", "shelfware", "shortfall", "unresolved")
    return {
        "product": one.key.product,
        "metric": one.key.metric,
        "scope": one.key.scope,
        **{name: getattr(one, name) for name in names},
        "position": one.position,
        "status": one.status,
        "statuses": list(one.statuses),
        "verdict": one.verdict,
        "grade": one.grade.worst,
        "missing_costs": money(one.exposure, one.currency) if one.shortfall else "",
    }


def derived(register: Register, product: str, on: date) -> Said:
    """Every line that counts or not, with its rule."""
    with register.reading() as seen:
        estate, census, found = _counted(seen, product, on)
        rows = [
            {"product": one.key.product, "side": line.side, "subject": line.subject, "counted": line.counted,
             "counts": "counts" if line.counted else "no", "units": line.units, "rule": line.rule,
             "because": line.because}
            for one in found for line in derivation(estate, census, one)
        ]  # fmt: skip
    columns = {"product": "product", "side": "side", "what": "subject", "": "counts", "units": "units", "rule": "rule",
               "because": "because"}  # fmt: skip
    return Said("derivation", columns, rows, "nothing to derive", _unknown(census), {"on": on.isoformat()})


def movers(site: Site) -> tuple[Days, Days]:
    """The days on which somebody begins and leaves, as the schedule has them."""
    pages = site.schedule.pages().values()
    leaves = [date.fromisoformat(str(page["on"])) for page in pages if page["playbook"] == "user/offboard"]
    joins = [date.fromisoformat(str(page["on"])) for page in pages if page["playbook"] == "user/onboard"]
    return joins, leaves


def forecasts(register: Register, product: str, until: date | None, moving: tuple[Days, Days]) -> Said:
    """What will be needed."""
    on = today()
    if until and until <= on:
        raise InvalidRequest(f"{until} is not ahead", hint="give a day to come: --until 2027-01-31")
    with register.reading() as seen:
        estate, census, found = _counted(seen, product, on)
        history = required_since(seen, on - timedelta(days=DAYS_BACK))
    begins = {line.product: line.starts for line in estate.entitlements}
    rows = []
    for one in (one for one in found if one.required is not None):
        end = until or anniversary(begins.get(one.key.product, on), on)
        moves = moving if one.key.metric == "named-user" else ([], [])
        past = history.get((one.key.product, one.key.metric, one.key.scope), ())
        rows.append(_forecast(one, on, end, moves, past))
    columns = {"product": "product", "by": "day", "effective": "effective", "low": "low", "mid": "mid", "high": "high",
               "to buy": "to_buy", "because": "because"}  # fmt: skip
    return Said("forecasts", columns, rows, "nothing is counted yet: ops licence position", _unknown(census))


def _forecast(one: Position, on: date, end: date, moves: tuple[Days, Days], past: Any) -> dict[str, Any]:
    joiners, leavers = ([(when, 1) for when in some] for some in moves)
    found = forecast(one.required or 0, on, end, joiners, leavers, past)
    return {
        "product": one.key.product, "metric": one.key.metric, "scope": one.key.scope, "day": end.isoformat(),
        "effective": one.effective, "low": found.low, "mid": found.mid, "high": found.high,
        "to_buy": found.to_buy(one.effective)[1], "because": found.because,
    }  # fmt: skip


def renewals(register: Register, days: int) -> Said:
    """The calendar."""
    with register.reading() as seen:
        estate = licensing.estate(seen, today())
    names = ("kind", "entitlement", "product", "band", "what", "unassigned", "currency")
    rows = [
        {"day": str(one.day), **{name: getattr(one, name) for name in names}, "costs": money(one.amount, one.currency)}
        for one in calendar(estate.entitlements, estate.allocations, estate.as_of, days)
    ]
    columns = {"day": "day", "what": "kind", "licence": "entitlement", "product": "product", "costs": "costs",
               "nobody has": "unassigned", "": "what"}  # fmt: skip
    return Said("renewals", columns, rows, f"nothing ends within {days} days")


def unused(register: Register) -> Said:
    """Seats that could come back, and what that would save."""
    with register.reading() as seen:
        estate = licensing.estate(seen, today())
        used, excuses = last_used(seen, estate), excused(seen, estate.as_of)
    lines = {line.id: line for line in estate.entitlements}
    judged = list(candidates(lines, estate.allocations, used, estate.as_of, excuses))
    rows = [
        {"who": whose(found.allocation.holder), "holder": found.allocation.holder, "seats": found.allocation.qty,
         "licence": found.allocation.entitlement, "verdict": found.verdict, "because": found.because}
        for found in sorted(judged, key=lambda found: (found.verdict != "unused", found.allocation.holder))
    ]  # fmt: skip
    saved = [
        {"licence": one.entitlement, "seats": one.seats, "notice_on": str(one.notice_on),
         "saves": money(one.amount, one.currency)}
        for one in savings(judged, lines, estate.as_of) if one.amount
    ]  # fmt: skip
    notes = [f"{one['seats']} unused seats of {one['licence']}: {one['saves']} from the next term on, "
             f"with notice by {one['notice_on']}" for one in saved]  # fmt: skip
    columns = {"who": "who", "licence": "licence", "seats": "seats", "": "verdict", "because": "because"}
    return Said("seats", columns, rows, "no seat is given out", notes, {"savings": saved})


def unrecognised(register: Register, most: int) -> Said:
    """What no rule knows, most frequent first."""
    with register.reading() as seen:
        _, census = licensing.counted(seen, today())
    names = ("publisher", "name", "version", "installations")
    found = [dict(zip(names, row, strict=True)) for row in census.unknown_names()]
    notes = [f"{len(found)} in all; rules of your own go to {OWN}"] if found else []
    columns = {name: name for name in names}
    return Said("unrecognised", columns, found[:most], "all that is installed is recognised", notes)


def products(folder: Path, word: str) -> Said:
    """The catalogue, and what is wrong with its rules."""
    found = catalogue(folder)
    rows = list(_products(found.products.values(), word.lower()))
    mistakes = check_rules(found)
    notes = mistakes or [f"{len(found.rules)} rules; every example of theirs is recognised as it should be"]
    columns = {"product": "id", "publisher": "publisher", "name": "name", "category": "category", "metric": "metric",
               "releases": "releases"}  # fmt: skip
    return Said("products", columns, rows, "no product is like that", notes, {"mistakes": mistakes})


def _products(known: Any, word: str) -> Iterator[dict[str, str]]:
    for one in known:
        name = " ".join(filter(None, (one.name, one.edition)))
        if word in f"{one.id} {one.publisher} {name}".lower():
            releases = ", ".join(release.version for release in one.releases)
            yield {"id": one.id, "publisher": one.publisher, "name": name, "category": one.category,
                   "metric": one.metric, "releases": releases}  # fmt: skip
