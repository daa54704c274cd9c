"""The directory protocol over LDAP. Entries are addressed by GUID, so a rename in between cannot hit another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ops.adapters.directory import Directory, DirectoryReader
from ops.adapters.directory_entry import Attributes, Domain, Entry, Values, generalized
from ops.adapters.directory_guards import PROTECTED_NAMES
from ops.adapters.directory_names import any_of, equals, has_guid, respelled, split
from ops.adapters.directory_projection import REFERENCE, ProjectedDirectory
from ops.adapters.ldap_connection import Address, anchor, connection, exchange, hang_up, opened, server
from ops.adapters.ldap_errors import RIGHT_PASSWORD, data_code, refusal, unreachable
from ops.adapters.ldap_metadata import ATTRIBUTE_IDS, METADATA, NOT_WRITTEN, UNICODE_PWD, Written, replicated
from ops.adapters.ldap_ticket import ticket_refusal
from ops.change import Change
from ops.errors import Conflict, NotFound, OpsError, OutcomeUnknown, Unreachable
from ops.secret import Secret, Slot

if TYPE_CHECKING:
    from ldap3 import Connection, Server

EXTENDED_DN = ("1.2.840.113556.1.4.529", True, b"\x30\x03\x02\x01\x01")  # DN values carry their GUID
READ = (
    "objectGUID objectSid objectClass sAMAccountName userPrincipalName userAccountControl pwdLastSet lockoutTime"
    " accountExpires employeeID givenName sn initials displayName description department title company mail manager"
    " telephoneNumber mobile physicalDeliveryOfficeName memberOf primaryGroupID adminCount servicePrincipalName"
    " adminDescription whenCreated lastLogonTimestamp uSNChanged uidNumber gidNumber unixHomeDirectory loginShell"
    " logonHours managedBy altSecurityIdentities msDS-AllowedToDelegateTo dNSHostName operatingSystem"
).split()
FLAGS = "userAccountControl"
BINARY = ("logonHours",)  # octets, that we speak of as hex
IDENTITY = ("objectGUID", "objectSid", "objectClass")
PAGE, MANY = 500, 100


@contextmanager
def connect(
    address: Address, base: str, places: Mapping[str, str], password: Secret | None, ticket_hours: int = 10
) -> Iterator[LdapDirectory]:
    """Open a directory over verified LDAPS for the length of a with block."""
    to = server(address)
    made = opened(connection(to, address, password), address)
    try:
        directory = LdapDirectory(made, to, address, Domain(base_name(base), base, places, ticket_hours=ticket_hours))
        directory.introduce()
        yield directory
    finally:
        directory.close() if "directory" in locals() else made.unbind()


def base_name(base: str) -> str:
    """``DC=lab,DC=example`` → ``lab.example``."""
    return ".".join(part.partition("=")[2] for part in base.split(","))


class LdapDirectory(Directory):
    """One domain controller, for the length of one run."""

    def __init__(self, made: Connection, to: Server, address: Address, domain: Domain) -> None:
        self._ldap, self._server, self._address = made, to, address
        self._domain = domain
        self._queue: list[tuple[str, Any]] | None = None
        self._probe: Connection | None = None

    @property
    def domain(self) -> Domain:
        return self._domain

    @property
    def anchors(self) -> tuple[str, ...]:
        """What the handshake proved: the one certificate authority our connection trusts."""
        return (anchor(self._address.ca_file),)

    def introduce(self) -> None:
        """Ask who we are and which groups are out of bounds here."""
        attribute = "userPrincipalName" if "@" in self._address.account else "sAMAccountName"
        actor = self.find(attribute, self._address.account)
        us = self._rows("", "(objectClass=*)", ["tokenGroups"], scope="BASE", paged=False)[0]["raw_attributes"]
        seen = sid_text(us["tokenGroups"][0]) if us.get("tokenGroups") else ""
        confirmed = bool(actor) and actor[0].first("objectSid") == seen
        found = [entry for name in PROTECTED_NAMES for entry in self.find("sAMAccountName", name)]
        protected = {entry.first("objectSid"): entry.logon_name for entry in found}
        self._domain = replace(
            self._domain, actor=actor[0].ref if actor else "", confirmed=confirmed, protected=protected
        )

    def close(self) -> None:
        """Sign out of everything."""
        from ldap3.core.exceptions import LDAPException

        for one in (self._probe, self._ldap):
            if one is None:
                continue
            try:
                one.unbind()
            except (LDAPException, OSError):
                hang_up(one)  # the server's end is gone already

    def get(self, ref: str) -> Entry | None:
        return next(iter(self.search(_filter(ref))), None)

    def find(self, attribute: str, value: str) -> tuple[Entry, ...]:
        return self.search(equals(attribute, value))

    def find_many(self, attribute: str, values: Sequence[str]) -> tuple[Entry, ...]:
        """All entries that have one of these values, in few round trips."""
        filters = [_filter(value) if attribute == REFERENCE else equals(attribute, value) for value in values]
        groups = [filters[start : start + MANY] for start in range(0, len(filters), MANY)]
        return tuple(entry for group in groups for entry in self.search(any_of(group)))

    def reach(self, ref: str) -> frozenset[str]:
        """Of an account read from tokenGroups, which the server computes over nested groups and the primary group.

        For a group Samba puts only the group itself there, so the groups above it are walked.
        """
        entry, sids = self._token_groups(ref)
        if entry.kind != "group":
            return sids
        seen, waiting = {entry.ref}, list(entry.groups)
        while waiting:
            if (above := waiting.pop()) not in seen:
                seen.add(above)
                entry, more = self._token_groups(above)
                sids |= more
                waiting += entry.groups
        return sids

    def _token_groups(self, ref: str) -> tuple[Entry, frozenset[str]]:
        wanted = [*IDENTITY, "tokenGroups", "memberOf"]
        rows = self._rows(_dn(ref), "(objectClass=*)", wanted, scope="BASE", paged=False)
        if not rows:
            raise NotFound("the account or group is no longer there", hint="plan again")
        raw = rows[0]["raw_attributes"]
        sids = [*raw.pop("tokenGroups", ()), *raw.get("objectSid", ())]
        return _entry(rows[0]), frozenset(map(sid_text, sids))

    def now(self) -> datetime:
        """The controller's clock."""
        row = self._rows("", "(objectClass=*)", ["currentTime"], scope="BASE", paged=False)[0]
        text = row["raw_attributes"]["currentTime"][0].decode()
        return generalized(text)

    def rights_on(self, dn: str) -> frozenset[str] | None:
        """The classes of object our account may create in a place; None if there is no such place."""
        rows = self._rows(dn, "(objectClass=*)", ["allowedChildClassesEffective"], scope="BASE", paged=False)
        if not rows:
            return None
        return frozenset(v.decode() for v in rows[0]["raw_attributes"].get("allowedChildClassesEffective", ()))

    def search(self, filter_: str, base: str = "", attributes: Sequence[str] = READ) -> tuple[Entry, ...]:
        """All entries a filter matches, page by page; for audits, which need no picture of the future."""
        rows = self._rows(base or self._domain.base, filter_, list(attributes))
        return tuple(_entry(row) for row in rows)

    def snapshot(self, refs: Iterable[str]) -> DirectoryReader:
        """Read many entries in few round trips; other reads still go to the server."""
        filters = sorted({_filter(ref) for ref in refs})
        groups = [filters[start : start + MANY] for start in range(0, len(filters), MANY)]
        found = [entry for group in groups for entry in self.search(any_of(group))]
        by_dn = {f"new:{entry.dn}": entry for entry in found}
        return ProjectedDirectory(self, {entry.ref: entry for entry in found} | by_dn)

    def projection(self) -> ProjectedDirectory:
        """This directory as it will be, for planning."""
        return ProjectedDirectory(self)

    def about(self, ref: str) -> str:
        """How a person knows the entry."""
        return ProjectedDirectory(self).about(ref)

    def add(self, ref: str, dn: str, attributes: Attributes) -> None:  # noqa: ARG002
        from ldap3.operation.add import add_operation

        plain = {"objectClass": ["user"]} | {key: list(values) for key, values in attributes.items() if values}
        self._write("addRequest", add_operation(dn, plain, True))

    def remove(self, ref: str, state: str) -> None:
        from ldap3.operation.delete import delete_operation

        entry = self.get(ref)  # AD has no conditional delete: a short window stays open
        if entry is None or entry.state != state:
            raise Conflict("it was changed since it was created", hint="look at it before deleting it")
        self._write("delRequest", delete_operation(_dn(ref)))

    def swap(self, ref: str, attribute: str, before: Values, after: Values) -> None:
        """The server compares and swaps; but a flag that is as wished already it swaps in silence, so it is read."""
        if attribute == FLAGS and ((entry := self.get(ref)) is None or entry.get(attribute) != before):
            raise Conflict("it is no longer as it was when the plan was made", hint="plan again")
        if attribute in BINARY:
            wire = [(how, [bytes.fromhex(value) for value in values]) for how, values in _swap(before, after)]
            self._modify(ref, {attribute: wire})
            return
        self._modify(ref, {attribute: _swap(before, after)})

    def move(self, ref: str, before: str, after: str) -> None:
        from ldap3.operation.modifyDn import modify_dn_operation

        if (entry := self.get(ref)) is None or entry.dn.lower() != before.lower():
            raise Conflict("it has moved since the plan was made", hint="plan again")
        name, parent = split(after)
        superior = parent if parent.lower() != split(before)[1].lower() else None
        self._write("modDNRequest", modify_dn_operation(before, name, True, superior))

    def link(self, group: str, member: str, before: bool, after: bool) -> None:
        self._modify(group, {"member": _swap((_dn(member),) * before, (_dn(member),) * after)})

    def set_password(self, ref: str, last_set: Values, password: Secret | Slot, must_change: bool) -> None:
        if not isinstance(password, Secret):
            raise TypeError("the password has not been made yet")
        quoted = f'"{password.reveal()}"'.encode("utf-16-le")
        when = ("0",) if must_change else ("-1",)  # -1: the server writes the present moment
        self._modify(ref, {"unicodePwd": [("MODIFY_REPLACE", [quoted])], "pwdLastSet": _swap(last_set, when)})

    def scramble(self, ref: str, last_set: Values, password: Secret | Slot) -> None:
        if not isinstance(password, Secret):
            raise TypeError("the password has not been made yet")
        unknown = f'"{token_urlsafe(30)}-aA1"'.encode("utf-16-le")
        last = f'"{password.reveal()}"'.encode("utf-16-le")
        first = {"unicodePwd": [("MODIFY_REPLACE", [unknown])], "pwdLastSet": _swap(last_set, ("-1",))}
        self._modify(ref, first)
        self._modify(ref, {"unicodePwd": [("MODIFY_REPLACE", [last])]})

    def highest(self, attribute: str) -> int:
        rows = self._rows(self._domain.base, f"({attribute}=*)", [attribute])
        return max((int(row["raw_attributes"][attribute][0]) for row in rows), default=0)

    def password_writes(self, ref: str) -> int:
        return self._metadata(ref).get(UNICODE_PWD, NOT_WRITTEN).times

    def written(self, ref: str, attribute: str) -> datetime | None:
        return self._metadata(ref).get(ATTRIBUTE_IDS[attribute], NOT_WRITTEN).last

    def _metadata(self, ref: str) -> Mapping[int, Written]:
        rows = self._rows(_dn(ref), "(objectClass=*)", [METADATA], scope="BASE", paged=False)
        return replicated(rows[0]["raw_attributes"].get(METADATA, [b""])[0]) if rows else {}

    def accepts(self, ref: str, password: Secret) -> bool:
        """Sign in as the entry. Refusals that come only after a right password count as accepted."""
        return self._sign_in(ref, password) in ("open", *RIGHT_PASSWORD)

    def refusal(self, ref: str, password: Secret) -> dict[str, str]:
        entry = self.get(ref)
        name = f"{entry.logon_name}@{self._domain.name.upper()}" if entry else ""
        kerberos = ticket_refusal(name, password) if name else ""
        return {"ldap": self._sign_in(ref, password), **({"kerberos": kerberos} if kerberos else {})}

    def _sign_in(self, ref: str, password: Secret) -> str:
        """``open``, or the data code of the refusal."""
        from ldap3.core.exceptions import LDAPException

        try:
            if self._probe is None:
                probe_as = replace(self._address, account=_dn(ref), kerberos=False)
                self._probe = connection(self._server, probe_as, password)
                self._probe.open(read_server_info=False)
            self._probe.user, self._probe.password = _dn(ref), password.reveal()
            if self._probe.bind(read_server_info=False):
                return "open"
        except (LDAPException, OSError) as error:
            if self._probe is not None:
                hang_up(self._probe)
                self._probe = None
            raise unreachable(self._address.host, error) from error
        return data_code(self._probe.result["message"])

    def apply_all(self, changes: Sequence[Change[Directory]]) -> list[OpsError | None]:
        """Apply changes in order; those the server itself compares and swaps travel together."""
        said: list[OpsError | None] = []
        while len(said) < len(changes):
            together = list(_while_swapped(changes[len(said) :]))
            said += self._together(together) if together else self._together([changes[len(said)]])
        return said

    def _together(self, changes: Sequence[Change[Directory]]) -> list[OpsError | None]:
        errors: dict[int, OpsError] = {}
        sent: list[int] = []
        requests: list[tuple[str, Any]] = []
        for number, change in enumerate(changes):
            self._queue = []
            try:
                change.apply(self)
                requests += self._queue
                sent += [number] * len(self._queue)
            except OutcomeUnknown:
                raise
            except OpsError as error:
                errors[number] = error
            finally:
                self._queue = None
        for number, result in zip(sent, exchange(self._ldap, requests) if requests else (), strict=True):
            if refused := refusal(result):
                errors[number] = refused
        return [errors.get(number) for number in range(len(changes))]

    def _modify(self, ref: str, changes: dict[str, Any]) -> None:
        from ldap3.operation.modify import modify_operation

        self._write("modifyRequest", modify_operation(_dn(ref), changes, True))

    def _write(self, kind: str, request: Any) -> None:
        if self._queue is not None:
            self._queue.append((kind, request))
            return
        (result,) = exchange(self._ldap, [(kind, request)])
        if error := refusal(result):
            raise error

    def _rows(
        self, base: str, filter_: str, attributes: list[str], scope: str = "SUBTREE", paged: bool = True
    ) -> list[dict[str, Any]]:
        from ldap3.core.exceptions import LDAPException

        rows: list[dict[str, Any]] = []
        cookie: Any = None
        try:
            while True:
                controls = [EXTENDED_DN] if "memberOf" in attributes else None
                size = PAGE if paged else None
                self._ldap.search(
                    base, filter_, scope, attributes=attributes, controls=controls, paged_size=size, paged_cookie=cookie
                )
                result = self._ldap.result
                if result["result"] not in (0, 32):
                    raise Unreachable(f"the search was refused: {result['description']}", hint="ops doctor")
                rows += [row for row in self._ldap.response or () if row["type"] == "searchResEntry"]
                page = result.get("controls", {}).get("1.2.840.113556.1.4.319", {}).get("value", {})
                cookie = page.get("cookie")
                if not cookie:
                    return rows
        except (LDAPException, OSError) as error:
            raise unreachable(self._address.host, error) from error


