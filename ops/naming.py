"""Logon names for people: valid everywhere, from any script, and each with the reason it is offered.

Sources: sAMAccountName of a user has at most 20 characters, none of ``"/\\[]:;|=,+*?<>@`` and no dot at its end
(MS-SAMR 3.1.1.6, MS-ADTS 3.1.1.5.2.2); Samba accepts 21 and more, so it is refused here. Letters are narrowed to
what a mail address and a home folder take as well, for the logon name becomes both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ops.errors import InvalidRequest
from ops.transliteration import guessed, latin

LONGEST = 20  # characters of a logon name
LONGEST_COMMON = 64  # characters of a directory entry's own name
LAST_NUMBER = 999  # of one name; a directory that has them all has another problem
FORBIDDEN = frozenset('"/\\[]:;|=,+*?<>@ ')
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# Accounts of Windows and Samba; words Windows reserves (its naming conventions for accounts); Unix's own
# accounts; mail boxes that every domain has (RFC 2142).
RESERVED = frozenset(
    """administrator guest defaultaccount wdagutilityaccount support_388945a0
    anonymous batch builtin dialup everyone interactive internet local network none null proxy restricted self
    server service system users world root nobody daemon bin sys
    abuse hostmaster postmaster webmaster security""".split()
)
# A folder named so, whatever follows the first dot, cannot be made on Windows.
DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
PLACEHOLDERS = ("given", "family", "g", "f")
KEPT = 5  # letters of a family name that are kept while the first name can still give way
JOINERS = "\u200c\u200d"  # invisible, and part of how Persian and Indian names are written


@dataclass(frozen=True)
class Candidate:
    """A logon name and why it is offered, in words that follow "taken because it was"."""

    name: str
    reason: str


def candidates(given: str, family: str, pattern: str = "{given}.{family}", *, middle: str = "") -> Iterator[Candidate]:
    """Valid names to try, in order and each once.

    First the pattern itself, then with the middle initial if there is a middle name, then with 2, 3 … after it:
    so the second Amy Ng is amy.ng2. A number is never cut; names give way to it. One of ``given`` and ``family``
    may be empty, as for people with one name: that is then the whole, whatever the pattern.

    Raise ``InvalidRequest`` for a pattern that is none, and if no valid name can be made.
    """
    for text, what in ((given, "first name"), (family, "family name"), (middle, "middle name")):
        refuse_invisible(text, what)
    _check(pattern)
    guess = "; spelled in Latin letters by rule, ask how its owner writes it" if guessed(given + family) else ""
    names: dict[str, str] = {}  # name → why it will not do, if it will not
    for name, reason in _ladder(latin(given), latin(family), pattern, latin(middle)[:1]):
        if name not in names and not _wrong(name):
            yield Candidate(name, reason + guess)
        names.setdefault(name, _wrong(name))
    if all(names.values()):
        who, why = display_name(given, family), next(iter(names.values()), "it has no letters to write one with")
        raise InvalidRequest(f"no logon name can be made from {who!r}: {why}", hint="choose one with --logon")


def _ladder(given: str, family: str, pattern: str, initial: str) -> Iterator[tuple[str, str]]:
    """Names, valid or not, and reasons; none at all without a letter."""
    if not re.search("[a-z]", given + family):
        return
    if not given or not family:
        given, family, pattern, initial = given + family, "", _for_one_name(pattern), ""
    yield _filled(pattern, given, family, LONGEST)
    if initial:
        name, reason = _filled(_with_initial(pattern, initial), given, family, LONGEST)
        yield name, f"{reason}, with the middle initial"
    for number in range(2, LAST_NUMBER + 1):
        name, reason = _filled(pattern, given, family, LONGEST - len(str(number)))
        yield f"{name}{number}", f"{reason}, with {number} added"


def _check(pattern: str) -> None:
    found = PLACEHOLDER.findall(pattern)
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    if unknown := [name for name in found if name not in PLACEHOLDERS]:
        raise InvalidRequest(f"the name pattern {pattern!r} has {{{unknown[0]}}}", hint=f"it may have {known}")
    if not found:
        raise InvalidRequest(f"the name pattern {pattern!r} would name everybody the same", hint=f"it needs {known}")
    literal = PLACEHOLDER.sub("", pattern)
    if not re.fullmatch(r"[A-Za-z0-9._-]{0,10}", literal):
        message = f"the name pattern {pattern!r} has more than placeholders and a few plain letters, digits and .-_"
        raise InvalidRequest(message, hint="write it as in {given}.{family}")


def _for_one_name(pattern: str) -> str:
    """The pattern with the whole of an only name in its first place, and nothing in the others."""
    first, rest = PLACEHOLDER.sub("\0", pattern).split("\0", 1)
    return re.sub(r"[._-]{2,}", lambda run: run[0][0], f"{first}{{given}}{rest}".replace("\0", "")).strip("._-")


def _with_initial(pattern: str, initial: str) -> str:
    """The pattern with a middle initial after the first name, set off as the pattern sets its parts off."""
    mark = next((char for char in PLACEHOLDER.sub("", pattern) if char in "._-"), "")
    return re.sub(r"\{(given|g)\}", lambda part: f"{part[0]}{mark}{initial}", pattern, count=1)


def _filled(pattern: str, given: str, family: str, room: int) -> tuple[str, str]:
    """The pattern filled in so that it fits, and in words how: the family name gives way first, then the first."""

    def fill() -> str:
        parts = {"given": given.strip("-"), "family": family.strip("-"), "g": given[:1], "f": family[:1]}
        return PLACEHOLDER.sub(lambda part: parts[part[1]], pattern).lower().strip("._-")

    shortened = []
    given, family = given[: LONGEST + 1], family[: LONGEST + 1]
    while len(fill()) > room:
        if "{family}" in pattern and len(family) > KEPT:
            family, which = family[:-1], "family name"
        elif "{given}" in pattern and len(given) > 1:
            given, which = given[:-1], "first name"
        elif len(family) > 1:
            family, which = family[:-1], "family name"
        else:
            return fill()[:room], f"made by the pattern, cut to fit {LONGEST} characters"
        shortened.append(which)
    if not shortened:
        return fill(), "made by the pattern"
    which = " and ".join(sorted(set(shortened)))
    return fill(), f"made by the pattern, {which} shortened to fit {LONGEST} characters"


def validate_logon_name(text: str) -> None:
    """Raise ``InvalidRequest`` with the reason if a directory could not, or should not, take this logon name."""
    if why := _wrong(text):
        raise InvalidRequest(f"{ascii(text[:64])} cannot be a logon name: {why}", hint="choose one such as amy.ng")


def _wrong(name: str) -> str:
    """Why a name will not do; nothing if it will."""
    if not name:
        return "it is empty"
    if len(name) > LONGEST:
        return f"it has {len(name)} characters, and {LONGEST} is the most"
    if bad := sorted(FORBIDDEN & set(name)):
        return f"a directory does not allow {'a space' if bad[0] == ' ' else bad[0]} in it"
    return _unsafe(name) or _belongs_to_another(name.lower())


def _unsafe(name: str) -> str:
    if name.endswith(".") or ".." in name:
        return "a dot cannot stand at its end, nor beside another"
    if not SAFE.fullmatch(name):
        return "it takes letters a to z, digits, and after the first also . - and _"
    if not re.search("[A-Za-z]", name):
        return "it has no letter"
    return ""


def _belongs_to_another(name: str) -> str:
    if name in RESERVED or name.startswith("krbtgt"):
        return "it belongs to the system"
    if found := DEVICE.fullmatch(name):
        return f"Windows keeps {found[1]} for a device, so its home folder could not be made"
    return ""


def refuse_invisible(text: str, what: str) -> None:
    """Raise ``InvalidRequest`` if a name has control, direction or other invisible characters.

    ``what`` is how the text is called in the message, such as ``first name``.
    """
    for char in text:
        category = unicodedata.category(char)
        if (category[0] == "C" and char not in JOINERS) or category in ("Zl", "Zp"):
            message = f"the {what} contains the invisible character U+{ord(char):04X}"
            raise InvalidRequest(message, hint="delete it, or type the name again instead of pasting it")


def display_name(given: str, family: str) -> str:
    """First name and family name with single spaces; one of them may be empty."""
    return " ".join(f"{given} {family}".split())


def common_name(given: str, family: str, logon: str) -> str:
    """The name of the entry: unique in its unit because the logon name is part of it; 64 characters at most."""
    refuse_invisible(given, "first name")
    refuse_invisible(family, "family name")
    ending = f" ({logon})"
    return f"{display_name(given, family)[: LONGEST_COMMON - len(ending)].rstrip()}{ending}".strip()
