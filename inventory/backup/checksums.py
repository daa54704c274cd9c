"""A list of checksums that lies beside a tree of files, as ``sha256sum`` writes it (GNU coreutils, 6.1 and 6.6)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

LINE = re.compile(rb"(?P<escaped>\\?)(?P<hash>[0-9a-f]{64}) [ *](?P<name>.+)", re.DOTALL)
ESCAPES = {b"\\\\": b"\\", b"\\n": b"\n", b"\\r": b"\r"}


def checksums(lines: Iterable[bytes], top: str) -> dict[str, str]:
    """Path → SHA-256; names may begin at the root, at ``.`` or with the name of the tree. Raise ``ValueError``."""
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        matched = LINE.fullmatch(line.removesuffix(b"\n"))
        if matched is None:
            raise ValueError(f"line {number} is none that sha256sum writes")
        name = matched["name"]
        if matched["escaped"]:
            name = re.sub(rb"\\(.)", _unescaped, name)
        told = os.fsdecode(name)
        parts = [part for part in told.split("/") if part not in ("", ".")]
        if ".." in parts or "\0" in told:
            raise ValueError(f"line {number} leads out of the tree")
        path = "/" + "/".join(parts[parts[:1] == [top] :])
        if found.setdefault(path, matched["hash"].decode()) != matched["hash"].decode():
            raise ValueError(f"line {number} says something else of a file than a line before it")
    return found


def _unescaped(matched: re.Match[bytes]) -> bytes:
    return ESCAPES.get(matched[0], matched[0])
