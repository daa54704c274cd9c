"""Files of settings, as a shell or systemd reads them: of repositories and where passwords are, never passwords."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
KEPT = ("RESTIC_REPOSITORY", "RESTIC_REPOSITORY_FILE", "RESTIC_PASSWORD_FILE", "BORG_REPO")
SECRET = ("RESTIC_PASSWORD", "RESTIC_PASSWORD_COMMAND", "BORG_PASSPHRASE", "BORG_PASSCOMMAND")
HIDDEN = "(not copied)"


# A # within a word begins no comment for a shell, and does for shlex.
WITHIN, MASK = re.compile(r"(?<=[^\s;&|()<>])#"), "\ue000"


def settings(text: str) -> Mapping[str, str]:
    """Name → value of what is about backups; the value of what may be a secret is ``HIDDEN``."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if match := LINE.fullmatch(line):
            found.update(setting(match[1], match[2]))
    return found


def setting(name: str, value: str) -> Mapping[str, str]:
    """One of them, or nothing."""
    if name in SECRET:
        return {name: HIDDEN}
    return {name: _plain(value)} if name in KEPT else {}


def credential(known: Mapping[str, str]) -> tuple[str, str]:
    """The reference to a password, and what is to be said where there is none."""
    if path := known.get("RESTIC_PASSWORD_FILE"):
        return (f"file:{path}", "") if path.startswith("/") else ("", f"the password file is written as {path}")
    named = [name for name in SECRET if name in known]
    return "", f"{named[0]} is set: name the password as file:PATH or keyring; it was not copied" if named else ""


def _plain(value: str) -> str:
    try:
        words = shlex.split(WITHIN.sub(MASK, value), comments=True)
    except ValueError:
        return value.strip().strip("\"'")
    return words[0].replace(MASK, "#") if words else ""
