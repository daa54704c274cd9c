"""What is written: one thing as it was and as it is to be."""

from __future__ import annotations

from typing import NamedTuple

from inventory.register.fields import Fields


class Swap(NamedTuple):
    """``before`` is None for a new thing, ``after`` for one that is taken back."""

    ref: str
    before: Fields | None
    after: Fields | None
