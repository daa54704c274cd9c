"""This machine, asked through psutil: what a host tells of itself, also where no shell would answer."""

from __future__ import annotations

import platform
import socket
from pathlib import Path

from ops.adapters.host import Fields
from ops.adapters.host_inventory import CHASSIS, DMI, FIRMWARE, SECRET


def read_machine() -> Fields:
    """The fields of ``Inventory.read_machine``; what the system keeps from us is left out."""
    import psutil

    firmware = {word: _line(Path(DMI) / name) for name, word in {**FIRMWARE, **SECRET}.items()}
    kind = CHASSIS.get(firmware.pop("chassis"), "")
    cores, name = psutil.cpu_count(logical=False), socket.gethostname()
    release = platform.freedesktop_os_release() if platform.system() == "Linux" else {}
    found = {
        **firmware,
        "kind": kind,
        "hostname": name.partition(".")[0],
        "fqdn": name if "." in name else "",
        "macs": " ".join(macs()),
        "system": release.get("NAME", platform.system()),
        "system_version": release.get("VERSION_ID", platform.release()),
        "architecture": platform.machine(),
        "cpus": str(cores) if cores else "",
        "memory_mb": str(psutil.virtual_memory().total >> 20),
    }
    return {word: text for word, text in sorted(found.items()) if text}


def macs() -> list[str]:
    """The hardware addresses of its interfaces, but for the loopback."""
    import psutil

    links = (address for links in psutil.net_if_addrs().values() for address in links)
    found = (one.address.lower().replace("-", ":") for one in links if one.family == psutil.AF_LINK)
    return sorted({mac for mac in found if mac.strip("0:")})


def networks() -> list[tuple[str, str]]:
    """(address, netmask) of its own IPv4 interfaces: what can be swept without a router."""
    import psutil

    links = (address for links in psutil.net_if_addrs().values() for address in links)
    return [(one.address, one.netmask or "") for one in links if one.family == socket.AF_INET]


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
