"""Verdicts on the estate: planted faults are found with their reason, nothing else is, and what nobody looked at is
never called a fault or fine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given as anything
from hypothesis import settings
from hypothesis import strategies as st

from inventory.estate.case import LONGEST, SEVERITIES, WORDS, Case, overall, reason
from inventory.estate.networks import Allowance
from inventory.estate.sighting import SOURCES, Sighting, SourceRun
from tests.unit.estate import (
    AT,
    DAY,
    HOUR,
    LOOKED_EVERYWHERE,
    asset,
    computer,
    dhcp,
    host,
    judged,
    verdicts,
    wire,
)
from tests.unit.test_estate_joining import EACH_ONCE

A, B, C, DOCK = "001122000001", "001122000002", "001122000003", "00aabb0000dd"
UUID = "aaaaaaaa-1111-2222-3333-000000000001"


def well(number: int, **fields: str) -> list[Sighting]:
    """A laptop that all sources agree on."""
    mac, name = f"00112200ff{number:02x}", f"pc-{number}"
    said = {"serial": f"SN-OK-{number}", "hostname": name, "fqdn": f"{name}.corp.example", "macs": mac}
    return [
        asset(f"LT-{number}", **said, **fields),
        host(name, **said),
        computer(name.upper(), fqdn=f"{name}.corp.example"),
        wire(mac, f"10.1.0.{number}"),
        dhcp(mac, f"10.1.0.{number}", name),
    ]


def only(cases: Sequence[Case]) -> Case:
    assert len(cases) == 1, verdicts(cases)
    return cases[0]


def unlooked(*sources: str) -> tuple[SourceRun, ...]:
    """All runs, where the newest of some sources failed."""
    return tuple(run for run in LOOKED_EVERYWHERE if run.source not in sources) + tuple(
        SourceRun(source, False, AT - HOUR, AT - HOUR, ("all",), failures=1) for source in sources
    )


def test_an_estate_that_agrees_has_no_case_and_that_is_no_pass_by_itself() -> None:
    cases = judged(*well(1), *well(2))
    assert cases == []
    assert overall(cases) == "UNKNOWN"


def test_exactly_the_planted_faults_are_found_each_with_its_reason() -> None:
    unknown = [wire("00ba5e000001", "10.1.0.66")]
    disposed = [
        asset("LT-9", serial="SN-9", macs=B, state="disposed", state_since="2026-11-01"),
        wire(B, "10.1.0.9", switch="sw1", port="Gi1/0/4"),
    ]
    cloned = [*well(3, uuid=UUID), *well(4, uuid=UUID)]
    renamed = [
        asset("LT-5", serial="SN-0005", hostname="old", domain="no"),
        host("old", 20 * DAY, serial="SN-0005", macs=C),
        host("new", HOUR, serial="SN-0005", macs=C),
        wire(C),
    ]
    one, other = well(6), well(7)
    docked = [
        *(replace(one[1], identities=(*one[1].identities, *wire(DOCK).identities)), *one[:1], *one[2:]),
        *(replace(other[1], identities=(*other[1].identities, *wire(DOCK).identities)), *other[:1], *other[2:]),
        wire(DOCK, "10.1.0.20"),
    ]
    cases = judged(*well(1), *unknown, *disposed, *cloned, *renamed, *docked)
    assert [(case.verdict, case.word, case.severity, case.because) for case in cases] == [
        ("GHOST-ALIVE", "FAIL", "critical", "LT-9 is disposed in the register, and the wire saw it at sw1_Gi1/0/4"),
        ("DUPLICATE", "FAIL", "high", f"UUID {UUID} is on LT-3 and LT-4"),
        (
            "UNAUTHORISED",
            "FAIL",
            "high",
            "00ba5e000001 is on the corp network office at 10.1.0.66 and nobody knows it",
        ),
        ("UNAUTHORISED", "WARN", "info", "its address is shared by LT-6 and LT-7; it joins none of them"),
    ]
    assert {case.due for case in cases} == {date(2026, 11, 29)}
    assert all(case.id and case.sources and case.as_of <= AT for case in cases)


def test_a_case_has_the_same_id_tomorrow_and_another_for_another_machine() -> None:
    today, tomorrow = only(judged(wire(A))), only(judged(wire(A, ago=2 * HOUR, name="x")))
    assert today.id == tomorrow.id != only(judged(wire(B))).id


def test_a_value_on_several_machines_is_the_subject_of_none() -> None:
    cases = judged(host("vm-1", uuid=UUID, macs=A), host("vm-2", uuid=UUID, macs=B), host("vm-3", uuid=UUID, macs=C))
    assert [case.subject for case in cases if case.verdict == "UNREGISTERED"] == [f"mac:{A}", f"mac:{B}", f"mac:{C}"]


@pytest.mark.parametrize(
    ("address", "severity", "word"),
    [
        ("10.1.0.7", "high", "FAIL"),
        ("10.1.9.7", "info", "PASS"),
        ("10.3.0.7", "info", "PASS"),
        ("192.0.2.7", "medium", "UNKNOWN"),
    ],
)
def test_a_stranger_is_as_bad_as_the_network_it_is_on(address: str, severity: str, word: str) -> None:
    case = only(judged(wire(A, address)))
    assert (case.verdict, case.severity, case.word) == ("UNAUTHORISED", severity, word)


def test_an_allowance_makes_a_stranger_welcome_until_its_last_day() -> None:
    allowance = Allowance("mac", A, "amy.ng", AT.date(), "display on trial")
    assert only(judged(wire(A), allowed=[allowance])).because == "allowed until 2026-11-22 by amy.ng as mac"
    ended = only(judged(wire(A), allowed=[replace(allowance, until=date(2026, 11, 21))]))
    assert (ended.word, ended.severity) == ("FAIL", "high")
    assert ended.because.endswith("its allowance ended 2026-11-21")


@pytest.mark.parametrize(
    ("kind", "value", "word"),
    [("oui", "001122", "PASS"), ("port", "SW1 gi1/0/4", "PASS"), ("port", "sw1 Gi1/0/5", "FAIL")],
)
def test_a_maker_or_a_port_can_be_allowed(kind: str, value: str, word: str) -> None:
    allowance = Allowance(kind, value, "amy.ng", date(2027, 1, 1), "printers")
    assert only(judged(wire(A, switch="sw1", port="Gi1/0/4"), allowed=[allowance])).word == word


@pytest.mark.parametrize("source", ["register", "directory"])  # collected or not, it is not registered
def test_where_a_source_did_not_look_a_stranger_is_unknown_and_stays_high(source: str) -> None:
    case = only(judged(wire(A), runs=unlooked(source)))
    assert (case.word, case.severity) == ("UNKNOWN", "high")
    assert case.not_looked_at[0].endswith("the run of 2026-11-22 failed")


def test_a_source_the_firm_does_not_have_is_not_missed() -> None:
    case = only(judged(wire(A), runs=unlooked("directory"), without=["directory"]))
    assert (case.word, case.not_looked_at) == ("FAIL", ())


def test_a_scan_without_root_sees_no_mac_and_says_what_to_do() -> None:
    case = only(judged(wire("", "10.1.0.50")))
    assert (case.word, case.because) == (
        "UNKNOWN",
        "something answers at 10.1.0.50 and its MAC was not seen; scan as root",
    )


@pytest.mark.parametrize("mac", ["01005e0000fb", "00005e000101"])
def test_a_group_or_a_virtual_router_is_no_stranger(mac: str) -> None:
    assert judged(wire(mac)) == []


def test_what_was_on_the_network_yesterday_noon_is_not_there_now() -> None:
    assert judged(wire(A, ago=25 * HOUR)) == []
    assert only(judged(dhcp(A, "10.1.0.7", "x", ago=6 * DAY))).word == "FAIL"


def test_randomised_addresses_are_one_case_for_each_name_and_network() -> None:
    phones = [wire(f"daa1190000{n:02x}", f"10.1.0.{n}") for n in range(1, 41)]
    named = [dhcp(f"daa1190000{n:02x}", f"10.1.0.{n}", "amys phone") for n in range(1, 41)]
    case = only(judged(*phones, *named))
    assert case.because == "40 randomised addresses called amys_phone on 10.1.0.0/24"
    assert (case.verdict, case.word, len(case.members)) == ("UNAUTHORISED", "FAIL", 80)
    assert only(judged(wire("daa119000001", "10.1.9.4"))).word == "PASS"


def test_randomised_addresses_can_be_allowed_by_their_port() -> None:
    phone = wire("daa119000001", switch="sw1", port="Gi1/0/4")
    allowance = Allowance("port", "sw1 Gi1/0/4", "amy.ng", date(2027, 1, 1), "meeting room")
    assert only(judged(phone, allowed=[allowance])).word == "PASS"
    assert only(judged(phone, allowed=[replace(allowance, until=date(2026, 1, 1))])).word == "FAIL"


def test_a_registered_machine_that_is_not_approved_may_not_connect() -> None:
    case = only(judged(*well(1, approved="no")))
    assert case.because == "LT-1 is not approved to connect, and is on the corp network"
    only_guest = [one for one in well(1, approved="no") if one.source not in ("wire", "dhcp")]
    assert judged(*only_guest, wire("00112200ff01", "10.1.9.4")) == []


def test_a_machine_the_register_does_not_have_is_unregistered_and_its_account_an_orphan() -> None:
    assert verdicts(judged(*well(1)[1:])) == [
        ("AD-ORPHAN", "serial:SN-OK-1", "FAIL"),
        ("UNREGISTERED", "serial:SN-OK-1", "FAIL"),
    ]
    assert verdicts(judged(host("pc", serial="SN-0001"))) == [("UNREGISTERED", "serial:SN-0001", "FAIL")]


def test_a_hint_to_an_asset_makes_it_a_warning_and_names_the_asset() -> None:
    cases = judged(computer("LT-1", guid=UUID), asset("A-1", hostname="lt-1", held_since="2026-11-20"))
    assert {(case.verdict, case.word) for case in cases} == {("UNREGISTERED", "WARN"), ("AD-ORPHAN", "WARN")}
    assert all(case.because.endswith("; perhaps it is A-1") for case in cases)


def test_a_disabled_account_is_no_orphan() -> None:
    assert [case.verdict for case in judged(computer("PC", guid=UUID, enabled="no"))] == ["UNREGISTERED"]


@pytest.mark.parametrize("state", ["retired", "sanitised", "disposed", "lost", "stolen"])
def test_what_is_gone_and_answers_is_the_worst_there_is(state: str) -> None:
    case = next(case for case in judged(*well(1, state=state)) if case.verdict == "GHOST-ALIVE")
    assert (case.severity, case.word) == ("critical", "FAIL")


def test_what_was_seen_before_it_was_disposed_of_is_no_ghost() -> None:
    gone = asset("LT-1", serial="SN-0001", state="disposed", state_since="2026-11-20")
    assert judged(gone, host("pc", 5 * DAY, serial="SN-0001")) == []
    assert only(judged(gone, host("pc", DAY, serial="SN-0001"))).verdict == "GHOST-ALIVE"


def test_without_the_day_it_went_only_the_wire_is_sure() -> None:
    gone = asset("LT-1", serial="SN-0001", macs=A, state="stolen")
    assert only(judged(gone, host("pc", 5 * DAY, serial="SN-0001"))).word == "WARN"
    assert only(judged(gone, wire(A))).word == "FAIL"


@pytest.mark.parametrize(("state", "found"), [("in_stock", True), ("missing", True), ("on_loan", False)])
def test_what_nobody_should_have_is_not_on_the_network(state: str, found: bool) -> None:
    assert [case.verdict for case in judged(*well(1, state=state))] == ["STATE-CONFLICT"] * found


def test_what_nobody_saw_for_45_days_is_missing() -> None:
    old = asset("LT-1", serial="SN-0001", held_since="2026-01-01")
    assert only(judged(old)).because == "LT-1 is deployed, and no source saw it ever"
    assert only(judged(old, host("pc", 46 * DAY, serial="SN-0001"))).word == "FAIL"
    assert judged(old, host("pc", 44 * DAY, serial="SN-0001")) == []


def test_what_was_handed_out_last_week_or_never_answers_is_not_missing() -> None:
    assert judged(asset("LT-1", held_since="2026-11-15")) == []
    assert judged(asset("MO-1", kind="monitor")) == []


def test_a_logon_stamp_counts_with_its_lag() -> None:
    stamp = {"fqdn": "lt-1.corp.example", "password_set": (AT - 59 * DAY).isoformat()}
    old = asset("LT-1", fqdn="lt-1.corp.example")
    assert judged(old, computer("PC", ago=58 * DAY, **stamp)) == []
    assert only(judged(old, computer("PC", ago=59.5 * DAY, **stamp))).verdict == "MISSING"


def test_nothing_is_missing_where_nobody_looked() -> None:
    assert only(judged(asset("LT-1"), runs=unlooked("wire"))).word == "UNKNOWN"
    leeds = tuple(replace(run, scopes=("10.1.0.0/16",)) if run.source == "wire" else run for run in LOOKED_EVERYWHERE)
    assert only(judged(asset("LT-1", site="London"), runs=leeds)).word == "FAIL"
    case = only(judged(asset("LT-2", site="Leeds"), runs=leeds))
    assert (case.word, case.not_looked_at) == ("UNKNOWN", ("the wire: did not look in 10.2.0.0/24, 10.3.0.0/24",))


def test_a_firm_that_began_to_look_last_week_cannot_miss_anything_yet() -> None:
    runs = tuple(run for run in LOOKED_EVERYWHERE if run.ended > AT - 7 * DAY)
    case = only(judged(asset("LT-1"), runs=runs))
    assert (case.word, case.not_looked_at) == ("UNKNOWN", ("the wire: watched only since 2026-11-22",))


def test_a_failed_source_is_one_case_and_not_one_for_each_asset() -> None:
    case = only(judged(*(asset(f"LT-{n}") for n in range(50)), runs=unlooked("collected")))
    assert (case.verdict, case.word, len(case.members)) == ("MISSING", "UNKNOWN", 50)


def test_a_laptop_without_an_account_is_unmanaged_unless_it_never_belonged() -> None:
    without = [one for one in well(1) if one.source != "directory"]
    assert only(judged(*without)).verdict == "UNMANAGED"
    assert only(judged(*without, runs=unlooked("directory"))).word == "UNKNOWN"
    assert judged(*without, without=["directory"]) == []
    assert judged(*(one for one in well(1, domain="no") if one.source != "directory")) == []
    assert judged(*(one for one in well(1, kind="printer") if one.source != "directory")) == []


def test_an_account_is_stale_when_both_stamps_are_old() -> None:
    def stale(logon: str, password: str) -> list[str]:
        account = computer("PC", guid=UUID, last_logon=logon, password_set=password)
        cases = judged(account, asset("LT-1", guid=UUID, held_since="2026-11-20"))
        return [case.word for case in cases if case.verdict == "AD-STALE"]

    old, young = (AT - 61 * DAY).isoformat(), (AT - 30 * DAY).isoformat()
    assert stale(old, old) == stale("never", old) == ["WARN"]
    assert stale(old, young) == stale(young, old) == stale("", "") == []
    assert stale("", old) == ["UNKNOWN"]


def test_a_serial_twice_in_the_register_is_a_duplicate_and_among_the_gone_a_warning() -> None:
    one, other = (
        asset("LT-1", serial="SN-0001", held_since="2026-11-20"),
        asset("LT-2", serial="sn-0001 ", state="planned"),
    )
    case = only(judged(one, other))
    assert (case.verdict, case.word, case.members) == ("DUPLICATE", "FAIL", ("LT-1", "LT-2"))
    gone = asset("LT-2", serial="SN-0001", state="disposed")
    assert only(judged(one, gone)).word == "WARN"
    assert only(judged(one, asset("LT-2", serial="SN-0001", maker="Lenovo", state="planned"))).word == "WARN"
    assert judged(asset("LT-1", serial="None", state="planned"), asset("LT-2", serial="None", state="planned")) == []


def test_one_name_on_two_machines_is_a_conflict_unless_one_is_gone_or_the_domains_differ() -> None:
    def named(serial: str, **fields: str) -> Sighting:
        return asset(f"LT-{serial}", serial=serial, hostname="pc-1", **{"state": "planned", **fields})

    case = only(judged(named("SN-0001"), named("SN-0002")))
    assert (case.verdict, case.subject) == ("IDENTITY-CONFLICT", "hostname:pc-1")
    assert judged(named("SN-0001"), named("SN-0002", state="disposed")) == []
    assert judged(named("SN-0001", fqdn="pc-1.a.example"), named("SN-0002", fqdn="pc-1.b.example")) == []


def test_a_cloned_uuid_among_machines_that_were_asked_is_a_conflict_with_its_reason() -> None:
    cases = judged(host("vm-1", uuid=UUID, macs=A), host("vm-2", uuid=UUID, macs=B))
    case = next(case for case in cases if case.verdict == "IDENTITY-CONFLICT")
    assert case.because == f"UUID {UUID} is on 2 machines: vm-1 and vm-2 had it at the same time"


def test_a_name_from_the_network_is_one_short_printable_word() -> None:
    case = only(judged(dhcp(A, "10.1.0.7", "evil\x1b[31m " + "very " * 50)))
    assert case.because.isprintable()
    assert len(case.because.split()) <= LONGEST
    assert reason("word " * 30).split()[-1] == "…"


RUNS = st.lists(
    st.builds(
        lambda source, ok, days, scope: SourceRun(source, ok, AT - days * DAY, AT - days * DAY, (scope,)),
        st.sampled_from(SOURCES),
        st.booleans(),
        st.integers(0, 70),
        st.sampled_from(["all", "10.1.0.0/24", "OU=PCs,DC=corp,DC=example", "DC=corp,DC=example"]),
    ),
    max_size=8,
)


@settings(max_examples=500)
@anything(EACH_ONCE, RUNS)
def test_every_case_is_complete_short_and_its_own(sightings: list[Sighting], runs: list[SourceRun]) -> None:
    cases = judged(*sightings, runs=runs)
    assert len({case.id for case in cases}) == len(cases)
    for case in cases:
        assert case.severity in SEVERITIES
        assert case.word in WORDS
        assert case.because.isprintable()
        assert 0 < len(case.because.split()) <= LONGEST
        assert case.sources
        assert case.due > AT.date()
        assert case.word == "UNKNOWN" or not case.not_looked_at


@settings(max_examples=200)
@anything(EACH_ONCE)
def test_where_nobody_looked_no_absence_is_a_fault(sightings: list[Sighting]) -> None:
    on_absence = {"UNREGISTERED", "AD-ORPHAN", "MISSING", "UNMANAGED"}
    found = {case.verdict for case in judged(*sightings, runs=[]) if case.word != "UNKNOWN"}
    assert not found & on_absence
