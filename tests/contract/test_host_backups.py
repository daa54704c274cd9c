"""What arranges backups on a real host: read with the rights one has, and no secret leaves it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from inventory.backup.existing import existing
from inventory.lab import Running
from ops.adapters.host import Machine
from ops.adapters.host_commands import CommandHost
from ops.adapters.local import LocalShell
from ops.cli.backup_import import on_host
from ops.errors import InvalidRequest
from tests.contract.test_host import inside
from tests.network import ssh_host
from tests.workspace import desk

pytestmark = pytest.mark.lab
SECRET = "hunter2-geheim"  # noqa: S105
CRON = f"30 2 * * * root RESTIC_PASSWORD={SECRET} restic -r /srv/r backup /srv/x\n"
OPEN = "0 3 * * * root . /etc/backup.env; restic backup /srv/y\n"
ENV = f"RESTIC_REPOSITORY=/srv/r2\nRESTIC_PASSWORD_FILE=/etc/pw\nAWS_SECRET_ACCESS_KEY={SECRET}\n"
FILES = {
    "/etc/cron.d/x-closed": ("600", CRON),
    "/etc/cron.d/x-open": ("644", OPEN),
    "/etc/backup.env": ("644", ENV),
    "/etc/systemd/system/x-nightly.timer": ("644", "[Timer]\nOnCalendar=daily\n"),
}


@pytest.fixture(params=["local", "ssh"])
def host(request: pytest.FixtureRequest, network: Running) -> Iterator[Any]:
    name = "ws1" if request.param == "local" else "srv1"
    within = inside(network, name)
    for path, (mode, text) in FILES.items():
        argv = [*within, "sh", "-c", 'mkdir -p "${1%/*}" && cat > "$1" && chmod "$2" "$1"', "sh", path, mode]
        subprocess.run(argv, input=text.encode(), check=True, timeout=30)
    with ExitStack() as stack:
        yield (
            CommandHost(LocalShell(within), Machine(name))
            if request.param == "local"
            else stack.enter_context(ssh_host(network, name))
        )
    subprocess.run([*within, "rm", "-f", "--", *FILES], check=True, timeout=30)


def test_files_are_read_as_far_as_one_may_and_secrets_stay_there(host: Any) -> None:
    found = host.read("backups:this")
    assert found["/etc/cron.d/x-open"] == OPEN
    assert "/etc/systemd/system/x-nightly.timer" in found
    closed = found.get("/etc/cron.d/x-closed", "")
    assert closed == CRON.replace(SECRET, "(not copied)") or "unread" in found
    assert SECRET not in str(found)
    assert Path("/etc/localtime").resolve() == Path("/usr/share/zoneinfo", found["zone"]).resolve()
    read = host.read("settings:/etc/backup.env")
    assert read == {"text": ENV.replace(SECRET, "(not copied)")}
    assert host.read("settings:/etc/nothing.here") is None
    with pytest.raises(InvalidRequest):
        host.read("settings:/etc/../shadow")


def test_what_was_read_becomes_jobs(host: Any) -> None:
    made = {one.paths[0]: one for one in on_host(host).jobs if one.paths}
    assert (made["/srv/y"].where, made["/srv/y"].credential) == ("/srv/r2", "file:/etc/pw")
    assert existing({}, lambda _: "").jobs == []


def test_the_command_proposes_what_a_host_has_over_ssh(host: Any, network: Running, tmp_path: Path) -> None:
    amy = desk(tmp_path / "w", network)
    said = amy.ops("backup", "import", "--host", host.machine.name, "-o", "proposed.yaml")
    assert said.code == 0, said.err
    text = (amy.folder / "proposed.yaml").read_text(encoding="utf-8")
    assert f'host: "{host.machine.name}"' in text
    assert 'paths: ["/srv/y"]' in text
    assert SECRET not in text
    assert amy.ops("backup", "import", "--host", "nowhere").code == 1
