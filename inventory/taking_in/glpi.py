"""Inventories that GLPI Agent collected, as JSON: what the machine is, what is in it, what is installed on it.

The format is GLPI's ``inventory.schema.json``. Sections it has and we do not read are passed over, as are those of
later versions; what we read must have the schema's type, since a guess here would become somebody's licence count.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inventory.taking_in import identifiers
from inventory.taking_in.dates import readings
from inventory.taking_in.json_section import Section, WrongType
from inventory.taking_in.rows import Mistake, shown
from inventory.taking_in.values import LONGEST
from ops import regular_file
from ops.errors import InvalidRequest

LARGEST = 64 << 20  # bytes of one machine's inventory
KINDS = {"Printer": "printer", "Phone": "phone"}
# SMBIOS chassis types (DSP0134, 7.4.1) as dmidecode and GLPI Agent write them.
CHASSIS = {
    **dict.fromkeys(("laptop", "notebook", "portable", "sub notebook", "convertible", "detachable"), "laptop"),
    **dict.fromkeys(("desktop", "low profile desktop", "pizza box", "mini tower", "tower", "all in one"), "desktop"),
    **dict.fromkeys(("space-saving", "lunch box", "mini pc", "stick pc"), "desktop"),
    **dict.fromkeys(("main server chassis", "rack mount chassis", "blade", "blade enclosure", "server"), "server"),
    **{"tablet": "tablet", "hand held": "phone", "docking station": "dock"},
}
SERVICES = ("S-1-5-18", "S-1-5-19", "S-1-5-20")  # Windows' own accounts have profiles too, and are no persons
WIRED = ("", "ethernet", "wifi")  # interfaces whose MAC address is the machine's own


@dataclass(frozen=True)
class Processor:
    """One CPU in its socket: its physical cores, and threads as GLPI gives them; 0 where not known."""

    name: str
    cores: int
    threads: int
    mhz: int


@dataclass(frozen=True)
class Disk:
    """One medium: size in MB (decimal, as GLPI writes it), what it is, and whether it is encrypted if known."""

    maker: str
    model: str
    serial: str
    size_mb: int
    kind: str
    encrypted: str


@dataclass(frozen=True)
class Interface:
    """One network interface: its MAC as ``00:11:22:33:44:55`` or empty, addresses it has now, whether it is up."""

    name: str
    mac: str
    addresses: tuple[str, ...]
    kind: str
    virtual: bool
    up: bool


@dataclass(frozen=True)
class Hardware:
    """What is in a machine. Memory in MB; ``system`` is the operating system as it calls itself."""

    processors: tuple[Processor, ...] = ()
    memory_mb: int = 0
    disks: tuple[Disk, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    system: str = ""
    system_version: str = ""
    architecture: str = ""
    virtual: str = ""  # the hypervisor, empty on hardware


@dataclass(frozen=True)
class Installation:
    """One piece of software as the machine lists it; ``user`` where it is one person's own."""

    publisher: str
    name: str
    version: str
    scope: str = "machine"
    user: str = ""
    guid: str = ""
    architecture: str = ""
    installed_on: str = ""
    source: str = ""


@dataclass(frozen=True)
class Collected:
    """One machine: fields of the register, hardware, software, who uses it.

    ``partial`` inventories hold some sections only: what is not in them is not known, rather than gone.
    """

    device: str
    fields: Mapping[str, str]
    hardware: Hardware
    installations: tuple[Installation, ...]
    users: tuple[str, ...] = ()
    partial: bool = False
    agent: str = ""
    notices: tuple[str, ...] = ()


def collected(path: Path) -> Collected:
    """One machine's inventory. Raise ``InvalidRequest`` with the place in the file that is not as it must be."""
    found = _load(path)
    if not isinstance(found, dict) or "deviceid" not in found or "content" not in found:
        raise InvalidRequest(f"{path.name} is no GLPI inventory", hint="it needs deviceid and content")
    try:
        return _machine(Section(found))
    except WrongType as error:
        raise InvalidRequest(f"{path.name}: {error}", hint="collect it again with GLPI Agent 1.5 or later") from error


def collected_in(folder: Path) -> Iterator[Collected | Mistake]:
    """Every ``*.json`` of a folder, by name; a file that cannot be read is one mistake, and the rest goes on."""
    for path in sorted(folder.glob("*.json")):
        try:
            yield collected(path)
        except InvalidRequest as error:
            yield Mistake(0, f"{str(error).removeprefix(f'{path.name}: ')}; {error.hint}", file=path.name)


def _load(path: Path) -> object:
    try:
        if path.stat().st_size > LARGEST:
            raise InvalidRequest(f"{path.name} is larger than {LARGEST >> 20} MiB", hint="one file for each machine")
        text = regular_file.content(path, LARGEST).decode("utf-8-sig")
        found = json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
        if "\\ud" in text.lower():  # half of a character: json takes it, nothing can write it
            json.dumps(found, ensure_ascii=False).encode()
        return found
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}", hint="check its name and rights") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise InvalidRequest(f"{path.name}: {where}: this is not JSON", hint="copy it again, it may be cut") from error
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InvalidRequest(f"{path.name}: this is not JSON", hint="collect it again") from error


