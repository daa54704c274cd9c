"""The enrolled keys are read as ``ssh-keygen`` reads them; what it would misread is refused in one line."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.signers import Signers, read
from evidence.sshsig import KeygenKey, fingerprint
from evidence.sshverify import verify
from ops.errors import EvidenceInvalid, InvalidRequest, OpsError, Refused
from tests.unit.evidence.openssh import accepts, new_key, signed

SPACE = "journeyman-plan-v1"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SPACES = ["", f'namespaces="{SPACE}"', 'namespaces="journeyman-*"', 'namespaces="other,journeyman-????-v1"']
SPACES += ['namespaces="*,!journeyman-plan-v1"', 'NAMESPACES="*"', 'namespaces="journeyman-[p]lan-v1"', 'namespaces=""']
TIMES = ["", 'valid-after="20260601120000Z"', 'valid-before="20260601120000Z"', 'valid-after="202606011200Z"']
TIMES += ['valid-after="20260601Z"', 'valid-after="20260601Z",valid-before="20260602Z"', 'Valid-Before="20260601Z"']
MOMENTS = [NOON - SECOND, NOON, NOON + SECOND, NOON.replace(hour=0), NOON.replace(hour=0) - SECOND]


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_key(tmp_path_factory.mktemp("signers"))


@pytest.fixture(scope="module")
def public(key: Path) -> str:
    return " ".join(key.with_name(key.name + ".pub").read_text().split()[:2])


def person_is(signers: Signers, key: bytes, namespace: str, at: datetime) -> str:
    """Who, or nobody."""
    try:
        return signers.person(key, namespace, at)
    except EvidenceInvalid:
        return ""


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
@pytest.mark.parametrize("options", [",".join(filter(None, both)) for both in product(SPACES, TIMES)])
def test_who_may_sign_what_and_when_is_what_ssh_keygen_says(
    key: Path, public: str, monkeypatch: pytest.MonkeyPatch, zone: str, options: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    allowed = key.with_name("allowed")
    allowed.write_text(f"# people\n\n  ada {options} {public} a comment\n".replace("  ssh", " ssh"))
    signature = signed(key, SPACE, b"plan")
    enrolled = read(allowed.read_text())
    for at in MOMENTS:
        ours = person_is(enrolled, verify(signature, SPACE, b"plan"), SPACE, at) == "ada"
        assert ours == accepts(allowed, "ada", SPACE, signature, b"plan", f"{at:%Y%m%d%H%M%S}Z"), at


@pytest.mark.parametrize("line", ["ada   {}", '"ada"\t{}', 'ada namespaces="*"   {}', "ada {}\r", "\tada {}"])
def test_blanks_quotes_and_line_ends_are_read_as_ssh_keygen_reads_them(key: Path, public: str, line: str) -> None:
    allowed = key.with_name("allowed")
    allowed.write_bytes((line.format(public) + "\n").encode())
    assert accepts(allowed, "ada", SPACE, signed(key, SPACE, b"plan"), b"plan")
    assert person_is(read(allowed.read_bytes().decode()), KeygenKey(key).public, SPACE, NOON) == "ada"


BAD = [
    "ada",
    "ada ssh-ed25519",
    "ada ssh-ed25519 AAAA",
    "ada ssh-ed25519 !!!!",
    "ada ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
    "ada ssh-ed25519 !{blob}",
    "ada ssh-rsa {blob}",
    "ada {public}x",
    "ada namespaces={space} {public}",
    'ada namespaces="x {public}',
    'ada namespaces="x" valid-after="20260101Z" {public}',
    'ada namespaces="x",{public}',
    'ada namespaces="x",namespaces="y" {public}',
    'ada colour="red" {public}',
    "ada cert-authority {public}",
    'ada valid-after="2026-01-01Z" {public}',
    'ada valid-after="2026 101Z" {public}',
    'ada valid-after="20261301Z" {public}',
    'ada valid-after="20260101" {public}',
    'ada valid-after="٢٠٢٦٠١٠١Z" {public}',
    "ada,bob {public}",
    "*@lab.example {public}",
    "!ada {public}",
    '"ada {public}',
    "{public}",
    'cert-authority,namespaces="x" {public}',
]


@pytest.mark.parametrize("line", BAD)
def test_a_line_that_cannot_be_read_is_named_and_nobody_is_enrolled(public: str, line: str) -> None:
    text = "# one\n" + line.format(public=public, blob=public.split()[1], space=SPACE)
    with pytest.raises(InvalidRequest, match=r"^line 2 of the enrolled keys cannot be read: .+") as caught:
        read(text)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_a_time_without_a_zone_is_refused_because_openssh_reads_it_as_local(public: str) -> None:
    with pytest.raises(InvalidRequest, match="write times in UTC"):
        read(f'ada valid-before="20260101" {public}')


def test_a_key_is_valid_to_the_end_of_its_last_second(key: Path, public: str) -> None:
    enrolled = read(f'ada valid-before="20260601120000Z" {public}')
    assert person_is(enrolled, KeygenKey(key).public, SPACE, NOON.replace(microsecond=999_999)) == "ada"
    assert not person_is(enrolled, KeygenKey(key).public, SPACE, NOON + SECOND)


def test_one_key_under_two_names_is_refused(public: str) -> None:
    with pytest.raises(Refused, match="bob and ada share a key"):
        read(f"ada {public}\nbob {public}")


def test_one_person_may_have_a_key_twice_for_two_uses(key: Path, public: str) -> None:
    both = read(f'ada namespaces="a" {public}\nada namespaces="b" {public}')
    held = KeygenKey(key).public
    assert [person_is(both, held, space, NOON) for space in ("a", "b", "c")] == ["ada", "ada", ""]


def test_a_key_nobody_enrolled_is_nobodys(tmp_path: Path, public: str) -> None:
    stranger = KeygenKey(new_key(tmp_path)).public
    with pytest.raises(EvidenceInvalid, match="is not enrolled"):
        read(f"ada {public}").person(stranger, SPACE, NOON)
    assert fingerprint(stranger) != fingerprint(next(iter(read(f"ada {public}").enrolments)).public)


WORD = st.sampled_from(["ada", '"', ",", "ssh-ed25519", "AAAA", 'namespaces="', "valid-after=", "20260101Z", " ", "\\"])


@settings(max_examples=500, deadline=None)
@given(text=st.text(max_size=80) | st.lists(WORD, max_size=12).map("".join) | st.lists(WORD, max_size=9).map(" ".join))
def test_no_text_brings_anything_but_an_error_of_ours(text: str) -> None:
    with suppress(OpsError):
        read(text)
