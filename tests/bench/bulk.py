"""500 starters with five groups each from a CSV file, evidence and all, beside ldapmodify and samba-tool."""

from __future__ import annotations

import base64
import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from statistics import median

from evidence.event import Event
from evidence.identity import Identity
from evidence.ledger import Ledger
from inventory.lab import Lab, Running
from inventory.lab.rights import ROLES, STAFF
from inventory.load import load
from tests.bench.onboard import samba_tool
from tests.bench.stage import GROUPS, OPS, Figure, directory_alone, inside, network, paired, timed

PEOPLE, ROUNDS = 500, 3
APPLY, WHOLE, TOOL = 0.8, 0.6, 7.0
COLUMNS = ("given", "family", "employee", "department", "title", "groups")


def starters(name: str, path: Path, count: int = PEOPLE) -> Path:
    """A file of rows; ``name`` keeps one round's people apart from another's."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(
            (f"Given{n}", f"{name}{n}", f"{name}{n:05}", "Sales", "Assistant", ",".join(GROUPS)) for n in range(count)
        )
    return path


def ops(workspace: Path, number: int) -> float:
    """The whole command, from process start to exit."""
    rows = starters(f"Bulk{number}x", workspace / f"rows{number}.csv")
    return timed([*OPS, "user", "onboard", "--rows", str(rows), "--yes"], workspace)


def applying(workspace: Path) -> float:
    """Of the newest bulk run the seconds between its plans and its last outcomes: intents, writes, read-back."""
    state = load(workspace).state
    ledger = Ledger(state / "ledger.db", Identity.load(state).chain, read_only=True)
    runs = [one.run for one in ledger.runs()]
    mine = [run for run in runs if run.partition("-")[0] == runs[0].partition("-")[0]]
    return sum(_between(ledger.run(run)) for run in mine)


def _between(events: list[Event]) -> float:
    moments = [datetime.fromisoformat(one.at) for one in events if one.kind in ("planned", "outcome")]
    return (moments[-1] - moments[0]).total_seconds()


def ldapmodify(lab: Lab, running: Running, work: Path, number: int) -> float:
    """One process fed the very same requests: add, five members, a password to be changed, enable."""
    ldif, password = work / f"peer{number}.ldif", work / "peer.secret"
    ldif.write_text("\n".join(_entries(f"Peer{number}x", running)), encoding="utf-8")
    password.touch(mode=0o600)
    password.write_text(running.password_file("onboarding1").read_text().strip())
    bind = ["-x", "-D", f"onboarding1@{running.domain}", "-y", str(password), "-H", f"ldaps://{running.controller}"]
    return timed([*inside(lab), "ldapmodify", *bind, "-f", str(ldif)], work)


def _entries(name: str, running: Running) -> Iterator[str]:
    secret = base64.b64encode('"Bench-Horse-Battery-7712"'.encode("utf-16-le")).decode()
    for n in range(PEOPLE):
        logon, domain = f"{name}{n}", running.domain
        dn = f"dn: CN={logon},{STAFF}"
        yield from (dn, "changetype: add", "objectClass: user", f"sAMAccountName: {logon}")
        yield from (f"userPrincipalName: {logon}@{domain}", f"mail: {logon}@{domain}", f"displayName: {logon}")
        yield from (f"givenName: Given{n}", f"sn: {logon}", f"employeeID: {logon}", "userAccountControl: 514")
        yield from ("department: Sales", "title: Assistant", f"adminDescription: {logon}", "")
        for group in GROUPS:
            yield from (f"dn: CN={group},{ROLES}", "changetype: modify", "add: member", f"member: {dn[4:]}", "")
        yield from (dn, "changetype: modify", "replace: unicodePwd", f"unicodePwd:: {secret}", "-")
        yield from ("delete: pwdLastSet", "pwdLastSet: 0", "-", "add: pwdLastSet", "pwdLastSet: 0", "")
        yield from (dn, "changetype: modify", "delete: userAccountControl", "userAccountControl: 514", "-")
        yield from ("add: userAccountControl", "userAccountControl: 512", "")


def main() -> list[Figure]:
    """Each in a domain of its own: groups grow slower as they grow, so whoever came second would lose."""
    applied: list[float] = []

    def mine(number: int) -> float:
        with network() as (_, _, workspace):
            directory_alone(workspace)
            took = ops(workspace, number)
            applied.append(applying(workspace))
            return took

    def peer(number: int) -> float:
        with network() as (lab, running, workspace):
            return ldapmodify(lab, running, workspace.parent, number)

    whole, modify = map(median, paired(ROUNDS, mine, peer))
    with network() as (lab, running, workspace):
        tool = median(samba_tool(lab, running, workspace.parent, number) for number in range(3)) * PEOPLE
    apply = median(applied)
    said, what = f"ldapmodify {modify:.1f} s", f"{PEOPLE} starters from CSV"
    tools = f"samba-tool {tool:.0f} s (3 measured)"
    return [
        Figure(f"{what}: apply", f"{apply:.1f} s", said, modify / apply, f"at least {APPLY}", modify >= APPLY * apply),
        Figure(f"{what}: whole", f"{whole:.1f} s", said, modify / whole, f"at least {WHOLE}", modify >= WHOLE * whole),
        Figure(f"{what}: whole", f"{whole:.1f} s", tools, tool / whole, f"at least {TOOL}", tool >= TOOL * whole),
    ]
