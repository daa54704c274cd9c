"""Waive a finding until a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated

from ops.adapters.register import RegisterReader, altered, entered
from ops.adapters.register_words import day_text, waiver_key
from ops.change import Part
from ops.errors import InvalidRequest
from ops.operation import names, operation


@operation
def waive(
    register: RegisterReader,
    audit: Annotated[str, "name of the audit, such as estate.register"],
    rule: Annotated[str, "the rule, as --json of the audit names it"],
    subject: Annotated[str, "the subject, as --json of the audit names it; * for all of this rule"],
    because: Annotated[str, "why it is left as it is"],
    approved_by: Annotated[str, "who answers for it"],
    expires: Annotated[date | None, "first day on which it counts again, as YYYY-MM-DD"],
    why: Annotated[str, "ticket and reason"] = "",
) -> Iterator[Part]:
    """Leave a finding out of the verdict until a day; it is shown all the same. No waiver is for ever."""
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
    yield from [entered(ref, fields, why)] if known is None else altered(ref, known, why, **fields)
