"""Crontabs: lines with the times at which they run, in the words of ``backups.yaml``. Source: crontab(5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from inventory.backup.found import When
from inventory.backup.model import DAYS, TOOLS
from inventory.backup.settings import setting

ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
LOGIN = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
NUMBER, STEP = re.compile("[0-9]{1,2}"), re.compile(r"\*/([0-9]{1,2})")
WORDS = {
    "@hourly": When("1h", "00:00"),
    **dict.fromkeys(("@daily", "@midnight"), When("1d", "00:00")),
    "@weekly": When("7d", "00:00", "sun"),
}
NAMES = ("sun", *DAYS)  # 0 and 7 are Sunday


@dataclass(frozen=True)
class Line:
    """What is run, when, and what the crontab sets before it; the value of what may be a secret is not kept."""

    when: When
    command: str
    known: Mapping[str, str] = field(default_factory=dict)


def lines(text: str, users: bool | None = None) -> Iterator[Line]:
    """The commands of a crontab; ``users``: its sixth field is who runs it, as in /etc/crontab; None if unknown."""
    known, zone = dict[str, str](), ""
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if assigned := ASSIGNED.match(line):
            value = _unquoted(assigned[2].strip())
            known, zone = {**known, **setting(assigned[1], value)}, value if assigned[1] == "CRON_TZ" else zone
            continue
        count = 1 if line.startswith("@") else 5
        named = _names_somebody(line.split(None, count + 1)[count:]) if users is None else users
        fields = line.split(None, count + named)
        if len(fields) > count + named:
            begins = _zoned(when(" ".join(fields[:count])), zone)
            yield Line(begins, fields[count + named].replace(r"\%", "%"), known)


def _unquoted(value: str) -> str:
    """As cron takes it: quotes around all of it are none of it, and nothing else is special."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _zoned(begins: When, zone: str) -> When:
    """In the zone that cronie's CRON_TZ names."""
    return replace(begins, at=f"{begins.at} {zone}") if zone and begins.at else begins


def _names_somebody(rest: list[str]) -> bool:
    """Whether what follows the times begins with a login: a word before a command, and no command we know."""
    return len(rest) > 1 and bool(LOGIN.fullmatch(rest[0])) and rest[0] not in TOOLS


def when(times: str) -> When:
    """Times as a crontab has them; what ``backups.yaml`` cannot say is a note."""
    if times in WORDS:
        return WORDS[times]
    other = When(note=f"it runs at {times}, which backups.yaml cannot say")
    fields = times.split()
    if len(fields) != 5 or fields[2:4] != ["*", "*"]:
        return other
    minute, hour, day = fields[0], fields[1], fields[4].lower()
    if (step := STEP.fullmatch(minute)) and (hour, day) == ("*", "*") and 0 < int(step[1]) < 60:
        return When(f"{int(step[1])}m", "00:00")
    if not NUMBER.fullmatch(minute) or int(minute) > 59:
        return other
    if day == "*" and hour == "*":
        return When("1h", f"00:{int(minute):02}")
    if (step := STEP.fullmatch(hour)) and day == "*" and 0 < int(step[1]) < 24:
        return When(f"{int(step[1])}h", f"00:{int(minute):02}")
    if not NUMBER.fullmatch(hour) or int(hour) > 23:
        return other
    at = f"{int(hour):02}:{int(minute):02}"
    if day == "*":
        return When("1d", at)
    name = day[:3] if day[:3] in DAYS else NAMES[int(day)] if day.isdecimal() and day.isascii() and int(day) < 8 else ""
    return When("7d", at, name) if name and day in (name, str(int(day)) if day.isdecimal() else name) else other
