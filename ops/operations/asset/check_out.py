"""Give an asset to somebody, or to a place, for good."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader
from ops.adapters.register_words import given_out
from ops.change import Part
from ops.operation import operation


@operation
def check_out(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    to: Annotated[str, "logon name of who gets it; or location:Room 12, or asset:SRV-1"],
    terms: Annotated[str, "file with the terms that were accepted; its SHA-256 is kept"] = "",
    signature: Annotated[str, "file with the signature under them; its SHA-256 is kept"] = "",
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Give an asset to a person, a place or another asset, until it is checked in again.

    For a time only: ops asset lend. The terms can be accepted later: ops asset accept.
    """
    yield from given_out(register, tag, to, why, terms=terms, signature=signature)
