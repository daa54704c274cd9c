"""Whose connections to a directory are open: the kernel tells which there are, the controller's log who opened each.

Read of Samba's log of sign-ins as JSON (smb.conf(5): ``log level = … auth_json_audit:4@FILE``, one event a line):
``Authorization`` for each sign-in by password or ticket, ``Authentication`` for each trial. After a trial that was
refused Samba 4.17 leaves a connection to whoever signed in on it before, whatever RFC 4513 section 4 says; a test on
the practice network holds it to this. The directory itself tells nobody.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ops.adapters.host import RESTART, Fields, Machine
from ops.adapters.host_shell import Shell, absolute, done
from ops.errors import ApplyFailed, Conflict, NotAuthorised

LDAP = " or ".join(f"sport = :{port}" for port in (389, 636, 3268, 3269))
OPEN = ["ss", "-Htn", "state", "established", f"( {LDAP} )"]
SCOPE = re.compile(r"%[^:]*")  # the interface of a link-local end, which ss(8) prints and does not take
NOBODY = "nobody"
GONE_WITHIN = 5.0  # seconds
Ends = tuple[str, str]  # here and there, such as 198.51.100.10:636 and 198.51.100.5:43210


class Connections:
    """The connections to the directory of one controller."""

    def __init__(self, shell: Shell, machine: Machine) -> None:
        self._shell, self._log = shell, machine.sign_in_log

    def read_connections(self, sid: str) -> Fields | None:
        """``open``: how many somebody has, by their SID, for names change; ``unknown``: how many nobody is told of.

        None where all are somebody else's, or where no log is kept.
        """
        owners = self._owners()
        mine, unknown = _of(owners, sid), [pair for pair, owner in owners.items() if owner is None]
        return {"open": str(len(mine)), "unknown": str(len(unknown))} if mine or unknown else None

    def swap_connections(self, sid: str, before: Fields | None, after: Fields | None) -> None:  # noqa: ARG002
        """End those somebody has, and see that they are gone."""
        if after is not None:
            raise Conflict("nothing opens a connection again", hint="they open by themselves")
        limit = time.monotonic() + GONE_WITHIN
        while mine := _of(self._owners(), sid):
            if time.monotonic() > limit:
                raise ApplyFailed("connections to the directory stay open", hint=RESTART)
            for here, there in mine:
                argv = ["ss", "-K", "-Htn", "src", here, "dst", there]
                done(self._shell.run(argv, writes=True), "ending a connection")

    def _owners(self) -> dict[Ends, str | None]:
        """Both ends of each open connection → the SID of who signed in on it last."""
        if not self._log:
            return {}
        rows = done(self._shell.run(OPEN, root=False), "listing connections").text.splitlines()
        pairs = [(here, there) for _, _, here, there, *_ in (SCOPE.sub("", row).split() for row in rows)]
        return self._signed_in(pairs) if pairs else {}

    def _signed_in(self, pairs: Sequence[Ends]) -> dict[Ends, str | None]:
        """Who signed in on each; None where no log tells. The newest is read first, for it may be rotated meanwhile."""
        log = absolute(self._log)
        lines = self._lines(log, pairs)
        if lines is None:
            raise NotAuthorised(f"{log} cannot be read", hint="let your account there read it: ops help hosts")
        told: dict[Ends, str] = {}
        for line in (*(self._lines(f"{log}.old", pairs) or ()), *lines):
            for ends, sid in _sign_in(line):
                told[ends] = sid if sid != NOBODY else told.get(ends, NOBODY)
        return {pair: told.get((as_logged(pair[0]), as_logged(pair[1]))) for pair in pairs}

    def _lines(self, path: str, pairs: Sequence[Ends]) -> list[str] | None:
        """The lines that name the other end of one of these; None if there is no such file to read."""
        patterns = "".join(f'"{as_logged(there)}"\n' for _, there in pairs).encode()
        answer = self._shell.run(["grep", "-ashF", "-f", "-", "--", path], root=False, stdin=patterns)
        return answer.out.decode(errors="replace").split("\n") if answer.code <= 1 else None


def _sign_in(line: str) -> Iterator[tuple[Ends, str]]:
    """Both ends and the SID of one line, if it is an event of that kind."""
    try:
        event: Any = json.loads(line)
        told = event[event["type"]]
        ends = str(told["localAddress"]), str(told["remoteAddress"])
        if event["type"] == "Authorization":
            yield ends, str(told["sid"])
        elif told["status"] != "NT_STATUS_OK":
            yield ends, NOBODY
    except (ValueError, KeyError, TypeError):
        return  # half a line, or another kind of event


def as_logged(end: str) -> str:
    """An end as ss(8) prints it, ``[2001:db8::1]:5`` or ``198.51.100.5:5``, as Samba writes it."""
    address, _, port = end.rpartition(":")
    inner = address.strip("[]").removeprefix("::ffff:")
    return f"ipv{6 if ':' in inner else 4}:{inner}:{port}"


def _of(owners: Mapping[Ends, str | None], sid: str) -> list[Ends]:
    return [pair for pair, owner in owners.items() if owner == sid]
