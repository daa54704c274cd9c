"""An identity and its key are made once, whole and private, and the key signs however it is held."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evidence import keys
from evidence.identity import FILE, Identity
from evidence.sshsig import Ed25519Key, KeygenKey, fingerprint
from evidence.sshverify import verify
from ops.errors import EvidenceInvalid, EvidenceUnavailable
from ops.secret import Secret
from tests.unit.evidence.openssh import agent, new_key, ssh

SPACE = "evidence-record-v1"
RACE = "import sys, pathlib; from evidence.identity import Identity; sys.stdin.readline()\n"
RACE += "made = Identity.create(pathlib.Path(sys.argv[1]), 'ada'); print(made.fingerprint, made.chain)"


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_second_call_loads_what_the_first_made(tmp_path: Path) -> None:
    first = Identity.create(tmp_path / "state", "ada")
    assert Identity.create(tmp_path / "state", "somebody else", Secret("x")) == first
    assert Identity.load(tmp_path / "state") == first


def test_of_six_processes_at_once_one_makes_the_identity_and_all_have_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RACE, str(tmp_path / "state")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    racers = [subprocess.Popen(command, **pipes) for _ in range(6)]  # type: ignore[call-overload]
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    answers = [racer.communicate(timeout=60) for racer in racers]
    made = Identity.load(tmp_path / "state")
    assert answers == [(f"{made.fingerprint} {made.chain}\n", "")] * 6
    assert sorted(file.name for file in (tmp_path / "state").iterdir()) == [
        "id_evidence",
        "id_evidence.pub",
        "identity.json",
    ]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277], ids="{:03o}".format)
def test_every_file_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        Identity.create(tmp_path / "state", "ada")
    finally:
        os.umask(before)
    assert mode(tmp_path / "state") == 0o700
    assert {mode(file) for file in (tmp_path / "state").iterdir()} == {0o600}
    assert ssh("-y", "-f", tmp_path / "state" / "id_evidence").returncode == 0


def test_a_maker_that_was_stopped_half_way_leaves_no_dead_end_and_no_key_is_lost(tmp_path: Path) -> None:
    left = keys.make(tmp_path / "state" / "id_evidence", "p-left")
    made = Identity.create(tmp_path / "state", "ada")
    assert made.fingerprint != left
    assert fingerprint(made.signer().public) == made.fingerprint
    (aside,) = (file for file in (tmp_path / "state").glob("id_evidence.unused-*") if file.suffix != ".pub")
    assert fingerprint(keys.load(aside).public) == left


def test_a_key_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    keys.make(tmp_path / "key", "ada")
    before = (tmp_path / "key").read_bytes()
    with pytest.raises(EvidenceUnavailable, match="already"):
        keys.make(tmp_path / "key", "ada")
    assert (tmp_path / "key").read_bytes() == before


def test_a_link_in_place_of_the_key_is_neither_followed_nor_written_over(tmp_path: Path) -> None:
    (tmp_path / "key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EvidenceUnavailable, match="cannot be written"):
        keys.make(tmp_path / "key", "ada")
    assert (tmp_path / "key").is_symlink()
    assert not (tmp_path / "elsewhere").exists()


def test_the_key_is_one_openssh_can_read_and_the_pseudonym_is_its_only_comment(tmp_path: Path) -> None:
    made = Identity.create(tmp_path / "state", "Ada Lovelace")
    listed = ssh("-lf", made.key).stdout.decode()
    assert made.fingerprint in listed
    assert made.person in listed
    assert "Lovelace" not in listed


def test_a_key_with_a_passphrase_signs_with_it_and_not_with_another(tmp_path: Path) -> None:
    made = Identity.create(tmp_path / "state", "ada", Secret("correct horse"))
    assert made.protected
    signer = made.signer(Secret("correct horse"))
    assert isinstance(signer, Ed25519Key)
    assert verify(signer.sign(SPACE, b"text"), SPACE, b"text") == signer.public
    with pytest.raises(EvidenceUnavailable, match="passphrase is not the right one"):
        made.signer(Secret("wrong"))
    with pytest.raises(EvidenceUnavailable, match="has a passphrase"):
        keys.load(Path(made.key))


def test_a_key_locked_in_a_way_only_openssh_knows_is_left_to_openssh(tmp_path: Path) -> None:
    path = tmp_path / "key"
    ssh("-q", "-t", "ed25519", "-Z", "chacha20-poly1305@openssh.com", "-N", "correct horse", "-f", path)
    assert isinstance(keys.load(path), KeygenKey)
    assert isinstance(keys.load(path, Secret("correct horse")), KeygenKey)


def test_a_passphrase_for_a_key_without_one_is_not_needed(tmp_path: Path) -> None:
    made = Identity.create(tmp_path / "state", "ada")
    assert fingerprint(made.signer(Secret("unneeded")).public) == made.fingerprint


def test_without_its_passphrase_the_key_is_asked_of_the_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Identity.create(tmp_path / "state", "ada", Secret("correct horse"))
    with agent(tmp_path) as socket:
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        signer = made.signer()
        assert isinstance(signer, KeygenKey)
        with pytest.raises(EvidenceUnavailable, match="the key cannot sign"):
            signer.sign(SPACE, b"text")
        helper = tmp_path / "askpass"
        helper.write_text("#!/bin/sh\necho correct horse\n")
        helper.chmod(0o700)
        environment = os.environ | {"SSH_ASKPASS": str(helper), "SSH_ASKPASS_REQUIRE": "force"}
        subprocess.run(["ssh-add", "-q", made.key], check=True, env=environment, capture_output=True)
        assert verify(signer.sign(SPACE, b"text"), SPACE, b"text") == signer.public


def test_a_key_that_was_exchanged_is_noticed(tmp_path: Path) -> None:
    made = Identity.create(tmp_path / "state", "ada")
    Path(made.key).unlink()
    new_key(tmp_path).rename(made.key)
    with pytest.raises(EvidenceUnavailable, match="not the one this workspace began with"):
        made.signer()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"x"', '{"person": 1, "colour": 2}', "\xff", "null"])
def test_a_damaged_identity_is_one_error_with_a_next_step(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="latin-1")
    with pytest.raises(EvidenceUnavailable, match="is damaged") as caught:
        Identity.load(tmp_path)
    assert "backup" in caught.value.hint


def test_an_identity_whose_parts_are_of_the_wrong_kind_is_damaged(tmp_path: Path) -> None:
    Identity.create(tmp_path, "ada")
    whole = json.loads((tmp_path / FILE).read_text())
    for name in whole:
        (tmp_path / FILE).write_text(json.dumps(whole | {name: None}))
        with pytest.raises(EvidenceUnavailable, match="is damaged"):
            Identity.load(tmp_path)


def test_no_identity_yet_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(EvidenceUnavailable, match="no signing identity yet") as caught:
        Identity.load(tmp_path)
    assert caught.value.hint == "ops init"


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END"])
def test_a_damaged_key_file_is_one_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(EvidenceInvalid, match="is not an SSH private key"):
        keys.load(tmp_path / "key")
    with pytest.raises(EvidenceUnavailable, match="cannot be read"):
        keys.load(tmp_path / "nothing")
