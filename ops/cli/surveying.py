"""Asking the sources of a workspace what is there, and keeping what they say in its register."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from inventory.estate import leases, scans
from inventory.estate.case import Case
from inventory.estate.cases import Kept
from inventory.estate.networks import Allowance, Networks, read_allowances, read_networks
from inventory.estate.reading import Reading
from inventory.estate.sighting import Sighting, SourceRun, account
from inventory.estate.sweep import reachable, sweep
from inventory.register.collecting import Machine, collect
from inventory.register.observed import compared, keep_cases, kept_cases, runs, saw
from inventory.register.snapshots import keep
from inventory.taking_in.choosing import reader_for
from inventory.taking_in.rows import Mistake
from ops.adapters.directory_entry import DISABLED, Entry, moment
from ops.adapters.estate import Look, Told
from ops.cli.machines import of_host, of_this_machine
from ops.cli.site import Site
from ops.errors import InvalidRequest, OpsError

COMPUTERS = "(objectCategory=computer)"
ASKED = ("directory", "wire", "hosts", "here")
AT_ONCE = 8  # hosts asked at the same time
LARGEST = 64 << 20  # bytes of a file somebody brings


@dataclass
class Seen:
    """What one source said, before it is kept."""

    source: str
    name: str
    what: str
    sightings: list[Sighting] = field(default_factory=list)
    machines: list[Machine] = field(default_factory=list)
    scopes: tuple[str, ...] = ()
    failures: dict[str, str] = field(default_factory=dict)
    not_looked_at: list[str] = field(default_factory=list)
    ok: bool = True


class Estate:
    """The sources of one workspace; see ``ops.adapters.estate``."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def networks(self) -> Networks:
        """The networks that may be looked at."""
        path = self._site.workspace.folder / "inventory/sites.yaml"
        return read_networks(path.read_text(encoding="utf-8"), str(path)) if path.is_file() else Networks()

    @property
    def allowances(self) -> Sequence[Allowance]:
        """What may be on them without being registered."""
        path = self._site.workspace.folder / "inventory/allowlist.yaml"
        return read_allowances(path.read_text(encoding="utf-8"), str(path)) if path.is_file() else ()

    def looks(self, files: Mapping[str, str], only: Sequence[str]) -> Iterator[Look]:
        """Each source asked, and kept as soon as it has answered."""
        if unknown := [word for word in only if word not in ASKED]:
            raise InvalidRequest(f"there is no source {unknown[0]}", hint=f"one of {', '.join(ASKED)}")
        for ask in self._asked(only, files):
            began = datetime.now(UTC)
            try:
                seen = ask()
            except OpsError as error:
                name = ask.__name__.strip("_")
                yield Look(name, name, 0, {name: f"{error}"}, ())
                continue
            if seen.ok or seen.sightings:
                self._keep(seen, began)
            rows = len(seen.sightings) or len(seen.machines)
            yield Look(seen.name, seen.what, rows, seen.failures, seen.not_looked_at)
        with self._site.register.writing() as pen:
            keep(pen, datetime.now(UTC).date())

    def _asked(self, only: Sequence[str], files: Mapping[str, str]) -> Iterator[Callable[[], Seen]]:
        wanted = only or ASKED
        if "directory" in wanted and "directory" in self._site.kinds:
            yield self._directory
        if "wire" in wanted:
            yield self._wire
        if "hosts" in wanted and self._site.inventory.get("host"):
            yield self._hosts
        if "here" in wanted:
            yield _here
        for name, path in files.items():
            yield _Brought(name, Path(path).expanduser(), self.networks)

    def _keep(self, seen: Seen, began: datetime) -> None:
        ended = datetime.now(UTC)
        found = [*seen.sightings, *(machine.sighting for machine in seen.machines)]
        run = SourceRun(seen.source, seen.ok, began, ended, seen.scopes, len(found), len(seen.failures))
        with self._site.register.writing() as pen:
            number = saw(pen, run, seen.name, found)
            collect(pen, seen.machines, number)

    def _directory(self) -> Seen:
        directory = self._site.targets[self._site.kinds["directory"]]
        found = [computer(entry) for entry in directory.search(COMPUTERS)]
        return Seen("directory", "directory", "computers of the directory", found, scopes=(directory.domain.base,))

    def _wire(self) -> Seen:
        from ops.adapters.this_machine import networks

        named = self.networks
        if not named.all:
            gap = "the network: inventory/sites.yaml names no networks, so none is swept (ops help estate)"
            return Seen("wire", "wire", "neighbours", not_looked_at=[gap], ok=False)
        near, far = reachable(named, networks())
        gaps = [f"{block}: not on a link of this machine; bring --neighbours FILE from one there" for block in far]
        reading = sweep(near) if near else Reading(())
        found = [one for one in reading.sightings if any(_in(one.address, block) for block in near)]
        return Seen(
            "wire", "wire", "neighbours", found, scopes=tuple(map(str, near)), not_looked_at=gaps, ok=bool(near)
        )

    def _hosts(self) -> Seen:
        names = self._site.inventory["host"]
        seen = Seen("collected", "hosts", "hosts asked over SSH", scopes=())
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for name, answer in zip(names, pool.map(self._host, names), strict=True):
                if isinstance(answer, OpsError):
                    seen.failures[name] = str(answer)
                else:
                    seen.machines.append(answer)
        seen.scopes = tuple(
            f"{one.found.fields['address']}/32" for one in seen.machines if one.found.fields.get("address")
        )
        return seen

    def _host(self, name: str) -> Machine | OpsError:
        try:
            return of_host(name, self._site.targets[name], getattr(self._site.targets[name], "anchors", ()))
        except OpsError as error:
            return error

    def judged(self) -> tuple[Sequence[Told], Sequence[str], int]:
        """Everything joined, judged, merged with the cases of before, and kept."""
        from inventory.estate.cases import merge
        from inventory.estate.coverage import Coverage
        from inventory.estate.joining import join
        from inventory.estate.verdicts import judge

        at = datetime.now(UTC)
        without = () if "directory" in self._site.kinds else ("directory",)
        with self._site.register.reading() as seen:
            (said, alone, number), looked, before = compared(seen), runs(seen, at), kept_cases(seen)
        today = judge(join(said), looked, at, self.networks, self.allowances, without=without, alone=alone)
        kept = merge(before, today, Coverage(tuple(looked), at, frozenset(without)))
        with self._site.register.writing() as pen:
            keep_cases(pen, kept)
        told = [_told(one) for one in kept if one.state != "gone"]
        return told, sorted({gap for one in today for gap in one.not_looked_at}), number


