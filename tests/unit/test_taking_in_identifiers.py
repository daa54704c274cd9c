"""Cells as what names a machine: serials, addresses, host names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.taking_in.identifiers import host_of, macs_of, names_nothing, uuid_of
from inventory.taking_in.rows import Taken
from tests.unit.cells import fields, mistake, one


@pytest.mark.parametrize(
    "text",
    [
        *("To be filled by O.E.M.", "to be filled by OEM", "System Serial Number", "Default string", "None", "N/A"),
        *("0", "0000000", "123456789", "XXXXXXXX", "Not Specified", "....", "-", "FFFFFFFF"),
    ],
)
def test_a_placeholder_is_no_serial_and_that_is_said(text: str) -> None:
    found = one(tag="1", serial=text)
    assert isinstance(found, Taken)
    assert (dict(found.fields), found.notices) == (
        {"tag": "1"},
        (f"serial {text!r} is a placeholder and was left out",),
    )


@pytest.mark.parametrize("text", ["5CG1234XYZ", "640HP72", "C02-0000", "PF0ABC12", "12345678901"])
def test_a_real_serial_is_no_placeholder(text: str) -> None:
    assert not names_nothing(text)
    assert fields(serial=text) == {"serial": text}


@pytest.mark.parametrize("field", ["serial", "tag"])
@pytest.mark.parametrize("text", ["3.53E+14", "3,53E+14", "1E+14"])
def test_an_identifier_that_a_spreadsheet_spoilt_is_refused(field: str, text: str) -> None:
    assert "lost its end" in mistake(**{field: text})


@pytest.mark.parametrize(
    "text", ["00-11-22-AA-BB-CC", "0011.22aa.bbcc", "001122AABBCC", "00:11:22:aa:bb:cc;00-11-22-AA-BB-CC"]
)
def test_a_mac_address_is_read_in_any_writing(text: str) -> None:
    assert fields(macs=text) == {"macs": "00:11:22:aa:bb:cc"}


@given(st.lists(st.binary(min_size=6, max_size=6).filter(any), min_size=1, max_size=5, unique=True))
def test_a_list_of_mac_addresses_keeps_all_of_them(macs: list[bytes]) -> None:
    written = ["-".join(f"{octet:02X}" for octet in mac) for mac in macs]
    assert macs_of("; ".join(written)).split() == [text.replace("-", ":").lower() for text in written]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"macs": "00:11:22:33:44"}, "'00:11:22:33:44' is no MAC address"),
        ({"macs": "00:11:22:aa:bb:cc, wlan0"}, "'wlan0' is no MAC address"),
        ({"uuid": "4c4c4544"}, "this is no UUID"),
        ({"address": "10.0.0.300"}, "this is no IP address"),
        ({"fqdn": "not a name"}, "this is no full host name"),
        ({"life_months": "three years"}, "this is no number of months"),
    ],
)
def test_what_cannot_name_a_machine_is_refused(cells: dict[str, str], said: str) -> None:
    assert said in mistake(**cells)


def test_identifiers_get_one_form() -> None:
    assert fields(uuid="{4C4C4544-0034-3010-8048-B6C04F503732}", address="010.0.0.5/24".lstrip("0")) == {
        "uuid": "4c4c4544-0034-3010-8048-b6c04f503732",
        "address": "10.0.0.5",
    }
    assert uuid_of("03000200-0400-0500-0006-000700080009") == uuid_of("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF") == ""
    assert macs_of("00:00:00:00:00:00") == ""
    assert host_of("PC1.Example.ORG.") == ("PC1", "pc1.example.org")


def test_a_name_that_is_no_host_name_is_kept_in_the_notes_and_that_is_said() -> None:
    found = one(tag="1", hostname="Amy's laptop")
    assert isinstance(found, Taken)
    assert dict(found.fields) == {"tag": "1", "notes": "Amy's laptop"}
    assert found.notices == ('"Amy\'s laptop" is no host name and is kept in the notes',)
    assert fields(tag="1", hostname="Beamer") == {"tag": "1", "notes": "Beamer"}
