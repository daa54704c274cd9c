"""The register refuses what cannot be, keeps everything that was, and shows when somebody rewrote it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path
from shutil import copy2

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from inventory.register.chain import broken
from inventory.register.fields import THINGS, Fields, normal, shown, stored
from inventory.register.states import EDGES, HELD, STATES, step
from inventory.register.store import Author, Register
from ops.adapters.register_projection import ProjectedRegister
from ops.adapters.register_store import StoredRegister
from ops.cli.derive import from_operation
from ops.errors import Conflict, InvalidRequest, OpsError, Refused

LAPTOP = {"kind": "laptop", "state": "in_stock", "location": "Cupboard 2"}
KNOWN = {
    "supplier": "Dell", "ordered": "2026-01-02", "received": "2026-01-09", "location": "Cupboard 2",
    "repair_with": "Dell", "disposal": "recycled", "requested_by": "amy", "approved_by": "bob",
    "disposed_on": "2026-11-25", "media": "none",
}  # fmt: skip
LENT = {"holder": "person:amy.ng", "held_since": "2026-11-01", "due": "2026-12-01"}


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register with its tables, made once."""
    where = tmp_path_factory.mktemp("blank") / "register.db"
    Register(where, Author("amy")).close()
    return where


@pytest.fixture
def register(tmp_path: Path, blank: Path) -> Iterator[Register]:
    copy2(blank, tmp_path / "register.db")
    made = Register(tmp_path / "register.db", Author("amy", lambda: "RUN12345"))
    yield made
    made.close()


@pytest.fixture(params=["on disk", "as planned"])
def either(request: pytest.FixtureRequest, register: Register) -> StoredRegister | ProjectedRegister:
    return StoredRegister(register) if request.param == "on disk" else ProjectedRegister()


def in_state(state: str) -> Fields:
    return normal("asset", {**KNOWN, "kind": "laptop", "state": state, **(LENT if state in HELD else {})})


def enter(register: StoredRegister | ProjectedRegister | Register, tag: str, **fields: str) -> Fields:
    made = normal("asset", {**LAPTOP, **fields})
    register.swap(f"asset:{tag}", None, made)
    return made


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


MEDIUM = {
    "asset": "A", "kind": "ssd", "technique": "block-erase", "method": "purge", "operator": "amy",
    "verification": "read back", "sanitised_on": "2026-11-20",
}  # fmt: skip


def retired(either: StoredRegister | ProjectedRegister, **fields: str) -> tuple[Fields, Fields]:
    asset = enter(either, "A", **fields)
    out = {**asset, "state": "retired"}
    either.swap("asset:A", asset, out)
    leaving = {**out, "state": "disposed", "disposal": "recycled", "requested_by": "amy", "approved_by": "bob"}
    return out, {**leaving, "disposed_on": "2026-11-25"}


def test_two_people_are_needed_to_dispose_of_something(either: StoredRegister | ProjectedRegister) -> None:
    out, gone = retired(either, data_class="public")
    with pytest.raises(Refused, match="cannot approve what they asked for"):
        either.swap("asset:A", out, {**gone, "approved_by": "Amy"})
    either.swap("asset:A", out, gone)
    with pytest.raises(Refused, match="closed"):
        either.swap("asset:A", gone, out)


@pytest.mark.parametrize(
    ("data_class", "medium", "why"),
    [
        ("", {}, "no medium is recorded"),
        ("internal", {"technique": "", "method": ""}, "is not sanitised"),
        ("confidential", {"technique": "overwrite", "method": "clear"}, "needs purge"),
        ("secret", {"verifier": "bob"}, "needs destroy"),
        ("confidential", {}, "by nobody but its operator"),
        ("confidential", {"verifier": "amy"}, "by nobody but its operator"),
    ],
)
def test_nothing_leaves_before_its_media_are_wiped_as_its_data_asks(
    either: StoredRegister | ProjectedRegister, data_class: str, medium: dict[str, str], why: str
) -> None:
    out, gone = retired(either, data_class=data_class)
    if medium or data_class == "confidential":
        either.swap("medium:A/1", None, normal("medium", {**MEDIUM, **medium}))
    with pytest.raises(Refused, match=why):
        either.swap("asset:A", out, gone)


