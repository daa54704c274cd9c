"""Enabled accounts whose password never expires, is not required, or must be changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectorySearchReader
from ops.adapters.directory_entry import DONT_EXPIRE_PASSWORD, PASSWD_NOTREQD, Entry
from ops.audit import audit
from ops.finding import Finding, Seen, Verdict

ENABLED_PEOPLE = "(&(objectCategory=person)(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))"


@audit
def passwords(
    directory: DirectorySearchReader,
    place: Annotated[str, "look below this DN only; the whole domain if empty"] = "",
) -> Iterator[Finding | Seen]:
    """Look at every enabled account: does its password expire, is one required, has its owner chosen it?

    A password that is not required is a failure; one that never expires, or that its owner has not chosen yet,
    is a warning. Service accounts belong on a list of exceptions with an owner and an end.
    """
    found = directory.search(ENABLED_PEOPLE, place or directory.domain.base)
    for entry in found:
        yield from _about(entry)
    yield Seen(
        len(found),
        "enabled accounts",
        ("the passwords themselves", "fine-grained password policies, which need more rights to read"),
    )


def _about(entry: Entry) -> Iterator[Finding]:
    name = f"{entry.name} ({entry.logon_name})"
    if entry.control & PASSWD_NOTREQD:
        because = "may have an empty password (PASSWD_NOTREQD)"
        yield Finding(entry.ref, name, "password required", Verdict.FAIL, because, "ask an administrator to clear it")
    if entry.control & DONT_EXPIRE_PASSWORD:
        because = "password never expires"
        yield Finding(entry.ref, name, "password expires", Verdict.WARN, because, "agree on an end, or an exception")
    if entry.must_change_password:
        because = "has not chosen a password since it was set"
        yield Finding(entry.ref, name, "password chosen by its owner", Verdict.WARN, because, "remind its owner")
