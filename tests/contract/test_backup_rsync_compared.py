"""What is in a dated tree compared with: a list of checksums beside it, or the file it was made of."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import timedelta
from getpass import getuser
from pathlib import Path

import pytest

from ops.adapters.backup import Damaged, Part
from ops.errors import NotOffered
from tests.contract.dated import ALL, NOW
from tests.contract.plain_trees import EARLIER, ODD, SSH_AT_NIGHT, Plain, behind_ssh, either, plain
from tests.workspace import Desk, bare

__all__ = ["behind_ssh", "either", "plain"]


def test_without_a_list_beside_it_nothing_is_called_compared(either: Plain) -> None:
    with pytest.raises(NotOffered):
        either.vault().unlock()
    with pytest.raises(NotOffered, match="has no tree"):
        either.vault().data(ALL)
    either.keep()
    with pytest.raises(NotOffered, match="compared with nothing: rsync keeps no hashes") as told:
        either.vault().data(ALL)
    assert "its name and .sha256" in str(told.value.hint)
    for number in range(1, 5):
        with pytest.raises(NotOffered):
            either.vault().data(Part(number, 4))


@pytest.mark.parametrize("form", ["./", "/", "tree"])
def test_a_list_beside_it_is_compared_file_by_file(either: Plain, form: str) -> None:
    made = either.keep()
    either.listed(made, form)
    assert either.vault().data(ALL) == ""
    assert all(len(entry.sha256) == 64 for entry in either.vault().entries(made.name))
    bad = either.at(made, "new\nline")
    octets, moment = bytearray(bad.read_bytes()), bad.stat().st_mtime_ns
    octets[7] ^= 1
    bad.write_bytes(octets)
    os.utime(bad, ns=(moment, moment))
    assert either.vault().structure() == ""
    assert "new\\nline' is not as the list beside it says" in either.vault().data(ALL)
    shutil.copy2(either.source / "new\nline", bad)
    either.at(made, "plain").rename(either.at(made, "other"))
    told = either.vault().data(ALL)
    assert "plain is in the list and not there" in told
    assert "other is in no line of the list" in told


def test_a_list_that_cannot_be_read_is_told_and_one_tree_without_keeps_its_part_open(either: Plain) -> None:
    first, second = either.keep(NOW - timedelta(days=1)), either.keep()
    beside = either.listed(first)
    told: list[object] = []
    for number in (1, 2):
        try:
            told.append(either.vault().data(Part(number, 2)))
        except NotOffered as error:
            told.append(second.name in str(error))
    assert sorted(map(str, told)) == ["", "True"]
    either.at(first, "plain").unlink()
    for number in (1, 2):
        assert "plain is in the list and not there" in either.vault().data(Part(number, 2)), "it is in sight each time"
    for text in ("gibberish\n", f"{'0' * 64}  ../x\n", f"{'0' * 64}  x\n{'1' * 64}  ./x\n"):
        beside.write_text(text)
        assert f"{beside.name}: line " in either.vault().data(ALL)
        with pytest.raises(Damaged):
            list(either.vault().entries(first.name))


def test_a_file_of_the_list_that_is_gone_is_lost_and_a_list_of_another_top_says_nothing(plain: Plain) -> None:
    made = plain.keep()
    beside = plain.listed(made)
    plain.at(made, "plain").unlink()
    plain.at(made, "empty").unlink()
    plain.at(made, "empty").symlink_to("new\nline")
    lost = {entry.path for entry in plain.vault().entries(made.name) if entry.lost}
    assert lost == {str(plain.source / "plain"), str(plain.source / "empty")}
    told = subprocess.run(["sha256sum", *ODD[:1]], cwd=plain.source, check=True, capture_output=True)
    beside.write_bytes(told.stdout)
    assert [entry for entry in plain.vault().entries(made.name) if entry.lost] == []


def test_files_that_are_gone_from_a_tree_with_a_list_fail_a_restore_test(plain: Plain, tmp_path: Path) -> None:
    """Of the paths of the job alone: others may lie in the same tree."""
    for number in range(88):
        (plain.source / f"more {number}").write_text("x")
    made = plain.keep()
    beside = plain.listed(made)
    with beside.open("a") as file:
        file.write(f"{'0' * 64}  /srv/of-another-job\n")
    desk = lead(plain, tmp_path)
    for number in range(88):
        plain.at(made, f"more {number}").unlink()
    shutil.rmtree(plain.at(made, "deep"))
    said = desk.ops("backup", "restore-test", "homes", "--json")
    (one,) = [one for one in said.json["findings"] if one["rule"] == "restore"]
    assert one["verdict"] == "FAIL"
    assert "89 files are lost (in the list beside it and not there): " in one["because"]
    assert " and 87 more" in one["because"]
    assert "of-another-job" not in one["because"]
    assert "\n" not in one["because"]


def test_a_database_that_only_the_list_names_is_lost(plain: Plain, tmp_path: Path) -> None:
    made = plain.keep()
    plain.listed(made)
    plain.at(made, "plain").unlink()
    desk, named = lead(plain, tmp_path), f'{{"{plain.source}/plain": {{kind: sqlite}}}}'
    plan = desk.folder / "inventory/backups.yaml"
    plan.write_text(plan.read_text().replace("every: 1d", f"databases: {named}, every: 1d"))
    said = desk.ops("backup", "restore-test", "homes", "--json")
    (one,) = [one for one in said.json["findings"] if one["rule"] == "database"]
    assert (one["verdict"], "is lost: in the list beside it" in one["because"]) == ("FAIL", True), one


def within(plain: Plain, tree: Path, moments: tuple[float, float]) -> None:
    """A file that was saved in the second a backup began in, and got other content of that size later in it."""
    size = plain.at(tree, "plain").stat().st_size
    (plain.source / "plain").write_bytes(os.urandom(size))
    for path, moment in zip((plain.at(tree, "plain"), plain.source / "plain"), moments, strict=True):
        time = int((NOW.timestamp() + moment) * 10**9)
        os.utime(path, ns=(time, time))


TEXT = """systems:
  FS-1: {{host: fs1, tier: 1, rpo: 24h, rto: 4h, site: Leith, failure_domain: rack-1}}
