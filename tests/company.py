"""A small company in memory: pictures over nothing, events in a list, a keeper and a hand-over folder on disk."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from evidence.event import Event, now
from ops.adapters.directory_entry import Domain, Entry
from ops.adapters.directory_projection import ProjectedDirectory
from ops.adapters.handover_folder import HandoverFolder
from ops.adapters.host import Machine
from ops.adapters.host_projection import ProjectedHost
from ops.adapters.leavers import ProjectedLeavers
from ops.adapters.pages_folder import PagesFolder
from ops.adapters.schedule import ProjectedSchedule
from ops.history import History, fold
from ops.keeper import Keeper
from ops.operation import load_operation
from ops.plan import Plan, Planner, Projections, Step, stamped
from ops.playbook import plan_row
from ops.playbook_file import parse
from ops.runner import Run
from ops.undo import Undo, plan_undo

BASE = "DC=lab,DC=example"
PLACES = {
    "staff": f"OU=Staff,{BASE}",
    "leavers": f"OU=Leavers,{BASE}",
    "service": f"OU=Service,{BASE}",
    "roles": f"OU=Roles,OU=Groups,{BASE}",
}
SID = "S-1-5-21-1-2-3"
INVENTORY = {
    "directory": ("dc1",),
    "handover": ("desk",),
    "leavers": ("book",),
    "schedule": ("plans",),
    "host": ("fs1", "srv1"),
    "accounts_for": ("srv1",),
    "homes": ("fs1",),
    "handed_over": ("fs1",),
}
FILES = Machine("fs1", "me", homes="/srv/home", archive="/srv/archive", handed_over="/srv/handed-over")
SERVER = Machine("srv1", "me", accounts_for=("role-sales",))
CONSTANTS = {
    "name_pattern": "{given}.{family}",
    "never_reuse": "gone.before",
    "mail_domain": "lab.example",
    "why": "",
    "first_uid": "10001",
}
AMY = {"given": "Amy", "family": "Ng", "employee": "1001", "groups": "role-sales,vpn"}
ROOT = Path(__file__).parent.parent


def group(name: str, rid: int, *inside: str) -> Entry:
    """A group, and the groups it is itself in."""
    attributes = {"sAMAccountName": (name,), "objectClass": ("top", "group"), "objectSid": (f"{SID}-{rid}",)}
    return Entry(f"guid:{name}", f"CN={name},{PLACES['roles']}", attributes, frozenset(f"guid:{i}" for i in inside))


def person(name: str, rid: int = 2000, place: str = "staff", groups: tuple[str, ...] = (), **more: str) -> Entry:
    """An enabled account."""
    attributes = {
        "sAMAccountName": name,
        "userPrincipalName": f"{name}@lab.example",
        "displayName": name.title(),
        "userAccountControl": "512",
        "pwdLastSet": "133000000000000000",
        "objectSid": f"{SID}-{rid}",
        "primaryGroupID": "513",
        **more,
    }
    values = {key: (value,) for key, value in attributes.items()} | {"objectClass": ("top", "person", "user")}
    return Entry(f"guid:{name}", f"CN={name},{PLACES[place]}", values, frozenset(f"guid:{g}" for g in groups))


def places() -> list[Entry]:
    """The organisational units."""
    return [Entry(f"guid:{dn}", dn, {"objectClass": ("organizationalUnit",)}) for dn in PLACES.values()]


def directory(*people: Entry) -> ProjectedDirectory:
    """The company's directory in memory, with these people in it."""
    groups = [group("role-sales", 1101), group("vpn", 1102), group("Domain Admins", 512)]
    groups += [group("role-legacy-admins", 1103, "Domain Admins"), group("Domain Users", 513)]
    known = {entry.ref: entry for entry in [*groups, *places(), *people]}
    return ProjectedDirectory(known=known, domain=Domain("lab.example", BASE, PLACES, actor="guid:me"))


@dataclass
class Company:
    """Targets, and what was recorded about them."""

    path: Path
    targets: dict[str, Any]
    log: list[Event] = field(default_factory=list)

    @property
    def directory(self) -> Any:
        return self.targets["dc1"]

    @property
    def desk(self) -> HandoverFolder:
        return self.targets["desk"]

    def record(self, *events: Event, owed: bool = False) -> None:
        self.log.extend(events)

    def plan(self, *rows: dict[str, str], book: str = "user/onboard") -> Plan:
        playbook = parse(ROOT / "playbooks" / f"{book}.yaml", book)
        planner = Planner(Projections(self.targets))
        bound = [
            plan_row(playbook, CONSTANTS | row, planner, INVENTORY, f"{n}/" if len(rows) > 1 else "")
            for n, row in enumerate(rows)
        ]
        steps = tuple(step for one in bound for step in one.steps)
        not_done = tuple(dict.fromkeys(name for one in bound for name in one.not_done))
        return stamped(Plan(playbook.title, book, steps, tuple(planner.items), not_done), now())

    def one(self, operation: str, **arguments: Any) -> Plan:
        """The plan of a single operation."""
        targets = {kind: INVENTORY[kind][0] for kind in load_operation(operation).readers}
        step = Step("only", operation, targets, arguments)
        planner = Planner(Projections(self.targets))
        planner.add(step)
        return stamped(Plan(operation, operation, (step,), tuple(planner.items)), now())

    def run(self, run: str = "r1", *, record: Any = None, wave: int = 1, **more: Any) -> Run:
        return Run(run, self.targets, record or self.record, Keeper(self.path / "keeper"), wave, **more)

    def do(self, plan: Plan, run: str = "r1", wave: int = 1) -> History:
        return self.run(run, wave=wave).start(plan)

    def events(self, run: str = "r1") -> list[Event]:
        return [event for event in self.log if event.run == run]

    def history(self, run: str = "r1") -> History:
        return fold(self.events(run))

    def resume(self, run: str = "r1") -> History:
        return self.run(run).go_on(self.history(run))

    def undo(self, run: str = "r1") -> Undo:
        undo = plan_undo(self.history(run), Projections(self.targets))
        self.run(f"{run}u").start(replace(undo.plan, undoes=run))
        return undo


def company(path: Path, *people: Entry) -> Company:
    """A company whose hand-over desk and leavers' book are real folders below ``path``."""
    path.mkdir(parents=True, exist_ok=True)
    targets = {
        "dc1": directory(*people),
        "desk": HandoverFolder(path / "handover"),
        "book": PagesFolder(path / "leavers", ProjectedLeavers),
        "plans": PagesFolder(path / "schedule", ProjectedSchedule),
        "fs1": ProjectedHost(machine=FILES),
        "srv1": ProjectedHost(machine=SERVER),
    }
    return Company(path, targets)
