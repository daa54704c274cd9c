"""Joining sightings: the same machine is one cluster, two machines never are, and each pair says why."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given as anything
from hypothesis import settings
from hypothesis import strategies as st

from inventory.estate.explaining import explain
from inventory.estate.joining import JOINED, PROPOSED, REFUSED, Cluster, join
from inventory.estate.sighting import Sighting
from ops.errors import NotFound
from tests.unit.estate import DAY, HOUR, asset, computer, dhcp, host, seen_as, wire

A, B, DOCK = "001122000001", "001122000002", "00aabb0000dd"
UUID_1, UUID_2 = "aaaaaaaa-1111-2222-3333-000000000001", "bbbbbbbb-1111-2222-3333-000000000002"


def reasons(clusters: Sequence[Cluster], outcome: str) -> list[str]:
    return sorted({link.because for cluster in clusters for link in cluster.decided(outcome)})


def test_a_machine_seen_by_all_sources_is_one_cluster_and_each_join_says_by_what() -> None:
    clusters = join(
        [
            asset("LT-1", serial="SN-0001", hostname="lt-1"),
            host("lt-1", serial="sn-0001", macs=A, fqdn="lt-1.corp.example"),
            computer("LT-1", fqdn="lt-1.corp.example"),
            wire(A),
            dhcp(A, "10.1.0.7", "lt-1"),
        ]
    )
    assert len(clusters) == 1
    assert reasons(clusters, JOINED) == [
        f"joined by MAC {A}",
        f"joined by MAC on the network {A}",
        "joined by full name lt-1.corp.example",
        "joined by serial and maker SN-0001 dell",
    ]


def test_a_renamed_machine_stays_one() -> None:
    old = host("pc-old", 20 * DAY, serial="SN-0001", uuid=UUID_1, macs=A)
    new = host("pc-new", HOUR, serial="SN-0001", uuid=UUID_1, macs=B)
    assert len(join([asset("LT-1", serial="SN-0001", hostname="pc-old"), old, new])) == 1


def test_two_serials_are_two_machines_whatever_else_they_share() -> None:
    shared = {"uuid": UUID_1, "hostkey": "00" * 31 + "ff", "macs": A, "fqdn": "pc.corp.example"}
    one, other = host("pc", serial="SN-0001", **shared), asset("LT-2", serial="SN-0002", **shared)
    clusters = join([one, other])
    assert len(clusters) == 2
    assert any("different serials, SN-0001 and SN-0002" in reason for reason in reasons(clusters, REFUSED))


def test_a_serial_alone_joins_nobody_but_is_proposed() -> None:
    clusters = join([asset("LT-1", serial="SN-0001", maker=""), host("pc", serial="SN-0001")])
    assert len(clusters) == 2
    assert clusters[0].perhaps == ("register:LT-1",)


def test_an_address_joins_nobody() -> None:
    assert len(join([asset("LT-1", address="10.1.0.7"), wire(A, "10.1.0.7"), wire(B, "10.1.0.7")])) == 3


def test_a_placeholder_joins_nobody() -> None:
    void = {"serial": "To be filled by O.E.M.", "uuid": "03000200-0400-0500-0006-000700080009", "hostname": "ubuntu"}
    assert len(join([asset("LT-1", **void), asset("LT-2", **void)])) == 2


def test_a_mac_of_two_laptops_at_once_is_a_docks_and_joins_nobody() -> None:
    one, other = host("pc-1", macs=f"{A} {DOCK}"), host("pc-2", 2 * HOUR, macs=f"{B} {DOCK}")
    clusters = join([one, other, wire(DOCK, "10.1.0.9"), wire(A)])
    assert {"collected:pc-1", f"wire:{A}@10.1.0.7"} in seen_as(clusters)
    assert {f"wire:{DOCK}@10.1.0.9"} in seen_as(clusters)
    assert reasons(clusters, REFUSED) == ["not joined because pc-2 and pc-1 had it at the same time"]


def test_a_network_card_moved_weeks_ago_is_not_there_at_the_same_time() -> None:
    assert len(join([host("pc-1", 20 * DAY, macs=A), host("pc-2", HOUR, macs=A)])) == 1


def test_a_mac_the_register_has_on_two_assets_joins_neither() -> None:
    clusters = join([asset("LT-1", macs=A), asset("LT-2", macs=A), wire(A)])
    assert len(clusters) == 3
    assert reasons(clusters, REFUSED) == ["not joined because it is on two assets, LT-1 and LT-2"]


def test_a_registered_dock_keeps_its_mac_from_whoever_is_plugged_in() -> None:
    dock, laptop = asset("DK-1", kind="dock", macs=DOCK), asset("LT-1", serial="SN-0001", macs=A)
    clusters = join([dock, laptop, host("pc", serial="SN-0001", macs=f"{A} {DOCK}"), wire(DOCK)])
    assert sorted(map(sorted, seen_as(clusters))) == [
        ["collected:pc", "register:LT-1"],
        ["register:DK-1", f"wire:{DOCK}@10.1.0.7"],
    ]


def test_a_cloned_virtual_machine_is_two() -> None:
    one, other = host("vm-1", uuid=UUID_1, macs=A), host("vm-2", uuid=UUID_1, macs=B)
    assert len(join([one, other])) == 2


def test_a_machine_asked_in_two_ways_is_one() -> None:
    assert len(join([host("ssh:pc", uuid=UUID_1, hostname="pc"), host("agent:77", uuid=UUID_1, hostname="pc")])) == 1


def test_what_would_bridge_two_machines_joins_neither_and_the_rest_is_joined() -> None:
    one, other = asset("LT-1", serial="SN-0001", macs=A), asset("LT-2", serial="SN-0002", macs=B)
    clusters = join([one, other, host("odd", macs=f"{A} {B}"), wire(A), wire(B, "10.1.0.8")])
    assert sorted(map(sorted, seen_as(clusters))) == [
        ["collected:odd"],
        ["register:LT-1", f"wire:{A}@10.1.0.7"],
        ["register:LT-2", f"wire:{B}@10.1.0.8"],
    ]


def test_a_machine_that_bridges_two_assets_joins_neither() -> None:
    clusters = join([asset("LT-1", macs=A), asset("LT-2", macs=B), host("odd", serial="SN-0003", macs=f"{A} {B}")])
    assert len(clusters) == 3


def test_a_chain_between_two_assets_joins_neither_and_what_is_around_it_is_joined() -> None:
    middle = "001122000003"
    chain = [host("odd", macs=f"{A} {middle}"), host("odder", 3 * DAY, macs=f"{middle} {B}")]
    known = host("pc", 6 * DAY, serial="SN-0001", macs=A)
    clusters = join([asset("LT-1", macs=A), asset("LT-2", macs=B), known, *chain])
    assert sorted(map(sorted, seen_as(clusters))) == [
        ["collected:odd", "collected:odder"],
        ["collected:pc", "register:LT-1"],
        ["register:LT-2"],
    ]


def test_a_serial_learnt_in_one_round_counts_in_the_next() -> None:
    bare = host("pc-1", uuid=UUID_1, macs=A)
    clusters = join(
        [bare, asset("LT-1", serial="SN-0001", uuid=UUID_1), host("pc-2", 20 * DAY, serial="SN-2222", macs=A)]
    )
    assert {"collected:pc-1", "register:LT-1"} in seen_as(clusters)
    assert len(clusters) == 2


def test_a_machine_renamed_this_morning_is_still_one() -> None:
    assert len(join([host("old", 3 * HOUR, uuid=UUID_1, macs=A), host("new", HOUR, uuid=UUID_1, macs=A)])) == 1


@pytest.mark.parametrize("claimed", [dhcp, lambda mac, address, name: wire(mac, address, name=name)])
def test_a_name_a_device_gives_itself_is_proposed_and_never_joined(claimed: object) -> None:
    impostor = claimed(B, "10.1.0.8", "lt-1.corp.example")  # type: ignore[operator]
    clusters = join([asset("LT-1", fqdn="lt-1.corp.example", macs=A), impostor])
    assert len(clusters) == 2
    assert any(cluster.perhaps == ("register:LT-1",) for cluster in clusters)


def test_a_host_name_alone_is_a_proposal() -> None:
    clusters = join([asset("LT-1", hostname="lt-1"), computer("LT-1")])
    assert reasons(clusters, PROPOSED) == ["not joined because host name is a hint only; both say lt-1"]


def test_machines_with_different_serials_are_not_even_proposed() -> None:
    clusters = join([asset("LT-1", serial="SN-0001", hostname="pc"), host("x", serial="SN-0002", hostname="pc-7")])
    assert [cluster.perhaps for cluster in clusters] == [(), ()]
    clusters = join([asset("LT-1", serial="SN-0001", hostname="pc-7"), host("x", serial="SN-0002", hostname="pc-7")])
    assert [cluster.perhaps for cluster in clusters] == [(), ()]
    assert reasons(clusters, REFUSED) == ["not joined because the serials differ, SN-0002 and SN-0001"]


def test_a_randomised_address_is_one_device_on_the_network_and_nothing_elsewhere() -> None:
    made_up = "daa119000001"
    clusters = join([wire(made_up), dhcp(made_up, "10.1.0.7", "phone"), asset("PH-1", kind="phone", macs=made_up)])
    assert {"register:PH-1"} in seen_as(clusters)
    assert len(clusters) == 2


def test_why_two_sightings_are_one_machine_is_told_step_by_step() -> None:
    clusters = join([asset("LT-1", serial="SN-0001"), host("pc", serial="SN-0001", macs=A), wire(A)])
    assert explain(clusters, "register:LT-1", f"wire:{A}@10.1.0.7") == [
        "collected:pc and register:LT-1: joined by serial and maker SN-0001 dell",
        f"collected:pc and wire:{A}@10.1.0.7: joined by MAC {A}",
    ]


def test_why_two_sightings_are_not_one_machine_is_told() -> None:
    clusters = join([asset("LT-1", hostname="ubuntu"), host("ubuntu", macs=A), wire(B)])
    assert explain(clusters, "register:LT-1", "collected:ubuntu") == [
        "not joined because the hostname ubuntu does not count: a name devices have from the factory"
    ]
    assert explain(clusters, "register:LT-1", f"wire:{B}@10.1.0.7")[0].endswith("they share no value")
    with pytest.raises(NotFound):
        explain(clusters, "register:LT-1", "register:LT-9")


NAMES = st.sampled_from(["", "pc-1", "pc-2", "ubuntu"])
MACS = st.lists(st.sampled_from([A, B, DOCK, "daa119000001"]), max_size=3).map(" ".join)
FIELDS = st.fixed_dictionaries(
    {
        "serial": st.sampled_from(["", "SN-0001", "SN-0002", "None"]),
        "uuid": st.sampled_from(["", UUID_1, UUID_2]),
        "macs": MACS,
        "hostname": NAMES,
        "fqdn": st.sampled_from(["", "pc-1.corp.example", "pc-2.corp.example"]),
    }
)
NUMBERS = st.integers(0, 5)
ANY = st.one_of(
    st.builds(lambda number, fields: asset(f"LT-{number}", **fields), NUMBERS, FIELDS),
    st.builds(lambda number, fields: asset(f"DK-{number}", kind="dock", **fields), NUMBERS, FIELDS),
    st.builds(lambda number, days, fields: host(f"h{number}", days * DAY, **fields), NUMBERS, NUMBERS, FIELDS),
    st.builds(lambda mac, number: wire(mac, f"10.1.0.{number}"), st.sampled_from([A, B, DOCK]), NUMBERS),
    st.builds(lambda number, name: computer(name or f"c{number}"), NUMBERS, NAMES),
)
SEVERAL = st.lists(ANY, max_size=9)
EACH_ONCE = st.lists(ANY, max_size=9, unique_by=lambda sighting: sighting.id)


@settings(max_examples=300)
@anything(SEVERAL, st.randoms(use_true_random=False))
def test_the_order_of_sightings_changes_nothing(sightings: list[Sighting], chance: object) -> None:
    shuffled = sightings.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert join(sightings) == join(shuffled)


@settings(max_examples=300)
@anything(SEVERAL)
def test_joining_what_was_joined_changes_nothing(sightings: list[Sighting]) -> None:
    once = join(sightings)
    assert join([one for cluster in once for one in cluster.sightings]) == once


@settings(max_examples=300)
@anything(SEVERAL)
def test_no_cluster_has_two_trusted_serials_and_none_is_lost(sightings: list[Sighting]) -> None:
    clusters = join(sightings)
    assert all(len({one.serial for one in cluster.sightings} - {""}) <= 1 for cluster in clusters)
    assert {one.id for cluster in clusters for one in cluster.sightings} == {one.id for one in sightings}


@settings(max_examples=300)
@anything(EACH_ONCE)
def test_every_cluster_hangs_together_by_joins_that_say_why(sightings: list[Sighting]) -> None:
    for cluster in join(sightings):
        names = {one.id for one in cluster.sightings}
        first, *rest = sorted(names)
        for name in rest:
            assert all("joined by " in line for line in explain([cluster], first, name))
        assert all(link.because.startswith("not joined because ") for link in cluster.decided(REFUSED))
        assert not any({link.one, link.other} <= names and link.one != link.other for link in cluster.decided(REFUSED))


@pytest.mark.night
def test_a_hundred_thousand_assets_are_joined_in_seconds() -> None:
    assets = [asset(f"A{n}", serial=f"SN{n:07}", macs=f"001122{n:06x}", hostname=f"pc{n}") for n in range(100_000)]
    seen = [wire(f"001122{n:06x}", f"10.1.{n >> 8}.{n & 255}") for n in range(10_000)]
    asked = [host(f"pc{n}", serial=f"SN{n:07}", macs=f"001122{n:06x} {DOCK}") for n in range(10_000)]
    start = time.perf_counter()
    assert len(join([*assets, *seen, *asked])) == 100_000
    assert time.perf_counter() - start < 60
