"""Ansible's inventories in both writings, and our assets written as one: names, addresses, groups, and no secret."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from inventory.taking_in.ansible import assets_in, export_ansible
from inventory.taking_in.ansible_files import ini_hosts, yaml_hosts
from inventory.taking_in.rows import Mistake, Taken
from ops.errors import InvalidRequest

YAML = """
all:
  vars: {ansible_user: admin}
  hosts:
    mail.example.org: {ansible_host: 192.0.2.1, ansible_password: hunter2}
  children:
    web:
      hosts:
        www[01:03].example.org:
    prod:
      children:
        web:
"""
INI = """
# The same, as INI
mail.example.org ansible_host=192.0.2.1 ansible_password='hunter2'  # with a comment
[web]
www[01:03].example.org
[web:vars]
ansible_user=admin
[prod:children]
web
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "hosts"
    path.write_text(text, encoding="utf-8")
    return path


def taken(folder: Path, text: str) -> dict[str, Taken]:
    path = written(folder, text)
    hosts = ini_hosts(path) if text is INI or "[" in text.strip()[:1] else yaml_hosts(path)
    found = list(assets_in(hosts))
    assert all(isinstance(one, Taken) for one in found), [str(one) for one in found]
    return {one.fields["hostname"]: one for one in found if isinstance(one, Taken)}


@pytest.mark.parametrize("text", [YAML, INI])
def test_hosts_addresses_and_groups_are_taken_from_both_writings(tmp_path: Path, text: str) -> None:
    found = taken(tmp_path, text)
    assert {name: dict(one.fields) for name, one in found.items()} == {
        "mail": {"hostname": "mail", "fqdn": "mail.example.org", "address": "192.0.2.1"},
        **{
            f"www0{n}": {"hostname": f"www0{n}", "fqdn": f"www0{n}.example.org", "extra.groups": "prod web"}
            for n in (1, 2, 3)
        },
    }


@pytest.mark.parametrize("text", [YAML, INI])
def test_a_password_is_never_taken_and_its_name_is_said(tmp_path: Path, text: str) -> None:
    found = taken(tmp_path, text)
    assert found["mail"].notices == ("ansible_password is a secret and was not taken",)
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("pattern", "hosts"),
    [
        ("a[9:11]", ["a9", "a10", "a11"]),
        ("a[09:11:2]", ["a09", "a11"]),
        ("db-[a:c]", ["db-a", "db-b", "db-c"]),
        ("r[1:2]u[a:b]", ["r1ua", "r1ub", "r2ua", "r2ub"]),
        ("plain:2222", ["plain"]),
        ("web[1:2]:22", ["web1", "web2"]),
    ],
)
def test_ranges_and_ports_are_as_in_ansible(tmp_path: Path, pattern: str, hosts: list[str]) -> None:
    assert list(ini_hosts(written(tmp_path, f"[g]\n{pattern}\n")).variables) == hosts


@pytest.mark.parametrize("pattern", ["a[5:1]", "a[1:9999999]", "a[a:7]", "a[1:5:0]", "a[1:99999]b[1:99999]"])
def test_a_range_without_members_or_end_is_refused(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(InvalidRequest, match=r"is no range of hosts|more than 100,000 hosts"):
        ini_hosts(written(tmp_path, f"[g]\n{pattern}\n"))


def test_a_host_that_is_an_address_has_no_name(tmp_path: Path) -> None:
    (only,) = assets_in(ini_hosts(written(tmp_path, "[g]\n2001:db8::1\n")))
    assert isinstance(only, Taken)
    assert only.fields == {"address": "2001:db8::1", "extra.groups": "g"}


def test_what_can_be_no_host_is_a_mistake_with_its_line(tmp_path: Path) -> None:
    found = list(assets_in(ini_hosts(written(tmp_path, "[g]\ngood\nb@d\n"))))
    assert [str(one) for one in found if isinstance(one, Mistake)] == [
        "line 3: this is no host, found 'b@d', expected a host name or an address"
    ]


@pytest.mark.parametrize(
    "text", ["[a:children]\nb\n[b:children]\na\n[a]\nx\n", "[a:children]\na\n[a]\nx\n", "[b]\nx\n[c:children]\nb\nc\n"]
)
def test_a_group_inside_itself_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidRequest, match="is inside itself"):
        list(assets_in(ini_hosts(written(tmp_path, text))))


