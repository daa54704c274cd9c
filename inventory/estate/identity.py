"""What identifies a machine: each value in one canonical form, and why a value identifies nothing.

A value that is void is kept, with the reason, for people to read; it never joins two sightings. Placeholders are
what makers leave in firmware (DMTF DSP0134 has no rule against it) and what inventories have merged machines by.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

KINDS = ("guid", "serial", "uuid", "hostkey", "mac", "fqdn", "hostname")  # strongest first

RANDOMISED = "locally administered, so a device may have made it up"
MULTICAST = "multicast: it addresses a group, not a machine"
ROUTER = "of a virtual router: it moves between machines"  # RFC 9568 (VRRP), Cisco HSRP and GLBP
PLACEHOLDER = "a placeholder its maker never filled in"
SEQUENCE = "all one character or a counted sequence, so nobody's"
FACTORY = "a name devices have from the factory"

# Locally administered, yet given out by software in a known way: not made up by a device that hides.
VIRTUAL = {"525400": "QEMU", "0242": "Docker", "0a0027": "VirtualBox host-only", "0a58": "Kubernetes"}
KNOWN_VIRTUAL = tuple(VIRTUAL)
VIRTUAL_ROUTERS = ("00005e", "00000c07ac", "00000c9ff", "000573a0", "0007b400")
NO_SERIAL = frozenset(
    "tobefilledbyoem systemserialnumber chassisserialnumber baseboardserialnumber defaultstring default none na null "
    "notspecified notavailable notapplicable unknown unspecified oem empty invalid serialnumber serial eval sys "
    "nullstring nostring undefined nonumber sn12345 sn1234567890 sys1234567890 mb1234567890 bss0123456789 "
    "systemname systemversion tobefilled filledbyoem noasset noassettag xserialnumber".split()
)
NO_UUID = {
    UUID("03000200-0400-0500-0006-000700080009"),
    UUID("12345678-1234-5678-90ab-cddeefaabbcc"),
    UUID("4c4c4544-0000-2010-8020-80c04f202020"),  # a Dell without its service tag
}
FACTORY_NAMES = frozenset(
    "localhost unknown android iphone ipad raspberrypi ubuntu debian kali windows desktop laptop router switch "
    "printer openwrt pc computer user none null blank host".split()
)
SHORTEST_SERIAL = 4  # characters; below that, machines of one maker already share them
COMPANY = frozenset(
    "inc incorporated corp corporation co company ltd limited llc gmbh ag sa plc computer computers".split()
)
MAKERS = {
    "hewlettpackard": "hp",
    "hewlettpackardenterprise": "hpe",
    "asustek": "asus",
    "microstarinternational": "msi",
    "dellemc": "dell",
    "dellproducts": "dell",
    "ciscosystems": "cisco",
}


PARTED = re.compile(r"[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5}")
DIGITS = re.compile(r"[0-9a-f]{12}")
UNCUT = 17  # characters of a hardware address of which no octet is cut short
LABEL = re.compile(r"[\w-]{1,63}")
SIGNS = re.compile(r"[\W_]")


class Identity(NamedTuple):
    """One value. ``key`` compares equal for all writings of it; ``void`` says why it identifies nothing, if so."""

    kind: str
    key: str
    raw: str
    void: str = ""
    maker: str = ""  # of a serial: makers count apart

    @property
    def counts(self) -> bool:
        """Whether two sightings may be joined by it."""
        return not self.void


def identities(fields: Mapping[str, str]) -> tuple[Identity, ...]:
    """All values in text fields: guid, serial with maker, uuid, hostkey, macs, fqdn, hostname; sorted, none twice."""
    return tuple(sorted(set(_identities(fields))))


def _identities(fields: Mapping[str, str]) -> Iterator[Identity]:
    readers = {"guid": guid, "uuid": smbios_uuid, "hostkey": hostkey, "fqdn": fqdn}
    for name, reader in readers.items():
        if raw := fields.get(name, "").strip():
            yield reader(raw)
    if raw := fields.get("serial", "").strip():
        yield serial(raw, fields.get("maker", ""))
    for raw in fields.get("macs", "").replace(",", " ").split():
        yield mac(raw)
    name = fields.get("hostname", "").strip()
    if "." in name and not fields.get("fqdn"):
        yield fqdn(name)
    if name := name or fields.get("fqdn", "").strip():
        yield hostname(name)


def shared(things: Iterable[Iterable[Identity]]) -> Mapping[str, dict[str, list[int]]]:
    """Kind → key → the numbers of the things that have it, where several have. What is void is of its reason's kind."""
    first: dict[str, dict[str, int]] = defaultdict(dict)
    found: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for number, identities_of_it in enumerate(things):
        for kind, key, _, void, _ in identities_of_it:
            other = first[void or kind].setdefault(key, number)
            if other != number:
                found[void or kind].setdefault(key, [other]).append(number)
    return found


def mac(raw: str) -> Identity:
    """A hardware address in any writing, also with octets cut short as ``0:1a:2b:3:4:5``: 12 lower hex digits."""
    text = hex_digits(raw)
    if not DIGITS.fullmatch(text):
        return Identity("mac", "", raw, "cannot be read as a MAC address")
    return Identity("mac", text, raw, _void_mac(text))


