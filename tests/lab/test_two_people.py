"""Two accounts of one machine, each with a home nobody else may enter: only files go between them.

The apprentice works on a practice network of their own; the mentor has what came as a file, and nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pytest

from tests.lab.test_life import soon
from tests.lab.test_modes import PYTHON, administer, ground, running
from tests.network import outside
from tests.unit.school import ROOM

__all__ = ["ground"]
pytestmark = [pytest.mark.lab, pytest.mark.skipif(os.geteuid() != 0, reason="making other users needs root")]
NAMES = {"amy": "Amy Quillfeather", "max": "Max Thistlewood"}
PAPERS = ("schedule.docx", "completion.docx", "profile.docx", "training-plan.docx", "match.docx", "portfolio.html")
PAPERS += ("portfolio.xlsx", "bundle.zip")
LOOK_BACK = {
    "happened": "Somebody left.", "part": "All of it.", "thought": "I was nervous.", "good": "The order was.",
    "why": "I had read the plan.", "next": "Ask for the successor first.", "ai": "none",
}  # fmt: skip


@dataclass(frozen=True)
class Somebody:
    """An account of this machine with a home of its own, and one of the workspaces in it."""

    ground: Path
    name: str
    workspace: str

    @property
    def home(self) -> Path:
        return self.ground / "homes" / self.name

    @property
    def account(self) -> str:
        return f"jm{os.getpid()}{self.name}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "PYTHONPATH": f"{self.ground / 'project'}:{self.ground / 'libraries'}",
            "LAB_RUN": str(self.home / "run"),
            "LAB_CACHE": str(self.home / "cache"),
        }

    def argv(self, *words: str) -> list[str]:
        """A command as this account, in the workspace if it is there already."""
        folder = self.home / self.workspace
        drop = ["setpriv", "--reuid", self.account, "--regid", self.account, "--init-groups"]
        return [*outside(folder if folder.exists() else self.home), *drop, PYTHON, "-m", "ops.cli.main", *words]

    def ops(self, *words: str, fails: bool = False) -> str:
        """What it printed; both streams, and it must have gone well."""
        argv = self.argv(*words)
        done = subprocess.run(
            argv, env=self.environment, capture_output=True, text=True, timeout=180, check=False, umask=0o022
        )
        assert (done.returncode != 0) == fails, f"{' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stdout if "--json" in words else done.stdout + done.stderr

    def run(self, *words: str) -> str:
        """Work, as its run's id."""
        return str(json.loads(self.ops(*words, "--yes", "--json"))["run"])


@pytest.fixture
def people(ground: Path) -> Iterator[tuple[Somebody, Somebody, Somebody]]:
    """The apprentice; the mentor, and the IT lead, who is the mentor's other workspace."""
    amy, mentor, lead = (Somebody(ground, *one) for one in (("amy", "practice"), ("max", "mine"), ("max", "lead")))
    (ground / "homes").mkdir()
    between(ground).mkdir()
    between(ground).chmod(0o1777)
    for one in (amy, mentor):
        words = ["--create-home", "--home-dir", str(one.home), "--shell", "/bin/sh", "--comment", NAMES[one.name]]
        administer("useradd", *words, one.account)
        one.home.chmod(0o700)
    try:
        yield amy, mentor, lead
    finally:
        for one in (amy, mentor):
            uid = int(administer("id", "-u", one.account))
            assert soon(lambda uid=uid: not running(uid))
            administer("userdel", one.account)
        shutil.rmtree(ground / "homes")


def between(ground: Path) -> Path:
    return ground / "homes/between"


def given(ground: Path, name: str) -> str:
    """Hand a file over: it is the only thing the other may read."""
    path = between(ground) / name
    assert path.stat().st_mode & 0o077 == 0
    path.chmod(0o644)
    return str(path)


def enrolled(ground: Path, amy: Somebody, mentor: Somebody, lead: Somebody) -> None:
    """Cards in person, one signed list, the lead's fingerprint compared."""
    for folder, name in ((lead.workspace, "Lea Marchbanks"), (mentor.workspace, NAMES["max"])):
        Somebody(ground, "max", "").ops("init", "--evidence-only", "--folder", folder, "--name", name)
    for one, role in ((amy, "apprentice"), (mentor, "mentor")):
        card = next(line for line in one.ops("signers", "card").splitlines() if line.startswith("p-"))
        assert card.endswith(NAMES[one.name])
        path = between(ground) / f"{one.name}.card"
        path.write_text(card + "\n")
        lead.ops("signers", "enrol", str(path), "--role", role)
    identity = json.loads((lead.home / "lead/state/identity.json").read_text())
    for end in ("", ".sig"):
        shutil.copy(lead.home / f"lead/signers{end}", between(ground))
        (between(ground) / f"signers{end}").chmod(0o644)
    for one in (amy, mentor):
        one.ops("signers", "install", str(between(ground) / "signers"), "--lead", identity["fingerprint"])


def worked(amy: Somebody) -> dict[str, str]:
    """A week: somebody joins, somebody leaves, a room is made ready, and a look back on it."""
    new = ("--family", "Lark", "--groups", "role-it")
    runs = {"joins": amy.run("user", "onboard", "--given", "Ivo", "--employee", "T1", *new)}
    amy.run("user", "onboard", "--given", "Nora", "--employee", "T2", *new)
    runs["leaves"] = amy.run("user", "offboard", "--logon", "nora.lark", "--successor", "ivo.lark")
    runs["room"] = amy.run("task", "set-up-room", *ROOM)
    answers = [word for key, answer in LOOK_BACK.items() for word in (f"--{key}", answer)]
    runs["reflects"] = amy.run("journal", "reflect", "--about", runs["leaves"], *answers)
    return runs


