"""Parcels a stranger or a broken tool made: signed well, and saying what cannot be. Refused whole, in one line."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from evidence import checkpoint, parcel
from evidence.canonical import canonical
from evidence.framework_file import content_of
from evidence.identity import Identity
from evidence.ledger import Head
from evidence.roles import CHECKPOINT, RECORD, RETURN, REVIEW, SIGNOFF, SUBMISSION
from evidence.sshsig import Signer, fingerprint
from inventory.load import load
from ops.cli import cataloguing, enrolling, handing, judging, mentoring, vouching
from ops.cli.site import Site
from ops.errors import EvidenceInvalid, InvalidRequest, NotFound, OpsError
from tests.unit import school as schools
from tests.unit.evidence.office import new_signer
from tests.unit.school import School, room
from tests.workspace import Desk

Edit = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> School:
    """Amy has handed one record in; it was accepted, signed off, and came back."""
    school = schools.make(tmp_path_factory.mktemp("school") / "s")
    run = room(school.amy)
    assert school.submit().code == 0
    first = schools.copied(school, school.folder / "fresh")
    shutil.rmtree(first.folder / "amy")
    assert school.imported().code == 0
    assert school.mentor.ops("review", "accept", run, "--criteria", "vacsr", "--feedback", "Zephyr").code == 0
    assert school.mentor.ops("review", "sign-off", "amy", "3.A", "--because", "seen").code == 0
    assert school.returned().code == 0
    return school


@pytest.fixture
def school(template: School, tmp_path: Path) -> School:
    """The same, with a mentor who has taken nothing in yet in place of the one who has."""
    made = schools.copied(template, tmp_path / "s")
    shutil.rmtree(made.folder / "mentor")
    shutil.copytree(made.folder / "fresh/mentor", made.folder / "mentor")
    return made


def signer(school: School, name: str) -> Signer:
    return Identity.load(school.folder / name / "state").signer()


def forged(
    school: School,
    of: str,
    by: Signer,
    head: Edit = lambda _: None,
    **parts: bytes | None,
) -> Path:
    """A file like ``of`` with other parts (None: without it) and another manifest, signed as it should be."""
    namespace = RETURN if of.endswith("return") else SUBMISSION
    path = school.folder / "forged"
    with zipfile.ZipFile(school.file(of)) as package:
        manifest = json.loads(package.read("manifest.json"))
        content: dict[str, Any] = {name: package.read(name) for name in manifest["parts"]}
    content |= {name.replace("__", "/").replace("_", "."): value for name, value in parts.items()}
    content = {name: value for name, value in content.items() if value is not None}
    manifest["parts"] = {
        name: {"sha256": sha256(value).hexdigest(), "bytes": len(value)} for name, value in content.items()
    }
    head(manifest)
    text = canonical(manifest).decode()
    with zipfile.ZipFile(path, "w") as package:
        for name, value in {
            **content,
            "manifest.json": text,
            "manifest.sig": by.sign(namespace, text.encode()),
        }.items():
            package.writestr(name, value)
    return path


@contextmanager
def sitting_at(school: School, name: str) -> Iterator[Site]:
    """Somebody's workspace, opened in this process."""
    with ExitStack() as stack:
        site = Site(load(school.folder / name), stack, ask=False)
        yield site
        site.ledger.close()


def refused(school: School, path: Path, fingerprint: str = "") -> str:
    """What is said when the mentor takes a file in that is to be refused: one line, and what to do next."""
    with sitting_at(school, "mentor") as site, pytest.raises(EvidenceInvalid) as caught:
        mentoring.import_file(site, path, fingerprint)
    return one_line(caught.value)


def one_line(error: OpsError) -> str:
    assert str(error).isprintable()
    assert error.hint
    return str(error)


def setting(**values: Any) -> Edit:
    return lambda manifest: manifest.update({name.removesuffix("_"): value for name, value in values.items()})


def nothing_is_kept(school: School) -> None:
    assert not list((school.folder / "mentor/state").glob("apprentices/*"))


OUTSIDE = ["../../../evil", "..", "", "/tmp", "p\0a", "p-\x1b[31mred", "p" * 5000, "p\n", 5, None, ["p"]]


@pytest.mark.parametrize("person", OUTSIDE, ids=range(len(OUTSIDE)))
def test_who_it_is_from_is_the_id_of_a_person_and_never_a_path(school: School, person: Any) -> None:
    stranger = new_signer()
    made = forged(school, "week.evidence", stranger, setting(from_=person, chain=person))
    before = {one.relative_to(school.folder) for one in school.folder.rglob("*")}
    refused(school, made, fingerprint(stranger.public))
    after = {one.relative_to(school.folder) for one in school.folder.rglob("*")}
    assert not [one for one in after - before if not one.name.startswith("ledger.db")]


