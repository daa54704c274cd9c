"""Faults planted in a small estate are found by the commands, each with its reason, and nothing else is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.ledger import Ledger
from tests.workspace import Desk, bare

TODAY = datetime.now(UTC).date()
LAST_YEAR, LAST_MONTH, NEXT_YEAR = TODAY - timedelta(days=400), TODAY - timedelta(days=30), TODAY + timedelta(days=400)
ASSETS = """tag,kind,maker,serial,uuid,macs,hostname,state,location,holder,site
LAP-1,laptop,Dell,SN-LAP1,4c4c4544-0034-3510-8052-b4c04f4a3731,00:1b:21:00:00:01,lap1,deployed,Room 1,sam.reed,Leith
LAP-2,laptop,Dell,SN-LAP2,4c4c4544-0034-3510-8052-b4c04f4a3732,00:1b:21:00:00:02,lap2,deployed,Room 1,ida.moss,Leith
SRV-1,server,Dell,SN-SRV1,4c4c4544-0034-3510-8052-b4c04f4a3733,00:1b:21:00:00:03,oldname,deployed,Rack,,Leith
DOCK-1,dock,Dell,SN-DOCK1,,00:1b:21:00:00:dd,,in_stock,Cupboard,,Leith
"""
GONE = """tag,kind,maker,model,serial,macs,state,data_class,disposal,requested_by,approved_by,disposed_on
OLD-1,laptop,Dell,L3300,SN-OLD1,00:1b:21:00:00:0f,disposed,public,sold,amy,bob,{day}
"""
SQL = {"publisher": "Microsoft Corporation", "name": "Microsoft SQL Server 2019 (64-bit)", "version": "15.0.2000.5"}
VISIO = {"publisher": "Microsoft Corporation", "name": "Microsoft Visio Professional 2021 - en-us", "version": "16.0"}
TORRENT = {"publisher": "BitTorrent Inc.", "name": "µTorrent", "version": "3.6.0"}
ODD = {"publisher": "Nobody Ltd", "name": "Odd Program", "version": "1"}


def inventory(name: str, serial: str, uuid: str, macs: list[str], software: list[dict[str, str]], cores: int) -> str:
    """What GLPI Agent writes of one machine."""
    return json.dumps(
        {
            "deviceid": f"{name}-2026-11-25",
            "itemtype": "Computer",
            "content": {
                "hardware": {"name": name, "uuid": uuid, "chassis_type": "Laptop"},
                "bios": {"ssn": serial, "smanufacturer": "Dell Inc.", "smodel": "X"},
                "cpus": [{"core": cores, "name": "Xeon"}],
                "networks": [{"macaddr": mac, "description": f"eth{n}"} for n, mac in enumerate(macs)],
                "operatingsystem": {"name": "Windows"},
                "softwares": software,
            },
        }
    )


@pytest.fixture(scope="module")
def lead(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """An IT lead with files and nothing else: no directory, no lab."""
    desk = bare(tmp_path_factory.mktemp("lead") / "desk", "lead")
    folder = desk.folder
    (folder / "inventory/sites.yaml").write_text(
        "networks:\n  - {cidr: 10.7.0.0/24, purpose: corp, site: Leith, name: office}\n"
    )
    (folder / "assets.csv").write_text(ASSETS)
    (folder / "gone.csv").write_text(GONE.format(day=LAST_MONTH))
    (folder / "invoice.pdf").write_text("an invoice")
    glpi = folder / "glpi"
    glpi.mkdir()
    dock = "00:1b:21:00:00:dd"
    machines = {
        "lap1": (
            "SN-LAP1",
            "4c4c4544-0034-3510-8052-b4c04f4a3731",
            ["00:1b:21:00:00:01", dock],
            [VISIO, TORRENT, ODD],
            8,
        ),
        "lap2": ("SN-LAP2", "4c4c4544-0034-3510-8052-b4c04f4a3732", ["00:1b:21:00:00:02", dock], [], 8),
        "newname": ("SN-SRV1", "4c4c4544-0034-3510-8052-b4c04f4a3733", ["00:1b:21:00:00:03"], [SQL], 2),
        "clone": ("SN-CLONE", "4c4c4544-0034-3510-8052-b4c04f4a3732", ["00:1b:21:00:00:0c"], [], 4),
    }
    for name, (serial, uuid, macs, software, cores) in machines.items():
        (glpi / f"{name}.json").write_text(inventory(name, serial, uuid, macs, software, cores))
    seen = [("10.7.0.1", "00:1b:21:00:00:01"), ("10.7.0.9", "00:1b:21:00:00:0f"), ("10.7.0.66", "00:1b:21:00:00:66")]
    rows = [{"dst": address, "lladdr": mac, "dev": "eth0", "state": ["REACHABLE"]} for address, mac in seen]
    (folder / "neighbours.json").write_text(json.dumps(rows))
    for words in (
        ("asset", "import", "assets.csv", "--yes"),
        ("asset", "import", "gone.csv", "--yes"),
        *licences(),
        ("estate", "discover", "--only", "wire", "--glpi", "glpi", "--neighbours", "neighbours.json"),
    ):
        done = desk.ops(*words)
        assert done.code == 0, (words, done.err)
    return desk


def licences() -> list[tuple[str, ...]]:
    old, last, new = str(LAST_YEAR), str(LAST_MONTH), str(NEXT_YEAR)
    proof = ("--proof", "invoice.pdf", "--yes")
    return [
        ("licence", "add", "sql", "microsoft.sql-server", "core", "1", old, "--pack-size", "2", *proof),
        ("licence", "add", "visio", "microsoft.visio", "device", "5", old, "--ends", last, *proof),
        ("licence", "add", "m365", "microsoft.365-apps", "named-user", "2", old, "--ends", new, *proof),
        ("licence", "allocate", "m365", "sam.reed", "--yes"),
    ]


def findings(desk: Desk, *words: str) -> dict[tuple[str, str], Any]:
    """(rule, subject as people read it) → finding, of everything that does not pass."""
    said = desk.ops(*words, "--json")
    assert said.code in (0, 3), said.err
    audits = said.json.get("audits", [said.json])
    return {(f["rule"], f["about"]): f for audit in audits for f in audit["findings"] if f["verdict"] != "PASS"}


def test_exactly_the_planted_machines_are_told_each_with_its_reason(lead: Desk) -> None:
    found = findings(lead, "estate", "reconcile")
    assert {rule for rule, _ in found} == {"GHOST-ALIVE", "UNAUTHORISED", "UNREGISTERED", "IDENTITY-CONFLICT"}
    everything = " | ".join(f["because"] for f in found.values())
    assert "OLD-1 is disposed in the register, and the wire saw it at 10.7.0.9" in everything
    assert "001b21000066 is on the corp network office at 10.7.0.66 and nobody knows it" in everything
    assert "clone is known to collected inventory, and not in the register" in everything
    for known in ("LAP-1", "LAP-2", "SRV-1", "newname", "DOCK-1"):
        assert f"{known} is known to" not in everything


def test_a_renamed_host_is_the_machine_it_was_and_a_clone_is_not(lead: Desk) -> None:
    rows = lead.ops("estate", "locate", "newname", "--json").json["sightings"]
    assert {(row["source"], row["name"]) for row in rows} >= {("register", "oldname"), ("collected", "newname")}
    why = lead.ops("estate", "locate", "LAP-2", "--why", "clone").out
    assert "not joined because" in why
    assert "serial" in why


def test_two_laptops_at_one_dock_stay_two(lead: Desk) -> None:
    rows = lead.ops("estate", "locate", "LAP-1", "--json").json["sightings"]
    assert {row["name"] for row in rows if row["source"] == "collected"} == {"lap1"}
    assert "not joined" in lead.ops("estate", "locate", "LAP-1", "--why", "LAP-2").out


def test_a_decision_answers_a_case_until_its_day(lead: Desk) -> None:
    cases = findings(lead, "estate", "reconcile")
    ((_, clone),) = [(key, f) for key, f in cases.items() if "clone is known" in f["because"]]
    done = lead.ops("estate", "decide", clone["subject"][:10], "lead", "being registered", "--yes")
    assert done.code == 0, done.err
    assert not any("clone is known" in f["because"] for f in findings(lead, "estate", "reconcile").values())
    assert lead.ops("estate", "decide", "nothing", "lead", "x", "--yes").code == 1


def test_licences_short_expired_and_prohibited_are_told_with_the_rule(lead: Desk) -> None:
    found = findings(lead, "audit", "run", "licences")
    statuses = {about.partition(" ")[0]: (rule, f["because"]) for (rule, about), f in found.items()}
    assert statuses["microsoft.sql-server"][0] == "SHORT"
    assert "2 proven and in force, 4 needed" in statuses["microsoft.sql-server"][1]  # 2 cores count as the minimum of 4
    assert statuses["microsoft.visio"][0] == "EXPIRED-IN-USE"
    assert statuses["torrent"][0] == "PROHIBITED"
    assert "Odd Program" in lead.ops("licence", "unrecognised").out
    lines = lead.ops("licence", "position", "microsoft.sql-server", "--derivation", "--json").json["derivation"]
    assert any(line["counted"] and line["units"] == 4 for line in lines)


def test_a_leaver_who_still_has_a_laptop_and_a_seat_is_told(lead: Desk) -> None:
    leavers = lead.folder / "state/leavers"
    leavers.mkdir(mode=0o700)
    (leavers / "sam%2Ereed.json").write_text(json.dumps({"logon": "sam.reed", "name": "Sam Reed", "left": str(TODAY)}))
    found = findings(lead, "audit", "run", "estate.register")
    assert ("leaver holds it", "LAP-1") in found
    assert ("leaver holds a seat", "m365") in found
    for words in (("asset", "collect", "sam.reed", "--returned", "LAP-1"), ("licence", "release", "sam.reed")):
        assert lead.ops(*words, "--yes").code == 0
    found = findings(lead, "audit", "run", "estate.register")
    assert not {("leaver holds it", "LAP-1"), ("leaver holds a seat", "m365")} & found.keys()


def test_a_waiver_is_shown_does_not_count_and_ends(lead: Desk) -> None:
    before = findings(lead, "audit", "run", "estate.register")
    rule = next(rule for rule, _ in before if rule.startswith("quality"))
    words = ("audit", "waive", "estate.register", rule, "*", "agreed", "lead")
    assert lead.ops(*words, str(TODAY), "--yes").code == 2
    assert lead.ops(*words, str(NEXT_YEAR), "--yes").code == 0
    after = lead.ops("audit", "run", "estate.register", "--json").json["findings"]
    (waived,) = [one for one in after if one["rule"] == rule]
    assert (waived["verdict"], "waived until" in waived["because"]) == ("PASS", True)
    changed = lead.ops("audit", "compare", "estate.register", "--json").json["changes"]
    assert [(row["change"], row["rule"]) for row in changed] == [("changed", rule)]


def test_a_waiver_of_a_name_that_was_never_found_is_refused(lead: Desk) -> None:
    found = next(iter(findings(lead, "audit", "run", "estate.register").values()))
    rule, subject = found["rule"], found["subject"]

    def waive(*words: str, day: str = str(NEXT_YEAR)) -> Any:
        return lead.ops("audit", "waive", *words, "agreed", "lead", day, "--yes", "--json")

    wrong = waive("estate.register", rule, f"{subject}x")
    assert (wrong.code, wrong.json["error"]) == (1, "NotFound")
    assert f"did you mean “{subject}”" in wrong.json["hint"]
    assert f"did you mean “{rule}”" in waive("estate.register", f"{rule}x", "*").json["hint"]
    far = waive("estate.register", rule, "0").json
    assert (f"it found “{found['about']}”" in far["hint"], far["exit_code"]) == (True, 1)
    assert [waive("estate.register", rule, name).code for name in (subject, found["about"], "*")] == [0, 0, 0]


def test_a_waiver_is_taken_as_it_is_where_the_audit_was_never_run_and_can_be_ended_always(tmp_path: Path) -> None:
    desk = bare(tmp_path / "desk")
    words = ("audit", "waive", "estate.register", "warranty", "LAP-9", "agreed", "lead")
    first = desk.ops(*words, str(NEXT_YEAR), "--yes")
    assert first.code == 0, first.err
    assert "estate.register was never run here" in first.err
    assert desk.ops("audit", "run", "estate.register", "--json").json["findings"] is not None
    assert desk.ops(*words, str(TODAY + timedelta(days=1)), "--yes").code == 0, "what is gone can be ended sooner"
    again = desk.ops(*words[:4], "LAP-8", *words[5:], str(NEXT_YEAR), "--yes")
    assert again.code == 1, "by now the audit was run, and found no such thing"
    assert "never run" not in again.err


def test_every_look_and_change_is_evidence(lead: Desk) -> None:
    assert lead.ops("evidence", "verify").code == 0
    ledger = Ledger(lead.folder / "state/ledger.db", "", read_only=True)
    sources = {
        event.body["source"] for run in ledger.runs() for event in ledger.run(run.run) if event.kind == "audited"
    }
    ledger.close()
    assert {"estate.discover", "estate.reconcile", "estate.register", "licences.position"} <= sources


def test_a_workspace_without_a_register_makes_none_by_looking(tmp_path: Path) -> None:
    desk = bare(tmp_path / "desk")
    assert desk.ops("audit", "run", "no.such").code == 2
    assert not (desk.folder / "state/register.db").exists()


def test_inventories_taken_in_as_assets_bring_their_software_too(lead: Desk, tmp_path: Path) -> None:
    desk = bare(tmp_path / "desk", "lead")
    done = desk.ops("asset", "import", str(lead.folder / "glpi"), "--number", "PC-", "--partial", "--yes")
    assert done.code == 5, done.err  # the clone has the UUID of another
    assert "Odd Program" in desk.ops("licence", "unrecognised").out
    assert desk.ops("asset", "find", "SN-SRV1", "--json").json["assets"][0]["tag"].startswith("PC-")
