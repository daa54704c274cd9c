"""Give a leaver's account its time and its place in the company back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader, attribute_changes
from ops.adapters.directory_entry import NO_HOURS, Values, end_of, refuse_long
from ops.adapters.directory_entry import last_day as last_day_of
from ops.adapters.directory_guards import Ordinary
from ops.adapters.directory_names import inside
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation
from ops.params import parse_date


@operation
def reopen(
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    last_day: Annotated[str, "last day of work as YYYY-MM-DD, or never"] = "never",
    manager: Annotated[str, "logon name of the manager now; as it was if empty"] = "",
    department: Annotated[str, "department now; as it was if empty"] = "",
    title: Annotated[str, "job title now; as it was if empty"] = "",
    why: Annotated[str, "ticket and reason, for the description"] = "",
) -> Iterator[Part]:
    """Lift the expiry and the closed hours, and say who the manager is now. The account stays disabled.

    An account that is enabled and may sign in is left as it is; one among the leavers must be relocated first.
    """
    user = directory.account(account)
    day = parse_date(last_day)
    wanted: dict[str, Values] = {"logonHours": ()} if user.get("logonHours") == NO_HOURS else {}
    if user.enabled and not wanted:
        return
    if inside(user.dn, directory.domain.places.get("leavers", "")):
        raise Refused(f"{account} is among the leavers", hint=f"first: ops account relocate {account} staff")
    said = {"department": department, "title": title, "description": why}
    refuse_long(said)
    wanted |= {name: (text,) for name, text in said.items() if text}
    if manager:
        wanted["manager"] = (directory.account(manager).dn,)
    if last_day_of(user.get("accountExpires")) != day:
        wanted["accountExpires"] = end_of(day)
    if user.first("description").startswith("left ") and not why:
        wanted["description"] = ()
    if changes := attribute_changes(user, wanted):
        yield Ordinary(user.ref)
        yield from changes
