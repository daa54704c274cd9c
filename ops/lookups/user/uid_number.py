"""Choose a number for Linux that nobody has or had."""

from __future__ import annotations

from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.errors import InvalidRequest
from ops.operation import Chosen, lookup


@lookup
def uid_number(
    directory: DirectoryReader,
    employee: Annotated[str, "number of the person in the HR system"],
    first: Annotated[str, "the first number for people; empty where there is no Linux"],
) -> Chosen:
    """The person's own number if there is one already, else the one after the highest; none is ever given again."""
    for entry in directory.find("employeeID", employee) if employee else ():
        return Chosen(entry.first("uidNumber"))
    if not first:
        return Chosen("")
    if not first.isdecimal() or int(first) < 1000:
        raise InvalidRequest(f"first_uid is {first}, and must be a number from 1000 on", hint="correct it in ops.toml")
    return Chosen(str(max(int(first), directory.highest("uidNumber") + 1)))
