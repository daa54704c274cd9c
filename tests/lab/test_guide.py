"""The everyday commands around the work: the guide from its first task to its last, settings, completion, erasing."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.lab.test_life import Place

pytestmark = [pytest.mark.lab, pytest.mark.skipif(os.geteuid() != 0, reason="standing outside again needs root")]
SOMEBODY = ("--given", "Amy", "--family", "Ng", "--employee", "1001", "--groups", "role-sales")
ADA = ("--given", "Ada", "--family", "Okafor", "--employee", "5001", "--department", "Sales", "--groups", "role-sales")


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One network, ``g``, with its workspace."""
    place = Place(tmp_path_factory.mktemp("guide"), tmp_path_factory.mktemp("cache"))
    try:
        done = place.up("g")
        assert done.returncode == 0, done.stderr
        yield place
    finally:
        place.lab("down", "--name", "g")


def ops(up: Place, *words: str) -> subprocess.CompletedProcess[str]:
    return up.ops("g", *words)


def finished(up: Place) -> int:
    """How many tasks the guide calls done."""
    said = ops(up, "guide")
    assert said.returncode == 0, said.stderr
    return sum(line.strip().startswith("done") for line in said.stdout.splitlines())


def runs(up: Place) -> list[dict[str, str]]:
    """The newest runs."""
    found: list[dict[str, str]] = json.loads(ops(up, "run", "list", "--json").stdout)["runs"]
    return found


def test_the_guide_is_done_by_doing_what_it_says_and_by_nothing_less(up: Place) -> None:
    assert finished(up) == 0
    assert ops(up, "account", "unlock", "lock.smith", "--dry-run").returncode == 0
    assert finished(up) == 0
    assert ops(up, "account", "unlock", "lock.smith", "--yes").returncode == 0
    assert finished(up) == 1
    assert ops(up, "account", "reset-password", "new.password", "--yes").returncode == 0
    assert finished(up) == 2
    assert ops(up, "user", "onboard", *SOMEBODY, "--yes").returncode == 0
    assert finished(up) == 2
    assert ops(up, "user", "onboard", *ADA, "--yes").returncode == 0
    assert finished(up) == 3
    amy = next(run["run"] for run in runs(up) if run["about"] == "Amy Ng (amy.ng)")
    assert ops(up, "run", "undo", amy, "--yes").returncode == 0
    assert finished(up) == 3
    ada = next(run["run"] for run in runs(up) if run["about"] == "Ada Okafor (ada.okafor)")
    assert ops(up, "run", "undo", ada, "--yes").returncode == 0
    assert finished(up) == 4
    assert ops(up, "user", "cut-off", "--logon", "zmueller", "--yes").returncode == 0
    assert finished(up) == 4
    gone = ops(up, "user", "offboard", "--logon", "dzivkovic", "--yes")
    assert gone.returncode == 0, gone.stderr
    assert "BOUNDED" in gone.stdout
    assert finished(up) == 5
    wrong = ops(up, "guide", "--answer", "9.Z")
    assert (wrong.returncode, "the record does not say" in wrong.stderr) == (2, True)
    hint = wrong.stderr.rpartition(": ops ")[2].split()
    assert "counts for" in ops(up, *hint).stdout
    assert finished(up) == 5
    shown = json.loads(ops(up, "evidence", "list", "--json").stdout)["records"]
    reset = next(record for record in shown if "account.reset_password" in record["op"].get("operations", ()))
    right = ops(up, "guide", "--answer", reset["tags"][0]["item"])
    assert (right.returncode, "All six done" in right.stdout) == (0, True)


WRITTEN = {
    "what": "homes of fs1, last night", "rule": "two, on bak1", "restored": "59 files, into an empty folder",
    "same": "size and hashes", "minutes": "1", "gap": "the workstations; Bob knows",
}  # fmt: skip


def of_backups(up: Place, *words: str) -> int:
    """How many tasks on backups the guide calls done."""
    said = ops(up, "guide", "backups", *words)
    assert said.returncode == 0, said.stderr
    return sum(line.strip().startswith("done") for line in said.stdout.splitlines())


