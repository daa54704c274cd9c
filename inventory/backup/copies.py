"""3-2-1-1-0 as five questions: copies, media, another site, one that nobody can change, no errors.

A copy counts only where neither its failure domain nor its repository is that of another one that counts, and its
newest data are fresh. Each path of a system is counted for itself: two jobs that hold different data are no copies of
each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from posixpath import normpath

from inventory.backup.memory import ORDER
from inventory.backup.model import System, Target


@dataclass(frozen=True)
class Copy:
    """A target with what was found of some paths of a system on it; None where nobody looked.

    ``number`` is that of the repository there, where its tool gives one: it is one however its place is written.
    ``lies`` tells its folder from others, where that could be seen.
    """

    target: Target
    paths: tuple[str, ...]
    fresh: bool | None
    whole: bool | None  # structure and data without error, within their cadence
    restored: bool | None  # a restore was right, within its cadence
    fixed: bool | None  # seen to refuse a removal, or offline
    number: str = ""
    lies: str = ""

    @property
    def repository(self) -> str:
        """What tells it from others: its number, else its folder."""
        return self.number or self.folder

    @property
    def folder(self) -> str:
        """What tells the folder it lies in from others."""
        return self.lies or normpath(self.target.where)


@dataclass(frozen=True)
class Leg:
    """One of the five: what it asks, the verdict, what was counted, and of which targets a restore would tell more."""

    name: str
    verdict: str
    because: str
    untried: tuple[str, ...] = ()


def legs(system: System, copies: Sequence[Copy]) -> tuple[Leg, ...]:
    """The five legs of one system, each as it is of the path that fares worst."""
    paths = list(dict.fromkeys(path for one in copies for path in one.paths)) or [""]
    told = [_legs(system, [one for one in copies if _holds(one, path)], path * (len(paths) > 1)) for path in paths]
    return tuple(max(same, key=lambda leg: ORDER.index(leg.verdict)) for same in zip(*told, strict=True))


def _holds(one: Copy, path: str) -> bool:
    return any(f"{path.rstrip('/')}/".startswith(f"{held.rstrip('/')}/") for held in one.paths)


def _legs(system: System, copies: Sequence[Copy], path: str) -> tuple[Leg, ...]:
    """The five legs of one path, named where one of several lacks something; the production data are the first copy."""
    fresh = [one for one in copies if one.fresh]
    good = _apart(system, copies)
    same = _same(fresh)
    open_ = [one.target.name for one in copies if one.fresh is None]
    open_ += [one.target.name for group in same if _mirrored(group) for one in group]
    media = {"disk", *(one.target.medium for one in good)}
    away = [one.target.name for one in good if not _alike(one.target.site, system.site)]
    fixed = [one.target.name for one in good if one.fixed]
    apart = f"copies of the data in failure domains of their own{''.join(map(_once, same))}"
    found = (
        _counted("3 copies", 1 + len(good), 3, open_, apart),
        _counted("2 media", len(media), 2, open_, f"kinds of medium ({', '.join(sorted(media))})"),
        _counted("1 elsewhere", len(away), 1, open_, f"away from {system.site} ({', '.join(away) or 'none'})"),
        _counted(
            "1 unchangeable", len(fixed), 1, open_ + [one.target.name for one in good if one.fixed is None],
            f"offline, or seen to refuse a removal ({', '.join(fixed) or 'none'})",
        ),
        _without_errors(good, copies),
    )  # fmt: skip
    return tuple(
        replace(leg, because=f"{path}: {leg.because}") if path and leg.verdict != "PASS" else leg for leg in found
    )


def _apart(system: System, copies: Sequence[Copy]) -> list[Copy]:
    """One fresh copy for each repository and failure domain but the system's own; of several the best proven."""
    own = {one.repository for one in copies if _alike(one.target.failure_domain, system.failure_domain)}
    ranked = sorted(
        (one for one in copies if one.fresh), key=lambda one: (bool(one.fixed), bool(one.restored), bool(one.whole))
    )
    single = {one.repository: one for one in ranked if one.repository not in own}
    kept = [one for one in ranked if single.get(one.repository) is one]
    return list({_plain(one.target.failure_domain): one for one in kept}.values())


def _same(copies: Sequence[Copy]) -> list[list[Copy]]:
    """The copies that are of one repository under several names, together."""
    by = dict[str, dict[str, Copy]]()
    for one in copies:
        by.setdefault(one.repository, {})[one.target.name] = one
    return [list(names.values()) for names in by.values() if len(names) > 1]


def _mirrored(same: Sequence[Copy]) -> bool:
    """Whether they may be mirrors, copied octet by octet: nobody can tell these from one repository with two ways."""
    return len({one.folder for one in same}) > 1


def _once(same: Sequence[Copy]) -> str:
    names, mirrors = " and ".join(one.target.name for one in same), " or mirrors of it" * _mirrored(same)
    return f"; {names} are one repository{mirrors}, which counts once"


def _alike(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    """The name of a site or a failure domain, however it is spaced and capitalised."""
    return "".join(name.casefold().split())


def _counted(name: str, found: int, wanted: int, open_: Sequence[str], what: str) -> Leg:
    verdict = "PASS" if found >= wanted else "UNKNOWN" if open_ else "FAIL"
    unseen = f"; not known of {', '.join(dict.fromkeys(open_))}" if verdict == "UNKNOWN" else ""
    counted = str(found) if found > wanted else f"{found} of {wanted}"
    return Leg(name, verdict, f"{counted} {what}{unseen}")


def _parts(one: Copy, stands: bool | None) -> list[str]:
    """What of a copy stands so."""
    parts = {"whole": one.whole, "restore": one.restored}
    return [name for name, known in parts.items() if known is stands]


def _which(one: Copy, parts: Sequence[str]) -> str:
    return f"{one.target.name} ({' and '.join(parts)})"


def _without_errors(good: Sequence[Copy], every: Sequence[Copy]) -> Leg:
    """A damaged copy is an error also where another one beside it is counted."""
    bad = [_which(one, found) for one in every if (found := _parts(one, False))]
    unproven = [_which(one, found) for one in good if (found := _parts(one, None))]
    untried = tuple(one.target.name for one in good if not one.restored)
    if bad:
        return Leg("0 errors", "FAIL", f"not without error: {', '.join(bad)}", untried)
    if not good:
        return Leg("0 errors", "UNKNOWN", "no copy counts: none is fresh and in a failure domain of its own")
    if unproven:
        return Leg("0 errors", "UNKNOWN", f"not proven within its cadence: {', '.join(unproven)}", untried)
    number = f"{len(good)} copies" if len(good) > 1 else "1 copy"
    return Leg("0 errors", "PASS", f"{number} whole and restored within their cadence")