def test_a_wiped_and_verified_medium_lets_it_leave(either: StoredRegister | ProjectedRegister) -> None:
    out, gone = retired(either, data_class="confidential")
    either.swap("medium:A/1", None, normal("medium", {**MEDIUM, "verifier": "bob"}))
    either.swap("asset:A", out, gone)
    assert (either.read("asset:A") or {})["state"] == "disposed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"technique": "degauss", "method": "purge"},
        {"technique": "overwrite", "method": "purge"},
        {"kind": "floppy"},
        {"operator": ""},
        {"verification": ""},
        {"asset": "B"},
    ],
)
def test_a_sanitisation_that_cannot_be_is_refused(
    either: StoredRegister | ProjectedRegister, wrong: dict[str, str]
) -> None:
    retired(either)
    with pytest.raises(OpsError):
        either.swap("medium:A/1", None, normal("medium", {**MEDIUM, **wrong}))


@pytest.mark.parametrize(
    "row",
    [
        "UPDATE asset SET state='deployed' WHERE key='A'",
        "UPDATE asset SET holder='person:x' WHERE key='A'",
        "UPDATE asset SET state='on_loan', holder='person:x' WHERE key='A'",
        "UPDATE asset SET state='disposed', requested_by='a', approved_by='a' WHERE key='A'",
        "INSERT INTO asset (key, state, live, serial_key) VALUES ('B', 'in_stock', true, 'SN-0001 dell')",
        "INSERT INTO medium (key, asset) VALUES ('Z/1', 'Z')",
        "INSERT INTO consumable (key, on_hand) VALUES ('t', -1)",
        "INSERT INTO waiver (key) VALUES ('w')",
    ],
)
def test_the_database_itself_refuses_what_no_path_may_write(register: Register, row: str) -> None:
    enter(register, "A", serial="SN-0001", maker="Dell")
    with pytest.raises(IntegrityError), register.engine.begin() as connection:
        connection.execute(text(row))


def test_of_two_who_take_the_last_one_at_once_one_gets_it(tmp_path: Path) -> None:
    where = tmp_path / "register.db"
    first = Register(where, Author("amy"))
    toner = normal("consumable", {"name": "Toner", "on_hand": "1"})
    first.swap("consumable:t", None, toner)
    said: list[str] = []

    def take(name: str) -> None:
        mine = Register(where, Author(name))
        try:
            mine.swap("consumable:t", toner, {**toner, "on_hand": "0"})
            said.append("got it")
        except Conflict:
            said.append("too late")
        mine.close()

    threads = [threading.Thread(target=take, args=(name,)) for name in "abcdef"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["got it", *["too late"] * 5]
    with first.reading() as seen:
        assert seen.head()[0] == 2
        assert seen.broken() == ""
    first.close()


def test_history_tells_everything_and_as_of_any_moment(register: Register) -> None:
    made = enter(register, "A")
    register.swap("asset:A", made, {**made, "location": "Room 1"}, "ticket 7")
    with register.reading() as seen:
        first, second = seen.history("asset:A")
        assert (first.before, first.after, second.before) == (None, made, made)
        assert (second.actor, second.run, second.why) == ("amy", "RUN12345", "ticket 7")
        assert seen.as_of("asset:A", first.at) == made
        assert seen.as_of("asset:A", "2020-01-01T00:00:00Z") is None
        assert (seen.as_of("asset:A", second.at) or {})["location"] == "Room 1"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("UPDATE event SET actor='eve' WHERE number=2", "event 2"),
        ("UPDATE event SET after=replace(after, 'Room', 'Boom') WHERE number=2", "event 2"),
        ("DELETE FROM event WHERE number=2", "event 2"),
        ("UPDATE event SET hash='00' WHERE number=1", "event 1"),
        ("UPDATE asset SET location='elsewhere'", "asset:A is not as its history says"),
        ("UPDATE asset SET voided=true", "in the history, and not in the register"),
        ("INSERT INTO consumable (key, name) VALUES ('t', 'Toner')", "consumable:t is not as its history says"),
    ],
)
def test_whoever_rewrites_the_register_by_hand_is_seen(register: Register, change: str, where: str) -> None:
    made = enter(register, "A")
    register.swap("asset:A", made, {**made, "location": "Room 1"})
    register.swap("asset:A", {**made, "location": "Room 1"}, {**made, "location": "Room 2"})
    with register.reading() as seen:
        assert seen.broken() == ""
    with register.engine.begin() as connection:
        connection.execute(text(change))
    with register.reading() as seen:
        assert where in seen.broken()


