"""The portfolio: by competency what there is, how strong, who reviewed it, and what it does not prove."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.coverage import STATES, ItemState
from evidence.framework import Framework
from evidence.papers.blocks import Block, Heading, Table, Text
from evidence.papers.dossier import NOT_PROVED, Dossier

HOW = (
    "Each record is signed with an SSH key. Ask for the bundle: it holds records, signatures and a checker that needs "
    "nothing but Python, and says how to do the same with ssh-keygen."
)


def portfolio(dossier: Dossier, only: frozenset[str] | None = None) -> list[Block]:
    """All of it, or only some records (their runs)."""
    return [
        Heading(f"Portfolio of {dossier.person}", 1),
        Text(f"Made on {dossier.made[:10]}: {_number(dossier, only)} of {dossier.total} records, failures included."),
        Text(_vouched(dossier), small=True),
        *_overview(dossier),
        *(block for framework in dossier.coverage.frameworks for block in _framework(dossier, framework, only)),
        *_records(dossier, only),
        Heading("What this does not prove"),
        *(Text(f"– {line}") for line in NOT_PROVED),
        Heading("How to check it"),
        Text(HOW),
    ]


def _number(dossier: Dossier, only: frozenset[str] | None) -> int:
    return sum(only is None or line.run in only for line in dossier.lines)


def _vouched(dossier: Dossier) -> str:
    if dossier.mark:
        return f"Tamper-evident up to checkpoint {dossier.mark}, which somebody else has signed."
    return "Nobody else has signed how far this evidence goes: it could have been cut off or rewritten."


def _overview(dossier: Dossier) -> Iterator[Block]:
    yield Heading("Where it stands")
    rows = []
    for framework in dossier.coverage.frameworks:
        states = dossier.coverage.of(framework.id)
        rows.append(
            (framework.title, *(str(sum(s.state == name for s in states)) for name in STATES), str(len(states)))
        )
    yield Table(("Framework", *STATES, "items"), rows, (5, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3))


def _framework(dossier: Dossier, framework: Framework, only: frozenset[str] | None) -> Iterator[Block]:
    states = [state for state in dossier.coverage.of(framework.id) if state.pieces or state.signed]
    if not states:
        return
    yield Heading(f"{framework.title}, {framework.edition}")
    rows = [row for state in states for row in _item_rows(dossier, state, only)]
    yield Table(("Item", "What", "Evidence", "Proof", "Reviewed", "State"), rows, (1.4, 3, 2.6, 3, 2.6, 1.4))


def _item_rows(dossier: Dossier, state: ItemState, only: frozenset[str] | None) -> Iterator[tuple[str, ...]]:
    by_run = {line.run: line for line in dossier.lines}
    signed = f"{state.signed.day} {state.signed.initials}" if state.signed else state.state
    pieces = [piece for piece in state.pieces if (only is None or piece.run in only) and piece.run in by_run]
    for number, piece in enumerate(pieces):
        line = by_run[piece.run]
        first = (state.item.id, state.item.label) if not number else ("", "")
        named = "" if piece.origin == "rule" else " (named by the apprentice)"
        proof = f"{line.words}, {line.environment} ({line.machine})"
        evidence = f"{line.what}, {line.day}, {line.run}{named}"
        yield (*first, evidence, proof, dossier.review(line.run), "" if number else signed)
    if not pieces and state.signed:
        yield (state.item.id, state.item.label, "(not in this selection)", "", "", signed)


def _records(dossier: Dossier, only: frozenset[str] | None) -> Iterator[Block]:
    yield Heading("Records")
    rows = []
    for line in dossier.lines:
        if only is not None and line.run not in only:
            continue
        told = "; ".join(text for text in dossier.told.get(line.run, {}).values() if text)
        what = f"{line.what}: {told}" if told else line.what
        rows.append((line.run, line.day, what, line.status, f"{line.words} ({line.machine})", dossier.review(line.run)))
    yield Table(("Record", "Day", "What", "Ended", "Proof", "Reviewed"), rows, (1.7, 1.7, 4, 1.6, 3, 2.6))
