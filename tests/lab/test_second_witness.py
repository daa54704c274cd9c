"""A mentor who reads the results again through an account of their own: a second witness, or not, and why."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from evidence.canonical import canonical
from evidence.event import Event, now
from evidence.identity import Identity
from evidence.ledger import Document, Ledger
from evidence.record import NAMESPACE
from inventory.lab import Running
from tests.unit import school as schools
from tests.unit.school import School
from tests.workspace import Desk, bare, desk

pytestmark = pytest.mark.lab
NUMBERS = iter(range(1, 100))


def school(folder: Path, network: Running, mentor_as: str = "mentor1") -> School:
    """An apprentice and a mentor who both work on the network, each through an account."""
    made = School(folder)
    desk(folder / "amy", network)
    desk(folder / "mentor", network, mentor_as)
    for name in ("lead", "bob"):
        bare(folder / name, schools.NAMES[name])
    schools.enrol(folder)
    return made


def accepted(made: School, work: str, *more: str) -> tuple[str, str]:
    """What the mentor is told of accepting a run with a reading again; the run."""
    assert made.submit().code == 0
    assert made.imported().code == 0
    said = made.mentor.ops("review", "accept", work, "--recheck", *more)
    return said.out + said.err, work


def hired(at: Desk) -> str:
    """The logon name of somebody new."""
    given = f"Witness{chr(96 + next(NUMBERS))}"
    done = at.onboard(given, "Seen", f"W{given}"[:16], "--groups", "role-sales")
    assert done.code == 0, done.err
    return f"{given.lower()}.seen"


def test_what_a_mentor_found_the_same_through_their_own_account_is_a_second_witness(
    tmp_path: Path, network: Running
) -> None:
    made = school(tmp_path / "s", network)
    who = hired(made.amy)
    done = made.amy.ops("group", "add-member", who, "role-legal", "--yes", "--json")
    assert done.code == 0, done.err
    run = done.json["run"]
    assert "(M3)" in made.amy.ops("evidence", "show", run).out
    said, _ = accepted(made, run)
    assert "1 of 1 results were read again through another account, and were the same" in said
    assert "(M4)" in made.mentor.ops("review", "show", run).out
    assert made.returned().code == made.received().code == 0
    shown = made.amy.ops("evidence", "show", run).out
    assert "(M4)" in shown
    assert "capped" not in shown
    listed = {
        row["id"]: row["strength"]["machine"] for row in made.amy.ops("evidence", "list", "--json").json["records"]
    }
    assert listed[run] == "M3", "the record itself is as it was signed"
    assert made.amy.ops("evidence", "verify").code == made.mentor.ops("evidence", "verify").code == 0


def test_the_account_it_was_done_with_is_no_second_witness(tmp_path: Path, network: Running) -> None:
    made = school(tmp_path / "s", network, "apprentice1")
    who = hired(made.amy)
    run = made.amy.ops("group", "add-member", who, "role-legal", "--yes", "--json").json["run"]
    said, _ = accepted(made, run)
    assert "through the same account" in said
    assert "(M3)" in said


def test_of_a_first_day_only_a_part_can_be_witnessed(tmp_path: Path, network: Running) -> None:
    """Passwords leave nothing to read, and machines are the word of whoever administers them."""
    made = school(tmp_path / "s", network)
    hired(made.amy)
    hosts = made.amy.folder / "inventory/hosts.yaml"
    (made.mentor.folder / "inventory/hosts.yaml").write_text(hosts.read_text())
    groups = (made.amy.folder / "inventory/groups.yaml").read_text().replace("apprentice1", "mentor1")
    (made.mentor.folder / "inventory/groups.yaml").write_text(groups)
    said, _ = accepted(made, made.amy.last_run())
    assert "more is needed for a second witness of all of it" in said
    assert "(M3)" in said


def test_what_is_no_longer_so_is_not_accepted_with_a_reading_again(tmp_path: Path, network: Running) -> None:
    made = school(tmp_path / "s", network)
    who = hired(made.amy)
    run = made.amy.ops("group", "add-member", who, "role-legal", "--yes", "--json").json["run"]
    assert made.amy.ops("group", "remove-member", who, "role-legal", "--yes").code == 0
    said, _ = accepted(made, run)
    assert "changed since" in said or "gone" in said
    assert made.mentor.ops("review", "list", "--json").json["records"][-1]["decision"] == "waits"


def test_a_record_that_says_other_than_its_events_has_no_second_witness(tmp_path: Path, network: Running) -> None:
    """The performer signs both: what is read again must be what the record is about."""
    made = school(tmp_path / "s", network)
    who = hired(made.amy)
    run = made.amy.ops("group", "add-member", who, "role-legal", "--yes", "--json").json["run"]
    forged(made.amy, run, "Somebody is cut off")
    said, _ = accepted(made, run)
    assert "does not say what its own events say" in said
    assert made.mentor.ops("review", "list", "--json").json["records"][-1]["decision"] == "waits"


def forged(at: Desk, run: str, title: str) -> None:
    """A record of a run with another title, as good as any other: its maker has the key and the ledger."""
    identity = Identity.load(at.folder / "state")
    with closing(Ledger(at.folder / "state" / "ledger.db", identity.chain)) as ledger:
        body = ledger.document(run, NAMESPACE).body
        text = canonical(body | {"op": body["op"] | {"title": title}}).decode()
        document = Document(NAMESPACE, run, text, identity.signer().sign(NAMESPACE, text.encode()))
        ledger.append(Event(run, "sealed", now(), {"record": document.sha256}, {}), documents=[document])