def _refuse(word: str) -> object:
    raise ValueError(word)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _machine(whole: Section) -> Collected:
    content = whole.section("content")
    hardware, notices = _hardware(content), list[str]()
    fields = _fields(whole, content, hardware, notices)
    installed = tuple(_installation(one) for one in content.sections("softwares"))
    return Collected(
        whole.text("deviceid"),
        fields,
        hardware,
        installed,
        _users(content),
        whole.flag("partial"),
        content.text("versionclient"),
        tuple(notices),
    )


def _fields(whole: Section, content: Section, hardware: Hardware, notices: list[str]) -> dict[str, str]:
    bios, machine, system = (content.section(name) for name in ("bios", "hardware", "operatingsystem"))
    device = content.section("network_device")  # of what was asked over SNMP
    found = {
        "kind": _kind(whole.text("itemtype"), machine.text("chassis_type"), hardware.virtual),
        "maker": bios.text("smanufacturer") or device.text("manufacturer"),
        "model": bios.text("smodel") or device.text("model"),
        "serial": bios.text("ssn") or device.text("serial"),
        "tag": bios.text("assettag"),
        "hostname": machine.text("name") or device.text("name"),
        "fqdn": system.text("fqdn"),
        "uuid": machine.text("uuid"),
    }
    for name in ("maker", "model", "serial", "tag"):
        if found[name] and identifiers.names_nothing(found[name]):
            notices.append(f"{name} {shown(found[name])} is a placeholder and was left out")
            found[name] = ""
    found |= _names(found, notices)
    macs = [one.mac for one in hardware.interfaces if one.mac and not one.virtual and one.kind in WIRED]
    own = [mac] if (mac := _mac(device, "mac")) else []
    found["macs"] = " ".join(dict.fromkeys([*macs, *own]))
    for name in [name for name, text in found.items() if not text.isprintable() or len(text) > LONGEST]:
        notices.append(f"{name} holds what cannot be registered and was left out")
        found[name] = ""
    return {name: text for name, text in sorted(found.items()) if text}


def _names(found: Mapping[str, str], notices: list[str]) -> dict[str, str]:
    """UUID and host names in the register's form; what is none is said and left out."""
    names = {"uuid": "", "hostname": "", "fqdn": ""}
    try:
        names["uuid"] = identifiers.uuid_of(found["uuid"]) if found["uuid"] else ""
    except ValueError:
        notices.append(f"uuid {shown(found['uuid'])} is none and was left out")
    for name in ("fqdn", "hostname"):
        try:
            host, full = identifiers.host_of(found[name]) if found[name] else ("", "")
        except ValueError:
            notices.append(f"{name} {shown(found[name])} is none and was left out")
            continue
        names["fqdn"] = names["fqdn"] or full
        names["hostname"] = host or names["hostname"]
    return names


def _kind(itemtype: str, chassis: str, hypervisor: str) -> str:
    if itemtype not in ("", "Computer"):
        return KINDS.get(itemtype, "")  # a NetworkEquipment may be a switch, a router, a firewall
    return "vm" if hypervisor else CHASSIS.get(chassis.strip().casefold(), "")


def _hardware(content: Section) -> Hardware:
    machine, system = content.section("hardware"), content.section("operatingsystem")
    hypervisor = machine.text("vmsystem")
    return Hardware(
        tuple(_processor(one) for one in content.sections("cpus")),
        machine.number("memory") or sum(one.number("capacity") for one in content.sections("memories")),
        tuple(_disk(one) for one in content.sections("storages")),
        tuple(_interface(one) for one in content.sections("networks")),
        system.text("full_name") or system.text("name"),
        system.text("version"),
        system.text("arch"),
        "" if hypervisor.casefold() in ("", "physical") else hypervisor,
    )


def _processor(one: Section) -> Processor:
    all_of_them, switched_on = one.number("corecount"), one.number("core")
    return Processor(one.text("name"), all_of_them or switched_on, one.number("thread"), one.number("speed"))


def _disk(one: Section) -> Disk:
    serial = one.text("serial") or one.text("serialnumber")
    named = (one.text("manufacturer"), one.text("model") or one.text("name"))
    return Disk(*named, serial, one.number("disksize"), one.text("type"), one.text("encrypt_status").casefold())


def _interface(one: Section) -> Interface:
    addresses = tuple(text for name in ("ipaddress", "ipaddress6") if (text := one.text(name)))
    up = one.text("status").casefold() == "up"
    return Interface(one.text("description"), _mac(one, "mac"), addresses, one.text("type"), one.flag("virtualdev"), up)


def _mac(section: Section, name: str) -> str:
    try:
        return identifiers.macs_of(text) if (text := section.text(name)) else ""
    except ValueError:
        return ""  # InfiniBand and tunnels have longer or shorter ones, which name no Ethernet device


def _installation(one: Section) -> Installation:
    user = one.text("username") or one.text("userid")
    own = bool(user) and one.text("userid") not in SERVICES
    days = readings(one.text("install_date"))
    return Installation(
        one.text("publisher"),
        one.required("name"),
        one.text("version"),
        "user" if own else "machine",
        user if own else "",
        one.text("guid"),
        one.text("arch"),
        days["ymd"].isoformat() if "ymd" in days else "",
        one.text("from"),
    )


def _users(content: Section) -> tuple[str, ...]:
    logins = [one.text("login") for one in content.sections("users")]
    last = content.section("hardware").text("lastloggeduser")
    return tuple(dict.fromkeys(name for name in [last, *logins] if name))