def test_the_tables_are_what_the_changes_of_form_make(register: Register) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from inventory.register import migrate
    from inventory.register.tables import metadata

    with register.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata()) == []
        known = connection.execute(text("SELECT sql FROM sqlite_master WHERE name='asset'")).scalar_one()
        for constraint in metadata().tables["asset"].constraints:
            assert constraint.name is None or str(constraint.name) in known
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.HEAD


def test_an_older_copy_or_none_is_noticed(tmp_path: Path, blank: Path) -> None:
    where = tmp_path / "register.db"
    copy2(blank, where)
    mine = Register(where, Author("amy"))
    enter(mine, "A")
    mine.close()
    copy2(where, tmp_path / "older.db")
    mine = Register(where, Author("amy"))
    enter(mine, "B")
    mine.close()
    for put in (lambda: copy2(tmp_path / "older.db", where), where.unlink):
        for more in tmp_path.glob("register.db-*"):
            more.unlink()
        put()
        with pytest.raises(Refused, match="lacks what was written to it: event 2"):
            Register(where, Author("amy"))
    (tmp_path / "register.head").unlink()
    Register(where, Author("amy")).close()


def test_what_is_used_again_has_to_be_wiped_again(either: StoredRegister | ProjectedRegister) -> None:
    asset = enter(either, "A", data_class="internal")
    with pytest.raises(Refused, match="is in use"):
        either.swap("medium:A/1", None, normal("medium", MEDIUM))
    out = {**asset, "state": "retired"}
    either.swap("asset:A", asset, out)
    wiped = normal("medium", MEDIUM)
    either.swap("medium:A/1", None, wiped)
    either.swap("asset:A", out, asset)
    unwiped = {"asset": "A", "kind": "ssd"}
    either.swap("medium:A/1", wiped, unwiped)
    either.swap("asset:A", asset, out)
    people = {"requested_by": "amy", "approved_by": "bob", "disposed_on": "2026-11-25"}
    with pytest.raises(Refused, match="is not sanitised"):
        either.swap("asset:A", out, {**out, **people, "state": "disposed", "disposal": "sold"})


def test_a_newer_register_is_refused(tmp_path: Path) -> None:
    where = tmp_path / "register.db"
    made = Register(where, Author("amy"))
    with made.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num='9999'"))
    made.close()
    with pytest.raises(Refused, match="newer version"):
        Register(where, Author("amy"))


def test_a_file_that_is_no_register_gets_one_clear_line(tmp_path: Path) -> None:
    where = tmp_path / "register.db"
    where.write_bytes(b"not a database, but long enough to look at" * 50)
    with pytest.raises(OpsError) as caught:
        Register(where, Author("amy"))
    assert caught.value.hint


MONEY = st.decimals(min_value=0, max_value=10**9, places=2).map(str)


@given(MONEY)
def test_money_comes_back_as_it_went_in(amount: str) -> None:
    kept = stored("asset", "cost", amount, "EUR")
    assert isinstance(kept, int)
    assert stored("asset", "cost", shown("asset", "cost", kept, "EUR"), "EUR") == kept


