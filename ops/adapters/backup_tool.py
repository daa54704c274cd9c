"""Running a backup program here: words without a shell's meaning, its password by a pipe, lines read as they come.

The password is in no argument, no file of ours and no environment: the program reads it from an inherited pipe.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import IO, Any

from ops.errors import NotFound, Unreachable
from ops.secret import Secret

PATH = "/usr/local/bin:/usr/bin:/bin"
SECONDS = 6 * 3600.0
KEPT = 1 << 16  # octets of a complaint
SSH = {  # what OpenSSH's client says → why a target cannot be looked into
    "Host key verification failed": "another host",
    "Permission denied (publickey": "key refused",
    "unable to start the sftp session": "cut off",
    "ssh command exited": "cut off",
}


@dataclass(frozen=True)
class Ended:
    """How a program ended, and what it complained of."""

    code: int
    said: str


@dataclass
class Tool:
    """One program with what it is told by its environment; ``descriptor`` names the variable that takes a pipe.

    ``pipe`` says how the number of the pipe is written there, such as ``/dev/fd/{}``.
    """

    program: str
    environment: Mapping[str, str]
    secret: Secret | None
    descriptor: str
    pipe: str = "{}"
    ended: Ended = field(default=Ended(0, ""), init=False)

    def lines(
        self,
        argv: Sequence[str],
        folder: Path | None = None,
        seconds: float = SECONDS,
        stdin: IO[bytes] | int = subprocess.DEVNULL,
        hold: int | None = None,
    ) -> Iterator[bytes]:
        """Run to the end in a folder, giving each line it prints; ``ended`` says how.

        A reader that stops early ends it. What it is to ``hold`` stays open until it ends, even if we are killed
        before; then it has a group of its own too, so that Ctrl-C leaves it to us.
        """
        kept = () if hold is None else (hold,)
        with tempfile.TemporaryFile() as said, self._told() as (environment, pipes):
            try:
                running = subprocess.Popen(
                    [self.program, *argv], stdin=stdin, stdout=subprocess.PIPE, stderr=said,
                    env=environment, pass_fds=(*pipes, *kept), cwd=folder, process_group=0 if kept else None,
                )  # fmt: skip
            except FileNotFoundError:
                hint = f"apt-get install {self.program}"
                raise NotFound(f"{self.program} is not installed here", hint=hint) from None
            late = Timer(seconds, running.kill)
            late.start()
            try:
                with running:
                    yield from running.stdout or ()
            finally:
                over = late.finished.is_set()
                late.cancel()
                running.kill()
                running.wait()
            said.seek(0)
            self.ended = Ended(running.returncode, said.read(KEPT).decode(errors="replace").strip())
            if over:
                raise Unreachable(f"{self.program} did not end within {seconds:.0f} s", hint="try it by hand")

    def run(self, argv: Sequence[str], folder: Path | None = None, seconds: float = SECONDS, **more: Any) -> Ended:
        """Run to the end; what it prints is passed over."""
        for _ in self.lines(argv, folder, seconds, **more):
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
