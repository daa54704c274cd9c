"""Many rows from a CSV file: first one, then a tenth, then the rest; each batch is a run with a record of its own.

Every row stands for itself: what fails in one does not stop another, until ``--max-fail`` is reached. A second
run over the same file plans only what is unfinished.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from evidence.event import Event, now
from ops.adapters.handover import Delivery
from ops.approval import required
from ops.change import Change
from ops.cli import show
from ops.cli.approving import must_be_approved
from ops.cli.conduct import recorded
from ops.cli.data import data
from ops.cli.options import WHY, Options
from ops.cli.record import close, new_run, note_refusal
from ops.cli.rows import Numbered, Results, Row, batches, count, rows_of
from ops.cli.runs import history_of, way_back
from ops.cli.site import Site
from ops.cli.stopping import stoppable
from ops.cli.terminal import counted, plain
from ops.errors import (
    ChangesPending,
    Conflict,
    EvidenceInvalid,
    EvidenceUnavailable,
    InvalidRequest,
    NotAuthorised,
    OpsError,
    OutcomeUnknown,
    PartlyDone,
    Refused,
)
from ops.plan import Plan, Planner, Projections, rehearse, stamped
from ops.playbook import Bound, Playbook, plan_row
from ops.public import Approval, planned
from ops.runner import Interrupted, Run, never

WAVE = 50  # changes written before one read-back


class Bulk:
    """One file being worked through."""

    def __init__(self, site: Site, book: Playbook, options: Options) -> None:
        self.site, self.book, self.options = site, book, options
        self.results = Results(options.results)
        self.id = new_run()
        self.batch = 0
        self.changes = 0
        self.stop: Callable[[], bool] = never
        self.not_done: dict[str, None] = {}  # steps that have no target here, of all batches
        self.sheets: list[str] = []  # whose first passwords wait to be handed over
        self.begun: list[str] = []  # the batches that changed something
        self._first_of: dict[str, int] = {}  # employee number → the line that had it first

    @property
    def run(self) -> str:
        """The run of the batch under way."""
        return f"{self.id}-{self.batch}"

    def plan(self, rows: Sequence[Numbered], projections: Projections) -> Plan:
        """Plan a batch; rows that cannot be planned are results already, and leave no trace in it."""
        self.batch += 1
        if len(rows) > 1:
            rehearse(projections, [partial(self._rehearsed, row, number) for number, row in rows])
        planner = Planner(projections)
        bound = [one for number, row in rows if (one := self._row(number, row, planner))]
        steps = tuple(step for one in bound for step in one.steps)
        not_done = dict.fromkeys(name for one in bound for name in one.not_done)
        self.not_done |= not_done
        why = {"ticket": self.options.ticket, "reason": self.options.reason}
        where = self.site.workspace.environment.name
        made = Plan(self.book.title, self.book.name, steps, tuple(planner.items), tuple(not_done), why, where)
        return stamped(made, now())

    def _rehearsed(self, row: Row, number: int, twins: Projections) -> None:
        self._bound(row, Planner(twins), number)

    def _row(self, number: int, row: Row, planner: Planner) -> Bound | None:
        mark = planner.mark()
        try:
            self._refuse_twins(number, row)
            return self._bound(row, planner, number)
        except OpsError as error:
            planner.back_to(mark)
            self._failed(number, str(error))
            return None

    def _bound(self, row: Row, planner: Planner, number: int) -> Bound:
        """Plan one row. It is rehearsed too, on pictures that answer from memory: what those lack proves nothing."""
        if missing := self.book.missing(row):
            raise InvalidRequest(f"{missing[0].name} is empty")
        answers = self.site.constants | {WHY: self.options.why} | dict(row)
        return plan_row(self.book, answers, planner, self.site.inventory, f"{number}/")

    def _refuse_twins(self, number: int, row: Row) -> None:
        """Two rows for one person would be one account twice."""
        key = row.get("employee", "")
        if key and self._first_of.setdefault(key, number) != number:
            raise Conflict(f"line {self._first_of[key]} is about employee {key} too")

    def _failed(self, number: int, why: str, run: str = "") -> None:
        self.results.add(number, "failed", why, run)
        if not self.options.json:
            click.echo(f"  line {number}: {plain(why)}", err=True)

    def apply(self, plan: Plan, rows: Sequence[Numbered]) -> None:
        """Carry a batch out, and say of each row what became of it."""
        planned_rows = {step.row for step in plan.steps}
        touched = {item.row for item in plan.items}
        status = self._carry_out(plan) if plan.items else self._noted(plan)
        for number, _ in rows:
            row = f"{number}/"
            if row not in planned_rows:
                continue
            if row not in touched:
                self.results.add(number, "already so")
            elif status.get(row):
                self.results.add(number, "done", run=self.run)
            else:
                self._failed(number, f"not all changes were made: ops run show {self.run}", self.run)
        self.changes += len(plan.items)
        self.begun += [self.run] if plan.items else []
        self.sheets += [item.change.subject for item in plan.items if _is_sheet(item.change) and status.get(item.row)]
        self.results.write()

    def _carry_out(self, plan: Plan) -> dict[str, bool]:
        site = self.site
        with show.progress(len(plan.items)) as progress:
            run = Run(self.run, site.targets, site.ledger.append, site.keeper, WAVE, self.stop, progress)
            try:
                return recorded(site, self.run, lambda: run.start(plan, check=False)).rows()
            except (Interrupted, EvidenceUnavailable, EvidenceInvalid, OutcomeUnknown):
                self.results.write()
                raise
            except OpsError:
                return history_of(site, self.run).rows()

    def _noted(self, plan: Plan) -> dict[str, bool]:
        """A batch with nothing to do, or of which no row could be planned, is a record too."""
        if plan.steps:
            done = Event(self.run, "verified", now(), {"changes": 0})
            self.site.ledger.append(planned(self.run, plan), done)
            close(self.site, self.run)
        else:
            error = InvalidRequest("no row of this batch could be planned")
            note_refusal(self.site, self.run, self.book.name, error)
        return {}

    def approved(self, plan: Plan) -> Approval | None:
        """Who approved a batch, if anybody must; no row gets round that for the one before it."""
        try:
            return must_be_approved(self.site, plan, "") if plan.items else None
        except NotAuthorised as error:
            note_refusal(self.site, self.run, self.book.name, error)
            raise

    def enough(self) -> bool:
        """Whether so many rows have failed that no further batch is begun."""
        return self.results.failed >= max(self.options.max_fail, 1)


def _is_sheet(change: Change[Any]) -> bool:
    return isinstance(change, Delivery) and bool(change.after)


def conduct_rows(site: Site, book: Playbook, options: Options) -> None:
    """Work through a file, or only show what it would do."""
    path = options.rows or Path()
    show.header(site, options)
    bulk = Bulk(site, book, options)
    try:
        required(site.workspace.environment.require, {"ticket": options.ticket, "reason": options.reason})
        total = count(path, book)
        refuse_too_many(site, book, total)
    except OpsError as error:
        note_refusal(site, bulk.id, book.name, error)
        raise
    bulk.results.begin()
    if options.save_plan:
        save(bulk, path, options.save_plan)
    elif options.dry_run or options.check:
        preview(bulk, path)
    else:
        work_through(bulk, path, total)
        finish(bulk, total)


def refuse_too_many(site: Site, book: Playbook, total: int) -> None:
    """Raise ``Refused`` for more rows than one file may have: a wrong file would cost many their access."""
    text = site.workspace.settings.get(book.most, "") if book.most else ""
    if not text:
        return
    if not text.isdecimal():
        raise InvalidRequest(f"{book.most} is {text}, and must be a number", hint="correct it in ops.toml")
    if total > int(text):
        said = f"{total} rows are more than the {text} that one file may have here"
        raise Refused(said, hint=f"is it the right file? else set {book.most} in ops.toml, or cut it in parts")


def save(bulk: Bulk, path: Path, to: Path) -> None:
    """Plan all rows into one file."""
    plan = bulk.plan(list(rows_of(path, bulk.book)), Projections(bulk.site.targets))
    bulk.results.write()
    show.saved(plan, to, bulk.options)
    if bulk.results.failed:
        left = counted(bulk.results.failed, "row")
        verb = "is" if bulk.results.failed == 1 else "are"
        raise PartlyDone(f"{left} {verb} not in the plan", hint="correct them and save it again")


def work_through(bulk: Bulk, path: Path, total: int) -> None:
    """Batch after batch; the first is one row. The question is asked about the first that changes anything."""
    rows = batches(rows_of(path, bulk.book), trial=True)
    for batch in rows:
        plan = bulk.plan(batch, Projections(bulk.site.targets))
        if plan.items:
            break
        bulk.apply(plan, batch)
        if bulk.enough():
            return
    else:
        return
    bulk.approved(plan)
    _ask(bulk, plan, path, total)
    with stoppable() as bulk.stop:
        bulk.apply(plan, batch)
        for batch in rows:
            if bulk.enough():
                return
            if bulk.stop():
                raise Interrupted("stopped between two batches", hint="run it again: what is done stays done")
            plan = bulk.plan(batch, Projections(bulk.site.targets))
            bulk.approved(plan)
            bulk.apply(plan, batch)


def _ask(bulk: Bulk, plan: Plan, path: Path, total: int) -> None:
    """Show what the first rows do, and ask once for all."""
    if not bulk.options.json:
        first = len({item.row for item in plan.items})
        which = "the first; it is" if first == 1 else f"the first {first}; they are"
        click.echo(f"of {counted(total, 'row')} in {path}, {which} done and verified before any other:", err=True)
        show.plan(plan, bulk.options)
    try:
        show.confirm(bulk.site, plan, bulk.options)
    except NotAuthorised as error:
        note_refusal(bulk.site, bulk.run, bulk.book.name, error)
        raise


def preview(bulk: Bulk, path: Path) -> None:
    """Plan all rows, each batch on top of those before, so that rows that collide are named; nothing is written."""
    projections = Projections(bulk.site.targets)
    rows = 0
    for batch in batches(rows_of(path, bulk.book), trial=False):
        plan = bulk.plan(batch, projections)
        if plan.steps and not bulk.options.json:
            show.plan(plan, bulk.options)
        bulk.site.ledger.append(planned(bulk.run, plan, dry_run=True))
        close(bulk.site, bulk.run)
        bulk.changes += len(plan.items)
        rows += len({item.row for item in plan.items})
        bulk.results.write()
        projections = projections.heirs()
    failed = bulk.results.failed
    if bulk.options.json:
        body = {"run": bulk.id, "rows": rows, "changes": bulk.changes, "failed": failed}
        data("bulk-preview/1", body | {"not_done_here": list(bulk.not_done)})
    else:
        would = f"{counted(rows, 'row')}, {counted(bulk.changes, 'change')}"
        click.echo(f"\n{would}; {counted(failed, 'row')} cannot be done", err=True)
    if failed:
        raise PartlyDone(f"{counted(failed, 'row')} cannot be done", hint="correct them and run it again")
    if bulk.options.check and bulk.changes:
        raise ChangesPending(f"{counted(bulk.changes, 'change')} pending", hint="run it without --check to make them")


def finish(bulk: Bulk, total: int) -> None:
    """Say what became of all of it."""
    found = bulk.results
    untouched = total - found.done - found.already - found.failed
    body = {"done": found.done, "already_so": found.already, "failed": found.failed, "not_started": untouched}
    if bulk.options.json:
        data("bulk/1", {"run": bulk.id, "changes": bulk.changes, "not_done_here": list(bulk.not_done), **body})
    else:
        left = f", {untouched} not started" if untouched else ""
        already = f"{found.already} {'was' if found.already == 1 else 'were'} so already"
        click.echo(f"{counted(found.done, 'row')} done, {already}, {found.failed} failed{left}", err=True)
        for line in _what_now(bulk):
            click.echo(line, err=True)
    if found.failed:
        hint = "correct them and run it again: what is done stays done"
        raise PartlyDone(f"{counted(found.failed, 'row')} failed", hint=hint)


def _what_now(bulk: Bulk) -> Iterator[str]:
    """What was left out, what waits, where the records are, and the way back."""
    if bulk.not_done:
        yield f"  not done here: {', '.join(map(plain, bulk.not_done))}"
    if bulk.sheets:
        wait = f"{counted(len(bulk.sheets), 'sheet')} to hand over"
        yield f"  passwords     {wait}: ops handover list   (then: ops handover show {plain(bulk.sheets[0])} …)"
    if bulk.batch:
        yield f"  records       {f'{bulk.id}-1' if bulk.batch == 1 else f'{bulk.id}-1 to {bulk.run}'}"
    if bulk.begun:
        yield f"  to take back  ops run undo {way_back(bulk.begun)}"
