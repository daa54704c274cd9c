"""Who may sign what, when: OpenSSH's allowed_signers file, read as ssh-keygen reads it."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from evidence.sshsig import strings
from ops.errors import EvidenceInvalid, InvalidRequest, Refused

FORMATS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
TIME = re.compile(r"(?:[0-9]{8}|[0-9]{12}|[0-9]{14})Z", re.ASCII)
PERSON = re.compile(r'(?:"(?P<quoted>[^",*?!\\]+)"|(?P<bare>[^\s",*?!\\]+))[ \t]+')
OPTION = re.compile(r'(namespaces|valid-after|valid-before)="([^"\\]*)"', re.I)
OPTIONS = re.compile(rf"{OPTION.pattern}(?:,{OPTION.pattern})*[ \t]+", re.I)
KINDS = ("ssh-", "ecdsa-", "sk-")
FORM = 'write it like: ada namespaces="journeyman-plan-v1",valid-before="20270101Z" ssh-ed25519 AAAA…'
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
            in_time = one.after <= at.replace(microsecond=0) <= one.before
            if one.public == public and in_time and _matches(namespace, one.namespaces):
                return one.person
        raise EvidenceInvalid(f"key is not enrolled for {namespace} at {at:%Y-%m-%d %H:%M}")


def read(text: str) -> Signers:
    """Parse the file. One key under two names is refused: reviewer and performer could be one."""
    lines = enumerate((line.strip() for line in text.split("\n")), 1)
    enrolments = tuple(_enrolment(number, line) for number, line in lines if line and not line.startswith("#"))
    owners: dict[bytes, str] = {}
    for one in enrolments:
        if owners.setdefault(one.public, one.person) != one.person:
            raise Refused(f"{one.person} and {owners[one.public]} share a key", hint="every person has a key alone")
    return Signers(enrolments)


def _enrolment(number: int, line: str) -> Enrolment:
    """Read one line; any line that cannot be read makes the whole file worthless, as it may be a revocation."""
    try:
        person, rest = _person(line)
        options, public = _options_and_key(rest)
        return Enrolment(
            person,
            public,
            tuple(options.get("namespaces", "*").split(",")),
            _time(options["valid-after"]) if "valid-after" in options else ALWAYS,
            _time(options["valid-before"]) if "valid-before" in options else NEVER,
        )
    except (ValueError, EvidenceInvalid) as error:
        raise InvalidRequest(f"line {number} of the enrolled keys cannot be read: {error}", hint=FORM) from error


def _person(line: str) -> tuple[str, str]:
    found = PERSON.match(line)
    if not found:
        raise ValueError("it must begin with the name of one person, without any of ,*?!")
    return found["bare"] or found["quoted"], line[found.end() :]


def _options_and_key(rest: str) -> tuple[dict[str, str], bytes]:
    if rest.startswith(KINDS):
        return {}, _key(rest)
    group = OPTIONS.match(rest)
    if not group:
        raise ValueError("options are namespaces, valid-after and valid-before, each with its value in quotes")
    pairs = [(name.lower(), value) for name, value in OPTION.findall(group[0])]
    if len(dict(pairs)) < len(pairs):
        raise ValueError("an option is written twice")
    return dict(pairs), _key(rest[group.end() :])


def _key(text: str) -> bytes:
    kind, encoded, *_ = [*text.split(), "", ""]
    public = base64.b64decode(encoded, validate=True)
    name, *parts = [*strings(public), b""]
    if name != kind.encode() or not all(parts[:1]):
        raise ValueError("the key is damaged")
    return public


def _time(text: str) -> datetime:
    """OpenSSH reads a time without Z in the local zone; ours must carry the Z."""
    if not TIME.fullmatch(text):
        raise ValueError(f"{text}: write times in UTC as YYYYMMDDZ or YYYYMMDDhhmmssZ, with a Z")
    return datetime.strptime(text[:-1], FORMATS[len(text) - 1]).replace(tzinfo=UTC)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    """OpenSSH's pattern list: ``*`` and ``?``, and ``!`` before a pattern that must not match."""
    if any(pattern.startswith("!") and _like(name, pattern[1:]) for pattern in patterns):
        return False
    return any(_like(name, pattern) for pattern in patterns)


def _like(name: str, pattern: str) -> bool:
    wild = {"*": ".*", "?": "."}
    return re.fullmatch("".join(wild.get(one, re.escape(one)) for one in pattern), name, re.DOTALL) is not None
