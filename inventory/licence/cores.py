"""Licences by core. The vendor's minimums are parameters of the entitlement, never code.

Parameters, all whole numbers as text: ``min_cpu`` (least cores charged for a socket), ``min_host`` (least for a host),
``min_vm`` (least for a virtual machine), ``pack`` (cores in one licence) and ``vms``: how many virtual machines one
licensing of all cores of their host covers, or ``unlimited``. Without ``vms`` a virtual machine is licensed by itself.
Examples, by the vendors' terms: Windows Server Standard is min_cpu 8, min_host 16, pack 2, vms 2; SQL Server is
min_cpu 4, min_vm 4, pack 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil

from inventory.licence.model import Hardware
from ops.errors import InvalidRequest

NAMES = ("min_cpu", "min_host", "min_vm", "pack", "vms")
UNLIMITED = "unlimited"


@dataclass(frozen=True)
class CoreRule:
    """The parameters as numbers; ``vms`` 0 licenses each virtual machine by itself, -1 covers any number."""

    min_cpu: int = 1
    min_host: int = 1
    min_vm: int = 1
    pack: int = 1
    vms: int = 0

    @classmethod
    def of(cls, params: Mapping[str, str]) -> CoreRule:
        """Read parameters; raise ``InvalidRequest`` for one nobody knows and for what is no number."""
        numbers: dict[str, int] = {}
        for name, text in params.items():
            if name not in NAMES:
                raise InvalidRequest(f"{name} is no parameter of cores", hint=f"there are: {', '.join(NAMES)}")
            if name == "vms" and text == UNLIMITED:
                numbers[name] = -1
            elif text.isdecimal() and int(text) > 0:
                numbers[name] = int(text)
            else:
                raise InvalidRequest(f"{name}: {text} is no number above 0", hint="write one, such as 8")
        return cls(**numbers)


@dataclass(frozen=True)
class Charge:
    """Cores charged to one host or virtual machine; ``cores`` None says that its hardware is not known."""

    asset: str
    cores: int | None
    because: str


def physical(cpus: Iterable[int], rule: CoreRule) -> int:
    """Cores to license on one host: no socket below its minimum, and the host not below its own."""
    return max(rule.min_host, sum(max(rule.min_cpu, cores) for cores in cpus))


def virtual(vcores: int, rule: CoreRule) -> int:
    """Cores to license for one virtual machine."""
    return max(rule.min_vm, vcores)


def packs(cores: int, rule: CoreRule) -> int:
    """Licences to buy for so many cores."""
    return ceil(cores / rule.pack)


def stacked(cpus: Iterable[int], vms: int, rule: CoreRule) -> int:
    """Cores of a host licensed as often as its virtual machines ask for; once for none."""
    times = 1 if rule.vms < 1 else max(1, ceil(vms / rule.vms))
    return physical(cpus, rule) * times


def charges(installed: Iterable[str], hardware: Mapping[str, Hardware], rule: CoreRule) -> list[Charge]:
    """What is charged for assets with the product installed, one line a licensed host or virtual machine."""
    guests: dict[str, int] = {}
    found: list[Charge] = []
    for asset in sorted(installed):
        known = hardware.get(asset, Hardware())
        if known.vcores and rule.vms:
            guests[known.host or ""] = guests.get(known.host or "", 0) + 1
        elif known.vcores:
            found.append(Charge(asset, virtual(known.vcores, rule), f"{known.vcores} virtual cores"))
        elif known.cpus:
            guests.setdefault(asset, 0)
        else:
            found.append(Charge(asset, None, "its processors are not known"))
    found += [_host(host, count, hardware.get(host, Hardware()).cpus, rule) for host, count in sorted(guests.items())]
    return found


def _host(host: str, vms: int, cpus: tuple[int, ...], rule: CoreRule) -> Charge:
    if not cpus:
        where = f"of {host}, their host," if host else "of their host"
        return Charge(host or "unknown host", None, f"the processors {where} are not known, {vms} virtual machines")
    sockets = "+".join(map(str, cpus))
    return Charge(host, stacked(cpus, vms, rule), f"{sockets} cores, {vms} virtual machines")
