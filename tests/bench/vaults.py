"""Fifty checks beside the same tools started by xargs; restore tests beside tools that bring back the same files."""

from __future__ import annotations

import json
import os
import random
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import mkdtemp

from inventory.backup.assurance import Entry, drawn, seed
from ops.adapters.backup_sides import AT_ONCE
from tests.bench.stage import OPS, Figure, paired, timed
from tests.workspace import bare

ROUNDS, RETURNS, PLACES, JOBS = 3, 7, 10, 5
FILES, LARGE, TRIED = 60, 40 << 20, 50
SECRET = "bench"  # noqa: S105
SYSTEM = "systems:\n  FS-1: {host: fs1, tier: 1, rpo: 24h, rto: 4h, site: Leith, failure_domain: rack-1}\n"
BY = "bench"
TARGET = '  place-{}: {{tool: {}, where: "{}", site: Perth, credential: "file:secret"}}\n'
JOB = '  job-{0}-{1}: {{system: FS-1, target: place-{0}, paths: ["{2}"], every: 1d}}\n'
CHECKED = '"$0" "$@" backup check >/dev/null; test $? -eq 3'  # one copy is not three, and is said


@dataclass(frozen=True)
class Place:
    """A repository and the folders that are backed up to it."""

    tool: str
    folder: Path
    sources: tuple[Path, ...]

    @property
    def environment(self) -> Mapping[str, str]:
        kept = {"RESTIC_REPOSITORY": str(self.folder), "RESTIC_PASSWORD": SECRET, "BORG_PASSPHRASE": SECRET}
        caches = {"RESTIC_CACHE_DIR": f"{self.folder}.cache", "BORG_BASE_DIR": f"{self.folder}.cache"}
        return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", **kept, **caches}

    def run(self, *words: str) -> bytes:
        done = subprocess.run([self.tool, *words], env=dict(self.environment), check=True, capture_output=True)
        return done.stdout

    def fill(self) -> None:
        self.run("init") if self.tool == "restic" else self.run("init", "-e", "repokey", str(self.folder))
        for number, source in enumerate(self.sources):
            where = [] if self.tool == "restic" else [f"{self.folder}::{number}"]
            self.run({"restic": "backup", "borg": "create"}[self.tool], *where, str(source))

    def checks(self) -> list[list[str]]:
        """What a check of all its jobs starts, by hand."""
        if self.tool == "restic":
            ids = [one["id"] for one in json.loads(self.run("snapshots", "--json"))]
            sizes = [["stats", "--json", "--mode", "restore-size", one] for one in ids]
            parts = [["check"], ["check", "--read-data-subset=1/1"]]
            return [["restic", "--no-lock", *words] for words in [["snapshots", "--json"], *sizes, *parts]]
        listing = ["list", "--json", "--format={command_line}{start}{end}", str(self.folder)]
        info = ["info", "--json", f"--last={len(self.sources)}", str(self.folder)]
        held = [
            ["list", "--json-lines", f"{self.folder}::{number}", f"pp:{str(source).lstrip('/')}"]
            for number, source in enumerate(self.sources)
        ]
        parts = [["check", "--repository-only", str(self.folder)], ["check", "--verify-data", str(self.folder)]]
        whole = [words[:-1] for words in held]  # which files a repair put zeros into
        return [["borg", "--log-json", "--bypass-lock", *words] for words in [listing, info, *held, *parts, *whole]]

    def script(self, commands: list[list[str]]) -> str:
        told = " ".join(f"{key}={shlex.quote(value)}" for key, value in self.environment.items())
        return f"export {told}; " + "; ".join(f"{shlex.join(words)} >/dev/null" for words in commands)


def places(work: Path) -> list[Place]:
    """Half of them restic, half borg, each with small backups of five jobs."""
    chance, found = random.Random(1), []  # noqa: S311  content, not secrets
    for number in range(PLACES):
        sources = tuple(work / f"source-{number}-{job}" for job in range(JOBS))
        for source in sources:
            source.mkdir()
            for name in range(20):
                (source / f"{name}").write_bytes(chance.randbytes(20_000))
        found.append(Place("borg" if number % 2 else "restic", work / f"place-{number}", sources))
        found[-1].fill()
    return found


