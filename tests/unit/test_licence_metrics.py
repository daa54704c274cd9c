"""What each metric counts, and the rule for each unit that it leaves out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.licence.cores import CoreRule, packs, physical, stacked, virtual
from inventory.licence.model import Allocation, Declared, Exemption, Hardware, Product, Session, Usage
from inventory.licence.recognition_file import shipped
from inventory.licence.sessions import concurrent
from ops.errors import InvalidRequest
from tests.unit.licence_estate import (
    PRODUCTS,
    D,
    all_positions,
    devices,
    entitlement,
    estate,
    on,
    reasons,
    the_position,
    why,
)

WINDOWS = CoreRule.of(shipped().products["microsoft.windows-server"].params)
DATACENTER = CoreRule.of(shipped().products["microsoft.windows-server-datacenter"].params)
SQL = CoreRule.of(shipped().products["microsoft.sql-server"].params)


def test_device_counts_distinct_live_assets_less_active_exemptions() -> None:
    known = devices("LAP-a", "LAP-b", "LAP-c") | devices("LAP-dead", live=False)
    spared = Exemption("draw", "asset:LAP-b", "build server", "Dana", date(2026, 11, 23))
    over = Exemption("draw", "asset:LAP-c", "trial", "Dana", D)
    company = estate(known, entitlement(qty=2), exemptions=(spared, over))
    rows = [*on("LAP-a", "LAP-a", "LAP-b", "LAP-c", "LAP-dead", "LAP-gone")]
    assert the_position(company, rows).required == 2
    assert reasons(company, rows) == {
        "asset:LAP-b": "exempt",
        "asset:LAP-dead": "not-live",
        "asset:LAP-gone": "not-registered",
    }


def test_components_of_an_installed_suite_count_as_the_suite() -> None:
    company = estate(devices("LAP-a", "LAP-b"), entitlement("part"), entitlement("suite", id="E2"))
    rows = [*on("LAP-a", "LAP-b", product="part"), *on("LAP-a", product="suite")]
    assert reasons(company, rows) == {"asset:LAP-a": "suite"}
    assert sum(line.units for line in why(company, rows) if line.counted) == 1


def test_second_use_covers_one_portable_device_of_the_same_user() -> None:
    known = devices("PC1-amy", "PC2-bo") | devices("PC3", primary_user="amy")
    known |= devices("LAP1", "LAP2", primary_user="amy", portable=True) | devices("LAP3", portable=True)
    rows = on(*known)
    assert the_position(estate(known, entitlement(qty=9)), rows).required == 6
    with_second = estate(known, entitlement(qty=9, second_use=True))
    assert the_position(with_second, rows).required == 4
    one_only = estate(known, entitlement(qty=1, second_use=True))
    assert the_position(one_only, rows).required == 5
    assert reasons(with_second, rows) == {"asset:LAP1": "second-use", "asset:LAP2": "second-use"}


def test_a_second_use_is_of_one_further_device_not_of_any_number() -> None:
    known = devices("PC1-amy") | devices("LAP1", "LAP2", primary_user="amy", portable=True)
    assert the_position(estate(known, entitlement(qty=9, second_use=True)), on(*known)).required == 2


def test_named_user_counts_distinct_persons_with_accounts_folded() -> None:
    company = estate(
        devices("LAP-amy", "PC1-amy", "LAP-bo", "LAP-"),
        entitlement(metric="named-user", qty=9),
        allocations=(Allocation("E1", "person:cy", D), Allocation("E1", "person:old", date(2025, 1, 1), ends=D)),
        assignments={"draw": ("adm-amy", "di")},
        persons={"amy": "amy.ng", "adm-amy": "amy.ng"},
        exemptions=(Exemption("draw", "person:di", "supplier's own", "Dana", date(2027, 1, 1)),),
    )
    rows = on("LAP-amy", "PC1-amy", "LAP-bo", "LAP-")
    counted = {line.subject for line in why(company, rows) if line.counted}
    assert counted == {"person:amy.ng", "person:bo", "person:cy"}
    assert reasons(company, rows) == {"person:di": "exempt", "asset:LAP-": "no-user"}


def test_an_installation_of_a_users_own_is_that_users_and_the_machines_is_the_primary_users() -> None:
    company = estate(devices("LAP-amy"), entitlement(metric="named-user"))
    own = on("LAP-amy", scope="user", user="guest")
    for rows, users in ((own, {"guest"}), ([*own, *on("LAP-amy")], {"guest", "amy"}), ([*on("LAP-amy"), *own], None)):
        found = {line.subject.removeprefix("person:") for line in why(company, rows) if line.counted}
        assert found == (users or {"guest", "amy"})


def test_concurrent_ends_before_it_starts_at_the_same_moment() -> None:
    day = datetime(2026, 11, 2)
    hours = [(8, 10), (10, 12), (9, 11)]
    sessions = [Session(day + timedelta(hours=a), day + timedelta(hours=b)) for a, b in hours]
    found = concurrent(sessions, (day, day + timedelta(days=1)))
    assert (found.peak, found.at) == (2, day + timedelta(hours=9))


def test_p95_is_the_level_not_passed_in_95_per_cent_of_the_time() -> None:
    start = datetime(2026, 11, 1)
    window = (start, start + timedelta(minutes=100))

    def p95(minutes: int) -> int:
        return concurrent([Session(start, start + timedelta(minutes=minutes))] * 7, window).p95

    assert [p95(5), p95(6)] == [0, 7]


MINUTES = st.integers(-5, 30)


@given(st.lists(st.tuples(MINUTES, st.one_of(st.none(), MINUTES)), max_size=12))
def test_peak_is_the_most_that_any_minute_has(spans: list[tuple[int, int | None]]) -> None:
    zero = datetime(2026, 11, 1)
    window = (zero, zero + timedelta(minutes=20))
    sessions = [
        Session(zero + timedelta(minutes=a), None if b is None else zero + timedelta(minutes=b)) for a, b in spans
    ]
    levels = [sum(a <= minute < (20 if b is None else b) for a, b in spans) for minute in range(20)]
    found = concurrent(sessions, window)
    assert found.peak == max(levels)
    assert found.p95 == sorted(levels)[18]  # 19 of 20 minutes do not pass it
    assert found.at == (zero + timedelta(minutes=levels.index(found.peak)) if found.peak else None)


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="window"):
        concurrent([], (datetime(2026, 11, 2), datetime(2026, 11, 2)))


def test_concurrent_without_a_measurement_is_unknown_and_without_sessions_is_none_needed() -> None:
    company = estate(devices("LAP-a"), entitlement(metric="concurrent", qty=2))
    assert the_position(company, on("LAP-a")).required is None
    window = (datetime(2026, 11, 1), datetime(2026, 11, 21))
    measured = replace(company, usage={"draw": Usage(window)})
    assert the_position(measured, on("LAP-a")).required == 0
    both = Session(datetime(2026, 11, 2), datetime(2026, 11, 3))
    used = replace(company, usage={"draw": Usage(window, (both, both, both))})
    assert (the_position(used).required, the_position(used).status) == (3, "SHORT")
    assert "peak 3, first at 2026-11-02" in why(used, [])[0].because


def test_sessions_and_declared_counts_ask_for_no_release() -> None:
    used = Usage((datetime(2026, 11, 1), datetime(2026, 11, 21)), (Session(datetime(2026, 11, 2)),))
    company = estate(devices("LAP-a"), entitlement("cad", metric="concurrent", max_release_rank=1), usage={"cad": used})
    assert (the_position(company).required, the_position(company).status) == (1, "EXACT")
    line = entitlement("cad", metric="cal", max_release_rank=1)
    declared = estate(devices("LAP-a"), line, declared={"cad": Declared(1, "HR", D)})
    assert (the_position(declared).required, the_position(declared).status) == (1, "EXACT")


def test_instance_counts_each_installation() -> None:
    company = estate(devices("LAP-a", "LAP-b"), entitlement(metric="instance"))
    assert the_position(company, on("LAP-a", "LAP-a", "LAP-b")).required == 3


def test_site_counts_each_site_where_it_is_present_once() -> None:
    known = devices("LAP-a", "LAP-b", site="north") | devices("LAP-c", site="south") | devices("LAP-d")
    company = estate(known, entitlement(metric="site", qty=2))
    assert the_position(company, on(*known)).required == 2
    assert reasons(company, on(*known)) == {"asset:LAP-d": "no-site"}


def test_enterprise_counts_one_however_many_there_are() -> None:
    company = estate(devices("LAP-a", "LAP-b"), entitlement(metric="enterprise"))
    assert the_position(company, on("LAP-a", "LAP-b")).status == "EXACT"
    assert the_position(company).required == 0


def test_an_enterprise_licence_in_force_comes_before_all_others() -> None:
    lines = (entitlement(qty=99), entitlement(metric="enterprise", id="E2"))
    company = estate(devices("LAP-a", "LAP-b"), *lines)
    required = {one.key.metric: one.required for one in all_positions(company, on("LAP-a", "LAP-b"))}
    assert required == {"enterprise": 1, "device": 0}
    ended = estate(devices("LAP-a", "LAP-b"), lines[0], replace(lines[1], ends=D))
    required = {one.key.metric: one.required for one in all_positions(ended, on("LAP-a", "LAP-b"))}
    assert required == {"enterprise": 0, "device": 2}


def test_cal_needs_a_declared_count_and_is_unknown_without() -> None:
    company = estate(devices("LAP-a"), entitlement(metric="cal", qty=50))
    assert the_position(company, on("LAP-a")).status == "NOT_EVALUATED"
    declared = replace(company, declared={"draw": Declared(60, "directory group CAL-Users", D)})
    assert (the_position(declared).required, the_position(declared).shortfall) == (60, 10)


def test_two_sockets_of_six_cores_are_charged_sixteen() -> None:
    assert physical((6, 6), WINDOWS) == 16


def test_one_socket_of_24_cores_is_charged_24() -> None:
    assert physical((24,), WINDOWS) == 24


def test_no_socket_and_no_host_is_charged_below_its_minimum() -> None:
    assert physical((4,), WINDOWS) == 16
    assert physical((12, 2), WINDOWS) == 20
    assert physical((2, 2), SQL) == 8


def test_a_vm_of_two_vcores_is_charged_four() -> None:
    assert virtual(2, SQL) == 4
    assert virtual(6, SQL) == 6


def test_windows_server_standard_is_charged_again_for_every_two_vms() -> None:
    assert [stacked((8, 8), vms, WINDOWS) for vms in (0, 1, 2, 3, 5)] == [16, 16, 16, 32, 48]
    assert [stacked((8, 8), vms, DATACENTER) for vms in (0, 50)] == [16, 16]


def test_packs_are_rounded_up() -> None:
    assert [packs(cores, SQL) for cores in (0, 4, 5)] == [0, 2, 3]


@pytest.mark.parametrize("params", [{"min_cores": "8"}, {"pack": "0"}, {"pack": "two"}, {"min_vm": "unlimited"}])
def test_a_parameter_of_cores_that_makes_no_sense_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        CoreRule.of(params)
    assert caught.value.hint


HARDWARE = {
    "SRV-h": Hardware((6, 6)),
    "VM1-a": Hardware(vcores=2, host="SRV-h"),
    "VM2-b": Hardware(vcores=6, host="SRV-h"),
    "VM3-c": Hardware(vcores=8, host="SRV-h"),
    "VM4-d": Hardware(vcores=8, host="SRV-unknown"),
}


def test_cores_of_virtual_machines_are_charged_to_their_host_by_stacking() -> None:
    params = {"min_cpu": "8", "min_host": "16", "pack": "2", "vms": "2"}
    line = entitlement(metric="core", qty=8, pack_size=2, metric_params=params)
    company = estate(devices(*HARDWARE, "PC1-x"), line, hardware=HARDWARE)
    rows = on("VM1-a", "VM2-b", "VM3-c", "SRV-h")
    found = the_position(company, rows)
    assert (found.effective, found.required, found.shortfall) == (16, 32, 16)
    assert reasons(company, [*rows, *on("VM4-d", "PC1-x")]) == {
        "asset:SRV-unknown": "no-hardware",
        "asset:PC1-x": "no-hardware",
    }


def test_cores_of_virtual_machines_licensed_by_themselves() -> None:
    line = entitlement(metric="core", qty=5, pack_size=2, metric_params={"min_cpu": "4", "min_vm": "4", "pack": "2"})
    company = estate(devices(*HARDWARE), line, hardware=HARDWARE)
    assert the_position(company, on("VM1-a", "VM2-b")).required == 10
    assert the_position(company, on("SRV-h")).required == 12


def test_a_product_without_entitlement_is_counted_by_its_own_metric() -> None:
    by_core = Product("core", "Acme", "Core", metric="core", params={"min_vm": "4"})
    company = estate(devices(*HARDWARE), hardware=HARDWARE, products=PRODUCTS | {"core": by_core})
    rows = [row._replace(name="Core") for row in on("VM1-a")]
    assert (the_position(company, rows).key.metric, the_position(company, rows).required) == ("core", 4)


def test_who_holds_a_seat_of_another_metric_is_counted_there_and_once() -> None:
    company = estate(
        devices("LAP-amy", "LAP-bo", "LAP-cy"),
        entitlement(qty=9),
        entitlement(metric="named-user", id="E2"),
        allocations=(Allocation("E2", "person:amy", D),),
    )
    rows = on("LAP-amy", "LAP-bo", "LAP-cy")
    by_device, by_person = why(company, rows, 0), why(company, rows, 1)
    assert {line.subject for line in by_device if line.counted} == {"asset:LAP-bo", "asset:LAP-cy"}
    assert {line.subject for line in by_person if line.counted} == {"person:amy"}
    assert reasons(company, rows, 0) == {"asset:LAP-amy": "other-metric"}
