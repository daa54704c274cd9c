"""What a database that was brought back has to show: that it is whole, has tables, and answers as it should."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.backup.model import Database
from inventory.backup.rules import Judged

STEP = "keep it; a database in use is copied by its own tool before a backup: .backup of sqlite3, pg_dump"


@dataclass(frozen=True)
class Answer:
    """What was asked of a database: tables, the rows of all of them, and what its query answered, if there is one."""

    tables: int
    rows: int
    value: int | None = None


def judged(database: Database, answer: Answer) -> Judged:
    """Whether it holds what it should."""
    tables = f"{answer.tables} table{'s' * (answer.tables != 1)}"
    held = f"{database.path}: brought back, opened and whole, {tables} with {answer.rows} rows"
    seen = answer.rows if answer.value is None else answer.value
    asked = "" if answer.value is None else f"; its query answers {answer.value}"
    if seen < database.at_least:
        return Judged("database", "FAIL", f"{held}{asked}, and at least {database.at_least} should be there", step=STEP)
    return Judged("database", "PASS", held + asked)


def broken(database: Database, why: str) -> Judged:
    """It came back, and is of no use."""
    return Judged("database", "FAIL", f"{database.path}: {why}", step=STEP)
