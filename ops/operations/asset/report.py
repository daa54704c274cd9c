"""Report an asset missing, lost or stolen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, thing
from ops.adapters.register_words import FREED
from ops.change import Part
from ops.errors import InvalidRequest
from ops.operation import operation

GONE = ("missing", "lost", "stolen")


@operation
def report(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    state: Annotated[str, "missing, lost or stolen"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Write down that an asset is not where it should be. First missing; after a search lost, or stolen.

    Found again: ops asset check-in. One that answers on the network all the same is told by ops estate reconcile.
    """
    if state not in GONE:
        raise InvalidRequest(f"{state!r} is not a way to be gone", hint=f"one of {', '.join(GONE)}")
    known = thing(register, "asset", tag)
    held = {} if not known.get("holder") else {**FREED} | {"notes": _last(known)}
    yield from altered(f"asset:{tag}", known, why, **held, state=state)


def _last(known: object) -> str:
    fields = dict(known)  # type: ignore[call-overload]
    note = f"last with {fields['holder'].partition(':')[2]} since {fields.get('held_since', 'an unknown day')}"
    return "; ".join(filter(None, (fields.get("notes", ""), note)))
