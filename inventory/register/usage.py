"""When a holder of a seat last used its product, as inventories saw it; and who is excused from using it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from inventory.licence import reclaim
from inventory.licence.census import Estate
from inventory.licence.reclaim import LastUsed
from inventory.licence.recognition import Recogniser
from inventory.register.entitling import catalogue
from inventory.register.licensing import installations

if TYPE_CHECKING:
    from inventory.register.store import Snapshot


def last_used(seen: Snapshot, estate: Estate) -> Mapping[tuple[str, str], LastUsed]:
    """By holder and product."""
    return reclaim.last_used(installations(seen), Recogniser(catalogue(seen.own)), estate)


def excused(seen: Snapshot, on: date) -> dict[str, str]:
    """Holders who may leave seats unused for now, and why."""
    return {
        one["holder"]: one["why"] for one in seen.find("excuse").values() if one.get("expires", "") > on.isoformat()
    }
