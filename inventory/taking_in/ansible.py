"""Ansible's inventories, YAML and INI: hosts with their addresses and groups in, our assets out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from inventory.taking_in import identifiers
from inventory.taking_in.ansible_hosts import Hosts
from inventory.taking_in.headers import FIELDS
from inventory.taking_in.rows import Mistake, Row, Taken
from inventory.taking_in.values import Reading, taken

SECRET = re.compile(r"pass(word)?$|_pass_|secret|token|private_key(?!_file)", re.I)
OURS = "asset_"  # before the names of our fields among a host's variables
SAID = ("tag", "kind", "maker", "model", "serial", "uuid", "site", "location", "state")  # what is told to Ansible
TEMPLATE = re.compile(r"\{[{%#]")  # Ansible would evaluate it
GROUP_NAME = re.compile(r"[^A-Za-z0-9_]+")


def assets_in(hosts: Hosts) -> Iterator[Taken | Mistake]:
    """Every host as an asset: names, address, groups as ``extra.groups``, and our own fields if we exported it.

    Passwords are never taken.
    """
    groups = hosts.groups_of()
    for host, variables in hosts.variables.items():
        yield from _asset(host, variables, groups[host], hosts.lines[host])


def _asset(host: str, variables: Mapping[str, str], groups: Iterable[str], line: int) -> Iterator[Taken | Mistake]:
    notices = [f"{name} is a secret and was not taken" for name in variables if SECRET.search(name)]
    fields = {name.removeprefix(OURS): text for name, text in variables.items() if name.startswith(OURS)}
    raw = {name: text for name, text in fields.items() if name in FIELDS and text}
    raw |= {"extra.groups": " ".join(groups)}
    for name in (variables.get("ansible_host", ""), host):
        raw |= _named(name)
    if not {"hostname", "address"} & set(raw):
        yield Mistake(line, "this is no host", host, expected="a host name or an address")
        return
    found = taken(Row(line, raw), Reading({name: name for name in raw}))
    yield from found if isinstance(found, tuple) else (Taken(line, found.fields, (*notices, *found.notices)),)


def _named(name: str) -> Mapping[str, str]:
    """What a host's name or ``ansible_host`` says: an address, a short name or a full one."""
    try:
        return {"address": identifiers.address_of(name)}
    except ValueError:
        pass
    try:
        host, full = identifiers.host_of(name)
    except ValueError:
        return {}
    return {"hostname": host, "fqdn": full} if full else {"hostname": host}


@dataclass(frozen=True)
class Exported:
    """An inventory for Ansible, and one line for each asset or value that is not in it."""

    text: str
    left_out: tuple[str, ...]


def export_ansible(assets: Iterable[Mapping[str, str]]) -> Exported:
    """Assets as an Ansible inventory in YAML, grouped by kind and site.

    Only fields without free text are told, and no value that Ansible would evaluate as a template. An asset without
    a name or address is left out, and so is the second of a name.
    """
    from ops import strictyaml

    hosts: dict[str, dict[str, str]] = {}
    groups: dict[str, dict[str, dict[str, dict[str, str]]]] = {}
    left_out: list[str] = []
    for asset in assets:
        called = asset.get("tag") or asset.get("serial") or "an asset"
        name = asset.get("fqdn") or asset.get("hostname") or asset.get("address") or ""
        if not name or name in hosts or TEMPLATE.search(name):
            left_out.append(f"{called}: {f'{name} is there already' if name in hosts else 'it has no host name'}")
            continue
        hosts[name] = _variables(asset, called, left_out)
        for group in _groups(asset):
            groups.setdefault(group, {"hosts": {}})["hosts"][name] = {}
    tree = {"all": {"hosts": hosts, "children": dict(sorted(groups.items()))}}
    return Exported(strictyaml.dump(tree), tuple(left_out))


def _variables(asset: Mapping[str, str], called: str, left_out: list[str]) -> dict[str, str]:
    found = {OURS + name: asset[name] for name in SAID if asset.get(name)}
    if asset.get("address"):
        found["ansible_host"] = asset["address"]
    for name in [name for name, text in found.items() if TEMPLATE.search(text)]:
        left_out.append(f"{called}: {name} holds what Ansible would evaluate")
        del found[name]
    return found


def _groups(asset: Mapping[str, str]) -> Iterator[str]:
    for name in ("kind", "site"):
        if plain := GROUP_NAME.sub("_", asset.get(name, "")).strip("_").lower():
            yield f"{name}_{plain}"
