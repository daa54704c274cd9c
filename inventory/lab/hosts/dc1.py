"""The domain controller: a Samba AD DC (LDAP, LDAPS, Kerberos, DNS) unpacked from a template made once per machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from inventory.lab import kernel
from inventory.lab.host import Host, run
from inventory.lab.samba import SIGN_INS, smb_conf
from inventory.lab.services import ssh

if TYPE_CHECKING:
    from inventory.lab.network import Network


class DomainController(Host):
    """``dc1``: holds its own certificate authority's key and nothing of the machine's."""

    name, number, probe, loopback = "dc1", 10, 636, True
    packages = ("samba", "samba-ad-dc", "samba-ad-provision", "samba-dsdb-modules", "openssl", "zstd")
    home = Path("/var/lib/samba")
    settings: ClassVar = {"sign_in_log": str(home / SIGN_INS)}

    @property
    def listed_as(self) -> str:
        """Under its own name an inventory has the directory."""
        return f"{self.name}-host"

    def start(self, network: Network) -> None:
        """Unpack and start in the usual places, so that samba-tool on the host just works."""
        self.unpack(network, self.home)
        conf = Path("/etc/samba/smb.conf")
        conf.parent.mkdir(exist_ok=True)
        conf.write_text(smb_conf(self.home, self.address))
        if kernel.many_ids():
            self._let_operators_read()
            ssh.serve(network, commands=(ssh.END_CONNECTIONS,))
        self.serve(self.home, conf)

    def _let_operators_read(self) -> None:
        """Whoever works here may read who signed in, and end a connection; nothing else."""
        log = self.home / SIGN_INS
        log.touch(mode=0o640)
        os.chown(log, 0, ssh.GID)
        log.parent.chmod(0o755)
        self.home.chmod(0o755)

    @staticmethod
    def unpack(network: Network, home: Path) -> None:
        """Put the domain's files in place."""
        home.mkdir(parents=True, exist_ok=True)
        run("tar", "--zstd", "--no-same-owner", "-xf", "-", "-C", home, stdin=network.template)

    @staticmethod
    def serve(home: Path, conf: Path, tied: bool = False) -> subprocess.Popen[bytes]:
        """Start the server; ``tied`` to the life of this process."""
        argv = ["/usr/sbin/samba", "-F", "-M", "single", "--no-process-group", "-s", str(conf), "-l", str(home / "log")]
        with (home / "log/stdout").open("wb") as log:
            return subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=kernel.die_with_parent if tied else None,  # noqa: PLW1509  a freshly forked process
            )


HOST = DomainController()
