"""Carrying out what a command asks for: plan, show, approve, apply, verify, write the record, say what happened."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from evidence.event import Event, now
from ops.cli import show
from ops.cli.emergency import act_now
from ops.cli.lastword import LastWord
from ops.cli.looking import shape
from ops.cli.options import WHY, Options
from ops.cli.record import close, new_run, note_refusal
from ops.cli.site import Site, open_site
from ops.cli.stopping import stoppable
from ops.errors import (
    ChangesPending,
    EvidenceUnavailable,
    InvalidRequest,
    NotFound,
    OpsError,
    OutcomeUnknown,
    PartlyDone,
)
from ops.history import History
from ops.operation import Operation
from ops.plan import Plan, Planner, Projections, Step, stamped
from ops.playbook import Playbook
from ops.public import Approval, planned
from ops.runner import Run


def conduct_operation(
    operation: Operation,
    arguments: Mapping[str, Any],
    options: Options,
    look: Callable[[Site, Mapping[str, Any]], None] | None = None,
) -> None:
    """Plan and carry out one operation; ``look`` may tell more before it is planned."""

    def plan(site: Site) -> Plan:
        missing = [kind for kind in operation.readers if kind not in site.kinds]
        if missing:
            raise InvalidRequest(f"the inventory has no {missing[0]}", hint="add one, or: ops init")
        targets = {kind: chosen(site, kind, operation, options) for kind in operation.readers}
        given = {WHY: options.why} if WHY in {param.name for param in operation.params} else {}
        step = Step("step", operation.name, targets, dict(arguments) | given)
        planner = Planner(Projections(site.targets))
        planner.add(step)
        title = operation.name.replace(".", " ").replace("_", " ").strip()
        return Plan(title, operation.name, (step,), tuple(planner.items))

    with open_site(ask=not options.no_input) as site:
        show.header(site, options)
        if look and not options.json:
            look(site, arguments)
        conduct(site, lambda: plan(site), options, operation.name)


def chosen(site: Site, kind: str, operation: Operation, options: Options) -> str:
    """The target of one kind: of several hosts the one that was named, or the one that has the homes."""
    if kind != "host":
        return site.kinds[kind]
    if options.on:
        if options.on not in site.inventory["host"]:
            raise NotFound(f"the inventory has no host {options.on}", hint="ops host show lists them")
        return options.on
    if operation.name.startswith("home.") and "homes" in site.inventory:
        return site.kinds["homes"]
    hosts = site.inventory["host"]
    if len(hosts) == 1:
        return hosts[0]
    raise InvalidRequest("say on which host", hint=f"--on NAME, one of {', '.join(hosts)}")


def conduct_playbook(name: str, path: Path, answers: Mapping[str, str], options: Options) -> None:
    """Plan and carry out a playbook, for one person or for every row of a file."""
    from ops.playbook import read

    with open_site(ask=not options.no_input) as site:
        book = read(path, name, frozenset(site.constants) | {WHY})
        if options.rows and book.questions:
            raise InvalidRequest("this asks a person, and cannot run over a file", hint="run it once for each row")
        if options.rows:
            from ops.cli.bulk import conduct_rows

            conduct_rows(site, book, options)
            return
        conduct_book(site, book, answers, options)


def conduct_book(site: Site, checked: Playbook, answers: Mapping[str, str], options: Options, run: str = "") -> None:
    """Plan and carry out a checked playbook for one person; ``run`` is the run's id, if it was chosen before."""
    from ops.playbook import plan_row

    show.header(site, options)
    complete = show.ask_missing(checked.missing(answers), answers, options)
    run = run or new_run()
    if not (options.dry_run or options.check or options.save_plan):
        from ops.cli.stating import tell_first

        tell_first(site, checked, answers, run, options.no_input or options.json or not sys.stdin.isatty())

    def plan() -> Plan:
        planner = Planner(Projections(site.targets))
        bound = plan_row(checked, site.constants | {WHY: options.why} | dict(complete), planner, site.inventory)
        show.notes(bound.notes, options)
        return Plan(checked.title, checked.name, bound.steps, tuple(planner.items), bound.not_done)

    conduct(site, plan, options, checked.name, LastWord(site, checked, complete, options), run)


