"""Reading a workspace: ``ops.toml`` and the inventory in Nornir's SimpleInventory form, both checked strictly.

Settings come from, first wins: an option, ``OPS_…`` in the environment, the workspace's ``ops.toml``, the
user's own, the machine's. Hosts inherit from groups and defaults as Nornir does it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from inventory.model import CLASSES, Environment, Origin, Target, Workspace
from ops.errors import InvalidRequest, NotFound

FILE = "ops.toml"
SCHEMA = 1
DEFAULTS = {
    "state": "state",
    "name_pattern": "{given}.{family}",
    "mail_domain": "",
    "first_uid": "",
    "second_sink": "",
    "most_leavers": "10",
    "frameworks": "",
    "level": "",
    "it_lead": "",
    "register": "",
    **dict.fromkeys(("smtp", "smtp_account", "smtp_credential", "smtp_ca_file", "mail_from", "mail_to"), ""),
    **dict.fromkeys(("backup_ping", "backup_ping_ca_file"), ""),
}
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "environment": ("class", "name", "anchors", "lab"),
    "approve": ("reversible", "irreversible"),
    "require": ("ticket", "reason"),
    "settings": tuple(DEFAULTS),
}


def find(start: Path, named: str = "") -> Path:
    """The workspace folder: the one named, else the nearest with an ``ops.toml`` from here upwards."""
    if named:
        folder = Path(named).expanduser()
        if _there(folder / FILE):
            return folder.resolve()
        raise NotFound(f"{folder} is not a workspace: it has no {FILE}", hint="ops init makes one; ops lab up too")
    for folder in (start.resolve(), *start.resolve().parents):
        if _there(folder / FILE):
            return folder
    raise NotFound(
        "there is no workspace here",
        hint="to practise: ops lab up; for your own network: ops init; for lists, reviews or backups alone: "
        "ops init --evidence-only",
    )


def _there(path: Path) -> bool:
    """Whether there is such a file; a folder we may not enter has none for us."""
    try:
        return path.is_file()
    except OSError:
        return False


def load(folder: Path) -> Workspace:
    """Read and check a whole workspace; every mistake is named with its file and place."""
    raw = _toml(folder / FILE)
    environment = _environment(raw, folder / FILE)
    settings, origins = _settings(raw, folder / FILE)
    return Workspace(folder, environment, _targets(folder / "inventory"), settings, origins)


def _toml(path: Path) -> dict[str, Any]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidRequest(
            f"{path}: {error}", hint="correct that line; ops help workspace shows a whole one"
        ) from error
    for section, values in raw.items():
        if section == "schema":
            if values != SCHEMA:
                hint = "install the version of ops it was made for"
                raise InvalidRequest(f"{path}: schema {values} is not {SCHEMA}, the one this version reads", hint=hint)
            continue
        _known(section, SECTIONS, f"{path}")
        if not isinstance(values, dict):
            raise InvalidRequest(f"{path}: {section} must be a section, [{section}]")
        for name in values:
            _known(name, SECTIONS[section], f"{path} [{section}]")
    return raw


def _known(name: str, known: Any, where: str) -> None:
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
        raise InvalidRequest(f"{where}: nothing is called {name}", hint=hint)


def _environment(raw: Mapping[str, Any], path: Path) -> Environment:
    section = raw.get("environment", {})
    kind = str(section.get("class", "PRODUCTION")).upper()
    if kind not in CLASSES:
        raise InvalidRequest(f"{path} [environment]: class is one of {', '.join(CLASSES)}, not {kind}")
    anchors = section.get("anchors", [])
    if not isinstance(anchors, list):
        raise InvalidRequest(f'{path} [environment]: anchors is a list, such as ["sha256:…"]')
    return Environment(
        kind,
        str(section.get("name", "")),
        tuple(map(str, anchors)),
        str(section.get("lab", "")),
        {key: str(value) for key, value in raw.get("approve", {}).items()},
        {key: bool(value) for key, value in raw.get("require", {}).items()},
    )


def _settings(raw: Mapping[str, Any], path: Path) -> tuple[dict[str, str], tuple[Origin, ...]]:
    import platformdirs

    user = Path(platformdirs.user_config_dir("journeyman")) / FILE
    machine = Path("/etc/journeyman") / FILE
    layers: list[tuple[str, Mapping[str, Any]]] = [(str(path), raw.get("settings", {}))]
    layers += [(str(file), _toml(file).get("settings", {})) for file in (user, machine) if file.is_file()]
    origins = []
    for name, default in DEFAULTS.items():
        variable = f"OPS_{name.upper()}"
        where, value = next(((s, v[name]) for s, v in layers if name in v), ("default", default))
        if variable in os.environ:
            where, value = variable, os.environ[variable]
        origins.append(Origin(name, str(value), where))
    return {origin.name: origin.value for origin in origins}, tuple(origins)


def _targets(folder: Path) -> dict[str, Target]:
    hosts = _nornir(folder)
    return {name: _target(name, host, folder / "hosts.yaml") for name, host in hosts.items()}


def _nornir(folder: Path) -> Mapping[str, Any]:
    """Hosts with what they inherit resolved by Nornir."""
    from nornir.core.inventory import Defaults, Group, Groups, Host, ParentGroups

    from inventory.schema import defaults_file, groups_file, hosts_file

    groups = Groups()
    group_parts = groups_file(folder / "groups.yaml")
    defaults = Defaults(**defaults_file(folder / "defaults.yaml"))
    for name, (fields, _) in group_parts.items():
        groups[name] = Group(name=name, defaults=defaults, **fields)
    for name, (_, parents) in group_parts.items():
        groups[name].groups = ParentGroups(_parents(name, parents, groups, folder))
    hosts = {}
    for name, (fields, parents) in hosts_file(folder / "hosts.yaml").items():
        of = ParentGroups(_parents(name, parents, groups, folder))
        hosts[name] = Host(name=name, groups=of, defaults=defaults, **fields)
    return hosts


def _parents(name: str, parents: list[str], groups: Mapping[str, Any], folder: Path) -> list[Any]:
    for parent in parents:
        if parent not in groups:
            raise InvalidRequest(f"{folder}: {name} is in the group {parent}, which groups.yaml does not have")
    return [groups[parent] for parent in parents]


def _target(name: str, host: Any, path: Path) -> Target:
    from inventory.schema import check_settings

    kind = str(host.get("kind") or "")
    if not kind:
        raise InvalidRequest(
            f"{path}: {name} has no kind", hint="write kind: directory below data, or put it in a group"
        )
    keys = (
        "base",
        "ca_file",
        "places",
        "connect_to",
        "accounts_for",
        "homes",
        "archive",
        "handed_over",
        "mailboxes",
        "quota",
        "sign_in_log",
        "ticket_hours",
    )
    settings = {key: host.get(key) for key in keys if host.get(key) is not None}
    check_settings(name, kind, settings, path)
    credential = str(host.get("credential") or "prompt")
    groups = tuple(_above(host))
    return Target(name, kind, host.hostname or name, host.port or 0, host.username or "", credential, settings, groups)


def _above(host: Any) -> list[str]:
    """The names of all groups a host is in, nearest first."""
    found: dict[str, None] = {}
    for group in host.groups:
        found |= dict.fromkeys((group.name, *_above(group)))
    return list(found)
