"""Whose connections to a directory are open: the kernel tells which there are, the controller's log who opened each.

Read of Samba's log of sign-ins as JSON (smb.conf(5): ``log level = … auth_json_audit:4@FILE``, one event a line):
``Authorization`` for each sign-in by password or ticket, ``Authentication`` for each trial. A connection whose last
trial was refused is anonymous (RFC 4513 section 4). The directory itself tells nobody.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ops.adapters.host import Fields, Machine
from ops.adapters.host_shell import Shell, absolute, done
from ops.errors import ApplyFailed, Conflict

LDAP = " or ".join(f"sport = :{port}" for port in (389, 636, 3268, 3269))
OPEN = ["ss", "-Htn", "state", "established", f"( {LDAP} )"]
NOBODY = ""
GONE_WITHIN = 5.0  # seconds
RESTART = "restart the directory service there, or wait until it ends idle ones"


class Connections:
    """The connections to the directory of one controller."""

    def __init__(self, shell: Shell, machine: Machine) -> None:
        self._shell, self._log = shell, machine.sign_in_log

    def read_connections(self, logon: str) -> Fields | None:
        """``open``: how many somebody has; ``unknown``: how many the log does not tell the owner of.

        None where all are somebody else's, or where no log is kept.
        """
        owners = self._owners()
        mine, unknown = _of(owners, logon), [pair for pair, owner in owners.items() if owner is None]
        return {"open": str(len(mine)), "unknown": str(len(unknown))} if mine or unknown else None

    def swap_connections(self, logon: str, before: Fields | None, after: Fields | None) -> None:  # noqa: ARG002
        """End those somebody has, and see that they are gone."""
        if after is not None:
            raise Conflict("nothing opens a connection again", hint="they open by themselves")
        limit = time.monotonic() + GONE_WITHIN
        while mine := _of(self._owners(), logon):
            if time.monotonic() > limit:
                raise ApplyFailed(f"connections of {logon} to the directory stay open", hint=RESTART)
            for here, there in mine:
                argv = ["ss", "-K", "-Htn", "src", here, "dst", there]
                done(self._shell.run(argv, writes=True), f"ending the connections of {logon}")

    def _owners(self) -> dict[tuple[str, str], str | None]:
        """Both ends of each open connection → who signed in on it last."""
        if not self._log:
            return {}
        rows = done(self._shell.run(OPEN, root=False), "listing connections").text.splitlines()
        pairs = [(row.split()[2], row.split()[3]) for row in rows if row.strip()]
        names = dict(self._signed_in([there for _, there in pairs])) if pairs else {}
        return {pair: names.get(as_logged(pair[1])) for pair in pairs}

    def _signed_in(self, ends: list[str]) -> Iterator[tuple[str, str]]:
        """Remote end → account, oldest first, so that the last one counts where a port was used again."""
        patterns = "".join(f'"{as_logged(end)}"\n' for end in ends).encode()
        log = absolute(self._log)
        for path, needed in ((f"{log}.old", False), (log, True)):
            answer = self._shell.run(["grep", "-shF", "-f", "-", "--", path], root=False, stdin=patterns)
            if needed and answer.code > 1:
                raise ApplyFailed(f"{log} cannot be read", hint="let your account there read it: ops help hosts")
            for line in answer.out.decode(errors="replace").splitlines():
                yield from _sign_in(line)


def _sign_in(line: str) -> Iterator[tuple[str, str]]:
    """The remote end and the account of one line, if it is an event of that kind."""
    try:
        event: Any = json.loads(line)
        told = event[event["type"]]
        if event["type"] == "Authorization":
            yield str(told["remoteAddress"]), str(told["account"]).lower()
        elif told["status"] != "NT_STATUS_OK":
            yield str(told["remoteAddress"]), NOBODY
    except (ValueError, KeyError, TypeError):
        return  # half a line, or another kind of event


def as_logged(end: str) -> str:
    """An end as ss(8) prints it, ``[fe80::1]:5`` or ``198.51.100.5:5``, as Samba writes it."""
    address, _, port = end.rpartition(":")
    inner = address.strip("[]").partition("%")[0]
    if inner.startswith("::ffff:"):
        inner = inner.removeprefix("::ffff:")
    return f"ipv{6 if ':' in inner else 4}:{inner}:{port}"


def _of(owners: Mapping[tuple[str, str], str | None], logon: str) -> list[tuple[str, str]]:
    return [pair for pair, owner in owners.items() if owner == logon.lower()]
