"""Audits look at a target and yield findings; they never change anything. Named by path, like operations.

An audit needs no picture of the future, so its reader is the wider one of its adapter. It yields ``Finding``
and, once at least, ``Seen``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ops.operation import Operation, load, read


def audit(function: Callable[..., Any]) -> Operation:
    """Make an audit of the function whose module lies below ``ops/audits``."""
    return read(function, "ops.audits.")


def load_audit(name: str) -> Operation:
    """The audit of this name."""
    found: Operation = load("audits", name)
    return found
