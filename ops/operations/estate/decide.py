"""Decide on a case of the estate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, entered, today
from ops.adapters.register_words import day_text
from ops.change import Part
from ops.errors import InvalidRequest, NotFound
from ops.operation import operation


@operation
def decide(
    register: RegisterReader,
    case: Annotated[str, "id of the case, or how it begins; ops estate reconcile lists them"],
    owner: Annotated[str, "who answers for it"],
    decision: Annotated[str, "what is done about it, in a few words"],
    until: Annotated[date | None, "last day on which that holds; as long as the case does if left out"] = None,
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Write down what was decided on a case. It stays answered until its day has passed, or until it gets worse."""
    found = {one.case.id: one.case for one in register.cases() if one.case.id.startswith(case.lower()) and case}
    if len(found) != 1:
        said = f"several cases begin with {case}" if found else f"no case is called {case}"
        raise NotFound(said, hint="ops estate reconcile lists them")
    ((key, one),) = found.items()
    if not owner.strip() or not decision.strip():
        raise InvalidRequest("a decision needs an owner and words", hint=f"ops estate decide {key[:8]} amy.ng 'spare'")
    fields = {
        **{"verdict": one.verdict, "subject": one.subject, "owner": owner, "decision": decision},
        **{"severity": one.severity, "word": one.word, "until": day_text(until)},
    }
    known = register.read(f"decision:{key}")
    if known is None:
        yield entered(f"decision:{key}", fields | {"decided_on": today()}, why)
    elif any(known.get(name, "") != text for name, text in fields.items()):
        yield from altered(f"decision:{key}", known, why, **fields, decided_on=today())
