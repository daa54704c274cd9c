"""Unlock an account after too many wrong passwords."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader, attribute_changes
from ops.adapters.directory_guards import Ordinary
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation


@operation
def unlock(
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Part]:
    """Clear an account's lockout, so that its owner can sign in again.

    The password stays as it is. Ask what caused the lockout: a phone with an old password locks it again in
    minutes. A disabled account is refused: disabling is somebody's decision, a lockout is not.
    """
    user = directory.account(account)
    if not user.enabled:
        raise Refused(f"{account} is disabled, not locked", hint=f"ask its manager, then: ops account enable {account}")
    if user.locked:
        yield Ordinary(user.ref)
        yield from attribute_changes(user, {"lockoutTime": ("0",)})
