"""Taking a list of licences into the register: every row is matched, checked by the same rules, and told."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from inventory.licence.model import Product
from inventory.register.entitling import OWN
from inventory.register.fields import KEY, Fields, normal
from inventory.register.importing import Outcome, Report, Wanted
from inventory.register.rules import Things, check
from inventory.taking_in.headers import plain
from inventory.taking_in.licences import LICENCES, open_licences
from inventory.taking_in.mapping import Wishes, wishes_from
from inventory.taking_in.rows import Mistake, Options, Taken
from ops import regular_file
from ops.errors import InvalidRequest, OpsError

NEW = {"pack_size": "1", "downgrade": "none", "scope": "org", "state": "active"}  # of a line that says nothing of it
LARGEST = 50 << 20  # bytes of a proof
SHA256 = re.compile(r"[0-9a-f]{64}")


class Line(NamedTuple):
    """What a row makes of its licence; ``before`` is None for a new one."""

    ref: str
    before: Fields | None
    after: Fields


def lines_in(things: Things, wanted: Wanted, cost: str = "") -> tuple[Report, list[Line]]:
    """What a list would do: an outcome for each row, and the lines that are new or change.

    ``cost`` is ``unit`` or ``total`` for a price of which the column does not say which it is. Raise
    ``InvalidRequest`` for a file that cannot be read in one way.
    """
    wishes = wishes_from(Path(wanted.mapping), LICENCES) if wanted.mapping else Wishes()
    said = {name: value for name in ("dates", "decimals", "currency") if (value := getattr(wanted, name))}
    options = Options(wanted.encoding, wanted.delimiter, wanted.sheet)
    table = open_licences(Path(wanted.file).expanduser(), options, replace(wishes, **said), cost)
    report, lines, first = Report(table.said), list[Line](), dict[str, int]()
    for row in table.rows:
        if isinstance(row, Mistake):
            report.outcomes.append(Outcome(row.number, "", "refused", "", _without_line(row)))
            continue
        outcome, line = _decided(things, row, table.path.parent, first)
        report.outcomes.append(outcome)
        lines += [line] if line else []
    return report, lines


def _without_line(row: Mistake) -> str:
    return str(replace(row, number=0, file="")).lstrip(": ")


def _decided(things: Things, row: Taken, folder: Path, first: dict[str, int]) -> tuple[Outcome, Line | None]:
    key, by = row.fields.get("key", ""), "key"
    try:
        given = _given(row, things.products, folder)
        if not key:
            key, by = _key(things, given)
        ref = f"entitlement:{key}"
        if first.setdefault(key.casefold(), row.number) != row.number:
            raise InvalidRequest(f"the same licence stands in row {first[key.casefold()]}", hint="give each a key")
        before = things.read(ref)
        after = normal("entitlement", {**(before or _start(given, things.products)), **given})
        if after == before:
            return Outcome(row.number, key, "same", by), None
        check(things, ref, before, after)
    except OpsError as error:
        why = f"{error} ({error.hint})" if error.hint else str(error)
        return Outcome(row.number, key, "refused", "", why), None
    told = [*row.notices, *([] if after.get("proof") else ["no proof, so it does not count yet"])]
    outcome = Outcome(row.number, key, "changed" if before else "new", by if before else "", "; ".join(told))
    return outcome, Line(ref, before, after)


def _given(row: Taken, products: Mapping[str, Product], folder: Path) -> dict[str, str]:
    """The cells that are filled, the product by its id, the proof by its digest."""
    given = {name: text for name, text in row.fields.items() if text and name != "key"}
    if product := given.get("product"):
        given["product"] = product_of(product, products)
    if proof := given.get("proof"):
        given["proof"] = _digest(proof, folder)
    return given


def _start(given: Mapping[str, str], products: Mapping[str, Product]) -> dict[str, str]:
    product = products.get(given.get("product", ""))
    return {**NEW, **({"metric": product.metric} if product else {})}


def _key(things: Things, given: Mapping[str, str]) -> tuple[str, str]:
    """The key of a row that names none: that of the line with its product, start and invoice, or one made of them."""
    parts = [given.get(name, "") for name in ("product", "starts", "invoice")]
    if not all(parts[:2]):
        raise InvalidRequest("it has no key, and not both product and start", hint="give it a key")
    if parts[2]:
        known = things.find("entitlement", **dict(zip(("product", "starts", "invoice"), parts, strict=True)))
        if len(known) == 1:
            return next(iter(known)).partition(":")[2], "product, start and invoice"
    key = "/".join(filter(None, parts))
    if not KEY.fullmatch(key):
        raise InvalidRequest("it has no key, and its invoice cannot be part of one", hint="give it a key")
    return key, "key"


def product_of(text: str, products: Mapping[str, Product]) -> str:
    """The id of a product by id or by name, with publisher and edition or without. Raise ``InvalidRequest`` if none,
    or more than one, is called so.
    """
    wanted = plain(text)
    found = [id_ for id_, product in products.items() if wanted == plain(id_) or wanted in _names(product)]
    if len(found) == 1:
        return found[0]
    if text in products:
        return text
    if found:
        raise InvalidRequest(f"{text!r} can be {', '.join(found)}", hint="write the product's id")
    names = {name: id_ for id_, product in products.items() for name in (plain(id_), *_names(product))}
    near = get_close_matches(wanted, names, 1, 0.75)
    hint = f"did you mean {names[near[0]]}?" if near else f"ops licence products lists them; your own go to {OWN}"
    raise InvalidRequest(f"there is no product {text!r}", hint=hint)


def _names(product: Product) -> Iterator[str]:
    for name in (product.name, f"{product.name} {product.edition}"):
        yield plain(name)
        yield plain(f"{product.publisher} {name}")


def _digest(proof: str, folder: Path) -> str:
    """SHA-256 of a proof, whose path is told from where the list lies; a digest is one already."""
    if SHA256.fullmatch(proof.lower()):
        return proof.lower()
    path = folder / Path(proof).expanduser()
    try:
        return hashlib.sha256(regular_file.content(path, LARGEST)).hexdigest()
    except InvalidRequest as error:
        hint = "put it beside the list, or leave the cell empty"
        raise InvalidRequest(f"the proof {proof!r} {str(error).removeprefix(f'{path} ')}", hint=hint) from error
