"""Make the practice domain once, offline: provision, units, people, groups, delegation.

Runs under the system's Python, which has Samba's bindings; reads its order as JSON from standard input, so
that no password is ever on a command line: ``{"folder", "address", "people", "passwords": {account: text}}``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from inventory.lab.host import DOMAIN, registry
from inventory.lab.people import DEPARTMENTS, people
from inventory.lab.rights import DELEGATION, GROUPS, HELPDESK, ONBOARDING, TESTERS, TESTS, aces
from inventory.lab.samba import BASE, REALM, SHORT, certificates, smb_conf

CHUNK = 200  # one long transaction grows with the square of its adds
WITH_PASSWORD = 50
OPERATORS = {
    "apprentice1": ("First apprentice", (HELPDESK, ONBOARDING)),
    "apprentice2": ("Second apprentice", (HELPDESK, ONBOARDING)),
    "helpdesk1": ("Help desk only", (HELPDESK,)),
    "onboarding1": ("Onboarding only", (ONBOARDING,)),
    "mentor1": ("Mentor", ()),
    "tester1": ("Conformance tester", (TESTERS,)),
}
DISABLED, NORMAL, NEVER_EXPIRES = 0x2, 0x200, 0x10000
UNITS = (
    "OU=Staff",
    "OU=Leavers",
    "OU=Service",
    "OU=Groups",
    "OU=Roles,OU=Groups",
    "OU=Delegation",
    "OU=JourneymanTest",
)
TRAP = "role-legacy-admins"  # looks like a role, and lies in Domain Admins


def provision(root: Path, address: str, password: str) -> None:
    """A new, empty domain below ``root``."""
    import samba.provision
    from samba.netcmd.main import cmd_sambatool

    samba.provision.setsysvolacl = lambda *_, **__: None  # needs real root; SYSVOL is not served
    (root / "empty.conf").write_text("")
    options = ("bind interfaces only=yes", "vfs objects=dfs_samba4 acl_xattr xattr_tdb", "ldb:nosync=true")
    words = [f"--configfile={root}/empty.conf", f"--targetdir={root}", f"--realm={REALM}", f"--domain={SHORT}"]
    words += ["--host-name=dc1", f"--host-ip={address}", f"--adminpass={password}", "--server-role=dc"]
    words += ["--dns-backend=SAMBA_INTERNAL", f"--option=interfaces={address}/32", *(f"--option={o}" for o in options)]
    if code := cmd_sambatool()._run("samba-tool", "domain", "provision", *words):
        raise SystemExit(f"provisioning answered {code}")


class Builder:
    """The domain's database, opened directly."""

    def __init__(self, root: Path) -> None:
        from samba.auth import system_session
        from samba.param import LoadParm
        from samba.samdb import SamDB
        from samba.sd_utils import SDUtils

        settings = LoadParm()
        settings.load(str(root / "etc/smb.conf"))
        self.db = SamDB(str(root / "private/sam.ldb"), session_info=system_session(), lp=settings)
        self.rights = SDUtils(self.db)

    def add(self, dn: str, kind: str, **attributes: Any) -> None:
        """One new object; ``dn`` is relative to the domain."""
        self.db.add({"dn": f"{dn},{BASE}", "objectClass": kind, **attributes})

    def modify(self, dn: str, **attributes: Any) -> None:
        """Replace single values; add the values of lists."""
        import ldb

        message = ldb.Message(ldb.Dn(self.db, dn))
        for name, value in attributes.items():
            flag = ldb.FLAG_MOD_ADD if isinstance(value, list) else ldb.FLAG_MOD_REPLACE
            message[name] = ldb.MessageElement(value, flag, name)
        self.db.modify(message)

    def sid(self, logon: str) -> str:
        """SID of an account or group."""
        from samba.dcerpc import security
        from samba.ndr import ndr_unpack

        found = self.db.search(BASE, expression=f"(sAMAccountName={logon})", attrs=["objectSid"])
        return str(ndr_unpack(security.dom_sid, found[0]["objectSid"][0]))

    def guid(self, attribute: str) -> str | None:
        """An attribute's schemaIDGUID, or None if the schema does not have it."""
        import uuid

        query = f"(lDAPDisplayName={attribute})"
        found = self.db.search(self.db.get_schema_basedn(), expression=query, attrs=["schemaIDGUID"])
        return str(uuid.UUID(bytes_le=bytes(found[0]["schemaIDGUID"][0]))) if found else None

    def person(self, unit: str, logon: str, name: str, password: str = "", **more: Any) -> str:
        """A user; enabled if it has a password. Returns its DN."""
        from ldb import Dn

        dn = Dn(self.db, f"{unit},{BASE}")
        dn.add_child(Dn(self.db, "CN=x"))
        dn.set_component(0, "CN", f"{name} ({logon})" if unit == "OU=Staff" else name)
        attributes = {
            "sAMAccountName": logon,
            "userPrincipalName": f"{logon}@{DOMAIN}",
            "displayName": name,
            "userAccountControl": str(NORMAL if password else NORMAL | DISABLED),
        }
        secret = {"unicodePwd": f'"{password}"'.encode("utf-16-le")} if password else {}
        self.db.add({"dn": str(dn), "objectClass": "user", **attributes, **secret, **more})
        return str(dn)


