"""Nothing that names a person reaches a public text, whatever the person is called and however the run ends."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evidence.export import export
from evidence.ledger import Ledger
from ops.errors import OpsError
from ops.history import fold
from ops.plan import Projections
from ops.public import planned
from ops.undo import plan_undo
from tests.company import PLACES, company
from tests.unit.evidence.office import PERSON, Registry, Stubborn

MANY = settings(max_examples=25, deadline=None)
LETTERS = "abcdefghijklmnopqrstuvwxyzäöüßéñłøçğşžčřåæœđ" + "абвгдежзиклмнопрстуфхц" + "αβγδεζηθικλμνξοπρστυφχψω"
NAME = st.text(LETTERS, min_size=4, max_size=12).map("Zq{}".format)  # no word of ours has zq in it
PEOPLE = st.fixed_dictionaries({"given": NAME, "family": NAME})


@contextmanager
def registry() -> Iterator[Registry]:
    folder = Path(tempfile.mkdtemp())
    made = Registry(company(folder), folder)
    try:
        yield made
    finally:
        made.ledger.close()
        shutil.rmtree(folder)


def public(ledger: Ledger) -> str:
    """Every text that may leave: events and records."""
    runs = [one.run for one in ledger.runs()]
    texts = [text for run in runs for text in ledger.texts(run)] + [
        d.text for d in ledger.documents("evidence-record-v1")
    ]
    return "\n".join(texts).casefold()


def personal(row: dict[str, str], made: Registry) -> set[str]:
    """The words by which somebody is known: what was typed, and every value the directory got from it."""
    words = {row["given"], row["family"], row["employee"], made.office.path.name}
    logons = made.office.desk.everybody()
    words |= {*logons, *(part for logon in logons for part in logon.split("."))}
    return {word.casefold() for word in words if len(word) > 3}


def found_in(text: str, words: set[str]) -> set[str]:
    return {word for word in words if word in text}


def row_of(who: dict[str, str]) -> dict[str, str]:
    return {**who, "employee": "EMP-778812", "groups": "role-sales,vpn"}


@MANY
@given(who=PEOPLE)
def test_a_joiner_is_named_in_no_public_text_and_nor_is_the_undo(who: dict[str, str]) -> None:
    with registry() as made:
        row = row_of(who)
        try:
            plan = replace(made.office.plan(row), why={"ticket": "INC-4711", "reason": who["given"]})
        except OpsError:
            assume(False)
        made.ledger.append(planned("r0", plan, dry_run=True))
        made.seal("r0")
        made.run("r1").start(plan)
        made.seal("r1")
        words = personal(row, made) | {"inc-4711", "cn=", "dc=lab"}
        undo = plan_undo(fold(made.ledger.run("r1")), Projections(made.office.targets))
        made.run("r2").start(replace(undo.plan, undoes="r1"))
        made.seal("r2")
        assert len(words) >= 6
        assert found_in(public(made.ledger), words) == set()
        whole = json.dumps([dict(e.private) for e in made.ledger.run("r1")], ensure_ascii=False, default=str).casefold()
        assert {who["given"].casefold(), who["family"].casefold()} <= found_in(whole, words)


@MANY
@given(who=PEOPLE, refuses=st.integers(1, 6))
def test_a_failure_whose_error_names_somebody_keeps_it_private(who: dict[str, str], refuses: int) -> None:
    with registry() as made:
        row = row_of(who)
        try:
            plan = made.office.plan(row)
        except OpsError:
            assume(False)
        made.office.targets["dc1"] = Stubborn(made.office.directory, refuses, f"{who['given']} {who['family']}: no")
        with suppress(OpsError):
            made.run("r1").start(plan)
        made.seal("r1")
        made.note("r2", "refused", {"why": f"{who['given']} is protected"}, error="refused", source="user/onboard")
        made.seal("r2")
        assert found_in(public(made.ledger), personal(row, made)) == set()


OPERATIONS: dict[str, dict[str, Any]] = {
    "account.disable": {},
    "account.enable": {},
    "account.rename": {"given": "Wilhelmina", "family": "Oppenheimer"},
    "account.unlock": {},
    "account.reset_password": {},
}


@pytest.mark.parametrize("name", OPERATIONS)
@MANY
@given(who=PEOPLE)
def test_no_operation_on_an_account_names_whose_it_is(name: str, who: dict[str, str]) -> None:
    with registry() as made:
        row = row_of(who)
        with suppress(OpsError):
            made.office.do(made.office.plan(row))
        logons = made.office.desk.everybody()
        assume(logons)
        plan = made.office.one(name, account=logons[0], **OPERATIONS[name])
        with suppress(OpsError):
            made.run("r1").start(plan)
        made.seal("r1")
        words = personal(row, made) | {"wilhelmina", "oppenheimer", "cn=", "dc=lab"}
        assert found_in(public(made.ledger), words) == set()


def test_an_export_without_names_has_none_in_any_of_its_files(tmp_path: Path) -> None:
    with registry() as made:
        row = row_of({"given": "Wilhelmina", "family": "Oppenheimer"})
        made.run("r1").start(made.office.plan(row))
        made.seal("r1")
        export(made.ledger, ["r1"], tmp_path / "out", PERSON)
        everything = "".join(file.read_text() for file in (tmp_path / "out").iterdir()).casefold()
        assert found_in(everything, personal(row, made) | set(PLACES.values())) == set()
