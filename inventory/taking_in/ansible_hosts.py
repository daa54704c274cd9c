"""The hosts and groups of an Ansible inventory, however it is written down."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from inventory.taking_in.rows import shown
from ops.errors import InvalidRequest

MOST_HOSTS = 100_000
RANGE = re.compile(r"\[(\w+):(\w+)(?::(\d+))?\]")


@dataclass
class Hosts:
    """What an inventory says: hosts with their variables, and groups with hosts and groups in them."""

    source: str
    variables: dict[str, dict[str, str]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)

    def add(self, group: str, pattern: str, variables: Mapping[str, str], line: int) -> None:
        """Add the hosts of a pattern such as ``web[01:20].example.org`` to a group."""
        for host in expanded(pattern, self.source, line):
            self.variables.setdefault(host, {}).update(variables)
            self.lines.setdefault(host, line)
            self.members.setdefault(group, []).append(host)
            if len(self.variables) > MOST_HOSTS:
                raise InvalidRequest(f"{self.source} has more than {MOST_HOSTS:,} hosts", hint="split it")

    def groups_of(self) -> Mapping[str, list[str]]:
        """Host → the groups it is in, those above them included. Raise ``InvalidRequest`` for a circle of groups."""
        above: dict[str, list[str]] = {}
        for parent, children in self.children.items():
            for child in children:
                above.setdefault(child, []).append(parent)
        found: dict[str, set[str]] = {host: set() for host in self.variables}
        for group, hosts in self.members.items():
            upward = _upward(group, above, self.source)
            for host in hosts:
                found[host] |= upward
        return {host: sorted(groups - {"all", "ungrouped"}) for host, groups in found.items()}


def _upward(group: str, above: Mapping[str, list[str]], source: str) -> set[str]:
    seen: set[str] = set()
    waiting: list[tuple[str, tuple[str, ...]]] = [(group, ())]
    while waiting:
        name, path = waiting.pop()
        if name in path:
            raise InvalidRequest(
                f"{source}: the group {shown(name)} is inside itself", hint="take it out of one of them"
            )
        if name not in seen:
            seen.add(name)
            waiting += [(parent, (*path, name)) for parent in above.get(name, ())]
    return seen


def expanded(pattern: str, source: str, line: int) -> Iterator[str]:
    """The hosts of a pattern; ``[01:20]``, ``[a:f]`` and a step are as in Ansible.

    Raise ``InvalidRequest`` for a range that has no members, or too many.
    """
    match = RANGE.search(pattern)
    if not match:
        yield pattern
        return
    for member in _members(match, source, line):
        yield from expanded(pattern[: match.start()] + member + pattern[match.end() :], source, line)


def _members(match: re.Match[str], source: str, line: int) -> list[str]:
    first, last, step = match[1], match[2], int(match[3] or 1)
    if first.isdecimal() and last.isdecimal() and len(last) <= 6 and step:
        numbers = range(int(first), int(last) + 1, step)
        found = [str(one).zfill(len(first)) for one in numbers] if len(numbers) <= MOST_HOSTS else []
    else:
        ends = len(first) == len(last) == 1 and first.isalpha() and last.isalpha() and step
        found = [chr(one) for one in range(ord(first), ord(last) + 1, step)] if ends else []
    if not found:
        raise InvalidRequest(f"{source} line {line}: {match[0]} is no range of hosts", hint="such as [01:20] or [a:f]")
    return found
