"""RFC 8785 bytes and their digest: one text for one value."""

from __future__ import annotations

import hashlib
from typing import Any

Json = dict[str, Any] | list[Any] | str | int | bool | None


def canonical(value: Json) -> bytes:
    """Return the RFC 8785 form; NaN, integers above 2**53-1 and any type JSON does not know are refused."""
    import rfc8785

    return rfc8785.dumps(value)


def digest(data: bytes) -> str:
    """Return SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()
