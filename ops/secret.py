"""A value that cannot be printed, hashed, pickled or serialised by accident, and the slot it will come from."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import NoReturn, final


@final
class Secret:
    """Wraps a secret text. Deliberately not a ``str``, so that no string operation can unwrap it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the plain text. Only adapters and the keeper may call this; a test holds us to it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled or copied out of the process")


@dataclass(frozen=True)
class Slot:
    """Where a secret will come from when it is needed: ``generated``, ``prompt``, ``stdin`` or ``file:PATH``.

    Plans hold slots, never secrets.
    """

    source: str


GENERATED = Slot("generated")