@pytest.mark.parametrize(("currency", "text_"), [("JPY", "1299"), ("EUR", "1299.00"), ("KWD", "1299.000")])
def test_money_has_as_many_decimals_as_its_currency(currency: str, text_: str) -> None:
    assert normal("asset", {"cost": "1299", "currency": currency})["cost"] == text_


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C"]),
        st.sampled_from(sorted(STATES)),
        st.sampled_from(["", "SN-0001", "SN-0002"]),
        st.sampled_from(["", "A", "B"]),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_the_plan_and_the_register_on_disk_say_the_same(
    tmp_path_factory: pytest.TempPathFactory, blank: Path, steps: list[tuple[str, str, str, str, bool]]
) -> None:
    where = tmp_path_factory.mktemp("r") / "register.db"
    copy2(blank, where)
    store = Register(where, Author("amy"))
    disk, memory = StoredRegister(store), ProjectedRegister()
    over = disk.projection()
    for tag, state, serial, parent, back in steps:
        ref, before = f"asset:{tag}", memory.read(f"asset:{tag}")
        after: Fields | None = normal("asset", {**in_state(state), "serial": serial, "parent": parent})
        after = memory.previous(ref) if back and before is not None else after
        said = []
        for one in (memory, over, disk):
            try:
                one.swap(ref, before, after)
                said.append("done")
            except OpsError as error:
                said.append(f"{type(error).__name__}: {error}")
        assert len(set(said)) == 1, said
        assert memory.read(ref) == disk.read(ref) == over.read(ref)
        assert memory.previous(ref) == disk.previous(ref) == over.previous(ref)
        for kind in ("asset",):
            assert memory.find(kind) == disk.find(kind) == over.find(kind)
            assert memory.find(kind, state=state) == disk.find(kind, state=state) == over.find(kind, state=state)
    with store.reading() as seen:
        assert seen.broken() == ""
        _invariants(dict(seen.every("asset")))
        assert broken(seen.history()) == ""
        for one, two in pairwise(seen.history()):
            assert two.previous == one.hash
    store.close()


def _invariants(assets: dict[str, Fields]) -> None:
    """Of the fourteen, those about assets alone."""
    for one in assets.values():
        assert (one["state"] in HELD) == bool(one.get("holder"))
        if one["state"] in ("disposed", "lost", "stolen"):
            assert not one.get("holder")
        if one["state"] == "disposed":
            assert one["requested_by"].lower() != one["approved_by"].lower()
    live = [one.get("serial") for one in assets.values() if one["state"] not in ("disposed", "lost", "stolen")]
    serials = [serial for serial in live if serial]
    assert len(serials) == len(set(serials))


def test_every_kind_of_thing_has_a_table_that_takes_it() -> None:
    from inventory.register.tables import metadata

    for kind, fields in THINGS.items():
        assert set(fields) <= {column.name for column in metadata().tables[kind].columns}


LICENCE = {
    "product": "microsoft.365-apps", "metric": "named-user", "quantity": "1", "starts": "2026-01-01", "proof": "0" * 64,
    "state": "active",
}  # fmt: skip


def seat(holder: str, **more: str) -> Fields:
    return {"entitlement": "m365", "holder": holder, "quantity": "1", "since": "2026-11-25", **more}


