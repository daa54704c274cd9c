"""Leases and scans as their programs write them; what makes no sense is counted by line, and nothing else is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given as anything
from hypothesis import strategies as st

from inventory.estate.leases import dnsmasq, isc_dhcpd, kea
from inventory.estate.reading import BadLine, Reading
from inventory.estate.scans import neighbours, nmap

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
EPOCH = int(AT.timestamp())

DNSMASQ = f"""{EPOCH + 3600} 00:11:22:33:44:55 10.1.0.7 lt-1 01:00:11:22:33:44:55
0 00:11:22:33:44:66 10.1.0.8 * *
tomorrow 00:11:22:33:44:77 10.1.0.9 x *
{EPOCH} 00:11:22:33:44 10.1.0.9 x *
{EPOCH} 00:11:22:33:44:77 10.1.0 x *
{EPOCH} half a line
duid 00:01:00:01:2a:2b
{EPOCH} 123456 2001:db8::5 lt-1 00:01:00:01
"""

ISC = """# The format of this file is documented in the dhcpd.leases(5) manual page.
authoring-byte-order little-endian;

lease 10.1.0.7 {
  starts 5 2026/11/20 08:00:00;
  ends 6 2026/11/21 08:00:00;
  cltt 5 2026/11/20 08:00:00;
  binding state free;
  hardware ethernet 00:11:22:33:44:55;
}
lease 10.1.0.7 {
  starts 0 2026/11/22 10:00:00;
  ends 1 2026/11/23 10:00:00;
  cltt 0 2026/11/22 11:00:00;
  binding state active;
  next binding state free;
  hardware ethernet 00:11:22:33:44:55;
  client-hostname "lt-1";
}
lease 10.1.0.8 {
  starts epoch 1795342800; # Sat Nov 21 2026
  hardware ethernet 00:11:22:33:44:66;
}
lease 10.1.0.9 {
  starts 0 yesterday;
  hardware ethernet 00:11:22:33:44:77;
}
lease 10.1.0.10 {
  binding state abandoned;
}
"""

KEA = f"""address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id
10.1.0.7,00:11:22:33:44:55,,3600,{EPOCH},1,0,0,old,0,,0
10.1.0.7,00:11:22:33:44:55,,3600,{EPOCH + 1800},1,0,0,lt&#x2c1,0,,0
10.1.0.8,00:11:22:33:44:66,,3600,{EPOCH},1,0,0,,2,,0
10.1.0.9,00:11:22:33:44:77,,3600,{EPOCH},1,0,0,gone,0,,0
10.1.0.9,00:11:22:33:44:77,,0,{EPOCH},1,0,0,gone,0,,0
10.1.0.10,00:11:22:33:44:88,,soon,{EPOCH},1,0,0,x,0,,0
10.1.0.11,00:11
"""

NMAP = b"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sn -oX - 10.1.0.0/24" start="1795348790" version="7.93">
<host><status state="up" reason="arp-response" reason_ttl="0"/>
<address addr="10.1.0.7" addrtype="ipv4"/>
<address addr="00:11:22:33:44:55" addrtype="mac" vendor="Cimsys"/>
<hostnames><hostname name="lt-1.corp.example" type="PTR"/></hostnames></host>
<host><status state="down" reason="no-response"/><address addr="10.1.0.8" addrtype="ipv4"/></host>
<host><status state="up" reason="echo-reply"/><address addr="ten" addrtype="ipv4"/></host>
<host starttime="1795348791" endtime="1795348795"><status state="up" reason="arp-response"/>
<address addr="10.1.0.9" addrtype="ipv4"/></host>
<host><status state="up" reason="localhost-response"/><address addr="10.1.0.1" addrtype="ipv4"/></host>
<runstats><finished time="1795348800" exit="success"/><hosts up="3" down="253" total="256"/></runstats>
</nmaprun>
"""


def rows(reading: Reading) -> list[tuple[str, str, str, datetime | None]]:
    return [(next(iter(one.keys("mac")), ""), one.address, one.name, one.seen) for one in reading.sightings]


def numbers(reading: Reading) -> list[int]:
    return [bad.number for bad in reading.bad]


def test_dnsmasq_leases_are_dated_by_when_they_were_given() -> None:
    reading = dnsmasq(DNSMASQ)
    assert rows(reading) == [("001122334455", "10.1.0.7", "lt-1", AT), ("001122334466", "10.1.0.8", "", None)]
    assert numbers(reading) == [3, 4, 5, 6]
    assert reading.bad[0] == BadLine(3, "tomorrow is no time in seconds")
    assert dnsmasq(DNSMASQ, lease=timedelta(hours=12)).sightings[0].seen == AT - timedelta(hours=11)


