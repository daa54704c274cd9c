"""Folders of packed backups, ``NAME-YYYYMMDDTHHMMSSZ.tar.zst``, read with tar and zstd as they come, here or over SFTP.

Reading an archive to its end proves it: zstd keeps a checksum of all of it. What was counted of one is kept in the
cache under its name, size and time, so that each is read once for that. Links are no files and are passed over, hard
ones too; the file they lead to is not.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from inventory.backup.assurance import Entry
from inventory.backup.model import Run, Target
from ops.adapters.backup import Damaged, NoRoom, Part, Vault, damage
from ops.adapters.backup_shelf import Packed, Shelf, gone
from ops.adapters.backup_tool import Tool
from ops.errors import NotAuthorised, NotOffered, OpsError, Unreachable
from ops.private import write_private

NAME = re.compile(r"(.+)-(\d{8}T\d{6})Z\.tar\.zst")
LIST = ("--zstd", "--numeric-owner", "--full-time", "--quoting-style=escape", "-tvf", "-")
LINE = re.compile(rb"(.)\S+ \S+ +(\d+) \S+ \S+ (.*)\n?")
ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
MAGIC, CHECKSUM = b"\x28\xb5\x2f\xfd", 4
SHORT = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
EXTRACT = ("--zstd", "--no-same-owner", "--no-same-permissions", "--no-recursion", "-xf", "-")


class Folder(Shelf):
    """A folder of this machine."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def listed(self) -> list[Packed]:
        try:
            with os.scandir(self._target.where) as found:
                told = [(one.name, one.stat()) for one in found if one.is_file(follow_symlinks=False)]
        except PermissionError:
            hint = "run it as somebody who may read it"
            raise NotAuthorised(f"{self._target.where} may not be read", hint=hint) from None
        except OSError:
            raise gone(self._target) from None
        return [Packed(name, one.st_size, int(one.st_mtime)) for name, one in told]

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with (Path(self._target.where) / name).open("rb") as file:
                yield file
        except PermissionError:
            raise NotAuthorised(f"{name} may not be read", hint="run it as somebody who may read it") from None
        except FileNotFoundError:
            raise gone(self._target) from None


