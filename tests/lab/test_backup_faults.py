"""Planted faults of backups: each is found with the right verdict and reason, the healthy job stays green, and is gone.

One workspace for all of them, as an apprentice would have it: what earlier checks proved is remembered by then.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from inventory.lab import Lab, Running
from inventory.lab.fault import Faults
from inventory.lab.protected import backups_text
from tests.lab.test_isolation import on
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab
HOMES, DATA, SHARES = "fs1-homes", "srv1-data", "fs1-shares"
OF_JOB = ("freshness", "start", "finish", "shape", "sources")
Found = list[dict[str, Any]]
CASES = [
    ("stale-job", HOMES, "freshness", "FAIL", r"the newest data are [34].* d old; 30 h may be lost"),
    ("never-ran", HOMES, "freshness", "FAIL", "there is no backup at all"),
    ("missing-source", HOMES, "sources", "FAIL", "/srv/share is not in it"),
    ("wrong-password", HOMES, "freshness", "UNKNOWN", "the password does not open it"),
    ("removed-pack", "vault", "data", "FAIL", "error|missing|not"),
    ("damaged-index", "vault", "data", "FAIL", "."),
    ("full-target", "vault", "room", "FAIL", r"are free \(less than 0.1 %\)"),
    ("clock-ahead", DATA, "freshness", "ERROR", "which is still to come"),
]
OF_BACKUPS = [*(case[0] for case in CASES), "flipped-byte", "prunable", "silent-change", "no-job", "disposed-machine"]


@pytest.fixture(scope="module")
def kept(network: Running, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A workspace that says what is protected, and has seen all of it well once."""
    if not network.keeps_backups:
        pytest.skip(f"mode {network.mode} has no backup host")
    at = desk(tmp_path_factory.mktemp("kept") / "mine", network)
    (at.folder / "inventory/backups.yaml").write_text(backups_text(network))
    return at


@pytest.fixture
def faults(network: Running) -> Faults:
    return Faults(Lab(network.folder.name))


def check(at: Desk) -> Found:
    said = at.ops("backup", "check", "--json")
    assert said.code in (0, 3), said.err
    return list(said.json["findings"])


