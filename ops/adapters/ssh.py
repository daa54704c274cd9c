"""Programs of a host over SSH: the host's key must be known and the same, signing in is by key or agent only.

With ``ssh_files`` the only place that knows paramiko. Measured and overridden here: without TCP_NODELAY and
TCP_QUICKACK a command takes four times as long; keys and agents are tried only where the inventory names them; nothing
waits for ever.
Sources: RFC 4252, RFC 4254, sshd(8) (known_hosts).
"""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import shlex
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.adapters.host import Machine
from ops.adapters.host_commands import CommandHost
from ops.adapters.host_shell import MOST, SECONDS, SUDO, Answer, words
from ops.errors import NotAuthorised, OpsError, OutcomeUnknown, Refused, Unreachable

if TYPE_CHECKING:
    from paramiko import Channel, PKey, SSHClient

CONNECT_SECONDS, ANSWER_SECONDS = 5, 15
PORT = 22
PIECE = 1 << 16


class UnknownHost(Refused):
    """Nobody has confirmed the key of this host yet; nothing was sent to it."""

    page = "host-unknown"


class HostChanged(Refused):
    """The host shows another key than the one that was confirmed; nothing was sent to it."""

    page = "host-changed"


@dataclass(frozen=True)
class Door:
    """Where a host is and how to sign in. ``key_file`` is an OpenSSH key; empty for the keys of the agent.

    ``known_hosts`` is the file of confirmed keys; ``sudo`` whether our account needs it to administer; ``name`` is
    what the inventory calls it.
    """

    host: str
    account: str
    known_hosts: Path
    key_file: Path | None = None
    port: int = PORT
    connect_to: str = ""
    sudo: bool = True
    name: str = ""

    @property
    def entry(self) -> str:
        """Its name in a file of known hosts."""
        return self.host if self.port == PORT else f"[{self.host}]:{self.port}"


