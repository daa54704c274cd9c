"""What the register says is the same on SQLite and on PostgreSQL, and a server is reached as it should be."""

from __future__ import annotations

import io
import subprocess
import sys
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
from ops.errors import ApplyFailed, InvalidRequest, OpsError, OutcomeUnknown, Refused
from tests.postgres import Server
from tests.registers import IN_A_FILE, fresh
from tests.unit import report_estate as estate
from tests.workspace import bare

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


@pytest.mark.postgres
def test_no_text_of_a_server_has_the_order_of_a_language(postgres: Server) -> None:
    asked = "SELECT table_name, column_name, collation_name FROM information_schema.columns WHERE table_schema='public'"
    of = {(name, column): collation for name, column, collation in postgres.ask(asked, "blank")}
    for made in metadata().tables.values():
        for column in made.columns:
            assert of[made.name, column.name] == ("C" if column.type.python_type is str else None)


@pytest.mark.postgres
def test_a_database_that_cannot_hold_every_name_is_refused(postgres: Server) -> None:
    postgres.ask("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'")
    with pytest.raises(Refused, match="keeps text as LATIN1"):
        Register(postgres.address("latin"), Author("amy"))


@pytest.mark.postgres
def test_an_older_copy_on_a_server_is_noticed(postgres: Server, tmp_path: Path) -> None:
    head = tmp_path / "register-server.head"
    with postgres.database() as name:
        with closing(Register(postgres.address(name), Author("amy"), head=head)) as mine:
            enter(mine, "A")
        with postgres.database(template=name) as copy:
            with closing(Register(postgres.address(name), Author("amy"), head=head)) as mine:
                enter(mine, "B")
            with pytest.raises(Refused, match="lacks what was written to it: event 2"):
                Register(postgres.address(copy), Author("amy"), head=head)


def cut(postgres: Server, name: str, register: Register) -> None:
    """Write, and lose the server before the end."""
    with register.writing() as pen:
        pen.swap(Swap("consumable:t", None, {"name": "Toner"}))
        postgres.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


@pytest.mark.postgres
def test_a_connection_that_is_cut_while_writing_leaves_nobody_sure(postgres: Server) -> None:
    with postgres.database() as name, closing(Register(postgres.address(name), Author("amy"))) as mine:
        with pytest.raises(OutcomeUnknown) as caught:
            cut(postgres, name, mine)
        assert "\n" not in str(caught.value)
        assert mine.read("consumable:t") is None


