"""Files that travel: whole or refused, whatever was done to them on the way."""

from __future__ import annotations

import io
import random
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from evidence import keys, parcel
from evidence.identity import Identity
from ops.errors import EvidenceInvalid, EvidenceUnavailable, InvalidRequest, OpsError
from ops.secret import Secret
from tests.unit.evidence.office import new_signer

NAMESPACE, SCHEMA = "evidence-test-v1", "test/1"
PARTS = {"a.jsonl": [b'{"n":1}\n', b'{"n":2}\n'], "b.bin": [bytes(range(256)) * 20], "empty": []}
SIGNER = new_signer()
FLIPS = 400
LONG = pytest.param(50_000, marks=[pytest.mark.night, pytest.mark.timeout(3600)])


def written(path: Path) -> Path:
    parcel.write(path, NAMESPACE, {"schema": SCHEMA}, PARTS, SIGNER)
    return path


def everything(path: Path) -> dict[str, bytes]:
    with parcel.opened(path, NAMESPACE, SCHEMA) as given:
        assert given.public == SIGNER.public
        lines = list(given.lines("a.jsonl"))
        return {name: given.content(name) for name in given.names()} | {"lines": b"|".join(lines)}


def test_what_went_in_comes_out(tmp_path: Path) -> None:
    found = everything(written(tmp_path / "x"))
    assert found == {name: b"".join(parts) for name, parts in PARTS.items()} | {"lines": b'{"n":1}|{"n":2}'}


def test_a_line_longer_than_a_block_is_one_line(tmp_path: Path) -> None:
    long = b"x" * (3 * parcel.BLOCK + 7)
    parcel.write(tmp_path / "x", NAMESPACE, {"schema": SCHEMA}, {"l": [long, b"\n", b"y"]}, SIGNER)
    with parcel.opened(tmp_path / "x", NAMESPACE, SCHEMA) as given:
        assert list(given.lines("l")) == [long, b"y"]


@pytest.mark.parametrize("flips", [FLIPS, LONG])
def test_no_flipped_bit_goes_through_unnoticed(tmp_path: Path, flips: int) -> None:
    whole = written(tmp_path / "x").read_bytes()
    want = everything(tmp_path / "x")
    rng, silent = random.Random(flips), 0
    for _ in range(flips):
        spoilt = bytearray(whole)
        spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
        (tmp_path / "y").write_bytes(spoilt)
        with suppress(OpsError):  # anything else is a bug
            silent += everything(tmp_path / "y") != want
    assert silent == 0


def test_one_that_was_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = written(tmp_path / "x").read_bytes()
    for size in range(0, len(whole), 97):
        (tmp_path / "y").write_bytes(whole[:size])
        with pytest.raises((InvalidRequest, EvidenceInvalid)):
            everything(tmp_path / "y")


def changed(path: Path, **change: bytes) -> Path:
    """Some parts replaced or added, the manifest as it was."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in {*old.namelist(), *change}:
            new.writestr(name, change.get(name) if name in change else old.read(name))
    path.write_bytes(out.getvalue())
    return path


def test_a_part_that_was_replaced_is_named(tmp_path: Path) -> None:
    changed(written(tmp_path / "x"), **{"b.bin": b"another"})
    with pytest.raises(EvidenceInvalid, match="b.bin is not what was signed"):
        everything(tmp_path / "x")


def test_a_part_that_never_ends_is_not_read_to_its_end(tmp_path: Path) -> None:
    changed(written(tmp_path / "x"), **{"b.bin": bytes(50 << 20)})
    with pytest.raises(EvidenceInvalid, match=r"b.bin is longer than was signed"):
        everything(tmp_path / "x")


def test_a_part_nobody_signed_is_not_there(tmp_path: Path) -> None:
    changed(written(tmp_path / "x"), **{"../../evil": b"x"})
    with parcel.opened(tmp_path / "x", NAMESPACE, SCHEMA) as given:
        assert given.names("..") == []


@pytest.mark.parametrize(("namespace", "schema"), [("evidence-other-v1", SCHEMA), (NAMESPACE, "other/1")])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, namespace: str, schema: str) -> None:
    written(tmp_path / "x")
    with pytest.raises((InvalidRequest, EvidenceInvalid)), parcel.opened(tmp_path / "x", namespace, schema):
        pass


def test_what_is_there_is_not_overwritten_and_nothing_half_is_left(tmp_path: Path) -> None:
    written(tmp_path / "x")
    with pytest.raises(InvalidRequest, match="exists already"):
        written(tmp_path / "x")

    def broken() -> object:
        yield b"some"
        raise EvidenceInvalid("gone", hint="x")

    with pytest.raises(EvidenceInvalid):
        parcel.write(tmp_path / "y", NAMESPACE, {"schema": SCHEMA}, {"a": broken()}, SIGNER)  # type: ignore[dict-item]
    assert [one.name for one in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("passphrase", [None, Secret("correct horse")])
def test_only_the_key_it_was_made_for_opens_it(tmp_path: Path, passphrase: Secret | None) -> None:
    mine = Identity.create(tmp_path / "me", "me", passphrase)
    other = Identity.create(tmp_path / "you", "you")
    sealed = parcel.encrypted(b"for me", [mine.signer(passphrase).public if passphrase else mine.signer().public])
    assert b"for me" not in sealed
    assert parcel.decrypted(sealed, keys.unlocked(Path(mine.key), passphrase)) == b"for me"
    with pytest.raises(EvidenceInvalid, match="is not for this key"):
        parcel.decrypted(sealed, keys.unlocked(Path(other.key)))
    if passphrase:
        with pytest.raises(EvidenceUnavailable, match="has a passphrase"):
            keys.unlocked(Path(mine.key))
        with pytest.raises(EvidenceUnavailable, match="not the right one"):
            keys.unlocked(Path(mine.key), Secret("wrong"))
