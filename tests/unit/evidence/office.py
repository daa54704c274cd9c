"""The company in memory with a real ledger under it: what the engine does, sealed as records."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from evidence.event import Event, now
from evidence.framework import Tag
from evidence.ledger import Document, Ledger
from evidence.record import SHAPE, Context, seal
from evidence.shape import misfit_of_text
from evidence.sshsig import Ed25519Key, fingerprint
from ops.errors import ApplyFailed
from ops.plan import Plan
from ops.public import planned
from ops.runner import Run
from tests.company import Company

PERSON = "p-1a2b3c4d"
TAG = Tag("practice", "1", "1", "user/onboard", "makes an account", "partial", "Accounts", "performance")


def new_signer() -> Ed25519Key:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519Key(Ed25519PrivateKey.generate())


class Registry:
    """A company's ledger and the key of the one person who works there."""

    def __init__(self, office: Company, path: Path) -> None:
        self.office = office
        self.ledger = Ledger(path / "state" / "ledger.db", f"{PERSON}/d-1")
        self.signer = new_signer()

    def context(self, **more: Any) -> Context:
        """A practice environment that was measured, unless told otherwise."""
        plain = Context(
            performer=PERSON,
            key=fingerprint(self.signer.public),
            os_user="amelia",
            elevated=False,
            account="apprentice1@lab.example",
            actor_confirmed=True,
            environment="LAB",
            environment_id="lab.example",
            anchors=("sha256:ab",),
            matched=True,
            tool_version="1.0",
            tags=(TAG,),
        )
        return replace(plain, **more)

    def run(self, run: str = "r1", **more: Any) -> Run:
        """A run that writes into the ledger."""
        return self.office.run(run, record=self.ledger.append, **more)

    def note(self, run: str, kind: str, private: dict[str, Any] | None = None, **body: Any) -> None:
        """An event as the command line adds it."""
        self.ledger.append(Event(run, kind, now(), body, private or {}))

    def dry(self, plan: Plan, run: str = "r1") -> None:
        """A dry run."""
        self.ledger.append(planned(run, plan, dry_run=True))

    def seal(self, run: str = "r1", **more: Any) -> Document:
        """Close a run; what is signed must have the shape that travels, or no mentor could take it in."""
        made = seal(self.ledger, run, self.signer, self.context(**more))
        assert misfit_of_text(made.text, SHAPE) == ""
        return made


class Stubborn:
    """A target that refuses some changes."""

    def __init__(self, target: Any, refuses: int, says: str = "no") -> None:
        self._target, self.refuses, self.says = target, refuses, says

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def apply_all(self, changes: Any) -> list[Any]:
        said = []
        for change in changes:
            self.refuses -= 1
            said += [ApplyFailed(self.says)] if self.refuses == 0 else self._target.apply_all([change])
        return said
