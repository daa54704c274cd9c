"""Guards of the directory: which accounts and groups this tool leaves alone, whatever rights it was lent.

Guards are the seat belt; delegated rights are the control. They are premises, so they are checked when
planned and again just before the change is written. Sources: MS-ADTS 3.1.1.6.1 (protected objects),
MS-DTYP 2.4.2.4 (well-known SIDs).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from ops.adapters.directory import DirectoryReader
from ops.adapters.directory_entry import Entry, rid
from ops.adapters.directory_names import inside
from ops.change import Premise
from ops.errors import Conflict, Refused

PROTECTED_RIDS = {
    498: "Enterprise Read-only Domain Controllers",
    512: "Domain Admins",
    516: "Domain Controllers",
    518: "Schema Admins",
    519: "Enterprise Admins",
    520: "Group Policy Creator Owners",
    521: "Read-only Domain Controllers",
    526: "Key Admins",
    527: "Enterprise Key Admins",
}
PROTECTED_BUILTIN = {
    "S-1-5-32-544": "Administrators",
    "S-1-5-32-548": "Account Operators",
    "S-1-5-32-549": "Server Operators",
    "S-1-5-32-550": "Print Operators",
    "S-1-5-32-551": "Backup Operators",
    "S-1-5-32-552": "Replicator",
}
PROTECTED_NAMES = ("DnsAdmins",)  # no well-known RID: found by name when a directory is opened
ADMINISTRATOR, KRBTGT = 500, 502
RESIDUE = ("adminCount", "servicePrincipalName")
ASK = "this needs a domain administrator, not this tool"


@dataclass(frozen=True)
class Ordinary(Premise[DirectoryReader]):
    """The subject is a person's account like any other: not our own, not protected, not a machine's or service's.

    With ``residue``, service names and an old mark of an administrator do not count: they are what is to be cleared.
    """

    residue: bool = False

    def check(self, reader: DirectoryReader) -> None:
        entry = reader.get(self.subject)
        if entry is None:
            raise Conflict("the account is no longer there", hint="plan again")
        if self.subject == reader.domain.actor:
            raise Refused(f"{entry.logon_name} is your own account", hint="ask a colleague to do this")
        looked_at = _without_residue(entry) if self.residue else entry
        if why := _no_person(looked_at, reader) or privilege(looked_at, reader):
            raise Refused(f"{entry.logon_name} {why}", hint=ASK)


@dataclass(frozen=True)
class Joinable(Premise[DirectoryReader]):
    """The group gives its members no power over the directory: neither it nor any group it is in is protected."""

    def check(self, reader: DirectoryReader) -> None:
        group = reader.get(self.subject)
        if group is None:
            raise Conflict("the group is no longer there", hint="plan again")
        if over := _powers(group, reader):
            how = "is" if over == group.logon_name else "gives its members the rights of"
            raise Refused(f"{group.logon_name} {how} {over}, a protected group", hint=ASK)


@dataclass(frozen=True)
class Free(Premise[DirectoryReader]):
    """Nobody but the subject has this value: a mail address, which servers do not keep unique."""

    attribute: str
    value: str
    guards_subject: ClassVar[bool] = False

    def check(self, reader: DirectoryReader) -> None:
        for entry in reader.find(self.attribute, self.value):
            if entry.ref != self.subject and entry.dn != self.subject.removeprefix("new:"):
                raise Conflict(f"{self.value} already belongs to {entry.name}", hint="choose another one")


def _without_residue(entry: Entry) -> Entry:
    kept = {name: values for name, values in entry.attributes.items() if name not in RESIDUE}
    return replace(entry, attributes=kept)


def _no_person(entry: Entry, reader: DirectoryReader) -> str:
    if entry.kind != "user":
        return f"is a {entry.kind}, not a person"
    if entry.logon_name.lower().startswith("krbtgt"):
        return "is an account of the domain itself"
    if inside(entry.dn, reader.domain.places.get("service", "")) or entry.get("servicePrincipalName"):
        return "is a service account"
    return ""


def privilege(entry: Entry, reader: DirectoryReader) -> str:
    """What makes an account more than a person's: built in, marked, or with the rights of a protected group."""
    sid = entry.first("objectSid")
    if rid(sid) in (ADMINISTRATOR, KRBTGT):
        return "is built into the domain"
    if entry.first("adminCount") == "1":
        return "is marked as an administrator's account (adminCount)"
    over = _powers(entry, reader) or PROTECTED_RIDS.get(entry.number("primaryGroupID"), "")
    return f"has the rights of {over}" if over else ""


def _powers(entry: Entry, reader: DirectoryReader) -> str:
    names = (known_as(sid, reader) for sid in sorted(reader.reach(entry.ref)))
    return next((name for name in names if name), "")


def known_as(sid: str, reader: DirectoryReader) -> str:
    """The name of the protected group with this SID; empty if it protects nobody."""
    if named := PROTECTED_BUILTIN.get(sid) or reader.domain.protected.get(sid):
        return named
    return PROTECTED_RIDS.get(rid(sid), "") if sid.startswith("S-1-5-21-") else ""
