"""Restic repositories. Measured with 0.14: every failure ends with 1 and says why in words; newer ones have codes.

A plain ``check`` finds what is missing and not what was flipped; data are read in parts, n of t. Nothing is locked:
what is only read needs no right to write (``--no-lock``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from subprocess import DEVNULL
from typing import IO, Any

from inventory.backup.assurance import Entry
from inventory.backup.model import Run, Target, believable
from ops.adapters.backup import Mark, Part, WritableVault, damage, numbered, refused
from ops.adapters.backup_tool import ALONE, SSH, USUAL, Ended, Tool
from ops.adapters.backup_words import lossy, understood
from ops.errors import OpsError
from ops.private import held_folder, private_folder
from ops.secret import Secret

CODES = {10: "no repository", 11: "locked", 12: "wrong password"}  # from restic 0.17 on
DENIED = ": permission denied"
WORDS = {  # the first of these that is said anywhere is the reason
    "wrong password": "wrong password",
    "an empty password": "wrong password",
    ": not a directory": "no repository",
    "is damaged: ": "damaged",
    "ciphertext verification failed": "damaged",
    "Fatal: Unmarshal: ": "damaged",
    DENIED: "no right",
    "unable to open config file": "no repository",
    "Is there a repository": "no repository",
    "already locked": "locked",
    "no space left on device": "no room",
    ": read-only file system": "read-only",
    "connection lost": "cut off",  # tried again for a minute and a half, then called an error of the index
    **SSH,
}
# What kept it from going on → how the lines begin that name damage it had found by then.
HINDERED = {"no right": ("pack ", "error"), **dict.fromkeys(("no room", "read-only", "cut off"), ("pack ",))}
# A pack of folders that is fetched whole and is not there, here or over SFTP; 0.14 tries that for a minute a folder.
ABSENT = r"Load\(<data/([0-9a-f]{8})[0-9a-f]*>, 0, 0\) .*: (?:no such file or directory|file does not exist)"
HOPELESS = re.compile(ABSENT.encode())
LISTING, BRINGING = replace(USUAL, hopeless=HOPELESS), replace(ALONE, hopeless=HOPELESS)
FRAME = re.compile(r"^\s*\S+\.(?:go|s):\d+$|^[\w./-]+\.(?:\(\*\w+\)\.)?[\w.]+$")  # of where in its source it was
UNREAD = "failed to download"  # of a part that it could not fetch
NAMES_IT = re.compile("pack |(?:ignoring )?error", re.IGNORECASE)  # how such a line begins
NUMBER = re.compile("[0-9a-f]{64}")
HASH = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{56}\b")  # as long as restic's own short ones
LOST = "\ufffd"  # each octet of a path that is no UTF-8, in JSON
SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\*?[]"})
MANIFEST = "journeyman-manifest"  # the tag of a snapshot that holds nothing but the manifest of another
INCOMPLETE = 3  # the code for: a snapshot was made, and something could not be read
CHECKING = "checking-"


class ResticVault(WritableVault):
    """One repository; ``at`` is where it is in restic's own words, ``remote`` the command that starts SFTP for it."""

    def __init__(self, target: Target, secret: Secret | None, cache: Path, at: str = "", remote: str = "") -> None:
        environment = {"RESTIC_CACHE_DIR": str(cache)}
        self._tool = Tool("restic", environment, secret, "RESTIC_PASSWORD_FILE", "/dev/fd/{}")
        self._locking = ["-r", at or target.where]
        self._locking += ["-o", _quoted(f"sftp.command={remote}")] if remote else []
        self._words = [*self._locking, "--no-lock"]
        self.target, self._cache = target, private_folder(cache)
        self._listed: list[Any] = []  # all there is, asked once: to open a repository takes half a second

    def place(self) -> str:
        """Restic calls what it keeps here by the repository's number, and touches it when it opens that."""
        found = [one for one in self._cache.iterdir() if NUMBER.fullmatch(one.name)]
        last = max(found, key=lambda one: one.stat().st_mtime_ns, default=None)
        return numbered(self.target, last.name if last else "")

    @understood("restic")
    def runs(self, paths: Sequence[str]) -> list[Run]:
        self._listed = self._listed or json.loads(b"".join(self._lines("snapshots", "--json")) or b"[]") or []
        dated = [row for row in self._listed if _dated(row)]
        rows = [row for row in dated if not _is_manifest(row)]
        beside = {tag: row["time"] for row in dated if _is_manifest(row) for tag in row["tags"] if tag[:3] == "of="}
        found = [
            _run(row, beside.get(f"of={row['id']}")) for row in rows if not paths or set(paths) & set(row["paths"])
        ]
        found.sort(key=lambda run: run.started)
        return found

    def sized(self, runs: Sequence[Run]) -> list[Run]:
        return [self._sized(run) for run in runs]

    @understood("restic")
    def _sized(self, run: Run) -> Run:
        told = json.loads(b"".join(self._lines("stats", "--json", "--mode", "restore-size", run.id)))
        return replace(run, files=int(told["total_file_count"]), octets=int(told["total_size"]))

    def record(self, run: Run) -> str:
        return f"snapshots/{run.id}"

    @understood("restic")
    def unlock(self) -> None:
        json.loads(b"".join(self._lines("cat", "config")))

    def structure(self) -> str:
        return self._checked()

    def parts(self, most: int) -> int:
        """No more than there are packs, where these can be counted: most parts of a small repository would be empty.

        A power of two, as what was read counts for as many parts as there were.
        """
        packs = sum(1 for _ in Path(self.target.where).glob("data/*/*")) if self.target.where.startswith("/") else 0
        return super().parts(min(most, 1 << packs.bit_length() - 1) if packs else most)

    def data(self, part: Part) -> str:
        return self._checked(f"--read-data-subset={part.number}/{part.of}")

    def _checked(self, *words: str) -> str:
        with self._afresh() as afresh:
            ended = self._tool.run([*afresh, "check", *words])
        return damage(_refusal(self.target, ended)) if ended.code else ""

    @contextmanager
    def _afresh(self) -> Iterator[list[str]]:
        """Words for what is to prove something of the repository: what lies in a cache here is no proof of it."""
        with held_folder(self._cache, CHECKING) as own:  # killed, restic leaves what it had fetched
            yield [*self._words, "--cache-dir", str(own)]

    def entries(self, run: str) -> Iterator[Entry]:
        with understood("restic"), self._afresh() as afresh:
            for line in self._tool.lines([*afresh, "ls", "--json", run], limits=LISTING):
                node = json.loads(line)
                if node.get("type") == "file":
                    yield Entry(node["path"], int(node.get("size", 0)), garbled=LOST in node["path"])
            self._passed()

    def hashes(self, run: str) -> bool:  # noqa: ARG002
        return True

    def restore(self, run: str, paths: Sequence[str], into: Path) -> None:
        includes = [word for path in paths for word in ("--include", path.translate(SPECIAL))]
        with self._afresh() as afresh:
            ended = self._tool.run([*afresh, "restore", run, "--target", str(into), *includes], limits=BRINGING)
        if ended.code:
            raise _refusal(self.target, ended)

    def spelling(self, path: str) -> str:
        """Listed as JSON, each octet that is no UTF-8 becomes U+FFFD."""
        return lossy(path, LOST)

    @understood("restic")
    def manifest(self, run: str) -> Iterator[bytes] | None:
        rows = [row for row in self._listed if _is_manifest(row) and f"of={run}" in row["tags"]]
        if all(row["id"] != run for row in self._listed):
            rows = self._tagged(f"{MANIFEST},of={run}")
        return self._lines("dump", rows[-1]["id"], rows[-1]["paths"][0]) if rows else None

    @understood("restic")
    def made(self, mark: Mark) -> Run | None:
        rows = self._tagged(f"job={mark.job},run={mark.run}")
        return _run(rows[-1]) if rows else None

    @understood("restic")
    def _tagged(self, tags: str) -> list[Any]:
        rows = json.loads(b"".join(self._lines("snapshots", "--json", "--tag", tags)) or b"[]") or []
        return sorted((row for row in rows if _dated(row)), key=lambda row: _moment(row["time"]))

    def make(self, mark: Mark, paths: Sequence[str]) -> str:
        ended = self._written(["--tag", f"journeyman,job={mark.job},run={mark.run}", "--", *paths])
        return _told(ended.said) if ended.code == INCOMPLETE else ""

    def attach(self, run: Run, mark: Mark, manifest: Path) -> None:
        words = ["--stdin", "--stdin-filename", f"{mark.job}.manifest", "--tag", f"{MANIFEST},of={run.id}"]
        with manifest.open("rb") as file:
            self._written(words, stdin=file)

    def settled(self) -> None:
        """What restic itself calls stale: of a dead process of this machine, or half an hour old."""
        self._tool.run([*self._locking, "unlock"])

    def _written(self, words: Sequence[str], stdin: IO[bytes] | int = DEVNULL) -> Ended:
        """One more snapshot. What writes has to lock."""
        ended = self._tool.run([*self._locking, "backup", "--quiet", *words], stdin=stdin)
        if ended.code not in (0, INCOMPLETE):
            raise _refusal(self.target, ended)
        return ended

    def _lines(self, *words: str) -> Iterator[bytes]:
        yield from self._tool.lines([*self._words, *words])
        self._passed()

    def _passed(self) -> None:
        """Raise if what was read to its end ended with an error."""
        if self._tool.ended.code:
            raise _refusal(self.target, self._tool.ended)


