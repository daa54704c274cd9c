"""Repositories behind SSH: the same answers as here, from the host that was confirmed and no other."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from getpass import getuser
from pathlib import Path

import pytest

from inventory.backup.model import Target
from ops.adapters.backup import Damaged, Part, Vault
from ops.adapters.borg import BorgVault
from ops.adapters.restic import ResticVault
from ops.adapters.ssh import Door
from ops.adapters.ssh_words import line, subsystem, words
from ops.errors import NotAuthorised, NotFound, OpsError, Refused, Unreachable
from ops.secret import Secret
from tests.contract.test_backup import NAMES, PASSWORD, Kept
from tests.sshd import free_port, server
from tests.unit.kept import kept_by_day
from tests.workspace import Desk, Result, bare

__all__ = ["kept_by_day"]
SCHEME = {"restic": "sftp", "borg": "ssh"}
TEXT = """systems:
  FS-1: {{host: fs1, tier: 1, rpo: 24h, rto: 4h, site: Leith, failure_domain: rack-1}}
targets:
  vault: {{tool: {tool}, where: "{where}", site: Perth, failure_domain: rack-2, credential: "file:secret",
          identity: keys/backup}}
jobs:
  homes: {{system: FS-1, target: vault, paths: ["{source}"], every: 1d}}
