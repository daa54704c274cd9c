"""What the content of an archive is compared with: the checksums zstd put into it, or the one beside it."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
from pathlib import Path

import pytest

from ops.adapters.tar_frames import summed
from ops.errors import NotOffered
from tests.contract.dated import ALL
from tests.contract.packed_archives import Packed, behind_ssh, either, lead, packed

__all__ = ["behind_ssh", "either", "packed"]

SKIPPED = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"  # a frame that is to be skipped


def squeezed(octets: bytes, *words: str) -> bytes:
    return subprocess.run(["zstd", "-qc", *words], input=octets, check=True, capture_output=True).stdout


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"word " * 99, bytes(1 << 20), os.urandom(300_000), b"ab" * 300_000],
    ids=["nothing", "an octet", "words", "zeros", "noise", "many blocks"],
)
def test_each_frame_is_seen_with_its_checksum_or_without(content: bytes, tmp_path: Path) -> None:
    """From a pipe and from a file, whose size zstd writes down; in blocks of every kind."""
    (file := tmp_path / "file").write_bytes(content)
    for words in ((), (str(file),), ("-T2", "--no-content-size", str(file)), ("--ultra", "-20", str(file))):
        good, bad = squeezed(content, *words), squeezed(content, "--no-check", *words)
        for octets in (good, good + good):
            assert summed(io.BytesIO(octets)), words
        cut = [good[:end] for end in {0, 3, 5, len(good) // 2, len(good) - 1}]
        for octets in (bad, good + bad, bad + good, SKIPPED + good, good + SKIPPED, good + b"x", *cut):
            assert not summed(io.BytesIO(octets)), words


@pytest.mark.parametrize(("flags", "named"), [(0x24, 0), (0x25, 1), (0x26, 2), (0x27, 4), (0xE4, 0)])
def test_a_frame_with_fields_of_any_size_is_passed_over_whole(flags: int, named: int) -> None:
    """What names a dictionary, of which 0 is none, and the size of the content, which is written for 4 GiB in 8."""
    size = (1).to_bytes(8 if flags >> 6 else 1, "little")
    frame = b"\x28\xb5\x2f\xfd" + bytes([flags, *bytes(named), *size]) + b"\x09\x00\x00x" + squeezed(b"x")[-4:]
    read = subprocess.run(["zstd", "-dqc"], input=frame, check=True, capture_output=True)
    assert (read.stdout, summed(io.BytesIO(frame)), summed(io.BytesIO(frame[:-1]))) == (b"x", True, False)


def test_an_archive_of_which_not_all_has_a_checksum_is_not_called_read(either: Packed) -> None:
    made = either.keep()
    octets = subprocess.run(["zstd", "-dc", str(made)], check=True, capture_output=True).stdout
    half = len(octets) // 1024 * 512
    good, rest, bad = squeezed(octets[:half]), squeezed(octets[half:]), squeezed(octets[half:], "--no-check")
    made.write_bytes(good + rest)
    assert either.vault().data(ALL) == ""
    for some in (good + bad, SKIPPED + good + rest, SKIPPED + squeezed(octets, "--no-check")):
        made.write_bytes(some)
        assert either.vault().structure() == ""
        with pytest.raises(NotOffered, match="no checksum over all of it"):
            either.vault().data(ALL)


def test_a_restore_test_says_what_the_content_was_compared_with(either: Packed, tmp_path: Path) -> None:
    """One octet of a file is another: where there is no checksum, it comes back and nobody sees it."""
    made, wrong = either.keep(), (either.source / "plain").read_bytes()[:100]
    octets = subprocess.run(["zstd", "-dc", str(made)], check=True, capture_output=True).stdout
    bare = squeezed(octets, "--no-check")
    right, spoilt = hashlib.sha256(bare).hexdigest(), bare.replace(wrong, wrong[:-1] + bytes([wrong[-1] ^ 1]))
    assert spoilt != bare
    beside, desk = made.with_name(f"{made.name}.sha256"), lead(either, tmp_path)

    def restored(some: bytes, listed: str = "") -> tuple[str, str]:
        made.write_bytes(some)
        beside.write_text(f"{listed}  {made.name}\n") if listed else beside.unlink(missing_ok=True)
        said = desk.ops("backup", "restore-test", "homes", "--files", "1000", "--json")
        (one,) = [one for one in said.json["findings"] if one["rule"] == "restore"]
        return one["verdict"], one["because"]

    half, only = len(octets) // 1024 * 512, "only their size was compared: tar keeps no hashes"
    for some in (spoilt, squeezed(octets[:half]) + squeezed(octets[half:], "--no-check"), SKIPPED + spoilt):
        verdict, because = restored(some)
        assert (verdict, only in because) == ("UNKNOWN", True), because
    verdict, because = restored(spoilt, right)
    assert (verdict, f"{made.name} is not as the checksum beside it says" in because) == ("FAIL", True), because
    assert "no file was tried" in because
    for some, listed in ((bare, right), (squeezed(octets), "")):
        verdict, because = restored(some, listed)
        assert (verdict, "their content as the hashes kept with it say" in because) == ("PASS", True), because
    assert restored(squeezed(octets), "0" * 64)[0] == "FAIL"
