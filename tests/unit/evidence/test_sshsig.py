"""Signatures made here and signatures made by OpenSSH are the same thing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence import keys
from evidence.sshsig import Ed25519Key, KeygenKey, armor, dearmor, fingerprint, parse
from evidence.sshverify import verify
from ops.errors import EvidenceInvalid
from tests.unit.evidence.openssh import accepts, agent, new_key, signed, ssh

SPACE = "evidence-record-v1"
KINDS = [("ed25519", ""), ("rsa", "2048"), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521")]
ONCE = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def ed25519(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_key(tmp_path_factory.mktemp("key"))


@ONCE
@given(text=st.binary(max_size=3000), space=st.from_regex(r"[a-z][a-z0-9@.-]{0,40}", fullmatch=True))
def test_an_ed25519_signature_is_the_very_bytes_ssh_keygen_writes(ed25519: Path, text: bytes, space: str) -> None:
    assert keys.load(ed25519).sign(space, text) == signed(ed25519, space, text)


@pytest.mark.parametrize(("kind", "bits"), KINDS)
def test_ssh_keygen_accepts_what_is_signed_here_with_every_kind_of_key(tmp_path: Path, kind: str, bits: str) -> None:
    key = new_key(tmp_path, kind, bits)
    allowed = tmp_path / "allowed"
    allowed.write_text("ada " + key.with_name(key.name + ".pub").read_text())
    signature = keys.load(key).sign(SPACE, b"text")
    assert accepts(allowed, "ada", SPACE, signature, b"text")
    assert not accepts(allowed, "ada", SPACE, signature, b"texT")


@pytest.mark.parametrize(("kind", "bits"), KINDS)
def test_what_ssh_keygen_signs_is_accepted_here_and_names_the_key(tmp_path: Path, kind: str, bits: str) -> None:
    key = new_key(tmp_path, kind, bits)
    public = verify(signed(key, SPACE, b"text"), SPACE, b"text")
    assert fingerprint(public) in ssh("-lf", key).stdout.decode().split()
    with pytest.raises(EvidenceInvalid, match="not what was signed"):
        verify(signed(key, SPACE, b"text"), SPACE, b"texT")
    with pytest.raises(EvidenceInvalid, match="made for"):
        verify(signed(key, SPACE, b"text"), "another", b"text")


@pytest.mark.parametrize(("kind", "bits"), KINDS)
def test_a_key_held_by_the_agent_signs_through_its_public_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, bits: str
) -> None:
    key = new_key(tmp_path, kind, bits)
    with agent(tmp_path) as socket:
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        subprocess.run(["ssh-add", "-q", str(key)], check=True, capture_output=True)
        key.unlink()
        signer = keys.load(key.with_name(key.name + ".pub"))
        assert verify(signer.sign(SPACE, b"text"), SPACE, b"text") == signer.public


def test_only_ed25519_files_are_signed_with_in_this_process(tmp_path: Path) -> None:
    assert isinstance(keys.load(new_key(tmp_path)), Ed25519Key)
    assert isinstance(keys.load(new_key(tmp_path, "rsa", "2048")), KeygenKey)


def test_the_public_half_is_found_beside_a_key_whose_name_has_a_dot(tmp_path: Path) -> None:
    key = new_key(tmp_path, "ecdsa", "256").rename(tmp_path / "mine.old")
    (tmp_path / "ecdsa256.pub").rename(tmp_path / "mine.old.pub")
    signer = keys.load(key)
    assert verify(signer.sign(SPACE, b"text"), SPACE, b"text") == signer.public


def test_sha256_signatures_of_other_tools_are_accepted(ed25519: Path) -> None:
    done = ssh("-Y", "sign", "-q", "-Ohashalg=sha256", "-n", SPACE, "-f", ed25519, text=b"text")
    assert parse(dearmor(done.stdout.decode())).hash == b"sha256"
    assert verify(done.stdout.decode(), SPACE, b"text") == keys.load(ed25519).public


def test_armor_has_the_line_width_of_openssh(ed25519: Path) -> None:
    wanted = signed(ed25519, SPACE, b"")
    assert armor(dearmor(wanted)) == wanted
