"""Running a backup program here: words without a shell's meaning, its password by a pipe, lines read as they come.

The password is in no argument, no file of ours and no environment: the program reads it from an inherited pipe. A
program dies with us, also by kill -9 at any moment, so that none writes on where the next run is at work (``setpriv``).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from signal import SIGKILL
from threading import Lock
from typing import IO, cast

from ops.adapters.backup_limits import KEPT, Limits, Watch
from ops.errors import NotFound, Unreachable
from ops.secret import Secret

PATH = "/usr/local/bin:/usr/bin:/bin"
USUAL = Limits(6 * 3600.0)
ALONE = Limits(USUAL.seconds, still=15 * 60.0)  # of one that waits neither for us to read on nor for work done afar
PACKAGES = {"borg": "borgbackup"}
GIVEN_UP = 1  # how a program ends, for us, that tried what cannot be
SSH = {  # what OpenSSH's client says → why a target cannot be looked into
    "Host key verification failed": "another host",
    "Permission denied (publickey": "key refused",
    "unable to start the sftp session": "cut off",
    "ssh command exited": "cut off",
}


DIES = ("setpriv", "--pdeathsig", "KILL", "--")  # util-linux, on every Debian
# The kernel tells of no death before it was asked to. A shell notes its parent as it starts, which is after that: if it
# is another than the one that started it, we have died meanwhile, and nobody will tell.
UNLESS_ORPHANED = ("/bin/sh", "-c", '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"', "sh")


class Running:
    """The programs that run now, so that all can be ended from another thread; none is started after that."""

    def __init__(self) -> None:
        self._lock, self._now, self._over = Lock(), dict[subprocess.Popen[bytes], str](), False

    @contextmanager
    def kept_together(self) -> Iterator[None]:
        """Programs may be started again when this ends."""
        try:
            yield
        finally:
            self._over = False

    @contextmanager
    def started(self, name: str, start: Callable[[], subprocess.Popen[bytes]]) -> Iterator[subprocess.Popen[bytes]]:
        """A program as long as it runs; raise ``Unreachable`` once all were ended."""
        with self._lock:
            if self._over:
                raise Unreachable("it was interrupted", hint="try again")
            one = start()
            self._now[one] = name
        try:
            with one:
                yield one
        finally:
            with self._lock:
                self._now.pop(one, None)

    def programs(self) -> list[str]:
        """The names of those that run."""
        with self._lock:
            return sorted(set(self._now.values()))

    def end(self) -> None:
        """Kill all of them."""
        with self._lock:
            self._over = True
            for one in self._now:
                ended(one)


running = Running()


@dataclass(frozen=True)
class Ended:
    """How a program ended, and what it complained of."""

    code: int
    said: str


@dataclass
class Tool:
    """One program with what it is told by its environment; ``descriptor`` names the variable that takes a pipe.

    ``pipe`` says how the number of the pipe is written there, such as ``/dev/fd/{}``; ``called`` is its name in the
    field, where the program has another.
    """

    program: str
    environment: Mapping[str, str]
    secret: Secret | None
    descriptor: str
    pipe: str = "{}"
    called: str = ""
    ended: Ended = field(default=Ended(0, ""), init=False)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.called or Path(self.program).name

    def lines(
        self,
        argv: Sequence[str],
        folder: Path | None = None,
        limits: Limits = USUAL,
        stdin: IO[bytes] | int = subprocess.DEVNULL,
    ) -> Iterator[bytes]:
        """Run to the end in a folder, giving each line it prints; ``ended`` says how.

        A reader that stops early ends it.
        """
        with self.output(argv, folder, limits, stdin) as out:
            yield from out

    @contextmanager
    def output(
        self,
        argv: Sequence[str],
        folder: Path | None = None,
        limits: Limits = USUAL,
        stdin: IO[bytes] | int = subprocess.DEVNULL,
    ) -> Iterator[IO[bytes]]:
        """What it prints, to be read to its end; ``ended`` says how it ended. An exception ends it at once."""
        with tempfile.TemporaryFile() as said, self._told() as (environment, pipes):
            start = partial(_started, self._words(argv), environment, pipes, said, folder, stdin)
            with running.started(self.name, start) as one, self._watched(one, said, limits) as watch:
                yield cast(IO[bytes], one.stdout)
                one.wait()
            said.seek(0)
            code = GIVEN_UP if watch.hopeless else one.returncode
            self.ended = Ended(code, said.read(KEPT).decode(errors="replace").strip())
            if watch.failure:
                raise watch.failure
            if code < 0:
                raise Unreachable(f"{self.name} was ended from outside", hint="is there memory enough? try again")

    def _watched(self, one: subprocess.Popen[bytes], said: IO[bytes], limits: Limits) -> AbstractContextManager[Watch]:
        return Watch(self.name, one.pid, said, limits, partial(ended, one)).kept()

    def _words(self, argv: Sequence[str]) -> list[str]:
        program = shutil.which(self.program, path=PATH)
        if program is None:
            hint = f"apt-get install {PACKAGES.get(self.program, self.program)}"
            raise NotFound(f"{self.program} is not installed here", hint=hint)
        return [*DIES, *UNLESS_ORPHANED, str(os.getpid()), program, *argv]

    def run(
        self,
        argv: Sequence[str],
        folder: Path | None = None,
        limits: Limits = ALONE,
        stdin: IO[bytes] | int = subprocess.DEVNULL,
    ) -> Ended:
        """Run to the end; what it prints is passed over."""
        for _ in self.lines(argv, folder, limits, stdin):
            continue
        return self.ended

    @contextmanager
    def _told(self) -> Iterator[tuple[dict[str, str], tuple[int, ...]]]:
        """The environment, and the pipe with the password in it."""
        environment = {"PATH": PATH, "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", **self.environment}
        if self.secret is None:
            yield environment, ()
            return
        out, into = os.pipe()
        try:
            os.write(into, self.secret.reveal().encode() + b"\n")
            os.close(into)
            yield environment | {self.descriptor: self.pipe.format(out)}, (out,)
        finally:
            os.close(out)


def _started(
    words: Sequence[str],
    environment: Mapping[str, str],
    pipes: Sequence[int],
    said: IO[bytes],
    folder: Path | None,
    stdin: IO[bytes] | int,
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        words, stdin=stdin, stdout=subprocess.PIPE, stderr=said, env=environment, pass_fds=pipes,
        cwd=folder, start_new_session=True,
    )  # fmt: skip


def ended(one: subprocess.Popen[bytes]) -> None:
    """Kill a program and what it started, such as SSH on a link that stalls, also where that outlives it."""
    if one.returncode is None:  # until that is asked for, its number is no other's
        with suppress(ProcessLookupError):
            os.killpg(one.pid, SIGKILL)
