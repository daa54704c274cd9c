"""One spelling for the names that installers give themselves: no trade mark, no architecture, no locale, no version.

``Mozilla Firefox (x64 en-GB)`` is ``mozilla firefox``; ``7-Zip 23.01 (x64)`` is ``7-zip`` of version 23.01; a year
stays (``autocad 2024``), for it names the release. The raw name is kept beside it by whoever calls.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_MARKS = re.compile(r"[®™©]|\((?:r|tm|c)\)")
_BLANKS = re.compile(r"\s+")
_EXE = re.compile(r"\.exe$")
_ARCH = r"x64|x86|x86_64|amd64|arm64|win32|win64|64[- ]?bit|32[- ]?bit"
_LOCALE = r"[a-z]{2}-(?:[a-z]{4}-)?[a-z]{2}"  # en-gb, zh-hans-cn; no three letters, or (add-on) were one
_LANGUAGE = (
    r"english|deutsch|german|français|french|español|spanish|italiano|italian|nederlands|dutch|polski|polish|português"
    r"|portuguese|svenska|swedish|dansk|danish|norsk|norwegian|suomi|finnish|čeština|czech|japanese|korean|chinese"
)
_TAG = rf"(?:{_ARCH}|{_LOCALE}|{_LANGUAGE})"
_SUFFIX = re.compile(rf"\s*(?:\({_TAG}(?:[ ,;]+(?:{_TAG}|[a-z]{{2}}|edition))*\)|[-–]\s+{_TAG}|\b(?:{_ARCH}))$")
_VERSION = re.compile(r"[\s-]+\(?(?:version |ver\.? ?|v)?(\d+(?:\.\d+)+[a-z]?)\)?$")
_LEGAL = re.compile(
    r"[\s,]+(?:inc|incorporated|corp|corporation|co|company|ltd|limited|llc|gmbh|ag|s\.?r\.?o|b\.?v|s\.?a|ab|oy|plc"
    r"|foundation|project|team)\.?$"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A publisher, a product name and a version in the one spelling, lower case."""

    publisher: str
    name: str
    version: str


def normal(publisher: str, name: str, version: str = "") -> Name:
    """The one spelling. A version that only the name has is taken from there."""
    short = _EXE.sub("", _plain(name))
    found = ""
    while True:
        before = short
        short = _SUFFIX.sub("", short)
        if match := _VERSION.search(short):
            found, short = found or match[1], short[: match.start()]
        if short == before:
            break
    return Name(_owner(publisher), short or _plain(name), _BLANKS.sub("", version.casefold()) or found)


def _plain(text: str) -> str:
    """NFKC, so that a full-width letter is a letter; trade marks go before it makes letters of them."""
    folded = unicodedata.normalize("NFKC", _MARKS.sub("", text.casefold())).casefold()
    return _BLANKS.sub(" ", folded).strip()


def _owner(publisher: str) -> str:
    """A publisher without its legal form; a name that is nothing else stays whole."""
    short = _plain(publisher).lstrip("©").strip()
    while (shorter := _LEGAL.sub("", short).rstrip(" ,")) != short and shorter:
        short = shorter
    return short
