"""An SSH server that takes keys only, and the operators' accounts with the rights they need.

Whoever may add accounts and set owners can get everything in the end: the list of commands keeps mistakes small
and puts each command into the host's log. ``root`` cannot sign in at all.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from inventory.lab.host import run
from inventory.lab.services import accounts

if TYPE_CHECKING:
    from inventory.lab.network import Network

PACKAGES = ("openssh-server", "sudo", "acl", "procps", "cron", "zstd")
OPERATORS = {"apprentice1": 2001, "apprentice2": 2002}  # personal accounts: the log says who it was
GROUP, GID = "journeyman", 2000
CONFIG = """Port 22
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM yes
MaxStartups 100
PrintMotd no
PidFile /run/sshd.pid
Subsystem sftp internal-sftp
"""
COMMANDS = (  # what ops runs with more rights than its own; a test holds this to what it really runs
    "/usr/bin/atq",
    "/usr/bin/atrm",
    "/usr/bin/btrfs",
    "/usr/bin/cat",
    "/usr/bin/chmod",
    "/usr/bin/chown",
    "/usr/bin/cp",
    "/usr/bin/crontab",
    "/usr/bin/find",
    "/usr/bin/getent",
    "/usr/bin/getfacl",
    "/usr/bin/install",
    "/usr/bin/mv",
    "/usr/bin/pkill",
    "/usr/bin/rm",
    "/usr/bin/setfacl",
    "/usr/bin/setpriv",
    "/usr/bin/sha256sum",
    "/usr/bin/stat",
    "/usr/bin/tar",
    "/usr/sbin/sshd",
    "/usr/sbin/useradd",
    "/usr/sbin/userdel",
    "/usr/sbin/usermod",
)

END = "[][0-9a-f.:]*[0-9a-f]]?"  # an address; never none at all, which ss(8) takes for any
END_CONNECTIONS = f"/usr/bin/ss ^-K -Htn src {END}:(389|636|3268|3269) dst {END}:[0-9]+$"  # sudoers(5)


def serve(network: Network, commands: Sequence[str] = COMMANDS) -> None:
    """Give the operators their accounts, keys and these commands of root, and start the server."""
    for name, uid in OPERATORS.items():
        accounts.add(name, uid, f"{name} (operator)")
        accounts.authorize(name, network.public_keys[name])
    _may_administer(commands)
    accounts.door("sudo")
    listen()


def listen() -> None:
    """Start the server; who may come in is for others to say."""
    accounts.door("sshd")
    Path("/etc/ssh/sshd_config").write_text(CONFIG)
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    for name in ("/run/utmp", "/var/log/wtmp", "/var/log/lastlog"):
        Path(name).touch(mode=0o664)
    run("/usr/sbin/sshd", "-t")
    subprocess.run(["/usr/sbin/sshd", "-E", "/var/log/sshd.log"], check=True, stdin=subprocess.DEVNULL, timeout=10)


def _may_administer(commands: Sequence[str]) -> None:
    where = 'secure_path="/usr/sbin:/usr/bin:/sbin:/bin"'  # as Debian's own has it
    rules = f"Defaults {where}, logfile=/var/log/sudo.log\n"
    rules += f"%{GROUP} ALL=(root) NOPASSWD: {', '.join(commands)}\n" if commands else ""
    Path("/etc/sudoers").write_text(f"root ALL=(ALL:ALL) ALL\n{rules}")
    Path("/etc/sudoers").chmod(0o440)
    accounts.group(GROUP, GID, OPERATORS)


def reload() -> None:
    """Let the server read its configuration again."""
    run("pkill", "-HUP", "-o", "-x", "sshd")
