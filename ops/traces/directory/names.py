"""Names of a leaver that somebody else has now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.pages import Page
from ops.finding import Finding, Seen, Verdict
from ops.trace import trace

WHERE = {"sAMAccountName": "logon", "mail": "mail", "userPrincipalName": "sign_in", "uidNumber": "uid"}


@trace
def names(
    directory: DirectoryReader,
    page: Annotated[Page, "what the leavers' book says"],
) -> Iterator[Finding | Seen]:
    """A name, an address or a number given again would hand the leaver's mail or files to somebody else."""
    for attribute, field in WHERE.items():
        value = str(page.get(field, ""))
        for entry in directory.find(attribute, value) if value else ():
            if entry.ref != page["ref"]:
                because = f"has {value}, which was {page['name']}'s"
                yield Finding(entry.ref, entry.name, attribute, Verdict.FAIL, because, "give them another one")
    yield Seen(len(WHERE), "kinds of names")
