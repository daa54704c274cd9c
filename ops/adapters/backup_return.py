"""Files of one backup brought back, each compared with what is known of it: its manifest, or what it was made of."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import disk_usage
from time import monotonic

from inventory.backup.assurance import Entry, Lost, drawn, fitting, seed, shown, thinned, wrong
from inventory.backup.measuring import SECOND, Seen
from inventory.backup.model import Run
from inventory.backup.rules import UNHASHED
from ops.adapters.backup import BackupReader, Damaged, Original, Vault
from ops.adapters.backup_counting import counted
from ops.errors import EvidenceInvalid, InvalidRequest, OpsError
from ops.private import ours

SPARE = 1.1  # times what is brought back must be free
BATCH, WORDS = 500, 1 << 18  # files brought back at once, and octets of their paths: a command line holds 2 MiB
ALONE = "as the hashes kept with it say: no manifest was written when it was made"
UNWRITTEN = f"their content {ALONE}"
NOW = "the files as they are now, unchanged since in size and time"
LISTED = "the list of checksums beside it"
CHANGED = "{} differs from the file as it is now, of the same size and time: one of the two was changed unseen"


@dataclass
class Tried:
    """One backup, what came back of it, and how long that took.

    ``held`` is how many files the result speaks of, ``whole`` the octets of all there are; ``moving`` changed while
    the backup was made; ``here`` were compared with the file they were made of, ``listed`` with a checksum, ``known``
    with either of them; ``unasked`` is why that could not be asked for. ``bare`` is the name of a tool that keeps no
    hashes. ``unnamed`` are files that nobody could ask for: the tool does not tell their names whole. ``refused`` were
    brought back together with one that the tool found damaged. ``empty_paths`` are those of the job with no file below.
    """

    run: Run
    bare: str = ""
    manifest: bool = False
    held: int = 0
    whole: int = 0
    moving: int = 0
    right: int = 0
    tried: int = 0
    refused: int = 0
    here: int = 0
    listed: int = 0
    known: int = 0
    octets: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    left_out: int = 0
    unnamed: int = 0
    empty_paths: tuple[str, ...] = ()
    unasked: str = ""

    @property
    def well(self) -> bool:
        """Whether something came back, and nothing was wrong."""
        return bool(self.tried) and self.right == self.tried and not self.wrong

    @property
    def unwritten(self) -> bool:
        """Whether for some files nothing but the tool's own word is known."""
        return not self.manifest and not self.bare and self.here < self.tried

    @property
    def unseen(self) -> str:
        """The files of which nobody looked at the content, in words; empty where there are none."""
        left = self.tried - self.known
        return f"the content of {left} of {self.tried} files: {self.bare} {UNHASHED}" if self.bare and left else ""

    def compared(self) -> str:
        """With what the files were compared, in words."""
        if self.moving and not self.tried:
            return f"{self.moving} changed while it was made"
        if self.manifest:
            moving = f", without {self.moving} that changed while it was made" if self.moving else ""
            return f"compared with the manifest written when it was made{moving}"
        if self.bare:
            return self._known()
        if not self.here:
            return UNWRITTEN
        with_ = f"compared with {NOW}"
        return f"{self.here} {with_}; the others only {ALONE}" if self.unwritten else with_

    def _known(self) -> str:
        """The same for a tool that keeps no hashes."""
        with_ = " and ".join(name for name, number in ((LISTED, self.listed), (NOW, self.here)) if number)
        if not with_:
            return f"only their size was compared: {self.bare} {UNHASHED}"
        if self.known == self.tried:
            return f"compared with {with_}"
        said = f"the content of {self.known} was compared with {with_}, of the others only the size"
        return f"{said}: {self.bare} {UNHASHED}"


def brought_back(
    backup: BackupReader, vault: Vault, original: Original | None, run: Run, number: int, by: str
) -> Tried:
    """Bring so many files back from a backup, into a folder that is gone afterwards, and compare them.

    Of a backup that holds more than ``run.paths``, as one of several jobs may, only what lies there is drawn. Raise
    ``InvalidRequest`` where there is no room for even one.
    """
    by, found = seed(f"{by}/{run.id}"), Tried(run)
    entries = _trusted(vault, _known(vault, by, found), found)
    chosen = drawn(entries, number, by)
    with backup.room() as room:
        fit = fitting(chosen, disk_usage(room).free / SPARE)
        if chosen and not fit:
            raise InvalidRequest("there is no room to bring that much back", hint="free some space")
        if len(fit) < len(chosen):
            fit = _narrowed(found, entries, chosen, fit)
        found.tried = len(fit)
        for order, batch in enumerate(_batches(fit)):
            (into := room / str(order)).mkdir()
            _batch(found, vault, original, batch, into)
    return found


def _batches(chosen: Sequence[Entry]) -> Iterator[list[Entry]]:
    """As many at once as one command line takes: each start of a tool derives its key anew."""
    batch, words = list[Entry](), 0
    for entry in chosen:
        taken = len(os.fsencode(entry.path))
        if batch and (len(batch) == BATCH or words + taken > WORDS):
            yield batch
            batch, words = [], 0
        batch.append(entry)
        words += taken
    if batch:
        yield batch


