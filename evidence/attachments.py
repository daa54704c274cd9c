"""Attachments of statements: kept privately under their SHA-256, of limited size, never part of a record itself."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path
from typing import BinaryIO

from ops import regular_file
from ops.errors import EvidenceInvalid, EvidenceUnavailable, InvalidRequest
from ops.private import private_folder

LARGEST = 25 << 20  # bytes
BLOCK = 1 << 20
PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


@dataclass(frozen=True)
class Attachment:
    """One file that was taken: SHA-256 (hex), size in bytes, media type, and the name it had, which is private."""

    sha256: str
    bytes: int
    media: str
    name: str


def look(path: Path, picture: bool = False) -> None:
    """Raise ``InvalidRequest`` for a file that cannot be taken; nothing is kept."""
    with _opened(path, picture):
        pass


def take(path: Path, folder: Path, picture: bool = False) -> Attachment:
    """Copy a file into the folder of attachments; raise ``InvalidRequest`` for one that cannot be taken."""
    with _opened(path, picture) as (file, media):
        try:
            digest, size = _keep(file, private_folder(folder))
        except OSError as error:
            raise EvidenceUnavailable(f"{path.name} cannot be kept: {error.strerror}", hint="ops doctor") from error
    return Attachment(digest, size, media, path.name)


@contextmanager
def _opened(path: Path, picture: bool) -> Iterator[tuple[BinaryIO, str]]:
    """The file, at its beginning, and its media type."""
    with regular_file.opened(path, regular_file.ANY_SIZE) as file:
        if (found := os.fstat(file.fileno()).st_size) > LARGEST:
            size = f"{found / (1 << 20):.0f} MiB"
            hint = "attach a smaller version, and keep the original where you work"
            raise InvalidRequest(f"{path.name} has {size}; an attachment has at most {LARGEST >> 20}", hint=hint)
        media = _media(file.read(16), path)
        if picture and not media.startswith("image/"):
            raise InvalidRequest(f"{path.name} is not a picture", hint="PNG, JPEG, GIF, WebP or HEIC")
        file.seek(0)
        yield file, media


def _media(start: bytes, path: Path) -> str:
    for magic, media in PICTURES.items():
        if start.startswith(magic):
            return media
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    if start[4:8] == b"ftyp" and start[8:12] in (b"heic", b"heix", b"mif1", b"avif"):
        return "image/heic"
    guessed = guess_type(path.name)[0] or "application/octet-stream"
    return "application/octet-stream" if guessed.startswith("image/") else guessed


def _keep(file: BinaryIO, folder: Path) -> tuple[str, int]:
    """Raises ``OSError``."""
    part = folder / f".part-{os.getpid()}"
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as out:
            digest, size = _copied(file, out)
            out.flush()
            os.fsync(out.fileno())
        part.replace(folder / digest)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    return digest, size


def _copied(file: BinaryIO, out: BinaryIO) -> tuple[str, int]:
    """Copy all of a file; one that grows over the limit while it is read is refused."""
    hashed, size = sha256(), 0
    for block in iter(lambda: file.read(BLOCK), b""):
        size += len(block)
        if size > LARGEST:
            raise InvalidRequest("the file grew while it was read", hint="attach it when it is finished")
        hashed.update(block)
        out.write(block)
    return hashed.hexdigest(), size


def keep(content: bytes, folder: Path, digest: str) -> bool:
    """Keep what came from somebody else under its hash, and say whether it is new.

    Raise ``EvidenceInvalid`` if it is not what the hash says, ``EvidenceUnavailable`` if it cannot be kept.
    """
    if sha256(content).hexdigest() != digest:
        raise EvidenceInvalid(f"attachment {digest[:12]} is not what was signed", hint="ask for the file again")
    if (private_folder(folder) / digest).exists():
        return False
    try:
        _keep(io.BytesIO(content), folder)
    except OSError as error:
        raise EvidenceUnavailable(f"an attachment cannot be kept: {error.strerror}", hint="ops doctor") from error
    return True


def read(folder: Path, digest: str) -> bytes:
    """The bytes of one attachment; raise ``EvidenceInvalid`` if they are not those that were taken."""
    content = b"".join(blocks(folder, digest))
    if sha256(content).hexdigest() != digest:
        raise EvidenceInvalid(f"attachment {digest[:12]} was altered", hint="restore it from a backup")
    return content


def blocks(folder: Path, digest: str) -> Iterator[bytes]:
    """The bytes of one attachment, piece by piece and unchecked; raise ``EvidenceInvalid`` if it is gone."""
    try:
        with (folder / digest).open("rb") as file:
            yield from iter(lambda: file.read(BLOCK), b"")
    except OSError as error:
        raise EvidenceInvalid(f"attachment {digest[:12]} is gone: {error.strerror}", hint="was it erased?") from error
