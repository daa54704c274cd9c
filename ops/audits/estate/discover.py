"""Ask every source what is there, and keep what it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.estate import EstateReader
from ops.audit import audit
from ops.finding import Finding, Seen, Verdict
from ops.params import Names


@audit
def discover(
    estate: EstateReader,
    leases: Annotated[str, "a file of DHCP leases: dnsmasq's, ISC dhcpd's or Kea's"] = "",
    neighbours: Annotated[str, "a file with what 'ip -s -j neigh' said on another machine"] = "",
    scan: Annotated[str, "a file that nmap -oX wrote"] = "",
    glpi: Annotated[str, "one inventory of GLPI Agent, or a folder of them"] = "",
    only: Annotated[Names, "only these: directory, wire, hosts, here; files are always read"] = (),
) -> Iterator[Finding | Seen]:
    """Ask the directory for its computers, sweep the networks named in inventory/sites.yaml that are on our own link,
    ask the hosts of the inventory and this machine what they are made of and what is installed on them.

    Only networks in sites.yaml are swept, never others. What was found is compared by ops estate reconcile.
    """
    files = {"leases": leases, "neighbours": neighbours, "scan": scan, "glpi": glpi}
    for look in estate.looks({name: path for name, path in files.items() if path}, only):
        for subject, why in look.failures.items():
            yield Finding(subject, subject, look.source, Verdict.UNKNOWN, why, "correct it, then: ops estate discover")
        yield Seen(look.rows, look.what, tuple(look.not_looked_at))
