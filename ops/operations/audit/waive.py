"""Waive a finding until a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from difflib import get_close_matches
from itertools import chain
from typing import Annotated

from ops.adapters.past import Named, PastReader
from ops.adapters.register import RegisterReader, altered, entered
from ops.adapters.register_words import day_text, waiver_key
from ops.change import Part
from ops.errors import InvalidRequest, NotFound
from ops.operation import names, operation

EVERYTHING = "*"
FEW = 4


@operation
def waive(
    register: RegisterReader,
    past: PastReader,
    audit: Annotated[str, "name of the audit, such as estate.register"],
    rule: Annotated[str, "the rule, as --json of the audit names it"],
    subject: Annotated[str, "the subject, as --json of the audit names it; * for all of this rule"],
    because: Annotated[str, "why it is left as it is"],
    approved_by: Annotated[str, "who answers for it"],
    expires: Annotated[date | None, "first day on which it counts again, as YYYY-MM-DD"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Leave a finding out of the verdict until a day; it is shown all the same. No waiver is for ever.

    Rule and subject are names that an earlier run of the audit found. Where it was never run here, or where there is
    such a waiver already, they are taken as they are.
    """
    if audit not in names("audits"):
        raise InvalidRequest(f"there is no audit {audit}", hint="ops audit list names them")
    if expires is None or expires <= datetime.now(UTC).date():
        raise InvalidRequest("a waiver ends on a day to come", hint="give it as 2027-01-31")
    fields = {
        **{"audit": audit, "rule": rule, "subject": subject, "why": because, "approved_by": approved_by},
        "expires": day_text(expires),
    }
    ref = f"waiver:{waiver_key(audit, rule, subject)}"
    known = register.read(ref)
    if known is None:
        _found(past, audit, rule, subject)
    yield from [entered(ref, fields, why)] if known is None else altered(ref, known, why, **fields)


def _found(past: PastReader, audit: str, rule: str, subject: str) -> None:
    """Raise ``NotFound`` if no earlier run found such a thing; one may have looked at a part only, so all count."""
    seen: list[Named] = []
    untried = True
    for found in past.found(audit):
        if any(one.rule == rule and subject in (*one.names, EVERYTHING) for one in found):
            return
        seen, untried = [*seen, *found], False
    if untried:
        return
    of_rule = [one for one in seen if one.rule == rule]
    if not seen:
        raise NotFound(f"{audit} has found nothing here yet", hint="run it again, and waive what it finds")
    if not of_rule:
        raise NotFound(f"{audit} has found no “{rule}” here", hint=_near(rule, [one.rule for one in seen]))
    told = [one.names[-1] for one in of_rule]
    hint = _near(subject, [*told, *chain.from_iterable(one.names for one in of_rule)])
    raise NotFound(f"{audit} has found no “{rule}” of “{subject}” here", hint=hint)


def _near(wanted: str, names: list[str]) -> str:
    """The nearest names, or the first few there are."""
    known = list(dict.fromkeys(names))
    if near := get_close_matches(wanted, known, FEW - 1):
        return f"did you mean {' or '.join(f'“{one}”' for one in near)}?"
    more = " …" if len(known) > FEW else ""
    return f"it found {', '.join(f'“{one}”' for one in known[:FEW])}{more}; --json of the audit names all"
