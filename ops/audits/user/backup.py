"""Whether what a leaver leaves behind is in a backup, and whether that was ever seen to come back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from posixpath import dirname
from typing import Annotated

from inventory.backup import rules
from inventory.backup.durations import said
from inventory.backup.model import Backups, Job
from ops.adapters.backup import BackupReader
from ops.adapters.directory import DirectoryReader
from ops.adapters.host import Machine
from ops.adapters.hosts import HostsReader
from ops.audit import audit
from ops.errors import OpsError
from ops.finding import Finding, Seen, Source, Verdict

MAIL = "a mailbox: no host of the inventory names its mailboxes"
AFTER = "when the next backup was made: ops backup check"
Told = tuple[str, str, tuple[Source, ...], str]  # verdict, why, whence it is known, the next step
ORDER = ("PASS", "UNKNOWN", "ERROR", "FAIL")  # of several jobs the best proven one counts


@audit
def backup(
    backup: BackupReader,
    hosts: HostsReader,
    directory: DirectoryReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Finding | Seen]:
    """Say of somebody's home, the archive made of it and the mailbox, whether a job keeps it and if it came back.

    It reads backups.yaml, the inventory, since when there is the account, and one's own evidence; no host and no
    repository is asked.
    """
    login, seen, born = account.lower(), 0, _born(directory, account)
    machines = [machine for name in hosts.names() if _places(machine := hosts.machine(name), login)]
    for machine in machines:
        seen += 1
        for what, path in _places(machine, login).items():
            since = backup.now if what == "archive" else born  # it is packed when somebody leaves
            verdict, because, sources, step = _kept(backup, machine, path, since)
            yield Finding(login, account, f"{what} on {machine.name}", Verdict[verdict], because, step, sources)
    if not any(machine.homes for machine in machines):
        yield Finding(
            login, account, "home", Verdict.UNKNOWN, "the inventory names no folder of homes", "ops help hosts"
        )
    mail = any(machine.mailboxes for machine in machines)
    yield Seen(seen, "file and mail servers of the inventory", () if mail else (MAIL,))


def _places(machine: Machine, login: str) -> dict[str, str]:
    """What a host keeps of somebody, and where."""
    places = {"home": f"{machine.homes}/{login}"} if machine.homes else {}
    places |= {"archive": f"{machine.archive}/{login}.tar.zst"} if machine.homes and machine.archive else {}
    return places | ({"mailbox": f"{machine.mailboxes}/{login}"} if machine.mailboxes else {})


def _born(directory: DirectoryReader, account: str) -> datetime | None:
    """When the account was made; None where the directory does not tell."""
    try:
        return directory.account(account).created
    except OpsError:
        return None


def _kept(backup: BackupReader, machine: Machine, path: str, since: datetime | None) -> Told:
    """How one path stands; whatever keeps us from knowing is a reason, and never an error: somebody is leaving."""
    try:
        jobs = holding(backup.plan, machine, path)
        if not jobs:
            sources = (Source("backups.yaml", backup.now),)
            return "FAIL", f"no job of backups.yaml holds {path}", sources, "let one hold it: ops help backups"
        return min((_job(backup, job, since) for job in jobs), key=lambda one: ORDER.index(one[0]))
    except OpsError as error:
        return "UNKNOWN", str(error), (), error.hint


def holding(plan: Backups, machine: Machine, path: str) -> list[Job]:
    """The jobs that hold a path of a host."""
    names = {machine.name, machine.hostname, machine.hostname.partition(".")[0]} - {""}
    above = {path}
    while path != (path := dirname(path)):
        above.add(path)
    return [
        job for job in plan.jobs
        if plan.systems[job.system].host in names and above.intersection(job.paths)
    ]  # fmt: skip


def _job(backup: BackupReader, job: Job, since: datetime | None) -> Told:
    """What was proven of a job: that its files come back, and that its newest data are of after what is looked for."""
    plan, known, test = backup.plan, backup.proven(job.name), f"ops backup restore-test {job.name}"
    due = plan.cadence[plan.systems[job.system].tier].restore
    one = rules.restored(known.get("restore"), backup.tested(job.name), due, backup.now)
    if one.of is None:
        return "UNKNOWN", f"{job.name} covers its folder, and no restore of it was ever tried", (), test
    fresh, rpo = known.get("freshness"), plan.systems[job.system].rpo
    looked = f"; {fresh:%Y-%m-%d %H:%M} UTC its newest data were no older than {said(rpo)}" if fresh else ""
    word = "a restore was" if one.verdict in ("PASS", "UNKNOWN") else "a restore went wrong"
    told, sources = f"{job.name} covers its folder; {word} {one.because}", (Source("your own evidence", one.of),)
    if one.verdict == "PASS" and (since is None or fresh is None or since > fresh - rpo):
        return "UNKNOWN", f"{told}; no backup is known that was made after it was", sources, AFTER
    return one.verdict, told + looked, sources, test if one.verdict != "PASS" else ""
