"""Choose a logon name that nobody has or had."""

from __future__ import annotations

from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.errors import Refused
from ops.naming import candidates
from ops.operation import Chosen, lookup
from ops.params import Names


@lookup
def logon_name(
    directory: DirectoryReader,
    given: Annotated[str, "first name"],
    family: Annotated[str, "family name"],
    employee: Annotated[str, "number of the person in the HR system"],
    pattern: Annotated[str, "pattern of logon names"] = "{given}.{family}",
    middle: Annotated[str, "middle name"] = "",
    never: Annotated[Names, "names that are never given again"] = (),
) -> Chosen:
    """The person's own logon name if there is one already, else the first free one of the ladder."""
    for entry in directory.find("employeeID", employee) if employee else ():
        return Chosen(entry.logon_name, f"employee {employee} has this account already")
    reserved = {name.lower() for name in never}
    passed: list[str] = []
    for candidate in candidates(given, family, pattern, middle=middle):
        if candidate.name in reserved:
            passed.append(f"{candidate.name} belonged to somebody who left")
        elif directory.find("sAMAccountName", candidate.name):
            passed.append(f"{candidate.name} is taken")
        else:
            return Chosen(candidate.name, "; ".join([*passed, candidate.reason]))
    raise Refused(f"no free logon name for {given} {family}", hint="choose one with --logon")
