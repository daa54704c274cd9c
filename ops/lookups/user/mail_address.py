"""Choose a mail address."""

from __future__ import annotations

from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.operation import Chosen, lookup


@lookup
def mail_address(
    directory: DirectoryReader,
    logon: Annotated[str, "logon name"],
    employee: Annotated[str, "number of the person in the HR system"],
    domain: Annotated[str, "mail domain"],
) -> Chosen:
    """The person's own address if there is one already, else the logon name at the mail domain."""
    for entry in directory.find("employeeID", employee) if employee else ():
        if mail := entry.first("mail"):
            return Chosen(mail)
    return Chosen(f"{logon}@{domain}" if domain else "")
