"""Give a new account its first password, to be handed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader, Password
from ops.adapters.directory_guards import Ordinary
from ops.adapters.handover import Delivery, HandoverReader
from ops.change import Part
from ops.operation import operation
from ops.secret import GENERATED, Slot


@operation
def first_password(
    directory: DirectoryReader,
    handover: HandoverReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    password: Annotated[Slot, "where it comes from: generated, prompt, stdin or file:PATH"] = GENERATED,
    again: Annotated[bool, "also for somebody who comes back and had a password before"] = False,
) -> Iterator[Part]:
    """Set the password of an account that was never enabled; its owner must change it at the first sign-in.

    An account that is enabled is left as it is; one that has a password already too, but for --again.
    """
    user = directory.account(account)
    if user.enabled or not (again or user.must_change_password):
        return
    if not handover.waiting(user.logon_name):
        yield Ordinary(user.ref)
        yield Password(user.ref, user.get("pwdLastSet"), password)
        yield Delivery(user.logon_name, False, True, user.name, user.first("userPrincipalName"), password)
