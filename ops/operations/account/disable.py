"""Disable an account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader, attribute_changes
from ops.adapters.directory_entry import DISABLED, LONGEST, Values
from ops.adapters.directory_guards import Ordinary
from ops.change import Part
from ops.operation import operation


@operation
def disable(
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    leaver: Annotated[bool, "somebody who leaves: an old mark of an administrator or service protects no more"] = False,
    why: Annotated[str, "ticket and reason, added to the description"] = "",
) -> Iterator[Part]:
    """Stop every new sign-in of an account. Sessions that are open already stay open.

    For somebody who leaves this is only the first step of many.
    """
    user = directory.account(account)
    if user.enabled:
        yield Ordinary(user.ref, residue=leaver)
        wanted: dict[str, Values] = {"userAccountControl": (str(user.control | DISABLED),)}
        if why:
            said = (user.first("description"), f"disabled: {why}")
            wanted["description"] = ("; ".join(filter(None, said))[: LONGEST["description"]],)
        yield from attribute_changes(user, wanted)
