"""Somebody accepts the terms for an asset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing
from ops.adapters.register_words import accepted
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation


@operation
def accept(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    terms: Annotated[str, "file with the terms; its SHA-256 says which version"],
    signature: Annotated[str, "file with the signature under them; its SHA-256 is kept"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Write down that whoever has an asset accepted the terms, and which version of them."""
    known = thing(register, "asset", tag)
    if not known.get("holder"):
        raise Refused(f"nobody has {tag}, so nobody can accept anything for it", hint=f"ops asset check-out {tag} WHO")
    yield from altered(f"asset:{tag}", known, why, **accepted(known, terms, signature))
