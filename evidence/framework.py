"""Competency frameworks (being filled)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Tag:
    framework: str
    item: str
    version: str
    rule: str
    rationale: str
    covers: str
    label: str
    kind: str


@dataclass(frozen=True)
class Framework:
    id: str

    def tags(self, names: Iterable[str]) -> tuple[Tag, ...]:
        return ()


def load_frameworks() -> tuple[Framework, ...]:
    return ()
