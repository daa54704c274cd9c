"""The practice network as an estate: every source asked for real, and exactly what was planted is told."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inventory.lab import Running
from tests.workspace import Desk, desk

pytestmark = pytest.mark.lab

ASSETS = """tag,kind,hostname,macs,state,location,data_class,disposal,requested_by,approved_by,disposed_on
DC-1,server,dc1,52:54:00:33:64:0a,deployed,Rack,internal,,,,
WS-1,desktop,ws1,52:54:00:33:64:1f,deployed,Room 1,internal,,,,
SRV-1,server,renamed-since,52:54:00:33:64:15,deployed,Rack,internal,,,,
FS-1,server,fs1,52:54:00:33:64:14,disposed,,public,sold,amy,bob,2026-01-05
BAK-1,server,bak1,52:54:00:33:64:16,deployed,Rack,internal,,,,
ADM-1,desktop,admin,52:54:00:33:64:05,deployed,Room 1,internal,,,,
"""
STRANGER = "52:54:00:66:66:66"


@pytest.fixture
def mine(tmp_path: Path, network: Running) -> Desk:
    if network.mode != "root":
        pytest.skip(f"mode {network.mode} lets nobody plug a cable in")
    return desk(tmp_path / "mine", network)


@contextmanager
def stranger(network: Running) -> Iterator[None]:
    """A machine that nobody knows, plugged into the network: a namespace of its own at the bridge."""
    anchor = str(json.loads((network.folder / "state.json").read_text())["anchor"])
    with subprocess.Popen(["unshare", "-n", "sleep", "60"]) as life:
        try:
            time.sleep(0.2)
            _ip(anchor, f"link add p-odd type veth peer name odd0 address {STRANGER} netns {life.pid}")
            _ip(anchor, "link set p-odd master br0 up")
            _ip(str(life.pid), "addr add 198.51.100.66/24 dev odd0")
            _ip(str(life.pid), "link set odd0 up")
            yield
        finally:
            life.kill()


def _ip(pid: str, words: str) -> None:
    done = subprocess.run(
        ["nsenter", "-t", pid, "-n", "ip", *words.split()], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (words, done.stderr)


def test_the_network_itself_tells_what_the_register_does_not(mine: Desk, network: Running) -> None:
    (mine.folder / "assets.csv").write_text(ASSETS)
    assert mine.ops("asset", "import", "assets.csv", "--yes").code == 0
    with stranger(network):
        looked = mine.ops("estate", "discover", "--json")
    assert looked.code == 0, looked.err
    seen = {one["what"]: one["looked_at"] for one in looked.json["seen"]}
    assert seen["computers of the directory"] >= 1
    assert seen["hosts asked over SSH"] == 4
    assert seen["neighbours"] >= 5
    said = mine.ops("estate", "reconcile", "--json")
    assert said.code == 3
    found = {f["because"].partition(" [")[0]: f for f in said.json["findings"] if f["verdict"] == "FAIL"}
    assert len(found) == 3, found
    told = " | ".join(found)
    assert "UNMANAGED: BAK-1 is on the network" in told, "operators do not sign in to the backup host"
    assert "GHOST-ALIVE: FS-1 is disposed in the register, and" in told
    assert "UNAUTHORISED: 525400666666 is on the corp network lab at 198.51.100.66 and nobody knows it" in told
    assert found[next(one for one in found if "525400666666" in one)]["next_step"].startswith("by ")

    rows = mine.ops("estate", "locate", "SRV-1", "--json").json["sightings"]
    assert {row["source"] for row in rows} == {"register", "wire", "collected"}
    assert all("MAC 525400336415" in row["because"] for row in rows)
    assert mine.ops("licence", "position").code == 0
    software = mine.ops("licence", "unrecognised", "--most", "5000", "--json").json["unrecognised"]
    assert not any(row["publisher"] == "Debian" for row in software)


def test_nothing_is_swept_that_is_not_in_sites_yaml(mine: Desk) -> None:
    (mine.folder / "inventory/sites.yaml").write_text(
        "networks:\n  - {cidr: 203.0.113.0/24, purpose: corp, site: Elsewhere, name: far}\n"
    )
    looked = mine.ops("estate", "discover", "--only", "wire", "--json").json["seen"]
    (wire,) = [one for one in looked if one["what"] == "neighbours"]
    assert wire["looked_at"] == 0
    assert wire["not_looked_at"] == [
        "203.0.113.0/24: not on a link of this machine; bring --neighbours FILE from one there"
    ]
    (mine.folder / "inventory/sites.yaml").write_text("networks:\n  - {cidr: 198.51.0.0/8, purpose: corp, site: X}\n")
    assert mine.ops("estate", "discover", "--only", "wire").code in (0, 2)


def test_what_a_starter_got_is_asked_for_when_they_leave_and_seats_come_back(mine: Desk, network: Running) -> None:
    (mine.folder / "two.csv").write_text("tag,kind,location\nLAP-90,laptop,Shelf\nLAP-91,laptop,Shelf\n")
    (mine.folder / "invoice.pdf").write_text("one seat")
    assert mine.ops("asset", "import", "two.csv", "--yes").code == 0
    words = ("microsoft.365-apps", "named-user", "1", "2026-01-01", "--proof", "invoice.pdf", "--yes")
    assert mine.ops("licence", "add", "m365", *words).code == 0
    got = mine.onboard("Estella", "Quayle", "E51001", "--assets", "LAP-90,LAP-91", "--licences", "m365")
    assert got.code == 0, got.err
    last_seat = mine.onboard("Magnus", "Quayle", "E51002", "--licences", "m365")
    assert (last_seat.code, "1 seat, and 2 would be given out" in last_seat.err) == (6, True), last_seat.err
    assert mine.ops("account", "show", "magnus.quayle").code == 1
    leaving = ("--logon", "estella.quayle", "--successor", "zmueller", "--returned", "LAP-90", "--yes")
    left = mine.ops("user", "offboard", *leaving)
    assert left.code == 0, left.err
    back, kept = (mine.ops("asset", "show", tag, "--json").json for tag in ("LAP-90", "LAP-91"))
    assert (back["state"], back.get("holder")) == ("in_stock", None)
    assert (kept["holder"], bool(kept["due"])) == ("person:estella.quayle", True)
    found = mine.ops("audit", "run", "estate.register", "--json").json["findings"]
    assert {f["about"] for f in found if f["rule"].startswith("leaver")} == {"LAP-91"}
    assert mine.ops("licence", "show", "m365", "--json").json["seats"][0]["until"]


def test_the_report_on_access_knows_who_has_power_over_the_domain(mine: Desk) -> None:
    said = mine.ops("report", "access", "-o", "access.json")
    assert said.code == 0, said.err
    report = json.loads((mine.folder / "access.json").read_text())
    (accounts,) = [part for part in report["tables"] if part["name"] == "accounts"]
    titles = [column["title"] for column in accounts["columns"]]
    rows = {row[titles.index("Logon name")]: row[titles.index("Privileged")] for row in accounts["rows"]}
    assert rows["Administrator"] == "yes"
    assert list(rows.values()).count("no") > 5
    assert mine.ops("report", "verify", "access.json").code == 0
