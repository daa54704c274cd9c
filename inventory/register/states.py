"""The life of an asset: its states, which may follow which, and what must be known for each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventory.register.fields import Fields
from ops.errors import InvalidRequest, Refused

STATES = {
    "planned": "wanted, not ordered yet",
    "ordered": "ordered from a supplier",
    "received": "delivered, not made ready yet",
    "in_stock": "ready, nobody has it",
    "deployed": "somebody or some place has it for good",
    "on_loan": "somebody has it until a day",
    "in_repair": "being repaired",
    "missing": "looked for and not found",
    "lost": "given up as lost",
    "stolen": "reported as stolen",
    "quarantined": "found on the network, and nobody knows it",
    "retired": "out of use, waits to be wiped",
    "sanitised": "its media are wiped or destroyed",
    "disposed": "gone for good",
}
HELD = ("deployed", "on_loan")  # states in which somebody or some place has it
LIVE = tuple(state for state in STATES if state not in ("disposed", "lost", "stolen"))
USABLE = ("received", "in_stock", "deployed", "on_loan", "in_repair")

KINDS = (
    *("laptop", "desktop", "server", "vm", "switch", "router", "access-point", "firewall", "printer", "phone"),
    *("tablet", "monitor", "dock", "other"),
)
COMPUTERS = ("laptop", "desktop", "server", "vm", "tablet")  # on which software is installed
CONDITIONS = ("new", "good", "worn", "broken")
CLASSES = ("public", "internal", "confidential", "secret")  # of data, from harmless to worst


@dataclass(frozen=True)
class Edge:
    """One allowed step: the words after ``ops asset`` that take it, and the fields that must be known after it."""

    words: str
    needs: tuple[str, ...] = ()

    def command(self, tag: str) -> str:
        """What is typed for an asset."""
        return f"ops asset {self.words.format(tag=tag)}"


_BACK = Edge("check-in {tag} --location PLACE", ("location",))
_OUT = Edge("check-out {tag} WHO", ("holder", "held_since"))
_LOAN = Edge("lend {tag} WHO DAY", ("holder", "held_since", "due"))
_REPAIR = Edge("repair {tag} SUPPLIER", ("repair_with",))
_MISSING, _RETIRE = Edge("report {tag} missing"), Edge("retire {tag}")
_DISPOSE = Edge("dispose {tag} HOW ASKED AGREED", ("disposal", "requested_by", "approved_by", "disposed_on"))

EDGES: Mapping[tuple[str, str], Edge] = {
    ("planned", "ordered"): Edge("order {tag} SUPPLIER", ("supplier", "ordered")),
    ("planned", "received"): Edge("receive {tag}", ("received",)),
    ("planned", "in_stock"): _BACK,
    ("ordered", "received"): Edge("receive {tag}", ("received",)),
    ("received", "in_stock"): _BACK,
    ("received", "deployed"): _OUT,
    ("quarantined", "in_stock"): _BACK,
    ("quarantined", "deployed"): _OUT,
    ("quarantined", "retired"): _RETIRE,
    ("in_stock", "deployed"): _OUT,
    ("in_stock", "on_loan"): _LOAN,
    ("deployed", "in_stock"): _BACK,
    ("on_loan", "in_stock"): _BACK,
    ("deployed", "on_loan"): _LOAN,
    ("on_loan", "deployed"): _OUT,
    **{(state, "in_repair"): _REPAIR for state in ("received", "in_stock", "deployed", "on_loan")},
    ("in_repair", "in_stock"): _BACK,
    ("in_repair", "deployed"): _OUT,
    ("in_repair", "retired"): _RETIRE,
    **{(state, "missing"): _MISSING for state in ("received", "in_stock", "deployed", "on_loan", "in_repair")},
    ("missing", "in_stock"): _BACK,
    ("missing", "lost"): Edge("report {tag} lost"),
    ("missing", "stolen"): Edge("report {tag} stolen"),
    ("lost", "in_stock"): _BACK,
    ("stolen", "in_stock"): _BACK,
    ("in_stock", "retired"): _RETIRE,
    ("retired", "in_stock"): _BACK,
    ("sanitised", "in_stock"): _BACK,
    ("retired", "sanitised"): Edge("sanitise {tag} MEDIUM TECHNIQUE WHO CHECKED --last"),
    ("retired", "disposed"): _DISPOSE,
    ("sanitised", "disposed"): _DISPOSE,
}


def step(before: str, after: str, fields: Fields, tag: str) -> None:
    """Raise ``Refused`` unless an asset may go from one state to another with what is known of it."""
    edge = EDGES.get((before, after))
    if edge is None:
        way = [one.command(tag) for one in _way(before, after)]
        here = [one.command(tag) for (start, _), one in EDGES.items() if start == before]
        hint = ", then ".join(way) or ", or ".join(here) or "that is the end of it; history stays"
        raise Refused(f"{tag} is {said(before)}, and cannot become {said(after)}", hint=hint)
    if missing := [name for name in edge.needs if not fields.get(name)]:
        raise InvalidRequest(f"{tag} cannot become {said(after)} without {', '.join(missing)}", hint=edge.command(tag))


def _way(before: str, after: str) -> Sequence[Edge]:
    """The fewest steps from one state to another; none if nothing leads there."""
    ways: dict[str, tuple[Edge, ...]] = {before: ()}
    reached = [before]
    for state in reached:
        for (start, end), edge in EDGES.items():
            if start == state and end not in ways:
                ways[end] = (*ways[state], edge)
                reached.append(end)
    return ways.get(after, ())


def said(state: str) -> str:
    """A state as people say it."""
    return state.replace("_", " ")


def one_of(what: str, value: str, known: tuple[str, ...]) -> None:
    """Raise ``InvalidRequest`` for a word that is not on the list; a near one is suggested."""
    if value and value not in known:
        from difflib import get_close_matches

        near = get_close_matches(value, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"one of: {', '.join(known)}"
        raise InvalidRequest(f"{what} cannot be {value!r}", hint=hint)
