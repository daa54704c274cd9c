"""Ninety days of backups of a small company, with one of everything the report tells of, for its tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from inventory.register.store import Pen, Register
from tests.unit.report_estate import AS_OF, put

PLAN = """systems:
  FS-1: {host: fs1, tier: 1, rpo: 24h, rto: 4h, site: Leith, failure_domain: rack-1}
  DB-1: {host: db1, tier: 1, rpo: 1h, rto: 2h, site: Leith, failure_domain: rack-1}
  WEB-1: {host: web1, tier: 3, rpo: 7d, rto: 2d, site: Leith}
  OLD-1: {host: old1, tier: 2, rpo: 24h, rto: 8h, site: Leith}
targets:
  vault: {tool: restic, where: "sftp://backup@vault/srv/backup/restic", identity: keys/backup, site: Perth,
          failure_domain: rack-7, credential: "file:secrets/vault", key_held_by: Bob Ray}
  shelf: {tool: borg, where: /media/usb, medium: disk, site: Safe, offline: "true", encrypted: "false"}
jobs:
  fs1-homes: {system: FS-1, target: vault, paths: [/srv/home], every: 1d}
  fs1-shelf: {system: FS-1, target: shelf, paths: [/srv/home], every: 7d}
  db1: {system: DB-1, target: vault, paths: [/var/lib/db], every: 1h}
  old1: {system: OLD-1, target: vault, paths: [/srv], every: 1d}
"""
Row = tuple[str, ...]
RULES = ("freshness", "start", "finish", "shape", "sources")
GOOD = "59 of 59 right: 95 % sure that at most 5.0% of 12400 are bad"


def row(subject: str, rule: str, verdict: str, because: str, days: float, **more: str) -> Row:
    """A verdict of so many days before the report; ``earlier``: how many days before that it was seen."""
    at = AS_OF - timedelta(days=days)
    of = at - timedelta(days=float(more.get("earlier", "0")))
    audit = more.get("audit", "backups.check")
    return (subject, subject, rule, verdict, because, at.isoformat(), of.isoformat(), f"{audit[8]}{days:07.2f}", audit)


def check(day: float, db: str = "PASS", *, last: bool = False) -> Iterator[Row]:
    """One check: the database is as given, all else well, and more is told of the last one."""
    for job in ("fs1-homes", "db1"):
        for rule in RULES:
            bad = job == "db1" and rule == "freshness"
            because = "the newest data are 3.2 h old; 60 min may be lost" if bad else "as it should be"
            yield row(job, rule, db if bad else "PASS", because, day)
    yield row("fs1-shelf", "freshness", "UNKNOWN", "shelf: it lies offline", day)
    yield row("vault", "structure", "PASS", "proven 3 d ago, due every 7 d", day, earlier="3")
    yield row("vault", "data 17/90", "PASS", "read now: what is in it is as its hashes say", day)
    yield row("vault", "data", "UNKNOWN", "72 of 90 parts were read in the last 90 days; 18 more runs reach them", day)
    yield row("fs1-homes", "restore", "PASS", "proven 5 d ago, due every 31 d", day, earlier="5")
    for leg, verdict in (("3 copies", "PASS"), ("2 media", "FAIL" if last else "PASS"), ("1 unchangeable", "UNKNOWN")):
        yield row("FS-1", leg, verdict, "1 kinds of medium: disk" if verdict == "FAIL" else "2 copies", day)
    if last:
        yield row("old1", "shape", "PASS", "waived until 2030-04-01 by Bob Ray (is being moved): 0 files", day)


def looks() -> tuple[Row, ...]:
    """A check a day with a week left out, three restore tests, one look at coverage."""
    found: list[Row] = []
    for day in (day for day in range(90, 0, -1) if not 40 <= day <= 47):
        found += check(day, "FAIL" if day % 11 == 0 else "PASS")
    found += check(0.05, "FAIL", last=True)
    more = {"audit": "backups.restore"}
    for day in (70, 36, 5):
        text = f"backup of 2030-03-09 02:00 UTC: {GOOD}; drawn by 5f2c"
        found.append(row("vault", "opens", "PASS", "restic at sftp://backup@vault/srv/backup/restic", day, **more))
        found.append(row("fs1-homes", "restore", "PASS", text, day, **more))
        found.append(
            row("fs1-homes", "rto", "PASS", "84.1 MB/s: all of it in about 2.1 h; 4 h is allowed", day, **more)
        )
    found.append(row("db1", "restore", "FAIL", "backup of 2030-03-14: 2 of 59 files are bad", 0.02, **more))
    told = "disk at Perth holds 12 backups of it, 2029-12-01 to 2030-02-28; internal data: clear"
    found.append(row("OLD-1 on vault", "still in a backup", "WARN", told, 1, audit="backups.coverage"))
    return tuple(found)


def fill(register: Register) -> None:
    """Servers beside the laptops of the estate: one without a job, one that is gone."""
    with register.writing() as pen:
        held = {"state": "deployed", "holder": "location:Rack", "held_since": "2030-01-02"}
        for tag in ("FS-1", "DB-1", "MAIL-1"):
            put(pen, f"asset:{tag}", kind="server", maker="Dell", model="R7", serial=f"S{tag}", **held)
        _gone(pen)


def _gone(pen: Pen) -> None:
    put(pen, "asset:OLD-1", kind="server", serial="SOLD", state="in_stock", location="Store", media="none")
    put(pen, "asset:OLD-1", kind="server", serial="SOLD", state="retired", location="Store", media="none")
