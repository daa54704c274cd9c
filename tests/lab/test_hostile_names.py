"""Names that attack: they reach the directory as they are or not at all, and fool no filter, DN, terminal or sheet."""

from __future__ import annotations

import csv
import os
import re
import sys
from pathlib import Path

import pexpect
import pytest

from inventory.lab import Running
from ops.adapters.ldap import LdapDirectory
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab
TAKEN_AS_THEY_ARE = [
    "*)(uid=*))(|(uid=*",
    "Ng, OU=Service,DC=lab,DC=example",
    'Ann "Q" <b>+;=#\\',
    "=cmd|'/c calc'!A1",
    "@SUM(1+1)",
    "'; drop table events; --",
    "<script>alert(1)</script>",
    "$(reboot) `id`",
    "Zoë Ñandú",
    "王小明",
    "محمد",
    "👩\u200d👧",
    "X" * 200,
]
REFUSED = ["Amy\x1b[2J", "Amy\nNg", "Amy\x00", "Amy\u202eyma", "Amy\u200bNg", "\ud800", "Amy\x9b31m"]
ESCAPE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory, network: Running) -> Desk:
    return desk(tmp_path_factory.mktemp("hostile") / "mine", network)


@pytest.mark.parametrize("name", TAKEN_AS_THEY_ARE, ids=ascii)
def test_a_strange_name_arrives_as_it_is_and_hits_nobody_else(mine: Desk, samba: LdapDirectory, name: str) -> None:
    number = f"H{TAKEN_AS_THEY_ARE.index(name)}"
    everybody = {entry.ref for entry in samba.search("(objectClass=user)")}
    made = mine.onboard(name, "Hostile", number, "--logon", f"hostile.{number.lower()}")
    if len(name) > 64:
        assert (made.code, "has 200 characters, and 64 is the most" in made.err) == (2, True), made.err
        return
    assert made.code == 0, made.err
    found = samba.find("employeeID", number)
    new = {entry.ref for entry in samba.search("(objectClass=user)")} - everybody
    assert new == {entry.ref for entry in found}
    for entry in found:
        assert entry.first("givenName") == name
        assert entry.dn.endswith(f",{samba.domain.places['staff']}")
    shown = mine.ops("account", "show", f"hostile.{number.lower()}")
    assert not ESCAPE.search(shown.out + made.out + made.err)


@pytest.mark.parametrize("name", [name for name in REFUSED if "\x00" not in name and "\ud800" not in name], ids=ascii)
def test_a_name_that_cannot_be_seen_is_refused_in_one_visible_line(mine: Desk, name: str) -> None:
    said = mine.onboard(name, "Hostile", "H99")
    assert said.code == 2
    assert "invisible character" in said.err
    assert not ESCAPE.search(said.err)


@pytest.mark.parametrize("name", REFUSED, ids=ascii)
def test_the_same_from_a_file_and_the_other_rows_go_on(mine: Desk, name: str) -> None:
    number = REFUSED.index(name)
    path = mine.folder / "rows.csv"
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        out = csv.writer(file)
        out.writerows([("given", "family", "employee"), ("Good", f"Row{number}", f"G{number}"), (name, "Bad", "B9")])
    said = mine.ops("user", "onboard", "--rows", "rows.csv", "--results", "out.csv", "--yes")
    if name == "\ud800":  # half a character is no UTF-8: the file as a whole is refused, before its first row
        assert (said.code, "cannot be read as text" in said.err) == (2, True)
        return
    assert said.code in (2, 5), said.err
    assert not ESCAPE.search(said.err.replace("\n", ""))


def test_a_formula_in_a_name_is_no_formula_in_the_results(mine: Desk) -> None:
    (mine.folder / "rows.csv").write_text('given,family,employee\n"=1+1",,\n')
    assert mine.ops("user", "onboard", "--rows", "rows.csv", "--results", "out.csv", "--yes").code == 5
    rows = list(csv.reader((mine.folder / "out.csv").read_text().splitlines()))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_what_a_directory_holds_cannot_move_the_cursor_of_a_real_terminal(mine: Desk, samba: LdapDirectory) -> None:
    assert mine.onboard("Tess", "Terminal", "TT1").code == 0
    entry = samba.account("tess.terminal")
    samba.swap(entry.ref, "description", (), ("\x1b]0;owned\x07\x1b[2J\u202egnp",))
    words = ["-m", "ops.cli.main", "account", "show", "tess.terminal"]
    environment = {**os.environ, "TERM": "xterm-256color"}
    shown = pexpect.spawn(sys.executable, words, cwd=mine.folder, env=environment, encoding="utf-8", timeout=20).read()
    assert "\\u001b]0;owned" in shown
    assert "\x1b]" not in shown
    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown
    said = mine.ops("account", "show", "tess.terminal", "--json")
    assert not ESCAPE.search(said.out.replace("\n", ""))
    assert said.json["attributes"]["description"] == ["\x1b]0;owned\x07\x1b[2J\u202egnp"]


def test_a_search_for_a_filter_is_a_search_for_its_letters(mine: Desk, tmp_path: Path) -> None:
    found = mine.ops("user", "show", "*", "--json")
    assert [person["name"] for person in found.json["people"] if "*" not in person["name"]] == []
    assert mine.ops("user", "show", "a)(objectClass=*").code == 1
    assert mine.ops("account", "show", "*").code == 1
