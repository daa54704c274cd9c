"""What a host is made of and what is installed on it, asked of the host itself. Nothing is written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ops.adapters.host import Fields
from ops.adapters.host_shell import Shell
from ops.errors import NotOffered

DMI = "/sys/class/dmi/id"
FIRMWARE = {"sys_vendor": "maker", "product_name": "model", "chassis_type": "chassis"}
SECRET = {"product_serial": "serial", "product_uuid": "uuid"}  # only root may read them
CHASSIS = {  # SMBIOS 3.7, 7.4.1
    **dict.fromkeys(("3", "4", "5", "6", "7", "13", "15", "16", "24", "35", "36"), "desktop"),
    **dict.fromkeys(("8", "9", "10", "14", "31", "32"), "laptop"),
    **dict.fromkeys(("11", "30"), "tablet"),
    **dict.fromkeys(("17", "23", "25", "28", "29"), "server"),
}
DISTRIBUTIONS = {"Debian": ("debian.org", "debian.net"), "Ubuntu": ("ubuntu.com", "canonical.com")}
DEB = ["dpkg-query", "-W", "-f", r"${db:Status-Status}\t${Package}\t${Version}\t${Maintainer}\n"]
RPM = ["rpm", "-qa", "--qf", r"installed\t%{NAME}\t%{VERSION}-%{RELEASE}\t%{VENDOR}\n"]


class Inventory:
    """Reads ``machine:this``, ``software:this`` and ``neighbours:this`` of one host."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def read_machine(self, name: str) -> Fields | None:  # noqa: ARG002
        """Hardware and system: serial, uuid, maker, model, kind, hostname, fqdn, macs, address, system,
        system_version, architecture, virtual, cpus (cores of each socket), memory_mb, disks (JSON).
        """
        found = self._firmware() | self._names() | self._addresses() | self._system() | self._processors()
        found |= {"memory_mb": self._memory(), "disks": self._disks(), "virtual": self._virtual()}
        if found["virtual"]:
            found["kind"] = "vm"
        return {name: text for name, text in sorted(found.items()) if text}

    def read_software(self, name: str) -> Fields | None:  # noqa: ARG002
        """Package → version, a tab, and who publishes it."""
        for argv in (DEB, RPM):
            answer = self._shell.run(argv, root=False)
            if answer.code == 0:
                rows = (line.split("\t") for line in answer.text.splitlines())
                known = (row for row in rows if len(row) == 4 and row[0] == "installed")
                return {package: f"{version}\t{publisher(by)}" for _, package, version, by in known}
        raise NotOffered(
            "it has neither dpkg nor rpm to tell what is installed", hint="its hardware is read all the same"
        )

    def read_neighbours(self, name: str) -> Fields | None:  # noqa: ARG002
        """What the host has heard of on its own network: the JSON of ip(8)."""
        return {"json": self._text(["ip", "-s", "-j", "neigh"])}

    def _text(self, argv: list[str], root: bool = False) -> str:
        answer = self._shell.run(argv, root=root)
        return answer.text.strip() if answer.code == 0 else ""

    def _json(self, argv: list[str]) -> Any:
        try:
            return json.loads(self._text(argv) or "null")
        except ValueError:
            return None

    def _firmware(self) -> dict[str, str]:
        paths = [f"{DMI}/{name}" for name in FIRMWARE]
        open_ = self._shell.run(["head", "-n", "1", "-v", "--", *paths], root=False).text
        found = {
            FIRMWARE[name]: text for name, text in re.findall(rf"==> {DMI}/(\w+) <==\n(.*)", open_) if text.strip()
        }
        found["kind"] = CHASSIS.get(found.pop("chassis", ""), "")
        found |= {word: self._text(["cat", f"{DMI}/{name}"], root=True) for name, word in SECRET.items()}
        return {name: text.strip() for name, text in found.items()}

    def _names(self) -> dict[str, str]:
        full = self._text(["hostname", "-f"])
        return {"hostname": self._text(["uname", "-n"]).partition(".")[0], "fqdn": full if "." in full else ""}

    def _addresses(self) -> dict[str, str]:
        macs, first = [], ""
        for link in self._json(["ip", "-j", "addr"]) or ():
            if link.get("link_type") != "ether":
                continue
            macs.append(str(link.get("address", "")))
            texts = [one.get("local", "") for one in link.get("addr_info", ()) if one.get("scope") == "global"]
            first = first or next((text for text in texts if "." in text), "")
        return {"macs": " ".join(macs), "address": first}

    def _system(self) -> dict[str, str]:
        text = self._text(["cat", "/etc/os-release"])
        said = {name: value.strip('"') for name, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE)}
        return {
            "system": said.get("NAME", ""),
            "system_version": said.get("VERSION_ID", ""),
            "architecture": self._text(["uname", "-m"]),
        }

    def _processors(self) -> dict[str, str]:
        said = {one["field"].strip().rstrip(":"): one["data"] for one in _fields(self._json(["lscpu", "-J"]))}
        sockets, cores = said.get("Socket(s)", "1"), said.get("Core(s) per socket", "")
        known = cores.isdigit() and sockets.isdigit()
        return {"cpus": " ".join([cores] * int(sockets)) if known else "", "processor": said.get("Model name", "")}

    def _memory(self) -> str:
        total = re.search(r"^MemTotal:\s+(\d+) kB", self._text(["cat", "/proc/meminfo"]), re.MULTILINE)
        return str(int(total[1]) // 1024) if total else ""

    def _disks(self) -> str:
        found = self._json(["lsblk", "-J", "-b", "-d", "-o", "NAME,MODEL,SERIAL,SIZE,TYPE,ROTA"]) or {}
        disks = [one for one in found.get("blockdevices", ()) if one.get("type") == "disk"]
        return json.dumps(disks, ensure_ascii=False) if disks else ""

    def _virtual(self) -> str:
        word = self._shell.run(["systemd-detect-virt", "--vm"], root=False).text.strip()
        return word if word not in ("", "none") else ""


def publisher(maintainer: str) -> str:
    """Who publishes a package: the distribution for all that its own people maintain, else the name that is given."""
    name, _, mail = maintainer.partition("<")
    domain = mail.rstrip("> ").rpartition("@")[2].lower()
    found = [word for word, domains in DISTRIBUTIONS.items() if domain.endswith(domains)]
    return found[0] if found else name.strip()


def _fields(said: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The rows of lscpu(1), with those below others."""
    found, left = [], list((said or {}).get("lscpu", ()))
    while left:
        one = left.pop(0)
        left += one.get("children", ())
        if one.get("data"):
            found.append(one)
    return found