def conduct(
    site: Site,
    make: Callable[[], Plan],
    options: Options,
    source: str,
    last_word: LastWord | None = None,
    run: str = "",
) -> None:
    """The one flow, for a plan that is yet to be made. Whatever happens, it ends in a record."""
    from ops.approval import required

    run_id = run or new_run()
    try:
        why = {"ticket": options.ticket, "reason": options.reason}
        if not (last_word and last_word.book.emergency):
            required(site.workspace.environment.require, why)
        plan = replace(make(), why=why, environment=site.workspace.environment.name)
    except OpsError as error:
        note_refusal(site, run_id, source, error)
        raise
    carry_out(site, stamped(plan, now()), options, run_id, last_word=last_word)


def carry_out(
    site: Site,
    plan: Plan,
    options: Options,
    run_id: str,
    approval: str = "",
    last_word: LastWord | None = None,
) -> None:
    """Show a plan, ask, apply and report."""
    from ops.cli.approving import must_be_approved

    if options.save_plan:
        show.saved(plan, options.save_plan, options)
        return
    show.plan(plan, options)
    if options.dry_run or options.check or not plan.items:
        only_recorded(site, plan, options, run_id)
        return
    if last_word and last_word.book.emergency:
        show.confirm(site, plan, options)
        act_now(site, plan, options, run_id, last_word)
        return
    try:
        approved = must_be_approved(site, plan, approval)
        show.confirm(site, plan, options)
    except OpsError as error:
        note_refusal(site, run_id, plan.source, error)
        raise
    try:
        history = apply(site, plan, run_id, approved)
    except PartlyDone:
        if last_word:
            last_word.tell(last_word.look())
        raise
    looks = last_word.look() if last_word else ()
    show.result(site, history, run_id, options, [shape(run, parts) for _, run, parts, _ in looks])
    if last_word:
        last_word.tell(looks)
    show.refuse_unanswered(plan)


def apply(site: Site, plan: Plan, run_id: str, approval: Approval | None = None) -> History:
    """Apply and verify; the record is written however it ends."""
    site.run = run_id
    with stoppable(_long(plan)) as stop, show.progress(len(plan.items)) as progress:
        run = Run(run_id, site.targets, site.ledger.append, site.keeper, 1, stop, progress)
        return recorded(site, run_id, lambda: run.start(plan, approval=approval))


def _long(plan: Plan) -> bool:
    """Whether a change in it may take hours."""
    return any(item.change.long for item in plan.items)


def recorded(site: Site, run_id: str, act: Callable[[], History]) -> History:
    """Act, and write the record of the run whatever comes of it. A run that never began is noted as refused.

    A key that cannot sign is an error before anything is changed.
    """
    try:
        _ = site.signer
        history = act()
    except EvidenceUnavailable:
        raise
    except (OutcomeUnknown, KeyboardInterrupt) as error:
        if not site.ledger.run(run_id):  # nothing was begun, and there is nothing to go on with
            raise
        said = str(error) or "it was stopped in the middle"
        raise OutcomeUnknown(said, hint=f"ops run resume {run_id} reads what happened and goes on") from error
    except OpsError as error:
        if site.ledger.run(run_id):
            close(site, run_id)
        else:
            note_refusal(site, run_id, "", error)
        raise
    close(site, run_id)
    return history


def only_recorded(site: Site, plan: Plan, options: Options, run_id: str) -> None:
    """A dry run, or a run with nothing to do: recorded as what it was, and nothing is written anywhere else."""
    dry = options.dry_run or options.check
    site.ledger.append(planned(run_id, plan, dry_run=dry))
    if not plan.items:
        site.ledger.append(Event(run_id, "verified", now(), {"changes": 0}))
    close(site, run_id)
    show.unchanged(plan, run_id, options)
    if options.check and plan.items:
        raise ChangesPending(f"{len(plan.items)} changes are pending", hint="run it without --check to make them")


def resume(site: Site, run_id: str, history: History) -> History:
    """Go on with an interrupted run."""
    site.run = run_id
    with stoppable(_long(history.plan)) as stop, show.progress(len(history.plan.items)) as progress:
        run = Run(run_id, site.targets, site.ledger.append, site.keeper, 1, stop, progress)
        return recorded(site, run_id, lambda: run.go_on(history))
