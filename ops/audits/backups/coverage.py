"""Whether everything that needs a backup has one, and what still lies in backups of what is gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inventory.backup import coverage as rules
from inventory.backup.coverage import Covered
from inventory.backup.machines import of_system
from inventory.backup.model import Run, System, Target
from inventory.register.fields import Fields
from inventory.register.media import LEAST, unsanitised
from inventory.register.states import said
from ops.adapters.backup import BackupReader
from ops.adapters.register import RegisterReader
from ops.audit import audit
from ops.errors import NotFound, OpsError
from ops.finding import Finding, Seen, Source, Verdict

PURGE = "still in a backup"
NAMED = 5  # machines that are named
SAY = "ops asset correct TAG backup_required=yes, or no"
NOT_HERE = (
    "machines that are in no register: ops estate reconcile",
    "backups of what no job of backups.yaml names any more: only their targets know of them",
)


@audit
def coverage(backup: BackupReader, register: RegisterReader) -> Iterator[Finding | Seen]:
    """Compare the register with backups.yaml, both ways: what needs a backup and has none, and what is there no more.

    An asset in use needs one where the register says so (backup_required), and where nobody said, if it is a server or
    a virtual machine. Of a machine that is gone it is said on which targets its data still lie, and what purges them.
    """
    plan = backup.plan
    assets = {ref.partition(":")[2]: one for ref, one in register.find("asset").items()}
    source = (Source("register", backup.now), Source("backups.yaml", backup.now))
    for one in rules.coverage(plan, assets):
        yield _finding(one, source)
    for system, asset in rules.gone(plan, assets):
        media = list(register.find("medium", asset=system.asset).values())
        yield from _left(backup, system, asset, media)
    gaps = list(NOT_HERE)
    if silent := rules.unsaid(plan, assets):
        more = f" and {len(silent) - NAMED} more" if silent[NAMED:] else ""
        whose = f"computers in use of which the register does not say whether a backup is required ({SAY})"
        gaps.append(f"{', '.join(silent[:NAMED])}{more}: {whose}")
    compared = {*plan.systems} | {tag for tag, one in assets.items() if rules.need(one)[0] == rules.NEEDED}
    yield Seen(len(compared) if assets else 0, "systems and assets that need a backup", tuple(gaps))


def _finding(one: Covered, sources: tuple[Source, ...]) -> Finding:
    return Finding(one.subject, one.subject, one.rule, Verdict[one.verdict], one.because, one.step, sources)


def _left(backup: BackupReader, system: System, asset: Fields, media: Sequence[Fields]) -> Iterator[Finding]:
    """Its own media, then each target that may hold data of it."""
    tag, data_class = system.asset, asset.get("data_class", "")
    if asset["state"] in ("retired", "sanitised", "disposed"):
        left = unsanitised(data_class, media, asset.get("media") == "none")
        names = ", ".join(f"{one.get('kind', '')} {one.get('serial', '')}".strip() for one in media)
        verdict = Verdict.WARN if left else Verdict.PASS
        why, step = left or f"{names or 'none inside'}: as its data ask for", f"ops asset sanitise {tag}" * bool(left)
        yield Finding(tag, tag, "its own media", verdict, why, step, (Source("register", backup.now),))
    for name in dict.fromkeys(job.target for job in backup.plan.jobs_of(tag)):
        target = backup.plan.targets[name]
        paths = [path for job in backup.plan.jobs_of(tag) if job.target == name for path in job.paths]
        yield _purge(backup, system, target, paths, data_class or "internal")


def _purge(backup: BackupReader, system: System, target: Target, paths: Sequence[str], data_class: str) -> Finding:
    subject, about = f"{system.asset} on {target.name}", f"{system.asset} on {target.name}"
    sources = (Source(f"{target.name} ({target.tool})", backup.now),)
    try:
        if target.offline:
            raise NotFound("it lies offline: look at it by hand")
        runs = of_system(backup.plan, system, backup.vault(target.name).runs(paths))
    except OpsError as error:
        step = f"look whether {target.name} holds data of it"
        return Finding(subject, about, PURGE, Verdict.UNKNOWN, str(error), step, sources)
    if not runs:
        return Finding(subject, about, PURGE, Verdict.PASS, f"{_where(target)} holds none of it", "", sources)
    because = f"{_where(target)} holds {_some(runs)}; {said(data_class)} data: {LEAST[data_class]}"
    step = f"once they need not be kept: take them away there with {target.tool}, and write down who did"
    return Finding(subject, about, PURGE, Verdict.WARN, because + _locked(target), step, sources)


def _where(target: Target) -> str:
    return f"{target.medium} at {target.site}"


def _some(runs: Sequence[Run]) -> str:
    days = sorted(run.started for run in runs)
    return f"{len(runs)} backups of it, {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}"


def _locked(target: Target) -> str:
    return f"; none can go before it is {target.lock_days} days old" if target.lock_days else ""
