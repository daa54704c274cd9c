"""What the register says is the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from inventory.estate.case import Case
from inventory.estate.cases import OPEN, Kept
from inventory.estate.sighting import Sighting, SourceRun
from inventory.register import importing, observed, past, search, snapshots, stocktaking
from inventory.register.fields import Fields, normal
from inventory.register.importing import Wanted
from inventory.register.licensing import estate as estate_of
from inventory.register.licensing import installations
from inventory.register.matching import Known
from inventory.register.store import Author, Register
from inventory.register.swap import Swap
from inventory.register.tables import metadata, table
from inventory.report import book
from inventory.report.assets import workbook as assets
from ops.adapters.register_store import StoredRegister
from ops.errors import ApplyFailed, InvalidRequest
from tests.postgres import Server
from tests.registers import IN_A_FILE, fresh
from tests.unit import report_estate as estate

NAMES = ["b", "A", "Ä", "ö", "a1", "a 1", "a-1", "Z", "é", "(x", "中"]
LAPTOP = {
    **{"kind": "laptop", "state": "deployed", "holder": "person:amy.ng", "held_since": "2026-11-01", "cost": "0.01"},
    **{"currency": "EUR", "life_months": "1000000000", "approved": "no", "backup_required": "yes", "site": "Köln"},
    **{"salvage": "9999999999999.99", "purchased": "1970-01-01", "eol_on": "2999-12-31", "notes": "'\"%_\\ ; 中🖨"},
}


def enter(register: Register, tag: str, **fields: str) -> Fields:
    made = normal("asset", {"kind": "laptop", "state": "in_stock", **fields})
    register.swap(f"asset:{tag}", None, made)
    return made


def write(register: Register, *swaps: Swap) -> None:
    """All of them or none."""
    with register.writing() as pen:
        for swap in swaps:
            pen.swap(swap)


def test_things_stand_in_the_order_of_their_bytes(register: Register) -> None:
    for name in (one for one in NAMES if one[0].isalnum()):
        register.swap(f"consumable:{name}", None, {"name": name})
    with register.reading() as seen:
        known = list(seen.find("consumable"))
        above = seen.connection.execute(text("SELECT key FROM consumable WHERE name > 'Z' ORDER BY name")).scalars()
        assert known == sorted(known)
        assert list(above) == sorted(name for name in NAMES if name > "Z")


def test_where_order_matters_it_is_the_same_whatever_came_first(register: Register) -> None:
    for tag in ("b", "B", "A"):
        enter(register, tag, serial="SN-0001", maker="Dell", state="missing")
        register.swap(f"asset:{tag}", (lost := register.read(f"asset:{tag}")), {**(lost or {}), "state": "lost"})
    day = datetime(2026, 11, 25, tzinfo=UTC)
    cases = [Case(word, "A", "info", "PASS", "", ("wire",), day, day.date()) for word in ("X", "Y", "Z")]
    with register.writing() as pen:
        observed.keep_cases(pen, [Kept(one, OPEN, day, day) for one in sorted(cases, key=lambda one: one.id)[::-1]])
        assert Known(pen).means({"serial": "SN-0001", "maker": "Dell"}) == ("b", "serial")
        made = dict.fromkeys(("publisher", "version", "scope", "user", "last_used_status"), "")
        rows = [{**made, "source_run": 1, "asset": "A", "name": name} for name in ("vim", "git", "apt")]
        pen.connection.execute(insert(table("installation")), rows)
        pen.connection.execute(text("UPDATE installation SET version = '1' WHERE name = 'vim'"))
    with register.reading() as seen:
        assert [one.case for one in observed.kept_cases(seen)] == sorted(cases, key=lambda one: one.id)
        assert list(estate_of(seen, day.date()).devices) == ["A", "B", "b"]
        assert stocktaking.known(seen)["B"] == "b"
        assert [one.name for one in installations(seen)] == ["vim", "git", "apt"]


def sighted(name: str, at: datetime) -> Sighting:
    return Sighting("wire", name, f"old {name}", (), "", at, {"os": "Ä"})


def test_every_value_comes_back_as_it_went_in(register: Register) -> None:
    made = normal("asset", LAPTOP)
    register.swap("asset:A", None, made)
    with register.reading() as seen:
        assert seen.read("asset:A") == made == next(seen.history()).after
        for equal in ({"purchased": "1970-01-01"}, {"life_months": "1000000000"}, {"approved": "no"}, {"model": ""}):
            assert seen.find("asset", **equal) == {"asset:A": made}
        assert seen.find("asset", backup_required="no") == {}


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("MÜLLER", "A"), ("müller", "A"), ("KÖLN", "A B"), ("dell", "B"), ("100%", "B"), ("1_0", "B"), ("\\", "B"),
        ("Lätitude", ""), ("%", "B"), ("", "A B C"), ("中", "A"),
    ],
)  # fmt: skip
def test_a_word_is_found_in_capitals_or_not(register: Register, word: str, found: str) -> None:
    enter(register, "A", maker="MÜLLER 中", site="Köln", model="Latitude")
    enter(register, "B", maker="Dell", location="100% köln", hostname="h1_0", model="a\\b")
    enter(register, "C", maker="HP", model="110")
    with register.reading() as seen:
        assert [tag for tag, _ in search.found(seen, word)] == found.split()


def test_who_reads_sees_one_moment_and_who_writes_the_newest(place: Path | str, register: Register) -> None:
    first = enter(register, "A")
    with register.reading() as seen, closing(Register(place, Author("bob"))) as other:
        assert seen.count("asset") == 1
        other.swap("asset:A", first, {**first, "location": "Attic"})
        enter(other, "B")
        assert (seen.read("asset:A"), seen.count("asset"), seen.head()[0]) == (first, 1, 1)
        with register.writing() as pen:
            assert ((pen.read("asset:A") or {})["location"], pen.count("asset"), pen.head()[0]) == ("Attic", 2, 3)


def test_a_writer_waits_for_the_one_before_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, place: Path | str, register: Register
) -> None:
    monkeypatch.setattr("inventory.register.engine.BUSY", 100)
    with register.writing() as pen, closing(Register(place, Author("bob"))) as other:
        pen.swap(Swap("consumable:t", None, {"name": "Toner"}))
        with pytest.raises(ApplyFailed, match="cannot be used") as caught:
            write(other)
    assert caught.value.hint == "somebody else is writing in it; try again"


def test_nothing_is_kept_of_what_failed_or_was_rehearsed(register: Register) -> None:
    with register.rehearsing() as pen:
        pen.swap(Swap("asset:A", None, {"kind": "laptop", "state": "in_stock"}))
        assert pen.head()[0] == 1
    wrong = {"kind": "laptop", "state": "in_stock", "holder": "person:x"}
    with pytest.raises(InvalidRequest):
        write(register, Swap("asset:A", None, {"kind": "laptop", "state": "in_stock"}), Swap("asset:B", None, wrong))
    with register.reading() as seen:
        assert (seen.count("asset"), seen.head()[0]) == (0, 0)


def test_an_import_is_taken_once_and_goes_back_as_one(register: Register, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    rows = [f"LAP-{n},laptop,Dell,SN-{n:04},Köln,2026-01-{n % 28 + 1:02},{n}.50,EUR" for n in range(150)]
    file.write_text("tag,kind,maker,serial,site,purchased,cost,currency\n" + "\n".join(rows), encoding="utf-8")
    wanted, target = Wanted(str(file)), StoredRegister(register)
    report = target.rehearsed(wanted)
    entry = importing.entry(wanted, importing.digest(str(file)), report, "2026-11-25")
    target.swap("import:1", None, entry)
    assert report.numbers == {"new": 150, "changed": 0, "same": 0, "refused": 0}
    assert target.rehearsed(wanted).numbers["same"] == 150
    with register.reading() as seen:
        assert (seen.count("asset"), seen.broken()) == (150, "")
    target.swap("import:1", entry, None)
    with register.reading() as seen:
        assert (seen.count("asset"), seen.broken()) == (0, "")
    target.swap("import:2", None, entry)


def test_a_look_takes_the_place_of_the_one_before_and_is_numbered_though_one_was_not_kept(register: Register) -> None:
    at = datetime(2026, 11, 25, tzinfo=UTC)
    run = SourceRun("wire", True, at, at, ("all",), 1, 0)
    seen_at = [sighted(name, at) for name in "012"]
    with register.rehearsing() as pen:
        observed.saw(pen, run, "nmap", seen_at)
    numbers = []
    for later in (timedelta(), timedelta(hours=1), timedelta(hours=-1)):
        some = [replace(one, name=f"new {later}", seen=at + later) for one in seen_at[1:]]
        with register.writing() as pen:
            numbers.append(observed.saw(pen, run, "nmap", [*seen_at[:1], *some]))
    with register.reading() as seen:
        assert sorted(one.name for one in observed.sightings(seen)) == ["new 1:00:00", "new 1:00:00", "old 0"]
        assert [look["number"] for look in observed.last_looks(seen)] == numbers[-1:]
        assert len(observed.runs(seen, at)) == 4
    assert numbers == sorted(set(numbers))


def test_the_same_day_again_takes_the_place_of_what_was_required_then(register: Register) -> None:
    line = {"product": "microsoft.365-apps", "metric": "named-user", "quantity": "5", "starts": "2026-01-01"}
    register.swap("entitlement:m", None, {**line, "proof": "0" * 64, "state": "active"})
    day = date(2026, 11, 25)
    for number in range(2):
        seat = {"entitlement": "m", "holder": f"person:p{number}", "quantity": "1", "since": "2026-11-01"}
        register.swap(f"seat:m/person:p{number}", None, seat)
        with register.writing() as pen:
            snapshots.keep(pen, day)
    with register.reading() as seen:
        assert list(snapshots.required_since(seen, day).values()) == [[(day, 2)]]
        assert snapshots.required_since(seen, day + timedelta(1)) == {}


@pytest.fixture
def told(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Register]]:
    """One estate in a file, and on a server whose rows have been moved about."""
    monkeypatch.setattr("inventory.register.store.datetime", Noon)
    monkeypatch.setattr("inventory.register.stocktaking.datetime", Noon)
    server: Server = request.getfixturevalue("postgres")
    with fresh(IN_A_FILE, request) as file, server.database() as name:
        both = [Register(one, Author("amy", lambda: "RUN12345")) for one in (file, server.address(name))]
        for one in both:
            with one.writing() as pen:
                estate.fill(pen)
                estate.look(pen)
                estate.count(pen)
        for kind in ("asset", "expected", "event", "failure"):
            first = next(iter(metadata().tables[kind].primary_key)).name
            server.ask(f'UPDATE "{kind}" SET "{first}" = "{first}" WHERE ctid = \'(0,1)\'', name)
        yield both
        for one in both:
            one.close()


class Noon(datetime):
    """Time stands still, so that both histories have the same hashes."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return estate.AS_OF


@pytest.mark.postgres
def test_history_and_reports_are_the_same_bytes_on_both(told: list[Register]) -> None:
    made, heads = [], []
    for register in told:
        with register.reading() as seen:
            assert seen.broken() == ""
            head = past.Head(*seen.head())
            heads.append(head)
            rows = list(past.observed(seen, assets.OBSERVED))
            with past.past(seen, head, rows) as then:
                for one in (seen, then):
                    out = io.BytesIO()
                    book.write(assets.workbook(one, estate.inputs(one)), out)
                    made.append(out.getvalue())
    assert heads[0] == heads[1]
    assert len(set(made)) == 1
