"""Attachments: kept whole under their hash, of limited size, and nothing but files."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from evidence import attachments
from ops.errors import EvidenceInvalid, InvalidRequest

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def test_a_file_is_kept_privately_under_its_hash(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(b"what I did" * 1000)
    kept = attachments.take(file, tmp_path / "kept")
    assert (kept.sha256, kept.bytes, kept.media, kept.name) == (
        sha256(file.read_bytes()).hexdigest(),
        10_000,
        "text/plain",
        "notes.txt",
    )
    there = tmp_path / "kept" / kept.sha256
    assert there.read_bytes() == file.read_bytes() == attachments.read(tmp_path / "kept", kept.sha256)
    assert there.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in (tmp_path / "kept").iterdir()] == [kept.sha256]


@pytest.mark.parametrize("start", [PNG, b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x18ftypheic"])
def test_a_picture_is_known_by_its_bytes_not_its_name(tmp_path: Path, start: bytes) -> None:
    file = tmp_path / "picture"
    file.write_bytes(start + bytes(30))
    assert attachments.take(file, tmp_path / "kept", picture=True).media.startswith("image/")


def test_what_is_only_called_a_picture_is_none(tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(b"#!/bin/sh\n")
    with pytest.raises(InvalidRequest, match=r"picture.png is not a picture"):
        attachments.look(file, picture=True)
    assert attachments.take(file, tmp_path / "kept").media == "application/octet-stream"


def test_two_gigabytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    file = tmp_path / "video.mkv"
    with file.open("wb") as out:
        out.truncate(2 << 30)
    with pytest.raises(InvalidRequest, match=r"video.mkv has 2048 MiB; an attachment has at most 25"):
        attachments.take(file, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out, pytest.raises(InvalidRequest, match="grew"):
        attachments._copied(_Endless(), out)  # type: ignore[arg-type]


class _Endless:
    def read(self, size: int) -> bytes:
        return bytes(size)


@pytest.mark.parametrize("what", ["folder", "fifo", "missing", "/dev/zero", "a\0b"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, what: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(InvalidRequest) as caught:
        attachments.take(tmp_path / what, tmp_path / "kept")
    assert caught.value.hint


def test_a_kept_file_that_was_altered_or_taken_away_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("one")
    kept = attachments.take(file, tmp_path)
    (tmp_path / kept.sha256).write_text("two")
    with pytest.raises(EvidenceInvalid, match="altered"):
        attachments.read(tmp_path, kept.sha256)
    (tmp_path / kept.sha256).unlink()
    with pytest.raises(EvidenceInvalid, match="gone"):
        attachments.read(tmp_path, kept.sha256)
