"""Whether the tool is as it was published: its installed files against the hashes its package was installed with."""

from __future__ import annotations

import base64
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, PackagePath, distribution
from pathlib import Path

DISTRIBUTION = "journeyman"


def modified() -> bool:
    """True if an installed file is not what its package recorded; a working copy has no such record, and is not."""
    try:
        files = distribution(DISTRIBUTION).files or []
    except PackageNotFoundError:
        return False
    return any(_altered(file) for file in files if file.suffix in (".py", ".yaml"))


def _altered(file: PackagePath) -> bool:
    if file.hash is None:
        return False
    try:
        content = Path(str(file.locate())).read_bytes()
    except OSError:
        return True
    found = base64.urlsafe_b64encode(sha256(content).digest()).rstrip(b"=").decode()
    return file.hash.mode == "sha256" and found != file.hash.value
