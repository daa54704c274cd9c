"""What could be taken back, what falls due, and what will be needed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.licence.forecast import anniversary, forecast
from inventory.licence.model import Allocation, Entitlement
from inventory.licence.reclaim import LastUsed, candidates, combined, last_used, savings
from inventory.licence.renewals import band, calendar
from tests.unit.licence_estate import D, devices, entitlement, estate, on, recogniser

LONG_AGO = date(2025, 1, 1)
SOON = date(2027, 1, 31)


def ago(days: int) -> date:
    return D - timedelta(days=days)


def line(**fields: object) -> dict[str, Entitlement]:
    given = {"qty": 3, "ends": SOON, "notice_days": 30, "unit_cost": 1000, "currency": "GBP", "term_months": 12}
    return {"E1": entitlement(**{**given, **fields})}  # type: ignore[arg-type]


def verdict(last: LastUsed, since: date = LONG_AGO, excuse: str = "") -> str:
    seat = Allocation("E1", "person:amy", since)
    used = {("person:amy", "draw"): last}
    excused = {"person:amy": excuse} if excuse else {}
    (found,) = candidates(line(), [seat], used, D, excused)
    return found.verdict


@pytest.mark.parametrize(("days", "expected"), [(90, "used"), (91, "unused")])
def test_known_and_older_than_90_days_is_unused(days: int, expected: str) -> None:
    assert verdict(LastUsed("known", ago(days))) == expected


@pytest.mark.parametrize(("days", "expected"), [(30, "too-new"), (31, "unused")])
def test_never_used_is_unused_only_when_held_for_more_than_30_days(days: int, expected: str) -> None:
    assert verdict(LastUsed("never"), since=ago(days)) == expected


def test_unsupported_is_never_unused_and_neither_is_what_nobody_looked_at() -> None:
    assert verdict(LastUsed("unsupported", ago(900))) == "cannot-tell"
    (unseen,) = candidates(line(), [Allocation("E1", "person:bo", LONG_AGO)], {}, D)
    assert unseen.verdict == "cannot-tell"


@pytest.mark.parametrize("excuse", ["leave", "dr", "vip"])
def test_leave_recovery_and_exceptions_are_left_alone(excuse: str) -> None:
    assert verdict(LastUsed("never"), excuse=excuse) == "excused"


def test_one_device_that_cannot_tell_leaves_the_whole_holder_open() -> None:
    never, old, blind = LastUsed("never"), LastUsed("known", ago(200)), LastUsed("unsupported")
    assert combined([never, old]) == old
    assert combined([never]) == never
    assert combined([never, blind]).status == "unsupported"
    assert combined([]).status == "unsupported"


def test_use_that_was_seen_lately_outweighs_a_device_that_cannot_tell() -> None:
    assert verdict(combined([LastUsed("unsupported"), LastUsed("known", ago(3))])) == "used"


def test_use_is_read_from_installations_for_the_asset_and_for_the_person() -> None:
    company = estate(devices("LAP-amy", "PC1-amy"), *line().values(), persons={"amy": "amy.ng"})
    (old,) = on("LAP-amy", last_used_at=ago(200), last_used_status="known")
    (new,) = on("PC1-amy", last_used_at=ago(2), last_used_status="known")
    (guest,) = on("PC1-amy", scope="user", user="guest", last_used_status="never")
    rows = [old, new, guest, *on("LAP-amy", product="suite"), *on("NOT-OURS")]
    assert last_used(rows, recogniser(), company) == {
        ("asset:LAP-amy", "draw"): LastUsed("known", ago(200)),
        ("asset:PC1-amy", "draw"): LastUsed("known", ago(2)),
        ("person:amy.ng", "draw"): LastUsed("known", ago(2)),
        ("person:guest", "draw"): LastUsed("never"),
    }


SEEN = st.builds(LastUsed, st.sampled_from(("known", "unsupported")), st.integers(0, 300).map(ago))
SEEN = SEEN | st.sampled_from((LastUsed("never"), LastUsed("unsupported")))


@given(st.lists(SEEN, min_size=1, max_size=5))
def test_use_combined_row_by_row_is_use_combined_at_once(seen: list[LastUsed]) -> None:
    one_by_one = seen[0]
    for each in seen[1:]:
        one_by_one = combined([one_by_one, each])
    assert one_by_one == combined(seen)


def saved(idle: int, **fields: object) -> list[tuple[int, int, int]]:
    lines = line(**fields)
    seats = [Allocation("E1", f"person:{n}", LONG_AGO) for n in range(6)]
    used = {(f"person:{n}", "draw"): LastUsed("never") if n < idle else LastUsed("known", D) for n in range(6)}
    found = list(candidates(lines, seats, used, D))
    return [(one.seats, one.packs, one.amount) for one in savings(found, lines, D)]


def test_reclaim_saves_whole_packs_at_the_renewal() -> None:
    assert saved(2, qty=6) == [(2, 2, 2000)]
    assert saved(2, qty=2, pack_size=3) == [(2, 0, 0)]
    assert saved(2, qty=7) == [(2, 2, 2000)]
    assert saved(1, qty=2, pack_size=4) == [(1, 0, 0)]  # two are spare, one more makes three of four
    assert saved(2, qty=2, pack_size=4) == [(2, 1, 1000)]


def test_seats_beyond_what_is_owned_save_nothing() -> None:
    assert saved(2, qty=4) == [(2, 0, 0)]
    assert saved(2, qty=2) == [(2, 0, 0)]


def test_nothing_is_saved_on_what_is_perpetual_or_once_the_notice_date_has_passed() -> None:
    assert saved(2, qty=6, ends=None) == []
    assert saved(2, qty=6, ends=D + timedelta(days=29)) == []
    assert saved(2, qty=6, ends=D + timedelta(days=30)) == [(2, 2, 2000)]


def test_the_calendar_has_the_notice_date_first() -> None:
    found = calendar(line(auto_renew=True).values(), [Allocation("E1", "person:amy", LONG_AGO)], D)
    assert [(one.day, one.kind) for one in found] == [(date(2027, 1, 1), "notice"), (SOON, "end")]
    assert (found[0].amount, found[0].unassigned, found[0].band) == (3000, 2, 60)
    assert "renews by itself" in found[0].what


def test_a_notice_date_that_has_passed_stays_in_the_calendar_until_the_term_ends() -> None:
    (notice, end) = calendar(line(notice_days=90).values(), [], D)
    assert (notice.band, notice.what) == (0, "notice date has passed")
    assert end.band == 90
    assert calendar(line(ends=D).values(), [], D) == []


def test_the_calendar_ends_where_it_is_told_and_has_maintenance_too() -> None:
    kept = line(ends=None, maintenance_until=date(2027, 5, 1)).values()
    assert [one.kind for one in calendar(kept, [], D)] == ["maintenance"]
    assert calendar(kept, [], D, days=30) == []


def test_bands_are_30_60_and_90_days() -> None:
    assert [band(D + timedelta(days=n), D) for n in (-1, 0, 30, 31, 60, 61, 90, 91)] == [
        0,
        30,
        30,
        60,
        60,
        90,
        90,
        None,
    ]


def monthly(*required: int) -> list[tuple[date, int]]:
    return [(date(2026, 5 + n, 22), units) for n, units in enumerate(required)]


def test_dated_joiners_and_leavers_up_to_the_day_are_counted() -> None:
    moves = [(D, 100), (D + timedelta(days=1), 5), (SOON, 2), (SOON + timedelta(days=1), 100)]
    found = forecast(50, D, SOON, joiners=moves, leavers=[(SOON, 3)])
    assert (found.low, found.mid, found.high) == (54, 54, 54)
    assert found.slope is None
    assert "too few months" in found.because


def test_a_steady_trend_goes_on_and_one_odd_month_does_not_turn_it() -> None:
    steady = forecast(70, D, date(2027, 11, 22), history=monthly(10, 20, 30, 40, 50, 60, 70))
    assert steady.mid == pytest.approx(70 + 120, abs=3)
    odd = forecast(70, D, date(2027, 11, 22), history=monthly(10, 20, 30, 400, 50, 60, 70))
    assert odd.mid == pytest.approx(steady.mid, abs=10)
    assert odd.low < steady.mid < odd.high


def test_low_is_rounded_down_and_high_up() -> None:
    found = forecast(3, D, D + timedelta(days=10), history=[(ago(60), 1), (ago(30), 2), (D, 3)])
    assert (found.low, found.mid, found.high) == (3, 3, 4)


def test_history_older_than_six_months_says_nothing() -> None:
    old = [(date(2025, month, 1), 10 * month) for month in range(1, 12)]
    assert forecast(5, D, SOON, history=old).slope is None


@given(
    st.integers(0, 500),
    st.lists(st.tuples(st.integers(0, 180).map(ago), st.integers(0, 500)), max_size=8),
    st.integers(0, 700),
)
def test_low_is_never_above_mid_nor_mid_above_high_nor_any_below_none(
    required: int, history: list[tuple[date, int]], days: int
) -> None:
    found = forecast(required, D, D + timedelta(days=days), history=history)
    assert 0 <= found.low <= found.mid <= found.high
    assert found.to_buy(found.mid) == (0, 0, found.high - found.mid)


def test_the_next_anniversary_is_after_today_and_keeps_the_leap_day() -> None:
    assert anniversary(date(2024, 11, 22), D) == date(2027, 11, 22)
    assert anniversary(date(2024, 12, 1), D) == date(2026, 12, 1)
    assert anniversary(date(2024, 2, 29), D) == date(2027, 2, 28)
    assert anniversary(date(2024, 2, 29), date(2027, 3, 1)) == date(2028, 2, 29)
