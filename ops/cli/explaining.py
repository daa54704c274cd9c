"""Explaining a command from its own code: the docstring, the guards and the kinds of change it can yield."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ops.cli.root import own_playbooks
from ops.cli.tree import Tree
from ops.errors import NotFound
from ops.operation import Operation, load_operation, names, spelled, summary
from ops.playbook_file import parse

SWAP = "LDAP modify: delete the value that was read, add the new one; refused if somebody changed it in between"
SENDS = {
    "Account": "LDAP add: the whole entry in one request; the server refuses it if the name is taken",
    "Attribute": SWAP,
    "attribute_changes": SWAP,
    "Membership": "LDAP modify of the group: add or delete this one member",
    "Password": "LDAP modify: unicodePwd replaced and pwdLastSet swapped in one request: both happen or neither",
    "Place": "LDAP modify DN: the identity (objectGUID) and the groups stay; the place is read again just before",
    "Scramble": "LDAP modify, twice: a random password, then another; pwdLastSet is compared in the first",
    "Login": "SSH: one useradd, usermod or userdel, after the login was read again",
    "Keys": "SSH: the file of keys, written aside and renamed, or removed, with the rights of the login itself",
    "Jobs": "SSH: crontab",
    "Queued": "SSH: atrm, for each job that atq lists for the login",
    "Linger": "SSH: the flag of systemd-logind is set or removed (install, rm)",
    "Connections": "SSH: ss -K on the controller, for each that its log says is theirs, until ss finds none",
    "Processes": "SSH: pkill -KILL, until ps finds none",
    "Folder": "SSH: made aside (install, chown, setfacl) and renamed in; all above it must be root's alone",
    "Quota": "SSH: btrfs qgroup limit, where the file system has quota groups",
    "Archive": "SSH: tar with owners and access lists, compared, one file taken out again, then renamed in",
    "Leaver": "a private page in the leavers' book; nothing is sent",
    "Job": "a private page on the schedule; nothing is sent",
    "Letter": "a private file in the hand-over folder; nothing is sent",
    "Withdrawal": "a private file is deleted; nothing is sent",
    "Backup": "restic or borg: one more backup, then its manifest beside it; both are read back, nothing is removed",
    "Delivery": "a private file in the hand-over folder; nothing is sent",
}
CHECKS = {
    "Ordinary": "guard: not your own account, nobody protected, no service or computer account (read from tokenGroups)",
    "Joinable": "guard: the group, and every group it lies in, gives no power over the domain",
    "Personal": "guard: not your own login, and none of the host's own (number below 1000)",
    "Free": "check: nobody else has this value; the server would not notice",
    "AllThere": "check: every path of the job is there, may be read, and can be taken by its tool",
}
PROMISE = (
    "Before any of it, what is going to be done is on your disk; after each change it is read back; at the end "
    "everything is planned again and must find nothing to do."
)
WIRES = {"LDAP": "LDAP goes over TLS with the certificate checked.", "SSH": "SSH checks the key of the host."}


def explain_lines(words: Sequence[str]) -> Iterator[str]:
    """The explanation of one command."""
    noun, verb = (*[word for word in words if not word.startswith("-")], "", "")[:2]
    name = f"{noun}.{verb.replace('-', '_')}"
    books = Tree(own_playbooks(sys.argv[1:])).playbooks
    if f"{noun}/{verb.replace('-', '_')}" in books:
        told = [*_playbook(noun, verb, books[f"{noun}/{verb.replace('-', '_')}"])]
    elif name in names("operations"):
        told = [*_operation(load_operation(name))]
    else:
        asked = " ".join(words)
        raise NotFound(f"{asked} changes nothing on a server", hint=f"ops {asked} --help; or: ops explain user onboard")
    yield from told
    sent = [said for wire, said in WIRES.items() if any(line.strip().startswith(wire) for line in told)]
    yield ""
    yield " ".join([PROMISE, *sent])


def _playbook(noun: str, verb: str, path: Path) -> Iterator[str]:
    book = parse(path, f"{noun}/{verb.replace('-', '_')}")
    yield f"{spelled(book.name)}: {book.title}"
    for choice in book.chooses:
        yield f"  first it looks up {choice.name} ({choice.look}); what is found becomes part of the plan"
    for part in book.parts:
        after = f" after {', '.join(part.needs)}" if part.needs else ""
        yield ""
        yield f"{part.id}{after}"
        yield from _operation(load_operation(part.do))
    for look in book.afterwards:
        yield ""
        yield "afterwards"
        yield f"  {look.audit}: {summary('audits', look.audit)}"


def _operation(operation: Operation) -> Iterator[str]:
    yield f"  {operation.name}: {operation.summary}"
    for name in _used(operation):
        if name in CHECKS:
            yield f"    {CHECKS[name]}"
        if name in SENDS:
            yield f"    {SENDS[name]}"


def _used(operation: Operation) -> list[str]:
    """The changes and guards a plan function names, in the order they stand in its code."""
    tree = ast.parse(inspect.getsource(inspect.getmodule(operation.function) or operation.function))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    ordered = sorted(calls, key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(n.func.id for n in ordered if isinstance(n.func, ast.Name)))
