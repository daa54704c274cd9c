"""Give somebody a login on a Linux host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.directory_entry import Entry
from ops.adapters.host import Folder, HostReader, Keys, Login, public_key
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation


@operation
def add_user(
    host: HostReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
    key: Annotated[str, "public SSH key, the one line of a .pub file"] = "",
    by_role: Annotated[bool, "only if the host is for a group the person is in"] = False,
) -> Iterator[Part]:
    """Make a login with the person's own number and a private home; only an SSH key opens it, never a password.

    With --by-role, hosts that the inventory does not keep for one of the person's groups are left alone.
    """
    user = directory.account(account)
    if by_role and not _wanted(user, directory, host):
        return
    name, uid = user.logon_name.lower(), user.first("uidNumber")
    if not uid:
        hint = "give uidNumber to the account, or set first_uid in ops.toml before onboarding"
        raise Refused(f"{account} has no number for Linux", hint=hint)
    person, where = f"{user.name} ({user.logon_name})", host.machine.name
    home = user.first("unixHomeDirectory") or f"/home/{name}"
    found = host.read(f"login:{name}")
    if found and found["uid"] != uid:
        hint = "look who that is: ops host show"
        raise Refused(f"the login {name} on {where} has the number {found['uid']}, and {account} has {uid}", hint=hint)
    if not found:
        if taken := host.read(f"uid:{uid}"):
            raise Refused(f"{taken['name']} has the number {uid} on {where} already", hint="look who that is")
        about = user.name if user.name.isprintable() and ":" not in user.name else name
        wanted = {"uid": uid, "gid": uid, "comment": about, "home": home, "shell": user.first("loginShell")}
        yield Login(f"login:{name}", None, {**wanted, "shell": wanted["shell"] or "/bin/bash"}, person, host=where)
    if host.read(f"folder:{home}") is None:
        rights = {"owner": uid, "group": uid, "mode": "700", "skeleton": "/etc/skel"}
        yield Folder(f"folder:{home}", None, rights, person, host=where)
    if key and not host.read(f"keys:{name}"):
        yield Keys(f"keys:{name}", None, {f"{home}/.ssh/authorized_keys": public_key(key) + "\n"}, person, host=where)


def _wanted(user: Entry, directory: DirectoryReader, host: HostReader) -> bool:
    """Whether the host is for a group the person is in, or will be when the plan is done."""
    groups = (directory.get(ref) for ref in user.groups)
    return any(group.logon_name in host.machine.accounts_for for group in groups if group)