def workspace(folder: Path, some: list[Place]) -> Path:
    """A workspace that names them all; every part of the data is read each time."""
    made = bare(folder, "Lea").folder
    targets = [TARGET.format(number, one.tool, one.folder) for number, one in enumerate(some)]
    jobs = [JOB.format(number, job, path) for number, one in enumerate(some) for job, path in enumerate(one.sources)]
    text = "".join([SYSTEM, "targets:\n", *targets, "jobs:\n", *jobs, "cadence:\n  1: {data: 1d}\n"])
    (made / "inventory/backups.yaml").write_text(text)
    (made / "secret").write_text(SECRET + "\n")
    (made / "secret").chmod(0o600)
    return made


def of_checks(work: Path) -> Figure:
    some = places(work)
    at = workspace(work / "lead", some)
    (work / "lines").write_text("".join(f"{one.script(one.checks())}\0" for one in some))
    by_hand = ["bash", "-c", f"xargs -0 -P {AT_ONCE} -I CMD sh -c CMD < {shlex.quote(str(work / 'lines'))}"]

    def ours(_: int) -> float:
        shutil.rmtree(at)
        workspace(at, some)  # nothing is remembered of the round before
        return timed(["sh", "-c", CHECKED, *OPS], cwd=at)

    mine, theirs = map(median, paired(ROUNDS, ours, lambda _: timed(by_hand)))
    what = f"checks of {PLACES * JOBS} jobs on {PLACES} repositories, {AT_ONCE} at once"
    return _figure(what, mine, f"the same tools by xargs {theirs:.1f} s", theirs)


def of_restore(work: Path, tool: str) -> Figure:
    source = work / f"large-{tool}"
    source.mkdir()
    for number in range(FILES):
        (source / f"{number}").write_bytes(os.urandom(LARGE))
    one = Place(tool, work / f"kept-{tool}", (source,))
    one.fill()
    at = workspace(work / f"lead-{tool}", [one])
    by_hand, into = _by_hand(one, work / f"into-{tool}")

    def theirs(_: int) -> float:
        into.mkdir()
        seconds = timed(["sh", "-ec", by_hand], cwd=into)
        shutil.rmtree(into)  # else it would be written to the disk while ours is timed, which clears up itself
        return seconds

    def ours(_: int) -> float:
        return timed([*OPS, "backup", "restore-test", "job-0-0", "--files", str(TRIED), "--by", BY], cwd=at)

    ours(0)  # the first of either touches memory that this machine never used
    mine, peer = map(median, paired(RETURNS, ours, theirs))
    what = f"restore test of {TRIED} files of {LARGE >> 20} MiB, {tool}"
    return _figure(what, mine, f"{tool} by hand {peer:.1f} s", peer)


def _figure(what: str, ours: float, told: str, theirs: float) -> Figure:
    return Figure(what, f"{ours:.1f} s", told, theirs / ours, "at least 0.9", theirs >= 0.9 * ours)


def _by_hand(one: Place, into: Path) -> tuple[str, Path]:
    """List, then bring back the very files that ours draws."""
    if one.tool == "restic":
        (run,) = (row["id"] for row in json.loads(one.run("snapshots", "--json")))
        nodes = [json.loads(line) for line in one.run("ls", "--json", run).splitlines()]
        entries = [Entry(node["path"], node["size"]) for node in nodes if node.get("type") == "file"]
        first = [["restic", "--no-lock", *words] for words in (["snapshots"], ["ls", "--json", run])]
        last = ["restic", "--no-lock", "restore", run, "--target", str(into)]
        chosen = drawn(entries, TRIED, seed(f"{BY}/{run}"))
        last += [word for entry in chosen for word in ("--include", entry.path)]
    else:
        nodes = [json.loads(line) for line in one.run("list", "--json-lines", f"{one.folder}::0").splitlines()]
        entries = [Entry(f"/{node['path']}", node["size"]) for node in nodes if node["type"] == "-"]
        first = [["borg", "list", "--json", str(one.folder)], ["borg", "list", "--json-lines", f"{one.folder}::0"]]
        chosen = drawn(entries, TRIED, seed(f"{BY}/0"))
        last = ["borg", "extract", f"{one.folder}::0", *(f"pp:{entry.path.lstrip('/')}" for entry in chosen)]
    return one.script([*first, last]), into


def main() -> list[Figure]:
    work = Path(mkdtemp(prefix="bench-"))
    try:
        return [of_checks(work), *(of_restore(work, tool) for tool in ("restic", "borg"))]
    finally:
        shutil.rmtree(work)
