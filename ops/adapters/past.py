"""What earlier runs of ours measured and found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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


@dataclass(frozen=True)
class Named:
    """What an audit found: the rule, and every name of the subject that means it; the one on the screen is last."""

    rule: str
    names: tuple[str, ...]


class PastReader(Protocol):
    """The runs in our own ledger."""

    def tried(self, ref: str) -> Tried | None:
        """The newest trial of an account's sign-in, by the account's reference."""
        ...

    def found(self, audit: str) -> Iterator[Sequence[Named]]:
        """What each run of an audit found, the newest run first; runs whose names were erased are left out."""
        ...