def talked_about(mentor: Somebody, run: str) -> None:
    """At the mentor's screen: the questions made from the record are asked, and answers written down in short."""
    argv = mentor.argv("review", "next")
    with (mentor.home / "screen").open("w") as screen:
        asked = pexpect.spawn(argv[0], argv[1:], env=mentor.environment, timeout=60, encoding="utf-8")
        asked.setwinsize(60, 140)
        asked.logfile_read = screen
        while asked.expect([r"record\s+(\w{8})", "Sign \\d+ decision"]) == 0:
            wanted = asked.match.group(1) == run
            asked.expect("a accept")
            asked.send("d" if wanted else "s")
            if wanted:
                discussed(asked)
        asked.sendline("y")
        asked.expect("Signed: 1 decision")
        asked.expect(pexpect.EOF)


def discussed(asked: pexpect.spawn) -> None:
    while asked.expect(["answer in short", "a accept"]) == 0:
        asked.sendline("It was said well.")
        asked.expect("understood")
        asked.send("y")
    asked.send("a")
    for criterion in ("valid", "authentic", "current", "sufficient", "reliable"):
        asked.expect(f"{criterion}\\?")
        asked.send("y")
    asked.expect("feedback")
    asked.sendline("Well explained.")


def test_a_week_goes_between_two_people_as_files_alone(
    ground: Path, people: tuple[Somebody, Somebody, Somebody]
) -> None:
    amy, mentor, lead = people
    up = amy.ops("lab", "up")
    assert "lab is up" in up
    try:
        enrolled(ground, amy, mentor, lead)
        runs = worked(amy)
    finally:
        amy.ops("lab", "down")
    amy.ops("evidence", "submit", "-o", str(between(ground) / "1.evidence"))
    assert "every signature and hash holds" in mentor.ops("review", "import", given(ground, "1.evidence"))
    assert "all of it was here already" in mentor.ops("review", "import", str(between(ground) / "1.evidence"))

    mentor.ops("review", "refer-back", runs["room"], "--criteria", "vac-s", "--feedback", "How did you try the sound?")
    mentor.ops("review", "accept", runs["joins"], "--criteria", "vacsr")
    talked_about(mentor, runs["leaves"])
    too_little = mentor.ops("review", "sign-off", NAMES["amy"], "rapids-1059cb:1.I", fails=True)
    assert "1 more accepted of 2 records" in too_little
    mentor.ops("review", "sign-off", NAMES["amy"], "rapids-1059cb:1.I", "--because", "talked through, step by step")
    mentor.ops("checkpoint", "cosign", NAMES["amy"])
    mentor.ops("review", "return", NAMES["amy"], "-o", str(between(ground) / "1.return"))

    back = amy.ops("evidence", "receive", given(ground, "1.return"))
    for line in (f"{runs['room']}  referred-back", f"{runs['joins']}  accepted", f"{runs['leaves']}  accepted"):
        assert line in back
    assert "Well explained." in back
    assert "rapids-1059cb:1.I  signed off" in back
    status = json.loads(amy.ops("portfolio", "status", "--framework", "rapids-1059cb", "--json"))
    states = {row["item"]: row["state"] for row in status["frameworks"]["rapids-1059cb"]}
    assert [item for item, state in states.items() if state == "signed off"] == ["1.I"]
    gaps = amy.ops("portfolio", "gaps", "--framework", "rapids-1059cb")
    assert "3.A" in gaps
    assert "1.I" not in gaps
    assert "ops task" in amy.ops("portfolio", "next")
    again = amy.run("task", "set-up-room", *ROOM)
    amy.ops("evidence", "submit", "-o", str(between(ground) / "2.evidence"))
    mentor.ops("review", "import", given(ground, "2.evidence"))
    assert runs["room"] in mentor.ops("review", "show", again)
    papers_are_written(amy)
    assert "Permission denied" in nosy(amy, mentor.home) + nosy(mentor, amy.home)


def papers_are_written(amy: Somebody) -> None:
    """Every one of them, and the bundle holds."""
    folder = amy.home / "papers"
    folder.mkdir()
    os.chown(folder, amy.home.stat().st_uid, -1)
    for paper in PAPERS:
        amy.ops("portfolio", "export", paper.partition(".")[0], "-o", str(folder / paper))
        assert (folder / paper).stat().st_size > 1000
    assert "1.I" in (folder / "portfolio.html").read_text()
    assert NAMES["amy"] in (folder / "portfolio.html").read_text()
    if kept := os.environ.get("OPS_PICTURES"):
        shutil.copytree(folder, Path(kept) / "two-people", dirs_exist_ok=True)


def nosy(one: Somebody, home: Path) -> str:
    """What somebody is told who looks into the other's home."""
    drop = ["setpriv", "--reuid", one.account, "--regid", one.account, "--init-groups"]
    return subprocess.run([*outside(), *drop, "ls", str(home)], capture_output=True, text=True, check=False).stderr
