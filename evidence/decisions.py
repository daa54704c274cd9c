"""Documents that decide something, reviews and sign-offs: whether they can be, and whose records they are about."""

from __future__ import annotations

from evidence import review, signoff
from evidence.canonical import canonical
from evidence.ledger import Document, Ledger
from evidence.roles import REVIEW, SIGNOFF
from evidence.shape import misfit_of_text

SHAPES = {REVIEW: review.SHAPE, SIGNOFF: signoff.SHAPE}


def misfit(document: Document) -> str:
    """The first place where a decision is not what one can be; empty if it is."""
    if wrong := misfit_of_text(document.text, SHAPES[document.kind]):
        return wrong
    try:
        return "" if canonical(document.body).decode() == document.text else "form"
    except ValueError:
        return "form"


def about(ledger: Ledger, kind: str, person: str) -> list[Document]:
    """What was decided about a person's records, oldest first; what cannot be a decision is left out."""
    return [one for one in ledger.documents(kind) if not misfit(one) and one.body["apprentice"] == person]


def malformed(ledger: Ledger) -> list[str]:
    """Decisions on file that cannot be any, by id and the place where they fail."""
    found = ((one, misfit(one)) for kind in SHAPES for one in ledger.documents(kind))
    return [f"{one.run} ({wrong})" for one, wrong in found if wrong]
