"""Seats of licences: as many as are owned, and more only while somebody answers for them."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from inventory.register.fields import Fields
from inventory.register.store import Author, Register
from ops.adapters.register_projection import ProjectedRegister
from ops.adapters.register_store import StoredRegister
from ops.errors import InvalidRequest, OpsError, Refused
from tests.unit.register.things import enter

LICENCE = {
    "product": "microsoft.365-apps", "metric": "named-user", "quantity": "1", "starts": "2026-01-01", "proof": "0" * 64,
    "state": "active",
}  # fmt: skip


def seat(holder: str, **more: str) -> Fields:
    return {"entitlement": "m365", "holder": holder, "quantity": "1", "since": "2026-11-25", **more}


def test_of_two_who_take_the_last_seat_at_once_one_gets_it(place: Path | str) -> None:
    first = Register(place, Author("amy"))
    first.swap("entitlement:m365", None, LICENCE)
    said: list[str] = []

    def take(name: str) -> None:
        mine = Register(place, Author(name))
        try:
            mine.swap(f"seat:m365/person:{name}", None, seat(f"person:{name}"))
            said.append("got it")
        except Refused as error:
            said.append("none left" if "1 seat, and 2 would be given out" in str(error) else str(error))
        mine.close()

    threads = [threading.Thread(target=take, args=(name,)) for name in ("ann", "ben", "cat", "dan")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["got it", *["none left"] * 3]
    first.close()


def test_more_seats_than_there_are_need_somebody_who_answers_until_a_day(
    either: StoredRegister | ProjectedRegister,
) -> None:
    either.swap("entitlement:m365", None, LICENCE)
    either.swap("seat:m365/person:ann", None, seat("person:ann"))
    with pytest.raises(Refused, match="2 would be given out"):
        either.swap("seat:m365/person:ben", None, seat("person:ben"))
    over = seat("person:ben", approved_by="lead", over="1")
    with pytest.raises(InvalidRequest, match="ends on a day"):
        either.swap("seat:m365/person:ben", None, over)
    either.swap("seat:m365/person:ben", None, {**over, "over_until": "2026-12-24"})
    with pytest.raises(Refused, match="given out, more than"):
        either.swap("entitlement:m365", LICENCE, {**LICENCE, "quantity": "0"})
    gone = enter(either, "A", state="missing")
    assert gone
    with pytest.raises(Refused, match="not in use"):
        either.swap("seat:m365/asset:A", None, seat("asset:A", approved_by="lead", over="2", over_until="2026-12-24"))


def test_a_step_back_is_no_way_around_the_rules(either: StoredRegister | ProjectedRegister) -> None:
    either.swap("entitlement:m365", None, LICENCE)
    amy = seat("person:amy")
    back = {**amy, "until": "2026-11-25"}
    either.swap("seat:m365/person:amy", None, amy)
    either.swap("seat:m365/person:amy", amy, back)
    either.swap("seat:m365/person:bob", None, seat("person:bob"))
    with pytest.raises(Refused, match="2 would be given out"):
        either.swap("seat:m365/person:amy", back, amy)
    with pytest.raises(Refused, match="belongs to m365"):
        either.swap("entitlement:m365", LICENCE, None)
    server = enter(either, "SRV-1")
    enter(either, "DOCK-1", state="deployed", holder="asset:SRV-1")
    with pytest.raises(Refused, match="belongs to SRV-1"):
        either.swap("asset:SRV-1", server, None)


def test_what_somebody_answers_for_takes_no_seat_of_those_that_are_owned(
    either: StoredRegister | ProjectedRegister,
) -> None:
    either.swap("entitlement:m365", None, LICENCE)
    over = {"approved_by": "lead", "over": "1", "over_until": "2027-12-24"}
    for name in ("ann", "ben"):
        either.swap(f"seat:m365/person:{name}", None, seat(f"person:{name}", **over))
    either.swap("seat:m365/person:cat", None, seat("person:cat"))
    with pytest.raises(Refused, match="2 would be given out"):
        either.swap("seat:m365/person:dan", None, seat("person:dan"))


def test_a_licence_without_proof_gives_out_nothing(either: StoredRegister | ProjectedRegister) -> None:
    either.swap("entitlement:m365", None, {name: text for name, text in LICENCE.items() if name != "proof"})
    with pytest.raises(Refused, match="without proof nothing of it counts"):
        either.swap("seat:m365/person:ann", None, seat("person:ann"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"product": "microsoft.vizio"}, "there is no product"),
        ({"metric": "device-ish"}, "metric device-ish is not known"),
        ({"ends": "2025-01-01"}, "ends before it starts"),
        ({"max_release": "1999"}, "has no release 1999"),
        ({"metric_params": "many"}, "are no parameters"),
        ({"scope": "nowhere"}, "is no scope"),
        ({"starts": ""}, "needs starts"),
        ({"unit_cost": "5.00"}, "needs a currency"),
    ],
)
def test_a_licence_that_cannot_be_is_refused(
    either: StoredRegister | ProjectedRegister, wrong: dict[str, str], said: str
) -> None:
    fields = {**LICENCE, "product": "microsoft.visio", **wrong}
    with pytest.raises(OpsError, match=said):
        either.swap("entitlement:x", None, {name: text for name, text in fields.items() if text})
