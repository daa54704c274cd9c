"""Where sources looked: several looks together reach what they reach one by one, and nothing more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.estate.coverage import Coverage, Reach
from inventory.estate.networks import covered
from inventory.estate.sighting import SourceRun

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
NEAR = st.builds(  # networks so close together that they often touch, overlap or leave a gap
    lambda number, length: str(ip_network((0x0A010000 + number * 64, length), strict=False)),
    st.integers(0, 15),
    st.integers(22, 28),
)


@given(st.lists(NEAR, max_size=8), NEAR)
def test_scopes_reach_a_network_exactly_if_they_cover_it_together(scopes: list[str], wanted: str) -> None:
    assert Reach.of(scopes).holds(wanted) == covered(ip_network(wanted), map(ip_network, scopes))


def test_scopes_of_one_version_say_nothing_of_the_other() -> None:
    assert not Reach.of(["0.0.0.0/0"]).holds("::/96")
    assert Reach.of(["2001:db8::/33", "2001:db8:8000::/33"]).holds("2001:db8::/32")


@pytest.mark.parametrize("scopes", [["all"], ["DC=corp,DC=example"], ["10.1.0.0/24", "all"]])
def test_a_whole_list_reaches_everything(scopes: list[str]) -> None:
    assert Reach.of(scopes).whole
    assert not Reach.of(["OU=PCs,DC=corp,DC=example"]).whole


@given(st.lists(st.tuples(st.integers(1, 60), NEAR, st.booleans()), max_size=6), NEAR)
def test_a_network_is_watched_since_the_first_good_look_that_reached_it(
    looks: list[tuple[int, str, bool]], wanted: str
) -> None:
    runs = [SourceRun("wire", ok, AT - timedelta(days=days), AT, (scope,)) for days, scope, ok in looks]
    first = min((run.began for run in runs if run.ok and Reach.of(run.scopes).holds(wanted)), default=None)
    assert Coverage(tuple(runs), AT).watched_since("wire", [wanted]) == first
