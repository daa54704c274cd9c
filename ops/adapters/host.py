"""A Linux host: what a plan may read of it, and how a change lands.

A reference names a kind of thing and which one: ``login:amy.ng``, ``keys:amy.ng``, ``jobs:amy.ng`` (a crontab),
``queued:amy.ng`` (jobs of at), ``linger:amy.ng`` (services without being signed in),
``processes:amy.ng``, ``connections:S-1-5-21-…`` (to the directory), ``folder:/srv/home/amy.ng``,
``archive:/srv/archive/amy.ng.tar.zst``. A thing is read as a mapping of text to text, or None where there is none; a
change swaps one such mapping for another.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

from ops.change import Change, Detail, Guard
from ops.errors import InvalidRequest

Fields = Mapping[str, str]
PASSING = ("processes", "queued", "connections")  # things that are ended and never swapped for others
RESTART = "restart the directory service there, or wait until it ends idle ones"
NEVER, ONCE = "never", "1970-01-02"  # days a login expires; the second is long past
GOOD_KEYS = frozenset(
    "ssh-ed25519 sk-ssh-ed25519@openssh.com ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521"
    " sk-ecdsa-sha2-nistp256@openssh.com ssh-rsa".split()
)
RSA_3072 = 400  # octets of a public key of 3072 bits
HOW = ("source", "skeleton")  # fields that say how a folder is made and are not seen on it afterwards
CLOSED: Fields = {"owner": "0", "group": "0", "mode": "700"}  # of a folder that nobody but root may enter


@dataclass(frozen=True)
class Machine:
    """What the inventory says of a host. ``account`` is ours there; ``accounts_for`` names groups of the directory
    whose members get a login; ``homes``, ``archive`` and ``handed_over`` are folders of a file server,
    or empty; ``mailboxes`` is a mail server's folder with one mailbox a logon name, or empty; ``quota`` is what each
    home may hold, such as 5G; ``sign_in_log`` is where a controller writes who signs in, or empty; ``hostname`` is its
    whole name.
    """

    name: str
    account: str = ""
    accounts_for: tuple[str, ...] = ()
    homes: str = ""
    archive: str = ""
    handed_over: str = ""
    mailboxes: str = ""
    quota: str = ""
    sign_in_log: str = ""
    hostname: str = ""


class HostReader(Protocol):
    """The read side: all a plan is given, so that a dry run cannot write."""

    @property
    def machine(self) -> Machine: ...

    def read(self, ref: str) -> Fields | None:
        """The thing as it is now, or None if there is no such thing."""
        ...


class Host(HostReader, Protocol):
    """The write side."""

    def swap(self, ref: str, before: Fields | None, after: Fields | None) -> None:
        """Make ``after`` of ``before`` (None: create, or remove); raise ``Conflict`` if before is not there."""
        ...

    def snapshot(self, refs: Iterable[str]) -> HostReader: ...


def public_key(text: str) -> str:
    """One public SSH key without options, or ``InvalidRequest``; DSA and short RSA keys are refused."""
    kind, _, rest = text.strip().partition(" ")
    blob, _, _ = rest.partition(" ")
    try:
        octets = base64.b64decode(blob, validate=True)
    except ValueError:
        octets = b""
    if "\n" in text.strip() or not text.isprintable() or octets[4 : 4 + len(kind)] != kind.encode() or not octets:
        raise InvalidRequest("this is not a public SSH key", hint="give the one line of the .pub file")
    if kind not in GOOD_KEYS or (kind == "ssh-rsa" and len(octets) < RSA_3072):
        hint = "ssh-keygen -t ed25519 makes a good one"
        raise InvalidRequest(f"a key of the kind {kind} this short or old is not safe any more", hint=hint)
    return text.strip()


def named(ref: str) -> str:
    """The name or path in a reference."""
    return ref.partition(":")[2]


@dataclass(frozen=True)
class Thing(Change[Host]):
    """Swap one thing of a host; the subclass says which, and what people call it. ``person`` is whose it is."""

    guard: ClassVar[Guard] = "reread"
    person: str = ""

    def apply(self, adapter: Host) -> None:
        adapter.swap(self.subject, self.before, self.after)

    def observe(self, adapter: HostReader) -> Any:
        """Of what is there, the fields this change names."""
        found = adapter.read(self.subject)
        named_here = {**(self.before or {}), **(self.after or {})}
        return found if found is None else {name: found[name] for name in named_here if name in found}

    def holds(self, adapter: Host) -> bool:
        return as_wished(adapter.read(self.subject), self.after)

    def about(self) -> str:
        return self.person

    def details(self) -> tuple[Detail, ...]:
        before, after = self.before or {}, self.after or {}
        return tuple(
            Detail(name, before.get(name, ""), after.get(name, ""))
            for name in (*before, *(name for name in after if name not in before))
            if before.get(name) != after.get(name)
        )

    def public(self) -> dict[str, Any]:
        return {"attributes": sorted({detail.name for detail in self.details()})}


def as_wished(found: Fields | None, wanted: Fields | None) -> bool:
    """Whether a thing is as a change wants it: gone, or every field that was named as it was named."""
    if found is None or wanted is None:
        return found is None and wanted is None
    return all(found.get(name) == value for name, value in wanted.items() if name not in HOW)


@dataclass(frozen=True)
class Login(Thing):
    """A login of a host appears, changes, or (only as the undo of a creation) goes.

    Fields: uid, gid, comment, home, shell, locked (yes, no), expires (a day, or never).
    """

    host: str = ""

    def sentence(self) -> str:
        if self.before is None:
            return f"gets a login on {self.host}"
        if self.after is None:
            return f"loses the login on {self.host} again"
        if self.after.get("expires") == ONCE:
            return f"can no longer sign in on {self.host}: locked, expired, no shell"
        if self.before.get("expires") == ONCE:
            return f"can sign in on {self.host} again"
        names = ", ".join(detail.name for detail in self.details())
        return f"has the login on {self.host} changed: {names}"

    def proof(self, adapter: Host) -> dict[str, Any]:
        """Of a login that is closed: what its door said to a good key."""
        closed = (self.after or {}).get("expires") == ONCE
        return dict(adapter.read(f"door:{named(self.subject)}") or {}) if closed else {}


@dataclass(frozen=True)
class Keys(Thing):
    """The keys that open a login: path of each file of keys → its text."""

    host: str = ""

    def sentence(self) -> str:
        if not self.after:
            return f"loses the SSH keys on {self.host}"
        return f"can sign in on {self.host} with an SSH key" if not self.before else f"gets other keys on {self.host}"

    def details(self) -> tuple[Detail, ...]:
        before, after = self.before or {}, self.after or {}
        paths = dict.fromkeys((*before, *after))
        return tuple(Detail(path, _count(before.get(path, "")), _count(after.get(path, ""))) for path in paths)

    def public(self) -> dict[str, Any]:
        return {"attributes": ["keys"]}

    def goes_with(self) -> tuple[str, ...]:
        """Keys lie in the home."""
        homes = {path.rpartition("/.ssh/")[0] for path in self.after or {}}
        return tuple(f"folder:{home}" for home in homes if home)

    def rests_on(self) -> tuple[str, ...]:
        """Keys are given to a login; they are taken away whatever becomes of it."""
        return (self.subject, f"login:{named(self.subject)}") if self.after else (self.subject,)


def _count(text: str) -> str:
    keys = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return f"{len(keys)} key{'s' * (len(keys) != 1)}" if keys else ""


@dataclass(frozen=True)
class Jobs(Thing):
    """The crontab of a login; its only field is ``text``."""

    host: str = ""

    def sentence(self) -> str:
        return f"loses the crontab on {self.host}" if self.after is None else f"gets a crontab on {self.host}"


@dataclass(frozen=True)
class Queued(Thing):
    """All jobs that wait in the queue of at(1) for a login; nothing brings them back."""

    guard: ClassVar[Guard] = "none"
    host: str = ""

    def sentence(self) -> str:
        return f"loses every job that waits for its time on {self.host}"

    def observe(self, adapter: HostReader) -> Any:
        """However many there are by now, they are what is to go."""
        return self.before if adapter.read(self.subject) else None

    def inverse(self) -> None:
        """What they would have done is not kept."""
        return


@dataclass(frozen=True)
class Linger(Thing):
    """Services of a login run from the start of the host on, or only while it is signed in."""

    host: str = ""

    def sentence(self) -> str:
        on = self.after is not None
        return f"may {'' if on else 'no longer '}have services on {self.host} without being signed in"


@dataclass(frozen=True)
class Processes(Thing):
    """All processes of a login end, sessions among them; nothing brings them back."""

    guard: ClassVar[Guard] = "none"
    host: str = ""

    def sentence(self) -> str:
        return f"has every process on {self.host} ended, sessions too"

    def observe(self, adapter: HostReader) -> Any:
        """However many there are by now, they are what is to end."""
        return self.before if adapter.read(self.subject) else None

    def inverse(self) -> None:
        """Nothing brings a session back."""
        return


@dataclass(frozen=True)
class Connections(Thing):
    """What a controller has open for somebody ends; nothing brings it back. ``unknown`` ones are left alone."""

    guard: ClassVar[Guard] = "none"
    host: str = ""

    def sentence(self) -> str:
        return f"has every connection to the directory on {self.host} ended"

    def observe(self, adapter: HostReader) -> Any:
        """However many there are by now, they are what is to end."""
        return self.before if (adapter.read(self.subject) or {}).get("open", "0") != "0" else None

    def holds(self, adapter: Host) -> bool:
        return self.observe(adapter) is None

    def inverse(self) -> None:
        """Nothing opens them again."""
        return


@dataclass(frozen=True)
class Folder(Thing):
    """A folder appears, changes rights, or goes. Fields: owner, group, mode, acl; source is an archive to unpack,
    skeleton a folder to begin with.
    """

    host: str = ""
    state: str = ""

    def sentence(self) -> str:
        path = named(self.subject)
        if self.before is None:
            return f"is handed over, read-only, in {path}" if self.after.get("source") else f"gets the folder {path}"
        if self.after is None:
            return f"loses the folder {path} again"
        return f"has the folder {path} closed" if self.after.get("owner") == "0" else f"has {path} opened again"

    def rests_on(self) -> tuple[str, ...]:
        """An archive that is unpacked must be there first."""
        source = (self.after or {}).get("source", "")
        return (self.subject, f"archive:{source}") if source else (self.subject,)

    def holds(self, adapter: Host) -> bool:
        """Of a folder made for somebody too: its owner can write a file into it and delete it again."""
        return super().holds(adapter) and (not self._for_somebody() or bool(adapter.read(self._trial())))

    def _for_somebody(self) -> bool:
        return self.before is None and bool(self.after) and self.after["owner"] != "0" and "source" not in self.after

    def _trial(self) -> str:
        return f"trial:{self.after['owner']}:{self.after['group']}:{named(self.subject)}"

    def proof(self, adapter: Host) -> dict[str, Any]:
        return {"written_and_deleted_as_owner": bool(adapter.read(self._trial()))} if self._for_somebody() else {}

    def state_seen(self, adapter: HostReader) -> str:
        return (adapter.read(self.subject) or {}).get("state", "")

    def born(self, adapter: HostReader) -> dict[str, str]:  # noqa: ARG002
        return {self.subject: self.subject} if self.before is None else {}

    def undo(self, reader: HostReader) -> tuple[Change[Any], ...]:
        """Remove what this run made if nothing was put into it since; else close it, so that nothing is lost."""
        found = reader.read(self.subject)
        if self.before is not None or self.after is None or found is None:
            return super().undo(reader)
        if found.get("state") == self.state:
            gone = replace(self, before={**self.after, "state": self.state}, after=None)
            return (gone,)
        now = {name: found[name] for name in CLOSED}
        return (replace(self, before=now, after=CLOSED),) if now != CLOSED else ()


@dataclass(frozen=True)
class Quota(Thing):
    """How much a folder may hold. Its field ``limit`` is a number of octets, or ``none``."""

    def sentence(self) -> str:
        path, limit = named(self.subject), self.after["limit"]
        return f"may keep any amount in {path}" if limit == "none" else f"may keep {sized(int(limit))} in {path}"

    def goes_with(self) -> tuple[str, ...]:
        return (f"folder:{named(self.subject)}",)

    def rests_on(self) -> tuple[str, ...]:
        return (self.subject, f"folder:{named(self.subject)}")


def sized(octets: int) -> str:
    """Octets as people say them."""
    units = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
    unit, name = next(((unit, name) for unit, name in units if octets >= unit), (1, "octets"))
    return f"{octets / unit:.4g} {name}"


@dataclass(frozen=True)
class Archive(Thing):
    """A packed copy of a folder appears, or goes. Its field ``folder`` is what was packed."""

    def rests_on(self) -> tuple[str, ...]:
        return (self.subject, f"folder:{(self.after or self.before)['folder']}")

    def sentence(self) -> str:
        path = named(self.subject)
        return f"has {self.after['folder']} packed into {path}" if self.after else f"loses the archive {path} again"

    def proof(self, adapter: Host) -> dict[str, Any]:
        """What it holds and whether a file came out of it again, without names."""
        found = adapter.read(self.subject) or {}
        return {name: found[name] for name in ("sha256", "size", "held", "tested") if name in found}