def _while_swapped(changes: Sequence[Change[Directory]]) -> Iterator[Change[Directory]]:
    for change in changes:
        if change.guard != "swap":
            return
        yield change


def _swap(before: Values, after: Values) -> list[tuple[str, list[str]]]:
    """Delete what we saw and add what we want, in one modify: the server's own compare-and-swap."""
    return [(how, list(values)) for how, values in (("MODIFY_DELETE", before), ("MODIFY_ADD", after)) if values]


def _dn(ref: str) -> str:
    return f"<GUID={ref.removeprefix('guid:')}>" if ref.startswith("guid:") else ref.removeprefix("new:")


def _filter(ref: str) -> str:
    if ref.startswith("new:"):
        return equals("distinguishedName", ref.removeprefix("new:"))
    return has_guid(ref.removeprefix("guid:"))


def _split(extended: str) -> tuple[str, str]:
    """``<GUID=…>;<SID=…>;CN=…`` → reference and DN; objects without a SID have one part less."""
    parts = extended.split(";", 2 if ";<SID=" in extended else 1)
    return f"guid:{parts[0][6:-1]}", parts[-1]


def _entry(row: dict[str, Any]) -> Entry:
    raw = dict(row["raw_attributes"])
    dn = _split(row["dn"])[1] if row["dn"].startswith("<GUID=") else row["dn"]
    guid = UUID(bytes_le=raw.pop("objectGUID")[0])
    groups = frozenset(_split(value.decode())[0] for value in raw.pop("memberOf", ()))
    version = b"".join(raw.pop("uSNChanged", [b""])).decode()
    if "objectSid" in raw:
        raw["objectSid"] = [sid_text(raw["objectSid"][0]).encode()]
    for name in {"manager", "managedBy"} & raw.keys():
        raw[name] = [_split(raw[name][0].decode())[1].encode()]
    for name in raw.keys() & set(BINARY):
        raw[name] = [value.hex().encode() for value in raw[name]]
    return Entry(
        f"guid:{guid}", respelled(dn), {k: tuple(v.decode() for v in vs) for k, vs in raw.items()}, groups, version
    )


def sid_text(value: bytes) -> str:
    """A binary SID as ``S-1-5-21-…`` (MS-DTYP 2.4.2.2)."""
    authority = int.from_bytes(value[2:8], "big")
    parts = [int.from_bytes(value[start : start + 4], "little") for start in range(8, 8 + 4 * value[1], 4)]
    return "-".join(["S", str(value[0]), str(authority), *map(str, parts)])
