"""Record that a medium of an asset was wiped or destroyed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from inventory.register.media import reach
from ops.adapters.register import RegisterReader, altered, entered, thing, today
from ops.adapters.register_words import day_text, next_key
from ops.change import Part
from ops.errors import Refused
from ops.operation import operation


@operation
def sanitise(
    register: RegisterReader,
    tag: Annotated[str, "tag of the asset, such as LAP-0001"],
    medium: Annotated[str, "hdd, ssd, flash, phone, device, tape, optical or paper"],
    technique: Annotated[str, "overwrite, block-erase, crypto-erase, degauss, shred …; must suit the medium"],
    operator: Annotated[str, "who did it"],
    verification: Annotated[str, "how it was checked, such as 'read back 10 %' or 'seen in pieces'"],
    serial: Annotated[str, "serial number of the medium"] = "",
    verifier: Annotated[str, "who checked it: somebody else where data is confidential"] = "",
    tool: Annotated[str, "tool and version"] = "",
    destination: Annotated[str, "where the medium goes"] = "",
    day: Annotated[date | None, "day as YYYY-MM-DD; today if left out"] = None,
    last: Annotated[bool, "no other medium is inside: the asset is sanitised then"] = False,
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Record the sanitisation of one medium (NIST SP 800-88); with --last the asset counts as sanitised.

    How far a technique reaches depends on the medium: degaussing does nothing to an SSD, overwriting only clears it.
    """
    known = thing(register, "asset", tag)
    if last and known["state"] not in ("retired", "sanitised"):
        raise Refused(f"{tag} is {known['state'].replace('_', ' ')}, not retired", hint=f"ops asset retire {tag} first")
    done = {"asset": tag, "kind": medium, "serial": serial, "technique": technique, "operator": operator}
    same = register.find("medium", **(done if serial else {**done, "verification": verification}))
    key = next(iter(same), f"medium:{next_key(register, 'medium', tag)}").partition(":")[2]
    before = register.read(f"medium:{key}")
    given = {
        "asset": tag,
        "kind": medium,
        "serial": serial,
        "technique": technique,
        "method": reach(medium, technique),
        "operator": operator,
        "verification": verification,
        "verifier": verifier,
        "tool": tool,
        "destination": destination,
        "sanitised_on": day_text(day) or (before or {}).get("sanitised_on", today()),
    }
    if before is None:
        yield entered(f"medium:{key}", given, why)
    else:
        yield from altered(f"medium:{key}", before, why, **given)
    if last and known["state"] == "retired":
        yield from altered(f"asset:{tag}", known, why, state="sanitised")
