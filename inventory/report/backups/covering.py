"""The sheets Not covered and Targets: what has no backup, what lies in one and is gone, and where copies lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inventory.backup.coverage import Assets, Covered, coverage
from inventory.backup.memory import ORDER, newest
from inventory.backup.model import Backups, Target
from inventory.report.appendix import Definition
from inventory.report.backups.standing import COVERAGE, Standing
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.parts import Column, Light, Table
from inventory.report.things import few, state, what

MISSING = (
    *(Column("Asset", "id", 16), Column("What", width=22), Column("State", width=12)),
    *(Column("Verdict", "verdict", 12), Column("Rule", width=18), Column("Because", "note", 52)),
    Column("What to do", "note", 44),
)
TARGETS = (
    *(Column("Target", "id", 14), Column("Tool", width=9), Column("Where", "note", 28), Column("Lies", "note", 22)),
    *(Column("Key held by", width=16), Column("Cannot change", width=14), Column("Systems", "note", 20)),
    *(Column("Structure", "verdict", 13), Column("Data read", "verdict", 12), Column("How far", "note", 30)),
)
COVERED, UNCOMPARED = "Everything that needs a backup has a job.", "UNKNOWN: there is no backups.yaml to compare with."
LEFT = "still in a backup"


def chapter(inputs: Inputs, stands: Standing, assets: Assets) -> Chapter:
    """Both sheets, and what is to be done about them."""
    plan = stands.plan or Backups()
    found = [one for one in coverage(plan, assets) if one.verdict != "PASS"] if stands.plan else []
    rows = [_missing(one, assets) for one in sorted(found, key=lambda one: (one.verdict != "FAIL", one.subject))]
    rows += list(_left(stands))
    lacking = [one for one in found if one.verdict == "FAIL"]
    gone = [one for one in found if one.verdict == "WARN"]
    return Chapter(
        [
            Table("not_covered", "Not covered", MISSING, rows, "", COVERED if stands.plan else UNCOMPARED),
            Table("targets", "Targets", TARGETS, [_target(stands, one) for one in plan.targets.values()],
                  "", "backups.yaml names no target."),
        ],
        lights=[_light(inputs, plan, assets, found)],
        actions=[
            *(_action(one, "COVER", "high") for one in lacking),
            *(_action(one, "GONE", "medium") for one in gone),
        ],
        decisions=[f"How long are the backups of {few(_names(gone))} to be kept? It is gone."] if gone else [],
        definitions=[
            Definition("Needs a backup", "An asset in use that holds what somebody would miss.",
                       "backup_required: yes; where nobody said, servers and virtual machines", "register"),
        ],
    )  # fmt: skip


def _light(inputs: Inputs, plan: Backups, assets: Assets, found: Sequence[Covered]) -> Light:
    who = inputs.responsible
    if not assets or not plan.systems:
        return light("Coverage", "UNKNOWN", "The register or backups.yaml is empty: nothing was compared.", who)
    for verdict in ("FAIL", "UNKNOWN", "WARN"):
        if bad := _names([one for one in found if one.verdict == verdict]):
            said = {"FAIL": "without a job, or in no register", "UNKNOWN": "not known", "WARN": "gone, with jobs left"}
            return light("Coverage", verdict, f"{len(bad)} {said[verdict]}: {few(bad)}.", who)
    return light("Coverage", "PASS", f"All that needs a backup has a job; {len(plan.systems)} systems.", who)


def _action(one: Covered, rule: str, severity: str) -> Action:
    return Action(rule, f"{one.subject}/{one.rule}", f"{one.subject}: {one.because}; {one.step}.", severity)


def _names(found: Sequence[Covered]) -> list[str]:
    return list(dict.fromkeys(one.subject for one in found))


def _missing(one: Covered, assets: Assets) -> Sequence[object]:
    asset = assets.get(one.subject, {})
    return (one.subject, what(asset), state(asset), one.verdict, one.rule, one.because, one.step)


def _left(stands: Standing) -> Iterator[Sequence[object]]:
    """What the last look found of machines that are gone."""
    rows = [one for one in stands.looks if one.audit == COVERAGE]
    last = max((one.at for one in rows), default=None)
    for one in newest(one for one in rows if one.at == last).values():
        if one.rule == LEFT and one.verdict != "PASS":
            step = f"purge it where it need not be kept; seen {one.at:%Y-%m-%d}"
            yield (one.subject, "", "", one.verdict, one.rule, one.because, step)


def _target(stands: Standing, one: Target) -> Sequence[object]:
    plan = stands.plan or Backups()
    systems = dict.fromkeys(job.system for job in plan.jobs if job.target == one.name)
    structure, (data, far) = stands.on(one.name, "structure"), _read(stands, one)
    key = (one.key_held_by or "not named") if one.encrypted else "not encrypted"
    lies = f"{one.medium} at {one.site}" + f", {one.failure_domain}" * (one.failure_domain != one.site)
    fixed = "offline" if one.offline else f"for {one.lock_days} days" if one.lock_days else _tried(stands, one)
    return (
        *(one.name, one.tool, one.where, lies, key, fixed, ", ".join(systems)),
        *(structure.verdict if structure else None, data, far),
    )


def _tried(stands: Standing, target: Target) -> str:
    """What was seen when a file of ours was to be removed."""
    seen = stands.on(target.name, "sentinel")
    return {"PASS": "yes, tried", "FAIL": "no, tried"}.get(seen.verdict if seen else "", "not stated")


def _read(stands: Standing, target: Target) -> tuple[str | None, str]:
    """The worst that is said of its data: how much was read, or the part that was not as it should be."""
    about = (one for one in stands.stood if one.subject == target.name and one.rule.partition(" ")[0] == "data")
    worst = max(about, key=lambda one: ORDER.index(one.verdict), default=None)
    if worst is None:
        return None, ""
    return worst.verdict, worst.because if worst.rule == "data" else f"{worst.rule}: {worst.because}"