def test_a_first_restore_test_is_done_by_doing_it_and_a_fault_is_found_with_the_tool(up: Place) -> None:
    assert of_backups(up) == 0
    assert ops(up, "backup", "list").returncode == 0
    assert of_backups(up) == 0
    ops(up, "backup", "check")
    assert of_backups(up) == 1
    tested = ops(up, "backup", "restore-test", "fs1-homes")
    assert tested.returncode == 0, tested.stderr
    assert of_backups(up) == 2
    for wrong in ("50", "much"):
        assert ops(up, "guide", "backups", "--answer", wrong).returncode == 2
    assert of_backups(up, "--answer", tested.stdout.partition("at most ")[2].partition("%")[0]) == 3
    answers = [word for key, text in WRITTEN.items() for word in (f"--{key}", text)]
    told = ops(up, "task", "check-backup", *answers, "--yes")
    assert told.returncode == 0, told.stderr
    assert of_backups(up) == 4
    ops(up, "backup", "check")
    assert of_backups(up) == 4, "nothing is wrong yet"
    assert ops(up, "lab", "fault", "plant", "removed-pack").returncode == 0
    ops(up, "backup", "check")
    assert of_backups(up) == 4, "found, but not taken away yet"
    assert ops(up, "lab", "fault", "clear", "removed-pack").returncode == 0
    assert of_backups(up) == 5


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_is_offered_for_each_shell(up: Place, shell: str) -> None:
    said = ops(up, "completion", shell)
    assert said.returncode == 0, said.stderr
    assert "_OPS_COMPLETE" in said.stdout


def test_completion_knows_commands_and_options(up: Place) -> None:
    asked = up.environment | {"_OPS_COMPLETE": "bash_complete", "COMP_WORDS": "ops account unl", "COMP_CWORD": "2"}
    argv = [*up.argv()[:-1]]
    said = subprocess.run(argv, env=asked, capture_output=True, text=True, timeout=30, check=False)
    assert "unlock" in said.stdout


def test_every_setting_says_where_it_came_from(up: Place) -> None:
    found = json.loads(ops(up, "config", "show", "--json").stdout)["settings"]
    assert {"workspace", "environment.kind", "target.dc1"} <= {one["name"] for one in found}
    assert all(one["origin"] for one in found)
    assert "inventory" in ops(up, "config", "show", "--origin").stdout
    assert ops(up, "config", "show").stdout.count("inventory") == 0


def test_status_says_what_waits_and_what_nobody_else_holds(up: Place) -> None:
    said = ops(up, "status")
    assert said.returncode == 0, said.stderr
    assert "PRACTICE lab.example" in said.stdout
    assert "events that nobody else has vouched for yet" in said.stdout
    assert "new.password" in said.stdout


def test_names_that_are_erased_are_gone_and_the_record_still_holds(up: Place) -> None:
    made = ops(up, "user", "onboard", "--given", "Era", "--family", "Sable", "--employee", "5002", "--yes")
    assert made.returncode == 0, made.stderr
    assert "Era Sable" in ops(up, "evidence", "show", "last").stdout
    assert ops(up, "evidence", "erase", "last", "--yes").returncode == 0
    assert "Era" not in ops(up, "evidence", "show", "last").stdout
    assert ops(up, "evidence", "verify").returncode == 0
    undone = ops(up, "run", "undo", "last", "--yes")
    assert (undone.returncode, "names of this run were erased" in undone.stderr) == (2, True)


@pytest.mark.parametrize("words", [("user", "onboard"), ("account", "reset-password"), ("group", "add-member")])
def test_a_command_explains_what_it_would_send(up: Place, words: tuple[str, ...]) -> None:
    said = ops(up, "explain", *words)
    assert said.returncode == 0, said.stderr
    assert "LDAP modify" in said.stdout
    assert "guard" in said.stdout
    assert "TLS with the certificate checked" in said.stdout


def test_what_is_not_sent_is_not_explained(up: Place) -> None:
    said = ops(up, "explain", "backup", "run")
    assert "restic or borg" in said.stdout
    assert "LDAP" not in said.stdout


def test_the_network_started_from_within_its_workspace_goes_on_with_that_workspace(up: Place) -> None:
    key = (up.folder / "g/state/identity.json").read_text()
    for words in (("up",), ("down",), ("up",)):
        said = ops(up, "lab", *words)
        assert said.returncode == 0, said.stderr
    assert "next: ops guide" in said.stderr
    assert not (up.folder / "g/practice").exists()
    assert (up.folder / "g/state/identity.json").read_text() == key
    assert ops(up, "doctor").returncode == 0


def test_doctor_names_what_is_broken_and_how_to_mend_it(up: Place) -> None:
    assert ops(up, "doctor").returncode == 0
    key = up.folder / "g/state/id_evidence"
    key.rename(key.with_name("elsewhere"))
    try:
        said = ops(up, "doctor")
        assert said.returncode == 1
        assert "key must be mended first" in said.stderr
        refused = ops(up, "account", "disable", "ever.green", "--yes")
        assert (refused.returncode, "the signing key" in refused.stderr) == (7, True)
        assert json.loads(ops(up, "account", "show", "ever.green", "--json").stdout)["enabled"]
    finally:
        key.with_name("elsewhere").rename(key)
