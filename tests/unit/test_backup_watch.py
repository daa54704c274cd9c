"""``ops backup watch``: one line, an exit code, and word to a dead man's switch that hides neither."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from inventory.backup.memory import WAIVED
from ops.adapters import dead_man
from ops.adapters.dead_man import ping
from ops.cli.backup_watching import line, watch
from ops.cli.site import open_site
from ops.errors import InvalidRequest, OpsError, Refused, Unreachable
from ops.finding import Finding, Verdict
from ops.secret import Secret
from tests.contract.test_backup import Kept
from tests.proxy import authority
from tests.unit.kept import kept_by_day
from tests.unit.test_backup_coverage import desk
from tests.workspace import Desk, bare

__all__ = ["kept_by_day"]
PATH = "/ping/5f2c-secret"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@dataclass
class Switch:
    """A server on this machine that writes down what it is asked; ``answer`` is sent in pieces, ``pause`` apart."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    answer: bytes = OK
    pause: float = 0.0

    def serve(self, listening: socket.socket, context: ssl.SSLContext | None) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with suppress(OSError), connection:
                safe = context.wrap_socket(connection, server_side=True) if context else connection
                self.asked.append(safe.recv(4096).decode().partition("\r\n")[0])
                for octet in [self.answer] if not self.pause else [bytes([one]) for one in self.answer]:
                    safe.sendall(octet)
                    if self.pause:
                        threading.Event().wait(self.pause)
                safe.close()


@contextmanager
def switch(certificate: Path | None = None) -> Iterator[Switch]:
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    listening, found = socket.create_server(("127.0.0.1", 0)), Switch()
    found.port = listening.getsockname()[1]
    thread = threading.Thread(target=found.serve, args=(listening, context), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return authority(tmp_path_factory.mktemp("tls"), "localhost")


def test_a_good_look_asks_the_address_and_a_bad_one_its_fail(certificates: tuple[Path, Path]) -> None:
    with switch(certificates[1]) as one:
        for good in (True, False):
            ping(Secret(f"https://localhost:{one.port}{PATH}"), good, certificates[0])
    assert one.asked == [f"GET {PATH} HTTP/1.1", f"GET {PATH}/fail HTTP/1.1"]


def test_this_machine_is_asked_without_tls_and_a_question_stays_behind_the_path() -> None:
    with switch() as one:
        ping(Secret(f"http://127.0.0.1:{one.port}{PATH}/?x=1"), good=False)
    assert one.asked == [f"GET {PATH}/fail?x=1 HTTP/1.1"]


@pytest.mark.parametrize(
    "address",
    [
        *("http://192.0.2.1/x", "http://localhost/x", "http://[::ffff:192.0.2.1]/x", "ftp://127.0.0.1/x", "", "x"),
        *("https://", "https://amy:pw@hc.example/x", "https://hc.example/a b", "https://hc.example/\r\nX:y"),
        *("https://[::1", "https://hc.example:99999/x", "https://hc.example/ü", "http://127.0.0.1.example/x"),
    ],
)
def test_an_address_that_must_not_be_asked_is_refused_without_being_shown(address: str) -> None:
    with pytest.raises(InvalidRequest) as told:
        ping(Secret(address), good=True)
    assert len(address) < 9 or address not in f"{told.value} {told.value.hint}"


@pytest.mark.parametrize(("host", "trusted"), [("localhost", False), ("127.0.0.1", True)])
def test_whoever_cannot_show_who_they_are_is_not_asked(
    certificates: tuple[Path, Path], host: str, trusted: bool
) -> None:
    with switch(certificates[1]) as one, pytest.raises(Unreachable, match="is not who it says"):
        ping(Secret(f"https://{host}:{one.port}{PATH}"), True, certificates[0] if trusted else None)
    assert one.asked == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 404 Not Found\r\n\r\n", Refused),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/elsewhere\r\n\r\n", Refused),
        (b"SSH-2.0-OpenSSH\r\n", Unreachable),
        (b"", Unreachable),
    ],
)
def test_an_answer_that_is_no_yes_is_told_and_nothing_is_followed(answer: bytes, error: type[OpsError]) -> None:
    with switch() as one:
        one.answer = answer
        with pytest.raises(error) as told:
            ping(Secret(f"http://127.0.0.1:{one.port}{PATH}"), good=True)
    assert "5f2c" not in f"{told.value} {told.value.hint} {told.value.__cause__}"
    assert len(one.asked) == 1


def test_an_answer_octet_by_octet_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_man, "LONGEST", 0.5)
    with switch() as one:
        one.answer, one.pause = b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 90, 0.1
        with pytest.raises(Unreachable):
            ping(Secret(f"http://127.0.0.1:{one.port}{PATH}"), good=True)


def watched(lead: Desk, port: int) -> Desk:
    """The workspace with a switch."""
    (lead.folder / "ping").write_text(f"http://127.0.0.1:{port}{PATH}\n")
    (lead.folder / "ping").chmod(0o600)
    with (lead.folder / "ops.toml").open("a", encoding="utf-8") as file:
        file.write('[settings]\nbackup_ping = "file:ping"\n')
    return lead


