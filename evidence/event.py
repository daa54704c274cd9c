"""One fact about one run. Resume, undo and records are all folds over these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

BOOKKEEPING = (
    "submitted",
    "received",
    "imported",
    "reviewed",
    "signed-off",
    "cosigned",
    "erased",
)  # of evidence, not of work


@dataclass(frozen=True)
class Event:
    """What happened, before the ledger gives it a place.

    ``body`` is public for good: text, integers, booleans, lists and mappings, never a name of a person,
    host or serial number. ``private`` holds those: name → JSON value; the ledger keeps only a salted
    commitment of each where it cannot be erased. ``at`` is RFC 3339 in UTC with milliseconds.
    """

    run: str
    kind: str
    at: str
    body: Mapping[str, Any]
    private: Mapping[str, Any] = field(default_factory=dict)


def now() -> str:
    """The present moment as events write it, such as ``2026-11-22T09:14:03.120Z``."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
