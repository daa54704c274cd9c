"""Evidence in an emergency: the ledger, the room kept for it, a second place, and only then no change at all.

What went to the second place is taken into the ledger later, with the times it happened: ``ops evidence recover``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import click

from evidence.event import Event
from evidence.ledger import Ledger
from ops.cli import show
from ops.cli.lastword import LastWord
from ops.cli.looking import shape
from ops.cli.options import Options
from ops.cli.record import close
from ops.cli.site import Site
from ops.cli.stopping import stoppable
from ops.cli.terminal import plain
from ops.errors import EvidenceUnavailable, InvalidRequest, OpsError
from ops.keeper import Keeper
from ops.plan import Plan
from ops.runner import Run


class Emergency:
    """A recorder that does not give up with the first disk."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.aside = False  # whether the second place is in use

    def record(self, *events: Event, owed: bool = False) -> None:  # noqa: ARG002  all of them are owed here
        """Put events on some disk; raise ``EvidenceUnavailable`` if none takes them."""
        if not self.aside and self._to_ledger(events):
            return
        _append(second_place(self._site), events)

    def _to_ledger(self, events: tuple[Event, ...]) -> bool:
        """Try the ledger, then once more with the room that is kept; say whether it took them."""
        try:
            self._site.ledger.append(*events, owed=True)
        except EvidenceUnavailable:
            try:
                self._give_up_room()
                self._site.ledger.append(*events, owed=True)
            except EvidenceUnavailable as error:
                self.aside = True
                self._explain(error)
        return not self.aside

    def _give_up_room(self) -> None:
        """Open the ledger with the room that is kept for moments like this."""
        path = self._site.workspace.state / "ledger.db"
        self._site.ledger = Ledger(path, self._site.identity.chain, in_need=True)

    def _explain(self, error: EvidenceUnavailable) -> None:
        if not self._site.workspace.settings["second_sink"]:
            hint = "free some space, or name a second_sink in ops.toml; what can be done by hand stands above"
            raise EvidenceUnavailable(f"{error}, and there is no second place for evidence", hint=hint) from error
        click.secho(plain(f"{error}: going on in {second_place(self._site)}"), err=True, fg="yellow")

    def close(self, run: str) -> None:
        """Write the record if the ledger takes it; else it is made when the events are taken in."""
        try:
            if not self.aside:
                close(self._site, run)
        except EvidenceUnavailable:
            self.aside = True
        if self.aside:
            click.echo("  the record is made once there is room again: ops evidence recover", err=True)


def second_place(site: Site) -> Path:
    """The file named as second_sink, for this person's chain."""
    named = site.workspace.settings["second_sink"]
    return Path(named).expanduser() / f"{site.identity.chain.replace('/', '-')}.events"


def _append(path: Path, events: tuple[Event, ...]) -> None:
    """One line an event, on disk when this returns."""
    text = "".join(json.dumps(vars(event), ensure_ascii=False, default=dict) + "\n" for event in events)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)
    except OSError as error:
        hint = "free some space; what can be done by hand stands above"
        raise EvidenceUnavailable(
            f"the second place {path} takes nothing either: {error.strerror}", hint=hint
        ) from error


def waiting(site: Site) -> list[Event]:
    """Events in the second place that the ledger does not have yet."""
    if not site.workspace.settings["second_sink"] or not (path := second_place(site)).is_file():
        return []
    try:
        return [Event(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError, TypeError) as error:
        raise InvalidRequest(f"{path} cannot be read as events", hint="keep it, and tell your mentor") from error


def recover(site: Site) -> tuple[int, list[str]]:
    """Take them into the ledger and make the records; returns how many events, and of which runs."""
    events = waiting(site)
    runs = list(dict.fromkeys(event.run for event in events))
    if events:
        site.ledger.append(*events)
        second_place(site).unlink()
    for run in runs:
        close(site, run)
    return len(events), runs


def act_now(site: Site, plan: Plan, options: Options, run_id: str, last_word: LastWord) -> None:
    """Carry a plan out with whatever evidence can be had; without any, say what a person must do."""
    emergency = Emergency(site)
    keeper = Keeper(site.workspace.state / "keeper", forgiving=True)
    with stoppable() as stop, show.progress(len(plan.items)) as progress:
        run = Run(run_id, site.targets, emergency.record, keeper, 1, stop, progress)
        try:
            history = run.start(plan)
        except EvidenceUnavailable as error:
            for line in by_hand(plan, error):
                click.echo(line, err=True)
            raise
        except OpsError:
            emergency.close(run_id)
            raise
    emergency.close(run_id)
    if emergency.aside:
        done = f"Done. {len(history.done())} changes made and read back"
        click.secho(f"{done}; who can still get in: ops user show LOGON --access", err=True, fg="green")
    else:
        looks = last_word.look()
        show.result(site, history, run_id, options, [shape(run_, parts) for _, run_, parts, _ in looks])
        last_word.tell(looks)
    show.refuse_unanswered(plan)


def by_hand(plan: Plan, error: OpsError) -> Iterator[str]:
    """What a person can do without this tool, in the order of the plan."""
    yield f"{error}. What is not done yet must be done by hand, in this order:"
    for number, item in enumerate(plan.items, 1):
        yield f"  {number}. {plain(item.about)} {plain(item.change.sentence())}"
        yield from (f"       {plain(row.name)}: {plain(row.after) or 'nothing'}" for row in item.change.details())
