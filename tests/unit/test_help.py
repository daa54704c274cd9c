"""Help pages: rendered for a person on a terminal, and the Markdown they are for anything else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from ops.cli.rendering import hanging
from ops.cli.topics import errors, page, topics

ROOT = Path(__file__).parents[2]
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def on_a_terminal(topic: str, columns: int) -> str:
    """What ``ops help TOPIC`` shows there, without its colours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = kept | {"TERM": "xterm", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    asked = pexpect.spawn(
        sys.executable,
        ["-m", "ops.cli.main", "help", topic],
        env=environment,
        dimensions=(200, columns),
        encoding="utf-8",
        timeout=20,
    )
    asked.expect(pexpect.EOF)
    asked.close()
    assert asked.exitstatus == 0, asked.before
    return COLOURS.sub("", str(asked.before)).replace("\r\n", "\n")


@pytest.mark.parametrize("topic", ["mentors", "exit-codes", "conflict", "hosts"])
def test_on_a_terminal_a_page_is_read_and_not_its_markdown(topic: str) -> None:
    said = on_a_terminal(topic, 80)
    title = page(topic).partition("\n")[0].removeprefix("# ")
    assert said.splitlines()[0].rstrip() == title
    assert not re.search(r"\*\*|^#|^\||`", said, re.M)
    assert all(len(line) <= 80 for line in said.splitlines())
    words = re.findall(r"[A-Za-z]{4,}", page(topic))
    assert re.findall(r"[A-Za-z]{4,}", said)[:8] == words[:8]
    assert set(words) <= set(re.findall(r"[A-Za-z]{4,}", said))


def test_what_is_to_be_typed_keeps_its_lines() -> None:
    assert "    ops signers enrol amy.card --role apprentice --until 2027-08-31\n" in re.sub(
        r" +\n", "\n", on_a_terminal("mentors", 80)
    )


@pytest.mark.parametrize(
    ("line", "width", "shown"),
    [
        ("ops help", 20, ["ops help"]),
        ("", 20, [""]),
        ("ops host show        the hosts, and whose key was seen", 46,
         ["ops host show        the hosts, and whose key", "                     was seen"]),
        ("  quota: 5G    # what a home may hold; needs btrfs", 40,
         ["  quota: 5G    # what a home may hold;", "               # needs btrfs"]),
        ("btrfs cat chmod chown cp crontab find getent", 30, ["btrfs cat chmod chown cp", "    crontab find getent"]),
    ],
)  # fmt: skip
def test_what_explains_a_line_goes_on_below_itself(line: str, width: int, shown: list[str]) -> None:
    assert hanging(line, width) == shown


@pytest.mark.parametrize("topic", [*topics(), *errors()])
def test_piped_a_page_is_as_it_was_written(topic: str) -> None:
    argv = [sys.executable, "-m", "ops.cli.main", "help", topic]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == page(topic)
