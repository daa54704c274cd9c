"""The accounts of the directory in plain words, for the report on access; or why there are none."""

from __future__ import annotations

from typing import Any

from inventory.report.inputs import Account
from ops.adapters.directory_entry import Entry, moment
from ops.adapters.directory_names import common_name
from ops.cli.people import can_sign_in
from ops.cli.site import Site
from ops.errors import OpsError

PEOPLE = "(&(objectCategory=person)(objectClass=user))"
GROUPS = "(objectClass=group)"


def accounts(site: Site) -> tuple[tuple[Account, ...] | None, str]:
    """All accounts of people, and an empty text; or None, and why no directory was asked."""
    if "directory" not in site.kinds:
        return None, "there is no directory in the inventory"
    try:
        directory = site.targets[site.kinds["directory"]]
        names = {group.ref: group.name for group in directory.search(GROUPS, directory.domain.base)}
        protected = {*directory.domain.protected}
        people = directory.search(PEOPLE, directory.domain.base)
        return tuple(_account(entry, names, directory, protected) for entry in people), ""
    except OpsError as error:
        return None, f"the directory could not be asked: {error}"


def _account(entry: Entry, names: dict[str, str], directory: Any, protected: set[str]) -> Account:
    said = can_sign_in(entry).partition("   (")[0]
    groups = tuple(sorted(names.get(ref, common_name(ref)) for ref in entry.groups))
    last = moment(entry.number("lastLogonTimestamp"))
    return Account(
        entry.logon_name,
        entry.name,
        said.startswith("yes"),
        said,
        groups,
        entry.first("title"),
        bool(directory.reach(entry.ref) & protected),
        f"{last:%Y-%m-%d}" if last else "",
    )
