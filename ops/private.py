"""Files only their owner can read, whatever the umask, complete or not there at all."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import IO

from ops.errors import ApplyFailed, EvidenceUnavailable, InvalidRequest, OpsError

UNFINISHED = re.compile(r"\..*\.[0-9a-f]{8}\.unfinished")
NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)  # of a memory stick, say
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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


def ours(folder: Path) -> None:
    """Let us enter, read and write all in a folder of ours, whatever rights came with it; links are left alone."""
    for at, folders, files in os.walk(folder):
        named = ((Path(at, name), mode) for names, mode in ((folders, 0o700), (files, 0o600)) for name in names)
        for inner, mode in (one for one in named if not one[0].is_symlink()):
            with suppress(OSError):
                inner.chmod(mode)


def removed(folder: Path) -> bool:
    """Take a folder of ours away with all in it, also what nobody may write to; whether it is gone."""
    ours(folder)
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Hold the folder itself, so that no lock file is left over."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def held_folder(above: Path, prefix: str) -> Iterator[Path]:
    """An empty folder that is gone afterwards; raise ``EvidenceUnavailable`` where none can be made.

    It is held as long as we live; what a run left that was killed goes.
    """
    sweep_folders(above, prefix)
    try:
        made, handle = _locked(above, prefix)
    except OSError as error:
        raise _unkept(above, above, error) from error
    try:
        yield made
    finally:
        os.close(handle)
        if not removed(made):
            raise ApplyFailed(f"{made} could not be taken away", hint="take it away by hand")


def _locked(folder: Path, prefix: str) -> tuple[Path, int]:
    """A new folder, held."""
    while True:
        made = Path(mkdtemp(prefix=prefix, dir=folder))
        with suppress(FileNotFoundError):  # it was swept before it was held
            handle = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
            with suppress(OSError):  # a file system without locks has no sweepers either
                fcntl.flock(handle, fcntl.LOCK_EX)
            if made.exists():
                return made, handle
            os.close(handle)


def sweep_folders(above: Path, prefix: str) -> None:
    """Take away what runs left that were killed: the folders nobody holds."""
    for left in above.glob(f"{prefix}*"):
        _swept_folder(left)


def _swept_folder(left: Path) -> None:
    with suppress(OSError):
        handle = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            removed(left)
        finally:
            os.close(handle)


def write_private(path: Path, text: str, replace: bool = True) -> None:
    """Write a file of mode 0600 that appears whole and on disk; raise ``FileExistsError`` if it may not replace one.

    Any other ``OSError`` is the caller's to explain; nothing of the file is left then.
    """
    with appearing(path, replace) as file:
        file.write(text.encode())


def keep_private(path: Path, text: str) -> None:
    """The same for what belongs to the evidence; raise ``EvidenceUnavailable`` where it cannot be written."""
    try:
        write_private(path, text)
    except OSError as error:
        raise _unkept(path, path.parent, error) from error


def _unkept(path: Path, folder: Path, error: OSError) -> EvidenceUnavailable:
    hint = "free some space" if error.errno in FULL else f"give yourself the right: ls -ld {folder}"
    return EvidenceUnavailable(f"{path} cannot be written: {error.strerror}", hint=hint)


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file somebody named, to be written; raise ``InvalidRequest`` where it exists already or cannot be made."""
    if os.path.lexists(path):
        raise _exists(path)
    try:
        with appearing(path, replace=False) as file:
            yield file
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise unwritable(path, error) from error


def _exists(path: Path) -> InvalidRequest:
    leads = "exists already" if path.exists() else "is a link to nothing"
    return InvalidRequest(f"{path} {leads}", hint="choose another name with -o")


def unwritable(path: Path, error: OSError) -> InvalidRequest:
    """That a file somebody named cannot be written, and what to do."""
    hint = "free some space, then again: nothing is lost" if error.errno in FULL else "choose another place for it"
    return InvalidRequest(f"{path} cannot be written: {error.strerror}", hint=hint)


@contextmanager
def appearing(path: Path, replace: bool) -> Iterator[IO[bytes]]:
    """A file that has its name once the block ends well: private, whole and on disk. Raises ``OSError``.

    Every writer has an unfinished file of its own, which it holds locked; one that is not locked was left by a
    writer that was killed, and the next one takes it away. A pipe or a device is never replaced.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not a file", str(path))
    _sweep(path.parent)
    part, file = _begun(path)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            _named(part, path, replace)
    finally:
        part.unlink(missing_ok=True)


def _begun(path: Path) -> tuple[Path, IO[bytes]]:
    while True:
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.unfinished")
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        os.fchmod(handle, 0o600)
        with suppress(OSError):  # a file system without locks has no sweepers either
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return part, os.fdopen(handle, "w+b")
        os.close(handle)  # it was swept before it was locked


def _named(part: Path, path: Path, replace: bool) -> None:
    if replace:
        part.replace(path)
        return
    try:
        path.hardlink_to(part)  # fails where rename would overwrite
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from error
        part.replace(path)
    with suppress(OSError):
        _sync(path.parent)


def _sync(folder: Path) -> None:
    """The name is on disk too, before anybody relies on it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(folder: Path) -> None:
    """Take away what killed writers left."""
    with suppress(OSError):
        for one in [entry for entry in folder.iterdir() if UNFINISHED.fullmatch(entry.name)]:
            with suppress(OSError):
                _take_away(one)


def _take_away(left: Path) -> None:
    handle = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        left.unlink()
    finally:
        os.close(handle)
