"""Directory service (Samba AD, Active Directory): what a plan may read, and how a change lands.

A reference names an entry for good: ``guid:…`` for one that exists, ``new:<dn>`` for one that is only
planned. Membership is read from the member's side (``Entry.groups``) and never from a group's list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol

from ops.adapters.directory_entry import (
    ASSIGNED,
    DISABLED,
    NO_HOURS,
    Attributes,
    Domain,
    Entry,
    Values,
    label,
    last_day,
    read_as,
)
from ops.adapters.directory_names import common_name, inside, parent
from ops.change import Change, Detail, Guard
from ops.errors import NotFound
from ops.secret import Secret, Slot


class DirectoryReader(Protocol):
    """The read side: all a plan is given, so that a dry run cannot write."""

    @property
    def domain(self) -> Domain: ...
    def get(self, ref: str) -> Entry | None: ...
    def find(self, attribute: str, value: str) -> tuple[Entry, ...]: ...

    def reach(self, ref: str) -> frozenset[str]:
        """SIDs of the entry itself and of every group it is in, directly or not, the primary group included."""
        ...

    def highest(self, attribute: str) -> int:
        """The largest number anybody has there; 0 if nobody has one."""
        ...

    def password_writes(self, ref: str) -> int:
        """How often the entry's password was written, by the directory's own count; 0 where that cannot be read."""
        ...

    def account(self, name: str) -> Entry:
        """Return the user with this logon name or sign-in name; raise ``NotFound`` otherwise."""
        attribute = "userPrincipalName" if "@" in name else "sAMAccountName"
        for entry in self.find(attribute, name):
            if entry.kind != "group":
                return entry
        raise NotFound(f"there is no account {name}", hint=f"search for it: ops user show {name.partition('.')[0]}")

    def group(self, name: str) -> Entry:
        """Return the group with this name; raise ``NotFound`` otherwise."""
        for entry in self.find("sAMAccountName", name):
            if entry.kind == "group":
                return entry
        raise NotFound(f"there is no group {name}", hint=f"search for it: ops group show {name}")


class DirectorySearchReader(DirectoryReader, Protocol):
    """The wider reader of audits, which need no picture of the future: any filter, over any place."""

    def search(self, filter_: str, base: str = "") -> tuple[Entry, ...]: ...

    def written(self, ref: str, attribute: str) -> datetime | None:
        """When the server last wrote userAccountControl or unicodePwd of an entry; None where it does not tell."""
        ...


class Directory(DirectoryReader, Protocol):
    """The write side: each method swaps one thing and raises ``Conflict`` if it is not as expected."""

    def add(self, ref: str, dn: str, attributes: Attributes) -> None: ...
    def remove(self, ref: str, state: str) -> None: ...
    def swap(self, ref: str, attribute: str, before: Values, after: Values) -> None: ...
    def move(self, ref: str, before: str, after: str) -> None: ...
    def link(self, group: str, member: str, before: bool, after: bool) -> None: ...
    def set_password(self, ref: str, last_set: Values, password: Secret | Slot, must_change: bool) -> None: ...
    def scramble(self, ref: str, last_set: Values, password: Secret | Slot) -> None: ...
    def accepts(self, ref: str, password: Secret) -> bool: ...

    def refusal(self, ref: str, password: Secret) -> dict[str, str]:
        """How each way of signing in answers to this password: way → ``open`` or the code of the refusal."""
        ...

    def snapshot(self, refs: Iterable[str]) -> DirectoryReader: ...


def place_named(directory: DirectoryReader, place: str) -> str:
    """The DN of an organisational unit named by role or by DN; raise ``NotFound`` if there is none."""
    where = directory.domain.places.get(place, place)
    if directory.find("distinguishedName", where):
        return where
    known = ", ".join(sorted(directory.domain.places))
    raise NotFound(f"there is no organisational unit {place}", hint=f"use one of {known}, or a DN that exists")


@dataclass(frozen=True)
class Account(Change[Directory]):
    """Create a user (before None), or, only as the undo of a creation, delete it (after None).

    ``shelter`` is where it goes, disabled, if an undo finds that somebody has touched it since;
    ``state`` is what ``Entry.state`` was when the run that made it ended.
    """

    dn: str
    shelter: str = ""
    state: str = ""

    def apply(self, adapter: Directory) -> None:
        if self.after is None:
            adapter.remove(self.subject, self.state)
        else:
            adapter.add(self.subject, self.dn, self.after)

    def observe(self, adapter: DirectoryReader) -> Any:
        entry = adapter.get(self.subject)
        return {key: entry.get(key) for key in self.after or self.before} if entry else None

    def sentence(self) -> str:
        if self.after is None:
            return "is deleted again, because this run made it"
        return f"is created in {common_name(parent(self.dn))}, disabled"

    def details(self) -> tuple[Detail, ...]:
        rows: dict[str, Values] = self.after or self.before
        return tuple(
            Detail(label(k), "" if self.after else read_as(k, v), read_as(k, v) if self.after else "")
            for k, v in rows.items()
        )

    def public(self) -> dict[str, Any]:
        return {"attributes": sorted(self.after or self.before)}

    def born(self, adapter: DirectoryReader) -> dict[str, str]:
        entry = adapter.get(self.subject)
        return {self.subject: entry.ref} if entry and self.after is not None else {}

    def state_seen(self, adapter: DirectoryReader) -> str:
        return entry.state if (entry := adapter.get(self.subject)) else ""

    def inverse(self) -> Account | None:
        return None if self.after is None else super().inverse()

    def undo(self, reader: DirectoryReader) -> tuple[Change[Any], ...]:
        """Delete what nobody has touched or used since; else disable it and put it among the leavers."""
        entry = reader.get(self.subject)
        inverse = self.inverse()
        if entry is None or inverse is None or entry.state == self.state:
            return (inverse,) if inverse else ()
        flags = str(entry.control | DISABLED)
        changes: list[Change[Any]] = []
        if entry.enabled:
            changes.append(Attribute(entry.ref, entry.get("userAccountControl"), (flags,), "userAccountControl"))
        if self.shelter and not inside(entry.dn, self.shelter):
            changes.append(Place(entry.ref, entry.dn, f"{entry.dn[: -len(parent(entry.dn))]}{self.shelter}"))
        return tuple(changes)


@dataclass(frozen=True)
class Attribute(Change[Directory]):
    """Replace the values of one attribute."""

    attribute: str

    def apply(self, adapter: Directory) -> None:
        adapter.swap(self.subject, self.attribute, self.before, self.after)

    def observe(self, adapter: DirectoryReader) -> Any:
        return entry.get(self.attribute) if (entry := adapter.get(self.subject)) else None

    def sentence(self) -> str:
        match self.attribute:
            case "userAccountControl" if self._flag(self.before) != self._flag(self.after):
                return "is disabled" if self._flag(self.after) else "is enabled"
            case "lockoutTime":
                return "is unlocked" if self.after in ((), ("0",)) else "is locked again"
            case "accountExpires":
                return self._end()
            case "pwdLastSet" if self.after == ("0",):
                return "must change the password at the next sign-in"
            case "logonHours":
                return "may sign in at no hour" if self.after == NO_HOURS else "may sign in at the usual hours again"
            case "servicePrincipalName" | "adminCount" | "altSecurityIdentities" | "msDS-AllowedToDelegateTo":
                return f"{label(self.attribute)} {'is cleared' if not self.after else 'comes back'}"
        was = f" (was {old})" if (old := read_as(self.attribute, self.before)) else ""
        new = read_as(self.attribute, self.after)
        return f"{label(self.attribute)} becomes {new}{was}" if new else f"{label(self.attribute)} is cleared{was}"

    def _end(self) -> str:
        """The last day of work; one that is over is said so, for then the account is shut at once."""
        last = last_day(self.after)
        if last is None:
            return "no longer expires"
        over = last < datetime.now(UTC).date()
        return f"is expired: the last day was {last}" if over else f"works up to and including {last}"

    @staticmethod
    def _flag(values: Values) -> bool:
        return bool(int((*values, "0")[0]) & DISABLED)

    def details(self) -> tuple[Detail, ...]:
        name = self.attribute
        return (Detail(label(name), read_as(name, self.before), read_as(name, self.after)),)

    def public(self) -> dict[str, Any]:
        return {"attributes": [self.attribute]}

    def writes(self) -> str:
        return f"{self.subject}#{self.attribute}"


@dataclass(frozen=True)
class Place(Change[Directory]):
    """Rename an entry or move it: one DN becomes another."""

    guard: ClassVar[Guard] = "reread"

    def apply(self, adapter: Directory) -> None:
        adapter.move(self.subject, self.before, self.after)

    def observe(self, adapter: DirectoryReader) -> Any:
        return entry.dn if (entry := adapter.get(self.subject)) else None

    def sentence(self) -> str:
        if parent(self.before).lower() != parent(self.after).lower():
            return f"moves from {common_name(parent(self.before))} to {common_name(parent(self.after))}"
        return f"is renamed from {common_name(self.before)} to {common_name(self.after)}"

    def details(self) -> tuple[Detail, ...]:
        return (Detail("place", self.before, self.after),)

    def writes(self) -> str:
        return f"{self.subject}#dn"


@dataclass(frozen=True)
class Membership(Change[Directory]):
    """Put the subject into a group (False → True), or take it out; ``name`` is the group's, for people."""

    group: str
    name: str

    def apply(self, adapter: Directory) -> None:
        adapter.link(self.group, self.subject, self.before, self.after)

    def observe(self, adapter: DirectoryReader) -> Any:
        return self.group in entry.groups if (entry := adapter.get(self.subject)) else None

    def sentence(self) -> str:
        return f"joins {self.name}" if self.after else f"leaves {self.name}"

    def details(self) -> tuple[Detail, ...]:
        return (Detail("group", "" if self.after else self.name, self.name if self.after else ""),)

    def public(self) -> dict[str, Any]:
        return {"attributes": ["member"]}

    def writes(self) -> str:
        return f"{self.subject}#{self.group}"

    def rests_on(self) -> tuple[str, ...]:
        return (self.subject, self.group)


