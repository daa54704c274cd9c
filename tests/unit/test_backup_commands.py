"""``ops backup`` over real repositories: what is planted is found, what is well stays green, nothing is left behind."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pexpect
import pytest

from tests.contract.packed_archives import flipped
from tests.contract.test_backup import PASSWORD, Kept, filled
from tests.unit.kept import kept_by_day
from tests.warm import usual
from tests.workspace import Desk, Result, bare

__all__ = ["kept_by_day"]
TEXT = """systems:
  FS-1: {{host: fs1, tier: 1, rpo: 24h, rto: 4h, site: Leith, failure_domain: rack-1}}
targets:
  vault: {{tool: {tool}, where: "{where}", site: Perth, failure_domain: rack-2, credential: "file:secret"}}
jobs:
  homes: {{system: FS-1, target: vault, paths: ["{source}"], every: 1d, at: "{at}"}}
cadence:
  1: {{data: 2d}}
"""
NAMES = ("vault", "homes")


@pytest.fixture
def lead(kept: Kept, tmp_path: Path) -> Desk:
    return desk(tmp_path / "lead", kept)


def desk(folder: Path, kept: Kept) -> Desk:
    made = bare(folder, "Lea")
    at = (datetime.now(UTC) - timedelta(minutes=2)).strftime("%H:%M")
    text = TEXT.format(tool=kept.tool, where=kept.repository, source=kept.source, at=at)
    (made.folder / "inventory/backups.yaml").write_text(text)
    (made.folder / "secret").write_text(PASSWORD + "\n")
    (made.folder / "secret").chmod(0o600)
    return made


def found(said: Result) -> dict[str, str]:
    """Rule → verdict."""
    return {one["rule"]: one["verdict"] for one in said.json["findings"]}


def check(lead: Desk, *more: str) -> dict[str, str]:
    return found(lead.ops("backup", "check", "--json", *more))


def test_what_is_well_is_green_and_what_was_not_looked_at_is_not(lead: Desk, kept: Kept) -> None:
    first = check(lead)
    assert [first[rule] for rule in ("freshness", "start", "sources", "structure")] == ["PASS"] * 4
    assert first["shape"] == "UNKNOWN", "one backup does not say what is usual"
    assert first["data"] == ("PASS" if kept.tool == "borg" else "UNKNOWN"), "of restic, half was not read yet"
    assert first["finish"] == "PASS", "restic 0.14 does not tell an end, and its record was written by then"
    assert (first["3 copies"], first["2 media"], first["1 elsewhere"]) == ("FAIL", "FAIL", "PASS")
    assert (first["1 unchangeable"], first["0 errors"]) == ("UNKNOWN", "UNKNOWN")
    assert check(lead)["data"] == "PASS"
    shown = lead.ops("backup", "check").out.splitlines()
    assert shown[0].split()[:3] == ["fresh", "on", "time"]
    assert max(map(len, shown[:3])) <= 80
    assert [line for line in shown if line.startswith("UNKNOWN") and "1 unchangeable" in line]
    back = lead.ops("backup", "restore-test", "homes", "--files", "4")
    assert (back.code, "4 of 4 right" in back.out, "59 prove" in back.out) == (0, True, True)
    assert check(lead)["0 errors"] == "UNKNOWN"
    back = lead.ops("backup", "restore-test", "homes")
    whole = "10 files" if kept.tool == "restic" else "9 files"  # of a name with a question mark borg tells too little
    assert (back.code, f"all {whole} are right" in back.out) == (0, True)
    assert "whole" not in back.out.splitlines()[0], "a restore test is not asked whether all of it is whole"
    assert "3 findings: 3 PASS" in back.err, "what so little data say of the time is enough for so little"
    assert check(lead)["0 errors"] == "PASS"
    assert lead.ops("evidence", "verify").code == 0


def test_files_of_the_newest_and_the_oldest_come_back_and_nothing_is_left(lead: Desk, kept: Kept) -> None:
    kept.keep("second")
    said = lead.ops("backup", "restore-test", "homes", "--files", "6", "--by", "chance", "--json")
    assert said.code == 0, said.err
    told = [one for one in said.json["findings"] if one["rule"] == "restore"]
    assert [one["verdict"] for one in told] == ["UNKNOWN", "UNKNOWN"], "so few prove nothing"
    assert all("6 of 6 right: 95 % sure that at most" in one["because"] for one in told)
    assert list((lead.folder / "state/restored").iterdir()) == []
    again = lead.ops("backup", "restore-test", "homes", "--files", "6", "--by", "chance", "--json").json["findings"]
    assert [one["because"] for one in again if one["rule"] == "restore"] == [one["because"] for one in told]


def test_a_path_with_nothing_in_it_is_not_proven_by_what_lies_in_another(lead: Desk, kept: Kept) -> None:
    """A file system that was not mounted when the backup was made."""
    (empty := kept.folder / "mount").mkdir()
    plan = lead.folder / "inventory/backups.yaml"
    plan.write_text(plan.read_text().replace(f'"{kept.source}"', f'"{empty}", "{kept.source}"'))

    def tested(name: str) -> set[tuple[str, bool]]:
        with_both = ["create", f"{kept.repository}::{name}"] if kept.tool == "borg" else ["backup"]
        kept.run(*with_both, str(kept.source), str(empty))
        rows = lead.ops("backup", "restore-test", "homes", "--json").json["findings"]
        told = [one for one in rows if one["rule"] == "restore"]
        return {(one["verdict"], f"no file is in {empty}" in one["because"]) for one in told}

    assert tested("unmounted") == {("UNKNOWN", True)}
    (empty / "file").write_text("mounted now")
    assert ("PASS", False) in tested("mounted")


def test_a_flipped_octet_is_caught_by_reading_or_by_bringing_back(lead: Desk, kept: Kept) -> None:
    pack = kept.packs()[0]
    octets = bytearray(pack.read_bytes())
    octets[len(octets) // 2] ^= 1
    pack.chmod(0o600)
    pack.write_bytes(octets)
    verdicts = {rule: verdict for _ in range(2) for rule, verdict in check(lead).items()}
    assert "FAIL" in {verdict for rule, verdict in verdicts.items() if rule.startswith(("data ", "structure"))}
    back = lead.ops("backup", "restore-test", "homes", "--files", "1000", "--json")
    assert (back.code, {one["verdict"] for one in back.json["findings"] if one["rule"] == "restore"}) == (3, {"FAIL"})
    assert list((lead.folder / "state/restored").iterdir()) == []
    assert check(lead)["restore"] == "FAIL", "what did not come back is remembered"


@pytest.mark.parametrize(
    ("old", "new", "rule", "verdict"),
    [
        ("rpo: 24h", "rpo: 1m", "freshness", "FAIL"),
        ('paths: ["', 'paths: ["/srv/never", "', "sources", "FAIL"),
        ('paths: ["', 'paths: ["/srv/never", "', "1 elsewhere", "FAIL"),
        ('where: "', 'where: "/nowhere', "freshness", "FAIL"),
        ('where: "', 'offline: true, where: "/nowhere', "freshness", "UNKNOWN"),
        ("file:secret", "file:other", "freshness", "UNKNOWN"),
    ],
)
def test_each_thing_that_is_wrong_is_told_with_its_verdict(
    lead: Desk, kept: Kept, old: str, new: str, rule: str, verdict: str
) -> None:
    plan = lead.folder / "inventory/backups.yaml"
    (lead.folder / "other").write_text("wrong\n")
    (lead.folder / "other").chmod(0o600)
    if old == "rpo: 24h":
        _age(kept)
    plan.write_text(plan.read_text().replace(old, new))
    said = lead.ops("backup", "check", "--json", "--fail-on", "unknown")
    assert said.code == 3, said.err
    assert found(said)[rule] == verdict


def test_of_a_target_that_does_not_open_nothing_is_green(lead: Desk, kept: Kept) -> None:
    check(lead)
    escrow = 'credential: "file:secret", escrow: "file:other"'
    plan = lead.folder / "inventory/backups.yaml"
    plan.write_text(plan.read_text().replace('credential: "file:secret"', escrow))
    other = lead.folder / "other"
    other.write_text(PASSWORD + "\n")
    other.chmod(0o600)
    assert check(lead)["key"] == "PASS"
    for file in (other, lead.folder / "secret"):
        file.write_text("wrong\n")
    first = check(lead)
    unseen = {rule: first[rule] for rule in ("freshness", "start", "finish", "shape", "sources", "structure", "opens")}
    assert set(unseen.values()) == {"UNKNOWN"}, unseen
    assert first["key"] == "FAIL", "what was proven this morning is no answer to a refusal now"


def test_what_is_not_due_is_proven_anew_when_asked(lead: Desk, kept: Kept) -> None:
    check(lead)
    if kept.tool == "restic":
        pack = kept.packs()[0]
        pack.chmod(0o600)
        pack.write_bytes(pack.read_bytes()[:-100])
    else:
        flipped(kept.packs()[0])
    assert check(lead)["structure"] == "PASS", "proven within its cadence"
    assert check(lead, "--again")["structure"] == "FAIL"


@pytest.mark.parametrize("again", [(), ("--again",)])
def test_what_its_tool_knows_to_be_broken_is_wrong_though_it_cannot_be_looked_into(
    lead: Desk, kept: Kept, again: tuple[str, ...]
) -> None:
    lists = [pack for pack in kept.packs() if pack.stat().st_size > 100]  # of borg: all but ends of transactions
    flipped(max(lists, key=lambda pack: int(pack.name)) if kept.tool == "borg" else kept.repository / "config")
    first = check(lead, *again)
    assert [first[rule] for rule in ("opens", "structure")] == ["FAIL"] * 2
    assert [first[rule] for rule in ("freshness", "shape", "sources")] == ["UNKNOWN"] * 3


def test_what_is_broken_for_one_job_is_not_made_good_by_another(tmp_path: Path) -> None:
    """Not even by what was proven of the structure yesterday."""
    kept = filled(Kept("restic", tmp_path))
    lead = desk(tmp_path / "lead", kept)
    (other := tmp_path / "other").mkdir()
    (other / "file").write_bytes(os.urandom(10_000))
    before = set(kept.packs())
    kept.keep(folder=other)
    plan = lead.folder / "inventory/backups.yaml"
    row = f'  other: {{system: FS-1, target: vault, paths: ["{other}"], every: 1d}}\n'
    plan.write_text(plan.read_text().replace("jobs:\n", f"jobs:\n{row}"))
    assert check(lead)["structure"] == "PASS"
    flipped(min(set(kept.packs()) - before, key=lambda pack: pack.stat().st_size))
    shutil.rmtree(lead.folder / "state/backup-cache")  # what restic keeps of it here
    said = lead.ops("backup", "check", "--json").json["findings"]
    assert {(one["subject"], one["verdict"]) for one in said if one["rule"] == "freshness"} == {
        ("homes", "PASS"), ("other", "UNKNOWN"),
    }  # fmt: skip
    assert "FAIL" in {one["verdict"] for one in said if one["rule"] == "structure"}


def test_a_repository_made_anew_in_the_place_of_one_inherits_no_proof(lead: Desk, kept: Kept) -> None:
    check(lead)
    assert lead.ops("backup", "restore-test", "homes").code == 0
    assert check(lead)["restore"] == "PASS"
    shutil.rmtree(kept.repository)
    kept.run(*(["init"] if kept.tool == "restic" else ["init", "-e", "repokey", str(kept.repository)]))
    kept.keep("anew")
    after = check(lead)
    assert (after["freshness"], after["restore"], after["0 errors"]) == ("PASS", "UNKNOWN", "UNKNOWN")
    told = lead.ops("backup", "check", "--json").json["findings"]
    assert [one["because"] for one in told if one["rule"] == "restore"] == ["never proven"]


def test_passwords_are_asked_for_one_after_the_other_before_anything_is_looked_at(lead: Desk, kept: Kept) -> None:
    """Also those of keys kept elsewhere that are not due: two prompts at once are answered by nobody."""
    copytree(kept.repository, kept.folder / "twin")
    plan = lead.folder / "inventory/backups.yaml"
    text = plan.read_text().replace('"file:secret"', '"file:secret", escrow: prompt')
    vault = next(line for line in text.splitlines() if line.startswith("  vault:"))
    twin = vault.replace("vault:", "twin:").replace(str(kept.repository), str(kept.folder / "twin"))
    homes = next(line for line in text.splitlines() if line.startswith("  homes:"))
    other = homes.replace("homes:", "again:").replace("target: vault", "target: twin")
    plan.write_text(text.replace(vault, f"{vault}\n{twin}").replace(homes, f"{homes}\n{other}"))
    nobody = lead.ops("backup", "check", "--json").json["findings"]
    assert {one["verdict"] for one in nobody if one["rule"] == "key"} == {"UNKNOWN"}
    assert all("nobody can be asked here" in one["because"] for one in nobody if one["rule"] == "key")
    for words in ((), ("--again",)):
        argv = ["-m", "ops.cli.main", "backup", "check", *words]
        screen = pexpect.spawn(sys.executable, argv, cwd=lead.folder, env=usual(), encoding="utf-8", timeout=60)
        for _ in range(2):
            screen.expect("Password of escrow:[a-z]+: ")
            assert screen.expect(["Password of", pexpect.TIMEOUT], timeout=2) == 1
            screen.sendline(PASSWORD)
        screen.expect(pexpect.EOF)
        assert "looked at jobs (2)" in screen.before
        screen.close()


@pytest.mark.parametrize("way", ["./secret", "symbolic", "hard", "away/../secret"])
def test_the_key_in_use_is_no_copy_of_itself(tmp_path: Path, way: str) -> None:
    lead = bare(tmp_path / "lead", "Lea")
    secret, plan = lead.folder / "secret", lead.folder / "inventory/backups.yaml"
    (lead.folder / "away").mkdir()
    secret.write_text(PASSWORD)
    (lead.folder / "symbolic").symlink_to(secret)
    (lead.folder / "hard").hardlink_to(secret)
    text = TEXT.format(tool="restic", where="/b", source="/srv", at="02:00")
    plan.write_text(text.replace('"file:secret"', f'"file:secret", escrow: "file:{way}"'))
    said = lead.ops("backup", "check")
    assert (said.code, "escrow of vault leads to the key that is in use" in said.err) == (2, True), said.err
    plan.write_text(text.replace('"file:secret"', '"file:secret", escrow: "file:not/here"'))
    assert "leads to the key" not in lead.ops("backup", "check").err


@pytest.mark.parametrize(("mirrored", "verdict"), [(False, "FAIL"), (True, "UNKNOWN")])
def test_one_repository_by_two_ways_is_one_copy(lead: Desk, kept: Kept, mirrored: bool, verdict: str) -> None:
    """Its number says so, whatever its place is called; a mirror has the same number, and lies elsewhere."""
    if mirrored:
        shutil.copytree(kept.repository, kept.folder / "link")
    else:
        (kept.folder / "link").symlink_to(kept.repository)
    plan = lead.folder / "inventory/backups.yaml"
    text = plan.read_text()
    vault, homes = (next(line for line in text.splitlines() if line.startswith(f"  {name}:")) for name in NAMES)
    way = vault.replace("vault:", "way:").replace(str(kept.repository), str(kept.folder / "link"))
    text = text.replace(vault, f"{vault}\n{way.replace('rack-2', 'rack-3')}")
    plan.write_text(text.replace(homes, f"{homes}\n{homes.replace('homes:', 'again:').replace(' vault', ' way')}"))
    told = {one["rule"]: one for one in lead.ops("backup", "check", "--json").json["findings"]}
    assert (told["freshness"]["verdict"], told["3 copies"]["verdict"]) == ("PASS", verdict)
    one = f"vault and way are one repository{' or mirrors of it' * mirrored}, which counts once"
    assert one in told["3 copies"]["because"]


def _age(kept: Kept) -> None:
    """Its only backup becomes one of two days ago."""
    old = (datetime.now() - timedelta(days=2)).strftime("%Y-%m-%d %H:%M:%S")  # noqa: DTZ005  as people type it
    if kept.tool == "restic":
        kept.run("backup", "--time", old, str(kept.source))
        kept.run("forget", "--keep-last", "1", "--group-by", "paths")
        shutil.rmtree(kept.repository)
        kept.run("init")
        kept.run("backup", "--time", old, str(kept.source))
    else:
        kept.run("delete", f"{kept.repository}::first")
        kept.run("create", "--timestamp", old.replace(" ", "T"), f"{kept.repository}::old", str(kept.source))


def test_what_a_killed_run_left_is_taken_away_and_that_of_a_living_one_is_not(lead: Desk) -> None:
    """Who lives holds its folder; a number in a name may be that of another program by now."""
    folder = lead.folder / "state/restored"
    folder.mkdir(mode=0o700)
    (folder / "restored-1-x").mkdir()
    (folder / "restored-held").mkdir()
    handle = os.open(folder / "restored-held", os.O_DIRECTORY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert lead.ops("backup", "restore-test", "homes", "--files", "1").code == 0
    assert [path.name for path in folder.iterdir()] == ["restored-held"]
    os.close(handle)


def lowered(lead: Desk, *words: str) -> Result:
    """With no more rights than whoever is not root."""
    lower = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    argv = [*lower, sys.executable, "-m", "ops.cli.main", *words]
    done = subprocess.run(argv, cwd=lead.folder, capture_output=True, text=True, check=False, timeout=120)
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("mode", [0o555, 0o070])
def test_what_nobody_may_enter_or_write_to_comes_back_and_is_taken_away(lead: Desk, kept: Kept, mode: int) -> None:
    """As whoever is not root meets it: it has no right to read it, or to remove anything from it."""
    (kept.source / "shut").mkdir()
    (kept.source / "shut/file").write_bytes(b"in it")
    (kept.source / "shut/file").chmod(0)
    (kept.source / "shut").chmod(mode)
    kept.keep("second")
    said = lowered(lead, "backup", "restore-test", "homes", "--files", "100")
    assert said.code == 0, said.out + said.err
    assert list((lead.folder / "state/restored").iterdir()) == []
    (kept.source / "shut").chmod(0o755)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("backup", "restore-test", "other"), "backups.yaml has no job other"),
        (("backup", "restore-test", "homes", "--files", "0"), "0 is not in the range"),
    ],
)
def test_bad_input_gets_one_clear_line(lead: Desk, words: tuple[str, ...], said: str) -> None:
    refused = lead.ops(*words)
    assert refused.code != 0
    assert said in refused.err
    assert "Traceback" not in refused.err


def test_without_the_file_it_is_said_how_one_looks(tmp_path: Path) -> None:
    made = bare(tmp_path / "none", "Lea")
    for words in (("list",), ("check",), ("restore-test", "x")):
        refused = made.ops("backup", *words)
        assert (refused.code, "there is no inventory/backups.yaml" in refused.err) == (1, True), refused.err


def test_the_list_names_every_job(lead: Desk, kept: Kept) -> None:
    (row,) = lead.ops("backup", "list", "--json").json["jobs"]
    assert (row["job"], row["system"], row["tool"]) == ("homes", "FS-1", kept.tool)


@pytest.mark.parametrize("shut", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_whoever_starts_it_with_closed_streams_gets_its_work_done(lead: Desk, shut: str) -> None:
    """As some services do; no file of ours is given the number of a stream."""
    words = [
        "sh",
        "-c",
        f'exec "$@" {shut}',
        "sh",
        sys.executable,
        "-m",
        "ops.cli.main",
        "backup",
        "restore-test",
        "homes",
    ]
    said = subprocess.run(words, cwd=lead.folder, capture_output=True, text=True, check=False, timeout=120)
    assert (said.returncode, "Bug" in said.stderr) == (0, False), said.stderr
    assert lead.ops("evidence", "verify").code == 0
