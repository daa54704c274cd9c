"""The key that only reads: its server refuses to write, whatever the modes of the files would allow."""

from __future__ import annotations

import pytest

from inventory.lab import Running
from inventory.lab.services.vaults import DOOR, SCRIPT
from tests.lab.test_backup_faults import on_host, refused

pytestmark = pytest.mark.lab
OPEN = "/srv/backup/loose"  # anybody on bak1 may write there
ATTEMPTS = (
    f"put {__file__} {OPEN}/new",
    f"put {__file__} {OPEN}/there",
    f"rm {OPEN}/there",
    f"rename {OPEN}/there {OPEN}/away",
    f"chmod 600 {OPEN}/own",
    f"mkdir {OPEN}/folder",
    f"ln -s {OPEN}/there {OPEN}/link",
)


@pytest.mark.parametrize("line", ATTEMPTS, ids=[line.split()[0] + str(at) for at, line in enumerate(ATTEMPTS)])
def test_who_reads_writes_nothing_even_where_the_modes_would_let_it(network: Running, line: str) -> None:
    """And where the server is let write, the same succeeds: nothing else stands in the way."""
    if not network.keeps_backups:
        pytest.skip(f"mode {network.mode} has no backup host")
    key = network.folder / "secrets/backup-read.key"
    made = f"rm -rf {OPEN}; mkdir -m 777 {OPEN}; echo x >{OPEN}/there; chmod 666 {OPEN}/there; "
    made += f"echo x >{OPEN}/own; chown auditor {OPEN}/own"
    try:
        on_host(network, "bak1", "sh", "-c", made)
        before = listed(network)
        assert refused(network, key, "auditor", line) != 0
        assert listed(network) == before
        assert refused(network, key, "auditor", f"get {OPEN}/there /dev/null") == 0
        script(network, SCRIPT.replace(" -R ;;", " ;;"))
        assert refused(network, key, "auditor", line) == 0
        assert listed(network) != before
    finally:
        script(network, SCRIPT)
        on_host(network, "bak1", "rm", "-rf", OPEN)


def script(network: Running, text: str) -> None:
    """What the keys may start, written anew."""
    on_host(network, "bak1", "sh", "-c", f"cat >{DOOR} <<'END'\n{text}END\n")


def listed(network: Running) -> str:
    return on_host(network, "bak1", "sh", "-c", f"cd {OPEN}; stat -c '%n %a %s' *; cksum there 2>&1 || true")
