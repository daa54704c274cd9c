"""An asset takes the steps its life has, and what cannot be gets one clear line."""

from __future__ import annotations

from itertools import product

import pytest

from inventory.register.states import EDGES, STATES, step
from ops.adapters.register_projection import ProjectedRegister
from ops.adapters.register_store import StoredRegister
from ops.cli.derive import from_operation
from ops.errors import Conflict, InvalidRequest, OpsError, Refused
from tests.unit.register.things import LAPTOP, LENT, enter, in_state


@pytest.mark.parametrize(("before", "after"), [pair for pair in product(STATES, STATES) if pair[0] != pair[1]])
def test_an_asset_takes_only_the_steps_its_life_has(before: str, after: str) -> None:
    register = ProjectedRegister()
    register.swap("asset:A", None, in_state(before))
    if (before, after) in EDGES:
        register.swap("asset:A", in_state(before), in_state(after))
        assert register.read("asset:A") == in_state(after)
    else:
        with pytest.raises(Refused):
            register.swap("asset:A", in_state(before), in_state(after))


@pytest.mark.parametrize(
    ("before", "after", "hint"),
    [
        ("deployed", "retired", "ops asset check-in A --location PLACE, then ops asset retire A"),
        ("on_loan", "retired", "ops asset check-in A --location PLACE, then ops asset retire A"),
        ("planned", "deployed", "ops asset receive A, then ops asset check-out A WHO"),
        ("in_stock", "lost", "ops asset report A missing, then ops asset report A lost"),
        ("sanitised", "planned", "ops asset check-in A --location PLACE, or ops asset dispose A HOW ASKED AGREED"),
    ],
)
def test_a_step_that_is_refused_names_the_commands_that_lead_there(before: str, after: str, hint: str) -> None:
    with pytest.raises(Refused) as caught:
        step(before, after, {}, "A")
    assert caught.value.hint == hint


@pytest.mark.parametrize("words", sorted({edge.words for edge in EDGES.values()}))
def test_every_step_is_a_command_with_all_its_arguments(words: str) -> None:
    name, *arguments = words.format(tag="A").split()
    command = from_operation(f"asset.{name.replace('-', '_')}")
    with command.make_context(name, arguments) as context:
        assert context.params["tag"] == "A"


@pytest.mark.parametrize(("edge", "name"), [(pair, name) for pair, edge in EDGES.items() for name in edge.needs])
def test_a_step_without_what_must_be_known_is_refused(edge: tuple[str, str], name: str) -> None:
    register = ProjectedRegister()
    register.swap("asset:A", None, in_state(edge[0]))
    lacking = {key: value for key, value in in_state(edge[1]).items() if key != name}
    with pytest.raises(OpsError):
        register.swap("asset:A", in_state(edge[0]), lacking)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "lapdop"}, "cannot be 'lapdop'"),
        ({"state": "in stock"}, "cannot be 'in stock'"),
        ({"state": "deployed"}, "nobody has it"),
        ({"holder": "person:amy"}, "yet somebody has it"),
        ({"state": "deployed", "holder": "amy"}, "can hold nothing"),
        ({"state": "deployed", "holder": "asset:B"}, "cannot hold"),
        ({"state": "deployed", "holder": "asset:A"}, "cannot hold"),
        ({"cost": "12.00"}, "needs a currency"),
        ({"cost": "12.001", "currency": "EUR"}, "is no money"),
        ({"cost": "1e3", "currency": "euro"}, "is no currency"),
        ({"purchased": "2026-02-30"}, "is no date"),
        ({"purchased": "20260203"}, "is no date"),
        ({"life_months": "forty"}, "is no count"),
        ({"approved": "maybe"}, "neither yes nor no"),
        ({"notes": "a\x1b[2Jb"}, "cannot be seen"),
        ({"notes": " a"}, "blanks around it"),
        ({"notes": "a" * 4001}, "longer than"),
        ({"parent": "NOT-THERE"}, "which is not there"),
        ({"serial_key": "x"}, "has no field"),
        ({"criticality": "5"}, "criticality is 1"),
        ({"state": "on_loan", **LENT, "due": "2026-10-01"}, "due before it is lent"),
    ],
)
def test_what_cannot_be_gets_one_clear_line(
    either: StoredRegister | ProjectedRegister, fields: dict[str, str], said: str
) -> None:
    with pytest.raises(OpsError, match=said) as caught:
        either.swap("asset:A", None, {**LAPTOP, **fields})
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    assert either.read("asset:A") is None


@pytest.mark.parametrize("tag", ["", " ", "-a", "a b", "a\nb", "x" * 41, "ä", "a:b"])
def test_a_tag_is_something_a_label_can_hold(either: StoredRegister | ProjectedRegister, tag: str) -> None:
    with pytest.raises(InvalidRequest):
        either.swap(f"asset:{tag}", None, LAPTOP)


def test_a_serial_number_belongs_to_one_asset_in_use(either: StoredRegister | ProjectedRegister) -> None:
    first = enter(either, "A", serial="abc-1", maker="Dell")
    with pytest.raises(Refused, match="of A"):
        enter(either, "B", serial="ABC-1", maker="dell")
    enter(either, "C", serial="ABC-1", maker="HP")
    enter(either, "D", serial="To be filled by O.E.M.", maker="Dell")
    enter(either, "E", serial="To be filled by O.E.M.", maker="Dell")
    gone = {**first, "state": "missing"}
    either.swap("asset:A", first, gone)
    either.swap("asset:A", gone, {**gone, "state": "lost"})
    enter(either, "B", serial="ABC-1", maker="Dell")
    with pytest.raises(Refused, match="of B"):
        either.swap("asset:A", {**gone, "state": "lost"}, {**gone, "state": "in_stock"})


def test_a_uuid_and_its_byte_swapped_twin_are_one(either: StoredRegister | ProjectedRegister) -> None:
    enter(either, "A", uuid="4c4c4544-0034-3510-8052-b4c04f4a3732")
    with pytest.raises(Refused, match="UUID of A"):
        enter(either, "B", uuid="44454C4C-3400-1035-8052-B4C04F4A3732")


def test_an_asset_is_never_part_of_itself(either: StoredRegister | ProjectedRegister) -> None:
    dock = enter(either, "A")
    laptop = enter(either, "B", parent="A")
    either.swap("asset:B", laptop, {**laptop, "notes": "x"})
    with pytest.raises(Refused, match="part of itself"):
        either.swap("asset:A", dock, {**dock, "parent": "B"})


def test_only_what_is_still_as_it_was_is_changed(either: StoredRegister | ProjectedRegister) -> None:
    made = enter(either, "A")
    either.swap("asset:A", made, {**made, "location": "Room 1"})
    with pytest.raises(Conflict):
        either.swap("asset:A", made, {**made, "location": "Room 2"})
    with pytest.raises(Conflict):
        either.swap("asset:A", None, made)


def test_nothing_is_deleted_but_what_was_entered_last_can_be_taken_back(
    either: StoredRegister | ProjectedRegister,
) -> None:
    made = enter(either, "A")
    moved = {**made, "location": "Room 1"}
    either.swap("asset:A", made, moved)
    with pytest.raises(Refused, match="has a history"):
        either.swap("asset:A", moved, None)
    either.swap("asset:A", moved, made)
    with pytest.raises(Refused, match="has a history"):
        either.swap("asset:A", made, None)
    once = enter(either, "B")
    either.swap("asset:B", once, None)
    assert either.read("asset:B") is None
    enter(either, "B", serial="NEW")
    assert either.read("asset:B") is not None