@dataclass(frozen=True)
class Password(Change[Directory]):
    """Set a password; ``before`` is when the last one was set, which is all a directory tells."""

    must_change: bool = True
    one_shot: ClassVar[bool] = True

    def apply(self, adapter: Directory) -> None:
        adapter.set_password(self.subject, self.before, self.after, self.must_change)

    def observe(self, adapter: DirectoryReader) -> Any:
        return entry.get("pwdLastSet") if (entry := adapter.get(self.subject)) else None

    def sentence(self) -> str:
        ending = ", to be changed at the next sign-in" if self.must_change else ""
        return f"gets a new password{ending}"

    def details(self) -> tuple[Detail, ...]:
        after = "must be changed" if self.must_change else "now"
        return (Detail("password set", read_as("pwdLastSet", self.before), after),)

    def public(self) -> dict[str, Any]:
        return {"attributes": ["pwdLastSet", "unicodePwd"]}

    def holds(self, adapter: Directory) -> bool:
        return isinstance(self.after, Secret) and adapter.accepts(self.subject, self.after)

    def writes(self) -> str:
        return f"{self.subject}#password"


@dataclass(frozen=True)
class Scramble(Change[Directory]):
    """Two new passwords one after the other, neither told to anybody: after one, a server may take the old one still.

    ``before`` is when the last one was set, ``written`` how often one was written before. Samba and Windows accept
    the previous password for an hour over NTLM and, measured on Samba, in simple binds.
    """

    written: int = 0
    one_shot: ClassVar[bool] = True

    def apply(self, adapter: Directory) -> None:
        adapter.scramble(self.subject, self.before, self.after)

    def observe(self, adapter: DirectoryReader) -> Any:
        return entry.get("pwdLastSet") if (entry := adapter.get(self.subject)) else None

    def sentence(self) -> str:
        return "gets two random passwords in a row, so that no old one works"

    def details(self) -> tuple[Detail, ...]:
        return (Detail("password set", read_as("pwdLastSet", self.before), "twice"),)

    def public(self) -> dict[str, Any]:
        return {"attributes": ["pwdLastSet", "unicodePwd"]}

    def holds(self, adapter: Directory) -> bool:
        known = isinstance(self.after, Secret) and adapter.accepts(self.subject, self.after)
        return known and (not self.written or adapter.password_writes(self.subject) >= self.written + 2)

    def proof(self, adapter: Directory) -> dict[str, Any]:
        """How often the password was written, by the directory's own count, and how it answers to the last one."""
        version = adapter.password_writes(self.subject)
        counted = {"password_writes": version - self.written, "password_version": version} if self.written else {}
        tried = adapter.refusal(self.subject, self.after) if isinstance(self.after, Secret) else {}
        return {**counted, **({"sign_in": tried} if tried else {})}

    def writes(self) -> str:
        return f"{self.subject}#password"


def attribute_changes(entry: Entry, wanted: Attributes) -> Sequence[Attribute]:
    """The changes that give an entry these values; none for those it has."""
    return [
        Attribute(entry.ref, entry.get(name), values, name)
        for name, values in wanted.items()
        if entry.get(name) != values and ASSIGNED not in (entry.get(name), values)
    ]
