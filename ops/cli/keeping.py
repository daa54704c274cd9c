"""The register as people look at it: assets, what they hold, what happened to them, what is on the shelf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from inventory.register.fields import Fields, holder_text
from inventory.register.search import book_value, found
from inventory.register.stock import spent, too_few
from inventory.register.stocktake import place_of
from inventory.register.store import Register
from ops.adapters.register import called, told, whose
from ops.cli.site import Site
from ops.errors import NotFound
from ops.private import unwritable, write_private

Row = tuple[str, ...]
FIRST = ("kind", "maker", "model", "serial", "state", "condition", "holder", "held_since", "due", "site", "location")


def search(register: Register, word: str, narrow: dict[str, str], most: int) -> tuple[list[tuple[str, Fields]], bool]:
    """Assets in which a word stands; and whether there are more than ``most``."""
    equal = narrowed(narrow)
    with register.reading() as seen:
        some = list(islice(found(seen, word, **equal), most + 1))
    return some[:most], len(some) > most


def narrowed(narrow: Mapping[str, str]) -> dict[str, str]:
    """What narrows a list, as whole fields; a bare holder is a person."""
    equal = {name: text for name, text in narrow.items() if text}
    if holder := equal.get("holder", ""):
        equal["holder"] = holder_text(holder if ":" in holder else f"person:{holder}")
    return equal


def asset_rows(assets: Sequence[tuple[str, Fields]]) -> list[Row]:
    """As a table says them."""
    return [
        (tag, called(f"asset:{tag}", one).rpartition(" (")[0], one.get("serial", ""), one["state"].replace("_", " "),
         whose(one.get("holder", "")), place_of(one))
        for tag, one in assets
    ]  # fmt: skip


def asset_facts(register: Register, tag: str) -> dict[str, Any]:
    """One asset with its parts, media, failures, what it told of itself, and what it is worth today."""
    from inventory.register.collecting import collected_of

    ref = f"asset:{tag}"
    with register.reading() as seen:
        one = seen.read(ref)
        if one is None:
            raise NotFound(f"the register has no asset {tag}", hint=f"ops asset find {tag}")
        names = [*FIRST, *(name for name in one if name not in FIRST)]
        facts: dict[str, Any] = {name: one[name] for name in names if name in one}
        more = {
            "book_value": book_value(one, datetime.now(UTC).date()),
            "parts": [other.partition(":")[2] for other in seen.find("asset", parent=tag)],
            "holds": [other.partition(":")[2] for other in seen.find("asset", holder=ref)],
            "media_inside": [dict(medium) for medium in seen.find("medium", asset=tag).values()],
            "told_by_itself": collected_of(seen, tag),
            "failures": [dict(failure) for failure in seen.find("failure", asset=tag).values()],
        }
    return {"tag": tag, **facts, **{name: value for name, value in more.items() if value}}


def history_rows(register: Register, tag: str) -> list[dict[str, Any]]:
    """What happened to one asset, first to last, with its media, failures and use."""
    with register.reading() as seen:
        if not seen.last(f"asset:{tag}")[0]:
            raise NotFound(f"the register never had an asset {tag}", hint=f"ops asset find {tag}")
        others = (seen.find(kind, asset=tag) for kind in ("medium", "failure", "usage"))
        refs = [f"asset:{tag}", *(ref for some in others for ref in some)]
        happened = sorted((one for ref in refs for one in seen.history(ref)), key=lambda one: one.number)
    return [
        {"number": one.number, "at": one.at, "by": one.actor, "run": one.run, "why": one.why, "thing": one.ref,
         "what": told(one.ref, one.before, one.after), "before": one.before, "after": one.after}
        for one in happened
    ]  # fmt: skip


def labels(site: Site, tags: Sequence[str], narrow: dict[str, str], out: Path, **more: Any) -> int:
    """Write a page of labels; returns how many."""
    from inventory.register.labels import page

    with site.register.reading() as seen:
        chosen = [(tag, seen.read(f"asset:{tag}")) for tag in tags]
        if missing := next((tag for tag, one in chosen if one is None), ""):
            raise NotFound(f"the register has no asset {missing}", hint=f"ops asset find {missing}")
        some = [(tag, one) for tag, one in chosen if one]
        some = some or list(found(seen, "", **narrowed(narrow)))
    if not some:
        raise NotFound("there is no asset to label", hint="ops asset find shows what there is")
    written(out, page(some, **more))
    return len(some)


def written(out: Path, text: str) -> None:
    """Write a file somebody asked for; one that is there is replaced only when it is whole."""
    try:
        write_private(out, text)
    except OSError as error:
        raise unwritable(out, error) from error


def stock_rows(register: Register) -> list[dict[str, str]]:
    """Consumables, with whether there are too few."""
    with register.reading() as seen:
        things = seen.find("consumable")
    return [
        {"key": ref.partition(":")[2], **one, "too_few": "yes" if too_few(one) else "no"} for ref, one in things.items()
    ]


def budget_rows(register: Register) -> list[dict[str, str]]:
    """Budgets with what was spent and what is left."""
    with register.reading() as seen:
        budgets, paid = seen.find("budget"), spent(seen.find("spend").values())
        rows = []
        for ref, one in budgets.items():
            key = ref.partition(":")[2]
            used = paid.get(key, Decimal(0))
            rows.append({"key": key, **one, "spent": str(used), "left": str(Decimal(one["amount"]) - used)})
    return rows


def in_words(value: Any) -> str:
    """A fact on one line."""
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {in_words(one)}" for name, one in value.items())
    if isinstance(value, list):
        return "; ".join(" ".join(map(str, one.values())) if isinstance(one, dict) else str(one) for one in value)
    return str(value)
