"""What is said of a leaver's home: in which backup it is, and whether that was ever seen to come back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inventory.backup.memory import Remembered
from inventory.backup.model import Backups
from inventory.backup.reading import read_backups
from ops.adapters.backup import Vault
from ops.adapters.directory_entry import Entry as Account
from ops.adapters.host import HostReader, Machine
from ops.audits.user.backup import backup as audit
from ops.errors import InvalidRequest, NotFound, OpsError
from ops.finding import Finding, Seen

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
DAY = timedelta(days=1)
PLAN = """systems:
  FS-1: {host: fs1, tier: 1, rpo: 24h, rto: 4h, site: Leith}
  WEB-1: {host: web1, tier: 1, rpo: 24h, rto: 4h, site: Leith}
targets:
  vault: {tool: restic, where: /srv/backup, site: Perth}
jobs:
  homes: {system: FS-1, target: vault, paths: [/srv/home/], every: 1d}
  again: {system: FS-1, target: vault, paths: [/srv], every: 7d}
  others: {system: WEB-1, target: vault, paths: [/srv/home], every: 1d}
  nearly: {system: FS-1, target: vault, paths: [/srv/home/amy.ng2, /srv/ho], every: 1d}
"""


class Known:
    """A plan, or why there is none, and what was proven; no target can be opened."""

    def __init__(self, plan: str | OpsError = PLAN, **proofs: Mapping[str, datetime]) -> None:
        self._plan, self._proofs, self.failed = plan, proofs, dict[str, Remembered]()

    @property
    def plan(self) -> Backups:
        if isinstance(self._plan, OpsError):
            raise self._plan
        return read_backups(self._plan)

    now = NOW

    def proven(self, subject: str) -> Mapping[str, datetime]:
        return self._proofs.get(subject, {})

    def tested(self, job: str) -> Remembered | None:
        return self.failed.get(job)

    def vault(self, name: str) -> Vault:
        raise AssertionError(f"a leaving waits for no target: {name}")

    def room(self) -> AbstractContextManager[Path]:
        raise AssertionError("nothing is brought back")


class Hosts:
    """A file server and a web server of the inventory; nobody may connect to them."""

    def names(self) -> tuple[str, ...]:
        return ("fs1", "web1")

    mailboxes = ""

    def machine(self, name: str) -> Machine:
        homes = {"homes": "/srv/home", "archive": "/srv/archive"} if name == "fs1" else {}
        mail = {"mailboxes": self.mailboxes} if name == "web1" else {}
        return Machine(name, hostname=f"{name}.lab.example", **homes, **mail)

    def host(self, name: str) -> HostReader:
        raise AssertionError(f"a leaving connects to nothing for this: {name}")


class Accounts:
    """A directory that knows since when there is somebody."""

    def __init__(self, since: datetime | None) -> None:
        self._since = since

    def account(self, name: str) -> Account:
        if self._since is None:
            raise NotFound(f"there is no account {name}")
        return Account("", "", {"whenCreated": (self._since.strftime("%Y%m%d%H%M%S.0Z"),)})


def said(known: Known, hosts: Hosts | None = None, since: datetime | None = NOW - 400 * DAY) -> dict[str, Finding]:
    parts = list(audit.function(known, hosts or Hosts(), Accounts(since), account="amy.ng"))
    assert isinstance(parts[-1], Seen)
    assert bool(parts[-1].not_looked_at) == (not (hosts or Hosts()).mailboxes), "a mail server that is not named"
    return {one.rule: one for one in parts if isinstance(one, Finding)}


def test_a_home_in_a_backup_that_came_back_is_told_with_the_day() -> None:
    known = Known(homes={"restore": NOW - 5 * DAY, "freshness": NOW - DAY})
    one = said(known)["home on fs1"]
    assert (one.verdict.name, "homes covers it" in one.because) == ("PASS", True)
    assert f"proven {NOW - 5 * DAY:%Y-%m-%d %H:%M} UTC" in one.because
    assert f"{NOW - DAY:%Y-%m-%d %H:%M} UTC its newest data were no older than 1 d" in one.because
    assert [(source.name, source.as_of) for source in one.sources] == [("your own evidence", NOW - 5 * DAY)]


def test_one_that_was_never_tried_or_too_long_ago_is_unknown() -> None:
    assert said(Known())["home on fs1"].verdict.name == "UNKNOWN"
    assert "no restore of it was ever tried" in said(Known())["home on fs1"].because
    assert said(Known(homes={"restore": NOW - 50 * DAY}))["home on fs1"].verdict.name == "UNKNOWN"


def test_of_several_jobs_the_best_proven_counts_and_one_of_another_host_or_path_does_not() -> None:
    proven = {"restore": NOW - DAY, "freshness": NOW}
    assert said(Known(again=proven))["home on fs1"].verdict.name == "PASS"
    assert said(Known(others=proven, nearly=proven))["home on fs1"].verdict.name == "UNKNOWN"


def test_a_restore_that_went_wrong_is_told() -> None:
    plan = PLAN.replace("  again: {system: FS-1", "  again: {system: WEB-1")
    known = Known(plan, homes={"freshness": NOW})
    row = ("homes", "homes", "restore", "FAIL", "3 of 59 files are bad", NOW - DAY, NOW - DAY, "R", "backups.restore")
    known.failed["homes"] = Remembered(*row)
    one = said(known)["home on fs1"]
    assert one.verdict.name == "FAIL"
    assert f"a restore went wrong {NOW - DAY:%Y-%m-%d %H:%M} UTC: 3 of 59 files are bad" in one.because


def test_a_home_that_no_job_holds_fails() -> None:
    found = said(Known("systems: {}\n"))
    assert {one.verdict.name for one in found.values()} == {"FAIL"}
    assert "no job of backups.yaml holds /srv/home/amy.ng" in found["home on fs1"].because
    assert "/srv/archive/amy.ng.tar.zst" in found["archive on fs1"].because


@pytest.mark.parametrize("why", [NotFound("there is no inventory/backups.yaml"), InvalidRequest("backups.yaml line 3")])
def test_without_a_plan_it_is_unknown_and_the_leaving_goes_on(why: OpsError) -> None:
    one = said(Known(why))["home on fs1"]
    assert (one.verdict.name, one.because) == ("UNKNOWN", str(why))


def test_without_a_file_server_it_is_unknown() -> None:
    class None_(Hosts):
        def names(self) -> tuple[str, ...]:
            return ("web1",)

    assert said(Known(), None_())["home"].verdict.name == "UNKNOWN"


def test_a_mailbox_is_looked_for_where_a_host_names_them() -> None:
    hosts = Hosts()
    hosts.mailboxes = "/srv/home/mail"
    found = said(Known(others={"restore": NOW - DAY, "freshness": NOW}), hosts)
    assert (found["mailbox on web1"].verdict.name, "others covers it" in found["mailbox on web1"].because) == (
        "PASS",
        True,
    )
    hosts.mailboxes = "/var/mail"
    one = said(Known(), hosts)["mailbox on web1"]
    assert (one.verdict.name, "/var/mail/amy.ng" in one.because) == ("FAIL", True)


@pytest.mark.parametrize(
    ("since", "looked", "verdict"),
    [
        (NOW - 3 * DAY, NOW - DAY, "PASS"),
        (NOW - 2 * DAY, NOW - DAY, "PASS"),
        (NOW - 2 * DAY + timedelta(seconds=1), NOW - DAY, "UNKNOWN"),
        (NOW - timedelta(minutes=5), NOW - timedelta(minutes=1), "UNKNOWN"),
        (NOW - 9 * DAY, None, "UNKNOWN"),
        (None, NOW - DAY, "UNKNOWN"),
    ],
)
def test_a_home_that_may_be_younger_than_the_newest_backup_is_not_green(
    since: datetime | None, looked: datetime | None, verdict: str
) -> None:
    """The data may be as old as the rpo, a day, and were when somebody looked."""
    proofs = {"restore": NOW - DAY} | ({"freshness": looked} if looked else {})
    assert said(Known(homes=proofs), since=since)["home on fs1"].verdict.name == verdict


def test_an_archive_packed_at_the_leaving_is_in_no_backup_yet() -> None:
    one = said(Known(PLAN.replace("/srv/home/]", "/srv]"), homes={"restore": NOW - DAY, "freshness": NOW}))
    assert (one["archive on fs1"].verdict.name, one["home on fs1"].verdict.name) == ("UNKNOWN", "PASS")
