"""Logon names for people: transliterated, valid, and with the reason for each.

Sources: sAMAccountName limits (MS-ADTS 3.1.1.5.2.2: 20 characters for users, forbidden ``"/\\[]:;|=,+*?<>@``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from ops.errors import InvalidRequest

LONGEST = 20
FORBIDDEN = set('"/\\[]:;|=,+*?<>@ ')
BUILT_IN = {"administrator", "guest", "krbtgt", "defaultaccount", "nobody", "root", "none", "system", "network", "self"}
BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
# What people of many languages write themselves where a plain letter will not do; anyascii does the rest.
USUAL = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "å": "aa",
        "ø": "oe",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
        "đ": "d",
    }
)
PATTERNS = {"given", "family", "g", "f"}
LETTER = re.compile(r"\{([a-z]*)\}")


@dataclass(frozen=True)
class Candidate:
    """A logon name and why it is offered."""

    name: str
    reason: str


def candidates(given: str, family: str, pattern: str = "{given}.{family}") -> Iterator[Candidate]:
    """Names to try in order: the pattern itself, then the pattern with 2, 3 … after it; all fit 20 characters.

    Raises ``InvalidRequest`` if nothing of the name can be written in plain letters.
    """
    refuse_invisible(given, "first name")
    refuse_invisible(family, "family name")
    whole = _filled(pattern, latin(given), latin(family))
    if not re.search("[a-z]", whole):
        raise InvalidRequest(f"no logon name can be made from {given!r} {family!r}", hint="choose one with --logon")
    short = _cut(whole, LONGEST)
    reason = "made by the pattern" if short == whole else f"made by the pattern, shortened to {LONGEST} characters"
    if not _wrong(short):
        yield Candidate(short, reason)
    for number in count(2):
        name = f"{_cut(whole, LONGEST - len(str(number)))}{number}"
        if not _wrong(name):
            yield Candidate(name, f"{reason}, with {number} added")


def latin(text: str) -> str:
    """A name in plain small letters and digits, as its owner would most likely write it; hyphens stay."""
    from anyascii import anyascii

    composed = unicodedata.normalize("NFC", text).lower().translate(USUAL)
    plain = str(anyascii(composed)).lower()
    return re.sub(r"-+", "-", re.sub(r"[^a-z0-9-]", "", plain)).strip("-")


def _filled(pattern: str, given: str, family: str) -> str:
    parts = {"given": given, "family": family, "g": given[:1], "f": family[:1]}
    if unknown := sorted(set(LETTER.findall(pattern)) - PATTERNS):
        known = ", ".join(f"{{{name}}}" for name in sorted(PATTERNS))
        raise InvalidRequest(f"the name pattern {pattern!r} has {{{unknown[0]}}}", hint=f"it may have {known}")
    return re.sub(r"\.{2,}", ".", LETTER.sub(lambda m: parts[m[1]], pattern)).strip(".-")


def _cut(name: str, length: int) -> str:
    return name[:length].rstrip(".-")


def validate_logon_name(name: str) -> None:
    """Raise ``InvalidRequest`` with the reason if a directory could not, or should not, take this name."""
    if why := _wrong(name):
        raise InvalidRequest(f"{name!r} cannot be a logon name: {why}", hint="choose another one, such as amy.ng")


def _wrong(name: str) -> str:
    if not name:
        return "it is empty"
    if len(name) > LONGEST:
        return f"it has {len(name)} characters, and {LONGEST} is the most"
    if bad := sorted(FORBIDDEN & set(name)):
        return f"it contains {bad[0]!r}"
    if not name.isascii() or not name.isprintable():
        return "only plain letters, digits, dots and hyphens work everywhere"
    if name.endswith(".") or not name.strip(".0123456789"):
        return "it ends with a dot or has no letter"
    if name.lower() in BUILT_IN or name.lower().startswith("krbtgt"):
        return "it belongs to the system"
    return ""


def refuse_invisible(text: str, what: str) -> None:
    """Raise ``InvalidRequest`` if a name hides control or direction characters."""
    for char in text:
        if (
            unicodedata.category(char) in {"Cc", "Cs", "Cn", "Co", "Zl", "Zp"}
            or unicodedata.bidirectional(char) in BIDI
        ):
            raise InvalidRequest(f"the {what} contains the invisible character U+{ord(char):04X}", hint="type it again")


def display_name(given: str, family: str) -> str:
    """First name and family name; one of them may be empty."""
    return f"{given} {family}".strip()


def common_name(given: str, family: str, logon: str) -> str:
    """The name of the entry: unique in its unit because the logon name is part of it; 64 characters at most."""
    refuse_invisible(given, "first name")
    refuse_invisible(family, "family name")
    ending = f" ({logon})"
    return f"{display_name(given, family)[: 64 - len(ending)].rstrip()}{ending}"
