"""Keeping collected inventories: which asset each machine is, its hardware, and all that is installed on it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select

from inventory.estate.sighting import Sighting
from inventory.estate.sighting import collected as sighting_of
from inventory.register.matching import Known
from inventory.register.tables import table
from inventory.taking_in.glpi import Collected, Installation
from ops.errors import Refused

if TYPE_CHECKING:
    from inventory.register.store import Pen, Snapshot

UNKNOWN = "?"  # stands before the name of a machine that is no asset of the register


@dataclass(frozen=True)
class Machine:
    """One machine and the moment at which it was asked."""

    found: Collected
    seen: datetime

    @property
    def sighting(self) -> Sighting:
        """For the join with all other sources."""
        facts = {**self.found.fields, "os": self.found.hardware.system}
        return sighting_of(self.found.device, facts, self.seen)


class Assets:
    """Which asset a machine is: by serial number, UUID, one hardware address, or a name that only one asset has."""

    def __init__(self, pen: Pen) -> None:
        self._known = Known(pen)
        self._macs: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        made = table("asset")
        asked = select(made.c.key, made.c.macs, made.c.hostname, made.c.kind).where(made.c.voided.is_(False))
        for row in pen.rows(asked.where(made.c.live.is_(True))):
            for mac in (row.macs or "").split() if row.kind != "dock" else ():
                self._macs.setdefault(_plain(mac), set()).add(row.key)
            if row.hostname:
                self._names.setdefault(row.hostname.lower(), set()).add(row.key)

    def tag(self, found: Collected) -> str:
        """The tag, or the machine's own name behind a ``?``."""
        fields = {name: text for name, text in found.fields.items() if name != "tag"}
        try:
            tag, _ = self._known.means(fields)
        except Refused:
            tag = ""
        tag = tag or self._one(self._macs, (_plain(mac) for mac in fields.get("macs", "").split()))
        if not tag and not fields.get("serial"):
            tag = self._one(self._names, [fields.get("hostname", "").lower()])
        return tag or f"{UNKNOWN}{found.device}"[:120]

    @staticmethod
    def _one(index: dict[str, set[str]], keys: Iterable[str]) -> str:
        found = {tag for key in keys for tag in index.get(key, ())}
        return found.pop() if len(found) == 1 else ""


def _plain(mac: str) -> str:
    return "".join(sign for sign in mac.lower() if sign.isalnum())


def collect(pen: Pen, machines: Iterable[Machine], number: int) -> int:
    """Keep hardware and software of machines in the place of what was known; partial ones add only. How many rows."""
    assets, written = Assets(pen), 0
    hardware, installed = table("collected"), table("installation")
    for machine in machines:
        tag = assets.tag(machine.found)
        names = (tag, f"{UNKNOWN}{machine.found.device}"[:120])  # it may have been nobody's before
        pen.connection.execute(delete(hardware).where(hardware.c.asset.in_(names)))
        pen.connection.execute(insert(hardware).values(_hardware(tag, machine, number)))
        rows = [_installation(tag, one, number) for one in machine.found.installations]
        if rows or not machine.found.partial:
            pen.connection.execute(delete(installed).where(installed.c.asset.in_(names)))
        if rows:
            pen.connection.execute(insert(installed), rows)
        written += len(rows)
    return written


def collected_of(seen: Snapshot, tag: str) -> dict[str, Any]:
    """What a machine itself told last: system, hardware, user, number of packages; empty if it was never asked."""
    hardware, installed = table("collected"), table("installation")
    row = seen.connection.execute(select(hardware).where(hardware.c.asset == tag)).first()
    if row is None:
        return {}
    asked = select(func.count()).select_from(installed).where(installed.c.asset == tag)
    known = json.loads(row.hardware)
    cores = known.get("vcores") or sum(known.get("cpus", ()))
    found = {
        "asked": row.inventoried.isoformat(),
        "system": row.system,
        "cores": cores,
        "memory_mb": known["memory_mb"],
        "virtual": known["virtual"],
        "disks": known.get("disks", []),
        "user": row.primary_user,
        "packages": seen.connection.execute(asked).scalar_one(),
    }
    return {name: value for name, value in found.items() if value}


def _hardware(tag: str, machine: Machine, number: int) -> dict[str, Any]:
    found = machine.found.hardware
    cores = [one.cores for one in found.processors]
    known = {"vcores": sum(cores)} if found.virtual else {"cpus": cores}
    disks = [{name: value for name, value in asdict(disk).items() if value} for disk in found.disks]
    links = [{"name": one.name, "mac": one.mac, "addresses": list(one.addresses)} for one in found.interfaces]
    more = {"memory_mb": found.memory_mb, "virtual": found.virtual, "disks": disks, "interfaces": links}
    users = machine.found.users
    return {
        "asset": tag,
        "source_run": number,
        "inventoried": machine.seen.astimezone(UTC).date(),
        "hardware": json.dumps({**known, **more}, ensure_ascii=False),
        "primary_user": users[0].lower() if users else "",
        "system": f"{found.system} {found.system_version}".strip(),
    }


def _installation(tag: str, one: Installation, number: int) -> dict[str, Any]:
    try:
        day = date.fromisoformat(one.installed_on[:10]) if one.installed_on else None
    except ValueError:
        day = None
    return {
        "source_run": number, "asset": tag, "publisher": one.publisher, "name": one.name, "version": one.version,
        "scope": one.scope, "user": one.user, "installed": day, "last_used": None, "last_used_status": "unsupported",
    }  # fmt: skip
