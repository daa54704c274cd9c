"""Runs, undos and other people's edits in any order: an undo puts back what its run did, and no work of others."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ops.adapters.directory_entry import Entry
from ops.errors import Conflict, OpsError, Refused
from tests.company import company, person

PEOPLE = ("amy", "bob")
GROUPS = ("role-sales", "vpn")
who = st.sampled_from(PEOPLE)
State = tuple[str, dict[str, tuple[str, ...]], frozenset[str]]


def state(entry: Entry) -> State:
    """What an undo must put back, and nobody may lose."""
    kept = {name: values for name, values in entry.attributes.items() if values}
    return entry.dn, kept, entry.groups


class Office(RuleBasedStateMachine):
    """One operator's runs, undone or not, between the edits of a third person."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.office = company(Path(self._folder.name), *(person(name, 2000 + n) for n, name in enumerate(PEOPLE)))
        self.runs: list[tuple[str, str, State, State]] = []  # run, whose, as it was before, as it was after
        self.number = 0

    def teardown(self) -> None:
        self._folder.cleanup()

    def now(self, name: str) -> State:
        return state(self.office.directory.get(f"guid:{name}"))

    def do(self, operation: str, name: str, **arguments: Any) -> None:
        """Run one operation; what is refused leaves all as it was."""
        before = self.now(name)
        self.number += 1
        try:
            plan = self.office.one(operation, account=name, **arguments)
        except OpsError:
            assert self.now(name) == before
            return
        if plan.items:
            self.office.do(plan, f"r{self.number}")
            self.runs.append((f"r{self.number}", name, before, self.now(name)))

    @rule(name=who, day=st.sampled_from([None, date(2031, 1, 1), date(2032, 2, 2)]))
    def expire(self, name: str, day: date | None) -> None:
        self.do("account.expire", name, day=day)

    @rule(name=who)
    def disable(self, name: str) -> None:
        self.do("account.disable", name)

    @rule(name=who)
    def enable(self, name: str) -> None:
        self.do("account.enable", name)

    @rule(name=who, place=st.sampled_from(["staff", "leavers"]))
    def relocate(self, name: str, place: str) -> None:
        self.do("account.relocate", name, place=place)

    @rule(name=who, family=st.sampled_from(["Ng", "Núñez"]))
    def rename(self, name: str, family: str) -> None:
        self.do("account.rename", name, given=name.title(), family=family)

    @rule(name=who, group=st.sampled_from(GROUPS))
    def join(self, name: str, group: str) -> None:
        self.do("group.add_member", name, groups=(group,))

    @rule(name=who, group=st.sampled_from(GROUPS))
    def leave(self, name: str, group: str) -> None:
        self.do("group.remove_member", name, groups=(group,))

    @rule(name=who, title=st.sampled_from(["Head", "Deputy"]))
    def somebody_else_writes(self, name: str, title: str) -> None:
        entry = self.office.directory.get(f"guid:{name}")
        if entry.get("title") != (title,):
            self.office.directory.swap(entry.ref, "title", entry.get("title"), (title,))

    @rule(name=who, group=st.sampled_from(GROUPS))
    def somebody_else_fills_a_group(self, name: str, group: str) -> None:
        ref = f"guid:{name}"
        there = f"guid:{group}" in self.office.directory.get(ref).groups
        self.office.directory.link(f"guid:{group}", ref, there, not there)

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        run, name, before, after = data.draw(st.sampled_from(self.runs))
        now = self.now(name)
        try:
            self.office.undo(run)
        except (Conflict, Refused):  # as a whole: nothing was touched
            assert self.now(name) == now
            return
        self.runs = [one for one in self.runs if one[0] != run]
        assert self.now(name) == expected(before, after, now)

    @invariant()
    def everybody_is_there(self) -> None:
        assert all(self.office.directory.get(f"guid:{name}") for name in PEOPLE)


def expected(before: State, after: State, now: State) -> State:
    """Now, but for what the run had changed: that is as before. What others changed since stays."""
    attributes = dict(now[1])
    for name in before[1].keys() | after[1].keys():
        if before[1].get(name) != after[1].get(name):
            attributes.pop(name, None)
            if name in before[1]:
                attributes[name] = before[1][name]
    groups = (now[2] - (after[2] - before[2])) | (before[2] - after[2])
    return before[0] if before[0] != after[0] else now[0], attributes, groups


Office.TestCase.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)
TestAnyOrder = Office.TestCase
