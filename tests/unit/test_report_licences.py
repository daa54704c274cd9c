"""The reports on licences and on access: every figure has its lines, and what nobody looked at is not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import insert

from inventory.register.store import Pen, Register
from inventory.register.tables import table
from inventory.report import access, making
from inventory.report.inputs import Account, Inputs
from inventory.report.licences import workbook as licences
from inventory.report.parts import Workbook
from inventory.report.template import Template
from ops.adapters.directory_entry import DISABLED, NORMAL_ACCOUNT, Domain, Entry, filetime
from ops.cli.accounts import accounts
from ops.errors import NotVerified, Unreachable
from tests.unit import report_estate as estate
from tests.unit.report_estate import AS_OF, TODAY, inputs, laptop, lights, put, tiles, told

VISIO = {"product": "microsoft.visio", "metric": "device", "starts": "2029-01-01", "currency": "EUR"}


def bought(pen: Pen) -> None:
    """Two proven licences of Visio on three laptops, five seats without proof, and software nobody knows."""
    for number in range(3):
        laptop(pen, f"LAP-{number}", "deployed", holder=f"person:p{number}")
    term = {"ends": "2030-05-01", "notice_days": "30", "unit_cost": "126.00", "term_months": "12"}
    put(pen, "entitlement:vis-1", **VISIO, quantity="2", proof="ab", **term)
    put(pen, "entitlement:vis-2", **VISIO, quantity="5", unit_cost="100.00")
    put(pen, "seat:vis-1/p0", entitlement="vis-1", holder="person:p0", quantity="1", since="2029-02-01")
    put(pen, "price:microsoft.visio", product="microsoft.visio", amount="150.00", currency="EUR")
    for number in range(3):
        installed(pen, number, "Microsoft Corporation", "Microsoft Visio Professional 2021")
    installed(pen, 0, "Nobody", "=cmd|' /C calc'!A0")


def installed(pen: Pen, number: int, publisher: str, name: str) -> None:
    """One row of an inventory of two days ago."""
    day = TODAY - timedelta(days=2)
    row = {
        "asset": f"LAP-{number}",
        "source_run": 1,
        "inventoried": day,
        "hardware": "{}",
        "primary_user": f"p{number}",
    }
    if publisher != "Nobody":
        pen.connection.execute(insert(table("collected")), [{**row, "system": "Windows"}])
    found = {"source_run": 1, "asset": f"LAP-{number}", "publisher": publisher, "name": name, "version": "16.0"}
    more = {"scope": "machine", "user": "", "installed": None, "last_used": None, "last_used_status": "unsupported"}
    pen.connection.execute(insert(table("installation")), [{**found, **more}])


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    made = estate.register(tmp_path, filled=False)
    yield made
    made.close()


def report(register: Register, **more: Any) -> tuple[Workbook, dict[str, list[dict[str, Any]]]]:
    """The report, and its tables."""
    with register.reading() as seen:
        made = licences.workbook(seen, inputs(seen, "licences", **more))
        return made, told(made)


def test_without_licences_and_inventories_nothing_is_evaluated(register: Register) -> None:
    made, tables = report(register)
    assert set(lights(made).values()) == {"UNKNOWN"}
    assert tables["position"] == []
    assert [number for number in tiles(made).values() if number] == []


def test_a_position_is_the_sum_of_its_counted_lines(register: Register) -> None:
    with register.writing() as pen:
        bought(pen)
    made, tables = report(register)
    (row,) = tables["position"]
    assert [row[name] for name in ("Owned", "Effective", "Without proof", "Required", "Position")] == [7, 2, 5, 3, -1]
    assert (row["Status"], row["Exposure"]) == ("UNPROVEN", {"amount": "150.00", "currency": "EUR"})
    for side, number in (("demand", 3), ("entitlement", 2)):
        counts = [line for line in tables["derivation"] if line["Side"] == side and line["Counts"] == "yes"]
        assert sum(line["Units"] for line in counts) == number
    assert (lights(made)["Licence position"], lights(made)["Proof"]) == ("FAIL", "FAIL")


def test_what_is_not_known_to_any_rule_is_listed_and_never_a_formula(register: Register) -> None:
    with register.writing() as pen:
        bought(pen)
    made, tables = report(register)
    assert [(row["What"], row["Name"]) for row in tables["software"]] == [("UNRECOGNISED", "=cmd|' /C calc'!A0")]
    assert tiles(made)["Software no rule knows"] == 1


def test_the_last_day_to_give_notice_comes_first_and_is_an_action_due_that_day(register: Register) -> None:
    with register.writing() as pen:
        bought(pen)
    _, tables = report(register)
    assert [(row["Day"], row["What falls due"]) for row in tables["renewals"]] == [
        ("2030-04-01", "notice"),
        ("2030-05-01", "end"),
    ]
    (action,) = (row for row in tables["actions"] if row["Action"].startswith("NOTICE"))
    assert (action["Due"], action["At stake"]["amount"]) == ("2030-04-01", "252.00")


def test_joiners_of_the_schedule_are_in_the_forecast_of_named_users_only(register: Register) -> None:
    with register.writing() as pen:
        bought(pen)
        put(pen, "entitlement:vis-3", **{**VISIO, "metric": "named-user"}, quantity="9", proof="ab")
    _, tables = report(register, joins=("2030-04-01", "2030-04-02"))
    found = {row["Counted by"]: "2 join" in row["Because"] for row in tables["forecast"]}
    assert found == {"device": False, "named user": True}


def test_a_seat_whose_use_cannot_be_seen_is_not_unused(register: Register) -> None:
    with register.writing() as pen:
        bought(pen)
    made, tables = report(register)
    assert [row["Verdict"] for row in tables["reclaim"]] == ["cannot tell"]
    assert (lights(made)["Unused seats"], tiles(made)["Seats not used"]) == ("UNKNOWN", None)


def test_seats_and_licences_in_the_file_are_those_the_database_adds_up(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with register.writing() as pen:
        bought(pen)
    with register.reading() as seen:
        asked = inputs(seen, "licences")
        wanted = making.expected(seen, asked)
        assert (wanted["entitlements"].rows, wanted["entitlements"].sums["Packs"]) == (2, 7)
        making.export(making.build(seen, asked), tmp_path / "l.xlsx", "position", Template(), wanted)
        monkeypatch.setattr("inventory.register.licensing.seat_of", lambda fields: replace(_seat(fields), qty=9))
        with pytest.raises(NotVerified, match="the sum of Seats is 9 written, 1 in its source"):
            making.export(making.build(seen, asked), tmp_path / "m.xlsx", "position", Template(), wanted)


def _seat(fields: Any) -> Any:
    from inventory.register.entitling import seat_of

    return seat_of(fields)


# Access
AMY = Account("amy.ng", "Amy Ng", True, "yes", ("Sales", "Admins"), privileged=True, last_used="2030-03-14")
KIT = Account("kit", "Kit", True, "yes", ("Sales",), last_used="2029-01-01")
OLD = Account("old", "=1+1", False, "no: it is disabled", ("Sales",))
ODD = Account("odd", "Odd", None, "not told")


def on(*found: Account, **more: Any) -> tuple[Workbook, dict[str, list[dict[str, Any]]]]:
    """The report on some accounts."""
    made = access.workbook(Inputs("access", AS_OF, "R", accounts=found, **{"left": estate.LEFT, **more}))
    return made, told(made)


def test_a_leaver_who_can_sign_in_is_a_failure_and_who_cannot_is_not() -> None:
    made, tables = on(AMY, KIT, OLD)
    assert {row["Logon name"]: row["Verdict"] for row in tables["accounts"]} == {
        "amy.ng": "LEAVER", "kit": "DORMANT", "old": "CLOSED",
    }  # fmt: skip
    assert lights(made) == {"Leavers cannot sign in": "FAIL", "Dormant accounts": "WARN"}
    assert [row["Severity"] for row in tables["actions"]] == ["critical", "low"]
    assert lights(on(KIT, OLD)[0])["Leavers cannot sign in"] == "PASS"


def test_an_account_of_which_nobody_told_keeps_the_whole_from_looking_well() -> None:
    assert lights(on(KIT, ODD)[0])["Leavers cannot sign in"] == "UNKNOWN"
    assert lights(on(KIT, left={})[0])["Leavers cannot sign in"] == "UNKNOWN"


def test_groups_tell_how_many_of_their_members_can_sign_in() -> None:
    _, tables = on(AMY, KIT, OLD)
    assert [(row["Group"], row["Members"], row["Can sign in"], row["Leavers"]) for row in tables["groups"]] == [
        ("Sales", 3, 2, 1), ("Admins", 1, 1, 1),
    ]  # fmt: skip
    assert len(tables["memberships"]) == 4


def test_without_a_directory_all_of_it_is_unknown() -> None:
    made = access.workbook(Inputs("access", AS_OF, "R", left=estate.LEFT, unasked="there is no directory"))
    assert set(lights(made).values()) == {"UNKNOWN"}
    assert set(tiles(made).values()) == {None}
    assert "there is no directory" in str(told(made)["sources"])


class Directory:
    """Answers two searches; accounts are of people, groups of groups."""

    domain = Domain("example.com", "DC=example", protected={"S-1-1": "Admins"})

    def search(self, filter_: str, _: str) -> tuple[Entry, ...]:
        if "group" in filter_:
            return (Entry("guid:g", "CN=Sales,DC=example", {"displayName": ("Sales",)}),)
        ago = filetime(datetime(2030, 3, 14, tzinfo=UTC))
        base = {"displayName": ("Amy Ng",), "lastLogonTimestamp": (str(ago),), "pwdLastSet": ("1",)}
        amy = base | {"sAMAccountName": ("amy.ng",), "userAccountControl": (str(NORMAL_ACCOUNT),)}
        off = base | {"sAMAccountName": ("off",), "userAccountControl": (str(NORMAL_ACCOUNT | DISABLED),)}
        return (
            Entry("guid:a", "CN=Amy,DC=example", amy, frozenset({"guid:g"})),
            Entry("guid:o", "CN=Off,DC=example", off),
        )

    def reach(self, ref: str) -> frozenset[str]:
        return frozenset({"S-1-1"} if ref == "guid:a" else ())


def test_accounts_of_the_directory_in_plain_words() -> None:
    site: Any = SimpleNamespace(kinds={"directory": "dc"}, targets={"dc": Directory()})
    found, why = accounts(site)
    assert (found, why) == (
        (
            Account("amy.ng", "Amy Ng", True, "yes", ("Sales",), "", True, "2030-03-14"),
            Account("off", "Amy Ng", False, "no: it is disabled", (), "", False, "2030-03-14"),
        ),
        "",
    )


def test_a_directory_that_does_not_answer_is_a_reason_and_no_failure_of_the_report() -> None:
    class Silent(Directory):
        def search(self, filter_: str, base: str) -> tuple[Entry, ...]:
            raise Unreachable("dc1 did not answer")

    site: Any = SimpleNamespace(kinds={"directory": "dc"}, targets={"dc": Silent()})
    assert accounts(site) == (None, "the directory could not be asked: dc1 did not answer")
    assert accounts(SimpleNamespace(kinds={}, targets={})) == (None, "there is no directory in the inventory")  # type: ignore[arg-type]