def _quoted(option: str) -> str:
    """An option as restic takes it apart: as a line of comma-separated values."""
    return '"' + option.replace('"', '""') + '"'


def _is_manifest(row: Any) -> bool:
    return MANIFEST in (row.get("tags") or ())


def _dated(row: Any) -> bool:
    """Whether its moment can be: whoever makes one writes down what he likes."""
    return believable(datetime.fromisoformat(row["time"]))


def _run(row: Any, beside: str | None = None) -> Run:
    """``beside``: when its manifest was put beside it, which had ended by then."""
    ended = (row.get("summary") or {}).get("backup_end")  # from restic 0.17 on
    return Run(
        str(row["id"]),
        _moment(row["time"]),
        _moment(ended) if ended else None,
        paths=tuple(map(str, row["paths"])),
        host=str(row.get("hostname", "")),
        written=_moment(beside) if beside else None,
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _refusal(target: Target, ended: Ended) -> OpsError:
    """Why a repository could not be read, or that something in it is wrong."""
    why = CODES.get(ended.code) or next((why for words, why in WORDS.items() if words in ended.said), "")
    if why in HINDERED and _damaged(ended.said, why):
        why = ""
    return refused(target, why, _told(ended.said))


def _damaged(said: str, why: str) -> bool:
    """Whether it had named damage before something else kept it from going on."""
    other = [UNREAD, *(words for words, reason in WORDS.items() if reason == why)]
    named = [line for line in _short(said) if line.lower().startswith(HINDERED[why])]
    return any(not any(words in line for words in other) for line in named)


def _told(said: str) -> str:
    """The first line that names what is wrong, for the last only says that something is; else the last."""
    if absent := re.search(ABSENT, said):
        return f"pack {absent[1]}…: does not exist"
    named = _named(said)
    more = f" (and {len(named) - 1} more)" if named[1:] else ""
    return f"{(named or _short(said)[-1:] or ['it failed without a word'])[0][:180]}{more}"


def _named(said: str) -> list[str]:
    return [line for line in _short(said) if NAMES_IT.match(line)]


def _short(said: str) -> list[str]:
    """Its lines but for those on its source, what is said over two of them in one, and hashes as short as its own."""
    lines = HASH.sub(r"\1…", said.replace(":\n", ":")).splitlines()
    return [line.strip() for line in lines if line.strip() and not FRAME.search(line)]
