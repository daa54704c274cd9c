"""Put a leaver's account away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from ops.adapters.directory import DirectoryReader, Place, attribute_changes, place_named
from ops.adapters.directory_entry import LONGEST
from ops.adapters.directory_guards import Ordinary
from ops.adapters.directory_names import parent, split
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation


@operation
def retire(
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    why: Annotated[str, "ticket and reason, for the description"] = "",
) -> Iterator[Part]:
    """Say in the description when and why somebody left, and move the account among the leavers; it is never deleted.

    Its names stay taken, so nobody else gets a leaver's mail or files.
    """
    user = directory.account(account)
    where = place_named(directory, "leavers")
    if parent(user.dn).lower() == where.lower():
        return
    if user.enabled:
        raise Refused(f"{account} is enabled", hint=f"first: ops account disable {account}")
    yield Ordinary(user.ref, residue=True)
    day = datetime.now(UTC).date()
    said = ": ".join(filter(None, (f"left {day}", why)))[: LONGEST["description"]]
    yield from attribute_changes(user, {"description": (said,)})
    yield Place(user.ref, user.dn, f"{split(user.dn)[0]},{where}")
