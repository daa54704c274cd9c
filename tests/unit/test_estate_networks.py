"""The networks of the firm and what is allowed on them: read strictly, and a mistake says where and what to do."""

from __future__ import annotations

from datetime import date
from ipaddress import ip_network

import pytest
from hypothesis import given as anything
from hypothesis import strategies as st

from inventory.estate.coverage import Coverage
from inventory.estate.networks import Allowance, Networks, covered, read_allowances, read_networks
from inventory.estate.sighting import SourceRun
from ops.errors import InvalidRequest, Refused
from tests.unit.estate import AT, DAY, HOUR, NETWORKS


def networks(*cidrs: str) -> Networks:
    rows = "".join(f"  - {{cidr: '{cidr}', purpose: corp, site: London}}\n" for cidr in cidrs)
    return read_networks(f"networks:\n{rows}")


def refused(text: str, reader: object = read_networks) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        reader(text)  # type: ignore[operator]
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("address", "name"),
    [("10.1.0.0", "office"), ("10.1.0.255", "office"), ("10.1.1.0", None), ("10.1.9.1", "visitors"), ("x", None)],
)
def test_an_address_is_in_one_network_or_in_none(address: str, name: str | None) -> None:
    found = NETWORKS.network_of(address)
    assert (found.name if found else None) == name


def test_addresses_of_both_versions_find_their_network() -> None:
    both = networks("10.1.0.0/24", "2001:db8:1::/64")
    assert str(both.network_of("2001:db8:1::5")) == "2001:db8:1::/64"
    assert both.network_of("::a01:5") is None
    assert str(both.network_of("10.1.0.5")) == "10.1.0.0/24"


@anything(st.lists(st.integers(0, 255), min_size=1, max_size=20, unique=True), st.integers(0, 65535))
def test_the_network_of_an_address_is_the_one_that_holds_it(thirds: list[int], number: int) -> None:
    found = networks(*(f"10.0.{third}.0/24" for third in thirds)).network_of(f"10.0.{number >> 8}.{number & 255}")
    assert (str(found) if found else "") == (f"10.0.{number >> 8}.0/24" if number >> 8 in thirds else "")


@pytest.mark.parametrize(
    ("cidr", "message", "hint"),
    [
        ("10.0.0.0/8", "10.0.0.0/8 is wider than /16", "really there"),
        ("2001:db8::/32", "2001:db8::/32 is wider than /48", "really there"),
        ("10.1.0.5/24", "10.1.0.5/24 is not a network", "the network is 10.1.0.0/24"),
        ("10.1.0.5", "10.1.0.5 is not a network", "10.1.0.0/24"),
        ("office", "office is not a network", "10.1.0.0/24"),
    ],
)
def test_what_is_no_network_or_too_wide_is_refused_with_its_place(cidr: str, message: str, hint: str) -> None:
    error = refused(f"networks:\n  - cidr: '{cidr}'\n    purpose: corp\n    site: London\n")
    assert str(error) == f"sites.yaml line 2 column 5: {message}"
    assert hint in error.hint


def test_networks_that_overlap_are_refused_and_neighbours_are_not() -> None:
    with pytest.raises(InvalidRequest, match=r"line 3 .*10\.1\.0\.128/25 overlaps 10\.1\.0\.0/24"):
        networks("10.1.0.0/24", "10.1.0.128/25")
    with pytest.raises(InvalidRequest, match="overlaps"):
        networks("10.1.0.0/24", "10.1.0.0/24")
    assert len(networks("10.1.0.0/25", "10.1.0.128/25").all) == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("purpose: office", "purpose is one of corp, guest"),
        ("purpose: corp\n    vlna: '4'", "vlna"),
        ("purpose: corp\n    purpose: guest", "given twice"),
    ],
)
def test_every_other_mistake_is_named(line: str, message: str) -> None:
    assert message in str(refused(f"networks:\n  - cidr: 10.1.0.0/24\n    site: London\n    {line}\n"))


def test_only_our_own_networks_may_be_scanned() -> None:
    assert str(NETWORKS.may_scan("10.1.0.0/25")) == "10.1.0.0/25"
    for foreign in ("192.0.2.0/24", "10.1.0.0/16", "0.0.0.0/0"):
        with pytest.raises(Refused, match="not in sites.yaml"):
            NETWORKS.may_scan(foreign)
    with pytest.raises(InvalidRequest):
        NETWORKS.may_scan("10.1.0.1")


