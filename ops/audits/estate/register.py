"""Whether the register holds together, and what in it wants somebody to act."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from inventory.register.fields import Fields
from inventory.register.keys import serial_key
from inventory.register.states import COMPUTERS, USABLE
from inventory.register.stock import spent, too_few
from ops.adapters.leavers import LeaversReader
from ops.adapters.register import RegisterReader, whose
from ops.audit import audit
from ops.finding import Finding, Seen, Verdict

COUNTING = timedelta(days=365)  # a register that nobody compared with the shelves for a year is a belief
SHOWN = 5  # tags in a reason
Rule = Callable[[Fields], bool]

# What a good entry says: rule → (of which assets it is asked, whether it is missing, what to do).
QUALITY: Mapping[str, tuple[Rule, Rule, str]] = {
    "serial number": (
        lambda a: a["kind"] not in ("vm", "other"),
        lambda a: not a.get("serial"),
        "read it off the thing",
    ),
    "serial number is one": (
        lambda a: bool(a.get("serial")),
        lambda a: not serial_key(a["serial"], a.get("maker", "")),
        "it is a placeholder that its maker never filled in",
    ),
    "place": (bool, lambda a: not (a.get("location") or a.get("site")), "ops asset relocate"),
    "name on the network": (lambda a: a["kind"] in COMPUTERS, lambda a: not a.get("hostname"), "ops estate discover"),
    "day of purchase": (lambda a: a["kind"] != "vm", lambda a: not a.get("purchased"), "look at the invoice"),
    "cost": (lambda a: a["kind"] != "vm", lambda a: not a.get("cost"), "look at the invoice"),
    "class of data": (lambda a: a["kind"] in COMPUTERS, lambda a: not a.get("data_class"), "ask its owner"),
    "terms accepted": (
        lambda a: a.get("holder", "").startswith("person:"),
        lambda a: not a.get("accepted"),
        "ops asset accept",
    ),
}


@audit
def register(register: RegisterReader, leavers: LeaversReader) -> Iterator[Finding | Seen]:
    """Check the history of the register, who still has what, what is overdue, what waits, and how good its entries are.

    Entries that say too little are told by rule, with how many and which first.
    """
    today = datetime.now(UTC).date()
    if broken := register.broken():
        why = f"somebody wrote in it by hand: {broken}"
        yield Finding("register", "the register", "history", Verdict.FAIL, why, "compare it with a backup")
    assets = {ref.partition(":")[2]: one for ref, one in register.find("asset").items()}
    yield from _held(register, assets, {name.lower() for name in leavers.pages()})
    for tag, one in assets.items():
        yield from _dated(tag, one, today)
    if gone := [tag for tag, one in assets.items() if one["state"] == "missing"]:
        why = f"{len(gone)} {'is' if len(gone) == 1 else 'are'} missing: {_some(gone)}"
        yield Finding(
            "missing", "missing assets", "missing", Verdict.FAIL, why, "look for them, then: ops asset report"
        )
    yield from _quality({tag: one for tag, one in assets.items() if one["state"] in USABLE})
    yield from _doubles({tag: one for tag, one in assets.items() if one["state"] in USABLE})
    yield from _shelf(register)
    yield from _counting(register, today)
    yield Seen(
        len(assets), "assets of the register", ("whether things are where the register says: ops stocktake open",)
    )


def _held(register: RegisterReader, assets: Mapping[str, Fields], left: set[str]) -> Iterator[Finding]:
    """A leaver who still has something, and seats beyond what is owned."""
    for tag, one in assets.items():
        who = whose(one.get("holder", ""))
        if who.lower() in left and one["holder"].startswith("person:"):
            yield Finding(tag, tag, "leaver holds it", Verdict.FAIL, f"{who} has left and still has it", "get it back")
    for seat in register.find("seat", until="").values():
        who = whose(seat["holder"])
        if who.lower() in left and seat["holder"].startswith("person:"):
            key = seat["entitlement"]
            why = f"{who} has left and still has a seat"
            yield Finding(key, key, "leaver holds a seat", Verdict.FAIL, why, f"ops licence reclaim {key} {who}")
    for key, seats in register.beyond(datetime.now(UTC).date()).items():
        why = f"{seats} seats are given out beyond what is owned and approved"
        yield Finding(key, key, "seats", Verdict.FAIL, why, f"ops licence show {key}")


def _dated(tag: str, one: Fields, today: date) -> Iterator[Finding]:
    """What a day has passed for."""
    day = today.isoformat()
    if one["state"] in ("deployed", "on_loan") and one.get("due", day) < day:
        why = f"was due back from {whose(one['holder'])} on {one['due']}"
        yield Finding(tag, tag, "loan overdue", Verdict.FAIL, why, f"ops asset check-in {tag}")
    if one["state"] in USABLE and one.get("eol_on", day) < day:
        why = f"its maker ended support on {one['eol_on']}"
        yield Finding(tag, tag, "end of life", Verdict.WARN, why, "plan its replacement")
    if (
        one["state"] in ("deployed", "on_loan")
        and one.get("warranty_until", day) < day
        and one.get("criticality") == "1"
    ):
        why = f"most critical, and its warranty ended on {one['warranty_until']}"
        yield Finding(tag, tag, "warranty", Verdict.WARN, why, "extend it, or keep a spare")


def _quality(live: Mapping[str, Fields]) -> Iterator[Finding]:
    for rule, (asked, missing, next_step) in QUALITY.items():
        of = [tag for tag, one in live.items() if asked(one)]
        lacking = [tag for tag in of if missing(live[tag])]
        if lacking:
            why = f"{len(lacking)} of {len(of)} lack it: {_some(lacking)}"
            yield Finding(rule, rule, f"quality: {rule}", Verdict.WARN, why, next_step)


def _doubles(live: Mapping[str, Fields]) -> Iterator[Finding]:
    names: dict[str, list[str]] = {}
    for tag, one in live.items():
        if one.get("hostname"):
            names.setdefault(one["hostname"].lower(), []).append(tag)
    for name, tags in names.items():
        if len(tags) > 1:
            yield Finding(
                name, name, "name twice", Verdict.WARN, f"is the name of {_some(tags)}", "one of them is wrong"
            )


def _shelf(register: RegisterReader) -> Iterator[Finding]:
    for ref, one in register.find("consumable").items():
        if too_few(one):
            key = ref.partition(":")[2]
            why = f"{one.get('on_hand', '0')} left of {one['name']}, to be ordered at {one['reorder_at']}"
            yield Finding(key, key, "too few", Verdict.WARN, why, f"ops consumable restock {key}")
    paid = spent(register.find("spend").values())
    for ref, one in register.find("budget").items():
        key = ref.partition(":")[2]
        if paid.get(key, Decimal(0)) > Decimal(one["amount"]):
            why = f"{paid[key]} spent of {one['amount']} {one['currency']}"
            yield Finding(key, key, "budget", Verdict.FAIL, why, "ops budget show")


def _counting(register: RegisterReader, today: date) -> Iterator[Finding]:
    takes = register.find("stocktake")
    closed = max((one["closed"] for one in takes.values() if one.get("closed")), default="")
    for ref, one in takes.items():
        if not one.get("closed") and one["opened"] < (today - timedelta(days=30)).isoformat():
            key = ref.partition(":")[2]
            yield Finding(
                key, key, "stock-take", Verdict.WARN, f"open since {one['opened']}", f"ops stocktake close {key}"
            )
    if closed < (today - COUNTING).isoformat():
        why = f"the last one was closed on {closed}" if closed else "there never was one"
        yield Finding("stock-take", "the register", "stock-take", Verdict.UNKNOWN, why, "ops stocktake open NAME")


def _some(tags: list[str]) -> str:
    more = f" and {len(tags) - SHOWN} more" if len(tags) > SHOWN else ""
    return ", ".join(tags[:SHOWN]) + more
