"""Every attack that ``ops help threats`` names was tried: found and located, or said not to be preventable."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from importlib import import_module
from pathlib import Path

import pytest

from ops.cli import published
from ops.cli.topics import page
from tests.unit import school as schools
from tests.unit.school import School, room

PREVENTED = {  # the beginning of the row → the test that tries it
    "edits, reorders or deletes": "tests.unit.evidence.test_tampering:"
    "test_each_hand_laid_on_records_or_events_is_named_and_nothing_else_is_accused",
    "cuts the end off": "tests.unit.test_mentor_loop:"
    "test_truncation_and_rewriting_are_found_against_what_the_mentor_cosigned",
    "puts an old backup back": "tests.unit.test_mentor_loop:test_an_old_copy_put_back_is_a_fork_and_its_place_is_named",
    "writes a record by hand": "tests.unit.test_threats:test_a_record_written_by_hand_is_not_in_the_chain",
    "calls the practice network production": "tests.unit.evidence.test_strength:"
    "test_a_practice_network_needs_no_signed_anchors",
    "sets the clock back": "tests.unit.test_threats:test_a_clock_that_was_set_back_is_named_at_the_import",
    "does one easy thing": "tests.unit.evidence.test_coverage:test_the_same_easy_thing_ten_times_a_day_counts_once",
    "claims items": "tests.unit.test_framework:test_an_item_that_is_named_gets_a_tag_that_says_so",
    "has somebody else": "tests.unit.test_guided:test_help_and_machine_written_words_are_declared",
    "shows only what went well": "tests.unit.test_papers:test_a_selection_says_how_many_there_are_in_all",
    "signs without reading": "tests.unit.evidence.test_coverage:test_habits_of_a_reviewer_who_only_clicks_stand_out",
    "steals a key": "tests.unit.test_mentor_loop:test_a_mentor_whose_time_is_over_may_not_judge",
    "reads the file on its way": "tests.unit.test_mentor_loop:"
    "test_what_is_handed_in_names_nobody_to_whoever_carries_it",
}


def rows() -> list[str]:
    return re.findall(r"^\| ([a-z].*?) \|", page("threats").split("|---", 1)[1], re.MULTILINE)


def test_every_attack_of_the_page_has_a_test_that_tries_it() -> None:
    left = [row for row in rows() if not any(row.startswith(start) for start in PREVENTED)]
    assert left == []
    assert len(rows()) == len(PREVENTED)
    for named in PREVENTED.values():
        module, _, test = named.partition(":")
        assert hasattr(import_module(module), test), named


def test_what_cannot_be_prevented_is_said_in_so_many_words() -> None:
    lines = [line for line in page("threats").splitlines() if "cannot be prevented" in line]
    assert len(lines) == 3


@pytest.fixture
def school(tmp_path: Path) -> School:
    made = schools.make(tmp_path / "s")
    room(made.amy)
    return made


def test_a_record_written_by_hand_is_not_in_the_chain(school: School) -> None:
    """Signed with the right key, and put into the ledger with its guards off."""
    from evidence.canonical import canonical
    from evidence.identity import Identity

    path = school.folder / "amy/state/ledger.db"
    db = sqlite3.connect(path)
    (text,) = db.execute("select text from documents where kind = 'evidence-record-v1'").fetchone()
    body = json.loads(text) | {"id": "FORGED01"}
    forged = canonical(body).decode()
    signature = Identity.load(school.folder / "amy/state").signer().sign("evidence-record-v1", forged.encode())
    row = ("0" * 64, "evidence-record-v1", "FORGED01", forged, signature)
    db.execute("insert into documents values (?, ?, ?, ?, ?)", row)
    db.commit()
    db.close()
    done = school.amy.ops("evidence", "verify")
    assert (done.code, "record FORGED01: nothing says it was sealed" in done.err) == (9, True), done.err


def test_a_stronger_grade_than_a_record_deserves_is_found_though_it_was_signed(school: School) -> None:
    from evidence.canonical import canonical
    from evidence.export import check_record
    from evidence.identity import Identity

    db = sqlite3.connect(school.folder / "amy/state/ledger.db")
    (text,) = db.execute("select text from documents where kind = 'evidence-record-v1'").fetchone()
    db.close()
    body = json.loads(text)
    body["strength"]["machine"] = "M3"
    forged = canonical(body)
    signature = Identity.load(school.folder / "amy/state").signer().sign("evidence-record-v1", forged)
    assert check_record(body["id"], forged, signature, {}).detail == "its strength does not follow from what it says"


def test_a_clock_that_was_set_back_is_named_at_the_import(school: School) -> None:
    from evidence.event import Event
    from evidence.identity import Identity
    from evidence.ledger import Ledger

    ledger = Ledger(school.folder / "amy/state/ledger.db", Identity.load(school.folder / "amy/state").chain)
    ledger.append(Event("BACK", "refused", "2024-01-01T00:00:00.000Z", {"source": "x"}))
    ledger.close()
    room(school.amy)
    school.submit()
    done = school.imported()
    assert done.code == 0
    assert "the clock was set back" in done.err
    assert "event 7 says 2024-01-01T00:00" in done.err


def test_a_tool_changed_after_it_was_installed_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against the hashes a package is installed with; a working copy has none and is not called modified."""
    from base64 import urlsafe_b64encode
    from hashlib import sha256
    from importlib.metadata import Distribution, PackagePath

    file = tmp_path / "strength.py"
    file.write_text("the published text")
    found = urlsafe_b64encode(sha256(file.read_bytes()).digest()).rstrip(b"=").decode()

    class Installed(Distribution):
        def read_text(self, filename: str) -> str | None:
            return f"strength.py,sha256={found},18\nRECORD,,\n" if filename == "RECORD" else None

        def locate_file(self, path: PackagePath) -> Path:  # type: ignore[override]
            return tmp_path / str(path)

    monkeypatch.setattr(published, "distribution", lambda _: Installed())
    assert not published.modified()
    file.write_text("another text")
    assert published.modified()
    shutil.rmtree(tmp_path)
    assert published.modified()
