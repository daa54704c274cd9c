"""``backups.yaml`` of a practice workspace: what is protected, where its copies lie, which jobs make them."""

from __future__ import annotations

from inventory.lab.job import ARCHIVE, VAULT, registry
from inventory.lab.lab import Running
from inventory.lab.services.vaults import ARCHIVE as ADDS
from inventory.lab.services.vaults import READER

TEXT = """# What of the practice network is protected, where its copies lie, and what makes them: ops help backups.
# All copies lie on bak1. That it is at other sites, and that the bunker is an object store, is pretended: one machine
# has only one site. What is real: the bunker is a disk of its own, and its account can add to it and take nothing away.
systems:
  FS-1: {{host: fs1, tier: 1, rpo: 30h, rto: 4h, site: Leith, failure_domain: fs1}}
  SRV-1: {{host: srv1, tier: 2, rpo: 30h, rto: 8h, site: Leith, failure_domain: srv1}}
targets:
  vault:                                  # homes and shares of fs1
    tool: restic
    where: sftp://{reader}@{bak1}{vault}/restic
    identity: {key}
    credential: "file:{secrets}/backup-vault"
    escrow: "file:{secrets}/backup-vault-escrow"   # the copy in the safe
    key_held_by: Bob Ray
    {disks}
  attic:                                  # data of srv1
    tool: borg
    where: ssh://{reader}@{bak1}{vault}/borg
    identity: {key}
    credential: "file:{secrets}/backup-attic"
    escrow: "file:{secrets}/backup-attic-escrow"
    key_held_by: Bob Ray
    {disks}
  mirror:                                 # shares of fs1, as plain files of each day
    tool: rsync
    where: sftp://{reader}@{bak1}{vault}/mirror
    identity: {key}
    encrypted: false                      # rsync keeps no hashes: what cannot be compared stays UNKNOWN
    {disks}
{bunkers}jobs:                                     # cron runs them on fs1 and srv1: /etc/cron.d/backup there
{jobs}
cadence:
  1: {{structure: 1d, data: 4d, restore: 31d}}   # short, so that a few checks read all of it
  2: {{structure: 1d, data: 4d, restore: 92d}}
"""
BUNKER = """  archive-{host}:                      # {host}, packed; what is written there stays
    tool: tar
    where: sftp://{reader}@{bak1}{archive}/{host}
    identity: {key}
    encrypted: false
    sentinel: true
    writer: {writer}
    writer_identity: {adds}
    medium: object
    site: Bunker
    failure_domain: bak1-bunker
"""
JOB = """  {name}:
    system: {system}
    target: {target}
    paths: [{paths}]
    every: 1d
    at: "{at:%H:%M}"
    databases: {databases}
    start_grace: 6h
    finish_grace: 4h
"""


def backups_text(running: Running) -> str:
    """The whole file for a network that is up."""
    jobs = [
        JOB.format(
            name=one.name,
            system=one.system,
            target=one.target,
            paths=", ".join(one.paths),
            at=one.at,
            databases=one.databases,
        )
        for one in registry()
    ]
    secrets = running.folder / "secrets"
    places = {"reader": READER, "bak1": f"bak1.{running.domain}", "key": secrets / "backup-read.key"}
    add_only = {"archive": ARCHIVE, "writer": ADDS, "adds": secrets / "backup-add.key"}
    bunkers = [BUNKER.format(host=one.host, **places, **add_only) for one in registry() if one.tool == "tar"]
    return TEXT.format(
        **places,
        vault=VAULT,
        secrets=secrets,
        bunkers="".join(bunkers),
        disks="site: Perth\n    failure_domain: bak1-disks",
        jobs="".join(jobs).rstrip(),
    )