def test_a_group_reached_in_two_ways_is_no_circle(tmp_path: Path) -> None:
    text = "[a]\nx\n[b:children]\na\n[c:children]\na\n[top:children]\nb\nc\n"
    (only,) = assets_in(ini_hosts(written(tmp_path, text)))
    assert isinstance(only, Taken)
    assert only.fields["extra.groups"] == "a b c top"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("all:\n  hosts: [a, b]\n", "hosts line 2 column 3: a mapping should stand here"),
        ("all:\n  hots: {a: }\n", "hosts line 2 column 3: 'hots' cannot stand in a group"),
        ("all: x\n", "hosts line 1 column 1: a mapping should stand here"),
        ("all:\n  hosts:\n    a: {x: &y 1}\n", "anchors and aliases"),
        ("all:\n  hosts:\n    a: {ansible_password: !vault x}\n", "tags (!) are not allowed"),
    ],
)
def test_a_mistake_in_yaml_has_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        yaml_hosts(written(tmp_path, text))
    assert said in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[g]\nhost 'open\n", "hosts line 2: a quotation mark is open"),
        ("[g]\nhost word\n", "hosts line 2: 'word' is no variable"),
    ],
)
def test_a_mistake_in_ini_has_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        ini_hosts(written(tmp_path, text))
    assert str(caught.value) == said


def test_assets_are_exported_with_groups_by_kind_and_site(tmp_path: Path) -> None:
    found = export_ansible(
        [
            {
                "tag": "SRV-1",
                "fqdn": "srv1.example.org",
                "address": "192.0.2.5",
                "kind": "server",
                "site": "St. Gallen",
            },
            {"tag": "LAP-1", "notes": "never used"},
            {"tag": "SRV-2", "fqdn": "srv1.example.org"},
        ]
    )
    assert yaml.safe_load(found.text) == {
        "all": {
            "hosts": {
                "srv1.example.org": {
                    **{"asset_tag": "SRV-1", "asset_kind": "server", "asset_site": "St. Gallen"},
                    "ansible_host": "192.0.2.5",
                }
            },
            "children": {
                "kind_server": {"hosts": {"srv1.example.org": {}}},
                "site_st_gallen": {"hosts": {"srv1.example.org": {}}},
            },
        }
    }
    assert found.left_out == ("LAP-1: it has no host name", "SRV-2: srv1.example.org is there already")


@pytest.mark.parametrize("text", ["{{ lookup('pipe', 'id') }}", "{% if x %}", "{# x #}"])
def test_what_ansible_would_evaluate_is_not_exported_and_that_is_said(text: str) -> None:
    found = export_ansible([{"tag": "SRV-1", "hostname": "srv1", "model": text}])
    assert text not in found.text
    assert "srv1" in found.text
    assert found.left_out == ("SRV-1: asset_model holds what Ansible would evaluate",)


NAME = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]", fullmatch=True)
WORD = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 .:#'\"yesno-]{0,10}[A-Za-z0-9]", fullmatch=True)
ASSET = st.fixed_dictionaries(
    {"hostname": NAME, "tag": WORD},
    optional={
        "address": st.ip_addresses().map(str),
        "kind": st.sampled_from(["server", "switch", "laptop"]),
        "site": WORD,
        "model": WORD,
    },
)


@given(st.lists(ASSET, max_size=6, unique_by=lambda one: one["hostname"]))
def test_what_was_exported_is_taken_in_again(
    tmp_path_factory: pytest.TempPathFactory, assets: list[dict[str, str]]
) -> None:
    exported = export_ansible(assets)
    path = written(tmp_path_factory.mktemp("out"), exported.text)
    found = [one.fields for one in assets_in(yaml_hosts(path)) if isinstance(one, Taken)]
    own = [{name: text for name, text in one.items() if not name.startswith("extra.")} for one in found]
    assert own == [dict(sorted(asset.items())) for asset in assets]
    assert exported.left_out == ()
