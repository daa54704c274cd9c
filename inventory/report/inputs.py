"""Everything a report is made of besides the register's history, kept so that the same bytes can be made again."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from inventory.report.template import Template
from ops.errors import EvidenceInvalid

KINDS = ("assets", "licences", "access", "backups")
Seen = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Account:
    """One account of a directory in plain words; ``can_sign_in`` is None if the directory did not tell."""

    logon: str
    name: str
    can_sign_in: bool | None
    because: str
    groups: tuple[str, ...] = ()
    role: str = ""
    privileged: bool = False
    last_used: str = ""


@dataclass(frozen=True)
class Inputs:
    """What is known when a report is begun.

    ``evidence`` is the id of the run whose record holds it; ``head`` is the number and ``head_hash`` the hash of the
    register's last event; ``past`` is set where the day is over, so that only what has a history can be told.
    ``left`` maps people to the day they left, None if nobody was asked; ``before`` figures to what they were last.
    ``accounts`` is None where no directory was asked. ``backups`` is the text of ``backups.yaml``, ``looks`` what
    earlier audits of backups found (see ``backups.standing.look``), ``unseen`` what the newest of them did not look at.
    """

    report: str
    as_of: datetime
    evidence: str
    head: int = 0
    head_hash: str = ""
    prepared_by: str = ""
    responsible: str = ""
    classification: str = "Internal"
    approved_by: str = ""
    past: bool = False
    left: Mapping[str, str] | None = None
    joins: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    before: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    software: str = ""
    accounts: tuple[Account, ...] | None = None
    unasked: str = ""
    backups: str = ""
    looks: tuple[tuple[str, ...], ...] = ()
    unseen: tuple[str, ...] = ()
    template: Template = field(default_factory=Template)

    @property
    def today(self) -> date:
        """The day of the report, in UTC."""
        return self.as_of.astimezone(UTC).date()


def write_inputs(path: Path, inputs: Inputs, rows: Iterable[Seen]) -> str:
    """Keep them in a new private file; returns the SHA-256 of what is in it, in hex.

    Raise ``OSError`` if it cannot be written.
    """
    digest = sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as out:
        with gzip.GzipFile("", "wb", 6, out, mtime=0) as file:
            for line in _lines(inputs, rows):
                digest.update(line)
                file.write(line)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


@contextmanager
def kept_inputs(path: Path, expected: str) -> Iterator[tuple[Inputs, Iterator[Seen]]]:
    """What was kept; raise ``EvidenceInvalid`` if it is gone, or is not what was recorded."""
    inputs = _read(path, expected)
    with gzip.open(path, "rb") as file:
        file.readline()
        yield inputs, (_seen(line) for line in file)


def _read(path: Path, expected: str) -> Inputs:
    """The first line, once all lines are known to be those that were written."""
    digest = sha256()
    try:
        with gzip.open(path, "rb") as file:
            for line in file:
                digest.update(line)
            file.seek(0)
            first = file.readline()
    except (OSError, EOFError, zlib.error) as error:
        said = f"what the report was made of cannot be read: {path.name}"
        raise EvidenceInvalid(said, hint="bring the file back from a copy of the state folder") from error
    if digest.hexdigest() != expected:
        raise EvidenceInvalid(f"{path.name} is not what was recorded", hint="bring the file back from a copy")
    return _inputs(json.loads(first))


def _lines(inputs: Inputs, rows: Iterable[Seen]) -> Iterator[bytes]:
    yield _line(_body(inputs))
    for name, row in rows:
        yield _line([name, dict(row)])


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _seen(line: bytes) -> Seen:
    name, row = json.loads(line)
    return name, row


def _body(inputs: Inputs) -> dict[str, Any]:
    body = asdict(inputs)
    logo = inputs.template.logo
    body["as_of"] = inputs.as_of.astimezone(UTC).isoformat()
    body["template"]["logo"] = b64encode(logo).decode() if logo else ""
    return body


def _inputs(body: Mapping[str, Any]) -> Inputs:
    template = dict(body["template"])
    template["logo"] = b64decode(template["logo"]) or None
    accounts = body["accounts"]
    more: dict[str, Any] = {name: tuple(body[name]) for name in ("joins", "leaves", "unseen")}
    more["looks"] = tuple(map(tuple, body["looks"]))
    more["accounts"] = None if accounts is None else tuple(
        Account(**{**one, "groups": tuple(one["groups"])}) for one in accounts
    )  # fmt: skip
    as_of = datetime.fromisoformat(body["as_of"])
    return Inputs(**{**body, **more, "as_of": as_of, "template": Template(**template)})