class TarVault(Vault):
    """One folder of archives."""

    def __init__(self, target: Target, shelf: Shelf, cache: Path) -> None:
        self._target, self._shelf = target, shelf
        self._cache = cache / f"tar-{sha256(target.where.encode()).hexdigest()[:16]}.json"
        self._tool = Tool("tar", {}, None, "")

    @property
    def target(self) -> Target:
        return self._target

    def runs(self, paths: Sequence[str]) -> list[Run]:
        known = self._known()
        found, kept = [], {}
        for one in self._archives():
            key = json.dumps([one.name, one.size, one.mtime, *paths])
            facts = known.get(key) or self._counted(one, paths)
            if facts["whole"]:
                kept[key] = facts
            if facts["paths"] or not paths:
                found.append(_run(one, facts))
        others = {key: facts for key, facts in known.items() if json.loads(key)[3:] != [*paths]}
        write_private(self._cache, json.dumps(others | kept))
        return sorted(found, key=lambda run: (run.started, run.id))

    def unlock(self) -> None:
        """It has no key."""

    def structure(self) -> str:
        """The newest archive, read to its end."""
        return self._whole(self._archives()[-1:])

    def parts(self, most: int) -> int:
        return max(1, min(most, len(self._archives())))

    def data(self, part: Part) -> str:
        """The archives of each so-many-th day, so that one keeps its part when others come and go."""
        return self._whole(
            [one for one in self._archives() if _moment(one.name).toordinal() % part.of == part.number - 1]
        )

    def entries(self, run: str) -> Iterator[Entry]:
        for kind, size, name in self._members(run):
            if kind == b"-":
                yield Entry(_path(name), size)

    def restore(self, run: str, paths: Sequence[str], into: Path) -> None:
        """Only these files are taken out, so no link of the archive leads anywhere else."""
        wanted = set(paths)
        names = [name for kind, _, name in self._members(run) if kind == b"-" and _path(name) in wanted]
        with tempfile.NamedTemporaryFile(dir=self._cache.parent) as listed, self._shelf.opened(run) as archive:
            listed.write(b"".join(name + b"\0" for name in names))
            listed.flush()
            more = ("--null", "--verbatim-files-from", f"--files-from={listed.name}")
            ended = self._tool.run([*EXTRACT, "-C", str(into), *more], stdin=archive)
        if ended.code:
            raise self._refusal(ended.said)

    def manifest(self, run: str) -> Iterator[bytes] | None:  # noqa: ARG002  none is written beside archives
        return None

    def spelling(self, path: str) -> str:
        return path

    def _archives(self) -> list[Packed]:
        """By their moment, the oldest first."""
        found = [one for one in self._shelf.listed() if NAME.fullmatch(one.name)]
        return sorted(found, key=lambda one: (_moment(one.name), one.name))

    def _members(self, name: str) -> Iterator[tuple[bytes, int, bytes]]:
        """Kind as ls(1) writes it, size and name of each member; raise ``Damaged`` at the end if it is not whole."""
        with self._shelf.opened(name) as archive:
            for line in self._tool.lines(LIST, stdin=archive):
                if found := LINE.fullmatch(line):
                    yield found[1], int(found[2]), _unescaped(found[3])
        if self._tool.ended.code:
            raise self._refusal(self._tool.ended.said, name)

    def _counted(self, one: Packed, paths: Sequence[str]) -> dict[str, Any]:
        files, octets, there, whole = 0, 0, set[str](), True
        try:
            for kind, size, name in self._members(one.name):
                path = _path(name)
                files, octets = files + (kind == b"-"), octets + size
                there.update(asked for asked in paths if f"{path}/".startswith(f"{asked.rstrip('/')}/"))
        except Damaged:  # structure and data say so; it was made all the same
            whole, there = False, there or set(paths)
        return {"files": files, "octets": octets, "paths": [path for path in paths if path in there], "whole": whole}

    def _known(self) -> dict[str, Any]:
        try:
            found = json.loads(self._cache.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _whole(self, archives: Sequence[Packed]) -> str:
        for one in archives:
            try:
                self._has_checksum(one)
                for _ in self._members(one.name):
                    continue
            except Damaged as error:
                if one not in self._archives():
                    raise Unreachable(f"{one.name} is being written, or was taken away", hint="try again") from None
                return damage(error)
        return ""

    def _has_checksum(self, one: Packed) -> None:
        """Raise ``NotOffered`` for an archive zstd compares with nothing (RFC 8878, 3.1.1.1.1)."""
        with self._shelf.opened(one.name) as opened:
            head = os.read(opened if isinstance(opened, int) else opened.fileno(), 5)
        if head[:4] == MAGIC and len(head) == 5 and not head[4] & CHECKSUM:  # noqa: PLR2004  what was read
            raise NotOffered(f"{one.name} has no checksum in it", hint="let zstd write one: --check")

    def _refusal(self, said: str, name: str = "") -> OpsError:
        if "No space left on device" in said:
            return NoRoom(f"{self._target.name}: there is no room for what is brought back", hint="free some space")
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        told = lines[0][:200] if lines else "it failed without a word"
        return Damaged(self._target, f"{name}: {told}" if name else told)


def _moment(name: str) -> datetime:
    """What the name says; a day there never was is as old as can be."""
    found = NAME.fullmatch(name)
    try:
        return datetime.strptime(found[2] if found else "", "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _run(one: Packed, facts: dict[str, Any]) -> Run:
    started, ended = _moment(one.name), datetime.fromtimestamp(one.mtime, UTC)
    paths = tuple(facts["paths"])
    return Run(one.name, started, ended if ended >= started else None, facts["files"], facts["octets"], paths)


def _path(name: bytes) -> str:
    """Where a member was: archives are made from the root, with or without its stroke or a dot."""
    return "/" + os.fsdecode(name.removeprefix(b"./").strip(b"/"))


def _unescaped(text: bytes) -> bytes:
    """A name as tar(1) writes it with ``--quoting-style=escape``."""
    return ESCAPE.sub(lambda found: SHORT.get(found[1]) or _octet(found[1]), text)


def _octet(text: bytes) -> bytes:
    return bytes([int(text, 8)]) if len(text) > 1 else text