def test_of_two_who_take_the_last_seat_at_once_one_gets_it(tmp_path: Path, blank: Path) -> None:
    where = tmp_path / "register.db"
    copy2(blank, where)
    first = Register(where, Author("amy"))
    first.swap("entitlement:m365", None, LICENCE)
    said: list[str] = []

    def take(name: str) -> None:
        mine = Register(where, Author(name))
        try:
            mine.swap(f"seat:m365/person:{name}", None, seat(f"person:{name}"))
            said.append("got it")
        except Refused as error:
            said.append("none left" if "1 seat, and 2 would be given out" in str(error) else str(error))
        mine.close()

    threads = [threading.Thread(target=take, args=(name,)) for name in ("ann", "ben", "cat", "dan")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["got it", *["none left"] * 3]
    first.close()


def test_more_seats_than_there_are_need_somebody_who_answers_until_a_day(
    either: StoredRegister | ProjectedRegister,
) -> None:
    either.swap("entitlement:m365", None, LICENCE)
    either.swap("seat:m365/person:ann", None, seat("person:ann"))
    with pytest.raises(Refused, match="2 would be given out"):
        either.swap("seat:m365/person:ben", None, seat("person:ben"))
    over = seat("person:ben", approved_by="lead", over="1")
    with pytest.raises(InvalidRequest, match="ends on a day"):
        either.swap("seat:m365/person:ben", None, over)
    either.swap("seat:m365/person:ben", None, {**over, "over_until": "2026-12-24"})
    with pytest.raises(Refused, match="given out, more than"):
        either.swap("entitlement:m365", LICENCE, {**LICENCE, "quantity": "0"})
    gone = enter(either, "A", state="missing")
    assert gone
    with pytest.raises(Refused, match="not in use"):
        either.swap("seat:m365/asset:A", None, seat("asset:A", approved_by="lead", over="2", over_until="2026-12-24"))


def test_a_step_back_is_no_way_around_the_rules(either: StoredRegister | ProjectedRegister) -> None:
    either.swap("entitlement:m365", None, LICENCE)
    amy = seat("person:amy")
    back = {**amy, "until": "2026-11-25"}
    either.swap("seat:m365/person:amy", None, amy)
    either.swap("seat:m365/person:amy", amy, back)
    either.swap("seat:m365/person:bob", None, seat("person:bob"))
    with pytest.raises(Refused, match="2 would be given out"):
        either.swap("seat:m365/person:amy", back, amy)
    with pytest.raises(Refused, match="belongs to m365"):
        either.swap("entitlement:m365", LICENCE, None)
    server = enter(either, "SRV-1")
    enter(either, "DOCK-1", state="deployed", holder="asset:SRV-1")
    with pytest.raises(Refused, match="belongs to SRV-1"):
        either.swap("asset:SRV-1", server, None)


def test_what_somebody_answers_for_takes_no_seat_of_those_that_are_owned(
    either: StoredRegister | ProjectedRegister,
) -> None:
    either.swap("entitlement:m365", None, LICENCE)
    over = {"approved_by": "lead", "over": "1", "over_until": "2027-12-24"}
    for name in ("ann", "ben"):
        either.swap(f"seat:m365/person:{name}", None, seat(f"person:{name}", **over))
    either.swap("seat:m365/person:cat", None, seat("person:cat"))
    with pytest.raises(Refused, match="2 would be given out"):
        either.swap("seat:m365/person:dan", None, seat("person:dan"))


def test_an_opening_taken_back_leaves_its_name_free(register: Register) -> None:
    from inventory.register.stocktake import expected_of, fingerprint

    made = enter(register, "A")
    fields = {"opened": "2026-11-25", "expected": "1", "snapshot": fingerprint(expected_of({"asset:A": made}))}
    for _ in range(2):
        register.swap("stocktake:s", None, fields)
        register.swap("stocktake:s", fields, None)
    register.swap("stocktake:s", None, fields)


def test_a_licence_without_proof_gives_out_nothing(either: StoredRegister | ProjectedRegister) -> None:
    either.swap("entitlement:m365", None, {name: text for name, text in LICENCE.items() if name != "proof"})
    with pytest.raises(Refused, match="without proof nothing of it counts"):
        either.swap("seat:m365/person:ann", None, seat("person:ann"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"product": "microsoft.vizio"}, "there is no product"),
        ({"metric": "device-ish"}, "metric device-ish is not known"),
        ({"ends": "2025-01-01"}, "ends before it starts"),
        ({"max_release": "1999"}, "has no release 1999"),
        ({"metric_params": "many"}, "are no parameters"),
        ({"scope": "nowhere"}, "is no scope"),
        ({"starts": ""}, "needs starts"),
        ({"unit_cost": "5.00"}, "needs a currency"),
    ],
)
def test_a_licence_that_cannot_be_is_refused(
    either: StoredRegister | ProjectedRegister, wrong: dict[str, str], said: str
) -> None:
    fields = {**LICENCE, "product": "microsoft.visio", **wrong}
    with pytest.raises(OpsError, match=said):
        either.swap("entitlement:x", None, {name: text for name, text in fields.items() if text})


def test_the_tables_can_be_made_on_postgresql_too() -> None:
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateIndex, CreateTable

    from inventory.register.tables import metadata

    dialect = postgresql.dialect()
    for made in metadata().sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(made).compile(dialect=dialect))
        for index in made.indexes:
            assert "INDEX" in str(CreateIndex(index).compile(dialect=dialect))
