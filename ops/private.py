"""Files only their owner can read, whatever the umask, complete or not there at all."""

from __future__ import annotations

import os
from pathlib import Path

from ops.errors import EvidenceUnavailable, OpsError


def private_folder(path: Path, refusal: type[OpsError] = EvidenceUnavailable) -> Path:
    """Make a folder, and what is missing above it, 0700; raise ``refusal`` if that cannot be."""
    try:
        for missing in reversed([one for one in path.parents if not one.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        if path.stat().st_mode & 0o777 != 0o700:
            path.chmod(0o700)
    except OSError as error:
        hint = f"give yourself the right: ls -ld {path.parent}"
        raise refusal(f"{path} may not be written: {error.strerror}", hint=hint) from error
    return path


def write_private(path: Path, text: str, replace: bool = True) -> None:
    """Write a file of mode 0600 that appears whole and on disk; raise ``FileExistsError`` if it may not replace one.

    Any other ``OSError`` is the caller's to explain; nothing of the file is left then.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(handle, 0o600)
            file.write(text)
            file.flush()
            os.fsync(handle)
        if replace:
            part.replace(path)
        else:
            path.hardlink_to(part)  # fails where rename would overwrite
    finally:
        part.unlink(missing_ok=True)
