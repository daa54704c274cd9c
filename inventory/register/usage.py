"""When a holder of a seat last used its product, as inventories saw it; and who is excused from using it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from inventory.licence.census import Estate
from inventory.licence.model import Installation
from inventory.licence.reclaim import LastUsed, combined
from inventory.licence.recognition import Recogniser
from inventory.register.entitling import catalogue
from inventory.register.licensing import installations

if TYPE_CHECKING:
    from inventory.register.store import Snapshot


def last_used(seen: Snapshot, estate: Estate) -> dict[tuple[str, str], LastUsed]:
    """By holder and product. A person is seen on the devices that are theirs, and where an installation names them."""
    recognise = Recogniser(catalogue(seen.own))
    wanted = {line.product for line in estate.entitlements}
    found: dict[tuple[str, str], list[LastUsed]] = {}
    for row in installations(seen):
        product = recognise(row).product
        for bought in wanted & {product, *(estate.products[product].suites if product else ())}:
            for holder in _holders(row, estate):
                found.setdefault((holder, bought), []).append(LastUsed(row.last_used_status, row.last_used_at))
    return {key: combined(some) for key, some in found.items()}


def _holders(row: Installation, estate: Estate) -> set[str]:
    device = estate.devices.get(row.asset)
    person = f"person:{row.user.lower()}" if row.user else device.primary_user if device else ""
    return {f"asset:{row.asset}", *([person] if person else [])}


def excused(seen: Snapshot, on: date) -> dict[str, str]:
    """Holders who may leave seats unused for now, and why."""
    return {
        one["holder"]: one["why"] for one in seen.find("excuse").values() if one.get("expires", "") > on.isoformat()
    }