def test_a_look_is_one_line_and_the_switch_is_told(tmp_path: Path, kept: Kept) -> None:
    lead = desk(tmp_path / "lead", kept)
    plan = lead.folder / "inventory/backups.yaml"
    plan.write_text(plan.read_text().replace(str(kept.repository), "/nowhere"))
    with switch() as one:
        watched(lead, one.port)
        said = lead.ops("backup", "watch")
        (line,) = said.out.splitlines()
        assert (said.code, line.startswith("backups FAIL: ")) == (3, True), said.err
        assert line.endswith(")")
        assert "(record " in line
        assert one.asked == [f"GET {PATH}/fail HTTP/1.1"]
        found = lead.ops("backup", "watch", "--json").json
        assert (found["verdict"], found["told"], bool(found["findings"])) == ("FAIL", "told", True)
    silent = lead.ops("backup", "watch")
    assert (silent.code, silent.out.startswith("backups FAIL: ")) == (3, True)
    assert "not told: the dead man's switch at 127.0.0.1 did not answer" in silent.err
    assert "5f2c" not in silent.out + silent.err


def test_a_good_look_asks_the_address_itself(tmp_path: Path) -> None:
    """An empty plan is looked at and nothing is known of it: good only for whoever asks for failures alone."""
    lead = bare(tmp_path / "w", "Lea")
    (lead.folder / "inventory/backups.yaml").write_text("systems: {}\n")
    with switch() as one:
        watched(lead, one.port)
        assert lead.ops("backup", "watch").code == 3
        assert lead.ops("backup", "watch", "--fail-on", "fail").code == 0
    assert one.asked == [f"GET {PATH}/fail HTTP/1.1", f"GET {PATH} HTTP/1.1"]


def test_where_nothing_could_be_looked_at_the_switch_hears_of_it(tmp_path: Path) -> None:
    lead = bare(tmp_path / "w", "Lea")
    with switch() as one:
        said = watched(lead, one.port).ops("backup", "watch")
    assert (said.code, "there is no inventory/backups.yaml" in said.err) == (1, True)
    assert one.asked == [f"GET {PATH}/fail HTTP/1.1"]


def test_without_a_switch_nobody_is_asked_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    lead = bare(tmp_path / "w", "Lea")
    (lead.folder / "inventory/backups.yaml").write_text("systems: {}\n")
    assert "not told" not in lead.ops("backup", "watch").err
    (lead.folder / "ping").write_text("http://192.0.2.1/x\n")
    (lead.folder / "ping").chmod(0o640)
    with (lead.folder / "ops.toml").open("a", encoding="utf-8") as file:
        file.write('[settings]\nbackup_ping = "file:ping"\n')
    assert "can be read by others" in lead.ops("backup", "watch").err
    (lead.folder / "ping").chmod(0o600)
    said = lead.ops("backup", "watch", "--fail-on", "fail")
    assert (said.code, "plain http only to 127.0.0.1" in said.err) == (0, True)


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_where_nobody_can_be_shown_how_it_went_the_switch_hears_of_it(tmp_path: Path, words: Sequence[str]) -> None:
    """A full disk takes the line of a timer's log; what was told before is told to be wrong."""
    lead = bare(tmp_path / "w", "Lea")
    (lead.folder / "inventory/backups.yaml").write_text("systems: {}\n")
    argv = [sys.executable, "-m", "ops.cli.main", "backup", "watch", "--fail-on", "fail", *words]
    with switch() as one, Path("/dev/full").open("w") as full:
        watched(lead, one.port)
        done = subprocess.run(argv, cwd=lead.folder, stdout=full, stderr=subprocess.DEVNULL, timeout=60, check=False)
    assert done.returncode == 1
    assert one.asked[-1] == f"GET {PATH}/fail HTTP/1.1"


def test_what_nobody_foresaw_is_told_the_switch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lead = bare(tmp_path / "w", "Lea")
    with switch() as one:
        monkeypatch.chdir(watched(lead, one.port).folder)
        monkeypatch.setattr("ops.cli.backup_watching.look", lambda *_: 1 / 0)
        with open_site(enter=False) as site, pytest.raises(ZeroDivisionError):
            watch(site, Verdict.FAIL, as_json=False)
    assert one.asked == [f"GET {PATH}/fail HTTP/1.1"]


def test_what_somebody_answers_for_is_not_counted_as_well() -> None:
    found = [
        Finding("vault", "vault", "room", Verdict.PASS, f"{WAIVED}2027-01-31 by Bob Ray (x): full", ""),
        Finding("homes", "homes", "freshness", Verdict.PASS, "the newest data are 3 h old", ""),
    ]
    assert "1 WAIVED" in line(Verdict.PASS, found, "R")
    assert "1 PASS" in line(Verdict.PASS, found, "R")
