"""One file in a folder behind SSH, over SFTP and by a shell: what a sentinel asks for.

Measured with OpenSSH 9.2: what ``sftp-server -P`` or the file system denies is answered "permission denied"; all else
is "failure", which is no plain no. Source: draft-ietf-secsh-filexfer-02.
"""

from __future__ import annotations

import errno
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ops.adapters.backup_sentinel import MOST, Beside
from ops.adapters.ssh import ANSWER_SECONDS, Door, SshShell, signed_in
from ops.errors import NotOffered, OpsError, Unreachable

if TYPE_CHECKING:
    from paramiko import SFTPAttributes, SFTPClient, SSHClient

PIECE = 255 << 10  # octets of a request: the most OpenSSH answers (sftp-server.c); others answer less, and are asked on


@contextmanager
def files(door: Door, folder: str, whole: bool) -> Iterator[Beside]:
    """A folder of a host for the length of a with block; ``whole`` if its tool comes in by SFTP too, and only so."""
    with signed_in(door) as (client, _):
        sftp = sftp_opened(client, door)
        try:
            yield FarFolder(sftp, SshShell(client, door), folder, f"{door.account} at {door.host}", whole)
        finally:
            sftp.close()


def room_behind(door: Door, folder: str) -> tuple[int, ...]:
    """Octets used and free, inodes used and free, of the file system of a folder; raise ``NotOffered``.

    By the extension ``statvfs@openssh.com`` (OpenSSH's PROTOCOL, 4.5), which a key that only reads is allowed; where
    the server knows it not, by df(1), if the key opens a shell.
    """
    with signed_in(door) as (client, _):
        with suppress(NotOffered):
            sftp = sftp_opened(client, door)
            try:
                return _asked(sftp, folder)
            finally:
                sftp.close()
        return _df(SshShell(client, door), folder, door)


def modified(door: Door, path: str) -> float:
    """When a file of a host was written, in seconds since 1970; raise ``OSError`` or ``Unreachable``."""
    with signed_in(door) as (client, _), unbroken(door.host):
        sftp = sftp_opened(client, door)
        try:
            return float(sftp.stat(path).st_mtime or 0)
        finally:
            sftp.close()


def _asked(sftp: SFTPClient, folder: str) -> tuple[int, ...]:
    from paramiko import SFTPError, SSHException
    from paramiko.sftp import CMD_EXTENDED

    try:
        _, message = sftp._request(CMD_EXTENDED, "statvfs@openssh.com", folder)  # type: ignore[attr-defined]  # noqa: SLF001  no other way
        _, unit, blocks, unused, free, files, _, files_free = (message.get_int64() for _ in range(8))
    except (TimeoutError, ConnectionError, EOFError, SSHException) as error:
        raise Unreachable("the connection broke off while it was asked for its room", hint="try again") from error
    except (SFTPError, OSError) as error:
        raise NotOffered("the server does not tell how much room there is", hint="ask who keeps it") from error
    return (blocks - unused) * unit, free * unit, files - files_free, files_free


def _df(shell: SshShell, folder: str, door: Door) -> tuple[int, ...]:
    argv = ["df", "-B1", "--output=used,avail,iused,iavail", "--", folder]
    answer = shell.run(argv, root=False, seconds=ANSWER_SECONDS)
    words = answer.out.decode(errors="replace").split()[-4:]
    if answer.code or not all(word.isdecimal() for word in words[:2]) or len(words) != 4:
        hint = "let its key use SFTP, for reading only: ops help backups"
        raise NotOffered(f"{door.host} does not tell {door.account} how much room there is", hint=hint)
    return tuple(int(word) if word.isdecimal() else 0 for word in words)


def sftp_opened(client: SSHClient, door: Door) -> SFTPClient:
    """SFTP over a connection; raise ``NotOffered``."""
    from paramiko import SFTPClient, SFTPError, SSHException

    try:
        transport = client.get_transport()
        if transport is None:
            raise EOFError
        channel = transport.open_session(timeout=ANSWER_SECONDS)
        channel.settimeout(ANSWER_SECONDS)
        channel.invoke_subsystem("sftp")
        return SFTPClient(channel)
    except (SSHException, SFTPError, OSError, EOFError) as error:
        hint = "its tool has a door of its own, and does not tell what it would remove"
        raise NotOffered(f"{door.host} opens no SFTP to {door.account}", hint=hint) from error