def frame(domain: Builder) -> None:
    """Policy, units, groups and the delegated rights."""
    from samba.provision.sambadns import add_host_record

    domain.modify(BASE, maxPwdAge="0", minPwdAge="0", lockoutThreshold="5", minPwdLength="12")
    names = [f"ldap/dc1.{DOMAIN}", "ldap/DC1", f"ldap/dc1.{DOMAIN}/{DOMAIN}"]
    domain.modify(f"CN=DC1,OU=Domain Controllers,{BASE}", servicePrincipalName=names)
    for unit in UNITS:
        domain.add(unit, "organizationalUnit")
    for department, role in DEPARTMENTS.items():
        about = f"What everybody in {department} needs"
        domain.add(f"CN={role},OU=Roles,OU=Groups", "group", sAMAccountName=role, description=about)
    domain.add(f"CN={TRAP},OU=Roles,OU=Groups", "group", sAMAccountName=TRAP, description="Do not use")
    domain.modify(f"CN=Domain Admins,CN=Users,{BASE}", member=[f"CN={TRAP},OU=Roles,{GROUPS}"])
    for group in (HELPDESK, ONBOARDING, TESTERS):
        domain.add(f"CN={group},OU=Delegation", "group", sAMAccountName=group)
    for ace in aces(domain.guid):
        domain.rights.dacl_add_ace(ace.place, ace.sddl(domain.sid(ace.group)))
    domain.rights.dacl_add_ace(TESTS, f"(A;CI;GA;;;{domain.sid(TESTERS)})")
    for host in registry():
        if host.name != "dc1":
            zone = f"DC={DOMAIN},CN=MicrosoftDNS,DC=DomainDnsZones,{BASE}"
            add_host_record(domain.db, zone, f"DC={host.name}", host.address, None)


def staff(domain: Builder, count: int, password: str) -> None:
    """The people, in chunks."""
    members: dict[str, list[str]] = {role: [] for role in DEPARTMENTS.values()}
    placed: list[str] = []
    domain.db.transaction_start()
    for number, one in enumerate(people(count)):
        if number % CHUNK == CHUNK - 1:
            domain.db.transaction_commit()
            domain.db.transaction_start()
        more = {"department": one.department, "title": one.title, "employeeID": one.number}
        more |= {"givenName": one.given, "sn": one.family, "mail": f"{one.logon}@{DOMAIN}"}
        more |= {"uidNumber": str(one.uid), "gidNumber": str(one.uid), "loginShell": "/bin/bash"}
        more |= {"unixHomeDirectory": f"/home/{one.logon}"}
        more |= {"manager": placed[one.boss]} if one.boss is not None else {}
        secret = password if number < WITH_PASSWORD else ""
        dn = domain.person("OU=Staff", one.logon, f"{one.given} {one.family}", secret, **more)
        members[one.role].append(dn)
        placed.append(dn)
    for role, dns in members.items():
        if dns:
            domain.modify(f"CN={role},OU=Roles,{GROUPS}", member=dns)
    domain.db.transaction_commit()


def special(domain: Builder, passwords: dict[str, str]) -> None:
    """Operators, and accounts to practise on and to be refused: each shows one thing."""
    domain.db.transaction_start()
    for logon, (name, groups) in OPERATORS.items():
        dn = domain.person("OU=Delegation", logon, name, passwords[logon])
        for group in groups:
            domain.modify(f"CN={group},{DELEGATION}", member=[dn])
    domain.person("OU=Service", "svc-backup", "Backup service", passwords["svc"], servicePrincipalName="backup/dc1")
    hidden = domain.person("OU=Staff", "old.admin", "Olga Admin", passwords["people"], employeeID="P90001")
    domain.modify(f"CN={TRAP},OU=Roles,{GROUPS}", member=[hidden])
    domain.person("OU=Staff", "marked.admin", "Mark Admin", passwords["people"], adminCount="1", employeeID="P90002")
    locked = domain.person("OU=Staff", "lock.smith", "Lock Smith", passwords["people"], employeeID="P90003")
    domain.modify(locked, lockoutTime=str(133_000_000_000_000_000))
    never = domain.person("OU=Staff", "ever.green", "Ever Green", passwords["people"], employeeID="P90004")
    domain.modify(never, userAccountControl=str(NORMAL | NEVER_EXPIRES))
    domain.person("OU=Staff", "new.password", "Newt Password", passwords["people"], pwdLastSet="0", employeeID="P90005")
    domain.person("OU=Staff", "was.here", "Wes Here", "", employeeID="P90006")
    gone = domain.person("OU=Staff", "con.tractor", "Con Tractor", passwords["people"], employeeID="P90007")
    domain.modify(gone, accountExpires=str(133_000_000_000_000_000))
    domain.add("CN=WS1,CN=Computers", "computer", sAMAccountName="WS1$", userAccountControl="4096")
    domain.db.transaction_commit()


def main() -> None:
    """Read the order and make the domain."""
    order = json.load(sys.stdin)
    root, passwords = Path(order["folder"]), order["passwords"]
    root.mkdir(parents=True, exist_ok=True)
    provision(root, order["address"], passwords["administrator"])
    for folder in ("run", "cache", "log", "state/sysvol"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "etc/smb.conf").write_text(smb_conf(root, order["address"]))
    certificates(root / "private/tls", order["address"])
    domain = Builder(root)
    domain.db.transaction_start()
    frame(domain)
    domain.db.transaction_commit()
    staff(domain, order["people"], passwords["people"])
    special(domain, passwords)


if __name__ == "__main__":
    main()
