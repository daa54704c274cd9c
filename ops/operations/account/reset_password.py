"""Reset a forgotten password."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader, Password, attribute_changes
from ops.adapters.directory_guards import Ordinary
from ops.adapters.handover import Delivery, HandoverReader
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation
from ops.secret import GENERATED, Slot


@operation
def reset_password(
    directory: DirectoryReader,
    handover: HandoverReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    password: Annotated[Slot, "where it comes from: generated, prompt, stdin or file:PATH"] = GENERATED,
    unlock: Annotated[bool, "clear a lockout too"] = True,
) -> Iterator[Part]:
    """Give an account a new password; its owner must change it at the next sign-in.

    Make sure first that you speak with the owner. The password waits on a private sheet: ops handover show.
    While that sheet waits, a second reset does nothing, so that nobody is given a password that no longer works:
    ops handover done LOGON comes first.
    """
    user = directory.account(account)
    if not user.enabled:
        raise Refused(f"{account} is disabled", hint="disabling is somebody's decision; ask its manager first")
    if handover.waiting(user.logon_name):
        if user.must_change_password:
            return
        raise Refused(f"an older sheet of {account} is still waiting", hint=f"ops handover done {account}")
    yield Ordinary(user.ref)
    if unlock and user.locked:
        yield from attribute_changes(user, {"lockoutTime": ("0",)})
    yield Password(user.ref, user.get("pwdLastSet"), password)
    yield Delivery(user.logon_name, False, True, user.name, user.first("userPrincipalName"), password)
