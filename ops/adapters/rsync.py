"""Folders of dated plain trees, ``2026-11-26T014003Z``, as ``rsync --link-dest`` makes them: one folder a backup.

Made from the root (``rsync -aR``), so that a file lies in it at its whole path. rsync keeps no hashes: that what lies
there is what was copied is known only where a list of checksums lies beside a tree. A folder of another name, as one
that is not finished (``….partial``), and a link are no backup. Sources: rsync(1), sha256sum(1).
"""

from __future__ import annotations

import errno
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from inventory.backup.assurance import Entry, shown
from inventory.backup.checksums import checksums
from inventory.backup.model import Run, Target, believable
from ops.adapters.backup import Damaged, Part, Vault, damage
from ops.adapters.backup_dated import COUNTED, HASHED, MOST, Counts, keyless
from ops.adapters.backup_tree import Inside, Told, Tree, walked
from ops.adapters.backup_written import written_down
from ops.errors import NotAuthorised, NotOffered, OpsError, Unreachable

NAMED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}Z")
LOST = "in the list beside it and not there"
NO_LINK = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)  # it is there no more, or something else is


@dataclass(frozen=True)
class Snapshot:
    """One backup: its folder, and the moment its name says."""

    name: str
    at: datetime
    mtime: int
    hashed: bool


@dataclass
class Met:
    """What a walk met on its way: what cannot be read, what may not be, and what went away meanwhile."""

    target: Target
    step: str
    errors: list[OpsError] = field(default_factory=list)

    def __call__(self, place: str, error: OSError) -> None:
        self.errors.append(self.error(place, error))

    def error(self, place: str, error: OSError) -> OpsError:
        """What the answer for a place means."""
        if isinstance(error, PermissionError):
            return NotAuthorised(f"{self.target.name}: {shown(place)} may not be read", hint=self.step)
        if error.errno in NO_LINK:
            return Unreachable(f"{self.target.name}: {shown(place)} went away while it was read", hint="try again")
        return Damaged(self.target, f"{shown(place)} cannot be read ({error.strerror or error})")

    def raises(self, place: str, error: OSError) -> None:
        """For a walk that is no use if anything is left out."""
        raise self.error(place, error)

    def told(self) -> str:
        """What is wrong; raise what kept us from looking, unless something is."""
        wrong = [error.said for error in self.errors if isinstance(error, Damaged)]
        if wrong:
            return _few(wrong)
        for kind in (NotAuthorised, Unreachable):
            if some := [error for error in self.errors if isinstance(error, kind)]:
                raise kind(_few([str(some[0])], len(some)), hint=some[0].hint)
        return ""