def _told(kept: Kept) -> Told:
    case: Case = kept.case
    word = "PASS" if kept.state == "decided" else case.word
    because = (
        f"{case.because}; decided by {kept.decision.owner}: {kept.decision.decision}" if kept.decision else case.because
    )
    return Told(case.id, case.verdict, word, case.subject, because, case.severity, kept.state, case.due.isoformat(),
                case.not_looked_at)  # fmt: skip


def computer(entry: Entry) -> Sighting:
    """A computer account as a sighting."""
    times = {
        "last_logon": moment(entry.number("lastLogonTimestamp")),
        "password_set": moment(entry.number("pwdLastSet")),
    }
    fields = {
        "guid": entry.ref,
        "name": entry.logon_name.rstrip("$"),
        "fqdn": entry.first("dNSHostName"),
        "os": entry.first("operatingSystem"),
        "enabled": "no" if entry.control & DISABLED else "yes",
        **{name: when.isoformat() if when else "never" for name, when in times.items()},
    }
    return account(entry.dn, fields)


def _here() -> Seen:
    machine = of_this_machine()
    return Seen("collected", "this machine", "machine asked here", machines=[machine])


class _Brought:
    """A file that somebody brought from elsewhere."""

    def __init__(self, name: str, path: Path, networks: Networks) -> None:
        self.__name__ = f"{name} {path.name}"
        self._kind, self._path, self._networks = name, path, networks

    def __call__(self) -> Seen:
        if self._kind == "glpi":
            return self._machines()
        source = "dhcp" if self._kind == "leases" else "wire"
        reading = self._read()
        failures = {f"line {bad.number}": bad.why for bad in reading.bad}
        scopes = tuple({str(net.block) for one in reading.sightings if (net := self._networks.network_of(one.address))})
        scopes = scopes if reading.whole else ()
        return Seen(source, self.__name__, f"entries of {self._path.name}", list(reading.sightings), scopes=scopes,
                    failures=failures, ok=reading.whole)  # fmt: skip

    def _machines(self) -> Seen:
        at = datetime.now(UTC)
        seen = Seen("collected", self.__name__, "machines in inventories of GLPI Agent")
        for one in reader_for(self._path, "glpi").records():
            if isinstance(one, Mistake):
                seen.failures[one.file or str(one.number)] = str(one)
            else:
                seen.machines.append(Machine(one, at))  # type: ignore[arg-type]
        return seen

    def _read(self) -> Reading:
        octets = _octets(self._path)
        text = octets.decode("utf-8", errors="replace")
        if self._kind == "neighbours":
            return scans.neighbours(text, datetime.fromtimestamp(self._path.stat().st_mtime, UTC))
        if self._kind == "scan":
            return scans.nmap(octets)
        if text.startswith("address,hwaddr"):
            return leases.kea(text)
        return leases.isc_dhcpd(text) if "lease " in text and "{" in text else leases.dnsmasq(text)


def _octets(path: Path) -> bytes:
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            raise InvalidRequest(f"{path} is no file, or larger than {LARGEST >> 20} MiB", hint="is it the right one?")
        return path.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}", hint="check its name and rights") from error


def _in(address: str, block: object) -> bool:
    from ipaddress import ip_address

    return ip_address(address) in block  # type: ignore[operator]