def _known(vault: Vault, by: str, found: Tried) -> list[Entry]:
    """Files to draw from. A manifest is read to its end, and the backup counted against it."""
    try:
        told = counted(vault, found.run, by)
    except EvidenceInvalid as error:
        found.wrong.append(str(error))
    except Damaged as error:
        found.wrong.append(f"its manifest cannot be read: {error.said}")
    else:
        if told:
            said, differs = told
            found.manifest, found.held, found.moving = True, said.rest.files, len(said.moving)
            found.whole = said.manifest.octets
            found.wrong += [differs] if differs else []
            return _of_manifest(vault, said.files, found)
    return _listed(vault, by, found)


def _of_manifest(vault: Vault, files: list[Entry], found: Tried) -> list[Entry]:
    """Of the files a manifest names, those below the paths; where not all are kept in mind, no path is called empty."""
    paths = _Paths.of(vault, found.run)
    kept = [entry for entry in files if paths.hold(entry)]
    found.empty_paths = paths.empty if len(files) + found.moving >= found.held else ()
    return kept


@dataclass
class _Paths:
    """The paths of a job as its tool spells them, and which of them have a file."""

    wanted: dict[str, str]  # the beginning of whatever lies there → the path
    met: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, vault: Vault, run: Run) -> _Paths:
        return cls({f"{vault.spelling(path).rstrip('/')}/": path for path in run.paths})

    def hold(self, entry: Entry) -> bool:
        """Whether a file lies in one of them; all do where none is wanted."""
        within = [begin for begin in self.wanted if f"{entry.path}/".startswith(begin)]
        self.met.update(within)
        return bool(within) or not self.wanted

    @property
    def empty(self) -> tuple[str, ...]:
        return tuple(path for begin, path in self.wanted.items() if begin not in self.met)


def _listed(vault: Vault, by: str, found: Tried) -> list[Entry]:
    paths, lost = _Paths.of(vault, found.run), Lost()

    def each() -> Iterator[Entry]:
        for entry in filter(paths.hold, vault.entries(found.run.id)):
            lost.add(entry)
            if entry.lost:
                continue
            found.whole += entry.size
            if entry.garbled:
                found.unnamed += 1
                continue
            found.held += 1
            yield entry

    try:
        entries = thinned(each(), by)
    except Damaged as error:  # of what is listed by reading it, no file is to be trusted
        found.wrong.append(error.said)
        return []
    found.wrong += [str(lost)] if str(lost) else []
    found.empty_paths = paths.empty
    return entries


def _trusted(vault: Vault, entries: list[Entry], found: Tried) -> list[Entry]:
    """The same; none of a backup that is not as the hashes kept with it say."""
    try:
        found.bare = "" if vault.hashes(found.run.id) else vault.target.tool
    except Damaged as error:
        found.wrong.append(error.said)
        return []
    return entries


def _narrowed(found: Tried, entries: Sequence[Entry], chosen: Sequence[Entry], fit: list[Entry]) -> list[Entry]:
    """Those to try: what is right says nothing of files there is no room for, and of no others of their size.

    If most are of that size, all are tried, and speak for themselves alone. Of very many files the share is that of
    those drawn.
    """
    kept = set(fit)
    least = min(entry.size for entry in chosen if entry not in kept)
    smaller = [entry for entry in fit if entry.size < least]
    held = found.held * sum(entry.size < least for entry in entries) // len(entries)
    if 2 * len(smaller) < len(fit):
        smaller, held = fit, len(fit)
    found.left_out, found.held = found.held - held, held
    return smaller


def _batch(found: Tried, vault: Vault, original: Original | None, batch: Sequence[Entry], into: Path) -> None:
    began = monotonic()
    try:
        vault.restore(found.run.id, [entry.path for entry in batch], into)
    except Damaged as error:  # what came back of these files is not to be trusted, whatever its size
        found.refused += len(batch)
        found.wrong.insert(0, error.said)
        return
    found.seconds += monotonic() - began
    ours(into)
    originals = _originals(found, original, batch, into)
    for entry in batch:
        _compared(found, into / entry.path.lstrip("/"), entry, originals.get(entry.path, ""))


def _originals(found: Tried, original: Original | None, batch: Sequence[Entry], into: Path) -> dict[str, str]:
    """Path → SHA-256 of the file it was made of, where that is unchanged; nothing is asked where a manifest tells."""
    if found.manifest or original is None or found.unasked:
        return {}
    looks = (_seen(entry.path, into / entry.path.lstrip("/")) for entry in batch)
    seen = [one for one in looks if one and _telling(one.mtime, found.run)]
    try:
        hashes = original.unchanged(seen)
    except OpsError as error:
        found.unasked = str(error)
        return {}
    return {one.path: sha256 for one, sha256 in zip(seen, hashes, strict=True) if sha256}


def _telling(mtime: int, run: Run) -> bool:
    """Whether a time tells a change: one in whole seconds tells none within the second a backup was made in."""
    return bool(mtime % SECOND) or mtime // SECOND < int(run.started.timestamp())


def _seen(path: str, back: Path) -> Seen | None:
    """A file as it came back, under the path it has where it was made."""
    if back.is_symlink() or not back.is_file():
        return None
    told = back.stat()
    return Seen(path, told.st_size, told.st_mtime_ns)


def _compared(found: Tried, path: Path, entry: Entry, original: str) -> None:
    bad = wrong(path, entry)
    found.listed += bool(entry.sha256)
    found.known += bool(entry.sha256 or original)
    if not bad and original:
        found.here += 1
        bad = CHANGED.format(shown(entry.path)) if wrong(path, replace(entry, sha256=original)) else ""
    if bad:
        found.wrong.append(bad)
        return
    found.right += 1
    found.octets += path.stat().st_size
