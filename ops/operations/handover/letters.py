"""Write the letters of a first day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.directory_entry import Entry, read_as
from ops.adapters.handover import HandoverReader, Letter
from ops.change import Part
from ops.operation import operation


@operation
def letters(
    handover: HandoverReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Part]:
    """Write a welcome for somebody who begins, and a note for the manager: names, places, what to do first, no secrets.

    An account that is enabled has begun already; then nothing is written.
    """
    user = directory.account(account)
    if user.enabled:
        return
    manager = directory.get(f"new:{user.first('manager')}") if user.first("manager") else None
    groups = [group.logon_name for ref in sorted(user.groups) if (group := directory.get(ref))]
    texts = {"welcome": _welcome(user, manager)} | ({"manager": _note(user, manager, groups)} if manager else {})
    for kind, text in texts.items():
        if handover.letter(f"{user.logon_name}/{kind}") is None:
            yield Letter(f"{user.logon_name}/{kind}", None, text, f"{user.name} ({user.logon_name})")


def _welcome(user: Entry, manager: Entry | None) -> str:
    ask = f"Ask {manager.name} whatever you want to know." if manager else "Ask whatever you want to know."
    return (
        f"Welcome, {user.first('givenName') or user.name}!\n\n"
        f"{_facts(user)}\n"
        "Your first password is on a sheet that you are given in person. You choose your own when you first sign in.\n"
        f"Nobody will ever ask you for it. {ask}\n"
    )


def _note(user: Entry, manager: Entry, groups: list[str]) -> str:
    day = read_as("accountExpires", user.get("accountExpires"))
    end = f"The account ends with {day}; say in time if that changes.\n" if day not in ("", "never") else ""
    return (
        f"For {manager.name}\n\n{user.name} is ready to begin.\n\n{_facts(user)}"
        f"  Groups        {', '.join(groups) or 'none'}\n\n{end}"
        "Please see that the sheet with the first password is handed over in person, and that the groups are right.\n"
    )


def _facts(user: Entry) -> str:
    rows = {
        "Sign-in name": user.first("userPrincipalName"),
        "Mail": user.first("mail"),
        "Department": user.first("department"),
        "Linux login": user.logon_name.lower() if user.first("uidNumber") else "",
    }
    return "".join(f"  {name:<13} {value}\n" for name, value in rows.items() if value)
