"""Whose connections to a directory are open: what the kernel lists and what the log of sign-ins says, put together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from ops.adapters.directory_entry import Entry
from ops.adapters.host import Connections as Ended
from ops.adapters.host import Machine
from ops.adapters.host_connections import Connections, as_logged
from ops.adapters.host_projection import ProjectedHost
from ops.adapters.host_shell import Answer
from ops.audits.user.access import _connected
from ops.errors import ApplyFailed, NotAuthorised, NotOffered
from ops.finding import Verdict
from ops.operation import load_operation
from tests.company import SID, directory, person

HERE = "198.51.100.10:636"
LOG = "/var/log/sign-ins.json"


SIDS = {"amy.ng": f"{SID}-1105", "bob.ray": f"{SID}-1106"}


def event(end: str, account: str, kind: str = "Authorization", here: str = HERE, **more: Any) -> str:
    whose = {"account": account, "sid": SIDS[account]} if kind == "Authorization" else {"clientAccount": account}
    told = {"localAddress": as_logged(here), "remoteAddress": as_logged(end), **whose, **more}
    return json.dumps({"type": kind, kind: told}) + "\n"


@dataclass
class Controller:
    """A shell that knows two programs: ss over a set of open ends, grep over the lines of two logs."""

    ends: list[str]
    log: str = ""
    old: str | None = None
    stubborn: bool = False
    readable: bool = True
    ended: list[str] = field(default_factory=list)

    def run(self, argv: Sequence[str], *, stdin: bytes = b"", **_: Any) -> Answer:
        if argv[0] == "ss" and argv[1] == "-K":
            self.ended.append(argv[-1])
            if not self.stubborn:
                self.ends.remove(argv[-1])
            return Answer(0, b"")
        if argv[0] == "ss":
            return Answer(0, "".join(f"0 0 {HERE} {end}\n" for end in self.ends).encode())
        text = self.old if argv[-1].endswith(".old") else self.log
        if text is None or not self.readable:
            return Answer(2, b"")
        wanted = stdin.decode().split()
        found = "".join(f"{line}\n" for line in text.split("\n") if any(end in line for end in wanted))
        return Answer(0 if found else 1, found.encode())

    def knock(self) -> None:
        return None

    def close(self) -> None: ...


def looked(controller: Controller, logon: str = "amy.ng", log: str = LOG) -> Any:
    return Connections(controller, Machine("dc1", sign_in_log=log)).read_connections(SIDS[logon])


FIRST, SECOND, THIRD = "198.51.100.5:43210", "198.51.100.6:4321", "[2001:db8::7]:50000"


def test_each_connection_counts_for_who_signed_in_on_it() -> None:
    told = event(FIRST, "amy.ng").replace("amy.ng", "amy.lee") + event(SECOND, "bob.ray") + event(THIRD, "amy.ng")
    assert looked(Controller([FIRST, SECOND, THIRD], told)) == {"open": "2", "unknown": "0"}
    assert looked(Controller([SECOND], told)) is None


def test_what_no_log_tells_of_is_unknown_and_nobodys() -> None:
    assert looked(Controller([FIRST, SECOND], event(FIRST, "bob.ray"))) == {"open": "0", "unknown": "1"}


def test_without_a_log_there_is_nothing_to_say() -> None:
    assert looked(Controller([FIRST], event(FIRST, "amy.ng")), log="") is None


def test_the_last_sign_in_on_a_connection_counts() -> None:
    right = event(FIRST, "amy.ng", "Authentication", status="NT_STATUS_OK")
    mine = event(FIRST, "amy.ng")
    assert looked(Controller([FIRST], mine + event(FIRST, "bob.ray"))) is None
    assert looked(Controller([FIRST], event(FIRST, "bob.ray") + right + mine)) == {"open": "1", "unknown": "0"}


def test_a_trial_that_was_refused_hides_nobody_and_alone_is_nobodys() -> None:
    refused = event(FIRST, "amy.ng", "Authentication", status="NT_STATUS_WRONG_PASSWORD")
    assert looked(Controller([FIRST], event(FIRST, "amy.ng") + refused)) == {"open": "1", "unknown": "0"}
    assert looked(Controller([FIRST], refused)) is None


def test_a_sign_in_to_another_port_from_the_same_end_says_nothing_of_this_one() -> None:
    """A client may use one port of its own toward several of the controller's: 445, 88, 3269."""
    elsewhere = event(FIRST, "bob.ray", here="198.51.100.10:3269")
    assert looked(Controller([FIRST], event(FIRST, "amy.ng") + elsewhere)) == {"open": "1", "unknown": "0"}
    assert looked(Controller([FIRST], elsewhere)) == {"open": "0", "unknown": "1"}


def test_a_log_that_is_rotated_while_it_is_read_loses_nothing() -> None:
    class Rotating(Controller):
        def run(self, argv: Sequence[str], **more: Any) -> Answer:
            answer = super().run(argv, **more)
            if argv[0] == "grep":
                self.log, self.old = "", self.log or self.old
            return answer

    before = event(FIRST, "bob.ray")
    assert looked(Rotating([FIRST], event(FIRST, "amy.ng"), before)) == {"open": "1", "unknown": "0"}


