"""The checks of ``ops doctor``, each with what was found and how to mend it."""

from __future__ import annotations

import os
import platform
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from evidence.store import file_system
from inventory.model import Target
from ops import __version__
from ops.cli.record import anchors_match
from ops.cli.site import Site, open_site
from ops.errors import OpsError

FREE = 64 << 20  # bytes below which a ledger is in danger
SKEW = 300  # seconds Kerberos tolerates


@dataclass(frozen=True)
class Check:
    """``verdict`` is ok, warn or fail."""

    verdict: str
    name: str
    found: str
    fix: str = ""


def examine() -> list[Check]:
    """All checks, in the order in which one needs the other."""
    checks = [_versions()]
    try:
        with open_site() as site:
            checks.append(Check("ok", "workspace", str(site.workspace.folder)))
            checks += [_safely(look, site) for look in (_key, _ledger, _room, _records, _dates, _keyring)]
            directories = (one for one in site.workspace.targets.values() if one.kind == "directory")
            checks += [check for target in directories for check in _directory(site, target)]
            checks += [_host(site, one) for one in site.workspace.targets.values() if one.kind == "host"]
    except OpsError as error:
        checks.append(Check("fail", "workspace", str(error), error.hint))
    return checks


def _safely(look: Callable[[Site], Check], site: Site) -> Check:
    try:
        return look(site)
    except OpsError as error:
        return Check("fail", look.__name__.strip("_"), str(error), error.hint)
    except OSError as error:
        return Check(
            "fail", look.__name__.strip("_"), f"{error.strerror}: {error.filename}", "restore it from a backup"
        )


def _versions() -> Check:
    said = f"ops {__version__}, Python {platform.python_version()}"
    return (
        Check("warn", "versions", f"{said}, as root", "fine to practise; as yourself elsewhere")
        if _root()
        else Check("ok", "versions", said)
    )


def _root() -> bool:
    return os.geteuid() == 0


def _key(site: Site) -> Check:
    _ = site.signer
    kept = "with a passphrase" if site.identity.protected else "without a passphrase"
    verdict = "ok" if site.identity.protected or site.workspace.environment.kind == "LAB" else "warn"
    return Check(
        verdict,
        "signing key",
        f"{site.identity.fingerprint} {kept}",
        "" if verdict == "ok" else "ssh-keygen -p -f " + site.identity.key,
    )


def _ledger(site: Site) -> Check:
    faults = site.ledger.verify()
    if faults:
        return Check("fail", "ledger", f"{faults[0].problem} at event {faults[0].seq}", "keep it, and tell your mentor")
    return Check(
        "ok", "ledger", f"{site.ledger.head().size} events hold, on {file_system(site.workspace.state) or 'disk'}"
    )


def _room(site: Site) -> Check:
    free = shutil.disk_usage(site.workspace.state).free
    verdict = "ok" if free > FREE else "fail"
    return Check(verdict, "room", f"{free >> 20} MiB free for evidence", "" if verdict == "ok" else "free some space")


def _records(site: Site) -> Check:
    from ops.cli.runs import summary_rows

    open_runs = [row["run"] for row in summary_rows(site, 50) if row["status"] in ("unfinished", "interrupted")]
    if open_runs:
        return Check("warn", "runs", f"{len(open_runs)} not finished", f"ops run resume {open_runs[0]}")
    return Check("ok", "runs", "none is unfinished")


def _dates(site: Site) -> Check:
    from ops.cli.scheduling import BAD, standing

    jobs = standing(site)
    bad = [job for job in jobs if job.state in BAD]
    if bad:
        return Check("fail", "schedule", f"{bad[0].name} {bad[0].state}", "ops schedule list; ops schedule run-due")
    return Check("ok", "schedule", f"{len(jobs)} jobs, none was missed")


def _keyring(site: Site) -> Check:
    """Only matters where a password is to come from it."""
    import keyring

    wanted = [one.name for one in site.workspace.targets.values() if one.credential.startswith("keyring")]
    backend = keyring.get_keyring()
    there = getattr(backend, "priority", 0) > 0
    if there or not wanted:
        return Check("ok", "keyring", type(backend).__module__ if there else "none here, and none is needed")
    return Check("fail", "keyring", f"none here, and {wanted[0]} wants one", "use prompt or file:PATH in the inventory")


def _directory(site: Site, target: Target) -> Iterator[Check]:
    """Name, sign-in, clock and rights of one directory; the later ones only if the earlier hold."""
    host = target.settings.get("connect_to") or target.hostname
    try:
        address = socket.getaddrinfo(host, target.port or 636, type=socket.SOCK_STREAM)[0][4][0]
    except OSError:
        yield Check("fail", "name", f"{host} is not known here", "check the name and DNS")
        return
    yield Check("ok", "name", f"{target.hostname} is {address}")
    try:
        directory = site.targets[target.name]
    except OpsError as error:
        yield Check("fail", "sign-in", str(error), error.hint)
        return
    who = "confirmed by the directory" if directory.domain.confirmed else "not confirmed by the directory"
    yield Check("ok", "certificate", f"verified against {target.settings['ca_file']}")
    yield Check("ok" if directory.domain.confirmed else "warn", "sign-in", f"{target.account}, {who}")
    yield _anchored(site)
    yield _clock(directory)
    yield from _rights(directory, target)


def _host(site: Site, target: Target) -> Check:
    """Whether a host shows the key that was confirmed, lets us in, and lets us do there what it is for."""
    try:
        found = site.targets[target.name].facts()
        site.targets[target.name].read("connections:nobody" if target.settings.get("sign_in_log") else "login:root")
    except OpsError as error:
        return Check("fail", f"host {target.name}", str(error), error.hint)
    return Check("ok", f"host {target.name}", f"its key is the one confirmed; {found['room']}")


def _anchored(site: Site) -> Check:
    if anchors_match(site):
        return Check("ok", "environment", f"{site.workspace.environment.kind} is measured by its certificate authority")
    return Check(
        "warn", "environment", "its certificate authority is not the one in ops.toml", "set anchors in ops.toml"
    )


def _clock(directory: Any) -> Check:
    skew = abs((directory.now() - datetime.now(UTC)).total_seconds())
    verdict = "ok" if skew < SKEW else "warn"
    return Check(verdict, "clock", f"{skew:.0f} s from the controller's", "" if verdict == "ok" else "set the clock")


def _rights(directory: Any, target: Target) -> Iterator[Check]:
    """What the account may do where it has to; a preview, the server decides."""
    for role, dn in Site.places(target).items():
        if role not in ("staff", "leavers"):
            continue
        rights = directory.rights_on(dn)
        if rights is None:
            yield Check("fail", f"rights on {role}", f"{dn} is not there", f"correct places.{role} in the inventory")
        else:
            made = "may create people" if "user" in rights else "may not create people"
            yield Check(
                "ok" if "user" in rights else "warn",
                f"rights on {role}",
                made,
                "" if "user" in rights else "ask for Onboarding",
            )