def in_her_name(school: School, by: Signer) -> Path:
    """All of Amy's work once more, on a chain of its own, with records and checkpoint signed by somebody else."""
    chain, prev, events = f"{school.person('amy')}/d-other", "0" * 64, []
    with zipfile.ZipFile(school.file("week.evidence")) as package:
        old = [json.loads(line) for line in package.read("events.jsonl").splitlines()]
        record = json.loads(json.loads(package.read("records.jsonl"))["text"])
    for one in old:
        events.append(canonical(one | {"chain": chain, "prev": prev}))
        prev = sha256(events[-1]).hexdigest()
    record["performer"]["key"] = fingerprint(by.public)
    text, point = canonical(record).decode(), checkpoint.made([(chain, Head(len(events), prev))])
    line = {"run": record["id"], "text": text, "signature": by.sign(RECORD, text.encode())}
    return forged(
        school, "week.evidence", by, setting(chain=chain, first=0, end=len(events)),
        events_jsonl=b"\n".join(events) + b"\n", records_jsonl=json.dumps(line).encode() + b"\n",
        checkpoint_txt=point.encode(), checkpoint_sig=by.sign(CHECKPOINT, point.encode()).encode(),
        private__0000_age=None,
    )  # fmt: skip


def test_who_is_enrolled_is_spoken_for_by_no_other_key_even_if_its_fingerprint_is_named(school: School) -> None:
    stranger = new_signer()
    said = refused(school, in_her_name(school, stranger), fingerprint(stranger.public))
    assert "is no key of theirs" in said
    nothing_is_kept(school)


def test_who_came_by_fingerprint_stays_who_holds_that_key(school: School) -> None:
    for end in ("", ".sig"):
        (school.folder / f"mentor/signers{end}").unlink()
    mine = Identity.load(school.folder / "amy/state").fingerprint
    assert school.imported("week.evidence", "--fingerprint", mine).code == 0
    stranger = new_signer()
    said = refused(school, in_her_name(school, stranger), fingerprint(stranger.public))
    assert f"came with the key {mine} before" in said
    assert len(school.mentor.ops("review", "list", "--json").json["records"]) == 1


def first_event(**change: Any) -> Callable[[School], bytes]:
    def made(school: School) -> bytes:
        with zipfile.ZipFile(school.file("week.evidence")) as package:
            return canonical(json.loads(package.read("events.jsonl").splitlines()[0]) | change) + b"\n"

    return made


def own_record(edit: Edit) -> Callable[[School], bytes]:
    """Amy's record, changed and signed again by herself."""

    def made(school: School) -> bytes:
        with zipfile.ZipFile(school.file("week.evidence")) as package:
            line = json.loads(package.read("records.jsonl"))
        body = json.loads(line["text"])
        edit(body)
        text = canonical(body).decode()
        signed = {"run": body["id"], "text": text, "signature": signer(school, "amy").sign(RECORD, text.encode())}
        return json.dumps(signed).encode() + b"\n"

    return made


def sealed(text: str) -> Callable[[School], bytes]:
    return lambda school: parcel.encrypted(text.encode(), [signer(school, "mentor").public])


CANNOT_BE: dict[str, tuple[Edit, dict[str, Any]]] = {
    **{f"no {name}": (lambda m, name=name: m.pop(name), {}) for name in ("from", "chain", "first", "end", "names")},
    "first is text": (setting(first="0"), {}),
    "first below 0": (setting(first=-3), {}),
    "ends before it begins": (setting(first=9, end=2), {}),
    "fewer events than it says": (setting(end=40), {}),
    "made without a zone": (setting(made="2026-11-25T10:00:00"), {}),
    "parts are a list": (setting(parts=[]), {}),
    "no parts": (setting(parts={}), {}),
    "no checkpoint": (lambda _: None, {"checkpoint_txt": None}),
    "no records": (lambda _: None, {"records_jsonl": None}),
    "checkpoint no text": (lambda _: None, {"checkpoint_txt": b"\xff\xfe"}),
    "event is a number": (lambda _: None, {"events_jsonl": b"5\n"}),
    "event at no time": (lambda _: None, {"events_jsonl": first_event(at="zzz")}),
    "record is a number": (lambda _: None, {"records_jsonl": b'{"run":"x","text":"5","signature":""}\n'}),
    "record that counts for nothing": (lambda _: None, {"records_jsonl": own_record(lambda body: body.pop("tags"))}),
    "record called a path": (lambda _: None, {"records_jsonl": own_record(setting(id="../x"))}),
    "record of somebody else": (
        lambda _: None,
        {"records_jsonl": own_record(lambda body: body["performer"].update(id="p-00000000"))},
    ),
    "record of half a character": (
        lambda _: None, {"records_jsonl": b'{"run":"x","text":"\\ud800","signature":""}\n'},
    ),
    "private value nowhere": (lambda _: None, {"private__0000_age": sealed('{"seq":99999999999999999999,"text":"x"}')}),
    "private half a character": (lambda _: None, {"private__0000_age": sealed('{"seq":1,"text":"\\ud800"}')}),
}  # fmt: skip