"""


@dataclass
class Far:
    """A repository, an SSH server before it, and a workspace that names both."""

    kept: Kept
    port: int
    lead: Desk

    @property
    def door(self) -> Door:
        folder = self.lead.folder
        return Door("127.0.0.1", getuser(), folder / "known_hosts", folder / "keys/backup", self.port)

    @property
    def where(self) -> str:
        return f"{SCHEME[self.kept.tool]}://{getuser()}@127.0.0.1:{self.port}{self.kept.repository}"

    def vault(self, path: str = "") -> Vault:
        """As the command line opens it, its door not tried before."""
        target = Target("vault", self.kept.tool, self.where, "disk", "here", "rack", "file:x")
        path = path or str(self.kept.repository)
        cache = self.kept.folder / "cache"
        if self.kept.tool == "borg":
            at = f"ssh://{getuser()}@127.0.0.1:{self.port}{path}"
            return BorgVault(target, Secret(PASSWORD), cache, at, line(words(self.door)))
        at = f"sftp:{getuser()}@127.0.0.1:{path}"
        return ResticVault(target, Secret(PASSWORD), cache, at, line(subsystem(self.door, "sftp")))

    def check(self, **changed: str) -> Result:
        """``ops backup check`` after some words of the file are others."""
        text = TEXT.format(tool=self.kept.tool, where=self.where, source=self.kept.source)
        for old, new in changed.items():
            text = text.replace(old, new)
        (self.lead.folder / "inventory/backups.yaml").write_text(text)
        return self.lead.ops("backup", "check", "--json")


@pytest.fixture
def far(kept: Kept, tmp_path: Path) -> Iterator[Far]:
    lead = bare(tmp_path / "a lead", "Lea")
    (lead.folder / "secret").write_text(PASSWORD + "\n")
    (lead.folder / "secret").chmod(0o600)
    (lead.folder / "keys").mkdir()
    subprocess.run(["ssh-keygen", "-qt", "ed25519", "-N", "", "-f", str(lead.folder / "keys/backup")], check=True)
    allowed = f"AuthorizedKeysFile={lead.folder}/keys/backup.pub"
    with server(tmp_path / "sshd", allowed.replace(" ", "\\ "), "StrictModes=no", "Subsystem=sftp internal-sftp") as (
        port,
        known,
    ):
        (lead.folder / "known_hosts").write_text(known.read_text())
        yield Far(kept, port, lead)


def because(said: Result, rule: str = "freshness") -> tuple[str, str]:
    """Verdict and reason of one finding."""
    return next((one["verdict"], one["because"]) for one in said.json["findings"] if one["rule"] == rule)


@pytest.mark.parametrize("kept", ["restic", "borg"], indirect=True)
def test_what_is_behind_ssh_answers_as_what_is_here(far: Far) -> None:
    (run,) = far.vault().runs([str(far.kept.source)])
    assert run == far.kept.vault().runs([])[0]
    found = {entry.path: entry.size for entry in far.vault().entries(run.id)}
    assert found == {str(far.kept.source / name): (far.kept.source / name).stat().st_size for name in NAMES}
    assert (far.vault().structure(), far.vault().data(Part(1, 1))) == ("", "")
    into = far.kept.folder / "into"
    into.mkdir()
    far.vault().restore(run.id, [str(far.kept.source / "new\nline")], into)
    (back,) = [path for path in into.rglob("*") if path.is_file()]
    assert back.read_bytes() == (far.kept.source / "new\nline").read_bytes()


def test_an_end_that_restic_does_not_tell_is_seen_by_the_file_it_wrote_last(far: Far) -> None:
    """restic 0.14 tells none; a repository that was copied has younger files, and they say nothing."""
    if far.kept.tool == "borg":
        assert "ended" in because(far.check(), "finish")[1]
        return
    (run,) = far.vault().runs([])
    record = far.kept.repository / far.vault().record(run)
    in_time = {"every: 1d": "every: 1d, finish_grace: 48h"}
    assert because(far.check(**in_time), "finish")[0] == "PASS"
    os.utime(record, (0, time.time() + 2 * 86400))
    assert because(far.check(**in_time), "finish")[0] == "UNKNOWN"
    os.utime(record, (0, run.started.timestamp() - 3600))
    assert because(far.check(**in_time), "finish")[0] == "UNKNOWN"


def test_folders_that_are_gone_there_are_told_soon(far: Far) -> None:
    """restic 0.14 tries for minutes to fetch a pack that is not there."""
    if far.kept.tool == "borg":
        return
    (run,) = far.vault().runs([])
    far.vault().sized([run])
    for cached in (far.kept.folder / "cache").glob("*/data/*/*"):
        next(far.kept.repository.glob(f"data/*/{cached.name}")).unlink()
    (into := far.kept.folder / "into").mkdir()
    with pytest.raises(Damaged, match="does not exist"):
        far.vault().restore(run.id, [str(far.kept.source)], into)


def test_a_check_looks_into_it(far: Far) -> None:
    said = far.check()
    assert because(said)[0] == "PASS", said.err
    assert because(said, "structure")[0] == "PASS"
    assert far.lead.ops("backup", "restore-test", "homes", "--files", "3").code == 0


def test_another_host_in_its_place_is_told_nothing(far: Far) -> None:
    known = far.lead.folder / "known_hosts"
    name, kind, _ = known.read_text().split()
    known.write_text(f"{name} {kind} {(far.lead.folder / 'keys/backup.pub').read_text().split()[1]}\n")
    verdict, why = because(far.check())
    assert (verdict, "127.0.0.1 shows the key SHA256:" in why) == ("UNKNOWN", True), why
    with pytest.raises((Refused, Unreachable)):  # borg may lose what SSH complained of
        far.vault().runs([])


def test_a_host_nobody_confirmed_is_not_spoken_to(far: Far) -> None:
    (far.lead.folder / "known_hosts").write_text("")
    verdict, why = because(far.check())
    assert (verdict, why) == ("UNKNOWN", "nobody has confirmed the key of 127.0.0.1")
    with pytest.raises((Refused, Unreachable)):
        far.vault().runs([])
    assert (far.lead.folder / "known_hosts").read_text() == "", "no program of others confirms one either"


def test_a_key_that_is_refused_or_open_to_others_is_said(far: Far) -> None:
    subprocess.run(["ssh-keygen", "-qt", "ed25519", "-N", "", "-f", str(far.lead.folder / "other")], check=True)
    verdict, why = because(far.check(**{"keys/backup": "other"}))
    assert (verdict, "does not let" in why) == ("UNKNOWN", True), why
    (far.lead.folder / "keys/backup").chmod(0o644)
    assert "can be read by others" in because(far.check())[1]
    assert "cannot be read" in because(far.check(**{"keys/backup": "keys/none"}))[1]


def test_a_repository_that_is_gone_and_a_host_that_is_down_are_two_things(far: Far) -> None:
    with pytest.raises(NotFound, match="no repository"):
        far.vault(path=str(far.kept.folder / "elsewhere")).runs([])
    silent = replace(far, port=free_port())
    (far.lead.folder / "known_hosts").write_text(
        (far.lead.folder / "known_hosts").read_text().replace(f":{far.port} ", f":{silent.port} ")
    )
    verdict, why = because(silent.check())
    assert (verdict, "could not be reached" in why) == ("UNKNOWN", True), why
    with pytest.raises(Unreachable):
        silent.vault().runs([])


def test_a_refused_key_is_no_damage_even_where_the_door_was_not_tried(far: Far) -> None:
    (far.lead.folder / "keys/backup.pub").write_text("")
    with pytest.raises((NotAuthorised, Unreachable)) as met:
        far.vault().runs([])
    assert isinstance(met.value, OpsError)
