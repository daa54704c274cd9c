"""Who can still get in: every way that is known, closed, closing, open or not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated

from ops.adapters.directory import DirectorySearchReader
from ops.adapters.directory_entry import Entry
from ops.adapters.host import NEVER, HostReader
from ops.adapters.hosts import HostsReader
from ops.adapters.past import PastReader, Tried
from ops.audit import audit
from ops.errors import OpsError
from ops.finding import Finding, Seen, Verdict

WORDS = {Verdict.PASS: "CLOSED", Verdict.WARN: "BOUNDED", Verdict.UNKNOWN: "NOT LOOKED AT", Verdict.FAIL: "OPEN"}
CODES = {"533": "disabled", "701": "expired", "530": "no hour allowed", "531": "not from here", "revoked": "revoked"}
LEFT = {"keys": "keys", "jobs": "a crontab", "queued": "queued jobs", "linger": "services that linger"}
WAYS = {"ldap": "password over LDAP", "kerberos": "Kerberos ticket"}
CONTROLLERS = (
    "(&(objectCategory=computer)(|(primaryGroupID=516)(primaryGroupID=521)))"  # MS-DTYP 2.4.2.4; 521: read-only
)
NOT_HERE = ("mail, VPN, web services and network devices: this version has no way to ask them",)


@audit
def access(
    directory: DirectorySearchReader,
    hosts: HostsReader,
    past: PastReader,
    account: Annotated[str, "logon name, such as amy.ng"],
) -> Iterator[Finding | Seen]:
    """Look at every way in that somebody has or had, and say of each whether it is closed.

    CLOSED means that a trial was refused; BOUNDED that it ends by itself at a known time; anything else is open or
    was not looked at. Trials use only passwords and keys that this tool made itself.
    """
    user = directory.account(account)
    findings = [*_sign_in(user, past.tried(user.ref), directory), *_already_given(user, directory)]
    for name in hosts.names():
        findings += _on_host(name, user.logon_name.lower(), hosts)
    findings += _connected(user, directory, hosts)
    yield from findings
    looked = [finding for finding in findings if finding.verdict != Verdict.UNKNOWN]
    yield Seen(len(looked), "ways in", NOT_HERE)


def _sign_in(user: Entry, tried: Tried | None, directory: DirectorySearchReader) -> Iterator[Finding]:
    """New sign-ins to the domain. A trial counts as long as nobody has written the password since."""
    still = tried is not None and directory.password_writes(user.ref) == tried.password_version
    for way, label in WAYS.items():
        answer = tried.answers.get(way, "") if tried and still else ""
        if user.enabled:
            yield _finding(
                user, label, Verdict.FAIL, "the account is enabled", f"ops account disable {user.logon_name}"
            )
        elif tried and answer in CODES:
            because = (
                f"refused ({CODES[answer]}) at {tried.at:%Y-%m-%d %H:%M} UTC with a password run {tried.run} had set"
            )
            yield _finding(user, label, Verdict.PASS, because)
        else:
            because = "disabled, and no run of ours has tried it since the password was last set"
            yield _finding(user, label, Verdict.UNKNOWN, because, f"ops user offboard --logon {user.logon_name}")


def _already_given(user: Entry, directory: DirectorySearchReader) -> Iterator[Finding]:
    """What was given before the account was disabled and is good without asking a controller again."""
    cut = directory.written(user.ref, "userAccountControl")
    hours = directory.domain.ticket_hours
    label = "service tickets given before"
    if user.enabled:
        yield _finding(user, label, Verdict.FAIL, "the account is enabled, so new ones are given")
    elif cut is None:
        yield _finding(user, label, Verdict.UNKNOWN, "the directory does not tell when the account was disabled")
    else:
        end = cut + timedelta(hours=hours)
        over = end <= datetime.now(UTC)
        policy = f"disabled at {cut:%H:%M} UTC, tickets live {hours} h (ticket_hours of the inventory)"
        because = f"the last ended at {end:%Y-%m-%d %H:%M} UTC" if over else f"until {end:%Y-%m-%d %H:%M} UTC: {policy}"
        yield _finding(user, label, Verdict.PASS if over else Verdict.WARN, because)
    because = "a computer that is off the network may still accept the old password"
    yield _finding(user, "cached sign-ins on workstations", Verdict.UNKNOWN, because, "get the computer back")


def _connected(user: Entry, directory: DirectorySearchReader, hosts: HostsReader) -> Iterator[Finding]:
    """Connections to the directory that were open: a controller's own log tells whose they are, if we may read it."""
    label, told = "LDAP connections opened before", set()
    for name in hosts.names():
        with suppress(OpsError):
            host = hosts.host(name)
            if host.machine.sign_in_log:
                verdict, because = _counted(host, user.first("objectSid"))
                told.add(host.machine.hostname.lower())
                next_step = f"ops host end-connections {user.logon_name} --on {name}" if verdict != Verdict.PASS else ""
                yield _finding(user, f"{label} on {name}", verdict, because, next_step)
    controllers = {entry.first("dNSHostName").lower() for entry in directory.search(CONTROLLERS)}
    others = ", ".join(sorted(controllers - told)) or "each controller"
    if not controllers or controllers - told:
        because = f"they go on until they are closed, and only the log of {others} tells whose"
        next_step = "sign_in_log in the inventory: ops help hosts; or restart the service"
        yield _finding(user, label, Verdict.UNKNOWN, because, next_step)


