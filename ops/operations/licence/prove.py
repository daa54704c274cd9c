"""Keep the proof of a licence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing
from ops.adapters.register_words import file_sha256
from ops.change import Part
from ops.operation import operation


@operation
def prove(
    register: RegisterReader,
    key: Annotated[str, "short name of the licence, such as m365-2026"],
    proof: Annotated[str, "the invoice or contract as a file; its SHA-256 is kept"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Keep the SHA-256 of the document that proves a licence: from then on it counts."""
    known = thing(register, "entitlement", key)
    yield from altered(f"entitlement:{key}", known, why, proof=file_sha256(proof))