@pytest.mark.parametrize("what", CANNOT_BE)
def test_a_submission_that_cannot_be_is_refused_and_nothing_of_it_is_kept(school: School, what: str) -> None:
    head, parts = CANNOT_BE[what]
    made = {name: value(school) if callable(value) else value for name, value in parts.items()}
    refused(school, forged(school, "week.evidence", signer(school, "amy"), head, **made))
    nothing_is_kept(school)


def test_a_submission_whose_checkpoint_is_not_true_leaves_nothing_behind(school: School) -> None:
    amy = signer(school, "amy")
    point = checkpoint.made([(Identity.load(school.folder / "amy/state").chain, Head(3, "0" * 64))])
    parts = {"checkpoint_txt": point.encode(), "checkpoint_sig": amy.sign(CHECKPOINT, point.encode()).encode()}
    assert "its checkpoint is not true" in refused(school, forged(school, "week.evidence", amy, **parts))
    nothing_is_kept(school)
    assert school.imported().code == 0


def altered(name: str, kind: str, edit: Edit) -> Callable[[School], dict[str, bytes]]:
    """A decision of the mentor's, changed and signed again by the mentor."""

    def made(school: School) -> dict[str, bytes]:
        with zipfile.ZipFile(school.file("back.return")) as package:
            body = json.loads(json.loads(package.read(f"{name}.jsonl"))["text"])
        edit(body)
        text = canonical(body).decode()
        signature = signer(school, "mentor").sign(kind, text.encode())
        return {f"{name}_jsonl": json.dumps({"run": "X1", "text": text, "signature": signature}).encode() + b"\n"}

    return made


NO_DECISION: dict[str, tuple[Edit, Callable[[School], dict[str, Any]]]] = {
    "no to": (lambda m: m.pop("to"), lambda _: {}),
    "from somebody else": (setting(from_="p-00000000"), lambda _: {}),
    "made without a zone": (setting(made="2026-11-25"), lambda _: {}),
    "no reviews": (lambda _: None, lambda _: {"reviews_jsonl": None}),
    "review is null": (lambda _: None, lambda _: {"reviews_jsonl": b"null\n"}),
    "review of numbers": (lambda _: None, altered("reviews", REVIEW, setting(reviews=[5]))),
    "review without reviews": (lambda _: None, altered("reviews", REVIEW, lambda b: b.pop("reviews"))),
    "unknown word": (lambda _: None, altered("reviews", REVIEW, lambda b: b["reviews"][0].update(decision="banana"))),
    "sign-off of a number": (lambda _: None, altered("signoffs", SIGNOFF, setting(item=5))),
    "sign-off by nobody": (lambda _: None, altered("signoffs", SIGNOFF, lambda b: b.pop("initials"))),
}


@pytest.mark.parametrize("what", NO_DECISION)
def test_a_return_that_cannot_be_is_refused_and_nothing_of_it_is_kept(school: School, what: str) -> None:
    head, parts = NO_DECISION[what]
    path = forged(school, "back.return", signer(school, "mentor"), head, **parts(school))
    with sitting_at(school, "amy") as site:
        with pytest.raises(EvidenceInvalid) as caught:
            handing.receive(site, path)
        one_line(caught.value)
        assert not site.ledger.documents(REVIEW) + site.ledger.documents(SIGNOFF)
        assert not handing.cosigned(site)


def test_what_is_stored_and_no_decision_is_skipped_and_named(school: School) -> None:
    from evidence.ledger import Document, Ledger

    me = Identity.load(school.folder / "amy/state")
    ledger = Ledger(school.folder / "amy/state/ledger.db", me.chain)
    text = canonical({"apprentice": me.person, "item": "rapids-1059cb:3.A"}).decode()
    ledger.append(documents=[Document(SIGNOFF, "SOBAD1", text, ""), Document(REVIEW, "BAD2", "[5]", "")])
    ledger.close()
    status = school.amy.ops("portfolio", "status")
    assert status.code == 0, status.err
    assert "SOBAD1" in status.err
    assert "BAD2" in status.err
    assert school.amy.ops("portfolio", "export", "bundle", "-o", school.file("b.zip")).code == 0
    assert school.received().code == 0