def on_host(network: Running, host: str, *words: str) -> str:
    done = subprocess.run([*on(network, host), *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def of(found: Found, subject: str) -> dict[str, tuple[str, str]]:
    """Rule → verdict and reason of one job or target; a part of the data without its number."""
    return {one["rule"]: (one["verdict"], one["because"]) for one in found if one["subject"] == subject}


def well(found: Found, job: str, target: str) -> bool:
    """Whether nothing is wrong with a job and where it lies."""
    asked = {rule: verdict for rule, (verdict, _) in of(found, job).items() if rule in OF_JOB}
    whole = {verdict for rule, (verdict, _) in of(found, target).items() if rule != "data"}
    return set(asked) == set(OF_JOB) and set(asked.values()) == {"PASS"} and whole == {"PASS"}


def all_well(found: Found) -> bool:
    return well(found, HOMES, "vault") and well(found, DATA, "attic")


def test_at_first_every_job_is_well(kept: Desk) -> None:
    found = check(kept)
    assert all_well(found), found
    assert {one["verdict"] for one in found if one["rule"] == "1 elsewhere"} == {"PASS"}


@pytest.mark.parametrize(("name", "subject", "rule", "verdict", "because"), CASES, ids=[case[0] for case in CASES])
def test_a_fault_is_found_and_nothing_else_is_blamed(
    kept: Desk, faults: Faults, name: str, subject: str, rule: str, verdict: str, because: str
) -> None:
    assert faults.plant(name)
    try:
        assert name in faults.planted()
        found = check(kept)
        told = {one: why for one, (what, why) in of(found, subject).items() if what == verdict and one.startswith(rule)}
        assert told, found
        assert any(re.search(because, why) for why in told.values()), told
        assert well(found, HOMES, "vault") is (subject == DATA)
        assert well(found, DATA, "attic") is (subject != DATA)
        (still,) = faults.check(name)
        assert not still.mended
    finally:
        faults.clear(name)


def test_a_flipped_byte_passes_every_check_until_its_part_is_read(kept: Desk, faults: Faults) -> None:
    """How many runs that takes at most is said before."""
    of_parts = next(rule for rule in of(check(kept), "vault") if rule.startswith("data "))
    most = int(of_parts.partition("/")[2])
    assert faults.plant("flipped-byte")
    try:
        seen = []
        for _ in range(most):
            found = of(check(kept), "vault")
            assert found["structure"][0] == "PASS"
            seen += [verdict for rule, (verdict, _) in found.items() if rule.startswith("data ")]
        assert "FAIL" in seen
        back = kept.ops("backup", "restore-test", HOMES, "--files", "1000", "--json")
        assert back.code != 0, back.out
        assert "Traceback" not in back.err
    finally:
        faults.clear("flipped-byte")
    assert all_well(check(kept)), "also after all faults before"


def test_a_silent_change_is_found_by_what_comes_back(kept: Desk, faults: Faults) -> None:
    """Size and time are as they were: only the content of an older backup tells."""
    restored = ("backup", "restore-test", HOMES, "--files", "1000", "--json")
    assert faults.plant("silent-change")
    try:
        assert all_well(check(kept)), "no listing shows it"
        said = kept.ops(*restored)
        assert said.code == 3, said.err
        told = [one["because"] for one in said.json["findings"] if one["rule"] == "restore"]
        assert all("Contacts.csv differs from the file as it is now, of the same size" in one for one in told), told
    finally:
        faults.clear("silent-change")
    well = kept.ops(*restored)
    assert well.code == 0, well.out
    assert all(
        "compared with the files as they are now" in one["because"]
        for one in well.json["findings"]
        if one["rule"] == "restore"
    )


def test_the_database_of_a_job_comes_back_and_answers(kept: Desk) -> None:
    said = kept.ops("backup", "restore-test", DATA, "--files", "1", "--json")
    (told,) = [one for one in said.json["findings"] if one["rule"] == "database"]
    assert (told["verdict"], "its query answers 16" in told["because"]) == ("PASS", True), told


def test_a_plain_tree_is_well_but_for_what_nobody_can_see(kept: Desk, network: Running) -> None:
    """Its content is compared with nothing but files that are still as they were."""
    on_host(network, "fs1", "/etc/backup/fs1-shares")
    found = check(kept)
    job, target = of(found, SHARES), of(found, "mirror")
    told = {rule: verdict for rule, (verdict, _) in (job | target).items() if rule != "restore"}
    unseen = {"finish": "UNKNOWN", next(rule for rule in target if rule.startswith("data")): "UNKNOWN"}
    assert told == dict.fromkeys([*OF_JOB, "opens", "structure", "room"], "PASS") | unseen, found
    assert [why for _, why in target.values() if "was compared with nothing: rsync keeps no hashes" in why]
    said = kept.ops("backup", "restore-test", SHARES, "--files", "1000", "--json")
    back = {one["verdict"]: one["because"] for one in said.json["findings"] if one["rule"] == "restore"}
    assert set(back) == {"PASS", "UNKNOWN"}, back
    assert "are right; compared with the files as they are now" in back["PASS"]
    assert "of the others only the size: rsync keeps no hashes" in back["UNKNOWN"]
    assert of(check(kept), SHARES)["restore"][0] == "UNKNOWN"
    lying = on_host(network, "bak1", "ls", "/srv/backup/mirror").split()
    assert all(re.fullmatch(r"[0-9-]{10}T[0-9]{6}Z", one) for one in lying), "none is unfinished"


def test_every_job_comes_back_from_the_backup_host(kept: Desk) -> None:
    for job in (HOMES, DATA):
        said = kept.ops("backup", "restore-test", job, "--json")
        assert said.code == 0, said.err
        told = [one["because"] for one in said.json["findings"] if one["rule"] == "restore"]
        assert len(told) == 2, "the newest and the oldest"


def test_a_job_is_run_by_hand_and_its_fault_is_mended(kept: Desk, faults: Faults, network: Running) -> None:
    assert faults.plant("stale-job")
    try:
        on_host(network, "fs1", "/etc/backup/fs1-homes")
        (mended,) = faults.check("stale-job")
        assert mended.word == "mended"
        assert of(check(kept), HOMES)["freshness"][0] == "PASS"
    finally:
        faults.clear("stale-job")


def test_the_key_that_reads_can_change_nothing(network: Running, kept: Desk, tmp_path: Path) -> None:
    key = network.folder / "secrets/backup-read.key"
    assert refused(network, key, "auditor", "rm /srv/backup/restic/config") != 0
    assert refused(network, key, "auditor", f"put {__file__} /srv/backup/mirror/new") != 0
    assert refused(network, key, "auditor", f"get /srv/backup/restic/config {tmp_path}/config") == 0


def test_the_key_that_adds_can_take_nothing_away(network: Running, kept: Desk) -> None:
    assert not (network.folder / "keys").exists(), "after the start the keys are on the servers"
    assert not (network.folder / "secrets/backup-write.key").exists()
    script = f"put /etc/hostname /srv/archive/srv1/x-{kept.folder.parent.name}"
    on_host(network, "srv1", "sh", "-c", f"echo '{script}' | sftp -q -b - archive@bak1")
    for words in ("rm", "rename"):
        again = f"{words} {script.split()[2]} {'/srv/archive/srv1/y' if words == 'rename' else ''}"
        line = f"echo '{again}' | sftp -q -b - archive@bak1 && exit 9 || exit 0"
        on_host(network, "srv1", "sh", "-c", line)
    on_host(network, "srv1", "sh", "-c", f"echo '{script}' | sftp -q -b - archive@bak1 && exit 9 || exit 0")


def refused(network: Running, key: Path, account: str, line: str) -> int:
    """How SFTP ends that asks for one thing."""
    options = [
        "-o",
        f"UserKnownHostsFile={network.known_hosts}",
        "-o",
        "StrictHostKeyChecking=yes",
        "-o",
        "BatchMode=yes",
    ]
    argv = ["sftp", "-q", *options, "-i", str(key), "-b", "-", f"{account}@bak1.{network.domain}"]
    return subprocess.run(argv, input=line + "\n", text=True, capture_output=True, timeout=30, check=False).returncode


def test_no_key_of_a_backup_opens_a_shell(network: Running, kept: Desk) -> None:
    for account in ("keeper", "archive"):
        said = on_host(network, "fs1", "sh", "-c", f"ssh {account}@bak1 id 2>&1 || true")
        assert "uid=" not in said
        assert "opens the backups and nothing else" in said
