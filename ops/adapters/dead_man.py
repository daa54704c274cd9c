"""A dead man's switch: an address that raises an alarm when nobody asks it in time (healthchecks.io and its like).

Asked as it is after a good run, with ``/fail`` after a bad one. Whoever knows the address can keep the alarm silent, so
it is a secret: no message of ours says more of it than its host.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from pathlib import Path
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from ops.errors import InvalidRequest, Refused, Unreachable
from ops.secret import Secret

PATIENCE, LONGEST = 10.0, 20.0  # seconds to wait for a word, and for all of the answer
NAMED = "backup_ping in ops.toml names where the address is"


def ping(address: Secret, good: bool, ca_file: Path | None = None) -> None:
    """Tell the switch how it went. Raise ``InvalidRequest``, ``Unreachable`` or ``Refused``; then it does not know.

    Over TLS with a certificate that was checked (``ca_file``: who vouches for it; the machine's own list if None), or
    to this machine itself. Nothing is followed to another address.
    """
    url = _parts(address)
    path = url.path.rstrip("/") + ("" if good else "/fail")
    target = (path or "/") + (f"?{url.query}" if url.query else "")
    with _told(url.hostname or ""), closing(_connection(url, ca_file)) as connection:
        connection.connect()
        with _ended(connection):
            connection.request("GET", target, headers={"User-Agent": "journeyman"})
            status = connection.getresponse().status
    if not 200 <= status < 300:  # noqa: PLR2004  (RFC 9110, 15.3)
        raise Refused(f"the dead man's switch at {url.hostname} answered {status}", hint=NAMED)


def _parts(address: Secret) -> SplitResult:
    """The address, seen to be one that may be asked."""
    text = address.reveal().strip()
    wrong = InvalidRequest(
        "the address of the dead man's switch is none", hint="https://…; plain http only to 127.0.0.1"
    )
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError:
        raise wrong from None
    clean = text.isascii() and text.isprintable() and " " not in text and not url.username and not url.password
    if not host or not clean or url.scheme not in ("https", "http") or (url.scheme == "http" and not _here(host)):
        raise wrong
    return url


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False  # a name may mean another machine tomorrow


def _connection(url: SplitResult, ca_file: Path | None) -> HTTPConnection:
    if url.scheme == "http":
        return HTTPConnection(url.hostname or "", url.port, timeout=PATIENCE)
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    return HTTPSConnection(url.hostname or "", url.port, timeout=PATIENCE, context=context)


@contextmanager
def _ended(connection: HTTPConnection) -> Iterator[None]:
    """Whoever answers one octet at a time is not waited for without end."""

    def end() -> None:
        with suppress(OSError, AttributeError):
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(LONGEST, end)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _told(host: str) -> Iterator[None]:
    """Errors of the library as ours, without the address."""
    name = f"the dead man's switch at {host}"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        hint = "is that its name? backup_ping_ca_file names who vouches for it"
        raise Unreachable(f"{name} is not who it says: {error.verify_message}", hint=hint) from None
    except OSError as error:
        raise Unreachable(f"{name} did not answer: {error.strerror or 'too late'}", hint=NAMED) from None
    except (HTTPException, ValueError):
        raise Unreachable(f"{name} answered what is no HTTP", hint=NAMED) from None
