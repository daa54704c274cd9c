"""Make every password of an account worthless."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader, Scramble
from ops.adapters.directory_entry import NO_HOURS
from ops.adapters.directory_guards import Ordinary
from ops.adapters.directory_names import inside
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation
from ops.secret import GENERATED


@operation
def scramble_password(
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    again: Annotated[bool, "also for an account that was closed before"] = False,
) -> Iterator[Part]:
    """Set two random passwords in a row that nobody is told: after one, servers may take the old one for an hour.

    Only for a disabled account. Where it may sign in at no hour, or is among the leavers, it has been done already.
    The directory's own count of writes goes up by two, which shows both without anybody knowing a password.
    """
    user = directory.account(account)
    closed = user.get("logonHours") == NO_HOURS or inside(user.dn, directory.domain.places.get("leavers", ""))
    if closed and not user.enabled and not again:
        return
    if user.enabled:
        raise Refused(
            f"{account} is enabled; its owner would be shut out", hint=f"first: ops account disable {account}"
        )
    yield Ordinary(user.ref, residue=True)
    yield Scramble(user.ref, user.get("pwdLastSet"), GENERATED, directory.password_writes(user.ref))
