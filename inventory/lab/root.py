"""What a host sees as its file system. Nothing private of the machine shows through.

/usr is the machine's under a layer of the host's own, or read-only; /etc comes from a short list, the rest is
fresh. The operator's ``admin`` keeps the machine's files, with the lab's /etc on top and the sockets of the machine's
daemons hidden: a socket in the file system is a way out that no network namespace closes. The person's own /run/user
stays, for an agent and a keyring, and with it the session's other sockets: this keeps mistakes in, not somebody who
wants out.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from inventory.lab import kernel
from inventory.lab.host import DOMAIN, Host
from inventory.lab.samba import BASE, krb5_conf
from inventory.lab.services import accounts

if TYPE_CHECKING:
    from inventory.lab.network import Network

ETC = """alternatives adduser.conf bash.bashrc ca-certificates debian_version default/useradd deluser.conf dpkg
environment inputrc ld.so.cache ld.so.conf ld.so.conf.d locale.alias localtime login.defs magic mime.types nanorc
netconfig networks os-release pam.conf pam.d profile profile.d protocols rpc security services shells skel ssl/certs
ssl/openssl.cnf terminfo timezone vim xattr.conf manpath.config gai.conf issue group passwd ssh/moduli""".split()
SYSTEM_UIDS = 1000
TAKING_RIGHTS = {  # programs that run with more rights than their caller's → the group they belong to
    "usr/bin/sudo": "root",
    "usr/libexec/sudo": "root",
    "usr/bin/su": "root",
    "usr/bin/chage": "shadow",
    "usr/sbin/unix_chkpwd": "shadow",
    "usr/bin/crontab": "crontab",
    "usr/bin/at": "daemon",
}
FOLDERS = {
    "etc": 0o755, "home": 0o755, "root": 0o700, "srv": 0o755, "opt": 0o755, "mnt": 0o755, "run": 0o755,
    "tmp": 0o1777, "dev": 0o755, "proc": 0o555, "sys": 0o555, "var/lib/dpkg": 0o755, "var/log": 0o755,
    "var/mail": 0o755, "var/cache": 0o755, "var/spool/cron/crontabs": 0o1730, "var/tmp": 0o1777, "run/lock": 0o1777,
    "var/lib/systemd/linger": 0o755,
}  # fmt: skip
NSSWITCH = (
    "passwd: files\ngroup: files\nshadow: files\ngshadow: files\nhosts: files dns\nservices: files\nprotocols: files\n"
)


def lab_etc(network: Network, host: Host, etc: Path) -> None:
    """Names, name service and trust that every host has, written over ``etc``."""
    dc = next(one for one in network.hosts if one.name == "dc1")
    files = {
        "hostname": f"{host.name}\n",
        "hosts": network.hosts_file,
        "machine-id": hashlib.sha256(f"{network.folder}/{host.name}".encode()).hexdigest()[:32] + "\n",
        "resolv.conf": f"nameserver {dc.address}\nsearch {DOMAIN}\noptions timeout:1 attempts:1\n",
        "nsswitch.conf": NSSWITCH,
        "krb5.conf": krb5_conf(dc.address),
        "ldap/ldap.conf": f"URI ldaps://dc1.{DOMAIN}\nBASE {BASE}\nTLS_CACERT /etc/ssl/lab-ca.pem\n",
        "ssl/lab-ca.pem": (network.folder / "ca.pem").read_text(),
        "ssh/ssh_known_hosts": (network.folder / "known_hosts").read_text(),
    }
    for name, text in files.items():
        path = etc / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text)


def own_root(network: Network, host: Host) -> None:
    """A fresh tree on tmpfs, then make it the root."""
    root = network.folder / "hosts" / host.name
    kernel.mount("host", root, "tmpfs", kernel.NODEV, "mode=755,size=512m")
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        here = Path("/", name)
        if here.is_symlink():
            (root / name).symlink_to(here.readlink())
        elif here.is_dir():
            kernel.bind(here, root / name, read_only=True)
    programs(network, host, root)
    for name, mode in FOLDERS.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name).chmod(mode)
    (root / "var/run").symlink_to("/run")
    (root / "var/lock").symlink_to("/run/lock")
    _packages(network, host, root)
    copy_etc(root / "etc")
    lab_etc(network, host, root / "etc")
    key = root / "etc/ssh/ssh_host_ed25519_key"
    key.write_text((network.folder / "keys" / host.name).read_text())
    key.chmod(0o600)
    devices(root / "dev")
    kernel.mount("proc", root / "proc", "proc", kernel.NOSUID | kernel.NODEV | kernel.NOEXEC)
    with suppress(OSError):  # refused in some containers; only link statistics miss it
        kernel.mount("sysfs", root / "sys", "sysfs", kernel.NOSUID | kernel.NODEV | kernel.NOEXEC | kernel.RDONLY)
    host.furnish(root, network)
    kernel.pivot(root)


def programs(network: Network, host: Host, root: Path) -> None:
    """The machine's programs: over them what the host installs, or, without real root, only to be read.

    Programs that take more rights than their caller's then belong to nobody, so the few that are needed are copied.
    """
    if real_root():
        _layered(network, host, root, Path("/usr"))
        return
    kernel.bind("/usr", root / "usr", read_only=True)
    copies = root / ".rights"  # on a file system of its own that honours set-user-ID
    copies.mkdir(mode=0o700)
    for name in TAKING_RIGHTS:
        if (here := Path("/", name)).exists():
            (copies / name).parent.mkdir(parents=True, exist_ok=True)
            _copy_program(here, copies / name)
            kernel.bind(copies / name, root / name)


def real_root() -> bool:
    """Whether root here is the machine's root: then the programs belong to it."""
    return Path("/usr").stat().st_uid == 0