def test_the_last_entry_of_an_address_holds_in_isc_leases() -> None:
    reading = isc_dhcpd(ISC)
    assert rows(reading) == [
        ("001122334455", "10.1.0.7", "lt-1", datetime(2026, 11, 22, 11, tzinfo=UTC)),
        ("001122334466", "10.1.0.8", "", datetime.fromtimestamp(1795342800, UTC)),
    ]
    assert reading.sightings[0].facts["lease"] == "active"
    assert numbers(reading) == [24]


def test_an_isc_file_that_is_cut_off_is_not_whole() -> None:
    reading = isc_dhcpd(ISC[: ISC.index("next binding")])
    assert not reading.whole
    assert reading.bad[-1] == BadLine(11, "the lease of 10.1.0.7 does not end")


def test_kea_leases_are_a_journal_and_taken_back_ones_are_nobodys() -> None:
    reading = kea(KEA)
    assert rows(reading) == [("001122334455", "10.1.0.7", "lt,1", AT - timedelta(minutes=30))]
    assert numbers(reading) == [7, 8]
    assert not kea("address,hwaddr\n").whole


def test_neighbours_that_answered_were_seen_now_and_the_rest_is_not_claimed() -> None:
    entry = {"dst": "10.1.0.7", "dev": "eth0", "lladdr": "00:11:22:33:44:55", "state": ["REACHABLE"]}
    table = [
        entry,
        {**entry, "dst": "10.1.0.8", "state": ["STALE"]},
        {**entry, "dst": "10.1.0.9", "state": ["STALE"], "confirmed": 90, "used": 5},
        {"dst": "10.1.0.10", "dev": "eth0", "state": ["INCOMPLETE"]},
        {**entry, "dst": "10.1.0.11", "state": ["FAILED"]},
        {**entry, "dst": "10.1.0.12", "state": ["PERMANENT"]},
        {**entry, "lladdr": "0.0.0.0"},
        {**entry, "confirmed": 1e300},
        "odd",
    ]
    reading = neighbours(json.dumps(table), AT)
    assert rows(reading) == [
        ("001122334455", "10.1.0.7", "", AT),
        ("001122334455", "10.1.0.8", "", None),
        ("001122334455", "10.1.0.9", "", AT - timedelta(seconds=90)),
    ]
    assert numbers(reading) == [7, 8, 9]
    assert not neighbours("[{", AT).whole
    assert not neighbours("{}", AT).whole


def test_a_scan_gives_mac_name_and_time_of_what_was_up() -> None:
    reading = nmap(NMAP)
    end = datetime.fromtimestamp(1795348800, UTC)
    assert rows(reading) == [
        ("001122334455", "10.1.0.7", "lt-1.corp.example", end),
        ("", "10.1.0.9", "", end - timedelta(seconds=5)),
    ]
    assert reading.sightings[0].facts == {"reason": "arp-response", "oui": "Cimsys"}
    assert (numbers(reading), reading.whole) == ([3], True)


@pytest.mark.parametrize(
    "content",
    [
        NMAP[:700],
        NMAP.replace(b'exit="success"', b'exit="error"'),
        b"<other/>",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="nonsense"?><nmaprun/>',
    ],
)
def test_a_scan_that_is_cut_off_or_not_nmaps_is_not_whole(content: bytes) -> None:
    assert not nmap(content).whole


def test_entities_that_grow_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE nmaprun [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><nmaprun>&b;</nmaprun>'
    assert nmap(bomb) == Reading((), (BadLine(1, "it declares entities, which nmap never does"),), whole=False)


@pytest.mark.parametrize("reader", [dnsmasq, isc_dhcpd, kea, lambda text: neighbours(text, AT)])
@pytest.mark.parametrize("sample", [DNSMASQ, ISC, KEA, "[]"])
def test_a_file_of_another_kind_gives_no_sighting_and_no_mistake_of_ours(reader: object, sample: str) -> None:
    own = {dnsmasq: DNSMASQ, isc_dhcpd: ISC, kea: KEA}.get(reader, "[]")  # type: ignore[call-overload]
    if sample != own:
        assert reader(sample).sightings == ()  # type: ignore[operator]


@anything(st.data())
def test_no_damage_to_a_file_is_a_mistake_of_ours(data: st.DataObject) -> None:
    readers = [
        (dnsmasq, DNSMASQ),
        (isc_dhcpd, ISC),
        (kea, KEA),
        (
            lambda text: neighbours(text, AT),
            json.dumps([{"dst": "10.1.0.7", "lladdr": "0:1:2:3:4:5", "state": ["DELAY"]}]),
        ),
        (lambda text: nmap(text.encode()), NMAP.decode()),
    ]
    reader, sample = data.draw(st.sampled_from(readers))
    start = data.draw(st.integers(0, len(sample)))
    end = data.draw(st.integers(start, min(len(sample), start + 40)))
    damaged = sample[:start] + data.draw(st.text(max_size=6)) + sample[end:]
    reading = reader(damaged)
    assert all(bad.number >= 1 and bad.why and "\n" not in bad.why for bad in reading.bad)
