"""3-2-1-1-0 as five questions: copies, media, another site, one that nobody can change, no errors.

A copy counts only where its failure domain is not that of another one that counts, and its newest data are fresh.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inventory.backup.model import System, Target


@dataclass(frozen=True)
class Copy:
    """A target with what was found of a system on it; None where nobody looked."""

    target: Target
    fresh: bool | None
    whole: bool | None  # structure and data without error, within their cadence
    restored: bool | None  # a restore was right, within its cadence
    fixed: bool | None  # seen to refuse a removal, or offline


@dataclass(frozen=True)
class Leg:
    """One of the five: what it asks, the verdict, and what was counted."""

    name: str
    verdict: str
    because: str


def legs(system: System, copies: Sequence[Copy]) -> tuple[Leg, ...]:
    """The five legs of one system; the production data are the first copy."""
    good = _apart(system, [one for one in copies if one.fresh])
    open_ = [one.target.name for one in copies if one.fresh is None]
    media = {"disk", *(one.target.medium for one in good)}
    away = [one.target.name for one in good if one.target.site != system.site]
    fixed = [one.target.name for one in good if one.fixed]
    return (
        _counted("3 copies", 1 + len(good), 3, open_, "copies of the data in failure domains of their own"),
        _counted("2 media", len(media), 2, open_, f"kinds of medium ({', '.join(sorted(media))})"),
        _counted("1 elsewhere", len(away), 1, open_, f"away from {system.site} ({', '.join(away) or 'none'})"),
        _counted(
            "1 unchangeable", len(fixed), 1, open_ + [one.target.name for one in good if one.fixed is None],
            f"offline, or seen to refuse a removal ({', '.join(fixed) or 'none'})",
        ),
        _without_errors(good),
    )  # fmt: skip


def met(found: Sequence[Leg]) -> str:
    """All five or nothing: the worst of them."""
    order = ("PASS", "UNKNOWN", "FAIL")
    return max((leg.verdict for leg in found), key=order.index)


def _apart(system: System, copies: Sequence[Copy]) -> list[Copy]:
    """One copy for each failure domain that is not the system's own; of several the best proven."""
    best: dict[str, Copy] = {}
    for one in sorted(copies, key=lambda one: (bool(one.fixed), bool(one.restored), bool(one.whole))):
        if one.target.failure_domain != system.failure_domain:
            best[one.target.failure_domain] = one
    return list(best.values())


def _counted(name: str, found: int, wanted: int, open_: Sequence[str], what: str) -> Leg:
    verdict = "PASS" if found >= wanted else "UNKNOWN" if open_ else "FAIL"
    unseen = f"; not seen of {', '.join(dict.fromkeys(open_))}" if verdict == "UNKNOWN" else ""
    return Leg(name, verdict, f"{found} of {wanted} {what}{unseen}")


def _without_errors(good: Sequence[Copy]) -> Leg:
    bad = [one.target.name for one in good if one.whole is False or one.restored is False]
    unproven = [one.target.name for one in good if one.whole is None or one.restored is None]
    if bad:
        return Leg("0 errors", "FAIL", f"not without error: {', '.join(bad)}")
    if unproven or not good:
        return Leg("0 errors", "UNKNOWN", f"not proven within its cadence: {', '.join(unproven) or 'no copy'}")
    return Leg("0 errors", "PASS", f"{len(good)} copies whole and restored within their cadence")
