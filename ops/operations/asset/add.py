"""Enter an asset into the register."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, entered
from ops.adapters.register_words import day_text, not_by_hand, typed
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation
from ops.params import Pairs, parse_amount


@operation
def add(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    kind: Annotated[str, "laptop, desktop, server, vm, switch, printer, phone, monitor, dock, other …"],
    maker: Annotated[str, "who made it, such as Dell"] = "",
    model: Annotated[str, "such as Latitude 5440"] = "",
    serial: Annotated[str, "serial number, as printed on it"] = "",
    hostname: Annotated[str, "name on the network, without a domain"] = "",
    macs: Annotated[str, "hardware addresses, blanks between them"] = "",
    site: Annotated[str, "where, such as Leith"] = "",
    location: Annotated[str, "where there, such as Cupboard 2"] = "",
    department: Annotated[str, "whose money"] = "",
    data_class: Annotated[str, "public, internal, confidential or secret: the worst it may hold"] = "",
    supplier: Annotated[str, "who sold it"] = "",
    purchased: Annotated[date | None, "day of purchase as YYYY-MM-DD"] = None,
    cost: Annotated[str, "what it cost, such as 1299.00"] = "",
    currency: Annotated[str, "three letters, such as EUR"] = "",
    warranty_until: Annotated[date | None, "last day of the warranty as YYYY-MM-DD"] = None,
    state: Annotated[str, "planned, ordered, received or in_stock"] = "in_stock",
    also: Annotated[Pairs, "other fields, such as invoice=R-17,life_months=48"] = (),
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Enter one asset; one that is there already is left as it is if it says the same, else corrected.

    A serial number or UUID belongs to one asset in use only. Many at once: ops asset import FILE.
    """
    others = typed("asset", also)
    not_by_hand(others)
    given = {
        "kind": kind,
        "maker": maker,
        "model": model,
        "serial": serial,
        "hostname": hostname,
        "macs": macs,
        "site": site,
        "location": location,
        "department": department,
        "data_class": data_class,
        "supplier": supplier,
        "purchased": day_text(purchased),
        "cost": parse_amount(cost),
        "currency": currency,
        "warranty_until": day_text(warranty_until),
        **others,
    }
    ref = f"asset:{tag}"
    known = register.read(ref)
    if known is None:
        yield entered(ref, {"state": state, **given}, why)
    elif state not in ("in_stock", known["state"]):
        raise Refused(
            f"{tag} is there already, and is {known['state'].replace('_', ' ')}", hint=f"ops asset show {tag}"
        )
    else:
        yield from altered(ref, known, why, **{name: text for name, text in given.items() if text})
