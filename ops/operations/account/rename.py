"""Rename a person, as after a marriage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader, Place, attribute_changes
from ops.adapters.directory_entry import Values, refuse_long
from ops.adapters.directory_guards import Free, Ordinary
from ops.adapters.directory_names import child, parent
from ops.adapters.handover import HandoverReader
from ops.change import Part
from ops.errors import NotFound, Refused
from ops.naming import common_name, display_name, validate_logon_name
from ops.operation import operation


@operation
def rename(
    directory: DirectoryReader,
    handover: HandoverReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    given: Annotated[str, "new first name; as it is if empty"] = "",
    family: Annotated[str, "new family name; as it is if empty"] = "",
    logon: Annotated[str, "new logon name; as it is if empty"] = "",
    mail: Annotated[str, "new mail address; as it is if empty"] = "",
) -> Iterator[Part]:
    """Change a person's names: display name and directory name follow, the identity and groups stay.

    A new logon name changes the sign-in name too; tell the person before the next sign-in.
    """
    renamed = logon and not directory.find("sAMAccountName", account)
    user = directory.account(logon if renamed else account)
    given, family = given or user.first("givenName"), family or user.first("sn")
    if logon:
        validate_logon_name(logon)
    logon = logon or user.logon_name
    wanted: dict[str, Values] = {
        "givenName": (given,),
        "sn": (family,) if family else (),
        "displayName": (display_name(given, family),),
    }
    if mail:
        wanted["mail"] = (mail,)
    if logon != user.logon_name:
        suffix = user.first("userPrincipalName").partition("@")[2] or directory.domain.name
        wanted |= {"sAMAccountName": (logon,), "userPrincipalName": (f"{logon}@{suffix}",)}
    refuse_long({name: "".join(values) for name, values in wanted.items()})
    changes = attribute_changes(user, wanted)
    dn = child(common_name(given, family, logon), parent(user.dn))
    if not changes and dn == user.dn:
        return
    if renamed:  # all is done already, or the old name was a typing error and this is somebody else
        raise NotFound(f"there is no account {account}", hint=f"{logon} is {user.name}; name the account as it is now")
    if logon != user.logon_name and handover.waiting(user.logon_name):
        hint = f"ops handover done {user.logon_name}"
        raise Refused(f"a sheet with the old name of {account} is waiting to be handed over", hint=hint)
    yield Ordinary(user.ref)
    if mail:
        yield Free(user.ref, "mail", mail)
    if dn != user.dn:
        yield Place(user.ref, user.dn, dn)
    yield from changes
