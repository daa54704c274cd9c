"""The position: effective less required, its status, how far it can be trusted, and every line's reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.licence.demand import RULES, Key
from inventory.licence.grade import by_age, by_share, coverage
from inventory.licence.model import (
    Allocation,
    Declared,
    Device,
    Entitlement,
    Exemption,
    Installation,
    ListPrice,
    Release,
)
from inventory.licence.position import VERDICTS, derivation, positions
from ops.errors import InvalidRequest
from tests.unit.licence_estate import (
    OLD_AND_NEW,
    PRODUCTS,
    D,
    all_positions,
    counted,
    devices,
    entitlement,
    estate,
    on,
    the_position,
    why,
)

TAGS = tuple(f"LAP-{n:02}" for n in range(20))
ALL = devices(*TAGS)
PAST = date(2025, 1, 1)


def status(company: object, rows: list[Installation]) -> str:
    return the_position(company, rows).status  # type: ignore[arg-type]


def test_position_is_effective_less_required() -> None:
    found = the_position(estate(ALL, entitlement(qty=12)), on(*TAGS))
    assert (found.effective, found.required, found.position, found.shortfall) == (12, 20, -8, 8)


@pytest.mark.parametrize(("qty", "expected"), [(19, "SHORT"), (20, "EXACT"), (21, "SURPLUS")])
def test_short_exact_and_surplus(qty: int, expected: str) -> None:
    assert status(estate(ALL, entitlement(qty=qty)), on(*TAGS)) == expected


def test_software_without_any_entitlement_is_short() -> None:
    found = the_position(estate(ALL), on("LAP-01"))
    assert (found.status, found.key, found.position) == ("SHORT", Key("draw", "device"), -1)


def test_a_line_without_proof_does_not_count_and_stands_apart() -> None:
    company = estate(ALL, entitlement(qty=15), entitlement(qty=5, id="E2", proof=""))
    found = the_position(company, on(*TAGS))
    assert (found.owned, found.effective, found.unproven, found.shortfall) == (20, 15, 5, 5)
    assert found.statuses == ("UNPROVEN",)
    assert found.verdict == "FAIL"


def test_proof_that_would_not_be_enough_is_short_as_well() -> None:
    company = estate(ALL, entitlement(qty=14), entitlement(qty=5, id="E2", proof=""))
    assert the_position(company, on(*TAGS)).statuses == ("SHORT", "UNPROVEN")


def test_a_line_that_ended_while_it_is_needed_is_expired_in_use() -> None:
    company = estate(ALL, entitlement(qty=20, ends=D))
    assert the_position(company, on(*TAGS)).statuses == ("EXPIRED-IN-USE",)
    assert status(company, []) == "EXACT"


def test_an_ended_line_of_the_wrong_release_would_not_help() -> None:
    company = estate(ALL, entitlement("cad", 20, ends=D, max_release_rank=1))
    assert the_position(company, on("LAP-01", product="cad", version="2")).statuses == ("SHORT",)


@pytest.mark.parametrize(("days", "expected"), [(89, True), (90, True), (91, False)])
def test_expiring_is_by_the_notice_date_not_the_end(days: int, expected: bool) -> None:
    ends = D + timedelta(days=days + 60)
    found = the_position(estate(ALL, entitlement(qty=20, ends=ends, notice_days=60)), on(*TAGS))
    assert ("EXPIRING" in found.statuses) is expected
    assert found.status == ("EXPIRING" if expected else "EXACT")


def test_prohibited_software_is_prohibited_however_many_licences_there_are() -> None:
    bought = estate(ALL, entitlement("banned", 5))
    assert status(bought, on("LAP-01", product="banned")) == "PROHIBITED"
    assert status(bought, on("NOT-OURS", product="banned")) == "PROHIBITED"


@pytest.mark.parametrize(("stale", "expected"), [(1, "SURPLUS"), (2, "NOT_EVALUATED")])
def test_below_95_per_cent_inventoried_within_30_days_nothing_is_evaluated(stale: int, expected: str) -> None:
    known = ALL | devices(*TAGS[:stale], inventoried_on=D - timedelta(days=31))
    assert status(estate(known, entitlement(qty=50)), on(*TAGS)) == expected


def test_the_thirtieth_day_is_within_30_days_and_a_day_to_come_is_never() -> None:
    assert coverage([Device("A", inventoried_on=D - timedelta(days=30))], D).enough
    assert not coverage([Device("A", inventoried_on=D + timedelta(days=1))], D).enough
    assert not coverage([], D).enough


def test_what_is_short_already_stays_short_when_little_was_looked_at() -> None:
    known = devices(*TAGS, inventoried_on=None)
    found = the_position(estate(known, entitlement(qty=1)), on(*TAGS))
    assert found.statuses == ("SHORT", "NOT_EVALUATED")


def test_installations_nobody_can_place_do_not_look_green() -> None:
    found = the_position(estate(ALL, entitlement(metric="core", qty=16)), on(*TAGS))
    assert (found.required, found.unresolved, found.status) == (0, 20, "NOT_EVALUATED")
    assert found.grade.worst == "D"


def test_nothing_unknown_passes() -> None:
    assert {status for status, verdict in VERDICTS.items() if verdict == "PASS"} == {"EXACT", "SURPLUS"}
    assert [*VERDICTS.values()] == sorted(VERDICTS.values(), key=("FAIL", "UNKNOWN", "WARN", "PASS").index)


def test_a_surplus_of_the_wrong_release_is_still_short() -> None:
    found = the_position(
        estate(ALL, entitlement("cad", 10, max_release_rank=1)), on(*TAGS[:5], product="cad", version="2")
    )
    assert (found.position, found.shortfall, found.status) == (5, 5, "SHORT")


def test_a_release_that_cannot_be_told_is_taken_for_the_newest() -> None:
    rows = on("LAP-01", product="cad", version="99")
    assert status(estate(ALL, entitlement("cad", 1, max_release_rank=2)), rows) == "SHORT"
    found = the_position(estate(ALL, entitlement("cad", 1, max_release_rank=3)), rows)
    assert (found.status, found.grade.recognition) == ("EXACT", "D")


def test_a_release_that_cannot_be_told_is_the_newest_beside_one_that_can() -> None:
    two = [*on("LAP-01", product="cad", version="1"), *on("LAP-01", product="cad", version="99")]
    for rows in (two, two[::-1]):
        assert status(estate(ALL, entitlement("cad", 1, max_release_rank=1)), rows) == "SHORT"


def test_a_line_that_ended_covers_no_release_that_came_later() -> None:
    dated = replace(OLD_AND_NEW, releases=(Release("1", 1, PAST), Release("2", 2, date(2026, 6, 1))))
    line = entitlement("cad", ends=date(2026, 1, 1), maintenance_until=date(2030, 1, 1), max_release_rank=1)
    company = estate(ALL, line, products=PRODUCTS | {"cad": dated})
    assert status(company, on("LAP-01", product="cad", version="2")) == "SHORT"
    assert status(company, on("LAP-01", product="cad", version="1")) == "EXPIRED-IN-USE"


def test_two_releases_on_one_device_need_one_licence_of_the_newer() -> None:
    rows = [*on("LAP-01", product="cad", version="3"), *on("LAP-01", product="cad", version="1")]
    assert status(estate(ALL, entitlement("cad", 1, max_release_rank=3)), rows) == "EXACT"
    assert status(estate(ALL, entitlement("cad", 1, max_release_rank=2)), rows) == "SHORT"


def test_a_seat_that_is_held_but_not_installed_asks_for_no_release() -> None:
    line = entitlement("cad", 1, metric="named-user", max_release_rank=2)
    assert status(estate(ALL, line, allocations=(Allocation("E1", "person:amy", PAST),)), []) == "EXACT"


def test_what_the_register_lacks_is_told_in_one_position_only() -> None:
    company = estate(
        SITES, entitlement(qty=1), entitlement(id="E2", scope="site:north"), entitlement(id="E3", metric="instance")
    )
    rows = on("LAP-01", "GONE")
    told = [line.subject for at in range(3) for line in why(company, rows, at) if line.rule == "not-registered"]
    assert told == ["asset:GONE"]


def test_a_derivation_is_made_line_by_line_as_it_is_read() -> None:
    company = estate(ALL, entitlement(qty=1))
    found = counted(company, on(*TAGS))
    lines = derivation(company, found, next(positions(company, found)))
    assert iter(lines) is lines
    assert next(lines).subject == "E1"


def test_shelfware_is_effective_less_open_allocations_line_by_line() -> None:
    lines = (entitlement(qty=10), entitlement(qty=5, id="E2"), entitlement(qty=7, id="E3", proof=""))
    held = (
        Allocation("E1", "asset:LAP-01", PAST, 4),
        Allocation("E2", "asset:LAP-02", PAST, 6),
        Allocation("E1", "asset:LAP-03", PAST, 3, ends=D),
    )
    found = the_position(estate(ALL, *lines, allocations=held), on(*TAGS))
    assert (found.allocated, found.shelfware) == (10, 6)


def test_exposure_is_the_shortfall_at_list_price_in_whole_packs() -> None:
    company = estate(ALL, entitlement(qty=13), prices={"draw": ListPrice(9900, "GBP", pack=5)})
    found = the_position(company, on(*TAGS))
    assert (found.shortfall, found.exposure, found.currency) == (7, 19800, "GBP")
    assert the_position(replace(company, prices={}), on(*TAGS)).exposure is None


SITES = devices(*TAGS[:10], site="north") | devices(*TAGS[10:], site="south")


def test_a_site_with_lines_of_its_own_is_a_position_of_its_own() -> None:
    company = estate(SITES, entitlement(qty=10), entitlement(qty=12, id="E2", scope="site:north"))
    found = {one.key.scope: (one.required, one.status) for one in all_positions(company, on(*TAGS))}
    assert found == {"site:north": (10, "SURPLUS"), "org": (10, "EXACT")}


def test_what_a_sites_own_lines_do_not_cover_is_asked_of_the_organisations() -> None:
    company = estate(SITES, entitlement(qty=12), entitlement(qty=7, id="E2", scope="site:north"))
    north, whole = all_positions(company, on(*TAGS))
    assert (north.required, north.passed_on, north.shortfall, north.status) == (7, 3, 0, "EXACT")
    assert (whole.required, whole.received, whole.shortfall) == (13, (("north", 0, 3),), 1)
    for at, one in enumerate((north, whole)):
        assert sum(line.units for line in why(company, on(*TAGS), at) if line.counted) == one.required


def test_a_sites_shortfall_is_its_own_when_the_organisation_has_no_lines() -> None:
    company = estate(SITES, entitlement(qty=7, scope="site:north"))
    north, whole = all_positions(company, on(*TAGS))
    assert (north.shortfall, whole.required, whole.shortfall) == (3, 10, 10)


def test_the_grade_is_the_worst_of_coverage_recognition_proof_and_freshness() -> None:
    company = estate(ALL, entitlement(qty=20))
    assert the_position(company, on(*TAGS)).grade.worst == "A"
    unproven = estate(ALL, entitlement(qty=20), entitlement(qty=5, id="E2", proof=""))
    assert the_position(unproven, on(*TAGS)).grade.proof == "C"
    old = estate(devices(*TAGS, inventoried_on=D - timedelta(days=15)), entitlement(qty=20))
    assert the_position(old, on(*TAGS)).grade.freshness == "C"
    strange = [Installation("LAP-01", "Acme Ltd", f"Mystery {n}") for n in range(2)]
    assert the_position(company, [*on(*TAGS), *strange]).grade.recognition == "C"
    assert the_position(unproven, on(*TAGS)).grade.worst == "C"


def test_a_declared_count_is_as_fresh_as_its_declaration() -> None:
    company = estate(ALL, entitlement(metric="cal", qty=5), declared={"draw": Declared(5, "HR", D - timedelta(days=9))})
    assert the_position(company).grade.freshness == "B"


def test_marks_change_exactly_at_their_limits() -> None:
    assert [by_share("coverage", part, 100) for part in (99, 98, 97, 96, 95, 94)] == ["A", "B", "B", "C", "C", "D"]
    assert [by_age(days) for days in (7, 8, 14, 15, 30, 31, None, -1)] == ["A", "B", "B", "C", "C", "D", "D", "D"]
    assert by_share("proof", 0, 0) == ""


def test_a_free_product_that_was_bought_is_counted_like_any_other() -> None:
    rows = on(*TAGS, product="free")
    assert all_positions(estate(ALL), rows) == []
    assert the_position(estate(ALL, entitlement("free", 5)), rows).shortfall == 15


@pytest.mark.parametrize(("approver", "why"), [("", "trial"), ("Dana", " ")])
def test_an_exemption_names_its_approver_and_its_reason(approver: str, why: str) -> None:
    with pytest.raises(InvalidRequest, match="approver"):
        Exemption("draw", "asset:LAP-01", why, approver, D)


def test_an_entitlement_of_no_product_is_named() -> None:
    with pytest.raises(InvalidRequest, match="E1 is of ghost"):
        all_positions(estate(ALL, entitlement("ghost")))


LINES = st.lists(
    st.builds(
        entitlement,
        st.sampled_from(("draw", "cad")),
        st.integers(0, 6),
        proof=st.sampled_from(("", "ab")),
        metric=st.sampled_from(("device", "named-user", "instance", "site", "enterprise")),
        scope=st.sampled_from(("org", "site:north")),
        ends=st.sampled_from((None, D, date(2027, 1, 1))),
        max_release_rank=st.sampled_from((None, 1, 3)),
    ),
    max_size=5,
).map(lambda lines: [replace(line, id=f"E{n}") for n, line in enumerate(lines)])
ROWS = st.lists(
    st.tuples(st.sampled_from((*TAGS[8:12], "GONE")), st.sampled_from(("draw", "cad")), st.sampled_from("129")),
    max_size=12,
).map(lambda rows: [row for tag, product, version in rows for row in on(tag, product=product, version=version)])


@given(LINES, ROWS)
def test_every_number_of_a_position_is_the_sum_of_its_derivation(
    lines: list[Entitlement], rows: list[Installation]
) -> None:
    company = estate(SITES, *lines)
    found = counted(company, rows)
    for one in positions(company, found):
        told = list(derivation(company, found, one))
        assert sum(x.units for x in told if x.counted and x.side == "entitlement") == one.effective
        assert sum(x.units for x in told if x.rule == "unproven") == one.unproven
        assert sum(x.units for x in told if x.counted and x.side == "demand") == one.required
        assert {x.rule for x in told} <= RULES.keys()
        assert one.shortfall is not None
        assert one.shortfall >= max(0, -(one.position or 0))


@given(LINES, ROWS)
def test_every_installed_asset_is_told_of_once_as_counted_or_excluded_in_a_device_position(
    lines: list[Entitlement], rows: list[Installation]
) -> None:
    company = estate(SITES, *lines)
    found = counted(company, rows)
    for one in (each for each in positions(company, found) if each.key.metric == "device"):
        subjects = [x.subject for x in derivation(company, found, one) if x.subject.startswith("asset:LAP")]
        assert sorted(subjects) == sorted(f"asset:{tag}" for tag in found.of(one.key.product).ranks)
