"""Where somebody stands: their records, what was decided about them, and the policy, brought together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from evidence.coverage import STATES, Coverage, ItemState, Step, easiest, next_steps
from evidence.decisions import malformed
from evidence.framework import Framework
from evidence.ledger import Ledger
from evidence.policy import Policy, load, policy_for
from evidence.record import NAMESPACE
from evidence.review import Judged, all_judged, standing
from evidence.signoff import Signed, all_signed
from ops.cli.cataloguing import command, work
from ops.cli.following import followed
from ops.cli.site import Site
from ops.cli.terminal import counted, plain
from ops.errors import NotFound

MARKS = {"signed off": "█", "enough": "▓", "accepted": "▒", "there": "░", "nothing": "·"}
FEW = 5


def policies(site: Site, frameworks: Sequence[Framework]) -> dict[str, Policy]:
    """The policy for each framework: the organisation's own where it has signed one, else the shipped one."""
    found = load(site.workspace.folder / "policy", site.signers)
    return {one.id: policy_for(found, one.id) for one in frameworks}


def bodies(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Every record of a ledger, one at a time."""
    return (document.body for document in ledger.each(NAMESPACE))


def coverage(
    site: Site, records: Ledger, decisions: Ledger, person: str, only: Sequence[str] = ()
) -> tuple[Coverage, dict[str, Judged]]:
    """Where a person stands. ``records`` holds what they did, ``decisions`` what was decided; may be the same."""
    frameworks = chosen(site, only)
    made = Coverage(frameworks, site.workspace.settings["level"])
    for document in records.each(NAMESPACE):
        made.add(document.body, document.sha256)
    name_malformed(decisions)
    about: list[Judged] = [one for one in all_judged(decisions) if one.apprentice == person]
    signed: list[Signed] = [one for one in all_signed(decisions) if one.apprentice == person]
    stands = standing(about)
    made.judge(stands, signed, policies(site, frameworks))
    return made, stands


def name_malformed(decisions: Ledger) -> None:
    """Say which decisions on file cannot be any: they count for nothing, and nothing else is held up by them."""
    for one in malformed(decisions):
        click.echo(f"  a decision on file is none and counts for nothing: {plain(one)}", err=True)


def chosen(site: Site, only: Sequence[str]) -> tuple[Framework, ...]:
    """The frameworks that were named, or those this workspace follows."""
    known = followed(site.workspace.settings)
    if missing := [one for one in only if one not in {each.id for each in known}]:
        raise NotFound(f"no framework {missing[0]} is followed here", hint="ops framework list; setting: frameworks")
    return tuple(one for one in known if not only or one.id in only)


def map_lines(made: Coverage) -> Iterator[str]:
    """A map: one sign an item, a row a unit; the legend below says what the signs mean."""
    for framework in made.frameworks:
        states = made.of(framework.id)
        counts = [sum(state.state == name for state in states) for name in STATES]
        yield click.style(f"{framework.id}  {framework.title}", bold=True)
        yield "  " + ", ".join(f"{n} {name}" for n, name in zip(counts, STATES, strict=True) if n)
        for unit in framework.units:
            signs = "".join(MARKS[state.state] for state in states if state.unit is unit)
            if signs:
                yield f"  {unit.id:<10} {signs}  {unit.label}{' (optional)' if unit.optional else ''}"
    yield "  ".join(f"{sign} {name}" for name, sign in MARKS.items())


def gap_rows(made: Coverage) -> list[tuple[str, str, str, str, str]]:
    """Items that are not signed off: what is there, what is missing, and the easiest work that gives it."""
    known, everything = {one.id: one for one in made.frameworks}, work()
    rows = []
    for state in made.states.values():
        if state.signed:
            continue
        there = f"{counted(len(state.pieces), 'record')}, {len(state.accepted)} accepted" if state.pieces else "nothing"
        referred = [f"{run} was referred back" for run in state.referred]
        missing = "; ".join([*referred, *state.missing]) or "a sign-off"
        way = easiest(known[state.framework], state, everything)
        rows.append((state.id, state.item.label, there, missing, command(way) if way else ""))
    return rows


def next_rows(made: Coverage, states: Sequence[ItemState], number: int) -> list[tuple[str, str, str]]:
    """The most useful things to do: command, how many items it helps, which."""
    steps: list[Step] = next_steps(states, made.frameworks, work())
    rows = []
    for step in steps[:number]:
        more = f" and {len(step.items) - FEW} more" if len(step.items) > FEW else ""
        about = " --about RUN --for ITEM" if step.work == "journal/discuss" else ""
        rows.append((command(step.work) + about, str(len(step.items)), ", ".join(step.items[:FEW]) + more))
    return rows


def shape(made: Coverage) -> dict[str, Any]:
    """Shape ``portfolio/1``."""
    return {
        "records": made.records,
        "frameworks": {one.id: [_item(state) for state in made.of(one.id)] for one in made.frameworks},
    }


def _item(state: ItemState) -> Mapping[str, Any]:
    return {
        "item": state.item.id,
        "unit": state.unit.id,
        "kind": state.item.kind,
        "state": state.state,
        "records": [piece.run for piece in state.pieces],
        "accepted": [one.run for one in state.accepted],
        "referred_back": state.referred,
        "missing": list(state.missing),
        "signed": {"date": state.signed.day, "initials": state.signed.initials} if state.signed else None,
    }
