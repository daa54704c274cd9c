"""Room where backups lie: when it is well, when it is little, when it is none."""

from __future__ import annotations

import pytest

from inventory.backup.space import Space, room, size

GB = 10**9


@pytest.mark.parametrize(
    ("space", "verdict", "because"),
    [
        (Space(60 * GB, 40 * GB), "PASS", "40 GB of 100 GB are free (40 %)"),
        (Space(90 * GB, 10 * GB), "PASS", "10 GB of 100 GB are free (10 %)"),
        (Space(91 * GB, 9 * GB), "WARN", "9 GB of 100 GB are free (9 %)"),
        (Space(97 * GB, 3 * GB), "WARN", "3 GB of 100 GB are free (3 %)"),
        (Space(98 * GB, 2 * GB), "FAIL", "2 GB of 100 GB are free (2.0 %)"),
        (Space(100 * GB, 4096), "FAIL", "4.1 KB of 100 GB are free (less than 0.1 %)"),
        (Space(100 * GB, 0), "FAIL", "0 B of 100 GB are free (0 %)"),
        (Space(60 * GB, 40 * GB, 995, 5), "FAIL", "but only 5 more files can be made (0.5 %)"),
        (Space(60 * GB, 40 * GB, 100, 900), "PASS", "40 GB of 100 GB are free (40 %)"),
        (Space(60 * GB, 40 * GB, 0, 0), "PASS", "40 GB of 100 GB are free (40 %)"),
        (Space(0, 0, 100, 900), "UNKNOWN", "does not tell how much room there is"),
        (Space(0, 0), "UNKNOWN", "does not tell how much room there is"),
    ],
)
def test_room_is_judged_by_the_share_that_is_left(space: Space, verdict: str, because: str) -> None:
    judged = room(space)
    assert (judged.rule, judged.verdict) == ("room", verdict)
    assert because in judged.because


@pytest.mark.parametrize(
    ("octets", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 KB"), (999_600, "1 MB"), (537 * 10**6, "537 MB"), (10**16, "10000 TB")],
)
def test_sizes_are_said_shortly(octets: int, text: str) -> None:
    assert size(octets) == text
