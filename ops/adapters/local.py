"""The host protocol on this machine: the same programs, started here."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from ops.adapters.host import Machine
from ops.adapters.host_commands import CommandHost
from ops.adapters.host_shell import SECONDS, SUDO, Answer, words
from ops.errors import OutcomeUnknown, Unreachable

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class LocalShell:
    """Programs of this machine; ``within`` are words before each, such as those that enter a container."""

    def __init__(self, within: Sequence[str] = ()) -> None:
        self._within = tuple(within)
        self._sudo = () if os.geteuid() == 0 else SUDO

    def run(
        self,
        argv: Sequence[str],
        *,
        root: bool = True,
        stdin: bytes = b"",
        seconds: float = SECONDS,
        writes: bool = False,
    ) -> Answer:
        """Run a program here; see ``Shell``."""
        whole = [*self._within, *(self._sudo if root else ()), *words(argv)]
        environment = {"PATH": PATH, "LC_ALL": "C"}
        try:
            done = subprocess.run(
                whole, input=stdin, capture_output=True, timeout=seconds, env=environment, check=False
            )
        except FileNotFoundError:
            return Answer(127, b"", f"{argv[0]}: not installed here")
        except subprocess.TimeoutExpired:
            said = f"{argv[0]} did not end within {seconds:.0f} s"
            raise (OutcomeUnknown if writes else Unreachable)(said, hint="look at it by hand") from None
        error = (done.stderr.decode(errors="replace").strip().splitlines() or [""])[-1]
        return Answer(done.returncode, done.stdout, error)

    def knock(self) -> None:
        """Whether SSH lets somebody in is for others to try."""
        return

    def close(self) -> None:
        """Nothing is open."""


def this_machine(machine: Machine) -> CommandHost:
    """The machine ops runs on."""
    return CommandHost(LocalShell(), machine)
