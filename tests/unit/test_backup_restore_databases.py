"""``ops backup restore-test`` of a job that names databases: brought back, opened, asked; what is missing is told."""

from __future__ import annotations

import sqlite3

import pytest

from inventory.backup.reading import read_backups
from ops.errors import InvalidRequest
from tests.contract.test_backup import Kept
from tests.unit.kept import kept_by_day
from tests.unit.test_backup_commands import lead, lowered
from tests.workspace import Desk

__all__ = ["kept_by_day", "lead"]


def databases(lead: Desk, kept: Kept, text: str) -> None:
    plan = lead.folder / "inventory/backups.yaml"
    plan.write_text(
        plan.read_text().replace("every: 1d", f"every: 1d, databases: {text.replace('@', str(kept.source))}")
    )


def told(lead: Desk) -> list[tuple[str, str]]:
    said = lead.ops("backup", "restore-test", "homes", "--files", "1", "--json")
    assert list((lead.folder / "state/restored").iterdir()) == []
    return [(one["verdict"], one["because"]) for one in said.json["findings"] if one["rule"] == "database"]


def test_databases_come_back_are_opened_and_asked(lead: Desk, kept: Kept) -> None:
    with sqlite3.connect(kept.source / "a b.db") as database:
        database.execute("create table loan (x)")
        database.executemany("insert into loan values (?)", [(number,) for number in range(20)])
    database.close()
    kept.keep("second")
    query = 'kind: sqlite, query: "select count(*) from loan"'
    well = f"@/a b.db: {{{query}, at_least: 20}}"
    others = ("@/plain: {kind: sqlite}", "@/never.db: {kind: sqlite}", "@/two words: {kind: postgresql}")
    databases(lead, kept, "{" + ", ".join((well, *others)) + "}")
    found = told(lead)
    for verdict, said in (
        ("PASS", "a b.db: brought back, opened and whole, 1 table with 20 rows; its query answers 20"),
        ("FAIL", "plain: it is no SQLite database"),
        ("FAIL", "never.db: is not in the backup"),
        ("UNKNOWN", "two words is no dump that pg_restore reads"),
    ):
        assert [one for one, because in found if said in because] == [verdict], found
    plan = lead.folder / "inventory/backups.yaml"
    plan.write_text(plan.read_text().replace("at_least: 20", "at_least: 21"))
    assert "PASS" not in [verdict for verdict, _ in told(lead)]
    check = lead.ops("backup", "check", "--json").json["findings"]
    assert [one["verdict"] for one in check if one["rule"] == "database"] == ["FAIL"], "it is remembered"


def test_a_database_whose_rights_came_back_too_is_opened_all_the_same(lead: Desk, kept: Kept) -> None:
    """By whoever is not root: nobody may read it, and nobody may write beside it, as its journal needs."""
    (folder := kept.source / "shut").mkdir()
    file = folder / "loans.db"
    with sqlite3.connect(file) as database:
        database.execute("pragma journal_mode = wal")
        database.execute("create table loan (x)")
        database.execute("insert into loan values (1)")
    database.close()
    file.chmod(0)
    folder.chmod(0o555)
    kept.keep("second")
    databases(lead, kept, "{@/shut/loans.db: {kind: sqlite}}")
    found = lowered(lead, "backup", "restore-test", "homes", "--files", "1", "--json").json["findings"]
    assert [one["verdict"] for one in found if one["rule"] == "database"] == ["PASS"], [one["because"] for one in found]
    folder.chmod(0o755)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{/srv/other.db: {kind: sqlite}}", "does not lie in a path of the job"),
        ("{@/../x.db: {kind: sqlite}}", "does not lie in a path of the job"),
        ("{@/a.db: {kind: oracle}}", "oracle"),
        ("{@/a.db: {kind: sqlite, at_least: many}}", "a whole number"),
        ("{@/a.db: {sort: sqlite}}", "sort"),
    ],
)
def test_mistakes_are_told_by_their_place(text: str, said: str) -> None:
    plan = """systems:
  FS-1: {host: fs1, rpo: 24h, rto: 4h, site: Leith}
targets:
  vault: {tool: restic, where: /srv/restic, site: Perth}
jobs:
  homes: {system: FS-1, target: vault, paths: [/srv/home], every: 1d, databases: %s}
"""
    with pytest.raises(InvalidRequest, match=said):
        read_backups(plan % text.replace("@", "/srv/home"))
