"""The file of enrolled keys, signed by the IT lead: who has which role, from when until when.

It is OpenSSH's ``allowed_signers``, so that ``ssh-keygen -Y verify -f`` takes it as it is, and beside it lies the
IT lead's signature in the namespace ``evidence-signers-v1``. A line's comment is the person's own name. Whoever
gets the file knows the IT lead's key by its fingerprint, written down once in the workspace (``it_lead``).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from evidence.identity import writable
from evidence.roles import ROLES, SIGNERS, namespaces, role_of
from evidence.shape import PERSON
from evidence.signers import Enrolment, Signers, read
from evidence.sshsig import Signer, fingerprint, strings
from evidence.sshverify import verify
from ops.errors import Conflict, EvidenceInvalid, InvalidRequest, NotFound
from ops.private import keep_private

FILE = "signers"


@dataclass(frozen=True)
class Card:
    """What somebody hands to the IT lead: a person's id, public key (OpenSSH blob) and own name."""

    person: str
    public: bytes
    name: str

    @property
    def text(self) -> str:
        """The one line of it."""
        return f"{self.person} {_public(self.public)} {self.name}".rstrip() + "\n"


def card(text: str) -> Card:
    """Read a card; raise ``InvalidRequest``."""
    parts = text.strip().split(None, 3)
    form = "one line such as: p-1a2b3c4d ssh-ed25519 AAAA… Amy Ng   (ops signers card prints it)"
    if "\n" in text.strip() or len(parts) < 3 or not PERSON.fullmatch(parts[0]):
        raise InvalidRequest("this is not the card of a person", hint=form)
    try:
        public = base64.b64decode(parts[2], validate=True)
        if next(strings(public)).decode() != parts[1]:
            raise ValueError("another kind of key")
    except (ValueError, StopIteration, EvidenceInvalid) as error:
        raise InvalidRequest("the key on the card is damaged", hint=form) from error
    name = parts[3] if len(parts) > 3 else ""
    return Card(parts[0], public, writable(name))


def _public(public: bytes) -> str:
    return f"{next(strings(public)).decode()} {base64.b64encode(public).decode()}"


def line(of: Card, role: str, first: date, last: date | None) -> str:
    """One line of the file. ``last`` is the last day on which the key counts."""
    if role not in ROLES:
        raise InvalidRequest(f"there is no role {role}", hint=f"one of {', '.join(ROLES)}")
    if last and last < first:
        raise InvalidRequest("it would end before it begins", hint="--until after --from")
    until = f',valid-before="{last:%Y%m%d}235959Z"' if last else ""
    options = f'namespaces="{",".join(namespaces(role))}",valid-after="{first:%Y%m%d}Z"{until}'
    return f"{of.person} {options} {_public(of.public)} {of.name}".rstrip()


@dataclass(frozen=True)
class Enrolled:
    """One line as it is shown: ``role`` and ``name`` may be empty in a file written by hand."""

    person: str
    role: str
    name: str
    key: str
    after: datetime
    before: datetime


class SignersFile:
    """The file in one folder, with its signature; without one nobody is enrolled."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.signature = folder / f"{FILE}.sig"

    @property
    def text(self) -> str:
        """What it says; empty if there is none."""
        try:
            return self.path.read_text(encoding="utf-8") if self.path.is_file() else ""
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidRequest(f"{self.path} cannot be read", hint="install it again: ops signers install") from error

    def signers(self, lead: str) -> Signers:
        """The enrolled keys, once the signature is that of the IT lead whose fingerprint is ``lead``.

        Raise ``EvidenceInvalid`` otherwise; a file that is not there has no signers.
        """
        text = self.text
        if not text:
            return Signers(())
        self._signed_by(text, lead)
        return read(text)

    def _signed_by(self, text: str, lead: str) -> None:
        if not lead:
            hint = 'write it_lead = "SHA256:…" into [settings] of ops.toml, compared with the IT lead in person'
            raise EvidenceInvalid("nobody has said whose signature the enrolled keys must bear", hint=hint)
        try:
            signature = self.signature.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise EvidenceInvalid("the enrolled keys are not signed", hint="ask the IT lead for both files") from error
        found = fingerprint(verify(signature, SIGNERS, text.encode()))
        if found != lead:
            raise EvidenceInvalid(
                f"the enrolled keys are signed by {found}, not by the IT lead", hint="ask the IT lead"
            )

    def write(self, text: str, signer: Signer) -> None:
        """Write it anew with its signature; a file that cannot be read as ssh-keygen reads it is refused."""
        read(text)
        keep_private(self.signature, signer.sign(SIGNERS, text.encode()))
        keep_private(self.path, text)

    def add(self, of: Card, role: str, first: date, last: date | None, signer: Signer) -> None:
        """Enrol one more key, or one key in one more role."""
        new = line(of, role, first, last)
        if any(one.key == fingerprint(of.public) and one.role == role for one in self.listed()):
            raise Conflict(f"this key is enrolled as {role} already", hint="ops signers list")
        self.write(f"{self.text}{new}\n", signer)

    def revoke(self, person: str, last: date, signer: Signer) -> int:
        """End a person's keys with a day; return how many ended. What was signed before still holds."""
        kept, ended = [], 0
        for one in self.text.splitlines():
            is_theirs = one.split(" ", 1)[0] == person
            ended += is_theirs
            kept.append(_ended(one, last) if is_theirs else one)
        if not ended:
            raise NotFound(f"nobody called {person} is enrolled", hint="ops signers list")
        self.write("\n".join(kept) + "\n", signer)
        return ended

    def listed(self) -> list[Enrolled]:
        """Everybody, as written."""
        return list(_listed(self.text))


def _ended(one: str, last: date) -> str:
    until = f'valid-before="{last:%Y%m%d}235959Z"'
    if "valid-before=" in one:
        return re.sub(r'valid-before="[^"]*"', until, one)
    return one.replace('namespaces="', f'{until},namespaces="', 1)


def _listed(text: str) -> Iterator[Enrolled]:
    lines = [one for one in text.splitlines() if one.strip() and not one.startswith("#")]
    for one, written in zip(read(text).enrolments, lines, strict=True):
        name = written.partition(base64.b64encode(one.public).decode())[2].strip()
        yield Enrolled(one.person, role_of(one.namespaces), name, fingerprint(one.public), one.after, one.before)


def people(signers: Signers) -> dict[str, str]:
    """Fingerprint → person, of all keys whatever their time; who signed when is judged elsewhere."""
    return {fingerprint(one.public): one.person for one in signers.enrolments}


def keys_of(signers: Signers, person: str, role: str, at: datetime | None = None) -> list[Enrolment]:
    """The keys a person has in a role now, or at a time."""
    when = (at or datetime.now(UTC)).replace(microsecond=0)
    return [
        one
        for one in signers.enrolments
        if one.person == person and role_of(one.namespaces) == role and one.after <= when <= one.before
    ]


def public_line(public: bytes) -> str:
    """A public key as OpenSSH writes it, without a comment."""
    return _public(public)
