"""One suite for the directory in memory and for the real server: what makes the picture of the future trustworthy."""

from __future__ import annotations

import itertools
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from ops.adapters.directory import Account
from ops.adapters.directory_entry import ASSIGNED, Entry
from ops.adapters.directory_names import child
from ops.errors import Conflict
from ops.secret import Secret
from tests.company import PLACES, directory

NUMBERS = itertools.count(1)
PASSWORD = Secret("Correct-Horse-77-Battery")
PREFIX = f"c{secrets.token_hex(3)}."
FAMILY = f"Contract {PREFIX}"


@dataclass
class Office:
    """A directory to write to, with two role groups, and a way to make people in it."""

    to: Any
    groups: tuple[str, str]
    staff: str
    domain: str = "lab.example"

    def starter(self, given: str = "Sam") -> Entry:
        number = next(NUMBERS)
        logon = f"{PREFIX}{number}"
        dn = child(f"{given} {FAMILY} ({logon})", self.staff)
        attributes = {
            "sAMAccountName": (logon,),
            "userPrincipalName": (f"{logon}@{self.domain}",),
            "displayName": (f"{given} {FAMILY}",),
            "employeeID": (f"C{number}",),
            "userAccountControl": ("514",),
        }
        Account(f"new:{dn}", None, attributes, dn).apply(self.to)
        return self.to.account(logon)


BOTH = ["memory", pytest.param("samba", marks=pytest.mark.lab)]


@pytest.fixture(params=["given"] if os.environ.get("CONFORMANCE") else BOTH)
def place(request: pytest.FixtureRequest) -> Iterator[Office]:
    """The same office twice; or, for script/conformance, the one directory that was given."""
    if request.param == "memory":
        yield Office(directory(), ("role-sales", "vpn"), PLACES["staff"])
        return
    real = request.getfixturevalue(request.param)
    groups = ("conformance-1", "conformance-2") if request.param == "given" else ("role-sales", "role-legal")
    yield Office(real, groups, real.domain.places["staff"], real.domain.name)


def test_a_new_entry_is_found_by_reference_name_and_place(place: Office) -> None:
    entry = place.starter()
    assert entry.ref.startswith("guid:")
    assert place.to.get(entry.ref) == place.to.account(entry.logon_name) == place.to.get(f"new:{entry.dn}") == entry


def test_a_new_entry_is_disabled_has_no_password_and_is_in_no_group(place: Office) -> None:
    entry = place.starter()
    assert (entry.enabled, entry.must_change_password, entry.groups) == (False, True, frozenset())
    assert (entry.kind, entry.expires, entry.first("primaryGroupID")) == ("user", None, "513")


@pytest.mark.parametrize(
    "name",
    [
        "O'Neil",
        "Ng, Amy",
        'Ann "A+" <b>',
        "佐藤",
        "فاطمة",
        "#1 = *(x)",
        "a\\b;c",
        "Zoë " * 3 + "x",
        "x=y,OU=z+*)(|(|'`$<",
    ],
)
def test_a_name_with_special_characters_is_written_and_found_as_it_is(place: Office, name: str) -> None:
    entry = place.starter(name)
    assert entry.name == f"{name} {FAMILY}"
    assert [found.ref for found in place.to.find("displayName", f"{name} {FAMILY}")] == [entry.ref]
    assert place.to.get(f"new:{entry.dn}").ref == entry.ref


def test_a_taken_logon_name_is_refused(place: Office) -> None:
    entry = place.starter()
    dn = child("Another", place.staff)
    with pytest.raises(Conflict):
        Account(f"new:{dn}", None, {"sAMAccountName": (entry.logon_name,)}, dn).apply(place.to)
    assert place.to.get(f"new:{dn}") is None


def test_a_swap_needs_the_right_value_before(place: Office) -> None:
    entry = place.starter()
    with pytest.raises(Conflict):
        place.to.swap(entry.ref, "displayName", ("Somebody",), ("Else",))
    place.to.swap(entry.ref, "displayName", entry.get("displayName"), ("Else",))
    assert place.to.get(entry.ref).get("displayName") == ("Else",)
    place.to.swap(entry.ref, "displayName", ("Else",), ())
    assert place.to.get(entry.ref).get("displayName") == ()


