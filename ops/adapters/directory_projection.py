"""A directory as it will be: another reader overlaid with changes. Over nothing, it is a directory in memory.

It answers get by reference, find by equality, and the groups of one entry; it asks its base each question
once, so a plan is made upon one picture. Filters, ranges and counts cannot be overlaid and are not offered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ops.adapters.directory import Directory, DirectoryReader
from ops.adapters.directory_entry import ASSIGNED, Attributes, Domain, Entry, Values
from ops.adapters.directory_names import common_name
from ops.change import Change, one_by_one
from ops.errors import Conflict, OpsError
from ops.secret import Secret, Slot

UNIQUE = ("sAMAccountName", "userPrincipalName")  # what the server itself refuses to have twice
NAMES = (*UNIQUE, "mail", "employeeID", "displayName")  # by which an entry is looked for and spoken of
AT_BIRTH: Mapping[str, Values] = {  # what a server adds to a user created without a password
    "pwdLastSet": ("0",),
    "primaryGroupID": ("513",),
    "accountExpires": ("9223372036854775807",),
    "objectClass": ("top", "person", "organizationalPerson", "user"),
}
REFERENCE = "ref"  # the pseudo attribute by which many entries are read by reference at once
Questions = Mapping[str, Mapping[str, None]]  # attribute → values, in the order they were asked for


class ProjectedDirectory(Directory):
    """Entries once read or changed are kept here; the base is never written."""

    def __init__(
        self,
        base: DirectoryReader | None = None,
        known: Mapping[str, Entry] | None = None,
        domain: Domain | None = None,
    ) -> None:
        self._base = base
        self._entries: dict[str, Entry | None] = dict(known or {})
        self._by: dict[tuple[str, str], set[str]] = {}
        self._taken: dict[
            int, str
        ] = {}  # hash of a name in a picture before this one → DN that has it; few octets each
        self._passwords: dict[str, Secret | Slot] = {}
        self._writes: dict[str, int] = {}
        self._highest: dict[str, int] = {}
        self._asked: set[tuple[str, str]] = set()
        self._reach: dict[str, frozenset[str]] = {}
        self._journal: list[tuple[str, Entry | None]] = []
        self._groups_read: dict[str, frozenset[str]] = {}  # as the base had them: within its reach already
        self._domain = domain or (base.domain if base else Domain("memory", ""))
        for entry in [entry for entry in self._entries.values() if entry]:
            self._file(entry)

    @property
    def domain(self) -> Domain:
        return self._domain

    def get(self, ref: str) -> Entry | None:
        if ref.startswith("new:") and (self._base is None or ref not in self._entries):
            return next(iter(self.find("distinguishedName", ref.removeprefix("new:"))), None)
        if ref not in self._entries and self._base is not None:
            self._remember(ref, self._base.get(ref))
        return self._entries.get(ref)

    def find(self, attribute: str, value: str) -> tuple[Entry, ...]:
        key = (attribute.lower(), value.lower())
        self._ask(attribute, value, key)
        found = (self._entries.get(ref) for ref in sorted(self._by.get(key, ())))
        taken = self._taken.get(hash(key), "")
        planned = (Entry(f"new:{taken}", taken, {attribute: (value,)}),) if taken else ()
        return (*(entry for entry in found if entry and _has(entry, attribute, value)), *planned)

    def rehearsal(self) -> ProjectedDirectory:
        """A picture over what this one knows already, on which to learn what else planning will ask."""
        return ProjectedDirectory(Remembered(self))

    def heir(self) -> ProjectedDirectory:
        """A fresh picture of the same base, in which what is planned here is there by name: taken, and no more."""
        for entry in [entry for ref, entry in self._entries.items() if entry and ref.startswith("new:")]:
            names = [(name, value) for name in NAMES for value in entry.get(name)]
            for name, value in (("distinguishedName", entry.dn), *names):
                self._taken[hash((name.lower(), value.lower()))] = entry.dn
        fresh = ProjectedDirectory(self._base, domain=self._domain)
        fresh._taken, fresh._highest = self._taken, dict(self._highest)
        return fresh

    def asked(self) -> Questions:
        """Of a rehearsal: what was asked and is not known yet."""
        return self._base.questions if isinstance(self._base, Remembered) else {}

    def warm(self, questions: Questions) -> None:
        """Ask the base for many values at once; later questions about them cost nothing."""
        search = getattr(self._base, "find_many", None)
        for attribute, values in questions.items() if search else ():
            for entry in search(attribute, list(values)) if search else ():
                self._remember(entry.ref, entry)
            for value in values:
                self._asked.add((attribute.lower(), value.lower()))
                if attribute == REFERENCE:
                    self._remember(value, None)

    def recall(self, attribute: str, value: str) -> tuple[Entry, ...] | None:
        """What a find would give without asking the base; None if it would have to ask."""
        return self.find(attribute, value) if (attribute.lower(), value.lower()) in self._asked else None

    def recall_entry(self, ref: str) -> tuple[Entry | None] | None:
        """The same for an entry, in a tuple; None if the base would have to be asked."""
        return (self._entries[ref],) if ref in self._entries else None

    def recall_reach(self, ref: str) -> frozenset[str]:
        """The reach of an entry as far as it was asked before."""
        return self._reach.get(ref, frozenset())

    def mark(self) -> int:
        """Where the journal of planned changes stands."""
        return len(self._journal)

    def back_to(self, mark: int) -> None:
        """Take back every change planned since."""
        while len(self._journal) > mark:
            ref, entry = self._journal.pop()
            self._entries[ref] = entry

    def reach(self, ref: str) -> frozenset[str]:
        entry = self.get(ref)
        if entry is None:
            return frozenset()
        own = self._base_reach(ref) if not ref.startswith("new:") else frozenset()
        added = entry.groups - self._groups_read.get(ref, frozenset())
        sids = {entry.first("objectSid")} - {""}
        return own.union(sids, *(self.reach(group) for group in sorted(added)))

    def add(self, ref: str, dn: str, attributes: Attributes) -> None:
        keys = [("distinguishedName", dn), *((k, v) for k in UNIQUE for v in attributes.get(k, ()))]
        for attribute, value in keys:
            if self.find(attribute, value):
                raise Conflict(f"{common_name(value) if '=' in value else value} already exists", hint="plan again")
        ref = ref if self._base is not None else f"guid:{len(self._entries)}"  # a promise, or an identity
        given = {name: values for name, values in attributes.items() if values}
        for name in self._highest.keys() & given.keys():
            self._highest[name] = max(self._highest[name], int(given[name][0]))
        self._keep(ref, Entry(ref, dn, {**AT_BIRTH, **given}))

    def remove(self, ref: str, state: str) -> None:
        entry = self._existing(ref)
        if entry.state != state:
            raise Conflict(f"{entry.name} was changed since it was created", hint="look at it before deleting it")
        self._keep(ref, None)

    def swap(self, ref: str, attribute: str, before: Values, after: Values) -> None:
        entry = self._existing(ref)
        self._expect(entry, attribute, before)
        for value in after if attribute in UNIQUE else ():
            if any(other.ref != entry.ref for other in self.find(attribute, value)):
                raise Conflict(f"{value} already belongs to somebody else", hint="choose another one")
        attributes = {k: v for k, v in entry.attributes.items() if k != attribute}
        self._change(entry, attributes={**attributes, attribute: after} if after else attributes)

    def move(self, ref: str, before: str, after: str) -> None:
        entry = self._existing(ref)
        taken = after.lower() != before.lower() and self.find("distinguishedName", after)
        if entry.dn.lower() != before.lower() or taken:
            raise Conflict(f"{entry.name} has moved, or its new place is taken", hint="plan again")
        self._change(entry, dn=after)

    def link(self, group: str, member: str, before: bool, after: bool) -> None:
        self._existing(group)
        entry = self._existing(member)
        if (group in entry.groups) != before:
            raise Conflict(f"the groups of {entry.name} have changed", hint="plan again")
        self._keep(entry.ref, replace(entry, groups=entry.groups | {group} if after else entry.groups - {group}))

    def set_password(self, ref: str, last_set: Values, password: Secret | Slot, must_change: bool) -> None:
        entry = self._existing(ref)
        self._expect(entry, "pwdLastSet", last_set)
        after = ("0",) if must_change else ASSIGNED
        self._change(entry, attributes={**entry.attributes, "pwdLastSet": after})
        self._passwords[entry.ref] = password

    def scramble(self, ref: str, last_set: Values, password: Secret | Slot) -> None:
        entry = self._existing(ref)
        self._expect(entry, "pwdLastSet", last_set)
        after = ASSIGNED if self._base else (f"{int(entry.first('pwdLastSet') or 0) + 1}",)  # in memory, a later moment
        self._change(entry, attributes={**entry.attributes, "pwdLastSet": after})
        self._passwords[entry.ref] = password
        self._writes[entry.ref] = self.password_writes(entry.ref) + 2

    def highest(self, attribute: str) -> int:
        if attribute not in self._highest:
            numbers = (entry.number(attribute) for entry in self._entries.values() if entry)
            self._highest[attribute] = max(self._base.highest(attribute) if self._base else 0, *numbers, 0)
        return self._highest[attribute]

    def password_writes(self, ref: str) -> int:
        if ref not in self._writes:
            self._writes[ref] = self._base.password_writes(ref) if self._base else 1
        return self._writes[ref]

    def accepts(self, ref: str, password: Secret) -> bool:
        return self._passwords.get(ref) == password

    def refusal(self, ref: str, password: Secret) -> dict[str, str]:
        known = "open" if self._existing(ref).enabled else "533"
        return {"ldap": known if self.accepts(ref, password) else "52e"}

    def snapshot(self, refs: Iterable[str]) -> DirectoryReader:  # noqa: ARG002
        return self

    def apply_all(self, changes: Sequence[Change[Directory]]) -> list[OpsError | None]:
        """Apply changes in order; one error or None for each."""
        return one_by_one(changes, self)

    def projection(self) -> ProjectedDirectory:
        """A picture over this one; changes made to it stay there."""
        return ProjectedDirectory(self)

    def about(self, ref: str) -> str:
        """How a person knows the entry: ``Amy Ng (amy.ng)``."""
        entry = self.get(ref)
        if entry is None:
            return common_name(ref.removeprefix("new:"))
        return f"{entry.name} ({entry.logon_name})" if entry.logon_name not in ("", entry.name) else entry.name

    def _base_reach(self, ref: str) -> frozenset[str]:
        if self._base is None:
            return frozenset()
        if ref not in self._reach:
            self._reach[ref] = self._base.reach(ref)
        return self._reach[ref]

    def _ask(self, attribute: str, value: str, key: tuple[str, str]) -> None:
        if key in self._asked:
            return
        self._asked.add(key)
        if self._base is None:
            return
        for entry in self._base.find(attribute, value):
            self._remember(entry.ref, entry)

    def _remember(self, ref: str, entry: Entry | None) -> None:
        if ref not in self._entries:
            self._entries[ref] = entry
            if entry:
                self._file(entry)
            self._groups_read[ref] = entry.groups if entry else frozenset()

    def _change(self, entry: Entry, **values: Any) -> None:
        """Replace an entry by one with other values and a later version."""
        self._keep(entry.ref, replace(entry, version=f"{entry.version}+", **values))

    def _keep(self, ref: str, entry: Entry | None) -> None:
        self._journal.append((ref, self._entries.get(ref)))
        self._entries[ref] = entry
        if entry:
            self._file(entry)

    def _file(self, entry: Entry) -> None:
        """Index by every value, so that a find does not walk all entries. Stale keys are checked on use."""
        self._by.setdefault(("distinguishedname", entry.dn.lower()), set()).add(entry.ref)
        for name, values in entry.attributes.items():
            for value in values:
                self._by.setdefault((name.lower(), value.lower()), set()).add(entry.ref)

    def _existing(self, ref: str) -> Entry:
        if entry := self.get(ref):
            return entry
        raise Conflict(f"{common_name(ref.removeprefix('new:'))} is no longer there", hint="plan again")

    def _expect(self, entry: Entry, attribute: str, before: Values) -> None:
        if before == ASSIGNED or entry.get(attribute) != before:
            raise Conflict(f"{attribute} of {entry.name} is not what it was when the plan was made", hint="plan again")


class Remembered(DirectoryReader):
    """A reader that answers from what a picture knows already, and notes what it does not."""

    def __init__(self, picture: ProjectedDirectory) -> None:
        self._picture = picture
        self.questions: dict[str, dict[str, None]] = {}

    @property
    def domain(self) -> Domain:
        return self._picture.domain

    def get(self, ref: str) -> Entry | None:
        known = self._picture.recall_entry(ref)
        if known is None:
            self._note(REFERENCE, ref)
        return known[0] if known else None

    def find(self, attribute: str, value: str) -> tuple[Entry, ...]:
        known = self._picture.recall(attribute, value)
        if known is None:
            self._note(attribute, value)
        return known or ()

    def reach(self, ref: str) -> frozenset[str]:
        return self._picture.recall_reach(ref)

    def password_writes(self, ref: str) -> int:  # noqa: ARG002
        return 0

    def highest(self, attribute: str) -> int:
        return self._picture.highest(attribute)

    def _note(self, attribute: str, value: str) -> None:
        self.questions.setdefault(attribute, {})[value] = None


def _has(entry: Entry, attribute: str, value: str) -> bool:
    if attribute == "distinguishedName":
        return entry.dn.lower() == value.lower()
    return any(
        value.lower() == other.lower()
        for name, vs in entry.attributes.items()
        if name.lower() == attribute.lower()
        for other in vs
    )
