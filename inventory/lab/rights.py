"""What the two delegated groups may do: the table a person reads, the test proves, and the domain is made from.

Helpdesk resets and unlocks people in Staff; Onboarding creates, describes, enables and moves them, and fills
role groups. Nobody has a right on the domain itself. Two ways round the table are open, as in many a real domain:
whoever creates an account owns it and may give it anything at birth (CVE-2020-25720), and what lies in Staff or
Roles and reaches into Domain Admins can be reset or filled; there the guards of ``ops`` stand alone.
Sources: MS-ADTS 5.1.3.2 (access rights), 5.1.3.2.1 (control access rights), MS-DTYP 2.5.1.1 (SDDL).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inventory.lab.samba import BASE

USER, GROUP = "bf967aba-0de6-11d0-a285-00aa003049e2", "bf967a9c-0de6-11d0-a285-00aa003049e2"  # schemaIDGUID
RESET = "00299570-246d-11d0-a768-00aa006e0529"  # the control access right Reset Password
STAFF, LEAVERS, SERVICE = f"OU=Staff,{BASE}", f"OU=Leavers,{BASE}", f"OU=Service,{BASE}"
GROUPS, ROLES, DELEGATION = f"OU=Groups,{BASE}", f"OU=Roles,OU=Groups,{BASE}", f"OU=Delegation,{BASE}"
HELPDESK, ONBOARDING = "Helpdesk", "Onboarding"
TESTERS, TESTS = "Testers", f"OU=JourneymanTest,{BASE}"  # script/conformance: everything, in a unit of its own
DESK_ATTRIBUTES = ("pwdLastSet", "lockoutTime")
ONBOARD_ATTRIBUTES = (
    "name",
    "cn",
    "sAMAccountName",
    "userPrincipalName",
    "givenName",
    "sn",
    "initials",
    "displayName",
    "mail",
    "department",
    "title",
    "manager",
    "company",
    "employeeID",
    "employeeNumber",
    "telephoneNumber",
    "mobile",
    "physicalDeliveryOfficeName",
    "homeDirectory",
    "description",
    "adminDescription",
    "userAccountControl",
    "accountExpires",
    "pwdLastSet",
    "lockoutTime",
    "logonHours",
    "uidNumber",
    "gidNumber",
    "unixHomeDirectory",
    "loginShell",
)


@dataclass(frozen=True)
class Ace:
    """One access control entry: ``flags`` CI for the unit too, CIIO for the objects below it only."""

    place: str
    flags: str
    right: str
    what: str
    on: str
    group: str

    def sddl(self, sid: str) -> str:
        """As Samba's tools take it."""
        return f"(OA;{self.flags};{self.right};{self.what};{self.on};{sid})"


def aces(guid: Callable[[str], str | None]) -> list[Ace]:
    """Every right that is lent. ``guid`` gives an attribute's schemaIDGUID, None if the schema has no such one."""
    lent = [Ace(STAFF, "CIIO", "CR", RESET, USER, group) for group in (HELPDESK, ONBOARDING)]
    lent += [Ace(STAFF, "CIIO", "RPWP", str(guid(name)), USER, HELPDESK) for name in DESK_ATTRIBUTES]
    known = [found for name in ONBOARD_ATTRIBUTES if (found := guid(name))]
    lent += [Ace(place, "CIIO", "RPWP", found, USER, ONBOARDING) for place in (STAFF, LEAVERS) for found in known]
    lent += [Ace(place, "CI", "CC", USER, "", ONBOARDING) for place in (STAFF, LEAVERS)]  # create, and receive
    lent += [Ace(place, "CI", "DC", USER, "", ONBOARDING) for place in (STAFF, LEAVERS)]  # a move deletes at its source
    return [*lent, Ace(ROLES, "CIIO", "RPWP", str(guid("member")), GROUP, ONBOARDING)]


@dataclass(frozen=True)
class Right:
    """One line of the table: what is tried, where, and whether each group may."""

    what: str
    where: str
    helpdesk: bool
    onboarding: bool


TABLE = (
    Right("reset a password", "Staff", True, True),
    Right("force a password change", "Staff", True, True),
    Right("unlock", "Staff", True, True),
    Right("create a person", "Staff", False, True),
    Right("change title, department, manager", "Staff", False, True),
    Right("enable or disable", "Staff", False, True),
    Right("set the last day", "Staff", False, True),
    Right("rename", "Staff", False, True),
    Right("move to Leavers and back", "Staff", False, True),
    Right("delete a person", "Staff", False, True),
    Right("create a person", "Leavers", False, True),
    Right("describe", "Leavers", False, True),
    Right("delete a person", "Leavers", False, True),
    Right("add and remove members", "Groups/Roles", False, True),
    Right("reset a password", "Leavers", False, False),
    Right("reset a password", "Service", False, False),
    Right("create a person", "Service", False, False),
    Right("delete a person", "Service", False, False),
    Right("change a service account", "Service", False, False),
    Right("move a person to Service", "Staff", False, False),
    Right("create a group", "Staff", False, False),
    Right("create a computer", "Staff", False, False),
    Right("describe a role group", "Groups/Roles", False, False),
    Right("delete a role group", "Groups/Roles", False, False),
    Right("add members to Domain Admins", "the domain", False, False),
    Right("add members to Helpdesk", "Delegation", False, False),
    Right("reset the Administrator", "the domain", False, False),
    Right("write a service principal name", "Staff", False, False),
    Right("trust for delegation", "Staff", False, False),
)
