"""Connections to a directory server: verified TLS, time limits, and many requests on one connection.

With ``ldap.py`` the only place that knows ldap3. Overridden here, each with a test: certificates are not
verified by default, time limits are absent, referrals are followed with our password, IP addresses in
certificates are not matched on Python 3.12 and later, and TLS 1.3 without TCP_NODELAY stalls 40 ms.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.adapters.ldap_errors import sign_in_refused, unreachable
from ops.errors import InvalidRequest, NotAuthorised, OutcomeUnknown, Unreachable
from ops.secret import Secret

if TYPE_CHECKING:
    from ldap3 import Connection, Server

CONNECT_SECONDS, ANSWER_SECONDS = 5, 15
PORT = 636
NAME_ONE = "ops help workspace says how to name one"
BEGIN = "-----BEGIN CERTIFICATE-----"
END = "-----END CERTIFICATE-----"


@dataclass(frozen=True)
class Address:
    """Where a directory is and how to prove it is the right one.

    ``host`` is the name (or address) the certificate must carry; ``connect_to`` is where to connect if that
    name cannot be resolved here, as ``address`` of a practice network without namespaces. ``ca_file`` holds
    the certificate authority in PEM. ``account`` is how we sign in; with ``kerberos`` the ticket is used.
    """

    host: str
    ca_file: Path
    account: str
    port: int = PORT
    connect_to: str = ""
    kerberos: bool = False


def context(ca_file: Path) -> ssl.SSLContext:
    """TLS 1.2 or later, chain and name verified against this one file."""
    try:
        made = ssl.create_default_context(cafile=str(ca_file))
    except FileNotFoundError:
        raise InvalidRequest(
            f"there is no CA file {ca_file}", hint="ops init, or set ca_file in the inventory"
        ) from None
    except (ssl.SSLError, OSError) as error:
        raise InvalidRequest(f"{ca_file} is not a CA certificate in PEM form", hint="ask for the right file") from error
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def anchor(ca_file: Path) -> str:
    """SHA-256 of the certificates a CA file trusts: with TLS verified against it, what cannot be imitated."""
    try:
        text = ca_file.read_text(encoding="ascii", errors="replace")
        parts = text.split(BEGIN)[1:]
        ders = [ssl.PEM_cert_to_DER_cert(f"{BEGIN}{part.partition('-----END')[0]}{END}") for part in parts]
    except (OSError, ValueError) as error:
        raise InvalidRequest(f"{ca_file} cannot be read as a CA certificate", hint="ask for the right file") from error
    if not ders:
        raise InvalidRequest(f"{ca_file} is not a CA certificate in PEM form", hint="ask for the right file")
    return f"sha256:{hashlib.sha256(b''.join(sorted(ders))).hexdigest()}"


def server(address: Address) -> Server:
    """The server, whose every connection is verified by Python's own TLS: names and IP addresses alike."""
    from ldap3 import NONE, Server, Tls

    tls_context = context(address.ca_file)

    class VerifiedTls(Tls):  # type: ignore[misc]
        def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.socket.settimeout(CONNECT_SECONDS)
            connection.socket = tls_context.wrap_socket(
                connection.socket, do_handshake_on_connect=do_handshake, server_hostname=address.host
            )
            connection.socket.settimeout(ANSWER_SECONDS)

    tls = VerifiedTls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(address.ca_file))
    host = address.connect_to or address.host
    return Server(host, port=address.port, use_ssl=True, tls=tls, get_info=NONE, connect_timeout=CONNECT_SECONDS)


def connection(to: Server, address: Address, password: Secret | None) -> Connection:
    """A connection not yet open. Without a password the Kerberos ticket signs in."""
    from ldap3 import KERBEROS, SASL, Connection

    settings: dict[str, Any] = {
        "check_names": False,
        "return_empty_attributes": False,
        "auto_referrals": False,
        "receive_timeout": ANSWER_SECONDS,
    }
    if address.kerberos:
        _need_gssapi()
        return Connection(
            to, authentication=SASL, sasl_mechanism=KERBEROS, sasl_credentials=(address.host,), **settings
        )
    if password is None:
        raise NotAuthorised(f"there is no password for {address.account}", hint=NAME_ONE)
    return Connection(to, address.account, password.reveal(), **settings)


def opened(made: Connection, address: Address) -> Connection:
    """Open and sign in, or say why not."""
    from ldap3.core.exceptions import LDAPException, LDAPPasswordIsMandatoryError

    try:
        made.open(read_server_info=False)
        if made.bind(read_server_info=False):
            return made
    except LDAPPasswordIsMandatoryError:
        hang_up(made)
        raise NotAuthorised(f"the password of {address.account} is empty", hint=NAME_ONE) from None
    except (LDAPException, OSError) as error:
        hang_up(made)
        raise unreachable(address.host, error) from error
    except _ticket_errors(address) as error:
        hang_up(made)
        raise NotAuthorised("there is no Kerberos ticket that is good for this", hint="kinit, then again") from error
    hang_up(made)
    raise sign_in_refused(made.result, address.account)


def hang_up(made: Connection) -> None:
    """Close a connection in whatever state it is."""
    if made.socket is not None:
        made.socket.close()


def exchange(open_connection: Connection, requests: Sequence[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Send all requests before reading the first answer; return the results in the order of the requests.

    The server works through them in order on its side, so our own time between requests is not added to its.
    If the connection breaks, ``OutcomeUnknown``: some may have been done.
    """
    from ldap3.core.exceptions import LDAPException

    strategy = open_connection.strategy
    answers: dict[int, dict[str, Any]] = {}
    try:
        wanted = [strategy.send(kind, request) for kind, request in requests]
        while len(answers) < len(wanted):
            answers |= _answers(strategy)
    except (LDAPException, OSError) as error:  # sent, perhaps done: nobody knows until it is read again
        raise OutcomeUnknown("the connection broke while changes were on their way") from error
    for number in wanted:
        strategy._outstanding.pop(number, None)
    try:
        return [answers[number] for number in wanted]
    except KeyError:
        raise OutcomeUnknown("the domain controller answered something that was not asked") from None


def _answers(strategy: Any) -> dict[int, dict[str, Any]]:
    from ldap3.utils.asn1 import decode_message_fast

    messages = strategy.receiving()
    if not messages:
        raise OSError("the server closed the connection")
    decoded = [decode_message_fast(message) for message in messages]
    return {int(message["messageID"]): strategy.decode_response_fast(message) for message in decoded}


def _ticket_errors(address: Address) -> tuple[type[Exception], ...]:
    """What Kerberos itself raises when there is no ticket, or an old one."""
    if not address.kerberos:
        return ()
    from gssapi.exceptions import GSSError

    return (GSSError,)


def _need_gssapi() -> None:
    try:
        import gssapi  # noqa: F401
    except ImportError:
        raise Unreachable(
            "signing in with a Kerberos ticket needs one more package", hint="pip install 'journeyman[kerberos]'"
        ) from None
