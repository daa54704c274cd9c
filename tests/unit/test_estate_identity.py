"""What identifies a machine: every writing of a value is one key, and what identifies nothing says why."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given as anything
from hypothesis import strategies as st

from inventory.estate import identity
from inventory.estate.identity import Identity, identities

HEX = st.text("0123456789abcdef", min_size=12, max_size=12)


def pairs(digits: str, sign: str, size: int) -> str:
    return sign.join(digits[place : place + size] for place in range(0, len(digits), size))


@anything(HEX)
def test_a_mac_address_is_one_key_however_it_is_written(digits: str) -> None:
    written = [digits, digits.upper(), pairs(digits, ":", 2), pairs(digits, "-", 2).upper(), pairs(digits, ".", 4)]
    written.append(":".join(f"{int(octet, 16):x}" for octet in pairs(digits, ":", 2).split(":")))
    assert {identity.mac(raw).key for raw in written} == {digits}


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("01:00:5e:00:00:fb", identity.MULTICAST),
        ("33:33:00:00:00:01", identity.MULTICAST),
        ("ff:ff:ff:ff:ff:ff", identity.SEQUENCE),
        ("00:00:00:00:00:00", identity.SEQUENCE),
        ("00:00:5e:00:01:0a", identity.ROUTER),
        ("00:00:0c:07:ac:01", identity.ROUTER),
        ("da:a1:19:00:00:01", identity.RANDOMISED),
        ("00:11:22:33:44", "cannot be read as a MAC address"),
    ],
)
def test_a_mac_address_that_is_nobodys_is_void_and_says_why(raw: str, why: str) -> None:
    assert identity.mac(raw).void == why


@pytest.mark.parametrize("raw", ["52:54:00:12:34:56", "02:42:ac:11:00:02", "00:1a:2b:3c:4d:5e"])
def test_addresses_of_known_software_are_not_called_randomised(raw: str) -> None:
    assert identity.mac(raw).void == ""


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "To be filled by O.E.M.",
        "System Serial Number",
        "Default string",
        "None",
        "000000000",
        "123456789",
        "XXXXXX",
    ],
)
def test_a_serial_no_maker_filled_in_is_void(raw: str) -> None:
    assert identity.serial(raw).void


def test_a_serial_is_trimmed_and_upper_and_keeps_its_separators() -> None:
    assert identity.serial(" ab-12 34/c ").key == "AB-12 34/C"
    assert identity.serial("AB-1234").key != identity.serial("AB1234").key
    assert identity.serial("7C").void == "too short to be one machine's"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dell Inc.", "DELL"),
        ("Hewlett-Packard", "HP Inc."),
        ("ASUSTeK COMPUTER INC.", "Asus"),
        ("Micro-Star International Co., Ltd.", "MSI"),
    ],
)
def test_makers_compare_without_their_legal_form(one: str, other: str) -> None:
    assert identity.maker_of(one) == identity.maker_of(other) != ""


def test_a_maker_nobody_filled_in_is_no_maker() -> None:
    assert identity.maker_of("To Be Filled By O.E.M.") == identity.maker_of("System manufacturer") == ""


@anything(st.uuids())
def test_a_uuid_and_its_byte_swapped_twin_are_one_key(uuid: UUID) -> None:
    swapped = identity.twin(uuid)
    assert identity.twin(swapped) == uuid
    written = [str(uuid), str(uuid).upper(), f"{{{uuid}}}", str(swapped)]
    assert len({identity.smbios_uuid(raw).key for raw in written}) == 1


@pytest.mark.parametrize(
    "raw",
    [
        "00000000-0000-0000-0000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",  # the same, swapped
    ],
)
def test_uuids_that_many_boards_have_are_void(raw: str) -> None:
    assert identity.smbios_uuid(raw).void


def test_a_host_key_is_the_same_in_base64_and_in_hex() -> None:
    in_hex = "00" * 31 + "ff"
    in_base64 = "SHA256:" + "A" * 41 + "P8"
    assert identity.hostkey(in_hex) == Identity("hostkey", in_base64, in_hex)
    assert identity.hostkey(in_base64 + "=").key == in_base64
    assert identity.hostkey("SHA256:short").void == "cannot be read as a SHA-256 fingerprint"


@pytest.mark.parametrize(
    ("raw", "key"), [("LT-1$", "lt-1"), ("LT-1.corp.example.", "lt-1"), ("ubuntu", "ubuntu"), ("<script>", "")]
)
def test_a_host_name_is_its_first_label(raw: str, key: str) -> None:
    assert identity.hostname(raw).key == key


@pytest.mark.parametrize("name", ["ubuntu", "localhost", "raspberrypi"])
def test_factory_names_are_void(name: str) -> None:
    assert identity.hostname(name).void == identity.FACTORY


@pytest.mark.parametrize(
    ("name", "counts"), [("pc1.corp.example", True), ("pc1.corp.local", True), ("pc1.local", False), ("pc1", False)]
)
def test_a_name_of_multicast_dns_is_anybodys(name: str, counts: bool) -> None:
    assert identity.fqdn(name).counts is counts


def test_text_fields_give_all_their_identities_once() -> None:
    found = identities({"macs": "00:11:22:33:44:55 001122334455, 00-11-22-33-44-66", "hostname": "pc1.corp.example"})
    assert [(one.kind, one.key) for one in found if one.raw != "001122334455"] == [
        ("fqdn", "pc1.corp.example"),
        ("hostname", "pc1"),
        ("mac", "001122334455"),
        ("mac", "001122334466"),
    ]


@anything(st.text(max_size=60))
def test_no_text_of_any_kind_is_a_mistake_of_ours(text: str) -> None:
    fields = dict.fromkeys(("guid", "serial", "uuid", "hostkey", "macs", "fqdn", "hostname", "maker"), text)
    assert all(one.key or one.void for one in identities(fields))
