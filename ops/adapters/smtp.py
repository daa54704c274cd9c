"""Sending a message by a mail server, over TLS with a certificate that was checked, or not at all."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from ops.errors import InvalidRequest, NotAuthorised, Refused, Unreachable
from ops.secret import Secret

IMPLICIT = 465  # the port on which TLS begins at once (RFC 8314, 3.3); on others STARTTLS is asked for
PATIENCE = 30.0  # seconds


@dataclass(frozen=True)
class Server:
    """A mail server; ``ca_file`` is who vouches for it, the machine's own list if it is None."""

    host: str
    port: int = 587
    account: str = ""
    ca_file: Path | None = None


def server(text: str, account: str = "", ca_file: Path | None = None) -> Server:
    """``mail.example.com:587`` as a server; raise ``InvalidRequest``."""
    host, _, port = text.partition(":")
    if not host or not (port or "587").isdigit():
        raise InvalidRequest(f"{text!r} is no mail server", hint='write it as smtp = "mail.example.com:587"')
    return Server(host, int(port or 587), account, ca_file)


def send(at: Server, message: EmailMessage, secret: Secret | None) -> None:
    """Send it to everybody it names. Raise ``Unreachable``, ``NotAuthorised`` or ``Refused``; then nobody has it."""
    with _told(at), _connected(at) as session:
        if secret is not None:
            session.login(at.account, secret.reveal())
        session.send_message(message)


@contextmanager
def _connected(at: Server) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context(cafile=str(at.ca_file) if at.ca_file else None)
    session: smtplib.SMTP
    if at.port == IMPLICIT:
        session = smtplib.SMTP_SSL(at.host, at.port, timeout=PATIENCE, context=context)
    else:
        session = smtplib.SMTP(at.host, at.port, timeout=PATIENCE)
    try:
        if at.port != IMPLICIT:
            session.starttls(context=context)
        yield session
        with suppress(smtplib.SMTPException, OSError):  # the message is taken; an odd farewell does not change that
            session.quit()
    finally:
        session.close()


@contextmanager
def _told(at: Server) -> Iterator[None]:
    """Errors of the library as ours."""
    name = f"the mail server {at.host}:{at.port}"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        hint = "is that its name? smtp_ca_file names who vouches for it"
        raise Unreachable(f"{name} is not who it says: {error.verify_message}", hint=hint) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Refused(f"{name} offers no TLS, and nothing is sent without", hint="use a port that has it") from error
    except smtplib.SMTPAuthenticationError as error:
        raise NotAuthorised(f"{name} refuses {at.account}", hint="look at smtp_account and smtp_credential") from error
    except smtplib.SMTPRecipientsRefused as error:
        who = ", ".join(sorted(error.recipients))
        raise Refused(f"{name} does not take mail for {who}", hint="look at mail_to") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(f"{name} did not take the message: {error}", hint="look at smtp in ops.toml") from error
