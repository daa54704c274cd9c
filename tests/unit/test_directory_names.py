"""Names on their way into a DN or a filter and back: nothing of them is ever read as syntax."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ldap3.operation.search import MATCH_EQUAL, parse_filter

from ops.adapters.directory_names import child, common_name, equals, escape_value, inside, parent, respelled
from ops.errors import InvalidRequest

BASE = "OU=Staff,DC=lab,DC=example"
VISIBLE = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=40)
AWKWARD = st.text(st.sampled_from(',+"\\<>;=# *()/ab\u00e9\u4f1f\U0001f600 '), min_size=1, max_size=12)
ANY = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


@settings(max_examples=600, deadline=None)
@given(name=VISIBLE | AWKWARD)
def test_a_name_comes_back_from_its_dn_and_stays_one_component(name: str) -> None:
    dn = child(name, BASE)
    assert common_name(dn) == name
    assert parent(dn) == BASE
    assert inside(dn, BASE)
    assert respelled(dn) == dn
    assert dn.isprintable() or not name.isprintable()


@settings(max_examples=600, deadline=None)
@given(value=ANY)
def test_a_value_in_a_filter_is_one_equality_with_this_value_and_nothing_else(value: str) -> None:
    (only,) = parse_filter(equals("mail", value), None, False, False, None, False).elements
    assert only.tag == MATCH_EQUAL
    sent = re.sub(rb"\\([0-9a-f]{2})", lambda pair: bytes([int(pair[1], 16)]), only.assertion["value"])  # RFC 4515, 3
    assert (only.assertion["attr"], sent) == ("mail", value.encode())


@pytest.mark.parametrize("name", ["a\nb", "a\0b", "a\x1b[31mb", "a\u202eb", "a\u2028b"])
def test_what_cannot_be_seen_has_no_place_in_a_name(name: str) -> None:
    with pytest.raises(InvalidRequest, match="invisible"):
        escape_value(name)


def test_an_attribute_cannot_bring_syntax_of_its_own() -> None:
    with pytest.raises(InvalidRequest, match="not the name of an attribute"):
        equals("mail=*)(objectClass", "x")
