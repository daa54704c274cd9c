"""What earlier runs of ours measured, for audits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Tried:
    """How an account answered to a password that a run itself had set: way → code; and the count of writes then."""

    run: str
    at: datetime
    answers: Mapping[str, str]
    password_version: int


class PastReader(Protocol):
    """The runs in our own ledger."""

    def tried(self, ref: str) -> Tried | None:
        """The newest trial of an account's sign-in, by the account's reference."""
        ...
