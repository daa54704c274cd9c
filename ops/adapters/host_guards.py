"""Guards of hosts: whose logins and folders this tool leaves alone."""

from __future__ import annotations

from dataclasses import dataclass

from ops.adapters.host import HostReader, named
from ops.change import Premise
from ops.errors import Conflict, Refused

FIRST_OF_PEOPLE = 1000  # UID_MIN of login.defs(5); below are the system's own


@dataclass(frozen=True)
class Personal(Premise[HostReader]):
    """The login is a person's: not the system's, and not the one we are signed in with."""

    def check(self, reader: HostReader) -> None:
        name = named(self.subject)
        found = reader.read(self.subject)
        if found is None:
            raise Conflict(f"there is no login {name} on {reader.machine.name} any more", hint="plan again")
        if name == reader.machine.account:
            raise Refused(f"{name} is your own login on {reader.machine.name}", hint="ask a colleague to do this")
        if int(found["uid"]) < FIRST_OF_PEOPLE:
            raise Refused(f"{name} is an account of {reader.machine.name} itself", hint="leave it alone")