def lying_there(sftp: SFTPClient, door: Door, folder: str) -> str:
    """What tells a folder of a host from its others, also through links."""
    return f"{door.host}:{door.port}{sftp.normalize(folder)}"


def listed(sftp: SFTPClient, folder: bytes) -> Iterator[tuple[bytes, SFTPAttributes]]:
    """What lies in a folder. paramiko takes every name for UTF-8, and ends at one that is none."""
    from paramiko.sftp import CMD_CLOSE, CMD_OPENDIR

    _, opened = sftp._request(CMD_OPENDIR, folder)  # type: ignore[attr-defined]  # noqa: SLF001
    handle = opened.get_binary()
    try:
        yield from _entries(sftp, handle)
    finally:
        sftp._request(CMD_CLOSE, handle)  # type: ignore[attr-defined]  # noqa: SLF001


def _entries(sftp: SFTPClient, handle: bytes) -> Iterator[tuple[bytes, SFTPAttributes]]:
    from paramiko import SFTPAttributes
    from paramiko.sftp import CMD_READDIR

    while True:
        try:
            _, some = sftp._request(CMD_READDIR, handle)  # type: ignore[attr-defined]  # noqa: SLF001
        except EOFError:  # how the end of the list is told; a broken connection is another error
            return
        for _ in range(some.get_int()):
            name, _ = some.get_string(), some.get_string()
            one = SFTPAttributes._from_msg(some)  # type: ignore[attr-defined]  # noqa: SLF001
            if name not in (b".", b".."):
                yield name, one


@contextmanager
def unbroken(target: str) -> Iterator[None]:
    """What the host answers is an ``OSError``; that it answers no more is ``Unreachable``."""
    from paramiko import SFTPError, SSHException

    try:
        yield
    except (TimeoutError, ConnectionError, EOFError, SSHException, SFTPError) as error:
        raise Unreachable(f"{target}: the connection broke off", hint="is it up? try again") from error


class FarFolder(Beside):
    """A folder behind SSH, as the key that signed in meets it."""

    def __init__(self, sftp: SFTPClient, shell: SshShell, folder: str, writer: str, whole: bool) -> None:
        self._sftp, self._shell, self._folder = sftp, shell, folder
        self.writer, self.whole = writer, whole
        self.through, self.almighty = "SFTP and a shell", False

    def read(self, name: str) -> bytes | None:
        with self._heard():
            try:
                with self._sftp.open(self._at(name), "rb") as file:
                    return file.read(MOST)
            except FileNotFoundError:
                self._sftp.stat(self._folder)  # a folder that is not there is no answer
                return None

    def create(self, name: str, content: bytes) -> None:
        with self._heard(), self._sftp.open(self._at(name), "wxb") as file:
            file.write(content)

    def remove(self, name: str) -> None:
        """By SFTP; where that is refused, by a shell, if the key opens one."""
        try:
            with self._heard():
                self._sftp.remove(self._at(name))
        except OSError as refusal:
            with suppress(OpsError):
                self._shell.run(["rm", "-f", "--", self._at(name)], root=False, stdin=b"\n", seconds=ANSWER_SECONDS)
            if self.read(name) is not None:
                raise refusal from None

    def rename(self, name: str, other: str) -> None:
        with self._heard():
            try:
                self._sftp.rename(self._at(name), self._at(other))
            except OSError:
                self._sftp.posix_rename(self._at(name), self._at(other))

    def overwrite(self, name: str, content: bytes) -> None:
        with self._heard(), self._sftp.open(self._at(name), "r+b") as file:
            file.write(content)

    def loosen(self, name: str) -> None:
        with self._heard():
            self._sftp.chmod(self._at(name), 0o644)

    def own_folder(self, name: str) -> bool:
        with self._heard():
            file, folder = self._sftp.lstat(self._at(name)), self._sftp.stat(self._folder)
            return stat.S_ISREG(file.st_mode or 0) and file.st_uid == folder.st_uid

    def _at(self, name: str) -> str:
        return f"{self._folder.rstrip('/')}/{name}"

    @contextmanager
    def _heard(self) -> Iterator[None]:
        """What the host answers is an ``OSError``; that it answers no more is none."""
        from paramiko import SFTPError, SSHException

        try:
            yield
        except (TimeoutError, ConnectionError, EOFError, SSHException) as error:
            raise Unreachable("the connection broke off while the sentinel was tried", hint="try again") from error
        except SFTPError as error:
            raise OSError(errno.EIO, str(error)) from error
