"""From the apprentice to the mentor and back, with nothing but files in between."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import sqlite3
import sys
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pexpect
import pytest

from evidence.identity import own_name
from tests.unit import school as schools
from tests.unit.school import School, room
from tests.workspace import Desk

TODAY = date.today()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> School:
    """A school in which Amy has told of one room and handed it in."""
    school = schools.make(tmp_path_factory.mktemp("school") / "s")
    room(school.amy)
    assert school.submit().code == 0
    return school


@pytest.fixture
def school(template: School, tmp_path: Path) -> School:
    return schools.copied(template, tmp_path / "s")


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


def test_a_sitting_in_a_terminal_is_signed_once(school: School) -> None:
    room(school.amy)
    room(school.amy)
    school.submit("amy", "2.evidence")
    school.imported()
    school.imported("2.evidence")
    asked = typed(school.mentor, "review", "next")
    asked.expect("3 records of Amy Quillfeather to look at; you judge as mentor")
    asked.expect("1 of 3")
    asked.expect("nobody has reviewed it")
    asked.expect("a accept")
    asked.send("d")
    for _ in range(3):
        asked.expect("answer in short")
        asked.sendline("because of the sound")
        asked.expect("understood")
        asked.send("y")
    asked.expect("a accept")
    asked.send("a")
    asked.expect("valid\\?")
    asked.send("w")
    asked.expect("note")
    asked.sendline("hits it squarely")
    for criterion in ("valid", "authentic", "current", "sufficient", "reliable"):
        asked.expect(f"{criterion}\\?")
        asked.send("y")
    asked.expect("feedback")
    asked.sendline("well explained")
    asked.expect("2 of 3")
    asked.expect("a accept")
    asked.send("r")
    asked.expect("feedback")
    asked.sendline("")
    asked.expect("nobody learns")
    asked.sendline("1")
    asked.expect("3 of 3")
    asked.expect("a accept")
    asked.send("s")
    asked.expect("Sign 2 decisions")
    asked.sendline("y")
    asked.expect("Signed: 2 decisions")
    asked.expect(pexpect.EOF)
    said = [row["decision"] for row in school.mentor.ops("review", "list", "--json").json["records"]]
    assert said == ["accepted", "referred-back", "waits"]
    school.returned()
    got = school.received().out
    assert "accepted: well explained" in got
    assert "valid: hits it squarely" in got
    assert "referred-back: Say why you did it this way" in got
    db = sqlite3.connect(school.folder / "mentor/state/ledger.db")
    (text,) = db.execute("select text from documents where kind = 'evidence-review-v1'").fetchone()
    db.close()
    assert json.loads(text)["reviews"][0]["method"] == "discussion"
    assert "because of the sound" not in text


def test_a_sitting_that_is_stopped_decides_nothing(school: School) -> None:
    school.imported()
    asked = typed(school.mentor, "review", "next")
    asked.expect("a accept")
    asked.sendintr()
    asked.expect(pexpect.EOF)
    asked.close()
    assert asked.exitstatus == 130
    assert school.mentor.ops("review", "list", "--json").json["records"][0]["decision"] == "waits"


def typed(desk: Desk, *words: str) -> pexpect.spawn:
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "PYTHONPATH") if key in os.environ}
    argv = ["-m", "ops.cli.main", *words]
    return pexpect.spawn(
        sys.executable,
        argv,
        cwd=desk.folder,
        env=kept | {"TERM": "xterm"},
        timeout=30,
        encoding="utf-8",
        dimensions=(50, 120),
    )


def test_a_mentor_begins_with_one_command_and_is_told_what_comes_next(tmp_path: Path) -> None:
    tmp_path.joinpath("x").mkdir()
    start = Desk(tmp_path / "x")
    made = start.ops("init", "--evidence-only", "--folder", "mine", "--name", "Max Thistlewood")
    assert (made.code, "ops signers card" in made.err) == (0, True), made.err
    mine = Desk(tmp_path / "x/mine")
    assert mine.ops("signers", "card").out.rstrip().endswith(" Max Thistlewood")
    assert "nothing was handed in yet" in mine.ops("review", "list").out
    assert "first: ops review import FILE" in mine.ops("review", "next").err
    assert mine.ops("status").code == 0
    assert mine.ops("portfolio", "status").code == 0
    left = mine.ops("user", "offboard", "--logon", "amy.ng", "--yes")
    assert (left.code, "has no target for it" in left.err, left.out) == (1, True, ""), "nobody is told that all is shut"
    assert "nobody has vouched" in mine.ops("checkpoint", "verify").err
    assert "no mentor is enrolled here" in mine.ops("evidence", "submit", "-o", "x.evidence").err
    assert "PRACTICE" in mine.ops("status").out
    real = start.ops("init", "--evidence-only", "--class", "PRODUCTION", "--folder", "real")
    assert (real.code, "PRODUCTION" in Desk(tmp_path / "x/real").ops("status").out) == (0, True), "real backups, say"
    again = start.ops("init", "--evidence-only", "--folder", "mine")
    assert (again.code, "is a workspace already" in again.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not the card of a person"),
        ("p-1 ssh-ed25519", "not the card of a person"),
        ("p-1 ssh-ed25519 AAAA Amy", "damaged"),
        ("p-1 ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIJrv Amy", "damaged"),
        ("p,1 ssh-ed25519 AAAA Amy", "not the card of a person"),
        ("two\nlines here now", "not the card of a person"),
    ],
)
def test_a_card_that_is_none_enrols_nobody(school: School, text: str, said: str) -> None:
    card = school.folder / "x.card"
    card.write_text(text)
    before = (school.folder / "lead/signers").read_bytes()
    done = school.lead.ops("signers", "enrol", str(card), "--role", "mentor")
    assert (done.code, said in done.err) == (2, True), done.err
    assert (school.folder / "lead/signers").read_bytes() == before


def test_a_card_can_carry_another_name_which_is_kept(school: School) -> None:
    card = school.amy.ops("signers", "card", "--name", "Amy Ngozi Quill")
    assert card.out.rstrip().endswith(" Amy Ngozi Quill")
    assert school.amy.ops("signers", "card").out == card.out
    for bad in ("two\nlines", 'a "quoted" one', "x" * 81):
        refused = school.amy.ops("signers", "card", "--name", bad)
        assert (refused.code, "cannot be written on a card" in refused.err) == (2, True), refused.err
    assert school.amy.ops("signers", "card").out == card.out


def test_a_name_no_card_could_carry_makes_no_workspace(tmp_path: Path) -> None:
    made = Desk(tmp_path).ops("init", "--evidence-only", "--folder", "mine", "--name", "two\nlines")
    assert (made.code, "cannot be written on a card" in made.err) == (2, True), made.err
    assert not (tmp_path / "mine").exists()


def test_without_a_name_the_full_one_of_the_account_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = pwd.getpwuid(os.getuid())
    for full, taken in (("Amy Ng,Room 3,,", "Amy Ng"), ("", "root"), ('"', "root")):
        fields = list(entry)
        fields[0], fields[4] = "root", full
        monkeypatch.setattr(pwd, "getpwuid", lambda _, given=tuple(fields): pwd.struct_passwd(given))
        monkeypatch.setenv("LOGNAME", "root")
        assert own_name() == taken


def test_only_the_it_lead_enrols(school: School) -> None:
    card = school.folder / "bob.card"
    card.write_text(school.bob.ops("signers", "card").out)
    done = school.amy.ops("signers", "enrol", str(card), "--role", "mentor")
    assert (done.code, "only the IT lead enrols" in done.err) == (4, True), done.err
    twice = school.lead.ops("signers", "enrol", str(card), "--role", "apprentice")
    assert (twice.code, "is enrolled as apprentice already" in twice.err) == (6, True), twice.err
    days = school.lead.ops("signers", "enrol", str(card), "--role", "mentor", "--until", "2020-01-01")
    assert (days.code, "end before it begins" in days.err) == (2, True), days.err
