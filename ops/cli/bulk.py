"""Many rows from a CSV file: first one, then a tenth, then the rest; each batch is a run with a record of its own.

Every row stands for itself: what fails in one does not stop another, until ``--max-fail`` is reached. A second
run over the same file plans only what is unfinished.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from evidence.event import now
from ops.cli import show
from ops.cli.approving import must_be_approved
from ops.cli.conduct import new_run, note_refusal, recorded
from ops.cli.options import Options
from ops.cli.site import Site
from ops.cli.stopping import stoppable
from ops.cli.terminal import plain
from ops.errors import ChangesPending, Conflict, InvalidRequest, NotAuthorised, OpsError, PartlyDone
from ops.plan import Plan, Planner, Projections, rehearse, stamped
from ops.playbook import Playbook, plan_row
from ops.public import planned
from ops.runner import Interrupted, Run

WAVE = 50  # changes written before one read-back
BATCH = 100  # rows planned, applied and recorded together: memory does not grow with the file
LARGEST = 1 << 16  # characters of one CSV field

Row = Mapping[str, str]


@dataclass
class Results:
    """What became of each row, written as it becomes known."""

    path: Path | None
    done: int = 0
    already: int = 0
    failed: int = 0
    lines: list[tuple[int, str, str, str]] = field(default_factory=list)

    def add(self, number: int, status: str, why: str = "", run: str = "") -> None:
        """Note one row; ``status`` is done, already so or failed."""
        self.done += status == "done"
        self.already += status == "already so"
        self.failed += status == "failed"
        self.lines.append((number, status, why, run))

    def write(self) -> None:
        """Add what is new to the file; formulas are defused."""
        if self.path is not None:
            first = not self.path.exists()
            with self.path.open("a", newline="", encoding="utf-8") as file:
                out = csv.writer(file)
                out.writerows([("row", "status", "why", "run")] if first else [])
                out.writerows([tuple(_inert(str(cell)) for cell in line) for line in self.lines])
        self.lines.clear()


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def rows_of(path: Path, book: Playbook) -> Iterator[tuple[int, Row]]:
    """Rows with their line numbers; the header is checked first, and every mistake names its line."""
    csv.field_size_limit(LARGEST)
    known = {ask.name for ask in book.asks}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True)
            _check_header(path, list(reader.fieldnames or ()), known, book)
            for row in reader:
                if None in row or None in row.values():
                    raise InvalidRequest(f"{path} line {reader.line_num}: it has more or fewer cells than the header")
                yield reader.line_num, {key: value.strip() for key, value in row.items()}
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path} cannot be read as text", hint="save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise InvalidRequest(f"{path}: {error}", hint="save it as CSV with commas") from error


def _check_header(path: Path, names: Sequence[str], known: set[str], book: Playbook) -> None:
    if not names:
        raise InvalidRequest(f"{path} is empty", hint=f"its first line names columns: {', '.join(sorted(known))}")
    if unknown := sorted(set(names) - known):
        raise InvalidRequest(f"{path}: no option is called {unknown[0]}", hint=f"columns: {', '.join(sorted(known))}")
    if missing := [ask.name for ask in book.asks if ask.default is None and ask.name not in names]:
        raise InvalidRequest(f"{path}: the column {missing[0]} is missing", hint=f"add {', '.join(missing)}")


def batches(rows: Iterator[tuple[int, Row]], canary: bool) -> Iterator[list[tuple[int, Row]]]:
    """One row, then up to a tenth of a batch, then full batches."""
    size = 1 if canary else BATCH
    batch: list[tuple[int, Row]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch, size = [], BATCH // 10 if size == 1 else BATCH
    if batch:
        yield batch


class Bulk:
    """One file being worked through."""

    def __init__(self, site: Site, book: Playbook, options: Options) -> None:
        self.site, self.book, self.options = site, book, options
        self.results = Results(options.results)
        self.id = new_run()
        self.batch = 0
        self.changes = 0
        self.first_of: dict[str, int] = {}  # employee number → the line that had it first

    def plan(self, rows: Sequence[tuple[int, Row]]) -> Plan:
        """Plan a batch; rows that cannot be planned are results already, and leave no trace in it."""
        projections = Projections(self.site.targets)
        if len(rows) > 1:
            rehearse(projections, lambda twins: self._plan_all(Planner(twins), rows, rehearsing=True))
        planner = Planner(projections)
        bound = self._plan_all(planner, rows)
        steps = tuple(step for one in bound for step in one)
        made = Plan(self.book.title, self.book.name, steps, tuple(planner.items), (), self._why(), self._where())
        return stamped(made, now())

    def _plan_all(self, planner: Planner, rows: Sequence[tuple[int, Row]], rehearsing: bool = False) -> list[tuple]:  # type: ignore[type-arg]
        bound = []
        for number, row in rows:
            mark = planner.mark()
            try:
                if not rehearsing:
                    self._collides(number, row)
                answers = self.site.constants | dict(row)
                self._complete(row)
                bound.append(plan_row(self.book, answers, planner, self.site.kinds, f"{number}/").steps)
            except OpsError as error:
                planner.back_to(mark)
                if not rehearsing:
                    self._failed(number, str(error))
        return bound

    def _complete(self, row: Row) -> None:
        if missing := self.book.missing(row):
            raise InvalidRequest(f"{missing[0].name} is empty")

    def _collides(self, number: int, row: Row) -> None:
        """Two rows for one person would be one account twice."""
        key = row.get("employee", "")
        if key and self.first_of.setdefault(key, number) != number:
            raise Conflict(f"line {self.first_of[key]} is about employee {key} too")

    def _failed(self, number: int, why: str, run: str = "") -> None:
        self.results.add(number, "failed", why, run)
        if not self.options.json:
            click.echo(f"  line {number}: {plain(why)}", err=True)

    def _why(self) -> dict[str, str]:
        return {"ticket": self.options.ticket, "reason": self.options.reason}

    def _where(self) -> str:
        return self.site.workspace.environment.name

    def apply(self, plan: Plan, rows: Sequence[tuple[int, Row]]) -> None:
        """Carry a batch out, and say of each row what became of it."""
        planned_rows = {step.row for step in plan.steps}
        touched = {item.row for item in plan.items}
        run_id = f"{self.id}-{self.batch}"
        status = self._carry_out(plan, run_id) if plan.items else {}
        for number, _ in rows:
            row = f"{number}/"
            if row not in planned_rows:
                continue
            if row not in touched:
                self.results.add(number, "already so")
            elif status.get(row):
                self.results.add(number, "done", run=run_id)
            else:
                self._failed(number, f"not all changes were made: ops run show {run_id}", run_id)
        self.changes += len(plan.items)
        self.results.write()

    def _carry_out(self, plan: Plan, run_id: str) -> dict[str, bool]:
        with stoppable() as stop, show.progress(len(plan.items)) as progress:
            site = self.site
            run = Run(run_id, site.targets, site.ledger.append, site.keeper, WAVE, stop, progress)
            try:
                return recorded(site, run_id, lambda: run.start(plan, check=False)).rows()
            except Interrupted:
                self.results.write()
                raise
            except OpsError:
                from ops.cli.runs import history_of

                return history_of(site, run_id).rows()


def conduct_rows(site: Site, book: Playbook, options: Options) -> None:
    """Work through a file, or only show what it would do."""
    path = options.rows or Path()
    show.header(site, options)
    bulk = Bulk(site, book, options)
    if options.results:
        options.results.unlink(missing_ok=True)
    if options.dry_run or options.check or options.save_plan:
        preview(bulk, path)
        return
    for batch in batches(rows_of(path, book), canary=True):
        bulk.batch += 1
        plan = bulk.plan(batch)
        if bulk.batch == 1:
            _ask(bulk, plan, path)
        bulk.apply(plan, batch)
        if bulk.results.failed and bulk.results.failed >= max(options.max_fail, 1):
            break
    finish(bulk)


def _ask(bulk: Bulk, plan: Plan, path: Path) -> None:
    """Show what the first row does, and ask once for all."""
    try:
        must_be_approved(bulk.site, plan, "")
        if not bulk.options.json:
            click.echo(f"the first row of {path}, which is done and verified before any other:", err=True)
        show.plan(plan, bulk.options)
        show.confirm(bulk.site, plan, bulk.options)
    except NotAuthorised as error:
        note_refusal(bulk.site, bulk.id, bulk.book.name, error)
        raise


def preview(bulk: Bulk, path: Path) -> None:
    """All rows planned together, so that those that collide are named; nothing is written."""
    plan = bulk.plan(list(rows_of(path, bulk.book)))
    if bulk.options.save_plan:
        show.saved(plan, bulk.options.save_plan, bulk.options)
        return
    show.plan(plan, bulk.options)
    bulk.site.ledger.append(planned(bulk.id, plan, dry_run=True))
    from ops.cli.record import close

    close(bulk.site, bulk.id)
    bulk.results.write()
    if not bulk.options.json:
        rows = len({item.row for item in plan.items})
        click.echo(f"\n{rows} rows, {len(plan.items)} changes; {bulk.results.failed} rows cannot be done", err=True)
    if bulk.results.failed:
        raise PartlyDone(f"{bulk.results.failed} rows cannot be done", hint="correct them and run it again")
    if bulk.options.check and plan.items:
        raise ChangesPending(f"{len(plan.items)} changes are pending", hint="run it without --check to make them")


def finish(bulk: Bulk) -> None:
    """Say what became of all of it."""
    found = bulk.results
    body = {"done": found.done, "already_so": found.already, "failed": found.failed, "changes": bulk.changes}
    if bulk.options.json:
        click.echo(json.dumps({"shape": "bulk/1", "run": bulk.id, **body}))
    else:
        click.echo(f"{found.done} rows done, {found.already} were so already, {found.failed} failed", err=True)
        if bulk.changes:
            click.echo(f"  records  {bulk.id}-1 to {bulk.id}-{bulk.batch}", err=True)
    if found.failed:
        raise PartlyDone(f"{found.failed} rows failed", hint="correct them and run it again: what is done stays done")
