"""Write down what a leaver has, before anything is taken away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.leavers import Leaver, LeaversReader
from ops.change import Part
from ops.operation import operation


@operation
def record(
    leavers: LeaversReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Keep a private page of somebody's account, groups and manager: for handing over, for rehiring, and so that
    nobody else ever gets the same names. What is there already is kept as it is.
    """
    user = directory.account(account)
    if leavers.page(user.logon_name):
        return
    groups = ((ref, directory.get(ref)) for ref in sorted(user.groups))
    page = {
        "logon": user.logon_name,
        "name": user.name,
        "employee": user.first("employeeID"),
        "mail": user.first("mail"),
        "sign_in": user.first("userPrincipalName"),
        "uid": user.first("uidNumber"),
        "ref": user.ref,
        "dn": user.dn,
        "left": datetime.now(UTC).date().isoformat(),
        "why": why,
        "groups": {ref: group.logon_name for ref, group in groups if group},
        "attributes": dict(user.attributes),
    }
    yield Leaver(user.logon_name, None, page, f"{user.name} ({user.logon_name})")
