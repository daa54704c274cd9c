"""Which line covers which release: what counts, how far up and down it reaches, and that none is wasted."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.licence.cover import Span, cover, effective, span, standing
from inventory.licence.model import NO_RELEASE, Entitlement, Product, Release
from ops.errors import InvalidRequest

D = date(2026, 11, 22)
OFFICE = Product(
    "office",
    "Microsoft",
    "Office",
    releases=tuple(Release(str(year), rank, date(year, 9, 1)) for rank, year in enumerate((2016, 2019, 2021, 2024), 1)),
)


def line(**fields: object) -> Entitlement:
    given = {"id": "E1", "product": "office", "metric": "device", "qty": 1, "starts": date(2020, 1, 1), "proof": "ab"}
    return Entitlement(**{**given, **fields})  # type: ignore[arg-type]


def test_effective_is_quantity_times_pack_of_lines_active_in_force_and_proven() -> None:
    lines = [
        line(qty=3, pack_size=5),
        line(proof=""),
        line(state="cancelled"),
        line(starts=date(2026, 11, 23)),
        line(ends=D),
    ]
    assert effective(lines, D) == 15
    assert [standing(one, D) for one in lines] == ["effective", "unproven", "not-active", "not-started", "ended"]


def test_a_term_is_half_open_and_perpetual_never_ends() -> None:
    term = line(starts=D, ends=date(2026, 11, 23))
    assert [standing(term, date(2026, 11, day)) for day in (21, 22, 23)] == ["not-started", "effective", "ended"]
    assert standing(line(), date(2999, 1, 1)) == "effective"


def test_upgrade_reaches_the_newest_release_that_came_while_maintenance_was_live() -> None:
    def high(until: date | None) -> int:
        return span(line(max_release_rank=2, maintenance_until=until), OFFICE, D).high

    assert [high(None), high(date(2021, 8, 31)), high(date(2021, 9, 1)), high(date(2030, 1, 1))] == [2, 2, 3, 4]


def test_a_release_of_the_future_is_not_covered_yet() -> None:
    kept = line(max_release_rank=2, maintenance_until=date(2030, 1, 1))
    assert span(kept, OFFICE, date(2023, 1, 1)).high == 3


def test_downgrade_reaches_none_one_or_all_older_releases() -> None:
    def low(downgrade: str, until: date | None = None) -> int:
        return span(line(max_release_rank=3, downgrade=downgrade, maintenance_until=until), OFFICE, D).low

    assert [low("none"), low("n-1"), low("any")] == [3, 2, 1]
    assert low("n-1", until=date(2025, 1, 1)) == 3  # one below the upgraded release


def test_an_upgraded_line_still_covers_what_was_bought_and_all_between() -> None:
    kept = line(max_release_rank=2, maintenance_until=date(2030, 1, 1))
    assert span(kept, OFFICE, D) == Span("E1", 2, 4, 1)


def test_a_line_of_no_release_covers_all_and_a_product_without_releases_has_one() -> None:
    assert span(line(), OFFICE, D) == Span("E1", 1, 4, 1)
    assert span(line(max_release_rank=3), Product("p", "A", "P"), D) == Span("E1", 0, 0, 1)


def test_newest_demand_takes_the_line_of_least_downward_reach() -> None:
    found = cover({4: 1, 1: 1}, [Span("any", 1, 4, 1), Span("n-1", 3, 4, 1)])
    assert found.given == (("n-1", 4, 1), ("any", 1, 1))
    assert found.shortfall == 0


def test_of_two_lines_of_equal_reach_the_lowest_release_goes_first() -> None:
    assert cover({2: 1}, [Span("new", 2, 4, 1), Span("old", 2, 3, 1)]).given == (("old", 2, 1),)


def test_demand_without_a_release_takes_what_is_left() -> None:
    found = cover({NO_RELEASE: 3, 2: 1}, [Span("a", 2, 2, 1), Span("b", 4, 4, 2)])
    assert found.given == (("a", 2, 1), ("b", NO_RELEASE, 2))
    assert found.uncovered == {NO_RELEASE: 1}


RANKS = st.integers(1, 5)
SPANS = st.lists(st.tuples(RANKS, RANKS, st.integers(0, 2)), max_size=5).map(
    lambda rows: [Span(f"L{i}", min(a, b), max(a, b), n) for i, (a, b, n) in enumerate(rows)]
)
DEMAND = st.dictionaries(st.sampled_from((NO_RELEASE, 1, 2, 3, 4, 5)), st.integers(1, 3), max_size=4)


def optimum(demand: dict[int, int], spans: list[Span]) -> int:
    """The most units that can be covered, by trying every choice."""
    wanted = [rank for rank, units in sorted(demand.items()) for _ in range(units)]

    @cache
    def best(at: int, left: tuple[int, ...]) -> int:
        if at == len(wanted):
            return 0
        found = best(at + 1, left)
        for i, one in enumerate(spans):
            if left[i] and (wanted[at] == NO_RELEASE or one.low <= wanted[at] <= one.high):
                found = max(found, 1 + best(at + 1, (*left[:i], left[i] - 1, *left[i + 1 :])))
        return found

    return best(0, tuple(one.units for one in spans))


@given(DEMAND, SPANS)
def test_no_other_choice_of_lines_covers_more(demand: dict[int, int], spans: list[Span]) -> None:
    found = cover(demand, spans)
    assert sum(units for _, _, units in found.given) == optimum(demand, spans)
    assert found.shortfall == sum(demand.values()) - optimum(demand, spans)


@given(DEMAND, SPANS)
def test_no_line_is_given_twice_and_none_beyond_its_releases(demand: dict[int, int], spans: list[Span]) -> None:
    by_id = {one.line: one for one in spans}
    used: Counter[str] = Counter()
    for name, rank, units in cover(demand, spans).given:
        used[name] += units
        assert rank == NO_RELEASE or by_id[name].low <= rank <= by_id[name].high
    assert all(used[name] <= one.units for name, one in by_id.items())


@pytest.mark.parametrize(
    "fields",
    [
        {"metric": "heads"},
        {"downgrade": "some"},
        {"state": "lost"},
        {"scope": "site:"},
        {"qty": -1},
        {"pack_size": 0},
        {"unit_cost": 100},
        {"ends": date(2020, 1, 1)},
    ],
)
def test_a_line_that_cannot_be_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        line(**fields)
    assert caught.value.hint


def test_cost_is_by_seat_and_month_exactly() -> None:
    from fractions import Fraction

    assert line(unit_cost=10000, currency="GBP", term_months=12, pack_size=7).seat_month == Fraction(10000, 84)
    assert line(unit_cost=10000, currency="GBP").seat_month is None
