"""What of the register needs a backup and has none, and what has one and is of the register no more.

Whether something needs one: the register's own word (``backup_required``) comes first. Where nobody said, whatever
serves others (a server, a virtual machine) needs one, and of a computer that is most critical it is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inventory.backup.model import Backups, System
from inventory.register.fields import Fields
from inventory.register.states import COMPUTERS, said

SERVES = ("server", "vm")
IN_USE = ("deployed", "on_loan", "in_repair", "missing")  # holds data that somebody works with, or did until now
GONE = ("retired", "sanitised", "disposed", "lost", "stolen")
NEEDED, NOT_NEEDED, OPEN = "needed", "not needed", "open"
Assets = Mapping[str, Fields]  # by tag


@dataclass(frozen=True)
class Covered:
    """A verdict (PASS, WARN, UNKNOWN, FAIL) on one asset or system, why, and what to do."""

    subject: str
    rule: str
    verdict: str
    because: str
    step: str = ""


def need(asset: Fields) -> tuple[str, str]:
    """Whether an asset needs a backup (``NEEDED``, ``NOT_NEEDED``, ``OPEN``), and why that is so."""
    if asset.get("state") not in IN_USE:
        return NOT_NEEDED, "not in use"
    if word := asset.get("backup_required"):
        return (NEEDED if word == "yes" else NOT_NEEDED), f"the register says backup required: {word}"
    if asset.get("kind") in SERVES:
        return NEEDED, f"a {asset['kind']} in use, and the register does not say otherwise"
    if asset.get("criticality") == "1" and asset.get("kind") in COMPUTERS:
        return OPEN, "most critical, and the register does not say whether a backup is required"
    return NOT_NEEDED, "nobody said so"


def coverage(plan: Backups, assets: Assets) -> Iterator[Covered]:
    """Both ways: from the register to the jobs, and from what ``backups.yaml`` protects to the register."""
    for tag, asset in sorted(assets.items()):
        if tag not in plan.systems:
            yield from _uncovered(plan, tag, asset)
    for _, system in sorted(plan.systems.items()):
        yield from _system(plan, system, assets)


def unsaid(plan: Backups, assets: Assets) -> list[str]:
    """Computers in use that need none only because nobody said anything."""
    return [
        tag for tag, one in sorted(assets.items())
        if tag not in plan.systems and one.get("kind") in COMPUTERS and need(one) == (NOT_NEEDED, "nobody said so")
    ]  # fmt: skip


def gone(plan: Backups, assets: Assets) -> Iterator[tuple[System, Fields]]:
    """Systems of which nothing is in use any more."""
    for tag, system in sorted(plan.systems.items()):
        if assets.get(tag, {}).get("state") in GONE:
            yield system, assets[tag]


def _uncovered(plan: Backups, tag: str, asset: Fields) -> Iterator[Covered]:
    word, why = need(asset)
    if word == NOT_NEEDED:
        return
    if word == OPEN:
        step = f"say it: ops asset correct {tag} backup_required=yes"
        yield Covered(tag, "has a job", "UNKNOWN", why, step)
        return
    named = [one.asset for one in plan.systems.values() if _same(one, asset)]
    if named:
        why = f"backups.yaml calls it {named[0]}, the register {tag}"
        yield Covered(tag, "has a job", "UNKNOWN", why, "give it one name, that of the register")
        return
    yield Covered(
        tag, "has a job", "FAIL", f"no job makes copies of it; {why}", "add a system and a job to backups.yaml"
    )


def _same(system: System, asset: Fields) -> bool:
    names = {asset.get("hostname", "").lower(), asset.get("fqdn", "").lower()} - {""}
    return system.host.lower() in names


def _system(plan: Backups, system: System, assets: Assets) -> Iterator[Covered]:
    tag, jobs = system.asset, plan.jobs_of(system.asset)
    asset = assets.get(tag)
    if not assets:
        why = "the register is empty: nothing was compared"
        yield Covered(tag, "in the register", "UNKNOWN", why, "ops asset add --help")
    elif asset is None:
        near = [other for other, one in sorted(assets.items()) if _same(system, one)]
        why = f"the register has no {tag}" + (f"; it calls {system.host} {near[0]}" if near else "")
        yield Covered(tag, "in the register", "FAIL", why, f"ops asset add {tag} KIND, or correct backups.yaml")
    else:
        yield _used(tag, asset)
    if asset is None or asset.get("state") not in GONE:
        yield _job(tag, [f"{job.name} to {job.target}" for job in jobs])


def _used(tag: str, asset: Fields) -> Covered:
    state = said(asset.get("state", ""))
    if asset.get("state") not in GONE:
        return Covered(tag, "in the register", "PASS", f"{state}, and in backups.yaml")
    since = f" since {asset['disposed_on']}" if asset.get("disposed_on") else ""
    step = "agree how long its backups are kept; then take its jobs out of backups.yaml"
    return Covered(tag, "in the register", "WARN", f"{state}{since}, and backups.yaml still protects it", step)


def _job(tag: str, jobs: list[str]) -> Covered:
    if jobs:
        return Covered(tag, "has a job", "PASS", ", ".join(jobs))
    return Covered(tag, "has a job", "FAIL", "backups.yaml names it, and no job makes copies of it", "add a job")
