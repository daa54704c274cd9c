"""One backup of one job: sources measured, the tool run, the manifest put beside, and all of it read back.

Each step can be the last before a kill, and the next try finds what is there: the backup by its mark, the manifest by
its backup. The tool dies with us, so that none is still at it when the next try begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from shutil import disk_usage
from typing import Any

from inventory.backup.assurance import Entry, drawn, fitting, seed, wrong
from inventory.backup.holding import Said
from inventory.backup.manifest import Manifest, Measured, written
from inventory.backup.measuring import compared
from inventory.backup.model import Job, Run
from ops.adapters.backup import Mark, NoRoom, Source, WritableVault
from ops.adapters.backup_counting import counted
from ops.adapters.backup_return import SPARE
from ops.errors import ApplyFailed, EvidenceInvalid, NotVerified, OpsError, Refused
from ops.private import appearing, ours, private_folder

SAMPLE = 5  # files that are brought back from what was just written
Room = Callable[[], AbstractContextManager[Path]]


class Making:
    """A backup on its way; ``folder`` is ours alone, ``room`` makes an empty one to bring files back to."""

    def __init__(self, vault: WritableVault, source: Source, job: Job, run: str, folder: Path, room: Room) -> None:
        self._vault, self._source, self._job, self._room = vault, source, job, room
        self._mark = Mark(run, job.name)
        self._folder = private_folder(folder, ApplyFailed)
        self._begun = f"{run}-{job.name}"
        self.measures: Mapping[str, int | str] = {}

    def make(self) -> None:
        """Make it, or go on with it, and prove it; raise ``NotVerified`` where it is not what was there."""
        again = self._path("before").exists()
        try:
            run = self._vault.made(self._mark) or self._made()
            if self._vault.manifest(run.id) is None:
                self._attach(run)
        except NoRoom:
            said = f"{self._vault.target.name}: there is no room for another backup"
            raise ApplyFailed(said, hint="ops backup check says how much is left") from None
        if again:
            self._vault.settled()
        self.measures = self._proof(run)
        self._tidy()

    def proved(self) -> bool:
        """Whether it is there, whole and beside its manifest; looked at once."""
        if not self.measures:
            run = self._vault.made(self._mark)
            if run is None:
                return False
            with suppress(NotVerified, ApplyFailed):
                self.measures = self._proof(run)
                self._tidy()
        return bool(self.measures)

    def _tidy(self) -> None:
        for name in ("before", "manifest"):
            self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{self._begun}.{name}"

    def _made(self) -> Run:
        """Measure and run the tool."""
        if missing := self._source.absent(self._job.paths):
            raise Refused(f"{', '.join(missing)}: nothing was written", hint="is it mounted?")
        head = {"job": self._job.name, "paths": list(self._job.paths), "run": self._mark.run}
        self._write("before", head, self._source.measured(self._job.paths))
        complaint = self._vault.make(self._mark, self._job.paths)
        run = self._vault.made(self._mark)
        if run is None:
            raise ApplyFailed(f"no backup was made: {complaint or 'the tool does not say why'}", hint="try it by hand")
        return run

    def _attach(self, run: Run) -> None:
        """Look again, mark what has changed since, and put the manifest beside the backup."""
        try:
            with self._path("before").open("rb") as file:
                before = Manifest(file)
                now = self._source.walked(self._job.paths)
                self._write("manifest", {**before.head, "backup": run.id}, compared(before, now))
        except (FileNotFoundError, EvidenceInvalid):
            said = f"the backup of {self._job.name} is there, and what it was made of is no longer known"
            raise ApplyFailed(said, hint=f"make another: ops backup run {self._job.name}") from None
        self._vault.attach(run, self._mark, self._path("manifest"))

    def _write(self, name: str, head: Mapping[str, Any], files: Iterable[Measured]) -> None:
        try:
            with appearing(self._path(name), replace=True) as file:
                file.writelines(written(head, files))
        except OSError as error:
            raise ApplyFailed(f"the manifest cannot be written: {error.strerror}", hint="free some space") from error

    def _proof(self, run: Run) -> dict[str, int | str]:
        """What was counted, when all of it is as it should be."""
        absent_ = sorted(set(self._job.paths) - set(self._vault.held(run, self._job.paths)))
        if absent_:
            raise self._bad(f"{', '.join(absent_)} is not in it")
        held = self._counted(run)
        tried = self._sampled(run, held)
        manifest = held.manifest
        return {
            "files": manifest.files,
            "octets": manifest.octets,
            "changed_meanwhile": manifest.changed,
            "brought_back": tried,
            "manifest": manifest.digest,
        }

    def _counted(self, run: Run) -> Said:
        """The manifest read to its end, and the listing, which hold the same files in number and size."""
        try:
            told = counted(self._vault, run, seed(self._mark.run))
        except EvidenceInvalid as error:
            raise self._bad(str(error)) from None
        if told is None:
            raise self._bad("there is no manifest beside it")
        held, differs = told
        if differs:
            raise self._bad(differs)
        return held

    def _sampled(self, run: Run, held: Said) -> int:
        """Bring a few files back that there is room for, and compare them."""
        with self._room() as room:
            free = disk_usage(room).free / SPARE
            smaller = [entry for entry in held.files if entry.size <= free]
            chosen = fitting(drawn(smaller, SAMPLE, seed(self._mark.run)), free)
            if chosen:
                self._brought(run, chosen, room)
            elif held.files:
                raise self._crowded()
            for entry in chosen:
                if bad := wrong(room / entry.path.lstrip("/"), entry):
                    raise self._bad(bad)
        return len(chosen)

    def _brought(self, run: Run, chosen: Sequence[Entry], room: Path) -> None:
        try:
            self._vault.restore(run.id, [entry.path for entry in chosen], room)
            ours(room)
        except NoRoom:
            raise self._crowded() from None

    def _crowded(self) -> ApplyFailed:
        said = "a backup was made, and nothing of it was brought back: there is no room here"
        return ApplyFailed(said, hint=f"free some space, then: ops backup restore-test {self._job.name}")

    def _bad(self, why: str) -> OpsError:
        hint = f"keep it and look at it; then make another: ops backup run {self._job.name}"
        return NotVerified(f"a backup was made, and is not what was there: {why}", hint=hint)
