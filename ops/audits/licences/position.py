"""Whether every product in use is licensed, and what ends soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from inventory.licence.position import Position
from ops.adapters.register import RegisterReader
from ops.audit import audit
from ops.finding import Finding, Seen, Verdict

NEXT = {
    "PROHIBITED": "have it removed",
    "SHORT": "buy more, or remove some",
    "EXPIRED-IN-USE": "ops licence renew, or remove it",
    "UNPROVEN": "ops licence prove: find the invoice",
    "NOT_EVALUATED": "ops estate discover, until enough is seen",
    "EXPIRING": "ops licence renewals: decide before the day of notice",
}


@audit
def position(register: RegisterReader) -> Iterator[Finding | Seen]:
    """Compare for each product what is owned and proven with what is installed and given out.

    Less than 95 % of computers inventoried within 30 days is UNKNOWN, and never green.
    """
    found = register.positions(datetime.now(UTC).date())
    for one in found:
        if one.verdict != "PASS":
            about = f"{one.key.product} ({one.key.metric})"
            next_step = NEXT.get(one.status, "ops licence position")
            yield Finding(
                f"{one.key.product}/{one.key.metric}/{one.key.scope}",
                about,
                one.status,
                Verdict[one.verdict],
                _because(one),
                next_step,
            )
    share = min((one.coverage.share for one in found), default=0.0)
    gaps = ["software that no rule recognises: ops licence unrecognised"]
    gaps += [f"computers not inventoried within 30 days: {100 - share:.0f} %"] if found and share < 100 else []
    yield Seen(len(found), "licence positions", tuple(gaps))


def _because(one: Position) -> str:
    needed = "not measured" if one.required is None else f"{one.required} needed"
    said = f"{one.status}: {one.effective} proven and in force, {needed}"
    said += f", {one.unproven} without proof" if one.unproven else ""
    said += f", {one.unresolved} cannot be placed" if one.unresolved else ""
    return f"{said}; grade {one.grade.worst}"
