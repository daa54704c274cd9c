"""Things of the register for its tests."""

from __future__ import annotations

from inventory.register.fields import Fields, normal
from inventory.register.states import HELD
from inventory.register.store import Register
from ops.adapters.register_projection import ProjectedRegister
from ops.adapters.register_store import StoredRegister

LAPTOP = {"kind": "laptop", "state": "in_stock", "location": "Cupboard 2"}
KNOWN = {
    "supplier": "Dell", "ordered": "2026-01-02", "received": "2026-01-09", "location": "Cupboard 2",
    "repair_with": "Dell", "disposal": "recycled", "requested_by": "amy", "approved_by": "bob",
    "disposed_on": "2026-11-25", "media": "none",
}  # fmt: skip
LENT = {"holder": "person:amy.ng", "held_since": "2026-11-01", "due": "2026-12-01"}


def in_state(state: str) -> Fields:
    return normal("asset", {**KNOWN, "kind": "laptop", "state": state, **(LENT if state in HELD else {})})


def enter(register: StoredRegister | ProjectedRegister | Register, tag: str, **fields: str) -> Fields:
    made = normal("asset", {**LAPTOP, **fields})
    register.swap(f"asset:{tag}", None, made)
    return made