class Quick(socket.socket):
    """A socket whose every answer is acknowledged at once: two stalls of 40 ms less a command."""

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Receive, and ask for the next acknowledgement to be quick again."""
        got = super().recv(size, flags)
        self.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return got


def connected(door: Door) -> Quick:
    """An open socket; raise ``Unreachable``."""
    where = door.connect_to or door.host
    try:
        family, kind, proto, _, address = socket.getaddrinfo(where, door.port, type=socket.SOCK_STREAM)[0]
        quick = Quick(family, kind, proto)
    except OSError as error:
        raise Unreachable(f"no host is known by the name {where}", hint="check the name and DNS: ops doctor") from error
    try:
        quick.settimeout(CONNECT_SECONDS)
        quick.connect(address)
        quick.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        quick.close()
        why = (
            "did not answer in time" if isinstance(error, TimeoutError) else f"could not be reached ({error.strerror})"
        )
        raise Unreachable(f"{door.host} {why}", hint="is it up? ops doctor") from error
    return quick


@contextmanager
def connect(door: Door, machine: Machine) -> Iterator[CommandHost]:
    """Open a host for the length of a with block."""
    with signed_in(door) as (client, key):
        yield CommandHost(SshShell(client, door), machine, (key,))


@contextmanager
def signed_in(door: Door) -> Iterator[tuple[SSHClient, str]]:
    """A connection whose host is the one that was confirmed, and the fingerprint of its key."""
    client = _client(door)
    try:
        key = _known(door)
        _sign_in(client, door)
        yield client, key
    finally:
        client.close()


def _client(door: Door) -> SSHClient:
    from paramiko import RejectPolicy, SSHClient

    logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # it prints tracebacks of its own thread
    client = SSHClient()
    client.set_missing_host_key_policy(RejectPolicy())
    if door.known_hosts.is_file():
        client.load_host_keys(str(door.known_hosts))
    return client


def known_fingerprint(door: Door) -> str:
    """The fingerprint that was confirmed for a host; empty if none was."""
    from paramiko import HostKeys

    if not door.known_hosts.is_file():
        return ""
    keys = HostKeys(str(door.known_hosts)).lookup(door.entry)
    return fingerprint(next(iter(keys.values()))) if keys else ""


def _known(door: Door) -> str:
    """The fingerprint that was confirmed; raise ``UnknownHost`` before anything is sent."""
    if known := known_fingerprint(door):
        return known
    raise UnknownHost(f"nobody has confirmed the key of {door.host}", hint=f"ops host trust {machine_of(door)}")


def machine_of(door: Door) -> str:
    """The short name, as a person types it."""
    return door.name or door.host.partition(".")[0]


def _sign_in(client: SSHClient, door: Door, key: PKey | None = None) -> None:
    from paramiko import AuthenticationException, BadHostKeyException, SSHException

    by_agent = door.key_file is None and key is None
    if by_agent:
        _need_agent()
    try:
        client.connect(
            door.host,
            port=door.port,
            username=door.account,
            pkey=key or (_key(door.key_file) if door.key_file else None),
            sock=connected(door),
            allow_agent=by_agent,
            look_for_keys=False,
            timeout=CONNECT_SECONDS,
            banner_timeout=ANSWER_SECONDS,
            auth_timeout=ANSWER_SECONDS,
        )
    except BadHostKeyException as error:
        seen, known = fingerprint(error.key), fingerprint(error.expected_key)
        raise HostChanged(
            f"{door.host} shows the key {seen}, not {known}; nothing was sent to it",
            hint=f"ask who changed it; then: ops host trust {machine_of(door)} --again",
        ) from error
    except AuthenticationException as error:
        hint = "is your key among the account's authorized_keys, and in the agent or named in the inventory?"
        raise NotAuthorised(f"{door.host} does not let {door.account} in with this key", hint=hint) from error
    except (SSHException, OSError, EOFError) as error:
        raise _unusable(door, error) from error


def _need_agent() -> None:
    """Raise ``NotAuthorised`` if no agent holds a key: paramiko would call that a fault of the server."""
    from paramiko import Agent, SSHException

    try:
        agent = Agent()
        held = agent.get_keys()
        agent.close()
    except SSHException:
        held = ()
    if not held:
        raise NotAuthorised("no SSH agent here holds a key", hint='eval "$(ssh-agent)" and ssh-add; then again')


def _unusable(door: Door, error: Exception) -> OpsError:
    text = str(error)
    if "no acceptable" in text or "Incompatible" in text:
        hint = "its SSH server is too old: let it offer curve25519-sha256 and rsa-sha2-512, or update it"
        return Unreachable(f"{door.host} offers only ways to connect that are no longer safe", hint=hint)
    return Unreachable(f"{door.host} does not speak SSH as it should: {text or 'it hung up'}", hint="ops doctor")


def _key(path: Path) -> PKey:
    from paramiko import PasswordRequiredException, PKey, SSHException

    try:
        if path.stat().st_mode & 0o077:
            raise NotAuthorised(f"the key {path} can be read by others", hint=f"chmod 600 {path}")
        found: PKey = PKey.from_path(path)
    except PasswordRequiredException as error:
        raise NotAuthorised(
            f"the key {path} has a passphrase", hint="ssh-add it, and write credential: agent"
        ) from error
    except (OSError, SSHException, ValueError) as error:
        raise NotAuthorised(f"the key {path} cannot be read", hint="correct credential in the inventory") from error
    return found


def fingerprint(key: PKey) -> str:
    """As ``ssh-keygen -l`` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


def shown_key(door: Door) -> tuple[str, str]:
    """The key a host shows now, unconfirmed: its fingerprint, and its line for a file of known hosts."""
    from paramiko import SSHException, Transport

    logging.getLogger("paramiko").setLevel(logging.CRITICAL)
    transport = Transport(connected(door))
    transport.banner_timeout = ANSWER_SECONDS
    try:
        transport.start_client(timeout=ANSWER_SECONDS)
        key = transport.get_remote_server_key()
    except (SSHException, OSError, EOFError) as error:
        raise _unusable(door, error) from error
    finally:
        transport.close()
    return fingerprint(key), f"{door.entry} {key.get_name()} {key.get_base64()}\n"


