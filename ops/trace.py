"""Searches for what is left of somebody. Each subsystem brings its own, below ``ops/traces``, named by path.

A search takes readers and the page of the leavers' book, and yields ``Finding``: FAIL for what opens something, WARN
for what only names them, and ``Seen`` once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ops.operation import Operation, load, read


def trace(function: Callable[..., Any]) -> Operation:
    """Make a search of the function whose module lies below ``ops/traces``."""
    return read(function, "ops.traces.")


def load_trace(name: str) -> Operation:
    """The search of this name."""
    found: Operation = load("traces", name)
    return found
