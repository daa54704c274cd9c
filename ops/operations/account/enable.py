"""Enable an account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader, attribute_changes
from ops.adapters.directory_entry import DISABLED, PASSWD_NOTREQD
from ops.adapters.directory_guards import Ordinary
from ops.adapters.directory_names import inside
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation


@operation
def enable(
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Part]:
    """Let the owner of a disabled account sign in.

    Refused for leavers, and for an account that would work without a password.
    """
    user = directory.account(account)
    if user.enabled:
        return
    if inside(user.dn, directory.domain.places.get("leavers", "")):
        raise Refused(f"{account} is among the leavers", hint="somebody who returns is a rehire, not an enable")
    if user.control & PASSWD_NOTREQD:
        raise Refused(f"{account} may have an empty password (PASSWD_NOTREQD)", hint="have that flag removed first")
    yield Ordinary(user.ref)
    yield from attribute_changes(user, {"userAccountControl": (str(user.control & ~DISABLED),)})
