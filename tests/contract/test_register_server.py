"""A register on a PostgreSQL server: how it is reached, who may, and what cannot be kept there."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from inventory.estate.sighting import SourceRun
from inventory.register import observed
from inventory.register.store import Author, Register
from inventory.register.swap import Swap
from inventory.register.tables import metadata, table
from ops.errors import ApplyFailed, InvalidRequest, OpsError, OutcomeUnknown, Refused
from tests.contract.test_register import enter
from tests.postgres import Server
from tests.unit import report_estate as estate
from tests.workspace import bare


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
