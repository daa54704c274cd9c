"""Dispose of an asset."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing, today
from ops.adapters.register_words import day_text, file_sha256
from ops.change import Part
from ops.errors import InvalidRequest
from ops.operation import operation
from ops.params import parse_amount


@operation
def dispose(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    how: Annotated[str, "sold, recycled, donated, returned or destroyed"],
    requested_by: Annotated[str, "who asked for it"],
    approved_by: Annotated[str, "who agreed: somebody else"],
    recycler: Annotated[str, "who took it"] = "",
    certificate: Annotated[str, "number of the certificate"] = "",
    certificate_file: Annotated[str, "the certificate itself; its SHA-256 is kept"] = "",
    proceeds: Annotated[str, "what came in for it, such as 40.00"] = "",
    day: Annotated[date | None, "day it left as YYYY-MM-DD; today if left out"] = None,
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Write down that a retired asset has left for good. There is no way back; its history stays.

    Two people are needed, and every medium inside must be sanitised as its class of data asks.
    """
    known = thing(register, "asset", tag)
    if known["state"] == "disposed":
        return
    if day_text(day) > today():
        raise InvalidRequest(f"{day} is still to come", hint="write down what has happened")
    digest = file_sha256(certificate_file) if certificate_file else ""
    yield from altered(
        f"asset:{tag}",
        known,
        why,
        state="disposed",
        disposal=how,
        requested_by=requested_by,
        approved_by=approved_by,
        recycler=recycler,
        certificate=certificate,
        certificate_sha256=digest,
        proceeds=parse_amount(proceeds),
        disposed_on=day_text(day) or today(),
    )
