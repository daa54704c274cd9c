"""One suite for a host in memory, this kind of machine, and a real one over SSH."""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from inventory.lab import Running
from ops.adapters.host import CLOSED, NEVER, ONCE, Archive, Folder, Jobs, Keys, Linger, Login, Machine, Processes, Quota
from ops.adapters.host_commands import CommandHost
from ops.adapters.host_projection import ProjectedHost
from ops.adapters.local import LocalShell
from ops.errors import Conflict, InvalidRequest, Refused
from tests.network import ssh_host

NUMBERS = itertools.count(int(secrets.token_hex(2), 16) % 20000 + 20000)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtleWtleWtleWtleWtleWtleWtleWtleWtleWtleWtl somebody\n"


def inside(network: Running, name: str) -> list[str]:
    """Words that run a program on a host of the practice network, as that host's own root."""
    pid = json.loads((network.folder / "state.json").read_text())["hosts"][name][0]
    return ["nsenter", "-t", str(pid), "-m", "-u", "-i", "-n", "-p", "-r", "-w", "--"]


@pytest.fixture(
    params=["memory", pytest.param("local", marks=pytest.mark.lab), pytest.param("ssh", marks=pytest.mark.lab)]
)
def host(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The same host three times. Homes are in /home, where only root may write."""
    if request.param == "memory":
        yield ProjectedHost(known={"folder:/home": {"owner": "0", "group": "0", "mode": "755", "acl": ""}})
        return
    network = request.getfixturevalue("network")
    if request.param == "local":
        yield CommandHost(LocalShell(inside(network, "ws1")), Machine("ws1"))
        return
    with ExitStack() as stack:
        yield stack.enter_context(ssh_host(network, "srv1"))


def starter(host: Any) -> tuple[str, dict[str, str]]:
    """A new login with a home."""
    number = str(next(NUMBERS))
    name = f"c{number}.x"
    fields = {"uid": number, "gid": number, "comment": "Zoë Contract", "home": f"/home/{name}", "shell": "/bin/bash"}
    Login(f"login:{name}", None, fields).apply(host)
    Folder(f"folder:/home/{name}", None, {"owner": number, "group": number, "mode": "700"}).apply(host)
    return name, fields


def test_what_is_not_there_is_nothing(host: Any) -> None:
    for kind in ("login", "keys", "jobs", "queued", "linger", "processes"):
        assert host.read(f"{kind}:nobody.here") is None
    assert host.read("folder:/home/nobody.here") is None
    assert host.read("archive:/home/nobody.here.tar.zst") is None
    assert host.read("uid:59999") is None


def test_a_new_login_is_as_it_was_asked_for_and_its_number_is_taken(host: Any) -> None:
    name, fields = starter(host)
    found = host.read(f"login:{name}")
    assert {key: found[key] for key in fields} == fields
    assert host.read(f"uid:{fields['uid']}") is not None
    with pytest.raises(Conflict):
        Login(f"login:{name}", None, fields).apply(host)
    with pytest.raises(Conflict):
        Login(f"login:{name}2", None, fields | {"home": f"/home/{name}2"}).apply(host)
    assert host.read(f"login:{name}2") is None


def test_a_login_is_closed_and_opened_again(host: Any) -> None:
    name, _ = starter(host)
    ref = f"login:{name}"
    opened = {"locked": "no", "expires": NEVER, "shell": "/bin/bash"}
    closed = {"locked": "yes", "expires": ONCE, "shell": "/usr/sbin/nologin"}
    start = {"locked": "no", "expires": NEVER} if host.read(ref).get("locked") else {}
    change = Login(ref, {**start, "shell": "/bin/bash"}, closed)
    change.apply(host)
    assert change.holds(host)
    with pytest.raises(Conflict):
        change.apply(host)
    back = Login(ref, closed, opened)
    back.apply(host)
    assert back.holds(host)


def test_a_login_goes_and_its_number_is_free_again(host: Any) -> None:
    name, fields = starter(host)
    Login(f"login:{name}", fields, None).apply(host)
    assert (host.read(f"login:{name}"), host.read(f"uid:{fields['uid']}")) == (None, None)
    with pytest.raises(Conflict):
        Login(f"login:{name}", fields, None).apply(host)


def test_keys_come_and_go_as_they_were(host: Any) -> None:
    name, fields = starter(host)
    ref, keys = f"keys:{name}", {f"{fields['home']}/.ssh/authorized_keys": f"# mine\n{KEY}"}
    assert host.read(ref) is None
    Keys(ref, None, keys).apply(host)
    assert host.read(ref) == keys
    with pytest.raises(Conflict):
        Keys(ref, dict.fromkeys(keys, KEY), None).apply(host)
    Keys(ref, keys, None).apply(host)
    assert host.read(ref) is None


def test_a_crontab_comes_and_goes_as_it_was(host: Any) -> None:
    name, _ = starter(host)
    jobs = {"text": "# Zoë's\n5 4 * * * true %d\n"}
    Jobs(f"jobs:{name}", None, jobs).apply(host)
    assert host.read(f"jobs:{name}") == jobs
    Jobs(f"jobs:{name}", jobs, None).apply(host)
    assert host.read(f"jobs:{name}") is None


def test_keys_jobs_and_processes_need_a_login(host: Any) -> None:
    for change in (
        Keys("keys:nobody.here", None, {"/home/nobody.here/.ssh/authorized_keys": KEY}),
        Processes("processes:nobody.here", {"processes": "1"}, None),
    ):
        with pytest.raises(Conflict):
            change.apply(host)


def test_a_folder_is_closed_and_opened_again(host: Any) -> None:
    name, fields = starter(host)
    ref = f"folder:/home/{name}"
    before = {"owner": fields["uid"], "group": fields["gid"], "mode": "700"}
    closing = Folder(ref, before, dict(CLOSED))
    closing.apply(host)
    assert closing.holds(host)
    with pytest.raises(Conflict):
        closing.apply(host)
    Folder(ref, dict(CLOSED), before).apply(host)
    assert {key: host.read(ref)[key] for key in before} == before


def test_an_access_control_list_is_kept_with_the_folder(host: Any) -> None:
    name, fields = starter(host)
    ref = f"folder:/home/{name}"
    after = {"acl": "user:0:r-x,default:user:0:r-x"}
    Folder(ref, {"acl": ""}, after).apply(host)
    found = host.read(ref)
    assert [entry for entry in found["acl"].split(",") if "user:0" in entry] == after["acl"].split(",")
    Folder(ref, {"acl": found["acl"]}, {"acl": ""}).apply(host)
    assert host.read(ref)["acl"] == ""


def test_a_folder_goes_only_as_it_was(host: Any) -> None:
    name, _ = starter(host)
    ref = f"folder:/home/{name}"
    state = host.read(ref)["state"]
    with pytest.raises(Conflict):
        Folder(ref, {"state": "something else"}, None).apply(host)
    Folder(ref, {"state": state}, None).apply(host)
    assert host.read(ref) is None


def test_a_folder_that_is_there_is_not_made_again(host: Any) -> None:
    name, fields = starter(host)
    with pytest.raises(Conflict):
        Folder(f"folder:/home/{name}", None, {"owner": "0", "group": "0", "mode": "700"}).apply(host)
    assert host.read(f"folder:/home/{name}")["owner"] == fields["uid"]


def test_an_archive_is_made_of_what_is_there_and_unpacked_read_only(host: Any) -> None:
    name, fields = starter(host)
    path = f"/home/{name}.tar.zst"
    Archive(f"archive:{path}", None, {"folder": f"/home/{name}"}).apply(host)
    assert host.read(f"archive:{path}")["folder"] == f"/home/{name}"
    with pytest.raises(Conflict):
        Archive(f"archive:{path}", None, {"folder": f"/home/{name}"}).apply(host)
    handed = {"owner": fields["uid"], "group": fields["gid"], "mode": "500", "source": path}
    Folder(f"folder:/home/{name}-copy", None, handed).apply(host)
    assert host.read(f"folder:/home/{name}-copy")["mode"] == "500"
    Archive(f"archive:{path}", {"folder": f"/home/{name}"}, None).apply(host)
    assert host.read(f"archive:{path}") is None


def test_a_limit_is_set_and_lifted_where_there_is_one(host: Any) -> None:
    name, _ = starter(host)
    ref = f"quota:/home/{name}"
    if not isinstance(host, ProjectedHost):
        assert host.read("offer:/home") is None
        assert host.read(ref) is None
        return
    Quota(ref, {"limit": "none"}, {"limit": "1048576"}).apply(host)
    assert host.read(ref) == {"limit": "1048576"}
    with pytest.raises(Conflict):
        Quota(ref, {"limit": "none"}, {"limit": "5"}).apply(host)
    Quota(ref, {"limit": "1048576"}, {"limit": "none"}).apply(host)
    assert host.read(ref) == {"limit": "none"}


@pytest.mark.lab
def test_a_limit_of_a_real_file_system_holds(network: Running) -> None:
    """On the file server, whose homes lie on btrfs where the machine can make one."""
    with ssh_host(network, "fs1") as files:
        if files.read("offer:/srv/home") is None:
            pytest.skip("this machine cannot make a file system with quotas")
        number = str(next(NUMBERS))
        home = f"/srv/home/q{number}"
        Folder(f"folder:{home}", None, {"owner": number, "group": number, "mode": "700"}).apply(files)
        limit = Quota(f"quota:{home}", {"limit": "none"}, {"limit": str(8 << 20)})
        limit.apply(files)
        assert limit.holds(files)
        words = ["setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups"]
        filled = files._shell.run([*words, "dd", "if=/dev/zero", f"of={home}/big", "bs=1M", "count=20", "conv=fsync"])
        assert filled.code != 0
        with pytest.raises(Conflict):
            limit.apply(files)
        Quota(f"quota:{home}", {"limit": str(8 << 20)}, {"limit": "none"}).apply(files)
        assert files._shell.run([*words, "dd", "if=/dev/zero", f"of={home}/big", "bs=1M", "count=20"]).code == 0
        Folder(f"folder:{home}", {"state": files.read(f"folder:{home}")["state"]}, None).apply(files)
        assert files.read(f"folder:{home}") is None


def test_an_archive_of_nothing_is_refused(host: Any) -> None:
    with pytest.raises((Conflict, Exception), match="no folder|packing"):
        Archive("archive:/home/void.tar.zst", None, {"folder": "/home/nobody.here"}).apply(host)
    assert host.read("archive:/home/void.tar.zst") is None


def test_a_picture_foretells_what_the_host_will_hold(host: Any) -> None:
    name, fields = starter(host)
    picture = host.projection()
    keys = {f"{fields['home']}/.ssh/authorized_keys": KEY}
    changes = [
        Login(f"login:{name}", {"shell": "/bin/bash"}, {"shell": "/usr/sbin/nologin", "locked": "yes"}),
        Keys(f"keys:{name}", None, keys),
        Jobs(f"jobs:{name}", None, {"text": "1 1 * * * true\n"}),
        Linger(f"linger:{name}", None, {"linger": "yes"}),
        Folder(f"folder:/home/{name}", {"mode": "700"}, {"mode": "750"}),
    ]
    for change in changes:
        change.apply(picture)
    assert host.read(f"keys:{name}") is None
    assert host.apply_all(changes) == [None] * len(changes)
    seen = host.snapshot([change.subject for change in changes])
    for change in changes:
        assert change.holds(seen)
        assert change.observe(seen) == change.observe(picture)


@pytest.mark.lab
@pytest.mark.parametrize("name", ["$(reboot)", "../etc", "-rf", "Amy", "a b", "a;b", "a\nb", "x" * 33, "", "root'"])
def test_a_name_that_could_be_more_than_a_name_is_refused(network: Running, name: str) -> None:
    with ssh_host(network, "srv1") as host:
        for kind in ("login", "jobs", "queued", "linger"):
            with pytest.raises(InvalidRequest):
                host.read(f"{kind}:{name}")


@pytest.mark.lab
@pytest.mark.parametrize("path", ["/home/../etc", "home/x", "/home//x", "/home/x/", "/home/.", "/home/a\nb", "", "/"])
def test_a_path_that_leads_elsewhere_is_refused(network: Running, path: str) -> None:
    with ssh_host(network, "srv1") as host, pytest.raises(InvalidRequest):
        host.read(f"folder:{path}")


@pytest.mark.lab
def test_a_folder_below_one_that_others_may_write_is_refused(network: Running) -> None:
    with ssh_host(network, "srv1") as host, pytest.raises(Refused, match="could be changed by others"):
        Folder("folder:/tmp/home", None, {"owner": "0", "group": "0", "mode": "700"}).apply(host)
