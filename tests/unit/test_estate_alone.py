"""Assets that share nothing are judged without being joined: the same cases come of it as when everything is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hypothesis import given as anything
from hypothesis import settings
from hypothesis import strategies as st

from inventory.estate.alone import FIELDS, MARKS, Columns, apart, sharing
from inventory.estate.case import Case
from inventory.estate.joining import join
from inventory.estate.sighting import Sighting, SourceRun
from inventory.estate.verdicts import judge
from inventory.register.keys import uuid_key
from inventory.register.observed import compared, runs, sightings
from tests.bench import firm
from tests.bench.estate import filled, register
from tests.unit.estate import AT, DAY, LOOKED_EVERYWHERE, NETWORKS, asset, computer, dhcp, host, verdicts, wire

NUMBERS = st.integers(0, 20)
NAMES = NUMBERS.map("pc-{}".format)
FIELDS_OF_IT = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["laptop", "server", "dock", "monitor"]),
        "state": st.sampled_from(["deployed", "deployed", "in_stock", "retired"]),
        "site": st.sampled_from(["London", "leeds", "Paris", ""]),
        "held_since": st.sampled_from(["", *((AT - days * DAY).date().isoformat() for days in (44, 45, 46))]),
    },
    optional={
        "serial": NUMBERS.map("sn  00{}".format) | NUMBERS.map("SN 00{}".format) | st.just("None"),
        "uuid": NUMBERS.map("AAAAAAAA-1111-2222-3333-{:012}".format) | st.just("aaaaaaaa-1111-2222-3333-000000000001"),
        "macs": st.lists(NUMBERS.map("00:11:22:0:0:{:x}".format) | NUMBERS.map("001122{:06X}".format)).map(", ".join),
        "hostname": NAMES | st.just("PC-1.corp.example") | st.just("ubuntu"),
        "fqdn": NAMES.map("{}.Corp.Example.".format),
        "address": st.sampled_from(["10.1.0.7", "10.2.0.9", "192.0.2.1", "none"]),
    },
)
ASSETS = st.lists(FIELDS_OF_IT, max_size=12)
OTHERS = st.lists(
    st.builds(lambda name, fields: host(name, **{"hostname": name, **fields}), NAMES, FIELDS_OF_IT)
    | st.builds(lambda number: wire(f"001122{number:06x}", f"10.1.0.{number}"), NUMBERS)
    | st.builds(lambda number, name: dhcp(f"001122{number:06x}", "10.2.0.9", name), NUMBERS, NAMES)
    | st.builds(lambda name: computer(name, fqdn=f"{name}.corp.example"), NAMES),
    max_size=6,
    unique_by=lambda one: one.id,
)
RUNS = st.sampled_from([LOOKED_EVERYWHERE, LOOKED_EVERYWHERE[1::2], ()])


def columns(said: Sequence[dict[str, str]]) -> Columns:
    rows = [{**one, "key": f"T-{number}", "uuid_key": uuid_key(one.get("uuid", ""))} for number, one in enumerate(said)]
    return {name: [row.get(name) or None for row in rows] for name in (*FIELDS, *MARKS)}


@settings(max_examples=200)
@anything(ASSETS, OTHERS, RUNS)
def test_what_shares_nothing_is_judged_as_if_it_were_joined(
    said: list[dict[str, str]], others: list[Sighting], looked: tuple[SourceRun, ...]
) -> None:
    assets = [asset(f"T-{number}", **fields) for number, fields in enumerate(said)]
    near = sharing(columns(said), others)
    some = join([*(assets[number] for number in near), *others])
    apart_from_these = judge(some, looked, AT, NETWORKS, (), alone=apart(columns(said), near))
    assert apart_from_these == judge(join([*assets, *others]), looked, AT, NETWORKS, ())


def test_what_shares_a_value_in_another_writing_is_not_alone() -> None:
    said = [
        *({"macs": "00:11:22:0:0:1"}, {"macs": "00-11-22-00-00-02,001122000001"}),
        *({"fqdn": "pc-1.corp.example"}, {"hostname": "PC-1"}),
        *({"serial": "sn  7"}, {"serial": "SN 7"}, {"serial": "SN-7"}),
        *({"uuid": "33221100-5544-7766-8899-aabbccddeeff"}, {"uuid": "00112233-4455-6677-8899-AABBCCDDEEFF"}),
        *({"hostname": "pc-9"}, {"hostname": "pc-8"}),
    ]
    assert sharing(columns(said), [computer("PC-9")]) == set(range(len(said))) - {6, 10}


def test_of_what_nobody_saw_each_is_missing_and_all_that_nobody_looked_for_are_one_case() -> None:
    alone = list(apart(columns([{"kind": "laptop", "state": "deployed", "site": "Leeds"}] * 3), {1}))
    each = judge([], LOOKED_EVERYWHERE, AT, NETWORKS, (), alone=alone)
    assert [(case.subject, case.word) for case in each] == [("asset:T-0", "FAIL"), ("asset:T-2", "FAIL")]
    (one,) = judge([], (), AT, NETWORKS, (), alone=alone)
    assert (one.word, one.members) == ("UNKNOWN", ("asset:T-0", "asset:T-2"))


def test_a_register_is_compared_in_parts_as_in_one(tmp_path: Path) -> None:
    made = register(filled(tmp_path, 900, 0, 400))
    with made.reading() as seen:
        everything, looked = sightings(seen), runs(seen, firm.AT)
        said, alone, number = compared(seen)
        apart_from_these = judge(join(said), looked, firm.AT, firm.networks(), (), alone=alone)
    made.close()
    assert number == len(everything) > 2 * len(said)
    whole: Sequence[Case] = judge(join(everything), looked, firm.AT, firm.networks(), ())
    assert apart_from_these == whole
    assert {"MISSING", "UNMANAGED", "UNAUTHORISED", "AD-ORPHAN"} <= {name for name, _, _ in verdicts(whole)}
