"""A row beside what the register knows already: the same in other words changes nothing, and no step is half made."""

from __future__ import annotations

from collections.abc import Mapping

from inventory.estate.identity import maker_of
from inventory.taking_in.rows import Taken
from ops.errors import InvalidRequest

LEAVING = ("disposal", "requested_by", "approved_by", "disposed_on")


def settled(before: Mapping[str, str] | None, row: Taken) -> dict[str, str]:
    """The fields of a row that say something new of an asset; ``before`` is what the register has of it.

    A maker spelled otherwise stays as the register spells it, a state said in other words stays, and so do notes that
    hold what the file says. Raise ``InvalidRequest`` where a state needs what the file does not say.
    """
    known, given = before or {}, dict(row.fields)
    if known.get("maker") and maker_of(given.get("maker", "")) == maker_of(known["maker"]):
        given.pop("maker", None)
    if known.get("state", "") in row.states:
        given.pop("state")
    if noted := given.get("notes"):
        given["notes"] = _noted(known.get("notes", ""), noted)
    _asks(known, given)
    if given.get("state") == "deployed" and not any(
        known.get(name) or given.get(name) for name in ("holder", "location")
    ):
        given |= {"holder": f"location:{site}"} if (site := given.get("site") or known.get("site")) else {}
    return given


def _noted(known: str, new: str) -> str:
    """What somebody wrote into the register stays, if all that the file says is in it."""
    return known if all(part in known.split("; ") for part in new.split("; ")) else new


def _asks(known: Mapping[str, str], given: Mapping[str, str]) -> None:
    after = {**known, **{name: text for name, text in given.items() if text}}
    state = given.get("state", "")
    if known and state == "in_repair" and known.get("state") != state and not after.get("repair_with"):
        hint = "add a column repair_with, or use: ops asset repair"
        raise InvalidRequest("it is in repair, and the file does not say with whom", hint=hint)
    if state == "disposed" and known.get("state") != state and not all(after.get(name) for name in LEAVING):
        hint = f"fill {', '.join(LEAVING)}, leave the row out, or say retired and use: ops asset dispose"
        raise InvalidRequest("it is disposed of, and the file does not say how, when and who agreed", hint=hint)
