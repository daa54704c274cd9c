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
        while (parent := above.setdefault(number, number)) != number:
            above[number] = number = above.setdefault(parent, parent)
        return number

    def join(self, numbers: Sequence[int]) -> None:
        """Make one set of the sets of these numbers; the smallest top is on top."""
        tops = sorted({self.top(number) for number in numbers})
        for top in tops[1:]:
            self._above[top] = tops[0]


def partition(buckets: Sequence[Sequence[int]], marks: Mapping[int, Mark]) -> dict[int, int]:
    """Number → label. Numbers of one bucket are to be joined exactly if their labels are equal."""
    loose = Forest()
    for bucket in buckets:
        loose.join([number for number in bucket if not any(marks[number])])
    touches = _touched(buckets, marks, loose)
    bridges = {top for top, near in touches.items() if clash(marks[number] for number in near)}
    whole = Forest()
    for bucket in buckets:
        whole.join([number for number in bucket if any(marks[number]) or loose.top(number) not in bridges])
    numbers = sorted(set(chain.from_iterable(buckets)))
    members: dict[int, list[int]] = defaultdict(list)
    for number in numbers:
        members[whole.top(number)].append(number)
    stuck = {top for top, found in members.items() if clash(marks[number] for number in found)}
    labels = {}
    for number in numbers:
        if whole.top(number) not in stuck:
            free = not any(marks[number]) and loose.top(number) in bridges
            labels[number] = loose.top(number) if free else whole.top(number)
        else:
            labels[number] = _alone(number, marks, loose, touches)
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
        free = next((number for number in bucket if not any(marks[number])), None)
        if free is not None:
            touches[loose.top(free)] |= {number for number in bucket if any(marks[number])}
    return touches


def _alone(number: int, marks: Mapping[int, Mark], loose: Forest, touches: Mapping[int, set[int]]) -> int:
    """In a set that clashes through marked numbers, each of these stands alone, with what touches no other."""
    if any(marks[number]):
        return number
    near = touches[loose.top(number)]
    return next(iter(near)) if len(near) == 1 else loose.top(number)