class SshShell:
    """Programs on the other side of one connection; each gets a channel of its own."""

    def __init__(self, client: SSHClient, door: Door) -> None:
        self._client, self._door = client, door
        self._sudo = SUDO if door.sudo and door.account != "root" else ()

    def run(
        self,
        argv: Sequence[str],
        *,
        root: bool = True,
        stdin: bytes = b"",
        seconds: float = SECONDS,
        writes: bool = False,
    ) -> Answer:
        """Run a program on the host; see ``Shell``."""
        from paramiko import SSHException

        line = shlex.join([*(self._sudo if root else ()), *words(argv)])
        try:
            return self._exchange(line, stdin, time.monotonic() + seconds)
        except TimeoutError as error:
            raise self._lost(f"{argv[0]} did not end within {seconds:.0f} s", writes) from error
        except (SSHException, OSError, EOFError, AttributeError) as error:
            why = f" ({error})" if str(error) else ""
            raise self._lost(f"the connection to {self._door.host} broke{why}", writes) from error

    def _lost(self, said: str, writes: bool) -> OpsError:
        return OutcomeUnknown(said) if writes else Unreachable(said, hint="is it up? ops doctor")

    def _exchange(self, line: str, stdin: bytes, limit: float) -> Answer:
        channel = self._session(limit)
        try:
            channel.settimeout(max(0.1, limit - time.monotonic()))
            channel.exec_command(line)
            if stdin:  # else no end of input is sent: one that crosses the server's own closing ends the connection
                channel.sendall(stdin)
                channel.shutdown_write()
            out = b"".join(_pieces(channel, limit))
            error = b"".join(iter(lambda: channel.recv_stderr(PIECE), b"")).decode(errors="replace")
            if not channel.status_event.wait(max(0.1, limit - time.monotonic())):
                raise TimeoutError
            if (code := channel.recv_exit_status()) < 0:
                raise EOFError(f"{line}: no exit status")
            return Answer(code, out, (error.strip().splitlines() or [""])[-1])
        finally:
            channel.close()

    def _session(self, limit: float) -> Channel:
        """A new channel; a server that has no room for one is asked again, for the last ones are still closing."""
        from paramiko import ChannelException

        transport: Any = self._client.get_transport()
        while True:
            try:
                opened: Channel = transport.open_session(timeout=ANSWER_SECONDS)
            except ChannelException:
                if time.monotonic() > limit:
                    raise
                time.sleep(0.05)
            else:
                return opened

    def knock(self) -> FreshKey:
        """A key nobody has seen, to try the door of another login with."""
        return FreshKey(self._door)

    def close(self) -> None:
        """Sign out."""
        self._client.close()


class FreshKey:
    """An Ed25519 key that lives as long as this object; its private half is never written anywhere."""

    def __init__(self, door: Door) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
        from paramiko import Ed25519Key

        secret = Ed25519PrivateKey.generate()
        text = secret.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
        self._key, self._door = Ed25519Key.from_private_key(io.StringIO(text)), door

    @property
    def public(self) -> str:
        """Its line for a file of keys, good for nothing but signing in."""
        return f"restrict {self._key.get_name()} {self._key.get_base64()} journeyman-trial"

    def answer(self, login: str) -> str:
        """Try to sign in; ``open`` if that works."""
        client = _client(self._door)
        try:
            _sign_in(client, replace(self._door, account=login), self._key)
        except NotAuthorised:
            return "refused"
        except Unreachable:
            return "refused: it hung up after the key"
        finally:
            client.close()
        return "open"


def _pieces(channel: Channel, limit: float) -> Iterator[bytes]:
    """What a program prints, to its end; raise ``TimeoutError`` at the limit or when it is too much."""
    total = 0
    while piece := channel.recv(PIECE):
        total += len(piece)
        if total > MOST:
            raise OSError("the answer is larger than anything that was asked for")
        channel.settimeout(max(0.1, limit - time.monotonic()))
        yield piece
