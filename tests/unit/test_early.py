"""Ctrl-C before the command has begun: 130, and no traceback of ours at any moment."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workspace import bare

AT_THE_IMPORT_OF = """
import os, signal, sys
wanted = sys.argv.pop(1)
class Press:
    def find_spec(self, name, path=None, target=None):
        if name == wanted:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Press())
if sys.argv.pop(1) == "module":
    import runpy
    runpy.run_module("ops.cli.main", run_name="__main__", alter_sys=True)
from ops.cli.main import main
sys.exit(main())
"""
MOMENTS = range(1, 121, 7)  # milliseconds after the start


def pressed(moment: str, way: str, **more: object) -> subprocess.CompletedProcess[str]:
    """``ops run list``, interrupted when it begins to load a module."""
    argv = [sys.executable, "-c", AT_THE_IMPORT_OF, moment, way, "run", "list"]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, **more)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize("way", ["module", "script"])
@pytest.mark.parametrize(
    "moment", ["ops.cli.early", "ops.cli.root", "click", "inventory.load", "ops.cli.groups.run", "evidence.ledger"]
)
def test_whatever_is_being_loaded_it_ends_with_130_and_no_traceback(moment: str, way: str) -> None:
    done = pressed(moment, way)
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr


def test_where_it_is_ignored_it_stays_so(tmp_path: Path) -> None:
    desk = bare(tmp_path / "desk")
    done = pressed("click", "module", cwd=desk.folder, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    assert done.returncode == 0, done.stderr


def test_at_no_moment_of_a_short_command_is_there_a_traceback_of_ours(tmp_path: Path) -> None:
    """While Python itself starts, before a line of ours is read, it shows one of its own."""
    desk = bare(tmp_path / "desk")
    for moment, said in _sweep(desk.folder):
        assert "Traceback" not in said or "/ops/" not in said, f"after {moment} ms: {said}"


def test_an_interruption_that_python_wraps_is_one() -> None:
    said = """
import click
from ops.cli.errors import Guarded
root = Guarded("ops")
@root.command()
def go():
    raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()
root(["go"])
"""
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (130, "\nstopped before anything was changed\n")


LOST = """
import os, signal, time, weakref
from ops.cli import early
early.hush()
early.listen()
text = "def cb(ref):\\n    os.kill(os.getpid(), signal.SIGINT)\\n    len('')"
exec(compile(text, "<frozen importlib._bootstrap>", "exec"))
thing = type("Thing", (), {})()
ref = weakref.ref(thing, cb)
try:
    del thing
    time.sleep(5)
except KeyboardInterrupt:
    print("heard")
"""


def test_it_is_not_lost_where_python_itself_lets_go_of_a_module() -> None:
    done = subprocess.run([sys.executable, "-c", LOST], capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == ("heard\n", "")


def _sweep(folder: Path) -> Iterator[tuple[int, str]]:
    argv = [sys.executable, "-m", "ops.cli.main", "run", "list"]
    for moment in MOMENTS:
        with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=folder) as one:
            time.sleep(moment / 1000)
            one.send_signal(signal.SIGINT)
            yield moment, one.communicate(timeout=60)[1]
