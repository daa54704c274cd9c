"""A ZIP file whose bytes say nothing of when, where or by whom it was made."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

LEVEL = 5  # of zlib: a hundredth larger than at 6, and in little more than half the time
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest date ZIP knows
UNIX = 3
Edit = Callable[[bytes], bytes]


class FixedArchive(zipfile.ZipFile):
    """What openpyxl writes its parts into; ``edits`` maps a part's name to a last change of its bytes."""

    edits: dict[str, Edit]

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_args: Any, **_options: Any) -> None:
        """Write one part from memory."""
        content = data.encode() if isinstance(data, str) else data
        edit = self.edits.get(zinfo_or_arcname)
        super().writestr(_entry(zinfo_or_arcname), edit(content) if edit else content)

    def write(self, filename: Any, arcname: Any = None, *_args: Any, **_options: Any) -> None:
        """Write one part from a file, piece by piece."""
        path = Path(filename)
        entry = _entry(arcname)
        entry.file_size = path.stat().st_size  # or a part of more than 2 GiB would be refused half-way
        with path.open("rb") as source, self.open(entry, "w") as target:
            shutil.copyfileobj(source, target, 1 << 20)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name.lstrip("/"), FIRST_DAY)
    entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, UNIX, 0o600 << 16
    entry._compresslevel = LEVEL  # type: ignore[attr-defined]  # Python 3.13 knows it by this name too
    return entry


def contents_sha256(path: Path) -> str:
    """One SHA-256 over the names and contents of all parts, in hex.

    The file's own SHA-256 depends on the version of zlib that packed it; this one does not, so that somebody with
    another computer can make the report again and compare.
    """
    whole = sha256()
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            with archive.open(name) as file:
                part = file_digest(file, "sha256")  # type: ignore[arg-type]  # a ZipExtFile reads as a file does
            whole.update(f"{part.hexdigest()}  {name}\n".encode())
    return whole.hexdigest()