def _layered(network: Network, host: Host, root: Path, folder: Path) -> None:
    """A folder of the machine with a writable layer of the host's own over it."""
    layers = network.folder / "hosts" / f".{host.name}-layers" / folder.name
    for name in ("upper", "work"):
        (layers / name).mkdir(parents=True)
    target = root / folder.relative_to("/")
    target.mkdir(parents=True, exist_ok=True)
    data = f"lowerdir={folder},upperdir={layers}/upper,workdir={layers}/work"
    kernel.mount("overlay", target, "overlay", kernel.NODEV, data)


def _packages(network: Network, host: Host, root: Path) -> None:
    """The list of installed packages; a host that can install has the rest of dpkg's books too."""
    if real_root():
        _layered(network, host, root, Path("/var/lib/dpkg"))
        return
    with suppress(OSError):
        shutil.copy("/var/lib/dpkg/status", root / "var/lib/dpkg/status")


def _copy_program(source: Path, target: Path) -> None:
    """A program with its mode and group, or a folder of its parts, owned by the host's root."""
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
        return
    shutil.copyfile(source, target)
    if (group := TAKING_RIGHTS[str(source.relative_to("/"))]) != "root":
        with suppress(OSError, LookupError):  # one id only
            os.chown(target, 0, accounts.number("group", group))
    target.chmod(stat.S_IMODE(source.stat().st_mode))


def copy_etc(etc: Path) -> None:
    """From the machine only what programs need to run; people (uid ≥ 1000) and every secret stay out."""
    for name in ETC:
        source, target = Path("/etc", name), etc / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError, shutil.Error):  # unreadable for this user: not needed then
            _copy(source, target)
    _accounts(etc)


def _copy(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.symlink_to(source.readlink())
    elif source.is_dir():
        plain = shutil.copyfile
        shutil.copytree(source, target, symlinks=True, copy_function=plain, ignore_dangling_symlinks=True)
    elif source.is_file():
        shutil.copyfile(source, target)


def _accounts(etc: Path) -> None:
    """System accounts and groups, and of each group only the members that exist here."""
    users = [line.split(":") for line in (etc / "passwd").read_text().splitlines()]
    groups = [line.split(":") for line in (etc / "group").read_text().splitlines()]
    users = [user for user in users if int(user[2]) < SYSTEM_UIDS or user[0] == "nobody"]
    groups = [group for group in groups if int(group[2]) < SYSTEM_UIDS or group[0] == "nogroup"]
    known = {user[0] for user in users}
    kept = [[*group[:3], ",".join(sorted(known & set(group[3].split(","))))] for group in groups]
    rows = {
        "passwd": users,
        "group": kept,
        "shadow": [[user[0], "*", "20000", "0", "99999", "7", "", "", ""] for user in users],
        "gshadow": [[group[0], "!", "", ""] for group in groups],
    }
    for name, lines in rows.items():
        (etc / name).write_text("".join(":".join(line) + "\n" for line in lines))
    shadow = next((int(group[2]) for group in groups if group[0] == "shadow"), 0)
    for name in ("shadow", "gshadow"):
        with suppress(OSError):  # one id only: there are no other accounts then
            os.chown(etc / name, 0, shadow)
        (etc / name).chmod(0o640)


def devices(dev: Path) -> None:
    """The devices every program expects, and nothing else."""
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        kernel.bind(f"/dev/{name}", dev / name)
    for name, kind, data in (
        ("pts", "devpts", "newinstance,ptmxmode=0666,mode=620,gid=5"),
        ("shm", "tmpfs", "mode=1777"),
    ):
        (dev / name).mkdir()
        try:
            kernel.mount(kind, dev / name, kind, kernel.NOSUID | kernel.NOEXEC, data)
        except OSError:
            kernel.mount(kind, dev / name, kind, kernel.NOSUID | kernel.NOEXEC, data.removesuffix(",gid=5"))
    links = {"ptmx": "pts/ptmx", "fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}
    for link, to in links.items():
        (dev / link).symlink_to(to)


def machine_view(network: Network, host: Host) -> None:
    """The operator's side: own files and programs, the lab's names, and no socket of the machine's daemons."""
    etc = network.folder / "hosts" / host.name / "etc"
    etc.mkdir()
    lab_etc(network, host, etc)
    kernel.mount("overlay", "/etc", "overlay", kernel.NOSUID | kernel.NODEV, f"lowerdir={etc}:/etc")
    kept = [path for path in (network.folder, Path(f"/run/user/{os.getuid()}")) if path.is_relative_to("/run")]
    handles = [(os.open(path, os.O_PATH), path) for path in kept if path.is_dir()]
    kernel.mount("run", "/run", "tmpfs", kernel.NOSUID | kernel.NODEV, "mode=755")
    for handle, path in handles:
        path.mkdir(parents=True, exist_ok=True)
        kernel.mount(f"/proc/self/fd/{handle}", path, flags=kernel.BIND | kernel.REC)
        os.close(handle)
