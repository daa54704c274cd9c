"""One object of a directory in our words: references, flags, moments, and how a person reads them.

Sources: MS-ADTS 2.2.16 (userAccountControl), MS-DTYP 2.3.3 (FILETIME), MS-DTYP 2.4.2.4 (well-known SIDs).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from ops.adapters.directory_names import common_name
from ops.errors import InvalidRequest

Values = tuple[str, ...]
Attributes = Mapping[str, Values]

DISABLED, PASSWD_NOTREQD, NORMAL_ACCOUNT = 0x2, 0x20, 0x200
DONT_EXPIRE_PASSWORD = 0x10000
DELEGATION = 0x80000 | 0x1000000  # TRUSTED_FOR_DELEGATION, TRUSTED_TO_AUTH_FOR_DELEGATION
LOCKED_NOW, EXPIRED_NOW = 0x10, 0x800000  # of msDS-User-Account-Control-Computed

ASSIGNED: Values = ("(set by the server)",)  # known only once applied; nothing can be planned upon it
NO_HOURS: Values = ("00" * 21,)  # logonHours: one bit for each hour of the week (MS-ADA1 2.376), here as hex
NEVER = 0x7FFFFFFFFFFFFFFF
EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Domain:
    """What holds for a whole directory: its names, places by role, who we are, and the SIDs out of bounds.

    ``places`` maps ``staff``, ``leavers``, ``service``, ``roles`` to DNs. ``actor`` is the reference of the
    account we are signed in as, ``confirmed`` if the directory itself says it is us. ``protected`` maps SID →
    name of every group whose members are never touched. ``ticket_hours`` is how long Kerberos tickets live.
    """

    name: str
    base: str
    places: Mapping[str, str] = field(default_factory=dict)
    actor: str = ""
    confirmed: bool = False
    protected: Mapping[str, str] = field(default_factory=dict)
    ticket_hours: int = 10  # what a domain has unless its policy says otherwise (MaxTicketAge, MaxServiceAge)


@dataclass(frozen=True)
class Entry:
    """One object as read, or as it will be. ``version`` rises with every change anybody makes to it."""

    ref: str
    dn: str
    attributes: Attributes
    groups: frozenset[str] = frozenset()
    version: str = field(default="", compare=False)

    def get(self, attribute: str) -> Values:
        """All values of an attribute; none if it is absent."""
        return self.attributes.get(attribute, ())

    def first(self, attribute: str) -> str:
        """Its first value, or an empty text."""
        return (*self.get(attribute), "")[0]

    def number(self, attribute: str) -> int:
        """Its first value as a number; 0 if absent or assigned by the server only later."""
        text = self.first(attribute)
        return int(text) if text.lstrip("-").isdigit() else 0

    @property
    def state(self) -> str:
        """Its version and its groups: differs as soon as anybody touched it or put it into a group."""
        return "|".join((self.version, *sorted(self.groups)))

    @property
    def kind(self) -> str:
        """``user``, ``group``, ``computer``, ``managed service account`` or the last object class."""
        classes = {c.lower() for c in self.get("objectClass")}
        if "msds-groupmanagedserviceaccount" in classes:
            return "managed service account"
        return next((k for k in ("computer", "user", "group") if k in classes), self.first("objectClass"))

    @property
    def logon_name(self) -> str:
        """The sAMAccountName."""
        return self.first("sAMAccountName")

    @property
    def name(self) -> str:
        """How a person knows it: display name, or the common name."""
        return self.first("displayName") or common_name(self.dn)

    @property
    def control(self) -> int:
        """The userAccountControl flags."""
        return self.number("userAccountControl")

    @property
    def enabled(self) -> bool:
        """Whether its owner may sign in, as far as this flag says."""
        return not self.control & DISABLED

    @property
    def locked(self) -> bool:
        """Whether wrong passwords have locked it. A lock that timed out on its own still needs clearing."""
        return self.number("lockoutTime") > 0

    @property
    def must_change_password(self) -> bool:
        """Whether the next sign-in asks for a new password."""
        return self.first("pwdLastSet") == "0"

    @property
    def expires(self) -> datetime | None:
        """The moment from which it can no longer sign in; None for never."""
        return moment(self.number("accountExpires"))

    @property
    def created(self) -> datetime | None:
        """When the directory made it; None for what is only planned."""
        text = self.first("whenCreated")
        return generalized(text) if text else None


def generalized(text: str) -> datetime:
    """A GeneralizedTime as directories write it, in UTC; raise ``ValueError``."""
    return datetime.strptime(text, "%Y%m%d%H%M%S.0Z").replace(tzinfo=UTC)


def moment(filetime: int) -> datetime | None:
    """A FILETIME (100 ns since 1601) as an aware datetime; 0 and the largest value mean never."""
    if filetime in (0, NEVER):
        return None
    try:
        return EPOCH + timedelta(microseconds=filetime // 10)
    except OverflowError:
        return None


def filetime(when: datetime) -> int:
    """An aware datetime as FILETIME."""
    return int((when - EPOCH) / timedelta(microseconds=1)) * 10


def end_of(day: date | None) -> Values:
    """The accountExpires value for an account that works up to and including this day (UTC); None is never."""
    if day is None:
        return ("0",)
    return (str(filetime(datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1))),)


def last_day(values: Values) -> date | None:
    """The last whole day an accountExpires value lets its owner work."""
    expires = moment(int(values[0])) if values and values[0].isdigit() else None
    return (expires - timedelta(microseconds=1)).date() if expires else None


def rid(sid: str) -> int:
    """The last part of a SID; 0 if there is none."""
    last = sid.rpartition("-")[2]
    return int(last) if last.isdigit() else 0


LABELS = {
    "accountExpires": "last day",
    "adminCount": "mark of an administrator",
    "altSecurityIdentities": "certificate mapping",
    "adminDescription": "made by",
    "department": "department",
    "description": "description",
    "displayName": "display name",
    "employeeID": "employee number",
    "givenName": "first name",
    "initials": "initials",
    "lockoutTime": "lockout",
    "loginShell": "shell",
    "logonHours": "logon hours",
    "managedBy": "owner",
    "msDS-AllowedToDelegateTo": "delegation",
    "primaryGroupID": "primary group",
    "servicePrincipalName": "service names",
    "gidNumber": "group number",
    "uidNumber": "user number",
    "unixHomeDirectory": "home",
    "mail": "mail address",
    "manager": "manager",
    "memberOf": "groups",
    "name": "common name",
    "pwdLastSet": "password set",
    "sAMAccountName": "logon name",
    "sn": "family name",
    "telephoneNumber": "telephone",
    "title": "job title",
    "userAccountControl": "account flags",
    "userPrincipalName": "sign-in name",
}


LONGEST = {  # characters; rangeUpper of the schema (MS-ADA1 to MS-ADA3)
    "givenName": 64,
    "sn": 64,
    "displayName": 256,
    "employeeID": 16,
    "mail": 256,
    "department": 64,
    "title": 128,
    "description": 1024,
    "telephoneNumber": 64,
}


def refuse_long(values: Mapping[str, str]) -> None:
    """Raise ``InvalidRequest`` for a value longer than any directory takes."""
    for name, text in values.items():
        if len(text) > (most := LONGEST.get(name, len(text))):
            message = f"the {label(name)} has {len(text)} characters, and {most} is the most"
            raise InvalidRequest(message, hint="shorten it")


def label(attribute: str) -> str:
    """The everyday name of an attribute; the attribute's own name if it has none."""
    return LABELS.get(attribute, attribute)


def read_as(attribute: str, values: Values) -> str:
    """Values as a person reads them; empty text for none."""
    if not values or values == ASSIGNED:
        return "".join(values)
    match attribute:
        case "accountExpires":
            day = last_day(values)
            return day.isoformat() if day else "never"
        case "userAccountControl":
            return flags(int(values[0]))
        case "pwdLastSet" | "lockoutTime" | "lastLogonTimestamp":
            when = moment(int(values[0]))
            return f"{when:%Y-%m-%d %H:%M} UTC" if when else {"pwdLastSet": "must be changed"}.get(attribute, "no")
        case "manager":
            return common_name(values[0])
    return ", ".join(values)


def flags(control: int) -> str:
    """The account flags that matter to a person, in words."""
    words = ["disabled" if control & DISABLED else "enabled"]
    words += ["password not required"] if control & PASSWD_NOTREQD else []
    words += ["password never expires"] if control & DONT_EXPIRE_PASSWORD else []
    return ", ".join(words)
