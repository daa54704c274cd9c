"""Who works here: a pseudonymous person, a random device, and the key that signs. Made once, kept privately."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from evidence import keys
from evidence.sshsig import Signer, fingerprint
from ops.errors import EvidenceUnavailable
from ops.secret import Secret

FILE = "identity.json"


@dataclass(frozen=True)
class Identity:
    """``person`` and ``device`` are random; ``name`` is for this machine's own screen and stands in no record."""

    person: str
    device: str
    key: str
    fingerprint: str
    protected: bool
    name: str = ""

    @property
    def chain(self) -> str:
        """The name of this person's chain on this device; keys may change inside it."""
        return f"{self.person}/{self.device}"

    def signer(self, passphrase: Secret | None = None) -> Signer:
        """The key, ready to sign; one with a passphrase is asked of the agent."""
        path = Path(self.key)
        if self.protected and passphrase is None:
            path = path.with_name(path.name + ".pub")
        signer = keys.load(path, passphrase)
        if fingerprint(signer.public) != self.fingerprint:
            raise EvidenceUnavailable(f"the key at {path} is not the one this workspace began with", hint="ops doctor")
        return signer

    @classmethod
    def load(cls, state: Path) -> Identity:
        """Read it back; raise ``EvidenceUnavailable`` if this workspace has none."""
        try:
            text = (state / FILE).read_text(encoding="utf-8")
            return cls(**json.loads(text))
        except OSError as error:
            raise EvidenceUnavailable("this workspace has no signing identity yet", hint="ops init") from error
        except (ValueError, TypeError) as error:
            raise EvidenceUnavailable(f"{state / FILE} is damaged", hint="restore it from a backup") from error

    @classmethod
    def create(cls, state: Path, name: str, passphrase: Secret | None = None) -> Identity:
        """Make one with a new key, unless there is one already."""
        if (state / FILE).exists():
            return cls.load(state)
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        state.chmod(0o700)
        person, device = f"p-{secrets.token_hex(4)}", f"d-{secrets.token_hex(4)}"
        path = state / "id_evidence"
        print_ = keys.make(path, person, passphrase)
        made = cls(person, device, str(path), print_, passphrase is not None, name)
        handle = os.open(state / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(made), file, indent=1)
        return made
