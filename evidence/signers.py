"""Who may sign what, when: OpenSSH's allowed_signers file, read as ssh-keygen reads it."""

from __future__ import annotations

import base64
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from ops.errors import EvidenceInvalid, Refused

FORMATS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
ALWAYS, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Enrolment:
    """One key of one person: the namespaces it may sign in, and when."""

    person: str
    public: bytes
    namespaces: tuple[str, ...]
    after: datetime
    before: datetime


@dataclass(frozen=True)
class Signers:
    """The enrolled keys."""

    enrolments: tuple[Enrolment, ...]

    def person(self, public: bytes, namespace: str, at: datetime) -> str:
        """Who holds this key; raise ``EvidenceInvalid`` unless it was theirs for this at that time."""
        for one in self.enrolments:
            allowed = any(fnmatchcase(namespace, pattern) for pattern in one.namespaces)
            if one.public == public and allowed and one.after <= at <= one.before:
                return one.person
        raise EvidenceInvalid(f"key is not enrolled for {namespace} at {at:%Y-%m-%d %H:%M}")


def read(text: str) -> Signers:
    """Parse the file. One key under two names is refused: reviewer and performer could be one."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    enrolments = tuple(_enrolment(line) for line in lines)
    owners: dict[bytes, str] = {}
    for one in enrolments:
        if owners.setdefault(one.public, one.person) != one.person:
            raise Refused(f"{one.person} and {owners[one.public]} share a key")
    return Signers(enrolments)


def _enrolment(line: str) -> Enrolment:
    person, options, public = _fields(line)
    return Enrolment(
        person,
        base64.b64decode(public),
        tuple(options.get("namespaces", "*").split(",")),
        _time(options["valid-after"]) if "valid-after" in options else ALWAYS,
        _time(options["valid-before"]) if "valid-before" in options else NEVER,
    )


def _fields(line: str) -> tuple[str, dict[str, str], str]:
    words = shlex.split(line.replace('\\"', ""))
    if words[1].startswith(("ssh-", "ecdsa-", "sk-")):
        return words[0], {}, words[2]
    options = dict(part.split("=", 1) for part in _options(line.split()[1]))
    return words[0], options, words[3]


def _options(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace, lexer.whitespace_split = ",", True
    return list(lexer)


def _time(text: str) -> datetime:
    """OpenSSH reads a time without Z in the local zone; ours must carry the Z."""
    if not text.endswith("Z"):
        raise Refused(f"{text}: write times in UTC, with a Z")
    return datetime.strptime(text[:-1], FORMATS[len(text) - 1]).replace(tzinfo=UTC)
