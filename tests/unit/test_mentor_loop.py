"""From the apprentice to the mentor and back, with nothing but files in between."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.unit import school as schools
from tests.unit.handed_in import school, template
from tests.unit.school import School, room
from tests.workspace import Desk

__all__ = ["school", "template"]

TODAY = date.today()


def record(school: School, number: int = 0) -> str:
    return str(school.mentor.ops("review", "list", "--json").json["records"][number]["record"])


def test_the_whole_way_there_and_back(school: School) -> None:
    assert school.imported().code == 0
    first = record(school)
    said = school.mentor.ops("review", "refer-back", first, "--feedback", "Say why HDMI 1", "--criteria", "va-s")
    assert said.code == 0, said.err
    assert school.returned().code == 0
    got = school.received()
    assert "referred-back: Say why HDMI 1" in got.out

    second = room(school.amy)
    assert school.submit(name="2.evidence").code == 0
    assert school.imported("2.evidence").code == 0
    shown = school.mentor.ops("review", "show", second).out
    assert f"next try    of {first}" in shown
    assert "Say why HDMI 1" in shown
    assert school.mentor.ops("review", "accept", second, "--method", "observation", "--criteria", "vacsr").code == 0
    off = school.mentor.ops("review", "sign-off", "amy", "3.A")
    assert (off.code, "still wants: 1 more accepted of 2 records" in off.err) == (6, True), off.err
    off = school.mentor.ops("review", "sign-off", "amy", "3.A", "--because", "Seen twice, filmed once")
    assert "outside policy: Seen twice, filmed once" in off.err
    assert school.returned("2.return").code == 0
    assert "rapids-1059cb:3.A  signed off" in school.received("2.return").out

    status = school.amy.ops("portfolio", "status", "--json").json["frameworks"]["rapids-1059cb"]
    states = {item["item"]: item for item in status}
    assert states["3.A"]["state"] == "signed off"
    assert states["3.A"]["signed"]["initials"] == "MT"
    assert states["3.B"]["state"] == "accepted"
    assert states["1.A"]["state"] == "nothing"
    assert school.amy.ops("checkpoint", "verify").out.startswith("goes on from what Max Thistlewood signed")
    assert school.amy.ops("evidence", "verify").code == 0
    assert school.mentor.ops("evidence", "verify").code == 0


def test_feedback_is_read_by_the_apprentice_alone(school: School) -> None:
    school.imported()
    school.mentor.ops("review", "refer-back", record(school), "--feedback", "Quetzalcoatl")
    school.returned()
    with zipfile.ZipFile(school.file("back.return")) as package:
        for name in package.namelist():
            assert b"Quetzalcoatl" not in package.read(name), name
    foreign = school.bob.ops("evidence", "receive", school.file("back.return"))
    assert (foreign.code, "this is for" in foreign.err) == (2, True)


def test_what_is_handed_in_names_nobody_to_whoever_carries_it(school: School) -> None:
    with zipfile.ZipFile(school.file("week.evidence")) as package:
        for name in package.namelist():
            content = package.read(name)
            assert b"Zanzibar" not in content, name
            assert b"Amy Quillfeather" not in content, name
    assert "Room Zanzibar" in (school.imported(), school.mentor.ops("review", "show", record(school)))[1].out


def test_without_names_the_private_part_stays_at_home(school: School) -> None:
    done = school.submit("amy", "p.evidence", "--without-names", "--since", "0")
    assert done.code == 0
    with zipfile.ZipFile(school.file("p.evidence")) as package:
        assert not [name for name in package.namelist() if name.startswith(("private", "attachments"))]


def test_importing_twice_changes_nothing(school: School) -> None:
    first = school.imported("week.evidence", "--json").json
    before = ledger_of(school).read_bytes()
    second = school.imported("week.evidence", "--json").json
    assert (first["records"], second["records"], second["events"]) == (1, 0, 0)
    assert ledger_of(school).read_bytes() == before


def test_nothing_new_is_said_and_no_file_is_made(school: School) -> None:
    again = school.submit(name="2.evidence")
    assert (again.code, "nothing new" in again.err) == (2, True)
    assert not Path(school.file("2.evidence")).exists()


def test_a_gap_is_named_with_what_to_ask_for(school: School) -> None:
    room(school.amy)
    school.submit(name="2.evidence")
    late = school.imported("2.evidence")
    assert late.code == 6
    assert "events 0 to 6 are missing" in late.err
    assert "--since 0" in late.err
    assert school.imported().code == 0
    assert school.imported("2.evidence").code == 0


def test_an_old_copy_put_back_is_a_fork_and_its_place_is_named(school: School) -> None:
    backup = school.folder / "backup"
    shutil.copytree(school.folder / "amy", backup)
    room(school.amy)
    school.submit("amy", "2.evidence")
    school.imported()
    school.imported("2.evidence")
    shutil.rmtree(school.folder / "amy")
    backup.rename(school.folder / "amy")
    room(school.amy)
    school.submit("amy", "3.evidence")
    forked = school.imported("3.evidence")
    assert forked.code == 6
    assert "has forked at event 8" in forked.err


def test_truncation_and_rewriting_are_found_against_what_the_mentor_cosigned(school: School) -> None:
    room(school.amy)
    school.submit("amy", "2.evidence")
    school.imported()
    school.imported("2.evidence")
    school.mentor.ops("review", "accept", record(school), "--criteria", "vacsr")
    school.returned()
    school.received()
    assert school.amy.ops("checkpoint", "verify").code == 0
    by_hand(school.folder / "amy", "delete from events where seq >= 10")
    cut = school.amy.ops("checkpoint", "verify")
    assert (cut.code, "it ends at event 10, and had" in cut.err) == (9, True), cut.err


def test_a_rewritten_chain_is_not_cosigned_and_not_imported(school: School) -> None:
    """All of it written anew and signed again with the same key: a hash chain alone cannot tell."""
    school.imported()
    identity = (school.folder / "amy/state/identity.json").read_bytes()
    keys = {p.name: p.read_bytes() for p in (school.folder / "amy/state").glob("id_evidence*")}
    shutil.rmtree(school.folder / "amy/state")
    (school.folder / "amy/state").mkdir(mode=0o700)
    (school.folder / "amy/state/identity.json").write_bytes(identity)
    for name, content in keys.items():
        (school.folder / "amy/state" / name).write_bytes(content)
        (school.folder / "amy/state" / name).chmod(0o600)
    room(school.amy)
    assert school.amy.ops("evidence", "verify").code == 0
    school.submit("amy", "new.evidence")
    anew = school.imported("new.evidence")
    assert (anew.code, "has forked at event 0" in anew.err) == (6, True), anew.err


def test_a_key_nobody_enrolled_needs_its_fingerprint(school: School) -> None:
    for end in ("", ".sig"):
        (school.folder / f"mentor/signers{end}").unlink()
    unknown = school.imported()
    assert (unknown.code, "nobody has enrolled the key" in unknown.err) == (9, True)
    assert school.imported("week.evidence", "--fingerprint", "SHA256:wrong").code == 9
    fingerprint = json.loads((school.folder / "amy/state/identity.json").read_text())["fingerprint"]
    assert school.imported("week.evidence", "--fingerprint", fingerprint).code == 0


def test_a_submission_in_somebody_elses_name_is_refused(school: School) -> None:
    identity = school.folder / "bob/state/identity.json"
    identity.write_text(identity.read_text().replace(school.person("bob"), school.person("amy")))
    room(school.bob)
    school.submit("bob", "false.evidence")
    said = school.imported("false.evidence")
    assert (said.code, "is signed by" in said.err) == (9, True), said.err


def test_one_kind_of_file_taken_for_another_is_told_where_it_belongs(school: School) -> None:
    school.imported()
    school.mentor.ops("review", "accept", record(school), "--criteria", "vacsr")
    school.returned()
    assert "it is taken in with: ops review import" in school.received("week.evidence").err
    assert "it is taken in with: ops evidence receive" in school.imported("back.return").err


def test_nobody_judges_their_own_record(tmp_path: Path) -> None:
    school = schools.make(tmp_path / "s")
    shutil.copytree(school.folder / "mentor", school.folder / "me")
    own = Desk(school.folder / "mentor")
    run = room(own)
    file = school.file("own.evidence")
    fingerprint = json.loads((school.folder / "mentor/state/identity.json").read_text())["fingerprint"]
    own.ops("evidence", "submit", "-o", file, "--without-names")
    own.ops("review", "import", file, "--fingerprint", fingerprint)
    judged = own.ops("review", "accept", run, "--criteria", "vacsr")
    assert (judged.code, "nobody judges their own record" in judged.err) == (6, True), judged.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["accept", "ZZZZZZZZ"], 1, "there is no record ZZZZZZZZ on file"),
        (["accept", "RUN", "--item", "rapids-1059cb:1.A"], 2, "does not count toward rapids-1059cb:1.A"),
        (["accept", "RUN", "--criteria", "v-a"], 2, "it is not authentic, so it cannot be accepted"),
        (["accept", "RUN", "--criteria", "vz"], 2, "z is no criterion"),
        (["accept", "RUN", "--criteria", "-"], 2, "is no criterion"),
        (["refer-back", "RUN"], 2, "without feedback nobody learns"),
        (["reject", "RUN", "--feedback", "  "], 2, "without feedback nobody learns"),
        (["withdraw", "RUN", "--feedback", "x"], 1, "nothing stands about"),
        (["sign-off", "amy", "9.Z", "--because", "x"], 1, "no framework has an item 9.Z"),
        (["sign-off", "carl", "3.A"], 1, "nobody called carl"),
        (["sign-off", "amy", "3.A", "--because", "x", "--initials", "M2"], 2, "M2 are no initials"),
        (["return", "amy", "-o", "x.return"], 2, "nothing was decided"),
        (["import", "none.evidence"], 2, "cannot be read"),
        (["import", "ops.toml"], 2, "is not such a file"),
    ],
)
def test_a_decision_that_lacks_something_is_not_signed(school: School, words: list[str], code: int, said: str) -> None:
    school.imported()
    run = record(school)
    done = school.mentor.ops("review", *(run if word == "RUN" else word for word in words))
    assert (done.code, said in done.err) == (code, True), done.err
    assert "Traceback" not in done.err
    assert school.mentor.ops("review", "list", "--json").json["records"][0]["decision"] == "waits"


def test_a_withdrawn_decision_stands_no_more_and_both_stay_on_file(school: School) -> None:
    school.imported()
    run = record(school)
    school.mentor.ops("review", "accept", run, "--criteria", "vacsr")
    assert school.mentor.ops("review", "withdraw", run, "--feedback", "wrong record").code == 0
    assert school.mentor.ops("review", "list", "--json").json["records"][0]["decision"] == "waits"
    db = sqlite3.connect(school.folder / "mentor/state/ledger.db")
    (number,) = db.execute("select count(*) from documents where kind = 'evidence-review-v1'").fetchone()
    db.close()
    assert number == 2


def test_a_mentor_whose_time_is_over_may_not_judge(tmp_path: Path) -> None:
    school = schools.make(tmp_path / "s", mentor=TODAY - timedelta(days=2), mentor_from=TODAY - timedelta(days=9))
    room(school.amy)
    done = school.submit()
    assert (done.code, "no key of" in done.err) == (9, True), done.err
    assert school.submit("amy", "w.evidence", "--without-names").code == 0
    assert school.imported("w.evidence").code == 0
    judged = school.mentor.ops("review", "accept", record(school), "--criteria", "vacsr")
    assert (judged.code, "not enrolled as a mentor" in judged.err) == (4, True), judged.err


def test_decisions_of_somebody_who_was_never_a_mentor_are_not_received(school: School) -> None:
    """Bob writes a return himself, with a key enrolled for an apprentice."""
    from evidence import returned
    from evidence.identity import Identity
    from evidence.ledger import Ledger
    from evidence.review import Decision, Reviewer, sign

    bob = Identity.load(school.folder / "bob/state")
    ledger = Ledger(school.folder / "bob/state/ledger.db", bob.chain)
    who = Reviewer(bob.person, bob.fingerprint, "mentor")
    amy = school.person("amy")
    sign(ledger, bob.signer(), who, amy, [Decision("R", "0" * 64, "accepted")], "")
    returned.write(Path(school.file("false.return")), ledger, bob.signer(), bob.person, amy, (), ("", ""))
    ledger.close()
    got = school.received("false.return")
    assert (got.code, "key is not enrolled for evidence-return-v1" in got.err) == (9, True), got.err


def test_a_list_of_signers_with_another_signature_stops_everything(school: School) -> None:
    path = school.folder / "mentor/signers"
    path.write_text(path.read_text().replace("role-apprentice", "role-mentor"))
    done = school.imported()
    assert (done.code, "not what was signed" in done.err) == (9, True), done.err


def test_an_old_list_of_signers_is_not_taken_over(school: School) -> None:
    old, lines = school.folder / "old", (school.folder / "lead/signers").read_text().splitlines()
    old.mkdir()
    from evidence.enrolment import SignersFile
    from evidence.identity import Identity

    SignersFile(old).write(lines[0] + "\n", Identity.load(school.folder / "lead/state").signer())
    done = school.amy.ops("signers", "install", str(old / "signers"))
    assert (done.code, "it is an old one" in done.err) == (9, True), done.err


def test_a_key_that_ends_still_vouches_for_what_it_signed_before(school: School) -> None:
    school.imported()
    school.mentor.ops("review", "accept", record(school), "--criteria", "vacsr")
    school.returned()
    gone = school.lead.ops("signers", "revoke", school.person("mentor"))
    assert gone.code == 0, gone.err
    for end in ("", ".sig"):
        shutil.copy(school.folder / f"lead/signers{end}", school.folder / "amy")
    assert school.received().code == 0


def test_a_dry_run_or_a_refusal_waits_for_nobody(school: School) -> None:
    school.amy.ops("task", "set-up-room", *schools.ROOM, "--yes", "--for", "rapids-1059cb:9.Z")
    school.submit("amy", "2.evidence", "--since", "0")
    school.imported("2.evidence")
    assert len(school.mentor.ops("review", "list", "--json").json["records"]) == 1


def test_submitting_onto_a_full_disk_says_so_and_leaves_nothing(school: School) -> None:
    import resource
    import signal

    def little() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

    before = (school.folder / "amy/state/ledger.db").read_bytes()
    more = {"env": {"PYTHONDONTWRITEBYTECODE": "1"}, "preexec_fn": little}  # else Python's own files are cut off
    done = school.amy.ops("evidence", "submit", "-o", school.file("f.evidence"), "--since", "0", **more)
    assert done.code != 0
    assert "Traceback" not in done.err
    assert "next:" in done.err
    assert not Path(school.file("f.evidence")).exists()
    assert (school.folder / "amy/state/ledger.db").read_bytes()[:4096] == before[:4096]


def ledger_of(school: School) -> Path:
    (found,) = (school.folder / "mentor/state/apprentices").glob("*/ledger.db")
    return found


def by_hand(desk: Path, *statements: str) -> None:
    """Write to a ledger with its guards taken off."""
    db = sqlite3.connect(desk / "state/ledger.db")
    for (name,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        db.execute(f"drop trigger {name}")
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()