def _counted(host: HostReader, sid: str) -> tuple[Verdict, str]:
    """How many connections are open, and what that means."""
    try:
        found = host.read(f"connections:{sid}") or {}
    except OpsError as error:
        return Verdict.UNKNOWN, str(error)
    mine, unknown = int(found.get("open", 0)), int(found.get("unknown", 0))
    if mine:
        return Verdict.FAIL, f"{mine} open: they go on after an account is disabled"
    if unknown:
        return Verdict.UNKNOWN, f"{unknown} open of which the controller's log does not tell whose"
    return Verdict.PASS, "none open, by the controller's log of sign-ins"


def _on_host(name: str, login: str, hosts: HostsReader) -> list[Finding]:
    """Every way into one host."""
    try:
        return list(_into(name, login, hosts.host(name)))
    except OpsError as error:
        return [Finding(login, login, f"SSH to {name}", Verdict.UNKNOWN, str(error), error.hint)]


def _into(name: str, login: str, host: HostReader) -> Iterator[Finding]:
    found = host.read(f"login:{login}")
    ssh, next_step = f"SSH to {name}", f"ops host close-user {login} --on {name}"
    if found is None:
        yield Finding(login, login, ssh, Verdict.PASS, "no login there")
        return
    answer = (host.read(f"door:{login}") or {}).get("ssh", "")
    if answer.startswith("refused"):
        yield Finding(login, login, ssh, Verdict.PASS, f"a good key was {answer} (locked, expires {found['expires']})")
    elif answer == "open":
        state = "not locked" if found["expires"] == NEVER else "let a good key in"
        yield Finding(login, login, ssh, Verdict.FAIL, state, next_step)
    else:
        yield Finding(login, login, ssh, Verdict.UNKNOWN, answer or "not tried", next_step)
    processes = host.read(f"processes:{login}")
    count = f"{(processes or {}).get('processes', 'no')} processes"
    sessions = f"{(processes or {}).get('sessions', '0')} of them sessions"
    because = f"{count}, {sessions}" if processes else "no processes"
    yield Finding(login, login, f"sessions on {name}", _open_if(bool(processes)), because, next_step * bool(processes))
    left = [word for kind, word in LEFT.items() if host.read(f"{kind}:{login}")]
    because = f"{', '.join(left)} left" if left else "no keys, no crontab, no queued job, nothing that lingers"
    yield Finding(login, login, f"left on {name}", _open_if(bool(left)), because, next_step * bool(left))


def _open_if(found: bool) -> Verdict:
    return Verdict.FAIL if found else Verdict.PASS


def _finding(user: Entry, rule: str, verdict: Verdict, because: str, next_step: str = "") -> Finding:
    return Finding(user.ref, f"{user.name} ({user.logon_name})", rule, verdict, because, next_step)
