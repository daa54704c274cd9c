"""End an account's time: expired, and no hour to sign in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from ops.adapters.directory import DirectoryReader, attribute_changes
from ops.adapters.directory_entry import NO_HOURS, Values, end_of
from ops.adapters.directory_guards import Ordinary
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation


@operation
def close(
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Part]:
    """Let an account expire as of yesterday and allow it no hour of the week: it stays shut if somebody enables it.

    This comes after disabling, and does not take its place.
    """
    user = directory.account(account)
    wanted: dict[str, Values] = {"logonHours": NO_HOURS}
    if user.expires is None or user.expires > datetime.now(UTC):
        wanted["accountExpires"] = end_of(_yesterday())
    if user.enabled:
        raise Refused(f"{account} is enabled", hint=f"first: ops account disable {account}")
    if changes := attribute_changes(user, wanted):
        yield Ordinary(user.ref, residue=True)
        yield from changes


def _yesterday() -> date:
    return datetime.now(UTC).date() - timedelta(days=1)
