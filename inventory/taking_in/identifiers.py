"""What names a machine: serials, UUIDs, MAC and IP addresses, host names. Placeholders of makers name nothing."""

from __future__ import annotations

import ipaddress
import re
import uuid

from inventory.taking_in.headers import plain

# What makers leave in the firmware; GLPI's and OCS's lists of the same, and dmidecode's outputs seen in their issues.
PLACEHOLDERS = frozenset(
    plain(text)
    for text in (
        *("To be filled by O.E.M.", "To be filled by OEM", "System Serial Number", "System Product Name"),
        *("System manufacturer", "Default string", "Default", "None", "N/A", "NA", "Not Specified", "Not Available"),
        *("Not Applicable", "No Asset Tag", "No Asset Information", "Asset-1234567890", "Unknown", "Invalid", "Empty"),
        *("O.E.M.", "OEM", "Serial", "SerialNumber", "Chassis Serial Number", "Base Board Serial Number", "Null"),
        *("123456789", "1234567890", "0123456789", "12345678", "1234567", "123456", "12345", "xxxxxxxxxxxx"),
        *("Type1ProductConfigId", "Not Present", "NotSpecified", "Undefined", "keine", "unbekannt", "tbd", "todo"),
    )
)
SAME = re.compile(r"(.)\1*")  # 0000000, FFFFFF, -------
VOID_UUIDS = re.compile(r"(0{8}-0{4}-0{4}-0{4}-0{12}|f{8}-f{4}-f{4}-f{4}-f{12}|03000200-0400-0500-0006-000700080009)")
SCIENTIFIC = re.compile(r"\d([.,]\d+)?E\+\d+", re.I)  # 3.56E+14; spreadsheets write the +
HOST = re.compile(r"(?=.{1,63}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?")
MAC = re.compile(r"[0-9a-f]{12}")
MAC_WRITTEN = re.compile(r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}|([0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12}")


def names_nothing(text: str) -> bool:
    """Whether a serial or tag is one of those that makers leave in thousands of machines."""
    letters = plain(text).replace(" ", "")
    return plain(text) in PLACEHOLDERS or letters in PLACEHOLDERS or len(letters) < 2 or bool(SAME.fullmatch(letters))


def lost_as_number(text: str) -> bool:
    """Whether a spreadsheet has turned an identifier into a number and lost its end."""
    return bool(SCIENTIFIC.fullmatch(text))


def uuid_of(text: str) -> str:
    """A UUID in lower case with hyphens, braces taken off; empty text for a void one. Raise ``ValueError`` if none."""
    found = str(uuid.UUID(text.strip()))
    return "" if VOID_UUIDS.fullmatch(found) else found


def macs_of(text: str) -> str:
    """MAC addresses in any writing and any list as ``00:11:22:33:44:55``, parted by blanks, each once.

    All-zero ones are left out. Raise ``ValueError`` with the piece that is none.
    """
    found: dict[str, None] = {}
    for piece in re.split(r"[\s,;|/]+", text.strip()):
        if not MAC_WRITTEN.fullmatch(piece):
            raise ValueError(piece)
        digits = re.sub(r"[.:-]", "", piece).lower()
        if digits.strip("0"):
            found[":".join(digits[at : at + 2] for at in range(0, 12, 2))] = None
    return " ".join(found)


def address_of(text: str) -> str:
    """An IP address without its prefix length, in its shortest form. Raise ``ValueError`` if it is none."""
    return str(ipaddress.ip_interface(text.strip()).ip)


def host_of(text: str) -> tuple[str, str]:
    """Host name and, if the text has dots, the full name in lower case. Raise ``ValueError`` if it is neither."""
    name = text.strip().rstrip(".")
    labels = name.split(".")
    if len(name) > 253 or not all(HOST.fullmatch(label) for label in labels) or _is_address(name):
        raise ValueError(text)
    return labels[0], name.lower() if len(labels) > 1 else ""


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