def test_a_member_joins_once_and_leaves_once(place: Office) -> None:
    entry, group = place.starter(), place.to.group(place.groups[0])
    place.to.link(group.ref, entry.ref, False, True)
    with pytest.raises(Conflict):
        place.to.link(group.ref, entry.ref, False, True)
    assert place.to.get(entry.ref).groups == {group.ref}
    place.to.link(group.ref, entry.ref, True, False)
    with pytest.raises(Conflict):
        place.to.link(group.ref, entry.ref, True, False)


def test_a_move_keeps_the_reference_and_the_groups(place: Office) -> None:
    entry, group = place.starter(), place.to.group(place.groups[0])
    place.to.link(group.ref, entry.ref, False, True)
    after = entry.dn.replace("OU=Staff", "OU=Leavers")
    place.to.move(entry.ref, entry.dn, after)
    assert (place.to.get(entry.ref).dn, place.to.get(entry.ref).groups) == (after, {group.ref})
    with pytest.raises(Conflict):
        place.to.move(entry.ref, entry.dn, after)


def test_a_password_is_set_once_for_what_was_read_and_proved_by_signing_in(place: Office) -> None:
    entry = place.starter()
    place.to.set_password(entry.ref, entry.get("pwdLastSet"), PASSWORD, must_change=False)
    assert place.to.accepts(entry.ref, PASSWORD)
    assert not place.to.accepts(entry.ref, Secret("Something-Else-99"))
    with pytest.raises(Conflict):
        place.to.set_password(entry.ref, entry.get("pwdLastSet"), PASSWORD, must_change=False)


def test_an_entry_somebody_touched_is_not_deleted(place: Office) -> None:
    entry = place.starter()
    place.to.swap(entry.ref, "displayName", entry.get("displayName"), ("Touched",))
    with pytest.raises(Conflict):
        place.to.remove(entry.ref, entry.state)
    place.to.remove(entry.ref, place.to.get(entry.ref).state)
    assert place.to.get(entry.ref) is None


def test_an_entry_somebody_put_into_a_group_is_not_deleted(place: Office) -> None:
    entry, group = place.starter(), place.to.group(place.groups[0])
    place.to.link(group.ref, entry.ref, False, True)
    with pytest.raises(Conflict):
        place.to.remove(entry.ref, entry.state)


def test_changes_sent_together_each_get_their_own_answer(place: Office) -> None:
    from ops.adapters.directory import Attribute, Membership

    entry, group = place.starter(), place.to.group(place.groups[0])
    changes = [
        Attribute(entry.ref, (), ("Assistant",), "title"),
        Attribute(entry.ref, ("Nothing",), ("Something",), "department"),
        Membership(entry.ref, False, True, group.ref, group.logon_name),
    ]
    said = place.to.apply_all(changes)
    assert [type(error).__name__ for error in said] == ["NoneType", "Conflict", "NoneType"]
    assert place.to.get(entry.ref).get("title") == ("Assistant",)


def test_the_picture_over_it_foretells_what_it_will_be(place: Office) -> None:
    entry, group = place.starter(), place.to.group(place.groups[0])
    picture, after = place.to.projection(), entry.dn.replace("OU=Staff", "OU=Leavers")
    for target in (picture, place.to):
        target.swap(entry.ref, "description", (), ("left",))
        target.link(group.ref, entry.ref, False, True)
        target.set_password(entry.ref, ("0",), PASSWORD, must_change=True)
        target.move(entry.ref, entry.dn, after)
    assert picture.get(entry.ref) == place.to.get(entry.ref)
    assert picture.about(entry.ref) == place.to.about(entry.ref)


def test_a_picture_foretells_a_new_entry_but_for_what_the_server_assigns(place: Office) -> None:
    real = place.starter()
    picture = place.to.projection()
    given = {name: real.get(name) for name in ("displayName", "userAccountControl")}
    dn = child("Foretold", place.staff)
    picture.add(f"new:{dn}", dn, given | {"sAMAccountName": ("foretold",)})
    foretold = picture.account("foretold")
    for name in ("pwdLastSet", "primaryGroupID", "accountExpires", "objectClass", "userAccountControl"):
        assert foretold.get(name) == real.get(name), name
    assert ASSIGNED not in foretold.attributes.values()


def test_a_picture_never_writes(place: Office) -> None:
    entry, group = place.starter(), place.to.group(place.groups[0])
    picture = place.to.projection()
    picture.swap(entry.ref, "displayName", entry.get("displayName"), ("Painted",))
    picture.link(group.ref, entry.ref, False, True)
    picture.remove(entry.ref, picture.get(entry.ref).state)
    assert place.to.get(entry.ref) == entry
