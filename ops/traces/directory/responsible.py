"""People and groups that a leaver is still the manager or owner of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.pages import Page
from ops.finding import Finding, Seen, Verdict
from ops.trace import trace

WORDS = {"manager": "is managed by", "managedBy": "is owned by"}


@trace
def responsible(
    directory: DirectoryReader,
    page: Annotated[Page, "what the leavers' book says"],
) -> Iterator[Finding | Seen]:
    """Look for the leaver's name, where it is now and where it was, in manager and managedBy."""
    user = directory.get(str(page["ref"]))
    places = dict.fromkeys(filter(None, (user.dn if user else "", str(page["dn"]))))
    count = 0
    for attribute, words in WORDS.items():
        for entry in [entry for dn in places for entry in directory.find(attribute, dn)]:
            count += 1
            because = f"{words} {page['name']}, who left on {page['left']}"
            step = f"ops account hand-over-reports {page['logon']} --successor NAME"
            yield Finding(entry.ref, entry.name, attribute, Verdict.WARN, because, step)
    yield Seen(max(count, 1), "entries that name somebody as manager or owner")