@pytest.mark.parametrize(
    ("scopes", "whole"),
    [
        (["10.1.0.0/24"], True),
        (["10.1.0.0/16"], True),
        (["10.1.0.128/25", "10.1.0.0/25"], True),
        (["10.1.0.0/25"], False),
        (["10.1.0.0/26", "10.1.0.128/25"], False),
        (["2001:db8::/64"], False),
        ([], False),
    ],
)
def test_a_network_is_covered_when_the_scopes_together_hold_all_of_it(scopes: list[str], whole: bool) -> None:
    assert covered(ip_network("10.1.0.0/24"), [ip_network(scope) for scope in scopes]) is whole


ENTRY = "allowed:\n  - {thing}\n    owner: amy.ng\n    until: {until}\n    why: trial\n"


@pytest.mark.parametrize(
    ("thing", "kind", "value"),
    [
        ("mac: '00-11-22-33-44-55'", "mac", "001122334455"),
        ("oui: '00:11:22'", "oui", "001122"),
        ("port: ' sw1  Gi1/0/4'", "port", "sw1 Gi1/0/4"),
    ],
)
def test_an_allowance_is_for_a_mac_a_maker_or_a_port(thing: str, kind: str, value: str) -> None:
    found = read_allowances(ENTRY.format(thing=thing, until="2027-03-31"))
    assert found == [Allowance(kind, value, "amy.ng", date(2027, 3, 31), "trial")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY.replace("    until: {until}\n", "").format(thing="mac: '001122334455'"), "until"),
        (ENTRY.format(thing="mac: '001122334455'", until="never"), "until is not a day"),
        (
            ENTRY.replace("why: trial", "why: ''").format(thing="mac: '001122334455'", until="2027-01-01"),
            "why is empty",
        ),
        (ENTRY.format(thing="mac: 00:11", until="2027-01-01"), "cannot be read as mac"),
        (ENTRY.format(thing="mac: 'da:a1:19:00:00:01'", until="2027-01-01"), "cannot be allowed: locally"),
        (ENTRY.format(thing="mac: '001122334455'\n    oui: '00:11:22'", until="2027-01-01"), "names one thing"),
    ],
)
def test_an_allowance_without_end_owner_reason_or_clear_subject_is_refused(text: str, message: str) -> None:
    assert message in str(refused(text, read_allowances))


def run(source: str, ok: bool, ago: float, *scopes: str) -> SourceRun:
    return SourceRun(source, ok, AT - ago * DAY - HOUR, AT - ago * DAY, scopes)


@pytest.mark.parametrize(
    ("runs", "source", "gap"),
    [
        ([run("wire", True, 0.1, "all")], "wire", ""),
        ([run("wire", True, 0.1, "10.1.0.0/24")], "wire", ""),
        ([run("wire", True, 0.1, "10.1.0.0/25")], "wire", "the wire: did not look in 10.1.0.0/24"),
        ([run("wire", True, 0.1, "10.1.0.0/25"), run("wire", True, 0.2, "10.1.0.128/25")], "wire", ""),
        ([run("wire", True, 2, "all")], "wire", "the wire: last looked at 2026-11-20"),
        ([run("wire", False, 0.1, "all")], "wire", "the wire: the run of 2026-11-22 failed"),
        ([run("wire", True, -1, "all")], "wire", "the wire: its clock is ahead of ours"),
        ([], "wire", "the wire: never looked at"),
        ([run("dhcp", True, 6.9, "all")], "dhcp", ""),
        ([run("dhcp", True, 7.1, "all")], "dhcp", "DHCP: last looked at 2026-11-15"),
        ([run("collected", True, 29, "all")], "collected", ""),
        ([run("directory", True, 0.1, "DC=corp,DC=example")], "directory", ""),
        ([run("directory", True, 0.1, "OU=PCs,DC=corp")], "directory", "the directory: did not look in all of it"),
    ],
)
def test_absence_counts_where_a_source_looked_well_and_lately(runs: list[SourceRun], source: str, gap: str) -> None:
    assert Coverage(tuple(runs), AT).gap(source, ["10.1.0.0/24"]) == gap


def test_data_is_as_old_as_the_oldest_of_its_sources() -> None:
    coverage = Coverage((run("wire", True, 0.1, "all"), run("collected", True, 9, "all")), AT)
    assert coverage.as_of(["wire", "collected"]) == AT - 9 * DAY
    assert coverage.as_of([]) == AT
