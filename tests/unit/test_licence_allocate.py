"""The one rule of quantity: no path gives out more seats than count, unless somebody answers for it until a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.licence.allocate import may_allocate, over_allocated
from inventory.licence.model import Allocation, Entitlement, OverAllocation
from ops.errors import InvalidRequest

D = date(2026, 11, 22)
LATER = date(2027, 3, 1)


def line(**fields: object) -> dict[str, Entitlement]:
    given = {"id": "E1", "product": "p", "metric": "named-user", "qty": 2, "starts": date(2026, 1, 1), "proof": "ab"}
    one = Entitlement(**{**given, **fields})  # type: ignore[arg-type]
    return {one.id: one}


def seat(who: str = "amy.ng", starts: date = D, ends: date | None = None, qty: int = 1) -> Allocation:
    return Allocation("E1", f"person:{who}", starts, qty, ends)


def test_the_last_seat_may_be_given_and_not_one_more() -> None:
    assert may_allocate(line(), [seat("bo")], seat())
    assert not may_allocate(line(), [seat("bo"), seat("cy")], seat())
    assert not may_allocate(line(), [seat("bo")], seat(qty=2))


def test_a_seat_given_back_is_free_on_the_day_it_ends() -> None:
    assert may_allocate(line(), [seat("bo"), seat("cy", date(2026, 2, 1), ends=D)], seat())


def test_a_seat_promised_for_later_is_not_given_away_now() -> None:
    promised = [seat("bo"), seat("cy", LATER)]
    assert not may_allocate(line(), promised, seat())
    assert may_allocate(line(), promised, seat(ends=LATER))


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"proof": ""}, "proof"),
        ({"state": "draft"}, "active"),
        ({"starts": LATER}, "started"),
        ({"ends": D}, "ended"),
        ({"metric": "site", "proof": ""}, "proof"),
    ],
)
def test_nothing_is_given_of_a_line_that_does_not_count(fields: dict[str, object], word: str) -> None:
    ruling = may_allocate(line(**fields), [], seat())
    assert not ruling
    assert word in ruling.because
    assert ruling.hint
    assert not may_allocate({}, [], seat())


def test_site_and_enterprise_have_no_last_seat() -> None:
    many = [seat(str(i)) for i in range(50)]
    assert may_allocate(line(metric="enterprise"), many, seat())
    assert over_allocated(line(metric="site"), many, [], D) == {}


def test_an_over_allocation_names_approver_and_expiry_and_lasts_no_longer() -> None:
    full = [seat("bo"), seat("cy")]
    over = OverAllocation("E1", 1, "Dana Fox", LATER)
    assert may_allocate(line(), full, seat(ends=LATER), over)
    assert not may_allocate(line(), full, seat(), over)
    assert not may_allocate(line(), full, seat(ends=LATER + timedelta(1)), over)
    assert not may_allocate(line(), full, seat(qty=2, ends=LATER), over)
    assert not may_allocate(line(), full, seat(ends=LATER), OverAllocation("E2", 1, "Dana Fox", LATER))
    assert not may_allocate(line(), full, seat(ends=LATER), OverAllocation("E1", 1, "Dana Fox", D))
    with pytest.raises(InvalidRequest, match="approver"):
        OverAllocation("E1", 1, " ", LATER)


def test_excess_is_found_again_the_day_its_approval_runs_out() -> None:
    held = [seat("bo"), seat("cy"), seat("di")]
    over = [OverAllocation("E1", 1, "Dana Fox", LATER)]
    assert over_allocated(line(), held, over, LATER - timedelta(1)) == {}
    assert over_allocated(line(), held, over, LATER) == {"E1": 1}
    assert over_allocated(line(ends=D), held, [], D) == {"E1": 3}
    assert over_allocated({}, held, [], D) == {"E1": 3}


DAYS = st.integers(0, 12).map(lambda days: D + timedelta(days))
SEATS = st.builds(
    lambda a, b, n: seat(starts=min(a, b), ends=max(a, b) + timedelta(1) if n != 3 else None, qty=n),
    DAYS,
    DAYS,
    st.integers(1, 3),
)


@given(st.lists(SEATS, max_size=12), st.integers(0, 6))
def test_however_seats_are_asked_for_no_day_has_more_than_are_effective(asked: list[Allocation], qty: int) -> None:
    owned = line(qty=qty)
    given_out: list[Allocation] = []
    for one in asked:
        if may_allocate(owned, given_out, one):
            given_out.append(one)
    for day in range(15):
        assert over_allocated(owned, given_out, [], D + timedelta(day)) == {}


@pytest.mark.parametrize(("holder", "qty"), [("amy.ng", 1), ("person:", 1), ("group:x", 1), ("person:amy.ng", 0)])
def test_a_seat_without_holder_or_quantity_is_refused(holder: str, qty: int) -> None:
    with pytest.raises(InvalidRequest):
        Allocation("E1", holder, D, qty)