def test_an_end_with_an_interface_is_known_and_ended_without_it() -> None:
    here, there = "[fe80::10]%eth0:636", "[fe80::1]:50000"

    class LinkLocal(Controller):
        def run(self, argv: Sequence[str], **more: Any) -> Answer:
            if argv[1] == "-K":
                assert argv[4] == "[fe80::10]:636"
            answer = super().run(argv, **more)
            return Answer(0, answer.out.replace(HERE.encode(), here.encode()))

    controller = LinkLocal([there], event(there, "amy.ng", here="[fe80::10]:636"))
    assert looked(controller) == {"open": "1", "unknown": "0"}
    Connections(controller, Machine("dc1", sign_in_log=LOG)).swap_connections(SIDS["amy.ng"], None, None)
    assert controller.ended == [there]


def test_the_log_before_its_last_rotation_is_read_first() -> None:
    assert looked(Controller([FIRST], "", event(FIRST, "amy.ng"))) == {"open": "1", "unknown": "0"}
    assert looked(Controller([FIRST], event(FIRST, "bob.ray"), event(FIRST, "amy.ng"))) is None


def test_half_lines_and_other_events_are_passed_over() -> None:
    noise = event(FIRST, "amy.ng")[:40] + "\n" + '["ipv4:198.51.100.5:43210"]\n' + '{"type": "KDC \\"ipv4:'
    assert looked(Controller([FIRST], noise)) == {"open": "0", "unknown": "1"}


def test_a_name_with_a_line_separator_in_it_ends_no_line() -> None:
    told = event(FIRST, "amy.ng").replace("amy.ng", "amy\u2028ng\x85")
    assert looked(Controller([FIRST], told)) == {"open": "1", "unknown": "0"}


def test_a_log_that_cannot_be_read_is_never_taken_for_an_empty_one() -> None:
    with pytest.raises(NotAuthorised, match="cannot be read"):
        looked(Controller([FIRST], readable=False))


def test_only_theirs_are_ended_and_one_that_stays_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    told = event(FIRST, "amy.ng") + event(SECOND, "bob.ray")
    controller = Controller([FIRST, SECOND], told)
    machine = Machine("dc1", sign_in_log=LOG)
    Connections(controller, machine).swap_connections(SIDS["amy.ng"], {"connections": "all"}, None)
    assert (controller.ended, controller.ends) == ([FIRST], [SECOND])
    monkeypatch.setattr("ops.adapters.host_connections.GONE_WITHIN", 0.0)
    with pytest.raises(ApplyFailed, match="stay open"):
        Connections(Controller([FIRST], told, stubborn=True), machine).swap_connections(SIDS["amy.ng"], {}, None)


@pytest.mark.parametrize(
    ("end", "logged"),
    [
        ("198.51.100.5:1", "ipv4:198.51.100.5:1"),
        ("[2001:db8::7]:1", "ipv6:2001:db8::7:1"),
        ("[::ffff:198.51.100.5]:1", "ipv4:198.51.100.5:1"),
    ],
)
def test_ends_are_written_as_the_log_writes_them(end: str, logged: str) -> None:
    assert as_logged(end) == logged


def test_a_picture_of_a_controller_forgets_them_as_the_controller_does() -> None:
    picture = ProjectedHost(known={f"connections:{SIDS['amy.ng']}": {"open": "2", "unknown": "1"}})
    ending = Ended(f"connections:{SIDS['amy.ng']}", {"connections": "all"}, None, "Amy Ng", host="dc1")
    assert not ending.holds(picture)
    ending.apply(picture)
    assert ending.holds(picture)
    assert ending.inverse() is None


def planned(found: Any, log: str = LOG) -> list[Any]:
    """What the operation would do about Amy where this is found."""
    amy = person("amy.ng", 1105)
    host = ProjectedHost(known={f"connections:{SIDS['amy.ng']}": found}, machine=Machine("dc1-host", sign_in_log=log))
    return list(load_operation("host.end_connections").function(host, directory(amy), account="amy.ng"))


def test_only_where_the_log_tells_that_all_are_closed_is_there_nothing_to_do() -> None:
    assert planned(None) == []
    assert planned({"open": "0", "unknown": "0"}) == []
    assert len(planned({"open": "1", "unknown": "2"})) == 2
    with pytest.raises(NotOffered, match="2 open on dc1-host, and its log does not tell whose"):
        planned({"open": "0", "unknown": "2"})
    with pytest.raises(NotOffered, match="dc1-host has no log"):
        planned(None, log="")


@pytest.mark.parametrize(
    ("controllers", "rules"),
    [
        (["dc1"], ["on dc1-host"]),
        (["dc1", "dc2"], ["on dc1-host", ""]),
        ([], ["on dc1-host", ""]),
    ],
    ids=["all are looked at", "one is not", "none may be seen"],
)
def test_each_controller_is_looked_at_or_said(controllers: list[str], rules: list[str]) -> None:
    host = ProjectedHost(
        known={f"connections:{SID}-1105": None},
        machine=Machine("dc1-host", sign_in_log=LOG, hostname="dc1.lab.example"),
    )
    hosts = SimpleNamespace(names=lambda: ("dc1-host",), host=lambda _: host)
    found = [Entry("", "", {"dNSHostName": (f"{name.upper()}.lab.example",)}) for name in controllers]
    lines = list(_connected(person("amy.ng", 1105), SimpleNamespace(search=lambda _: found), hosts))
    assert [line.rule.removeprefix("LDAP connections opened before").strip() for line in lines] == rules
    assert [line.verdict for line in lines] == [Verdict.PASS, Verdict.UNKNOWN][: len(rules)]