def hex_digits(raw: str) -> str:
    """A hardware address without what parts it."""
    text = raw.strip().lower()
    if len(text) < UNCUT and PARTED.fullmatch(text):
        text = "".join([part.zfill(2) for part in text.replace("-", ":").split(":")])
    return text.replace(":", "").replace("-", "").replace(".", "").replace(" ", "")


def _void_mac(key: str) -> str:
    first = int(key[:2], 16)
    if len(set(key)) == 1 and key[0] in "0f":
        return SEQUENCE
    if first & 1:
        return MULTICAST
    if key.startswith(VIRTUAL_ROUTERS):
        return ROUTER
    return RANDOMISED if first & 2 and not key.startswith(KNOWN_VIRTUAL) else ""


def serial(raw: str, maker: str = "") -> Identity:
    """A serial number: trimmed, upper case, separators kept (``A-12`` and ``A12`` are two)."""
    key = spaced(raw)
    return Identity("serial", key, raw, _void_serial(key), maker_of(maker))


def spaced(raw: str) -> str:
    """A serial number as it compares."""
    return " ".join(raw.upper().split())


def _void_serial(key: str) -> str:
    bare = SIGNS.sub("", key.lower())
    if not bare or bare in NO_SERIAL:
        return PLACEHOLDER
    if len(set(bare)) == 1 or bare in "01234567890123456789":
        return SEQUENCE
    return "too short to be one machine's" if len(bare) < SHORTEST_SERIAL else ""


@lru_cache(1 << 12)  # a firm buys of few makers
def maker_of(raw: str) -> str:
    """A maker's name as it compares: ``Dell Inc.`` is ``dell``, ``Hewlett-Packard`` is ``hp``; empty if void."""
    words = [word for word in re.sub(r"[^\w\s-]", "", raw.lower()).replace("-", " ").split() if word not in COMPANY]
    name = "".join(words)
    return "" if name in NO_SERIAL or name == "systemmanufacturer" else MAKERS.get(name, name)


def smbios_uuid(raw: str) -> Identity:
    """The machine's SMBIOS UUID, lower case. Firmware and tools disagree on the byte order of its first three parts
    (glpi#17986), so ``key`` is the smaller of it and its ``twin``."""
    try:
        read = UUID(raw.strip())
    except ValueError:
        return Identity("uuid", "", raw, "cannot be read as a UUID")
    swapped = twin(read)
    void = PLACEHOLDER if read in NO_UUID or swapped in NO_UUID else SEQUENCE if len(set(read.hex)) == 1 else ""
    return Identity("uuid", str(min(read, swapped)), raw, void)


def twin(uuid: UUID) -> UUID:
    """The same UUID with its first three parts in the other byte order (RFC 9562 against SMBIOS 2.6)."""
    return UUID(bytes=uuid.bytes_le)


def guid(raw: str) -> Identity:
    """An objectGUID of the directory in its text form, lower case."""
    try:
        read = UUID(raw.strip())
    except ValueError:
        return Identity("guid", "", raw, "cannot be read as an objectGUID")
    return Identity("guid", str(read), raw, "" if len(set(read.hex)) > 1 else SEQUENCE)


def hostkey(raw: str) -> Identity:
    """The SHA-256 fingerprint of an SSH host key, as OpenSSH prints it; also read from 64 hex digits."""
    text = raw.strip().removeprefix("SHA256:").rstrip("=")
    try:
        if re.fullmatch(r"([0-9A-Fa-f]{2}:?){32}", text):
            digest = bytes.fromhex(text.replace(":", ""))
        else:
            digest = base64.b64decode(text + "=", validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != 32:
        return Identity("hostkey", "", raw, "cannot be read as a SHA-256 fingerprint")
    return Identity("hostkey", "SHA256:" + base64.b64encode(digest).decode().rstrip("="), raw)


def fqdn(raw: str) -> Identity:
    """A full name in the DNS, lower case, without the final dot. ``name.local`` is multicast DNS: anybody's."""
    key = full(raw)
    labels = key.split(".")
    if len(labels) < 2 or not all(map(LABEL.fullmatch, labels)):
        return Identity("fqdn", "", raw, "not a full name of the DNS")
    if labels[0] in FACTORY_NAMES or (len(labels) == 2 and labels[1] in ("local", "localdomain")):
        return Identity("fqdn", key, raw, FACTORY)
    return Identity("fqdn", key, raw)


def full(raw: str) -> str:
    """A full name as it compares."""
    return raw.strip().lower().rstrip(".")


def hostname(raw: str) -> Identity:
    """The first label of a name, lower case; the ``$`` of an account name is dropped."""
    key = label(raw)
    if not LABEL.fullmatch(key):
        return Identity("hostname", "", raw, "not a host name")
    return Identity("hostname", key, raw, FACTORY if key in FACTORY_NAMES else "")


def label(raw: str) -> str:
    """The first label of a name as it compares."""
    return raw.strip().lower().rstrip("$.").partition(".")[0]
