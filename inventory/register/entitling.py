"""Licences of the register as the rules of ``inventory.licence`` know them: texts become lines, seats, approvals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from inventory.licence.model import Allocation, Entitlement, OverAllocation, Product
from inventory.licence.recognition import Catalogue
from inventory.register.fields import Fields, stored
from ops.errors import InvalidRequest

OWN = "inventory/software.yaml"  # of a workspace: its own products and rules, over the shipped ones


def catalogue(folder: Path | None) -> Catalogue:
    """The shipped products and rules, with those of a workspace over them."""
    path = folder / OWN if folder else None
    if path is None or not path.is_file():
        return _shipped()
    return _own(path, path.stat().st_mtime_ns)


@cache
def _shipped() -> Catalogue:
    from inventory.licence.recognition_file import shipped

    return shipped()


@cache
def _own(path: Path, _: int) -> Catalogue:
    from inventory.licence.recognition_file import merged, read

    return merged(_shipped(), read(path.read_text(encoding="utf-8"), str(path)))


def entitlement_of(key: str, fields: Fields, products: Mapping[str, Product]) -> Entitlement:
    """A line of an order from its fields; raise ``InvalidRequest`` for what makes no sense."""
    product = products.get(fields.get("product", ""))
    if product is None:
        from difflib import get_close_matches

        near = get_close_matches(fields.get("product", ""), products, 1)
        hint = f"did you mean {near[0]}?" if near else f"ops licence products lists them; your own go to {OWN}"
        raise InvalidRequest(f"{key}: there is no product {fields.get('product', '')}", hint=hint)
    highest = fields.get("max_release", "")
    rank = product.rank_of(highest) if highest else None
    if highest and rank is None:
        known = ", ".join(release.version for release in product.releases) or "none"
        raise InvalidRequest(f"{key}: {product.id} has no release {highest}", hint=f"there are: {known}")
    currency = fields.get("currency", "")
    return Entitlement(
        key,
        product.id,
        fields.get("metric", product.metric),
        int(fields.get("quantity", "0")),
        _day(fields, "starts") or date.min,
        int(fields.get("pack_size", "1")),
        _day(fields, "ends"),
        _params(key, fields.get("metric_params", "")),
        _day(fields, "maintenance_until"),
        rank,
        fields.get("downgrade", "none"),
        fields.get("second_use") == "yes",
        fields.get("scope", "org"),
        int(stored("entitlement", "unit_cost", fields.get("unit_cost", "0"), currency)),
        currency,
        int(fields.get("term_months", "0")),
        fields.get("auto_renew") == "yes",
        int(fields.get("notice_days", "0")),
        fields.get("order", ""),
        fields.get("invoice", ""),
        fields.get("proof", ""),
        fields.get("state", "active"),
    )


def _params(key: str, text: str) -> dict[str, str]:
    found = dict(part.split("=", 1) for part in text.split() if "=" in part)
    if text and len(found) != len(text.split()):
        raise InvalidRequest(f"{key}: {text!r} are no parameters", hint="such as 'min_cpu=8 min_host=16 pack=2'")
    return found


def _day(fields: Fields, name: str) -> date | None:
    return date.fromisoformat(fields[name]) if fields.get(name) else None


def seat_of(fields: Fields) -> Allocation:
    """Seats of one holder."""
    since = _day(fields, "since") or date.min
    quantity, until = int(fields.get("quantity", "1")), _day(fields, "until")
    return Allocation(fields["entitlement"], fields["holder"], since, quantity, until, fields.get("why", ""))


def over_of(fields: Fields) -> OverAllocation | None:
    """The approval that a seat was given out with, though none was left."""
    if not fields.get("approved_by"):
        return None
    until = _day(fields, "over_until")
    if until is None:
        raise InvalidRequest("an approval to give out more ends on a day", hint="give --over-until 2026-12-31")
    return OverAllocation(fields["entitlement"], int(fields.get("over", "1")), fields["approved_by"], until)
