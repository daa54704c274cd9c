"""Answers that were given and not yet signed: kept after each, so that nothing is lost when somebody is called away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from evidence.event import now
from ops.errors import EvidenceUnavailable
from ops.private import private_folder, write_private


@dataclass
class Draft:
    """The answers to one guided playbook, about one run or none. ``begun`` is when the first was given."""

    path: Path
    begun: str = ""
    answers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, book: str, about: str) -> Draft:
        """The one that is there, or an empty one; a damaged one is begun again."""
        path = folder / f"{book.replace('/', '.')}{'.' if about else ''}{about}.json"
        with suppress(OSError, ValueError, TypeError, AttributeError):
            kept = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, str(kept["begun"]), {str(k): str(v) for k, v in kept["answers"].items()})
        return cls(path)

    def keep(self, answers: Mapping[str, str]) -> None:
        """Add answers, and write them down."""
        self.answers |= answers
        self.begun = self.begun or now()
        private_folder(self.path.parent)
        try:
            write_private(self.path, json.dumps({"begun": self.begun, "answers": self.answers}, ensure_ascii=False))
        except OSError as error:
            raise EvidenceUnavailable(f"answers cannot be kept: {error.strerror}", hint="ops doctor") from error

    def done(self) -> None:
        """Forget it: its answers are in the ledger, or were thrown away."""
        self.path.unlink(missing_ok=True)