targets:
  mirror: {{tool: rsync, where: "{where}", site: Perth, failure_domain: rack-2, encrypted: false{key}}}
jobs:
  homes: {{system: FS-1, target: mirror, paths: ["{source}"], every: 1d, at: "{at:%H:%M}"}}
cadence:
  1: {{data: 1d}}
"""
HERE = "fs1:\n  hostname: localhost\n  data: {kind: host, credential: local}\n"


def lead(plain: Plain, tmp_path: Path) -> Desk:
    made = bare(tmp_path / "lead", "Lea")
    where, key = str(plain.trees), ""
    if plain.door:
        where = f"sftp://{getuser()}@127.0.0.1:{plain.door.port}{plain.trees}"
        key = f", identity: {plain.door.key_file}"
        (made.folder / "known_hosts").write_text(plain.door.known_hosts.read_text())
    text = TEXT.format(where=where, source=plain.source, at=NOW - timedelta(minutes=2), key=key)
    (made.folder / "inventory/backups.yaml").write_text(text)
    (made.folder / "inventory/hosts.yaml").write_text(HERE)
    return made


@pytest.mark.parametrize("either", ["plain", SSH_AT_NIGHT], indirect=True)
def test_check_and_restore_test_say_what_was_compared_and_what_was_not(either: Plain, tmp_path: Path) -> None:
    made = either.keep()
    desk = lead(either, tmp_path)

    def check() -> dict[str, tuple[str, str]]:
        said = desk.ops("backup", "check", "--json")
        return {one["rule"]: (one["verdict"], one["because"]) for one in said.json["findings"]}

    def restored() -> tuple[str, str, list[str]]:
        said = desk.ops("backup", "restore-test", "homes", "--files", "1000", "--json")
        (one,) = [one for one in said.json["findings"] if one["rule"] == "restore"]
        return one["verdict"], one["because"], said.json["seen"][0]["not_looked_at"]

    for name in ODD:
        (either.source / name).write_bytes(os.urandom(7))
    verdict, because, unseen = restored()
    assert verdict == "UNKNOWN"
    assert "12 of 12 came back with the right size; only their size was compared: rsync keeps no hashes" in because
    assert unseen == ["the content of 12 of 12 files: rsync keeps no hashes"]
    found = check()
    for rule in ("freshness", "start", "sources", "structure"):
        assert found[rule][0] == "PASS", (rule, found)
    for rule in ("finish", "data 1/1", "restore"):
        assert found[rule][0] == "UNKNOWN", (rule, found)
    shutil.copytree(either.at(made, "."), either.source, dirs_exist_ok=True)
    (either.source / "plain").write_bytes(b"another day")
    verdict, because, _ = restored()
    assert (verdict, "the content of 11 was compared with the files as they are now" in because) == ("UNKNOWN", True)
    within(either, made, (0.2, 0.7))
    assert restored()[0] == "UNKNOWN", "where only seconds are told, it may have changed within the one"
    os.utime(either.at(made, "plain"), ns=(EARLIER, EARLIER))
    shutil.copy2(either.at(made, "plain"), either.source / "plain")
    verdict, because, unseen = restored()
    assert (verdict, "; compared with the files as they are now" in because, unseen) == ("PASS", True, []), because
    assert "all 12 files are right" in because
    bad = either.at(made, "plain")
    moment = bad.stat().st_mtime_ns
    bad.write_bytes(os.urandom(bad.stat().st_size))
    os.utime(bad, ns=(moment, moment))
    assert restored()[0] == "FAIL"
    either.listed(made)
    shutil.rmtree(either.source)
    verdict, because, unseen = restored()
    assert (verdict, "compared with the list of checksums beside it" in because, unseen) == ("PASS", True, []), because
    found = check()
    assert (found["data 1/1"][0], found["restore"][0]) == ("PASS", "PASS")
