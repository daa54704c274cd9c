"""Compare the register with the directory, the network and collected inventories."""

from __future__ import annotations

from collections.abc import Iterator

from ops.adapters.estate import EstateReader
from ops.audit import audit
from ops.finding import Finding, Seen, Verdict

LONGEST = 32  # of a key on the screen; the reason has the name


@audit
def reconcile(estate: EstateReader) -> Iterator[Finding | Seen]:
    """Join what all sources say of one machine, and name what does not fit: unknown machines, disposed ones that
    answer, doubles, accounts of nobody, things not seen for long. Each case has a reason and a day to act by.

    That something was not seen counts only where somebody looked; else the verdict is UNKNOWN.
    """
    cases, gaps, compared = estate.judged()
    for case in cases:
        next_step = f"by {case.due}: ops estate decide {case.id[:8]} OWNER WHAT" if case.word != "PASS" else ""
        because = f"{case.verdict}: {case.because}" + f" [{case.state}]" * (case.state != "new")
        subject = case.subject if len(case.subject) <= LONGEST else f"{case.subject[: LONGEST - 1]}…"
        yield Finding(case.id, subject, case.verdict, Verdict[case.word], because, next_step)
    yield Seen(compared, "things that were said to be there", tuple(gaps))
