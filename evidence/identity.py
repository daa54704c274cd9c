"""Who works here: a pseudonymous person, a random device, and the key that signs. Made once, kept privately."""

from __future__ import annotations

import json
import os
import pwd
import re
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from getpass import getuser
from pathlib import Path

from evidence import keys
from evidence.sshsig import Signer, fingerprint
from ops.errors import EvidenceUnavailable, InvalidRequest
from ops.private import one_at_a_time, private_folder, write_private
from ops.secret import Secret

FILE = "identity.json"
NAME = re.compile(r"[^\x00-\x1f\x7f\"\\]{0,80}")  # what a line of allowed_signers can carry as its comment


@dataclass(frozen=True)
class Identity:
    """``person`` and ``device`` are random; ``name`` is for this machine's own screen and stands in no record.

    ``role`` is ``person``, or ``service`` for what a machine does by date, which counts for nobody.
    """

    person: str
    device: str
    key: str
    fingerprint: str
    protected: bool
    name: str = ""
    role: str = "person"

    @property
    def chain(self) -> str:
        """The name of this person's chain on this device; keys may change inside it."""
        return f"{self.person}/{self.device}"

    def signer(self, passphrase: Secret | None = None) -> Signer:
        """The key, ready to sign; one with a passphrase is asked of the agent."""
        path = Path(self.key)
        if self.protected and passphrase is None:
            path = path.with_name(path.name + ".pub")
        signer = keys.load(path, passphrase if self.protected else None)
        if fingerprint(signer.public) != self.fingerprint:
            raise EvidenceUnavailable(f"the key at {path} is not the one this workspace began with", hint="ops doctor")
        return signer

    @classmethod
    def load(cls, state: Path) -> Identity:
        """Read it back; raise ``EvidenceUnavailable`` if this workspace has none."""
        try:
            text = (state / FILE).read_text(encoding="utf-8")
            made = cls(**json.loads(text))
            if [type(part) for part in asdict(made).values()] != [str, str, str, str, bool, str, str]:
                raise TypeError("a part is of another kind")
            return made
        except OSError as error:
            raise EvidenceUnavailable("this workspace has no signing identity yet", hint="ops init") from error
        except (ValueError, TypeError) as error:
            raise EvidenceUnavailable(f"{state / FILE} is damaged", hint="restore it from a backup") from error

    @classmethod
    def create(cls, state: Path, name: str, passphrase: Secret | None = None, role: str = "person") -> Identity:
        """Make one with a new key, unless there is one already; of several at once, one makes it for all."""
        with one_at_a_time(private_folder(state)):
            if (state / FILE).exists():
                return cls.load(state)
            person, device = f"p-{secrets.token_hex(4)}", f"d-{secrets.token_hex(4)}"
            path = _free(state / "id_evidence")
            print_ = keys.make(path, person, passphrase)
            made = cls(person, device, str(path), print_, passphrase is not None, writable(name), role)
            write_private(state / FILE, json.dumps(asdict(made), indent=1))
            return made

    def called(self, state: Path, name: str) -> Identity:
        """The same person by another name, kept."""
        made = replace(self, name=writable(name))
        with one_at_a_time(private_folder(state)):
            write_private(state / FILE, json.dumps(asdict(made), indent=1))
        return made


def writable(name: str) -> str:
    """A name that can stand on a card; raise ``InvalidRequest`` for another."""
    if not NAME.fullmatch(name):
        raise InvalidRequest("this name cannot be written on a card", hint="letters and blanks, at most 80")
    return name


def own_name() -> str:
    """What this machine calls whoever runs this: the full name of their account (GECOS), else its short one."""
    try:
        full = pwd.getpwuid(os.getuid()).pw_gecos.partition(",")[0].strip()
    except KeyError:
        full = ""
    return full if full and NAME.fullmatch(full) else getuser()


def _free(path: Path) -> Path:
    """Move a key nobody's identity names out of the way: its maker was stopped before it was used."""
    if path.exists():
        aside = f"{path.name}.unused-{secrets.token_hex(4)}"
        for suffix in (".pub", ""):
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).rename(path.with_name(aside + suffix))
    return path
