"""Clear what a former administrator or service leaves on an account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader, attribute_changes
from ops.adapters.directory_entry import DELEGATION, Values
from ops.adapters.directory_guards import Ordinary
from ops.change import Part
from ops.operation import operation

CLEARED = ("adminCount", "servicePrincipalName", "msDS-AllowedToDelegateTo", "altSecurityIdentities")


@operation
def clear_residue(
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Part]:
    """Clear the mark of an administrator, service names, delegation and certificate mappings of a leaver.

    Most accounts have none. Where one has, this may need more rights than onboarding has: then it is said.
    """
    user = directory.account(account)
    wanted: dict[str, Values] = {name: () for name in CLEARED if user.get(name)}
    if user.control & DELEGATION:
        wanted["userAccountControl"] = (str(user.control & ~DELEGATION),)
    if wanted:
        yield Ordinary(user.ref, residue=True)
        yield from attribute_changes(user, wanted)
