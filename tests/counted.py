"""Run one command on a practice network through a proxy that counts: python -m tests.counted NETWORK COMMAND …"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from inventory.lab import Lab
from tests.proxy import WRITES, proxy
from tests.workspace import desk


def main(name: str, *words: str) -> int:
    """The command's own exit code; what passed goes to stderr."""
    lab = Lab(name)
    running = lab.running()
    lab.enter()
    upstream = {"upstream": (running.address, 636), "upstream_ca": running.ca_file}
    with tempfile.TemporaryDirectory(prefix="counted-") as folder:
        with proxy(host=running.controller, folder=Path(folder) / "tls", **upstream) as between:
            reached = {"ca_file": between.ca_file, "connect_to": "127.0.0.1", "port": between.port}
            at = desk(Path(folder) / "desk", running, **reached)
            argv = [sys.executable, "-m", "ops.cli.main", *words]
            code = subprocess.run(argv, cwd=at.folder, check=False).returncode
        kinds = ", ".join(f"{between.seen[kind]} {kind}" for kind in ("bind", "search", *WRITES))
        print(f"the proxy in between saw: {kinds}: {between.writes} writes", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
