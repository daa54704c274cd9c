"""The backups of the nights before: made once per machine by the real tools, added to once a day, else only unpacked.

They are made in a mount namespace of their own, where the folders of the servers are at their usual paths.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Thread
from types import TracebackType

from inventory.lab import data, kernel
from inventory.lab.job import ARCHIVE, VAULT, Job, registry
from inventory.lab.network import CLEAN, Messages, end, launch, say
from inventory.lab.services import vaults
from inventory.lab.template import MARK
from ops.errors import ApplyFailed, NotAuthorised
from ops.private import private_folder

HERE = Path(__file__).parent
OF_CODE = ("history.py", "job.py", "data.py", "people.py", "services/vaults.py", *("jobs/*.py",))
PASSWORDS = ("vault", "vault-escrow", "attic")
SEGMENT = "max_segment_size = 524288000"  # borg wants room for one more, which is more than a host here has
MOST = 8  # nights kept before all of it is made afresh
SECONDS = 120


@dataclass(frozen=True)
class History:
    """The packed backups up to one night, with a checksum written last."""

    cache: Path
    night: date

    @property
    def archive(self) -> Path:
        """The archive."""
        return self.cache / f"backups-{_code()}-{self.night:%Y%m%d}.tar"

    @property
    def checksum(self) -> Path:
        """SHA-256 of the archive."""
        return self.archive.with_suffix(".sha256")

    @property
    def complete(self) -> bool:
        """Whether it is there and as it was made."""
        try:
            return self.checksum.read_text() == hashlib.sha256(self.archive.read_bytes()).hexdigest()
        except OSError:
            return False

    def before(self) -> History | None:
        """The newest one of an earlier night that can be added to."""
        found = [History(self.cache, _night(path)) for path in self.cache.glob(f"backups-{_code()}-*.tar")]
        usable = [one for one in found if 0 < (self.night - one.night).days < data.NIGHTS and one.complete]
        return max(usable, key=lambda one: one.night, default=None)


def _night(path: Path) -> date:
    return date.fromisoformat(path.stem.rpartition("-")[2])


def _code() -> str:
    files = sorted(path for name in OF_CODE for path in HERE.glob(name))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def passwords(cache: Path) -> Mapping[str, str]:
    """What opens the repositories; made once per machine, private."""
    path = private_folder(cache, NotAuthorised) / "backups.secrets"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        known: dict[str, str] = json.loads(path.read_text())
        return known
    made = {name: secrets.token_urlsafe(24) for name in PASSWORDS}
    with os.fdopen(handle, "w") as file:
        json.dump(made, file)
    return made


class Making:
    """The making of a history beside something else; leave the ``with`` block when it is needed."""

    def __init__(self, history: History, rootless: bool) -> None:
        self.history, self._rootless = history, rootless
        self._anchor: tuple[int, int] | None = None
        self._heard: Messages = iter(())
        self._work = Path()

    def __enter__(self) -> Making:
        if self.history.complete:
            return self
        opens = passwords(self.history.cache)
        self._work = Path(tempfile.mkdtemp(prefix=f"{MARK}{os.getpid()}-", dir=self.history.cache))
        before = self.history.before()
        if before:
            shutil.copyfile(before.archive, self._work / "before.tar")
        work, night = self._work, self.history.night
        first, self._heard, self._keep = launch(lambda out, keep: _life(work, night, opens, out, keep), self._rootless)
        self._anchor = first["anchor"], first["since"]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._anchor is None:
            return
        try:
            if kind is None:
                self._finish()
        finally:
            end(*self._anchor)
            os.close(self._keep)
            shutil.rmtree(self._work, ignore_errors=True)

    def _finish(self) -> None:
        told = next(self._heard, {"failed": "it ended without a word"})
        if "failed" in told:
            raise ApplyFailed(f"the backups could not be made: {told['failed']}", hint="ops doctor; ops lab up again")
        (self._work / "new.tar").rename(self.history.archive)
        self.history.archive.chmod(0o600)
        self.history.checksum.write_text(hashlib.sha256(self.history.archive.read_bytes()).hexdigest())
        self.history.checksum.chmod(0o600)
        for path in self.history.cache.glob("backups-*.*"):
            if path not in (self.history.archive, self.history.checksum) and path.suffix != ".secrets":
                path.unlink(missing_ok=True)


def _life(work: Path, night: date, opens: Mapping[str, str], out: int, keep: int) -> None:
    """PID 1 of the making; ends when whoever wants it ends."""
    Thread(target=lambda: os.read(keep, 1) or os._exit(1), daemon=True).start()
    os.environ.clear()
    os.environ.update(CLEAN)
    os.umask(0o022)
    kernel.mount("none", "/", flags=kernel.REC | kernel.PRIVATE)
    kernel.mount("srv", "/srv", "tmpfs", kernel.NOSUID | kernel.NODEV, "mode=755,size=1g")
    try:
        _made(work, night, opens)
        say(out, done=True)
    except Exception as error:  # noqa: BLE001  told to whoever waits
        said = f"{error} {getattr(error, 'stderr', '') or ''}".strip()
        say(out, failed=said[-500:])


def _made(work: Path, night: date, opens: Mapping[str, str]) -> None:
    """Unpack what is there, add the nights that are missing, pack it."""
    settings = Path("/srv/.settings")
    settings.mkdir()
    for name, word in opens.items():
        (settings / f"{name}.password").write_text(word + "\n")
    for job in registry():
        (settings / job.name).write_text(job.script)
    known = _known(work / "before.tar")
    if not known:
        _prepare(settings)
    missing = [one for one in data.nights(night) if one not in known]
    data.homes()
    for one in missing:
        _night_of(one, settings)
    Path(VAULT, ".nights").write_text("\n".join(one.isoformat() for one in [*known, *missing]))
    vaults.hand_over(VAULT, ARCHIVE)
    _run("tar", "--numeric-owner", "-cf", str(work / "new.tar"), "-C", "/srv", "backup", "archive")


def _known(before: Path) -> list[date]:
    """The nights an earlier archive has, unpacked; none if there is none that can be added to."""
    if not before.exists():
        return []
    _run("tar", "--numeric-owner", "-xpf", str(before), "-C", "/srv")
    known = [date.fromisoformat(line) for line in Path(VAULT, ".nights").read_text().split()]
    if len(known) < MOST:
        return known
    for folder in (VAULT, ARCHIVE):
        shutil.rmtree(folder)
    return []


def _prepare(settings: Path) -> None:
    """Empty repositories, each with its passwords."""
    for folder in (VAULT, f"{VAULT}/mirror", ARCHIVE, *(f"{ARCHIVE}/{job.host}" for job in registry())):
        Path(folder).mkdir(exist_ok=True)
    daily, escrow = settings / "vault.password", settings / "vault-escrow.password"
    words = ["restic", "-r", f"{VAULT}/restic", "--password-file", str(daily), "--no-cache"]
    attic = {**os.environ, "BORG_PASSCOMMAND": f"cat {settings}/attic.password", "BORG_BASE_DIR": "/srv/.borg"}
    with ThreadPoolExecutor() as both:
        borg = both.submit(_run, "borg", "init", "-e", "repokey", f"{VAULT}/borg", env=attic)
        _run(*words, "init")
        _run(*words, "key", "add", "--new-password-file", str(escrow))
        borg.result()
    config = Path(VAULT, "borg/config")
    config.write_text(config.read_text().replace(SEGMENT, "max_segment_size = 16777216"))


def _night_of(night: date, settings: Path) -> None:
    """What the servers held that night, copied by every job; those of one target one after another."""
    for folder in (data.SHARES, data.DATA):
        shutil.rmtree(folder, ignore_errors=True)
    data.shares(night)
    data.data(night)
    with ThreadPoolExecutor() as both:
        restic = [job for job in registry() if job.tool == "restic"]
        others = [job for job in registry() if job.tool != "restic"]
        for done in [both.submit(_all_of, jobs, night, settings) for jobs in (restic, others)]:
            done.result()


def _all_of(jobs: Sequence[Job], night: date, settings: Path) -> None:
    for job in jobs:
        moment = job.moment(night)
        at = {"AT": f"{moment:%Y-%m-%dT%H:%M:%S}", "TZ": "UTC", "TMPDIR": "/srv", "BASE": "/srv/.borg"}
        _run("sh", str(settings / job.name), env={**os.environ, "VAULT": VAULT, "SECRETS": str(settings), **at})


def _run(*argv: str, env: Mapping[str, str] | None = None) -> None:
    null = subprocess.DEVNULL
    subprocess.run(argv, check=True, capture_output=True, text=True, stdin=null, timeout=SECONDS, env=env)
