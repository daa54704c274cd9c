"""Destroy a sheet that nobody fetched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.handover import LETTERS, HandoverReader, Letter, Withdrawal
from ops.change import Part
from ops.operation import operation


@operation
def withdraw(
    handover: HandoverReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Part]:
    """Destroy the sheet with somebody's password, and the letters beside it.

    They left before they fetched it, or may not have it any more.
    """
    user = directory.account(account)
    if handover.waiting(user.logon_name):
        yield Withdrawal(user.logon_name, True, False, user.name)
    for kind in LETTERS:
        name = f"{user.logon_name}/{kind}"
        if text := handover.letter(name):
            yield Letter(name, text, None, f"{user.name} ({user.logon_name})")
