"""Planted faults: each is there for real, is found by looking, mended by hand, checked, and recorded as planted."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from inventory.lab import Lab, Running
from inventory.lab.fault import Faults, registry
from ops.adapters.ldap import LdapDirectory
from tests.lab.test_backup_faults import OF_BACKUPS
from tests.lab.test_isolation import on
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab


@pytest.fixture
def mine(tmp_path: Path, network: Running) -> Desk:
    """A workspace that says which network it is for, so that what is mended is recorded in it."""
    if not network.linux:
        pytest.skip(f"mode {network.mode} has no Linux hosts")
    at = desk(tmp_path / "mine", network)
    settings = at.folder / "ops.toml"
    settings.write_text(settings.read_text().replace('lab = ""', f'lab = "{network.folder.name}"'))
    return at


@pytest.fixture
def faults(network: Running) -> Faults:
    return Faults(Lab(network.folder.name))


def run(network: Running, host: str, *words: str) -> str:
    done = subprocess.run([*on(network, host), *words], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def looks_full(network: Running) -> bool:
    return "100%" in run(network, "srv1", "df", "/")


def looks_stopped(network: Running) -> bool:
    return "cron" not in run(network, "srv1", "ps", "-e", "-o", "comm=").split()


def looks_open(network: Running) -> bool:
    return run(network, "fs1", "stat", "-c", "%a", "/srv/home/jnunez").strip() == "777"


def looks_lax(network: Running) -> bool:
    return "permitrootlogin yes" in run(network, "srv1", "/usr/sbin/sshd", "-T")


def looks_forgotten(network: Running) -> bool:
    return "report-of" in run(network, "srv1", "crontab", "-l", "-u", "was.here")


def looks_rung(network: Running) -> bool:
    return "phone-of" in run(network, "ws1", "ps", "-ww", "-e", "-o", "args=")


CASES: list[tuple[str, Callable[[Running], bool], str, list[str]]] = [
    ("full-disk", looks_full, "srv1", ["rm", "/var/log/app/debug.log"]),
    ("stopped-service", looks_stopped, "srv1", ["cron"]),
    ("open-home", looks_open, "fs1", ["chmod", "700", "/srv/home/jnunez"]),
    (
        "root-login",
        looks_lax,
        "srv1",
        ["sed", "-i", "s/^PermitRootLogin.*/PermitRootLogin no/", "/etc/ssh/sshd_config"],
    ),
    ("forgotten-key", looks_forgotten, "srv1", ["sh", "-c", "crontab -r -u was.here; userdel -rf was.here"]),
    ("locked-again", looks_rung, "ws1", ["pkill", "-f", "phone-of"]),
]


def test_every_fault_has_a_case_here() -> None:
    assert sorted(registry()) == sorted([*(case[0] for case in CASES), *OF_BACKUPS])


@pytest.mark.parametrize(("name", "looks", "host", "mend"), CASES, ids=[case[0] for case in CASES])
def test_a_fault_is_planted_found_mended_and_checked(
    faults: Faults, network: Running, name: str, looks: Callable[[Running], bool], host: str, mend: list[str]
) -> None:
    assert not looks(network)
    try:
        assert faults.plant(name)
        assert looks(network)
        assert not faults.plant(name)
        assert name in faults.planted()
        (still,) = faults.check(name)
        assert (still.word, still.mended) == ("planted", "")
        run(network, host, *mend)
        (mended,) = faults.check(name)
        assert mended.word == "mended"
        assert name not in faults.planted()
    finally:
        faults.clear(name)
    assert not looks(network)


def test_what_is_cleared_is_gone_without_having_been_mended(faults: Faults, network: Running) -> None:
    faults.plant("open-home")
    assert faults.clear("open-home") == ["open-home"]
    assert not looks_open(network)
    assert faults.planted() == ()


def test_an_account_that_locks_again_is_traced_to_its_phone(
    mine: Desk, faults: Faults, network: Running, samba: LdapDirectory
) -> None:
    faults.plant("locked-again")
    try:
        limit = time.monotonic() + 30
        while not samba.account("aivanova").locked and time.monotonic() < limit:
            time.sleep(0.5)
        assert samba.account("aivanova").locked
        run(network, "ws1", "pkill", "-f", "phone-of")
        assert mine.ops("account", "unlock", "aivanova", "--yes").code == 0
        time.sleep(2)
        assert not samba.account("aivanova").locked
    finally:
        faults.clear("locked-again")


def test_the_records_say_that_a_fault_was_planted(mine: Desk, faults: Faults, network: Running) -> None:
    lab = network.folder.name
    assert mine.ops("lab", "fault", "plant", "open-home", "--name", lab).code == 0
    still = mine.ops("lab", "fault", "check", "--name", lab)
    assert (still.code, "still there" in still.out) == (3, True)
    assert "next: look around on fs1: ops lab shell fs1" in still.err
    run(network, "fs1", "chmod", "700", "/srv/home/jnunez")
    mended = mine.ops("lab", "fault", "check", "--name", lab)
    assert (mended.code, "setfacl" in mended.out) == (0, True), mended.err
    record = mine.ops("evidence", "show", mine.last_run(), "--json").json
    assert record["op"]["planted"].startswith("open-home ")
    assert len(mine.ops("run", "list", "--json").json["runs"]) == 1
    faults.clear()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("plant", "ful-disk"), 2, "did you mean full-disk"),
        (("check", "open-home"), 1, "is not planted"),
        (("plant",), 2, "Missing argument"),
        (("frobnicate",), 2, "no command ops lab fault"),
    ],
)
def test_a_wrong_word_gets_one_clear_line(
    mine: Desk, network: Running, words: tuple[str, ...], code: int, said: str
) -> None:
    done = mine.ops("lab", "fault", *words, *(("--name", network.folder.name) if len(words) > 1 else ()))
    assert (done.code, said in done.err) == (code, True), done.err


def test_a_network_that_is_down_has_no_faults_to_plant(mine: Desk) -> None:
    listed = mine.ops("lab", "fault", "list", "--name", "nowhere", "--json").json["faults"]
    assert {one["state"] for one in listed} == {"-"}
    assert mine.ops("lab", "fault", "plant", "full-disk", "--name", "nowhere").code == 1
    assert json.dumps(listed)
