"""A damaged signature is ``EvidenceInvalid`` wherever it is damaged, and nothing else ever comes out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.sshsig import BEGIN, END, armor, dearmor, parse
from evidence.sshverify import verify, verify_blob
from ops.errors import EvidenceInvalid
from tests.unit.evidence.openssh import new_key, signed

SPACE = "evidence-record-v1"
TEXT = b"what was signed"
KINDS = [("ed25519", ""), ("rsa", "2048"), ("ecdsa", "256"), ("ecdsa", "521")]
FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: "".join(kind))
def armored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    return signed(new_key(tmp_path_factory.mktemp("key"), *request.param), SPACE, TEXT)


def refused(blob: bytes) -> bool:
    """Whether this is called invalid; any other exception is a failure of the test."""
    try:
        verify_blob(blob, SPACE, TEXT)
    except EvidenceInvalid:
        return True
    return False


def test_any_flipped_bit_is_noticed(armored: str) -> None:
    blob = dearmor(armored)
    assert not refused(blob)
    for place in range(len(blob)):
        for bit in (0x01, 0x20, 0x80):
            assert refused(blob[:place] + bytes([blob[place] ^ bit]) + blob[place + 1 :]), place


def test_any_cut_and_any_tail_is_noticed(armored: str) -> None:
    blob = dearmor(armored)
    assert all(refused(blob[:length]) for length in range(len(blob)))
    assert all(refused(blob + tail) for tail in (b"\0", b"\0\0\0\0", b"\0\0\0\1x"))


def test_any_changed_character_of_the_armor_is_noticed(armored: str) -> None:
    for place, old in enumerate(armored.rstrip("\n")):
        new = "!" if old == "\n" else ("B" if old == "A" else "A")
        damaged = armored[:place] + new + armored[place + 1 :]
        try:
            verify(damaged, SPACE, TEXT)
        except EvidenceInvalid:
            continue
        assert dearmor(damaged) == dearmor(armored), place  # the last digit of base64 has bits nobody reads


@FUZZ
@given(text=st.text(max_size=200) | st.text("AZaz09+/=\n", max_size=200).map(lambda t: f"{BEGIN}\n{t}\n{END}\n"))
def test_nonsense_in_place_of_a_signature_is_invalid(text: str) -> None:
    with pytest.raises(EvidenceInvalid):
        verify(text, SPACE, TEXT)


def wire(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


NAMES = st.sampled_from(
    [b"", b"ssh-ed25519", b"ssh-rsa", b"rsa-sha2-512", b"ecdsa-sha2-nistp256", b"nistp256", b"ssh-dss", b"\xff\xfe"]
    + [b"sk-ssh-ed25519@openssh.com", b"ssh-ed25519-cert-v01@openssh.com"]
)
PART = NAMES | st.binary(max_size=70)
INNER = st.lists(PART, max_size=5).map(lambda parts: wire(*parts))


@FUZZ
@given(
    public=INNER | st.binary(max_size=20),
    space=st.sampled_from([SPACE.encode(), b"\xff"]),
    algorithm=st.sampled_from([b"sha512", b"sha256", b"md5", b""]),
    signature=INNER | st.binary(max_size=20),
    more=st.lists(PART, max_size=1),
)
def test_well_formed_wire_of_nonsense_is_invalid(
    public: bytes, space: bytes, algorithm: bytes, signature: bytes, more: list[bytes]
) -> None:
    assert refused(b"SSHSIG\0\0\0\1" + wire(public, space, b"", algorithm, signature, *more))


def test_a_signature_whose_kind_is_not_that_of_its_key_is_invalid(tmp_path: Path) -> None:
    whole = [parse(dearmor(signed(new_key(tmp_path, *kind), SPACE, TEXT))) for kind in KINDS]
    mixed = [(one.public, other.wire) for one in whole for other in whole if one is not other]
    for public, signature in mixed:
        assert refused(b"SSHSIG\0\0\0\1" + wire(public, SPACE.encode(), b"", b"sha512", signature))


def test_a_signature_may_stand_in_a_file_with_windows_line_ends(armored: str) -> None:
    assert verify(armored.replace("\n", "\r\n"), SPACE, TEXT) == verify(armor(dearmor(armored)), SPACE, TEXT)


def test_nothing_may_follow_a_signature_inside_its_own_part(armored: str) -> None:
    whole = parse(dearmor(armored))
    again = wire(whole.public, SPACE.encode(), b"", whole.hash, whole.wire)
    longer = wire(whole.public, SPACE.encode(), b"", whole.hash, whole.wire + wire(b""))
    assert not refused(b"SSHSIG\0\0\0\1" + again)
    assert refused(b"SSHSIG\0\0\0\1" + longer)


@pytest.mark.parametrize("stray", ["!", " ", "\t", "é"])
def test_a_character_that_is_no_base64_is_not_skipped(armored: str, stray: str) -> None:
    with pytest.raises(EvidenceInvalid, match="base64"):
        verify(armored.replace("\nU1NI", f"\nU1{stray}NI"), SPACE, TEXT)