class RsyncVault(Vault):
    """One folder of dated trees; ``cache`` is a private folder for what was counted."""

    def __init__(self, target: Target, tree: Tree, cache: Path) -> None:
        self.target, self._tree = target, tree
        self._kept = Counts(target, cache)

    def lies(self) -> str:
        return self._tree.lies

    def runs(self, paths: Sequence[str]) -> list[Run]:
        with self._entered() as (inside, found):
            counts = self._counts(inside, found)
            held = {one: self._held(inside, one, paths, one is found[-1]) for one in found}
        wanted = [one for one in found if not paths or held[one] != ()]
        return [_run(one, counts.get(one), held[one]) for one in wanted]

    def _held(self, inside: Inside, one: Snapshot, paths: Sequence[str], newest: bool) -> tuple[str, ...] | None:
        """Which of these paths are in a tree, themselves and no link; None of an older one that may not be read."""
        found = []
        for path in paths:
            place = f"{one.name}{path.rstrip('/')}"
            try:
                seen = inside.look(place)
            except OSError as error:
                if isinstance(error, PermissionError) and not newest:
                    return None
                if error.errno in NO_LINK:
                    continue
                raise self._met.error(place, error) from error
            found += [path] if seen.folder or seen.regular else []
        return tuple(found)

    def _counts(self, inside: Inside, found: Sequence[Snapshot]) -> dict[Snapshot, tuple[int, int]]:
        """Files and octets of the newest, each counted once in its life but for the last, which may still grow.

        A folder's time tells of what lies in it and not of what lies deeper. So one is kept in mind only when another
        came after it; by then nothing is written to it any more.
        """
        known = self._kept.known()
        counts, kept = dict[Snapshot, tuple[int, int]](), dict[str, list[int]]()
        for one in found[-COUNTED:]:
            key = f"{one.name} {one.mtime}"
            told = known.get(key)
            count = (int(told[0]), int(told[1])) if told else self._count(inside, one)
            if count is not None:
                counts[one] = count
                kept |= {key: list(count)} if one is not found[-1] else {}
        if kept != known:
            self._kept.keep(kept)
        return counts

    def _count(self, inside: Inside, one: Snapshot) -> tuple[int, int] | None:
        """None where not all of it can be seen."""
        met, files, octets = self._met, 0, 0
        for _, told in walked(inside, one.name, met):
            files, octets = files + 1, octets + told.size
        return None if met.errors else (files, octets)

    def unlock(self) -> None:
        raise keyless(self.target, "trees of rsync")

    def structure(self) -> str:
        """Every folder of every tree is listed, and each file of the newest is read to its end."""
        met = self._met
        with self._entered() as (inside, found):
            for one in found[:-1]:
                deque(walked(inside, one.name, met), maxlen=0)
            for one in found[-1:]:
                self._read_all(inside, one, met)
        return met.told()

    def _read_all(self, inside: Inside, one: Snapshot, met: Met) -> None:
        for place, told in walked(inside, one.name, met):
            try:
                self._read(inside, place, told)
            except OSError as error:
                met(place, error)
            except Damaged as error:
                met.errors.append(error)

    def _read(self, inside: Inside, place: str, told: Told) -> None:
        size = 0
        with inside.opened(place) as pieces:
            for piece in pieces:
                size += len(piece)
                if size > told.size:  # else one that grows would never end
                    break
        if size != told.size and inside.look(place) == told:
            raise Damaged(self.target, f"{shown(place)} ends after {size} of {told.size} octets")

    def data(self, part: Part) -> str:
        """The trees of each so-many-th day, compared with the lists beside them; without one nothing can be.

        Where those days have none with a list, the newest that has one is compared, so that it is not out of sight.
        """
        with self._entered() as (inside, found):
            mine = [one for one in found if one.at.toordinal() % part.of == part.number - 1]
            hashed = [one for one in found if one.hashed]
            some = [one for one in mine if one.hashed] or hashed[-1:]
            wrong = [self._listed(inside, one) for one in some]
        bare = [one.name for one in (mine if hashed else found) if not one.hashed]
        if (bare or not hashed) and not any(wrong):
            hint = f"keep a list of checksums beside each tree (its name and {HASHED}), or use a tool that hashes"
            one = bare[-1] if bare else f"{self.target.name} has no tree, and"
            raise NotOffered(f"{one} was compared with nothing: rsync keeps no hashes", hint=hint)
        return "; ".join(filter(None, wrong))[:MOST]

    def _listed(self, inside: Inside, one: Snapshot) -> str:
        """Compare a tree with the list beside it: the same files, each as its line says."""
        try:
            said = self._sums(inside, one)
            other, more = [], []
            for place, _ in walked(inside, one.name, self._met.raises):
                line = said.pop(place.removeprefix(one.name), None)
                if line is None:
                    more.append(f"{shown(place)} is in no line of the list beside it")
                elif self._hashed(inside, place) != line:
                    other.append(f"{shown(place)} is not as the list beside it says")
        except Damaged as error:
            return damage(error)
        return _few([*other, *(f"{shown(one.name + path)} is in the list and not there" for path in said), *more])

    def _hashed(self, inside: Inside, place: str) -> str:
        digest = sha256()
        for piece in self._pieces(inside, place):
            digest.update(piece)
        return digest.hexdigest()

    def _sums(self, inside: Inside, one: Snapshot) -> dict[str, str]:
        """Path → SHA-256; nothing where no list lies beside a tree. Raise ``Damaged``."""
        try:
            return checksums(_lines(self._pieces(inside, one.name + HASHED)), one.name) if one.hashed else {}
        except ValueError as error:
            raise Damaged(self.target, f"{one.name}{HASHED}: {error}") from None

    def entries(self, run: str) -> Iterator[Entry]:
        with self._one(run) as (inside, one):
            said = self._sums(inside, one)
            named = len(said)
            for place, told in walked(inside, run, self._met.raises):
                path = place.removeprefix(run)
                yield Entry(path, told.size, said.pop(path, ""))
            if len(said) < named:  # a list that names none of them is of another top
                yield from (Entry(path, 0, sha256, lost=LOST) for path, sha256 in said.items())

    def hashes(self, run: str) -> bool:  # noqa: ARG002
        """A list beside a tree is told file by file."""
        return False

    def restore(self, run: str, paths: Sequence[str], into: Path) -> None:
        with self._one(run) as (inside, _):
            for path in paths:
                place = f"{run}/{path.lstrip('/')}"
                if {"..", ".", ""} & set(place.split("/")):
                    continue
                try:
                    told = inside.look(place)
                except OSError as error:
                    raise self._met.error(place, error) from error
                if told.regular:
                    written_down(self.target, self._pieces(inside, place), into, path, told.mtime)

    def _pieces(self, inside: Inside, place: str) -> Iterator[bytes]:
        try:
            with inside.opened(place) as pieces:
                yield from pieces
        except OSError as error:
            raise self._met.error(place, error) from error

    @property
    def _met(self) -> Met:
        return Met(self.target, self._tree.step)

    @contextmanager
    def _entered(self) -> Iterator[tuple[Inside, list[Snapshot]]]:
        with self._tree.entered() as inside:
            try:
                lying = inside.listed("")
            except OSError as error:
                raise self._met.error(self.target.where, error) from error
            yield inside, _snapshots(lying)

    @contextmanager
    def _one(self, run: str) -> Iterator[tuple[Inside, Snapshot]]:
        with self._entered() as (inside, found):
            one = next((one for one in found if one.name == run), None)
            if one is None:
                raise Unreachable(f"{self.target.name}: {run} is there no more", hint="try again")
            yield inside, one


def _snapshots(lying: Sequence[Told]) -> list[Snapshot]:
    """Oldest first; a link, a file and a folder of another name or of a moment that cannot be are none of them."""
    files = {one.name for one in lying if one.regular}
    found = []
    for one in lying:
        with suppress(ValueError):
            if one.folder and NAMED.fullmatch(one.name):
                at = datetime.strptime(one.name, "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)
                found += [Snapshot(one.name, at, one.mtime, one.name + HASHED in files)] if believable(at) else []
    return sorted(found, key=lambda one: one.at)


def _run(one: Snapshot, count: tuple[int, int] | None, held: tuple[str, ...] | None) -> Run:
    files, octets = count or (None, None)
    return Run(one.name, one.at, None, files, octets, held or ())


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _few(wrong: Sequence[str], number: int = 0) -> str:
    """The first few, and how many more there are."""
    told, left = "; ".join(wrong[:3]), max(number, len(wrong)) - min(3, len(wrong))
    return told[:MOST] + (f"; and {left} more" if left else "")
