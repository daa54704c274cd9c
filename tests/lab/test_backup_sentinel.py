"""A sentinel on the practice network: three keys of one host, and what each can do to what lies there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from inventory.lab import Lab, Running
from inventory.lab.fault import Faults
from tests.lab.test_backup_faults import on_host
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab
TEXT = """systems:
  FS-1: {{host: fs1, tier: 1, rpo: 26h, rto: 4h, site: Leith, failure_domain: fs1}}
targets:
  place:
    tool: {tool}
    where: "sftp://auditor@bak1.{domain}/srv/{path}"
    identity: {secrets}/backup-read.key
    credential: "file:{secrets}/backup-vault"
    escrow: "file:{secrets}/{escrow}"
    site: Perth
    sentinel: true
    writer: {writer}
    writer_identity: {key}
jobs:
  fs1-homes: {{system: FS-1, target: place, paths: [/srv/home], every: 1d}}
"""


@pytest.fixture
def mine(network: Running, tmp_path: Path) -> Desk:
    if not network.keeps_backups:
        pytest.skip(f"mode {network.mode} has no backup host")
    return desk(tmp_path / "mine", network)


def found(at: Desk, network: Running, writer: str, key: Path, **more: str) -> dict[str, tuple[str, str]]:
    """Rule → verdict and reason on the place itself, as one account meets it."""
    words = {"tool": "tar", "path": "archive/fs1", "escrow": "backup-vault-escrow", **more}
    text = TEXT.format(domain=network.domain, secrets=network.folder / "secrets", writer=writer, key=key, **words)
    (at.folder / "inventory/backups.yaml").write_text(text)
    said = at.ops("backup", "check", "--json")
    assert said.code in (0, 3), said.err
    rows: list[dict[str, Any]] = said.json["findings"]
    return {one["rule"]: (one["verdict"], one["because"]) for one in rows if one["subject"] in ("place", "FS-1")}


def sentinels(network: Running) -> list[str]:
    """Those of this file; other tests may have left one at another place, which cannot be removed again."""
    listed = on_host(network, "bak1", "find", "/srv/archive/fs1", "-name", ".journeyman-sentinel*")
    return listed.split()


def test_who_only_adds_is_seen_to_remove_nothing_until_somebody_lets_it(mine: Desk, network: Running) -> None:
    key, faults = network.folder / "secrets/backup-add.key", Faults(Lab(network.folder.name))
    assert faults.plant("prunable")
    try:
        verdict, why = found(mine, network, "archive", key)["sentinel"]
        assert verdict == "FAIL", why
        assert "whoever writes backups can also remove them: archive at bak1" in why
        assert sentinels(network) == []
        assert not faults.check("prunable")[0].mended
    finally:
        faults.clear("prunable")
    for _ in range(2):
        verdict, why = found(mine, network, "archive", key)["sentinel"]
        assert verdict == "PASS", why
        assert len(sentinels(network)) == 1
    assert "proven" in why, "it is remembered"
    other = desk(mine.folder.parent / "other", network)
    assert found(other, network, "archive", key)["sentinel"][0] == "PASS"
    assert len(sentinels(network)) == 1, "the one that is there is used again"


def test_a_key_that_can_write_nothing_says_nothing(mine: Desk, network: Running) -> None:
    key = network.folder / "secrets/backup-read.key"
    verdict, why = found(mine, network, "auditor", key, tool="restic", path="backup/restic")["sentinel"]
    assert (verdict, "could not write there: Permission denied" in why) == ("UNKNOWN", True), why


def test_the_account_that_writes_the_vault_can_prune_it(mine: Desk, network: Running, tmp_path: Path) -> None:
    """Its key is on the servers alone; whoever has taken one over has it."""
    key = tmp_path / "writes"
    key.write_text(on_host(network, "fs1", "cat", "/etc/backup/id_backup"))
    key.chmod(0o600)
    told = found(mine, network, "keeper", key, tool="restic", path="backup/restic")
    assert told["sentinel"] == (
        "FAIL",
        f"whoever writes backups can also remove them: keeper at bak1.{network.domain} removed a file it had written",
    )
    assert told["key"][0] == "PASS"
    assert told["structure"][0] == "PASS", "what is beside it disturbs nothing"


def test_a_key_in_the_safe_that_opens_nothing_is_found(mine: Desk, network: Running) -> None:
    key = network.folder / "secrets/backup-read.key"
    more = {"tool": "restic", "path": "backup/restic"}
    told = found(mine, network, "auditor", key, escrow="backup-attic", **more)
    assert told["key"] == ("FAIL", "the key that is kept elsewhere does not open it")
    assert found(mine, network, "auditor", key, escrow="backup-none", **more)["key"][0] == "UNKNOWN"
    assert found(mine, network, "auditor", key, **more)["key"][0] == "PASS"
