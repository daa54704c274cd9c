"""Borg repositories. Measured with 1.2: 0 is well, 1 a warning or an error found, 2 an error; times are UTC.

A plain ``check`` reads every segment and finds flipped octets; ``--verify-data`` also compares what they decrypt to.
Nothing is locked (``--bypass-lock``): what is only read needs no right to write. A ``check`` writes ``config`` anew all
the same (with ``--verify-data`` also ``nonce``), and ends where they are on a file system that is read-only; what
somebody writes meanwhile can get in its way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from subprocess import DEVNULL
from typing import IO, Any

from inventory.backup.assurance import Entry, Lost, shown
from inventory.backup.model import Run, Target, believable
from ops.adapters.backup import Damaged, Mark, Part, WritableVault, damage, numbered, refused
from ops.adapters.backup_tool import ALONE, SSH, USUAL, Ended, Tool
from ops.adapters.backup_words import lossy, understood
from ops.errors import OpsError
from ops.secret import Secret

MESSAGES = {
    "Repository.DoesNotExist": "no repository",
    "Repository.InvalidRepository": "no repository",
    "PassphraseWrong": "wrong password",
    "LockTimeout": "locked",
    "ConnectionClosed": "cut off",
    "ConnectionClosedWithHint": "cut off",
    "Cache.RepositoryReplay": "moved",
    "Cache.RepositoryIDNotUnique": "moved",
}
LOST = "?"  # each octet of a path that is no UTF-8, in JSON and everywhere else
GLOB = re.compile(r"([*?\[])")
PATCHED = "a repair put zeros in the place of what was gone"
WORDS = ("--log-json", "--bypass-lock")
SAID = {"IntegrityError: ": "damaged", "[Errno 28]": "no room", **SSH}
BROKE_OFF = 2
RAISED = {  # what ended it, where it had found nothing wrong before → why it could not look
    re.compile(r"\[Errno 30\]"): "read-only",
    re.compile(r"\[Errno 13\]"): "no right",
    re.compile(r"\[Errno (2|17)\] .*( -> |\.tmp'|\.old')"): "moved",  # two of them wrote the same file anew
    re.compile("nonce space reservation with mismatched previous state"): "moved",
}
SYSTEM = ("Platform: ", "Borg server: Platform: ")  # what it says of the machine, after a traceback
ASKED = "{command_line}{start}{end}{hostname}"  # keys that are told of each archive; the text itself is passed over
MANIFEST = ".manifest"  # the end of the name of an archive that holds nothing but the manifest of another


class BorgVault(WritableVault):
    """One repository; ``at`` is where it is in borg's own words, ``remote`` the command that starts SSH for it."""

    def __init__(self, target: Target, secret: Secret | None, cache: Path, at: str = "", remote: str = "") -> None:
        # who wrote backups.yaml says where it is: that it was elsewhere before is no reason to ask
        # it tells times without a zone
        environment = {"TZ": "UTC", "BORG_BASE_DIR": str(cache), "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes"}
        environment |= {"BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "no" if target.encrypted else "yes"}
        environment |= {"BORG_RSH": remote} if remote else {}
        self._tool = Tool("borg", environment, secret, "BORG_PASSPHRASE_FD")
        self.target, self._at = target, at or target.where
        self._number = ""
        self._limits = USUAL if remote else ALONE  # the far side does the work, and nothing of it is seen here
        self._listed: list[Run] = []  # all there is, asked once; manifests too
        self._moments: list[datetime] = []  # of all there are, also of those whose moment cannot be: borg counts them
        self._newest: list[str] = []  # the newest backup of each job, as what it holds was asked for
        self._stats: dict[str, Any] = {}  # what each holds: the jobs of a repository ask for many of the same

    def place(self) -> str:
        return numbered(self.target, self._number)

    def runs(self, paths: Sequence[str]) -> list[Run]:
        self._listed = self._listed or self._archives()
        found = [run for run in self._listed if not run.id.endswith(MANIFEST)]
        whole = [run for run in found if not paths or any(path in run.paths for path in paths)]
        return sorted(whole, key=lambda run: run.started)

    @understood("borg")
    def sized(self, runs: Sequence[Run]) -> list[Run]:
        if unasked := [run.started for run in runs if run.id not in self._stats]:
            back = sum(moment >= min(unasked) for moment in self._moments)
            told = json.loads(b"".join(self._lines("info", "--json", f"--last={back}", self._at))) if back else {}
            self._stats |= {row["name"]: row["stats"] for row in told.get("archives", ())}
        return [_sized(run, self._stats.get(run.id)) for run in runs]

    @understood("borg")
    def held(self, run: Run, paths: Sequence[str]) -> tuple[str, ...]:
        """Asked of the archive: of a path that was not there borg warns, and its command line names it all the same."""
        wanted = {self.spelling(path).lstrip("/") or ".": path for path in paths}
        within = [] if "." in wanted else [f"pp:{path}" for path in wanted]
        found = set[str]()
        self._newest.append(run.id)
        with closing(self._lines("list", "--json-lines", f"{self._at}::{run.id}", *within)) as lines:
            while len(found) < len(wanted) and (line := next(lines, None)):
                found |= {json.loads(line)["path"]} & wanted.keys()
        return tuple(path for name, path in wanted.items() if name in found)

    @understood("borg")
    def unlock(self) -> None:
        json.loads(b"".join(self._lines("info", "--json", self._at)))

    def structure(self) -> str:
        return self._checked("--repository-only")

    def parts(self, most: int) -> int:  # noqa: ARG002
        """Borg knows no parts, only a limit of time; all of it is read each time."""
        return 1

    def data(self, part: Part) -> str:  # noqa: ARG002
        """Also the newest backup of each job is asked for zeros that a repair left: for a check that is well."""
        return self._checked("--verify-data") or self._patched()

    def _patched(self) -> str:
        lost = Lost()
        for run in dict.fromkeys(self._newest):
            for entry in self.entries(run):
                lost.add(entry)
        return str(lost)

    def _checked(self, *words: str) -> str:
        """Code 2 is no finding: it broke off, as it does where another one writes ``config`` at that moment."""
        argv = [*WORDS, "check", *words, self._at]
        ended = self._tool.run(argv, limits=self._limits)
        if ended.code == BROKE_OFF and isinstance(_refusal(self.target, ended), Damaged):
            ended = self._tool.run(argv, limits=self._limits)
        return damage(_refusal(self.target, ended)) if ended.code else ""

    def entries(self, run: str) -> Iterator[Entry]:
        with understood("borg"):
            for line in self._lines("list", "--json-lines", f"{self._at}::{run}"):
                node = json.loads(line)
                if node["type"] == "-":
                    linked = node["mode"].startswith("h")
                    path, lost = f"/{node['path']}", "" if node.get("healthy", True) else PATCHED
                    yield Entry(path, int(node["size"]), linked=linked, garbled=LOST in path, lost=lost)

    def hashes(self, run: str) -> bool:  # noqa: ARG002
        return True

    def restore(self, run: str, paths: Sequence[str], into: Path) -> None:
        """Without the flags of chattr(1): what is immutable cannot be taken away again."""
        wanted = [f"pp:{path.lstrip('/')}" for path in paths]
        ended = self._tool.run([*WORDS, "extract", "--noflags", f"{self._at}::{run}", *wanted], into, self._limits)
        if ended.code:
            raise _refusal(self.target, ended)

    def spelling(self, path: str) -> str:
        """Listed as JSON, each octet that is no UTF-8 becomes a question mark."""
        return lossy(path, LOST)

    def manifest(self, run: str) -> Iterator[bytes] | None:
        name, known = f"{run}{MANIFEST}", {one.id for one in self._listed}
        if run not in known:
            exact = GLOB.sub(r"[\1]", name)
            known = {one.id for one in self._archives(f"--glob-archives={exact}")}
        return self._lines("extract", "--stdout", f"{self._at}::{name}") if name in known else None

    def made(self, mark: Mark) -> Run | None:
        found = self._archives(f"--glob-archives={mark.job}-????????T??????Z-{mark.run}")
        return found[-1] if found else None

    @understood("borg")
    def _archives(self, *words: str) -> list[Run]:
        """Of all archives, or of some, what is told without reading what they hold."""
        told = json.loads(b"".join(self._lines("list", "--json", f"--format={ASKED}", *words, self._at)))
        self._number = told["repository"]["id"]
        found = [_run(one) for one in told["archives"]]
        self._moments = self._moments if words else [run.started for run in found]
        return [run for run in found if believable(run.started)]

    def make(self, mark: Mark, paths: Sequence[str]) -> str:
        name = f"{mark.job}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{mark.run}"
        ended = self._written([f"{self._at}::{name}", *paths])
        return _warned(ended) if ended.code else ""

    def attach(self, run: Run, mark: Mark, manifest: Path) -> None:
        words = ["--stdin-name", f"{mark.job}{MANIFEST}", f"{self._at}::{run.id}{MANIFEST}", "-"]
        with manifest.open("rb") as file:
            self._written(words, stdin=file)

    def settled(self) -> None:
        """Borg takes them away itself, when it needs the lock."""

    def _written(self, words: Sequence[str], stdin: IO[bytes] | int = DEVNULL) -> Ended:
        """One more archive. What writes has to lock; 1 is a warning."""
        ended = self._tool.run(["--log-json", "create", *words], limits=self._limits, stdin=stdin)
        if ended.code not in (0, 1):
            raise _refusal(self.target, ended)
        return ended

    def _lines(self, *words: str) -> Generator[bytes]:
        yield from self._tool.lines([*WORDS, *words])
        if self._tool.ended.code:
            raise _refusal(self.target, self._tool.ended)


def _run(row: Any) -> Run:
    begun, ended = (datetime.fromisoformat(row[key]).replace(tzinfo=UTC) for key in ("start", "end"))
    paths = tuple(word.rstrip("/") or "/" for word in row["command_line"][1:])
    return Run(str(row["name"]), begun, ended, paths=paths, host=str(row["hostname"]))


def _sized(run: Run, stats: Any) -> Run:
    return replace(run, files=int(stats["nfiles"]), octets=int(stats["original_size"])) if stats else run


@understood("borg")
def _refusal(target: Target, ended: Ended) -> OpsError:
    """Why a repository could not be read, or what is wrong in it: what ended it later hides nothing it had found."""
    told = [one for one in _messages(ended.said) if one.get("levelname") in ("ERROR", "CRITICAL")]
    why = next((why for words, why in SAID.items() if words in ended.said), "")
    why = why or next((MESSAGES[one["msgid"]] for one in told if one.get("msgid") in MESSAGES), "")
    told = [one for one in told if not one["message"].startswith(SYSTEM)]
    found = [one for one in told if not one.get("msgid") and not _hinders(one["message"])]
    said = _raised((found or told)[-1]["message"]) if told else ""
    why = why or next((why for words, why in RAISED.items() if words.search(said)), "")
    return refused(target, "" if found and why != "damaged" else why, said[:200] or _warned(ended))


def _warned(ended: Ended) -> str:
    """What it warned of last: where a file does not come back whole it calls nothing an error."""
    told = [str(one.get("message")) for one in _messages(ended.said) if one.get("levelname") == "WARNING"]
    return shown(told[-1]) if told else ""


def _hinders(message: str) -> bool:
    """Whether it tells what kept borg from looking, and not what it found."""
    return message.startswith(("Traceback", "Remote: ")) or any(words in message for words in SAID)


def _raised(said: str) -> str:
    """Of a traceback, which borg ends with where it did not expect something, what was raised."""
    lines = [line for line in said.partition("\nPlatform: ")[0].splitlines() if line.strip()]
    last = lines[-1] if said.startswith("Traceback") else said
    return last.removeprefix("borg.helpers.errors.IntegrityError: ")


def _messages(said: str) -> Iterator[dict[str, Any]]:
    """What it logged, a JSON text a line; other lines are passed over."""
    for line in said.splitlines():
        with suppress(ValueError, RecursionError):
            found = json.loads(line)
            if isinstance(found, dict):
                yield found
