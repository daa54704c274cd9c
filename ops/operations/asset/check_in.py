"""Take an asset back into stock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing
from ops.adapters.register_words import FREED, file_sha256
from ops.change import Part
from ops.operation import operation

GONE = ("retired", "sanitised")
UNWIPED = dict.fromkeys(
    ("method", "technique", "tool", "verification", "operator", "verifier", "sanitised_on", "destination"), ""
)


@operation
def check_in(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    location: Annotated[str, "where it is put; where it was before if left out"] = "",
    condition: Annotated[str, "new, good, worn or broken"] = "",
    signature: Annotated[str, "file with the signature at return; its SHA-256 is kept"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Take an asset back: from somebody, from a loan, from repair, or when it was found again."""
    known = thing(register, "asset", tag)
    if known["state"] == "in_stock" and not (location or condition):
        return
    new = {**FREED} | {"state": "in_stock", "repair_with": "", "location": location or known.get("location", "")}
    new |= {"condition": condition} if condition else {}
    new |= {"return_signature": file_sha256(signature)} if signature else {}
    yield from altered(f"asset:{tag}", known, why, **new)
    for ref, medium in register.find("medium", asset=tag).items() if known["state"] in GONE else ():
        yield from altered(ref, medium, why, **UNWIPED)
