"""A monthly report is written, mailed over checked TLS, and on the schedule again; without TLS nothing is sent."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path

import pytest

from inventory.load import load
from ops.adapters.smtp import Server, send, server
from ops.cli import mailing, monthly, reporting, scheduling
from ops.cli.options import Options
from ops.cli.site import Site
from ops.errors import InvalidRequest, NotAuthorised, OpsError, Refused, Unreachable
from ops.secret import Secret
from tests.proxy import authority
from tests.workspace import bare


@dataclass
class Mailbox:
    """A mail server for one message after another: STARTTLS if it has a certificate, then AUTH PLAIN."""

    port: int = 0
    messages: list[bytes] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)  # commands that came without TLS
    taken: bool = True

    def serve(self, listening: socket.socket, certificate: Path | None) -> None:
        """Until the socket is closed."""
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with suppress(OSError), ExitStack() as stack:
                self._talk(stack.enter_context(connection), certificate, stack)

    def _talk(self, connection: socket.socket, certificate: Path | None, stack: ExitStack) -> None:
        connection.settimeout(10)
        safe, stream = False, stack.enter_context(connection.makefile("rwb", buffering=0))
        stream.write(b"220 mail\r\n")
        while line := stream.readline():
            word = line[:4].upper().decode().strip()
            if not safe:
                self.plain.append(word)
            if word == "STAR":
                assert certificate
                stream.write(b"220 go\r\n")
                context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                context.load_cert_chain(certificate)
                connection = stack.enter_context(context.wrap_socket(connection, server_side=True))
                safe, stream = True, stack.enter_context(connection.makefile("rwb", buffering=0))
                continue
            stream.write(self._answer(word, line, stream, bool(certificate) and not safe))
            if word == "QUIT":
                return

    def _answer(self, word: str, line: bytes, stream: object, offered: bool) -> bytes:
        if word == "EHLO":
            return b"250-mail\r\n" + (b"250 STARTTLS\r\n" if offered else b"250 AUTH PLAIN\r\n")
        if word == "AUTH":
            return b"235 ok\r\n" if b"AGFteQBnb29k" in line else b"535 no\r\n"  # \0amy\0good
        if word == "RCPT" and not self.taken:
            return b"550 nobody\r\n"
        if word != "DATA":
            return b"250 ok\r\n"
        stream.write(b"354 go\r\n")  # type: ignore[attr-defined]
        lines = list(iter(stream.readline, b".\r\n"))  # type: ignore[attr-defined]
        self.messages.append(b"".join(lines))
        return b"250 ok\r\n"


@contextmanager
def mailbox(certificate: Path | None) -> Iterator[Mailbox]:
    """A server on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made = Mailbox(listening.getsockname()[1])
        threading.Thread(target=made.serve, args=(listening, certificate), daemon=True).start()
        yield made


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An authority, and a certificate of it for localhost."""
    return authority(tmp_path_factory.mktemp("tls"), "localhost")


def letter() -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "ops@example.com", "amy@example.com", "Hello"
    made.set_content("Hello")
    return made


def test_a_message_goes_over_tls_with_nothing_said_before_it(certificates: tuple[Path, Path]) -> None:
    with mailbox(certificates[1]) as box:
        send(Server("localhost", box.port, "amy", certificates[0]), letter(), Secret("good"))
    assert (len(box.messages), box.plain) == (1, ["EHLO", "STAR"])


@pytest.mark.parametrize(
    ("host", "trusted", "secret", "taken", "error"),
    [
        ("localhost", False, "good", True, Unreachable),  # nobody we know vouches for it
        ("127.0.0.1", True, "good", True, Unreachable),  # it is vouched for under another name
        ("localhost", True, "bad", True, NotAuthorised),
        ("localhost", True, "good", False, Refused),
    ],
)
def test_what_is_not_right_sends_nothing(
    certificates: tuple[Path, Path], host: str, trusted: bool, secret: str, taken: bool, error: type[OpsError]
) -> None:
    with mailbox(certificates[1]) as box:
        box.taken = taken
        with pytest.raises(error):
            send(Server(host, box.port, "amy", certificates[0] if trusted else None), letter(), Secret(secret))
    assert (box.messages, "AUTH" in box.plain) == ([], False)


def test_a_server_without_tls_gets_nothing() -> None:
    with mailbox(None) as box, pytest.raises(Refused, match="offers no TLS"):
        send(Server("localhost", box.port, "amy"), letter(), Secret("good"))
    assert (box.messages, [word for word in box.plain if word in ("AUTH", "MAIL")]) == ([], [])


def test_a_server_is_a_name_and_a_port() -> None:
    assert server("mail.example.com") == Server("mail.example.com", 587)
    assert server("mail.example.com:465").port == 465
    for wrong in ("", ":25", "mail:x"):
        with pytest.raises(InvalidRequest):
            server(wrong)


@pytest.fixture
def site(tmp_path: Path, certificates: tuple[Path, Path]) -> Iterator[Site]:
    """A workspace that mails to a box on this machine."""
    desk = bare(tmp_path / "w")
    secret = desk.folder / "secret"
    secret.write_text("good\n", encoding="utf-8")
    secret.chmod(0o600)
    found = load(desk.folder)
    more = {
        "smtp_account": "amy",
        "smtp_credential": "file:secret",
        "smtp_ca_file": str(certificates[0]),
        "mail_from": "ops@example.com",
        "mail_to": "amy@example.com, bob@example.com",
    }
    with ExitStack() as stack:
        yield Site(replace(found, settings={**found.settings, **more}), stack, ask=False)


def at(site: Site, port: int) -> Site:
    """The same, with its mail server."""
    site.workspace = replace(site.workspace, settings={**site.workspace.settings, "smtp": f"localhost:{port}"})
    return site


def test_a_monthly_report_is_written_mailed_and_on_the_schedule_again(
    site: Site, certificates: tuple[Path, Path]
) -> None:
    day = scheduling.today().replace(day=1)
    monthly.add(site, "assets", day.isoformat())
    with mailbox(certificates[1]) as box:
        (done,) = scheduling.run_due(at(site, box.port), Options())
    assert done["state"] == "done", done["said"]
    path = site.workspace.state / f"monthly/assets-{day}.xlsx"
    (raw,) = box.messages
    mail = message_from_bytes(raw, policy=policy.default)
    (attached,) = mail.iter_attachments()  # type: ignore[attr-defined]
    assert attached.get_content() == path.read_bytes()
    assert (mail["To"], attached.get_filename()) == ("amy@example.com, bob@example.com", path.name)
    assert "UNKNOWN: Stock-take. Nothing was ever counted." in mail.get_body().get_content()  # type: ignore[attr-defined]
    (body,) = reporting.reports(site)
    assert (body["run"], body["file"]["sha256"]) == (done["run"], sha256(path.read_bytes()).hexdigest())
    (coming,) = (job for job in scheduling.standing(site) if job.state == "waiting")
    assert date_of(coming.name) == (day.year + day.month // 12, day.month % 12 + 1, 1)


def date_of(name: str) -> tuple[int, int, int]:
    year, month, day = map(int, name.rsplit("-", 3)[1:])
    return year, month, day


def test_a_report_that_could_not_be_mailed_is_mailed_when_it_is_tried_again(
    site: Site, certificates: tuple[Path, Path]
) -> None:
    day = scheduling.today().replace(day=1)
    name = monthly.add(site, "access", day.isoformat())
    with mailbox(certificates[1]) as box:
        box.taken = False
        (failed,) = scheduling.run_due(at(site, box.port), Options())
        assert (failed["state"], "does not take mail" in failed["said"]) == ("failed", True)
        box.taken = True
        scheduling.retry(site, name)
        (done,) = scheduling.run_due(site, Options())
    assert (done["state"], len(box.messages)) == ("done", 1)
    assert len(site.schedule.pages()) == 2


def test_without_a_receiver_a_report_is_only_written(site: Site) -> None:
    day = scheduling.today().replace(day=1)
    monthly.add(site, "licences", day.isoformat())
    (done,) = scheduling.run_due(site, Options())
    assert (done["state"], mailing.configured(site)) == ("done", False)
    assert (site.workspace.state / f"monthly/licences-{day}.xlsx").is_file()


@pytest.mark.parametrize(("report", "on"), [("assets", "2030-01-31"), ("assets", "soon"), ("weather", "2030-01-01")])
def test_what_cannot_be_done_each_month_is_not_put_on_the_schedule(site: Site, report: str, on: str) -> None:
    with pytest.raises(InvalidRequest):
        monthly.add(site, report, on)
    assert dict(site.schedule.pages()) == {}
