"""The workspace a fault of the practice network may be planted in: its own register, never one that is shared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from inventory.lab.desk import Desk
from ops.errors import OpsError, Refused

if TYPE_CHECKING:
    from inventory.backup.model import Backups
    from inventory.register.store import Register
    from ops.cli.site import Site


def desk_of(site: Site) -> Desk:
    """A workspace that is open; its books are opened when they are needed."""

    def register() -> Register:
        if site.workspace.settings["register"]:
            hint = "practise in a workspace with a register of its own"
            raise Refused("the register of this workspace is kept elsewhere: nothing is planted there", hint=hint)
        return site.register

    def plan() -> Backups:
        from ops.cli.vaulting import read_plan

        return read_plan(site)[1]

    return Desk(site.workspace.state, register, plan)


@contextmanager
def desk_here(lab: str) -> Iterator[Desk | None]:
    """The workspace we stand in, if it is of this network."""
    from ops.cli.site import open_site, workspace_from

    try:
        of = workspace_from().environment.lab
    except OpsError:
        of = ""
    if of != lab:
        yield None
        return
    with open_site(enter=False) as site:
        yield desk_of(site)