@pytest.mark.parametrize("what", ["fifo", "/dev/zero", "a folder", ""])
def test_a_pipe_or_a_device_is_refused_at_once(school: School, tmp_path: Path, what: str) -> None:
    (tmp_path / "a folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    path = tmp_path / what if what else Path()
    with sitting_at(school, "amy") as site:
        for take in (
            lambda: mentoring.import_file(site, path, ""),
            lambda: handing.receive(site, path),
            lambda: enrolling.enrol(site, path, "mentor", "today", ""),
            lambda: enrolling.install(site, path, ""),
            lambda: vouching.read(path),
            lambda: cataloguing.bring_in(path, "x", "1"),
            lambda: content_of(path),
        ):
            with pytest.raises(InvalidRequest) as caught:
                take()
            one_line(caught.value)


def test_all_feedback_that_is_new_is_shown_and_stays_to_be_read(school: School, template: School) -> None:
    """Two sittings in one file: both are read, at once and later."""
    mentor = schools.copied(template, school.folder / "two").mentor
    (first,) = (one["record"] for one in mentor.ops("review", "list", "--json").json["records"])
    assert mentor.ops("review", "refer-back", first, "--feedback", "Quokka", "--criteria", "v").code == 0
    back = school.file("both.return")
    assert mentor.ops("review", "return", "amy", "-o", back).code == 0
    got = school.amy.ops("evidence", "receive", back)
    assert "accepted: Zephyr" in got.out
    assert "referred-back: Quokka" in got.out
    shown = school.amy.ops("evidence", "show", first).out
    assert "accepted by Max Thistlewood: Zephyr" in shown
    assert "referred-back by Max Thistlewood: Quokka" in shown
    assert "rapids-1059cb:3.A by MT" in shown
    assert "referred-back on" in mentor.ops("review", "show", first).out
    assert "nobody has reviewed it" not in mentor.ops("review", "show", first).out


def test_one_decision_is_signed_once(template: School, tmp_path: Path) -> None:
    mentor = schools.copied(template, tmp_path / "s").mentor
    (first,) = (one["record"] for one in mentor.ops("review", "list", "--json").json["records"])
    again = mentor.ops("review", "accept", first, "--criteria", "vacsr", "--feedback", "Zephyr")
    assert (again.code, "already so" in again.err) == (0, True), again.err
    other = mentor.ops("review", "accept", first, "--criteria", "vacsr", "--feedback", "Something else")
    assert (other.code, "already so" in other.err) == (0, False), other.err


def test_nobody_is_signed_off_by_part_of_a_name(template: School, tmp_path: Path) -> None:
    school = schools.copied(template, tmp_path / "s")
    with sitting_at(school, "mentor") as site:
        for person in ("", "a", "am", "p-", school.person("amy")[:-1]):
            with pytest.raises(NotFound, match="nobody called"):
                judging.sign_off(site, person, "3.B", "", "x")
    done = school.mentor.ops("review", "sign-off", "amy quillfeather", "3.B", "--because", "x")
    assert (done.code, "signed off for Amy Quillfeather" in done.err) == (0, True), done.err


def at_once(desk: Desk, *commands: tuple[str, ...]) -> list[tuple[int, str]]:
    """Commands begun together; how each ended."""
    import subprocess
    import sys

    environment = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "PYTHONPATH")}
    argv = [sys.executable, "-m", "ops.cli.main"]
    running = [
        subprocess.Popen([*argv, *words], cwd=desk.folder, env=environment, stderr=subprocess.PIPE, text=True)
        for words in commands
    ]
    return [(one.wait(60), (one.communicate()[1])) for one in running]


def test_several_that_receive_at_once_take_it_in_once(school: School) -> None:
    ended = at_once(school.amy, *[("evidence", "receive", school.file("back.return"))] * 4)
    assert [code for code, _ in ended] == [0] * 4, ended
    assert school.amy.ops("evidence", "verify").code == 0


def test_of_several_that_write_one_file_one_does_and_it_is_whole(school: School) -> None:
    file = school.file("one.evidence")
    ended = at_once(school.amy, *[("evidence", "submit", "--since", "0", "-o", file)] * 4)
    assert sorted(code for code, _ in ended) == [0, 2, 2, 2], ended
    assert school.imported("one.evidence").code == 0
    assert not list(school.folder.glob(".*"))
