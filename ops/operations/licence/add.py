"""Enter a licence that was bought."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, entered
from ops.adapters.register_words import day_text, file_sha256, typed
from ops.change import Part
from ops.operation import operation
from ops.params import Pairs, parse_amount


@operation
def add(
    register: RegisterReader,
    key: Annotated[str, "short name of the licence, such as m365-2026"],
    product: Annotated[str, "what it is for, such as microsoft.365-apps; ops licence products lists them"],
    metric: Annotated[str, "device, named-user, concurrent, core, cal, instance, site or enterprise"],
    quantity: Annotated[str, "how many packs were bought"],
    starts: Annotated[date | None, "first day as YYYY-MM-DD"],
    ends: Annotated[date | None, "first day without it as YYYY-MM-DD; never if left out"] = None,
    pack_size: Annotated[str, "seats, or cores, in a pack"] = "1",
    proof: Annotated[str, "the invoice or contract as a file; its SHA-256 is kept, and without it nothing counts"] = "",
    unit_cost: Annotated[str, "price of a pack, such as 126.00"] = "",
    currency: Annotated[str, "three letters, such as EUR"] = "",
    term_months: Annotated[str, "months that the price is for; once if left out"] = "",
    notice_days: Annotated[str, "days before the end by which notice has to be given"] = "",
    auto_renew: Annotated[bool, "it goes on by itself unless notice is given"] = False,
    max_release: Annotated[str, "newest release it is good for, such as 2021; any if left out"] = "",
    maintenance_until: Annotated[date | None, "newer releases until that day are included"] = None,
    downgrade: Annotated[str, "none, n-1 or any: whether older releases may be used"] = "none",
    scope: Annotated[str, "org, or site: and its name"] = "org",
    invoice: Annotated[str, "number of the invoice"] = "",
    also: Annotated[Pairs, "other fields, such as order=PO-7,owner=it,metric_params=min_cpu=8 pack=2"] = (),
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Enter one line of an order; the same again corrects it. Without --proof it stands apart and does not count.

    What it must cover is counted from collected inventories: ops licence position.
    """
    given = {
        "product": product,
        "metric": metric,
        "quantity": quantity,
        "starts": day_text(starts),
        "ends": day_text(ends),
        "pack_size": pack_size,
        "proof": file_sha256(proof) if proof else "",
        "unit_cost": parse_amount(unit_cost),
        "currency": currency,
        "term_months": term_months,
        "notice_days": notice_days,
        "max_release": max_release,
        "auto_renew": "yes" if auto_renew else "",
        "maintenance_until": day_text(maintenance_until),
        "downgrade": downgrade,
        "scope": scope,
        "invoice": invoice,
        "state": "active",
        **typed("entitlement", also),
    }
    ref = f"entitlement:{key}"
    known = register.read(ref)
    if known is None:
        yield entered(ref, given, why)
    else:
        yield from altered(ref, known, why, **{name: text for name, text in given.items() if text})
