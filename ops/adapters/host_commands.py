"""The host protocol over a shell: which program answers for which kind of thing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from ops.adapters.host import PASSING, Fields, Host, HostReader, Machine, as_wished, named
from ops.adapters.host_backups import BackupFiles
from ops.adapters.host_connections import Connections
from ops.adapters.host_folders import Folders
from ops.adapters.host_inventory import Inventory
from ops.adapters.host_jobs import Jobs
from ops.adapters.host_logins import Logins
from ops.adapters.host_projection import ProjectedHost, moved_on
from ops.adapters.host_quota import Quotas
from ops.adapters.host_shell import Shell
from ops.change import Change, one_by_one
from ops.errors import InvalidRequest, OpsError

AT_ONCE = 4  # of sshd's ten sessions a connection (MaxSessions)


class CommandHost(Host):
    """One host, for the length of one run. ``anchors`` is what the handshake proved, if there was one."""

    def __init__(self, shell: Shell, machine: Machine, anchors: tuple[str, ...] = ()) -> None:
        self._shell, self._machine, self.anchors = shell, machine, anchors
        logins, folders, quotas, inventory = Logins(shell), Folders(shell), Quotas(shell), Inventory(shell)
        connections, jobs, backups = Connections(shell, machine), Jobs(shell), BackupFiles(shell)
        self._readers = {
            "login": logins.read_login,
            "uid": logins.read_uid,
            "keys": logins.read_keys,
            "door": logins.read_door,
            "jobs": jobs.read_jobs,
            "queued": jobs.read_queued,
            "linger": jobs.read_linger,
            "processes": logins.read_processes,
            "connections": connections.read_connections,
            "folder": folders.read_folder,
            "archive": folders.read_archive,
            "trial": folders.try_folder,
            "offer": quotas.read_offer,
            "quota": quotas.read_quota,
            "machine": inventory.read_machine,
            "software": inventory.read_software,
            "neighbours": inventory.read_neighbours,
            "backups": backups.read_backups,
            "settings": backups.read_settings,
        }
        self._writers = {
            "login": logins.swap_login,
            "keys": logins.swap_keys,
            "jobs": jobs.swap_jobs,
            "queued": jobs.swap_queued,
            "linger": jobs.swap_linger,
            "processes": logins.swap_processes,
            "connections": connections.swap_connections,
            "folder": folders.swap_folder,
            "archive": folders.swap_archive,
            "quota": quotas.swap_quota,
        }

    @property
    def machine(self) -> Machine:
        return self._machine

    def read(self, ref: str) -> Fields | None:
        kind = ref.partition(":")[0]
        if kind not in self._readers:
            raise InvalidRequest(f"a host has no {kind}")
        return self._readers[kind](named(ref))

    def read_many(self, refs: Sequence[str]) -> dict[str, Fields | None]:
        """Several things at once, over one connection."""
        if len(refs) == 1:
            return {refs[0]: self.read(refs[0])}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(zip(refs, pool.map(self.read, refs), strict=True))

    def swap(self, ref: str, before: Fields | None, after: Fields | None) -> None:
        kind = ref.partition(":")[0]
        if kind not in PASSING and not as_wished(self.read(ref), before):
            raise moved_on(ref)
        self._writers[kind](named(ref), before, after)

    def snapshot(self, refs: Iterable[str]) -> HostReader:
        """Read many things at once; other reads still go to the host."""
        known = {ref: fields for ref, fields in self.read_many(sorted(set(refs))).items() if fields is not None}
        return ProjectedHost(self, known)

    def projection(self) -> ProjectedHost:
        """This host as it will be, for planning."""
        return ProjectedHost(self)

    def facts(self) -> dict[str, str]:
        """A few words about the host itself: what it runs and how much room its folders have."""
        release = self._shell.run(["uname", "-sr"], root=False).text.strip()
        places = [place for place in ("/", self._machine.homes, self._machine.archive) if place]
        room = self._shell.run(["df", "--output=target,avail,pcent", "-BM", "--", *places], root=False)
        rows = [row.split() for row in room.text.splitlines()[1:]]
        free = ", ".join(dict.fromkeys(f"{target}: {avail}iB free, {used} used" for target, avail, used in rows))
        return {"runs": release, "room": free}

    def about(self, ref: str) -> str:
        """How a person knows a thing."""
        return f"{named(ref)} on {self._machine.name}"

    def apply_all(self, changes: Sequence[Change[Host]]) -> list[OpsError | None]:
        """Apply changes in order; one error or None for each."""
        return one_by_one(changes, self)

    def close(self) -> None:
        """Sign out."""
        self._shell.close()
