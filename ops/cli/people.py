"""An account or group as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from ops.adapters.directory_entry import LABELS, Entry, read_as
from ops.cli.terminal import plain

FIRST = ("userPrincipalName", "mail", "employeeID", "title", "department", "manager", "telephoneNumber", "description")
STATE = ("userAccountControl", "pwdLastSet", "lockoutTime", "accountExpires", "lastLogonTimestamp")


def can_sign_in(entry: Entry) -> str:
    """In words whether its owner can sign in, and the command that would change that."""
    name = entry.logon_name
    if not entry.enabled:
        return f"no: it is disabled   (ops account enable {name})"
    if entry.locked:
        return f"no: it is locked   (ops account unlock {name})"
    if (expires := entry.expires) and expires < datetime.now(UTC):
        return f"no: it expired on {expires:%Y-%m-%d}   (ops account expire {name} never)"
    if entry.must_change_password:
        return "yes, after choosing a new password"
    return "yes"


def entry_lines(entry: Entry, groups: Sequence[str]) -> Iterator[str]:
    """Name, whether sign-in works, the facts, the groups."""
    yield plain(f"{entry.name} ({entry.logon_name})")
    yield f"  can sign in      {can_sign_in(entry)}"
    for attribute in (*FIRST, *STATE):
        if text := read_as(attribute, entry.get(attribute)):
            yield f"  {LABELS.get(attribute, attribute):<16} {plain(text)}"
    yield f"  place            {plain(entry.dn)}"
    for group in groups:
        yield f"  member of        {plain(group)}"


def entry_shape(entry: Entry, groups: Sequence[str]) -> dict[str, Any]:
    """The same as JSON, shape ``account/1``."""
    facts = {name: list(entry.get(name)) for name in (*FIRST, *STATE) if entry.get(name)}
    return {
        "logon_name": entry.logon_name,
        "name": entry.name,
        "ref": entry.ref,
        "dn": entry.dn,
        "enabled": entry.enabled,
        "locked": entry.locked,
        "must_change_password": entry.must_change_password,
        "groups": list(groups),
        "attributes": facts,
    }
