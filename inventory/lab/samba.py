"""Configuration files of the practice domain: Samba, its certificates, Kerberos. Standard library only."""

from __future__ import annotations

import subprocess
from pathlib import Path

from inventory.lab.host import DOMAIN, SECONDS

SIGN_INS = "log/sign-ins.json"  # one event a line; Samba writes each as it happens
BASE = "DC=" + DOMAIN.replace(".", ",DC=")
REALM, SHORT = DOMAIN.upper(), "LAB"
PATHS = {
    "private dir": "private",
    "lock directory": "",
    "state directory": "state",
    "cache directory": "cache",
    "pid directory": "run",
    "binddns dir": "bind-dns",
    "ncalrpc dir": "run/ncalrpc",
    "winbindd socket directory": "run/winbindd",
    "ntp signd socket directory": "run/ntp_signd",
    "usershare path": "run/usershares",
    "log file": "log/log.%m",
    "tls keyfile": "private/tls/key.pem",
    "tls certfile": "private/tls/cert.pem",
    "tls cafile": "private/tls/ca.pem",
}
FIXED = {
    "netbios name": "DC1",
    "realm": REALM,
    "workgroup": SHORT,
    "server role": "active directory domain controller",
    "server services": "ldap, cldap, kdc, dns",
    "bind interfaces only": "yes",
    "dns forwarder": "",
    "vfs objects": "dfs_samba4 acl_xattr xattr_tdb",
    "tls enabled": "yes",
    "allow dns updates": "disabled",
    "ldap server require strong auth": "allow_sasl_over_tls",
    "load printers": "no",
    "disable spoolss": "yes",
    "ldb:nosync": "true",
}


def smb_conf(root: Path, address: str) -> str:
    """The whole configuration; every path lies below ``root``. SYSVOL is not served, so one process is enough."""
    interfaces = address + ("/8" if address.startswith("127.") else "/24")
    lines = [f"\t{key} = {value}" for key, value in (FIXED | {"interfaces": interfaces}).items()]
    lines += [f"\t{key} = {root}/{value}".rstrip("/") for key, value in PATHS.items()]
    lines.append(f"\tlog level = 0 auth_json_audit:4@{root}/{SIGN_INS}")
    shares = f"[sysvol]\n\tpath = {root}/state/sysvol\n[netlogon]\n\tpath = {root}/state/sysvol/{DOMAIN}/scripts\n"
    return "[global]\n" + "\n".join(lines) + "\n" + shares


def krb5_conf(address: str) -> str:
    """How Kerberos clients find the domain without asking any name server."""
    library = "dns_lookup_realm = false\n dns_lookup_kdc = false\n dns_canonicalize_hostname = false\n rdns = false\n"
    realm = f"{REALM} = {{\n  kdc = {address}\n  kpasswd_server = {address}\n }}\n"
    return (
        f"[libdefaults]\n default_realm = {REALM}\n {library}[realms]\n {realm}"
        f"[domain_realm]\n .{DOMAIN} = {REALM}\n {DOMAIN} = {REALM}\n"
    )


def certificates(folder: Path, address: str) -> None:
    """An own certificate authority and a server certificate (EC P-256) for the controller's names and address."""
    folder.mkdir(parents=True, exist_ok=True)
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    critical = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    subject = ("-subj", "/CN=Practice Lab Root CA")
    _openssl(
        folder, "req", "-x509", *new, "-days", "3650", *subject, *critical, "-keyout", "ca-key.pem", "-out", "ca.pem"
    )
    _openssl(folder, "req", "-new", *new, "-subj", f"/CN=dc1.{DOMAIN}", "-keyout", "key.pem", "-out", "csr.pem")
    names = f"subjectAltName=DNS:dc1.{DOMAIN},DNS:{DOMAIN},IP:{address}"
    use = "extendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE"
    (folder / "ext").write_text(f"{names}\n{use}\n")
    authority = ("-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial")
    _openssl(
        folder, "x509", "-req", "-in", "csr.pem", *authority, "-days", "825", "-out", "cert.pem", "-extfile", "ext"
    )
    for key in ("key.pem", "ca-key.pem"):
        (folder / key).chmod(0o600)


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], check=True, cwd=folder, capture_output=True, timeout=SECONDS)
