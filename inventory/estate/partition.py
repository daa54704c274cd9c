"""Who may be joined with whom in one round, so that no group ends up with two serials or two assets.

The hard case is a bridge: something without a serial that shares one value with machine A and another with machine B.
To join it with either would be a guess, so it joins neither, and what is around it is joined as if it were not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

Mark = tuple[str, str]  # trusted serial, asset of the register; each empty if there is none


class Forest:
    """Disjoint sets of numbers (union-find): each set is known by its top."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}

    def top(self, number: int) -> int:
        """The number its set is known by."""
        above = self._above
        while (parent := above.get(number, number)) != number:
            above[number] = number = above.get(parent, parent)
        return number

    def join(self, numbers: Sequence[int]) -> None:
        """Make one set of the sets of these numbers; the smallest top is on top."""
        tops = sorted({self.top(number) for number in numbers})
        for top in tops[1:]:
            self._above[top] = tops[0]


def partition(buckets: Sequence[Sequence[int]], marks: Mapping[int, Mark]) -> dict[int, int]:
    """Number → label. Numbers of one bucket are to be joined exactly if their labels are equal.

    What bridges by itself is set apart first, then what bridges together, then what clashes through marked numbers.
    """
    bridges = {
        number for number, near in _touched(buckets, marks, Forest()).items() if clash(marks[other] for other in near)
    }
    rest = [[number for number in bucket if number not in bridges] for bucket in buckets]
    loose = Forest()
    for bucket in rest:
        loose.join([number for number in bucket if not any(marks[number])])
    touches = _touched(rest, marks, loose)
    chains = {top for top, near in touches.items() if clash(marks[number] for number in near)}
    whole = Forest()
    for bucket in rest:
        whole.join([number for number in bucket if any(marks[number]) or loose.top(number) not in chains])
    stuck = _clashing(sorted(set(chain.from_iterable(rest))), marks, whole)
    labels = {number: number for number in bridges}
    for number in set(chain.from_iterable(rest)):
        free = not any(marks[number])
        if free and loose.top(number) in chains:
            labels[number] = loose.top(number)
        elif whole.top(number) in stuck:
            labels[number] = _alone(number, free, loose, touches)
        else:
            labels[number] = whole.top(number)
    return labels


def clash(marks: Iterable[Mark]) -> bool:
    """Whether these cannot all be one machine."""
    serials, assets = set(), set()
    for serial, asset in marks:
        serials.add(serial)
        assets.add(asset)
    return len(serials - {""}) > 1 or len(assets - {""}) > 1


def _touched(buckets: Sequence[Sequence[int]], marks: Mapping[int, Mark], loose: Forest) -> Mapping[int, set[int]]:
    """For each set without marks, the marked numbers it shares a value with."""
    touches: dict[int, set[int]] = defaultdict(set)
    for bucket in buckets:
        marked = {number for number in bucket if any(marks[number])}
        for top in {loose.top(number) for number in bucket if number not in marked}:
            touches[top] |= marked
    return touches


def _clashing(numbers: Sequence[int], marks: Mapping[int, Mark], whole: Forest) -> set[int]:
    members: dict[int, list[int]] = defaultdict(list)
    for number in numbers:
        members[whole.top(number)].append(number)
    return {top for top, found in members.items() if clash(marks[number] for number in found)}


def _alone(number: int, free: bool, loose: Forest, touches: Mapping[int, set[int]]) -> int:
    """In a set that clashes through marked numbers, each of these stands alone, with what touches no other."""
    if not free:
        return number
    near = touches[loose.top(number)]
    return next(iter(near)) if len(near) == 1 else loose.top(number)
