"""Create a person's account, disabled and without a password."""

from __future__ import annotations

from collections.abc import Iterator
from secrets import token_hex
from typing import Annotated

from ops.adapters.directory import Account, DirectoryReader, place_named
from ops.adapters.directory_entry import end_of, refuse_long
from ops.adapters.directory_guards import Free
from ops.adapters.directory_names import child, inside
from ops.change import Part
from ops.errors import InvalidRequest, Refused
from ops.naming import common_name, display_name, validate_logon_name
from ops.operation import operation
from ops.params import parse_date


@operation
def create(
    directory: DirectoryReader,
    logon: Annotated[str, "logon name, such as amy.ng"],
    given: Annotated[str, "first name"],
    family: Annotated[str, "family name; empty for people with one name"],
    employee: Annotated[str, "number of the person in the HR system"],
    mail: Annotated[str, "mail address"] = "",
    department: Annotated[str, "department"] = "",
    title: Annotated[str, "job title"] = "",
    manager: Annotated[str, "logon name of the manager"] = "",
    middle: Annotated[str, "middle name; its first letter goes into the address book"] = "",
    last_day: Annotated[str, "last day of work as YYYY-MM-DD, or never"] = "never",
    place: Annotated[str, "staff, another place of the inventory, or a DN; staff if empty"] = "",
    uid: Annotated[str, "number for Linux, of the user and of a group of the same name; empty for none"] = "",
    why: Annotated[str, "ticket and reason, for the description"] = "",
) -> Iterator[Part]:
    """Create a person's account, disabled and without a password, so that nobody can sign in to a half-built one.

    A logon name that exists already must belong to the same person, by employee number; then nothing is done.
    Somebody who left and comes back keeps the old account: ops account relocate LOGON staff, then enable it.
    """
    validate_logon_name(logon)
    for entry in directory.find("sAMAccountName", logon):
        if not employee or entry.first("employeeID") != employee:
            raise Refused(f"{logon} belongs to {entry.name}", hint="choose another name with --logon")
        if inside(entry.dn, directory.domain.places.get("leavers", "")):
            raise Refused(
                f"{entry.name} left, and {logon} is among the leavers",
                hint=f"somebody who comes back: ops account relocate {logon} staff",
            )
        return
    where = place_named(directory, place or "staff")
    dn = child(common_name(given, family, logon), where)
    values = {
        "sAMAccountName": logon,
        "userPrincipalName": f"{logon}@{directory.domain.name}",
        "givenName": given,
        "sn": family,
        "displayName": display_name(given, family),
        "employeeID": employee,
        "mail": mail,
        "department": department,
        "title": title,
        "manager": directory.account(manager).dn if manager else "",
        "accountExpires": end_of(day)[0] if (day := parse_date(last_day)) else "",
        "initials": middle[:1].upper(),
        "description": why,
        **_for_linux(logon, uid),
        "userAccountControl": "514",
        "adminDescription": f"ops {token_hex(8)}",  # ours, should the answer get lost: nobody else writes this
    }
    refuse_long(values)
    for attribute, value in (("mail", mail), ("uidNumber", uid)):
        if value:
            yield Free(f"new:{dn}", attribute, value)
    attributes = {name: (value,) for name, value in values.items() if value}
    yield Account(f"new:{dn}", None, attributes, dn, directory.domain.places.get("leavers", ""))


def _for_linux(logon: str, uid: str) -> dict[str, str]:
    """The attributes of RFC 2307 that a Linux host looks for."""
    if not uid:
        return {}
    if not uid.isdecimal():
        raise InvalidRequest(f"{uid!r} is not a number for Linux", hint="leave it out, and one is chosen")
    home = f"/home/{logon.lower()}"
    return {"uidNumber": uid, "gidNumber": uid, "unixHomeDirectory": home, "loginShell": "/bin/bash"}
