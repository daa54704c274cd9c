"""Inventories of GLPI Agent: what is read of them, what is passed over, and what is refused with its place."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.taking_in import glpi
from inventory.taking_in.glpi import Collected, Disk, Installation, Interface, Processor, collected, collected_in
from inventory.taking_in.rows import Mistake
from ops.errors import InvalidRequest

UUID = "4c4c4544-0034-3010-8048-b6c04f503732"


def laptop() -> dict[str, Any]:
    """One machine, as the agent writes it."""
    return {
        "deviceid": "pc1-2026-11-25-09-00-00",
        "itemtype": "Computer",
        "action": "inventory",
        "content": {
            "versionclient": "GLPI-Agent_v1.15",
            "bios": {"smanufacturer": "Dell Inc.", "smodel": "XPS 13 9350", "ssn": "640HP72", "assettag": "LAP-0001"},
            "hardware": {
                **{"name": "pc1", "uuid": UUID.upper(), "chassis_type": "Notebook", "memory": 7800},
                **{"vmsystem": "Physical", "lastloggeduser": "amy.ng", "of_a_later_version": {"a": [1]}},
            },
            "operatingsystem": {"full_name": "Fedora 42", "version": "42", "arch": "x86_64", "fqdn": "PC1.example.org"},
            "cpus": [{"name": "i7-6500U", "core": 2, "corecount": 4, "thread": 2, "speed": 2500}],
            "memories": [{"capacity": 4096}, {"capacity": 4096}],
            "storages": [
                {"manufacturer": "Toshiba", "model": "THNSN5", "serial": "76TS", "disksize": 256060, "type": "disk"}
            ],
            "networks": [
                {
                    "description": "lo",
                    "status": "up",
                    "type": "loopback",
                    "ipaddress": "127.0.0.1",
                    "mac": "00:" * 5 + "00",
                },
                {
                    **{"description": "wlp58s0", "status": "up", "type": "wifi", "mac": "44:85:00:2B:90:BC"},
                    **{"ipaddress": "192.0.2.10", "ipaddress6": "2001:db8::1"},
                },
                {
                    "description": "virbr0",
                    "status": "down",
                    "type": "ethernet",
                    "mac": "52:54:00:fa:20:0e",
                    "virtualdev": True,
                },
                {
                    "description": "ib0",
                    "status": "down",
                    "type": "infiniband",
                    "mac": "80:00:02:08:fe:80:00:00:00:00:00:00",
                },
            ],
            "softwares": [
                {
                    **{"name": "Acrobat", "publisher": "Adobe", "version": "25.1", "guid": "{A-1}", "arch": "x86_64"},
                    **{"install_date": "2026-01-15", "from": "registry"},
                },
                {"name": "Zoom", "username": "amy.ng", "userid": "S-1-5-21-1-2-3-1001"},
                {"name": "Agent", "username": "systemprofile", "userid": "S-1-5-18"},
            ],
            "users": [{"login": "amy.ng", "domain": "AD"}, {"login": "ben.ok"}],
            "sensors_of_the_future": [{"what": "ever"}],
        },
    }


def written(folder: Path, machine: object, name: str = "pc1.json") -> Path:
    path = folder / name
    path.write_text(machine if isinstance(machine, str) else json.dumps(machine), encoding="utf-8")
    return path


def changed(place: str, value: object) -> dict[str, Any]:
    """The laptop with one value in another type."""
    machine: Any = laptop()
    *path, last = place.split(".")
    here = machine
    for step in path:
        here = here[int(step)] if isinstance(here, list) else here[step]
    here[last] = value
    return machine  # type: ignore[no-any-return]


def refused(path: Path) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        collected(path)
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    return caught.value


def test_a_machine_is_read_into_fields_hardware_and_installations(tmp_path: Path) -> None:
    found = collected(written(tmp_path, laptop()))
    assert found.fields == {
        **{"tag": "LAP-0001", "kind": "laptop", "maker": "Dell Inc.", "model": "XPS 13 9350", "serial": "640HP72"},
        **{"uuid": UUID, "hostname": "pc1", "fqdn": "pc1.example.org", "macs": "44:85:00:2b:90:bc"},
    }
    assert found.hardware.processors == (Processor("i7-6500U", 4, 2, 2500),)
    assert found.hardware.disks == (Disk("Toshiba", "THNSN5", "76TS", 256060, "disk", ""),)
    assert found.hardware.interfaces[1] == Interface(
        "wlp58s0", "44:85:00:2b:90:bc", ("192.0.2.10", "2001:db8::1"), "wifi", virtual=False, up=True
    )
    assert (found.hardware.memory_mb, found.hardware.system, found.hardware.virtual) == (7800, "Fedora 42", "")
    assert found.installations == (
        Installation("Adobe", "Acrobat", "25.1", "machine", "", "{A-1}", "x86_64", "2026-01-15", "registry"),
        Installation("", "Zoom", "", "user", "amy.ng"),
        Installation("", "Agent", ""),
    )
    assert (found.users, found.agent, found.partial) == (("amy.ng", "ben.ok"), "GLPI-Agent_v1.15", False)
    assert found.notices == ()


def test_the_address_of_today_is_no_static_address(tmp_path: Path) -> None:
    assert "address" not in collected(written(tmp_path, laptop())).fields


def test_a_virtual_machine_is_one_whatever_its_chassis_says(tmp_path: Path) -> None:
    found = collected(written(tmp_path, changed("content.hardware.vmsystem", "VMware")))
    assert (found.fields["kind"], found.hardware.virtual) == ("vm", "VMware")


@pytest.mark.parametrize(
    ("itemtype", "device", "fields"),
    [
        ("Printer", {"type": "Printer", "serial": "PR1", "manufacturer": "HP"}, {"kind": "printer", "serial": "PR1"}),
        ("NetworkEquipment", {"type": "Networking", "name": "sw1", "mac": "00:11:22:33:44:55"}, {"hostname": "sw1"}),
    ],
)
def test_what_was_asked_over_snmp_is_read_too(
    tmp_path: Path, itemtype: str, device: dict[str, str], fields: dict[str, str]
) -> None:
    machine = {"deviceid": "x", "itemtype": itemtype, "content": {"versionclient": "6", "network_device": device}}
    found = collected(written(tmp_path, machine)).fields
    assert fields.items() <= found.items()
    assert ("kind" in found) == (itemtype == "Printer")


def test_placeholders_of_makers_are_left_out_and_said(tmp_path: Path) -> None:
    machine = laptop()
    machine["content"]["bios"] |= {"ssn": "To be filled by O.E.M.", "assettag": "No Asset Tag"}
    machine["content"]["hardware"]["uuid"] = "not-one"
    found = collected(written(tmp_path, machine))
    assert {"serial", "tag", "uuid"} & set(found.fields) == set()
    assert found.notices == (
        "serial 'To be filled by O.E.M.' is a placeholder and was left out",
        "tag 'No Asset Tag' is a placeholder and was left out",
        "uuid 'not-one' is none and was left out",
    )


def test_what_cannot_be_registered_is_left_out_and_said(tmp_path: Path) -> None:
    found = collected(written(tmp_path, changed("content.bios.smodel", "XPS\u202e13")))
    assert "model" not in found.fields
    assert found.notices == ("model holds what cannot be registered and was left out",)


def test_a_nul_is_no_part_of_any_text(tmp_path: Path) -> None:
    machine = laptop()
    machine["content"]["softwares"] = [{"name": "Vim\0", "version": "\0 9.1"}]
    found = collected(written(tmp_path, machine)).installations[0]
    assert (found.name, found.version) == ("Vim", "9.1")


def test_a_partial_inventory_says_so(tmp_path: Path) -> None:
    found = collected(
        written(tmp_path, {"deviceid": "x", "partial": True, "content": {"softwares": [{"name": "tar"}]}})
    )
    assert (found.partial, [one.name for one in found.installations]) == (True, ["tar"])


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("deviceid", 7, "deviceid is a whole number, not a text"),
        ("content", [], "content is a list, not a mapping"),
        ("content.hardware.memory", "7800", "content.hardware.memory is a text, not a whole number"),
        ("content.hardware.memory", True, "content.hardware.memory is True, not a whole number"),
        ("content.hardware.memory", -1, "content.hardware.memory is -1, not a whole number"),
        ("content.cpus.0.core", 2.5, "content.cpus[0].core is a number, not a whole number"),
        ("content.softwares", {}, "content.softwares is a mapping, not a list"),
        ("content.softwares", ["tar"], "content.softwares[0] is a text, not a mapping"),
        ("content.softwares.1.name", "", "content.softwares[1].name is missing"),
        ("content.networks.2.virtualdev", "yes", "content.networks[2].virtualdev is a text, not true or false"),
        ("content.bios.ssn", 640, "content.bios.ssn is a whole number, not a text"),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_place(
    tmp_path: Path, place: str, value: object, said: str
) -> None:
    assert str(refused(written(tmp_path, changed(place, value)))) == f"pc1.json: {said}"


@pytest.mark.parametrize("place", ["content.bios", "content.softwares", "content.hardware.memory", "content.bios.ssn"])
def test_null_is_the_same_as_absent(tmp_path: Path, place: str) -> None:
    assert isinstance(collected(written(tmp_path, changed(place, None))), Collected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "is no GLPI inventory"),
        ('{"content": {}}', "is no GLPI inventory"),
        ('{"deviceid": "x", "content": {', "line 1 column 31: this is not JSON"),
        ('{"deviceid": "x", "content": {"hardware": {"memory": NaN}}}', "this is not JSON"),
        ('{"deviceid": "x", "deviceid": "y", "content": {}}', "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
    ],
)
def test_what_is_no_inventory_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert said in str(refused(written(tmp_path, text)))


def test_an_inventory_too_large_for_one_machine_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, laptop())
    monkeypatch.setattr(glpi, "LARGEST", 1000)
    assert "is larger than" in str(refused(path))


def test_one_bad_file_of_a_folder_is_one_mistake_and_the_rest_goes_on(tmp_path: Path) -> None:
    for name in ("a.json", "c.json"):
        written(tmp_path, laptop(), name)
    written(tmp_path, "{", "b.json")
    (tmp_path / "b.json.txt").write_text("not looked at", encoding="utf-8")
    found = list(collected_in(tmp_path))
    assert [type(one) for one in found] == [Collected, Mistake, Collected]
    assert str(found[1]) == "b.json: line 1 column 2: this is not JSON; copy it again, it may be cut"


NAMES = st.sampled_from(["name", "mac", "core", "ssn", "uuid", "fqdn", "status"])
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
ENTRY = PLAIN | st.dictionaries(NAMES, PLAIN, max_size=4)
JSON = ENTRY | st.lists(ENTRY, max_size=3)
SECTIONS = st.sampled_from(["bios", "hardware", "operatingsystem", "cpus", "networks", "softwares", "storages"])


@given(st.dictionaries(SECTIONS, JSON, max_size=5))
def test_whatever_stands_in_an_inventory_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, Any]
) -> None:
    path = written(tmp_path_factory.mktemp("odd"), {"deviceid": "x", "content": content})
    with suppress(InvalidRequest):
        assert all(text and text.isprintable() for text in collected(path).fields.values())
