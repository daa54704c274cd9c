"""The two ways of writing an Ansible inventory down. Group variables are passed over: they say nothing of a machine."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from inventory.taking_in.ansible_hosts import Hosts
from inventory.taking_in.rows import shown
from ops.errors import InvalidRequest
from ops.strictyaml import LARGEST, Document
from ops.strictyaml import Path as Place

SECTION = re.compile(r"\[([^\[\]:]+)(?::(children|vars|hosts))?\]\s*(?:[#;].*)?")
GROUP_KEYS = ("hosts", "children", "vars")


def yaml_hosts(path: Path) -> Hosts:
    """Read the YAML form: groups with ``hosts``, ``children`` and ``vars``, all of them mappings."""
    from ops import strictyaml

    read = strictyaml.document(_text(path), path.name)
    hosts = Hosts(path.name)
    for group, body in _mapping(read, (), read.value or {}).items():
        _group(hosts, read, (group,), body)
    return hosts


def _group(hosts: Hosts, read: Document, place: Place, body: object) -> None:
    group = str(place[-1])
    for key, value in _mapping(read, place, body).items():
        here = (*place, key)
        if key not in GROUP_KEYS:
            raise read.mistake(here, f"{shown(key)} cannot stand in a group", "hosts, children or vars")
        if key == "hosts":
            for host, variables in _mapping(read, here, value).items():
                _host(hosts, read, (*here, host), variables)
        elif key == "children":
            for child, inside in _mapping(read, here, value).items():
                hosts.children.setdefault(group, []).append(child)
                _group(hosts, read, (*here, child), inside)


def _host(hosts: Hosts, read: Document, place: Place, body: object) -> None:
    group, pattern = str(place[-3]), str(place[-1])
    line = read.marks[place][0]
    variables = {name: text for name, text in _mapping(read, place, body).items() if isinstance(text, str)}
    hosts.add(group, pattern, variables, line)


def _mapping(read: Document, place: Place, value: object) -> Mapping[str, object]:
    if value in ("", None):
        return {}
    if not isinstance(value, dict):
        raise read.mistake(place, "a mapping should stand here", "write name: below it, one a line")
    return value


def ini_hosts(path: Path) -> Hosts:
    """Read the INI form: hosts with variables in one line each, ``[group]`` and ``[group:children]``."""
    hosts = Hosts(path.name)
    group, kind = "ungrouped", "hosts"
    for number, line in enumerate(_text(path).splitlines(), 1):
        text = line.strip()
        if not text or text[0] in "#;":
            continue
        if text[0] == "[" and (match := SECTION.fullmatch(text)):
            group, kind = match[1].strip(), match[2] or "hosts"
        elif kind == "children":
            hosts.children.setdefault(group, []).append(text.partition("#")[0].strip())
        elif kind == "hosts":
            pattern, variables = _ini_host(text, path.name, number)
            hosts.add(group, pattern, variables, number)
    return hosts


def _ini_host(text: str, source: str, number: int) -> tuple[str, Mapping[str, str]]:
    try:
        words = shlex.split(text, comments=True)
    except ValueError as error:
        raise InvalidRequest(f"{source} line {number}: a quotation mark is open", hint="close it") from error
    variables = {}
    for word in words[1:]:
        name, equals, value = word.partition("=")
        if not equals or not name.isidentifier():
            raise InvalidRequest(f"{source} line {number}: {shown(word)} is no variable", hint="write name=value")
        variables[name] = value
    return _without_port(words[0]), variables


def _without_port(pattern: str) -> str:
    """``host:2222`` without its port; the colons of a range or an IPv6 address are something else."""
    host, colon, port = pattern.rpartition(":")
    return host if colon and port.isdecimal() and ":" not in re.sub(r"\[[^\]]*\]", "", host) else pattern


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise InvalidRequest(f"{path.name} is larger than 1 MiB", hint="split it")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path.name} cannot be read as UTF-8", hint="check its name, rights, encoding") from error
