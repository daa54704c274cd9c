"""Units of systemd: what a service runs, with which settings, and when its timer starts it. Source: systemd.time(7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from posixpath import basename

from inventory.backup.found import When
from inventory.backup.model import DAYS

WORDS = {
    "hourly": When("1h", "00:00"),
    "daily": When("1d", "00:00"),
    "weekly": When("7d", "00:00", "mon"),
}
MINUTE = r":([0-9]{2})(?::[0-9]{2})?( UTC| [A-Z][A-Za-z_]+/[A-Za-z0-9_+/-]+)?"  # and the zone, which follows
DAILY = re.compile(rf"(?:\*-\*-\* )?([0-9]{{1,2}}){MINUTE}")
HOURLY = re.compile(rf"(?:\*-\*-\* )?\*{MINUTE}")
WEEKLY = re.compile(rf"([A-Za-z]{{3}})[a-z]* (?:\*-\*-\* )?([0-9]{{1,2}}){MINUTE}")
SPAN = re.compile(r"([0-9]{1,4}) ?(min|m|h|hours?|d|days?|w|weeks?)")
Unit = Mapping[str, list[str]]  # key → its values, in order


def unit(text: str) -> Unit:
    """The keys of a unit, whatever their section; an empty value takes earlier ones away."""
    found: dict[str, list[str]] = {}
    for line in re.sub(r"\\\n", " ", text).splitlines():
        key, equals, value = line.strip().partition("=")
        if not equals or key.startswith(("#", ";", "[")):
            continue
        found.setdefault(key.strip(), []).append(value.strip())
        if not value.strip():
            found[key.strip()] = []
    return found


def lines(read: Unit) -> list[str]:
    """The command lines a service runs, as a shell would have them."""
    return [re.sub(r"^[-@:+!|]+", "", value) for value in read.get("ExecStart", ())]


def files_of_settings(read: Unit) -> list[str]:
    """The files of settings a service reads."""
    return [path for value in read.get("EnvironmentFile", ()) if (path := value.removeprefix("-")).startswith("/")]


def started_by(path: str, read: Unit) -> str:
    """The service a timer starts."""
    named = read.get("Unit", [])
    return named[-1] if named else basename(path).removesuffix(".timer") + ".service"


def when(read: Unit) -> When:
    """When a timer fires; what ``backups.yaml`` cannot say is a note."""
    calendar = read.get("OnCalendar", [])
    if len(calendar) == 1:
        found, spread = _calendar(calendar[0]), "".join(read.get("RandomizedDelaySec", [])[-1:])
        late = f"its timer begins up to {spread} later: give start_grace as much" if spread.strip("0s ") else ""
        return replace(found, note=found.note or late)
    spans = read.get("OnUnitActiveSec", []) or read.get("OnUnitInactiveSec", [])
    if not calendar and spans and (match := SPAN.fullmatch(spans[-1])):
        unit_ = {"min": "m", "m": "m"}.get(match[2], match[2][0])
        return When(f"{int(match[1])}{unit_}", note="it counts from its last run, not from a time of the day")
    return When(note=f"its timer says {', '.join(calendar + spans) or 'nothing'}, which backups.yaml cannot say")


def _calendar(text: str) -> When:
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    if match := HOURLY.fullmatch(text):
        return When("1h", f"00:{match[1]}{match[2] or ''}")
    if (match := DAILY.fullmatch(text)) and int(match[1]) < 24:
        return When("1d", f"{int(match[1]):02}:{match[2]}{match[3] or ''}")
    if (match := WEEKLY.fullmatch(text)) and match[1].lower() in DAYS and int(match[2]) < 24:
        return When("7d", f"{int(match[2]):02}:{match[3]}{match[4] or ''}", match[1].lower())
    return When(note=f"its timer says {text}, which backups.yaml cannot say")
