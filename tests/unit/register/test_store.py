"""The register keeps everything that was, says the same as the plan, and shows when somebody rewrote it."""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path
from shutil import copy2

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import CheckConstraint, inspect, text
from sqlalchemy.exc import IntegrityError

from inventory.register.chain import broken
from inventory.register.fields import THINGS, Fields, normal, shown, stored
from inventory.register.states import HELD, STATES
from inventory.register.store import Author, Register
from ops.adapters.register_projection import ProjectedRegister
from ops.adapters.register_store import StoredRegister
from ops.errors import Conflict, OpsError, Refused
from tests.unit.register.things import enter, in_state


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


def test_of_two_who_take_the_last_one_at_once_one_gets_it(place: Path | str) -> None:
    first = Register(place, Author("amy"))
    toner = normal("consumable", {"name": "Toner", "on_hand": "1"})
    first.swap("consumable:t", None, toner)
    said: list[str] = []

    def take(name: str) -> None:
        mine = Register(place, Author(name))
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
        for name, made in metadata().tables.items():
            known = {check["name"] for check in inspect(connection).get_check_constraints(name)}
            assert {one.name for one in made.constraints if isinstance(one, CheckConstraint)} == known
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


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


def test_an_opening_taken_back_leaves_its_name_free(register: Register) -> None:
    from inventory.register.stocktake import expected_of, fingerprint

    made = enter(register, "A")
    fields = {"opened": "2026-11-25", "expected": "1", "snapshot": fingerprint(expected_of({"asset:A": made}))}
    for _ in range(2):
        register.swap("stocktake:s", None, fields)
        register.swap("stocktake:s", fields, None)
    register.swap("stocktake:s", None, fields)


def test_the_tables_can_be_made_on_postgresql_too() -> None:
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateIndex, CreateTable

    from inventory.register.tables import metadata

    dialect = postgresql.dialect()
    for made in metadata().sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(made).compile(dialect=dialect))
        for index in made.indexes:
            assert "INDEX" in str(CreateIndex(index).compile(dialect=dialect))
