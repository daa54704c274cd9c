"""A machine that was asked, in the form that collected inventories have."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from inventory.register.collecting import Machine
from inventory.taking_in.glpi import Collected, Disk, Hardware, Installation, Processor
from ops.adapters.host import Fields, HostReader
from ops.errors import NotOffered

ASSET = ("serial", "uuid", "maker", "model", "kind", "hostname", "fqdn", "macs", "address")


def of_host(name: str, host: HostReader, anchors: Sequence[str]) -> Machine:
    """A host of the inventory; one that has no list of packages is told by its hardware alone."""
    fields = host.read("machine:this") or {}
    software: Fields = {}
    partial = False
    try:
        software = host.read("software:this") or {}
    except NotOffered:
        partial = True
    key = next((anchor for anchor in anchors if anchor.startswith("SHA256:")), "")
    return _machine(name, {**fields, **({"hostkey": key} if key else {})}, software, partial)


def of_this_machine() -> Machine:
    """The machine we run on."""
    from ops.adapters.host_inventory import Inventory
    from ops.adapters.local import LocalShell
    from ops.adapters.this_machine import read_machine

    asked = Inventory(LocalShell())
    software: Fields = {}
    with suppress(NotOffered):
        software = asked.read_software("this") or {}
    fields = {**read_machine(), **(asked.read_machine("this") or {})}  # psutil answers on every system, these know more
    return _machine(fields.get("hostname", "here"), fields, software, not software)


def _machine(name: str, fields: Mapping[str, str], software: Fields, partial: bool) -> Machine:
    cores = [int(text) for text in fields.get("cpus", "").split() if text.isdigit()]
    hardware = Hardware(
        tuple(Processor(fields.get("processor", ""), count, 0, 0) for count in cores),
        int(fields.get("memory_mb", "0")),
        _disks(fields.get("disks", "")),
        system=fields.get("system", ""),
        system_version=fields.get("system_version", ""),
        architecture=fields.get("architecture", ""),
        virtual=fields.get("virtual", ""),
    )
    installed = [(package, *told.split("\t", 1)) for package, told in software.items()]
    rows = tuple(
        Installation(publisher, package, version, source="packages") for package, version, publisher in installed
    )
    known = {word: fields[word] for word in (*ASSET, "hostkey") if fields.get(word)}
    return Machine(Collected(name, known, hardware, rows, (), partial, "ops"), datetime.now(UTC))


def _disks(text: str) -> tuple[Disk, ...]:
    rows = json.loads(text) if text else ()
    return tuple(
        Disk("", one.get("model") or "", one.get("serial") or "", int(one.get("size") or 0) >> 20,
             "hdd" if one.get("rota") else "ssd", "")
        for one in rows
    )  # fmt: skip
