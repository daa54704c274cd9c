"""Close a stock-take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

from inventory.register.stocktake import COUNTED, RESULTS, Line, codes, fingerprint, result
from ops.adapters.register import Entry, RegisterReader, altered, thing, today
from ops.adapters.register_words import FREED
from ops.change import Part
from ops.operation import operation


@operation
def close(
    register: RegisterReader,
    key: Annotated[str, "name of the stock-take, such as leith-2026"],
    mark_missing: Annotated[bool, "report what was not found as missing"] = False,
    relocate: Annotated[bool, "write what was found elsewhere to where it was found"] = False,
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Count what was found, missing, misplaced, unexpected and read twice; a closed stock-take stays as it is.

    With --mark-missing and --relocate the register is put right in the same step. What a person has is never taken
    from them: it is listed as missing, and they are asked.
    """
    known = thing(register, "stocktake", key)
    if known.get("closed"):
        return  # what was found then may be elsewhere by now
    count = register.counted(key)
    assets = register.find("asset")
    lines = result(count, codes((ref.partition(":")[2], fields) for ref, fields in assets.items()))
    numbers = Counter(line.result for line in lines)
    new = {word: str(numbers[word]) for word in RESULTS}
    after = {**known, **new, "closed": today(), "result": fingerprint(count.scans)}
    yield Entry(f"stocktake:{key}", known, after, why)
    for line in lines:
        if mark_missing and line.result == "missing":
            yield from _missing(register, line, f"not found in {key}")
        elif relocate and line.result == "misplaced":
            yield from _moved(register, line, f"found there in {key}")


def _missing(register: RegisterReader, line: Line, why: str) -> Iterator[Part]:
    fields = thing(register, "asset", line.asset)
    if fields["state"] in COUNTED and not fields.get("holder", "").startswith("person:"):
        yield from altered(f"asset:{line.asset}", fields, why, **{**FREED, "state": "missing"})


def _moved(register: RegisterReader, line: Line, why: str) -> Iterator[Part]:
    fields = thing(register, "asset", line.asset)
    site, slash, location = line.was.rpartition(" / ")
    new = {"location": location} | ({"site": site} if slash else {})
    yield from altered(f"asset:{line.asset}", fields, why, **new)
