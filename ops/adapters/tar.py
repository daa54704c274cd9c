"""Folders of packed backups, ``NAME-20261126T014003Z.tar.zst``: one file a backup, written by tar and zstd.

An archive has no index: whoever wants to know what is in it reads all of it, through ``zstd`` and never stored. What
was counted of one is kept in mind as long as its size and time stay. Only folders and regular files of our own making
are written when one is unpacked, so that no link in it leads anywhere. Sources: tar(5), RFC 8878 (zstd).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tarfile import TarError
from typing import IO

from inventory.backup.assurance import Entry, shown
from inventory.backup.model import Run, Target, believable
from ops.adapters.backup import Damaged, Part, Vault, damage, lying_here
from ops.adapters.backup_dated import COUNTED, HASHED, MOST, Counts, keyless
from ops.adapters.backup_shelf import Packed, Shelf, gone
from ops.adapters.backup_tool import Tool
from ops.adapters.tar_frames import summed
from ops.adapters.tar_stream import LINKED, PIECE, Members, members, note, place, put, taken_away, to_itself
from ops.errors import NotAuthorised, NotOffered, OpsError, Unreachable

NAMED = re.compile(r"(?P<name>.+)-(?P<at>[0-9]{8}T[0-9]{6}Z)\.tar\.zst", re.DOTALL)
ROOTS = 1000


@dataclass(frozen=True)
class Archive:
    """One backup: its file, what it is called, and the moment its name says, whatever that is."""

    file: Packed
    name: str
    at: datetime


@dataclass(frozen=True)
class Count:
    """What an archive holds; of one that is damaged, the roots that came before the damage and no numbers."""

    files: int | None
    octets: int | None
    roots: tuple[str, ...]

    def paths(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """Its roots, and which of these paths has one of them in it."""
        return tuple(dict.fromkeys([*self.roots, *(path for path in wanted if any(_in(r, path) for r in self.roots))]))


class Folder(Shelf):
    """A folder of this machine."""

    def __init__(self, target: Target) -> None:
        self._target, self.lies = target, lying_here(target.where)

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
            raise NotAuthorised(f"{shown(name)} may not be read", hint="run it as somebody who may read it") from None
        except FileNotFoundError:
            raise gone(self._target) from None


class TarVault(Vault):
    """One folder of archives; ``cache`` is a private folder for what was counted."""

    def __init__(self, target: Target, shelf: Shelf, cache: Path) -> None:
        self.target, self._shelf = target, shelf
        self._kept = Counts(target, cache)

    def lies(self) -> str:
        return self._shelf.lies

    def runs(self, paths: Sequence[str]) -> list[Run]:
        found = _archives(self._shelf.listed())
        counts = self._counts(found)
        held: dict[str, set[str]] = {}
        for one in found:
            held.setdefault(one.name, set()).update(counts[one].paths(paths) if one in counts else ())
        wanted = [one for one in found if not paths or not held[one.name] or set(paths) & held[one.name]]
        return [_run(one, counts.get(one), paths) for one in wanted]

    def _counts(self, found: Sequence[Archive]) -> dict[Archive, Count]:
        """The newest of each name, each read once in its life."""
        known = self._kept.known()
        counts, kept = {}, {}
        for one in _newest(found):
            key = f"{one.file.name} {one.file.size} {one.file.mtime}"
            told = known.get(key)
            count = Count(told[0], told[1], tuple(told[2])) if told else self._count(one)
            counts[one] = count
            if count.files is not None:
                kept[key] = [count.files, count.octets, list(count.roots)]
        if kept != known:
            self._kept.keep(kept)
        return counts

    def _count(self, one: Archive) -> Count:
        files, roots = dict[str, int](), list[str]()
        try:
            with self._unpacked(one.file) as found:
                for path, member, _ in found:
                    note(files, path, member)
                    roots += _root(path, roots)
        except Damaged:
            return Count(None, None, tuple(roots))
        return Count(len(files), sum(max(0, size) for size in files.values()), tuple(roots))

    def unlock(self) -> None:
        raise keyless(self.target, "archives of tar")

    def structure(self) -> str:
        """Every archive is read to its end, and every name in it; zstd compares its checksums by the way."""
        return _wrong(self._listed, [one.file for one in _archives(self._shelf.listed())])

    def _listed(self, file: Packed) -> str:
        try:
            with self._unpacked(file) as found:
                for _ in found:
                    continue
        except OpsError as error:
            return damage(error)
        return ""

    def data(self, part: Part) -> str:
        """The archives of each so-many-th day, so that one keeps its part when others come and go."""
        lying = self._shelf.listed()
        beside = {one.name for one in lying}
        mine = [one.file for one in _archives(lying) if one.at.toordinal() % part.of == part.number - 1]
        return _wrong(lambda one: self._hashed(one) if f"{one.name}{HASHED}" in beside else self._summed(one), mine)

    def _hashed(self, one: Packed) -> str:
        """Compare an archive with the checksum beside it."""
        with self._read(f"{one.name}{HASHED}") as file:
            said = file.read(PIECE).decode(errors="replace").split()[:1]
        digest = sha256()
        with self._read(one.name) as file:
            while piece := file.read(PIECE):
                digest.update(piece)
        return "" if said == [digest.hexdigest()] else f"{shown(one.name)} is not as the checksum beside it says"

    def _summed(self, one: Packed) -> str:
        """Let zstd compare the checksums in it; raise ``NotOffered`` where they are not over all of it."""
        wrong = self._listed(one)
        if not wrong and not self._framed(one.name):
            said = f"{shown(one.name)} has no checksum over all of it, and none beside it"
            raise NotOffered(said, hint="let zstd write one: --check")
        return wrong

    def _framed(self, name: str) -> bool:
        with self._read(name) as file:
            return summed(file)

    @contextmanager
    def _read(self, name: str) -> Iterator[IO[bytes]]:
        with self._shelf.opened(name) as opened:
            if not isinstance(opened, int):
                yield opened
                return
            with os.fdopen(opened, "rb", closefd=False) as file:
                yield file

    def entries(self, run: str) -> Iterator[Entry]:
        """Told when all was read: the last of a path counts. Paths and sizes are kept in mind, 200 octets a file."""
        files = dict[str, int]()
        with self._one(run) as found:
            for path, member, _ in found:
                note(files, path, member)
        yield from (Entry(path, max(0, size), linked=size == LINKED) for path, size in files.items())

    def hashes(self, run: str) -> bool:
        """The checksum beside it is compared now, and those in it whenever it is unpacked."""
        file, beside = self._found(run)
        if beside and (wrong := self._hashed(file)):
            raise Damaged(self.target, wrong)
        return beside or self._framed(file.name)

    def restore(self, run: str, paths: Sequence[str], into: Path) -> None:
        """Of several members of one path the last, as tar leaves it; of a link but a hard one nothing."""
        wanted, links = set(paths), dict[str, tuple[int, str]]()
        with self._one(run) as found:
            for number, (path, member, archive) in enumerate(found):
                if path not in wanted:
                    continue
                links.pop(path, None)
                if member.isreg():
                    put(self.target, archive, member, into, [path])
                    continue
                taken_away(into, path)
                links |= {path: (number, place(member.linkname))} if member.islnk() else {}
        if links:
            self._linked(run, links, into)

    def _linked(self, run: str, links: dict[str, tuple[int, str]], into: Path) -> None:
        """Give each hard link what lay where it leads to when it was packed; ``links`` tells which member it is."""
        left, sharing = set(links), dict[str, list[str]]()
        for path, (_, to) in links.items():
            sharing.setdefault(to, []).append(path)
        with self._one(run) as found:
            for number, (path, member, archive) in enumerate(found):
                mine = {one for one in sharing.get(path, ()) if one in left or number < links[one][0]}
                if mine and member.isreg():
                    put(self.target, archive, member, into, sorted(mine))
                    left -= mine
                elif not to_itself(member):
                    left |= mine
        if left:
            raise Damaged(self.target, f"{run}: a hard link in it leads to no file of it")

    @contextmanager
    def _one(self, run: str) -> Iterator[Members]:
        with self._unpacked(self._found(run)[0]) as found:
            yield found

    def _found(self, run: str) -> tuple[Packed, bool]:
        """An archive, and whether a checksum lies beside it."""
        lying = self._shelf.listed()
        file = next((one for one in lying if _id(one) == run), None)
        if file is None:
            raise Unreachable(f"{self.target.name}: {run} is there no more", hint="try again")
        return file, any(one.name == f"{file.name}{HASHED}" for one in lying)

    @contextmanager
    def _unpacked(self, file: Packed) -> Iterator[Members]:
        """What is in an archive; when the block ends it was whole, or ``Damaged`` is raised."""
        zstd, wrong, called = Tool("zstd", {}, None, ""), "", shown(file.name)
        with self._shelf.opened(file.name) as packed, zstd.output(["-d", "-c", "-q"], stdin=packed) as out:
            try:
                yield members(out)
            except TarError as error:
                wrong = str(error) or "it is no archive"
            while out.read(PIECE):
                continue
        said = zstd.ended.said.splitlines()[-1:] if zstd.ended.code else [wrong]
        if "too much memory" in zstd.ended.said:
            raise NotOffered(f"{called} needs more memory to unpack than zstd may take", hint="look at it by hand")
        if (zstd.ended.code or wrong) and file not in self._shelf.listed():
            raise Unreachable(f"{called} is being written, or was taken away", hint="try again")
        if zstd.ended.code or wrong:
            raise Damaged(self.target, f"{called}: {(said or [''])[0].removeprefix('zstd: ')[:200]}")


def _wrong(look: Callable[[Packed], str], files: Sequence[Packed]) -> str:
    """What is wrong with any of them; why one could not be looked at is raised where nothing is."""
    found, unseen = list[str](), None
    for one in files:
        try:
            found.append(look(one))
        except OpsError as error:
            unseen = unseen or error
            if not isinstance(error, NotOffered):  # it will be the same with the others
                break
    if unseen and not any(found):
        raise unseen
    return "; ".join(filter(None, found))[:MOST]


def _archives(lying: Sequence[Packed]) -> list[Archive]:
    """Oldest first; a file of another name is none of them, nor one of a moment that cannot be."""
    found = []
    for file in lying:
        named = NAMED.fullmatch(file.name)
        with suppress(ValueError):
            if named:
                at = datetime.strptime(named["at"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
                found += [Archive(file, named["name"], at)] if believable(at) else []
    return sorted(found, key=lambda one: (one.at, one.file.name))


def _newest(found: Sequence[Archive]) -> list[Archive]:
    names: dict[str, list[Archive]] = {}
    for one in found:
        names.setdefault(one.name, []).append(one)
    return [one for some in names.values() for one in some[-COUNTED:]]


def _run(one: Archive, count: Count | None, paths: Sequence[str]) -> Run:
    ended = None
    with suppress(ValueError, OverflowError, OSError):  # its time can be any number
        written = datetime.fromtimestamp(one.file.mtime, UTC)
        ended = written if written >= one.at and believable(written) else None
    held = (count.files, count.octets, count.paths(paths)) if count else ()
    return Run(_id(one.file), one.at, ended, *held)


def _id(file: Packed) -> str:
    """Its name, as it can be written down anywhere."""
    return os.fsencode(file.name).decode(errors="backslashreplace")


def _root(path: str, roots: Sequence[str]) -> list[str]:
    """A path that begins another tree: tar packs one after the other."""
    return [] if len(roots) >= ROOTS or (roots and _in(path, roots[-1])) else [path]


def _in(path: str, folder: str) -> bool:
    return f"{path}/".startswith(f"{folder.rstrip('/')}/")