@pytest.mark.postgres
def test_who_may_only_read_the_register_is_told_so_when_writing(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.ask("CREATE ROLE auditor LOGIN PASSWORD 'swordfish'")
    with postgres.database() as name:
        postgres.ask("GRANT SELECT ON ALL TABLES IN SCHEMA public TO auditor", name)
        address = postgres.address(name, "auditor")
        with pytest.raises(ApplyFailed, match="no password supplied") as caught:
            Register(address, Author("eve"))
        assert "~/.pgpass" in caught.value.hint
        book = tmp_path / "pgpass"
        book.write_text("*:*:*:auditor:swordfish\n")
        book.chmod(0o600)
        with closing(Register(f"{address}&passfile={book}", Author("eve"))) as mine:
            assert mine.read("asset:A") is None
            with pytest.raises(ApplyFailed, match="permission denied for table") as caught:
                enter(mine, "A")
            assert "\n" not in str(caught.value)
        monkeypatch.setenv("PGPASSWORD", "swordfish")
        Register(address, Author("eve")).close()
        postgres.ask("DROP OWNED BY auditor; DROP ROLE auditor", name)


@pytest.mark.postgres
def test_who_was_given_the_rights_of_the_first_may_write_too(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "swordfish")
    postgres.ask("CREATE ROLE amy LOGIN PASSWORD 'swordfish'")
    postgres.ask("CREATE ROLE ben LOGIN PASSWORD 'swordfish'")
    postgres.ask("CREATE DATABASE team OWNER amy")
    Register(postgres.address("team", "amy"), Author("amy")).close()
    with pytest.raises(ApplyFailed, match="permission denied"):
        Register(postgres.address("team", "ben"), Author("ben"))
    postgres.ask("GRANT amy TO ben")
    with closing(Register(postgres.address("team", "ben"), Author("ben"))) as mine:
        enter(mine, "A")
        with mine.writing() as pen:
            assert observed.saw(pen, SourceRun("wire", True, estate.AS_OF, estate.AS_OF, (), 0, 0), "nmap", []) == 1


@pytest.mark.postgres
def test_what_a_server_cannot_hold_is_no_damage(postgres: Server) -> None:
    with postgres.database() as name, closing(Register(postgres.address(name), Author("amy"))) as mine:
        wrong = {"key": "1", "state": "longer than ten", "body": ""}
        with pytest.raises(ApplyFailed, match="refuses it: value too long"), mine.writing() as pen:
            pen.connection.execute(insert(table("kept_case")).values(wrong))


@pytest.mark.postgres
def test_the_address_alone_says_which_server_it_is(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = tmp_path / "services"
    book.write_text(f"[elsewhere]\nhost={postgres.folder}\nhostaddr=127.0.0.1\nport={postgres.port}\n")
    monkeypatch.setenv("PGSERVICEFILE", str(book))
    monkeypatch.setenv("PGPORT", str(postgres.port))
    for name, value in {"PGHOST": str(postgres.folder), "PGHOSTADDR": "127.0.0.1", "PGSERVICE": "elsewhere"}.items():
        monkeypatch.setenv(name, value)
        with pytest.raises(ApplyFailed, match="cannot be used"):
            Register("postgresql://register@/blank", Author("amy"))
        with closing(Register(postgres.address("blank"), Author("amy"))) as mine, mine.reading() as seen:
            assert seen.connection.execute(text("SELECT inet_server_addr()")).scalar() is None
        monkeypatch.delenv(name)


@pytest.mark.postgres
def test_a_server_is_known_by_its_certificate(postgres: Server, tmp_path: Path) -> None:
    address = f"postgresql://register@localhost:{postgres.port}/blank?sslmode=verify-full"
    right = f"{address}&sslrootcert={postgres.folder}/server.crt"
    with closing(Register(right, Author("amy"))) as mine, mine.reading() as seen:
        asked = text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        assert seen.connection.execute(asked).scalar_one() is True
    other = ["openssl", *"req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -keyout /dev/null -out".split()]
    subprocess.run([*other, tmp_path / "other.crt"], check=True, capture_output=True)
    for wrong in (tmp_path / "other.crt", tmp_path / "none.crt"):
        with pytest.raises(ApplyFailed, match="cannot be used.*certificate"):
            Register(f"{address}&sslrootcert={wrong}", Author("amy"))


FULL = "sslmode=verify-full"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://amy:swordfish@/register", "has a password in it"),
        (f"postgresql://db.example.com/register?{FULL}&password=swordfish", "has a password in it"),
        ("postgresql://db.example.com/register", "db.example.com would be reached without"),
        ("postgresql:///register?host=db.example.com", "db.example.com would be reached without"),
        ("postgresql:///register?host=localhost,db.example.com", "db.example.com would be reached without"),
        ("postgresql://localhost/register?host=192.0.2.1", "192.0.2.1 would be reached without"),
        ("postgresql://[2001:db8::1]/register?sslmode=require", "2001:db8::1 would be reached without"),
        ("postgresql://db.example.com/register?sslmode=verify-ca", "db.example.com would be reached without"),
        (f"postgresql://db.example.com/register?{FULL}&sslmode=disable", "cannot say sslmode"),
        ("postgresql:///register?hostaddr=192.0.2.1", "cannot say hostaddr"),
        ("postgresql:///register?service=elsewhere", "cannot say service"),
        ("mysql://localhost/register", "cannot be kept by mysql"),
        ("sqlite:///register.db", "cannot be kept by sqlite"),
        ("://", "cannot be read"),
        ("postgresql://localhost:x/register", "cannot be read"),
    ],
)
def test_an_address_that_is_not_safe_gets_one_clear_line(address: str, said: str) -> None:
    with pytest.raises(OpsError, match=said) as caught:
        Register(address, Author("amy"))
    assert caught.value.hint
    assert "swordfish" not in f"{caught.value}{caught.value.hint}"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", f"db.invalid?{FULL}"])
def test_this_machine_is_asked_without_tls_and_another_with(host: str) -> None:
    name, _, more = host.partition("?")
    with pytest.raises(ApplyFailed, match="cannot be used") as caught:
        Register(f"postgresql://{name}:1/register?{more}", Author("amy"))
    assert "\n" not in str(caught.value)


def test_without_its_driver_a_server_needs_one_more_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InvalidRequest, match="one more package") as caught:
        Register("postgresql:///register", Author("amy"))
    assert "journeyman[postgres]" in caught.value.hint


@pytest.mark.postgres
def test_commands_work_on_a_register_of_a_server(postgres: Server, tmp_path: Path) -> None:
    desk = bare(tmp_path / "desk", "lead")
    head = desk.folder / "state/register-server.head"
    desk.folder.joinpath("a.csv").write_text("tag,kind,location\nLAP-1,laptop,Shelf\nLAP-2,dock,Shelf\n")
    with postgres.database() as name:
        with desk.folder.joinpath("ops.toml").open("a") as file:
            file.write(f'[settings]\nregister = "{postgres.address(name)}"\n')
        done = desk.ops("asset", "import", "a.csv", "--yes")
        assert done.code == 0, done.err
        assert "nothing to change" in desk.ops("asset", "import", "a.csv", "--yes").out
        assert desk.ops("asset", "check-out", "LAP-1", "amy.ng", "--yes").code == 0
        assert desk.ops("run", "undo", "last", "--yes").code == 0
        history = desk.ops("asset", "history", "LAP-1", "--json").json["events"]
        assert "goes to amy.ng" in history[-2]["what"]
        assert "comes back from amy.ng" in history[-1]["what"]
        assert desk.ops("report", "assets", "-o", "a.xlsx").code == 0
        checked = desk.ops("report", "verify", "a.xlsx")
        assert (checked.code, checked.out.startswith("identical")) == (0, True), checked.err
        assert not (desk.folder / "state/register.db").exists()
        assert [tuple(head.read_text().split())] == [
            (str(number), hashed) for number, hashed in postgres.ask("SELECT number, hash FROM event", name)[-1:]
        ]
        head.write_text(f"9 {'0' * 64}\n")
        older = desk.ops("asset", "show", "LAP-1")
        assert (older.code, "lacks what was written to it: event 9" in older.err) == (6, True), older.err
