"""What a restore of some files says of all, which are drawn, and the five legs of 3-2-1-1-0."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.backup.assurance import Entry, bound, drawn, needed, seed, sentence
from inventory.backup.copies import Copy, legs
from inventory.backup.model import System, Target

DAY = timedelta(days=1)
SYSTEM = System("FS-1", "fs1", 1, DAY, DAY, "Leith", "rack-1")
FILES = [Entry(f"/srv/home/{n:03}", size) for n, size in enumerate([1, 2, 3, 10, 20, 30, 4000, 5000] * 20)]


@pytest.mark.parametrize(("right", "share"), [(29, 0.10), (59, 0.05), (299, 0.01)])
def test_the_known_numbers_of_files_for_a_known_bound(right: int, share: float) -> None:
    assert needed(share) == right
    assert bound(right) <= share < bound(right - 1)


def test_nothing_tried_says_nothing_and_one_bad_file_is_said_first() -> None:
    assert bound(0) == 1.0
    assert sentence(0, 0, 10) == "no file was tried: nothing is known"
    assert sentence(58, 59, 1000) == "1 of 59 files are bad"
    assert sentence(7, 7, 7) == "all 7 files are right"
    assert sentence(59, 59, 1000) == "59 of 59 right: 95 % sure that at most 5.0% of 1000 are bad"
    for share in (0.0, 1.0, -1.0):
        with pytest.raises(ValueError, match="between"):
            needed(share)


@pytest.mark.parametrize(
    ("right", "share"), [(1, "95.0%"), (58, "5.1%"), (59, "5.0%"), (299, "1.0%"), (6000, "0.1%"), (90_000, "0.1%")]
)
def test_a_bound_is_rounded_up(right: int, share: str) -> None:
    told = f"{right} of {right} right: 95 % sure that at most {share} of 1000000 are bad"
    assert sentence(right, right, 10**6) == told


@given(st.integers(1, 100_000))
def test_no_sentence_promises_more_than_is_proven(right: int) -> None:
    told = float(sentence(right, right, 10**6).partition("at most ")[2].partition("%")[0]) / 100
    assert bound(right) <= told + 1e-12
    assert told < bound(right) + 0.001


@given(st.integers(1, 5000))
def test_more_right_files_never_make_less_sure(right: int) -> None:
    assert bound(right) > bound(right + 1) > 0


@given(number=st.integers(0, 200), run=st.text(max_size=12))
def test_a_draw_is_the_same_again_holds_no_file_twice_and_takes_every_size(number: int, run: str) -> None:
    found = drawn(FILES, number, seed(run))
    assert found == drawn(FILES[::-1], number, seed(run))
    assert len({one.path for one in found}) == len(found) == min(number, len(FILES))
    if number >= 4:
        assert max(one.size for one in found) >= 4000
        assert min(one.size for one in found) <= 3


def test_another_run_draws_other_files() -> None:
    assert drawn(FILES, 20, seed("A")) != drawn(FILES, 20, seed("B"))


def target(name: str, **more: object) -> Target:
    return replace(Target(name, "restic", f"/b/{name}", "disk", "Leith", name, ""), **more)


def copy(name: str, *, fixed: bool | None = False, whole: bool | None = True, restored: bool | None = True,
         fresh: bool | None = True, paths: tuple[str, ...] = ("/srv",), **more: object) -> Copy:  # fmt: skip
    return Copy(target(name, **more), paths, fresh, whole, restored, fixed)


def verdicts(*copies: Copy) -> list[str]:
    return [leg.verdict for leg in legs(SYSTEM, copies)]


VAULT = copy("vault")
TAPE = copy("tape", medium="tape", site="Perth", fixed=True)


def test_all_five_are_met_by_a_vault_and_a_tape_elsewhere() -> None:
    assert verdicts(VAULT, TAPE) == ["PASS"] * 5


@pytest.mark.parametrize(
    ("copies", "leg"),
    [
        ([VAULT], 0),
        ([VAULT, replace(TAPE, target=replace(TAPE.target, failure_domain="vault"))], 0),
        ([VAULT, replace(TAPE, target=replace(TAPE.target, failure_domain="rack-1"))], 0),
        ([VAULT, replace(TAPE, fresh=False)], 0),
        ([VAULT, replace(TAPE, target=replace(TAPE.target, medium="disk"))], 1),
        ([VAULT, replace(TAPE, target=replace(TAPE.target, site="Leith"))], 2),
        ([VAULT, replace(TAPE, fixed=False)], 3),
        ([VAULT, replace(TAPE, restored=False)], 4),
        ([replace(VAULT, whole=False), TAPE], 4),
        ([VAULT, TAPE, copy("mirror", failure_domain="vault", whole=False)], 4),
    ],
)
def test_each_leg_is_seen_to_be_missing(copies: list[Copy], leg: int) -> None:
    assert verdicts(*copies)[leg] == "FAIL"


def test_what_nobody_looked_at_is_unknown_and_never_met() -> None:
    assert verdicts(VAULT, replace(TAPE, fixed=None))[3] == "UNKNOWN"
    assert verdicts(VAULT, replace(TAPE, whole=None))[4] == "UNKNOWN"
    assert verdicts(VAULT, replace(TAPE, fresh=None))[0] == "UNKNOWN"
    assert verdicts()[4] == "UNKNOWN"
    assert verdicts(VAULT, replace(TAPE, restored=None))[4] == "UNKNOWN"


Way = tuple[str, dict[str, str]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("/b/x", {}), ("/b/x", {})),
        (("/b/x", {}), ("/b//./x/", {})),
        (("/b/x", {"number": "a1"}), ("/mnt/mirror", {"number": "a1"})),
        (("/b/x", {"lies": "64:9"}), ("/mnt/link", {"lies": "64:9"})),
        (("/b/x", {"number": "a1", "lies": "64:9"}), ("/mnt/link", {"number": "a1", "lies": "64:9"})),
        (("/b/x", {"number": "a1", "lies": "64:9"}), ("/mnt/mirror", {"number": "a1", "lies": "64:8"})),
    ],
)
def test_one_repository_counts_once_and_as_it_is_proven_best(one: Way, other: Way) -> None:
    """Two targets that are one are no two copies, whatever is said of their failure domains."""
    first, second = (
        replace(base, **said, target=replace(base.target, where=where))
        for base, (where, said) in ((VAULT, one), (TAPE, other))
    )
    for both in ([first, second], [second, first]):
        found = legs(SYSTEM, both)
        mirrors = " or mirrors of it" * other[0].endswith("mirror")
        assert [leg.verdict for leg in found] == ["UNKNOWN" if mirrors else "FAIL", "PASS", "PASS", "PASS", "PASS"]
        names = " and ".join(each.target.name for each in both)
        assert f"; {names} are one repository{mirrors}, which counts once" in found[0].because
    assert verdicts(replace(first, number="a1"), replace(second, number="b2"))[0] == "PASS"
    beside = verdicts(replace(first, target=replace(first.target, failure_domain="rack-1")), second)
    assert beside[3] == ("UNKNOWN" if mirrors else "FAIL")


@pytest.mark.parametrize("word", ["Leith", "leith", " LEITH", "Le ith"])
def test_sites_and_failure_domains_are_the_same_however_they_are_spaced(word: str) -> None:
    there = replace(TAPE, target=replace(TAPE.target, site=word))
    assert verdicts(VAULT, there)[2] == "FAIL"
    one, other = (replace(base, target=replace(base.target, failure_domain=domain))
                  for base, domain in ((VAULT, "leith"), (TAPE, word)))  # fmt: skip
    assert verdicts(one, other)[0] == "FAIL"
    assert verdicts(replace(TAPE, target=replace(TAPE.target, failure_domain=" Rack-1")))[3] == "FAIL"


def test_jobs_of_different_data_are_no_copies_of_each_other() -> None:
    """Each path counts for itself, and a path in another one is a part of it."""
    home, share = replace(VAULT, paths=("/srv/home",)), replace(TAPE, paths=("/srv/share",))
    found = legs(SYSTEM, [home, share])
    assert [leg.verdict for leg in found] == ["FAIL", "FAIL", "FAIL", "FAIL", "PASS"]
    assert found[0].because.startswith("/srv/home: 2 of 3 copies")
    assert verdicts(replace(VAULT, paths=("/srv/home", "/srv/share")), share)[0] == "FAIL"
    assert verdicts(VAULT, replace(TAPE, paths=("/srv/home",)))[0] == "FAIL"
    assert verdicts(replace(VAULT, paths=("/srv/home/",)), replace(TAPE, paths=("/",)))[0] == "FAIL"


def test_two_jobs_on_one_target_hide_nothing_of_each_other() -> None:
    """Else the job that is proven best speaks for the other, which lies in the same place."""
    good, bad = replace(VAULT, paths=("/srv/home",)), replace(VAULT, paths=("/etc",), restored=False)
    assert verdicts(good, bad, replace(TAPE, paths=("/srv/home", "/etc")))[4] == "FAIL"


@given(st.lists(st.sampled_from([VAULT, TAPE, copy("disk2", site="Perth"), copy("far", site="Oban", fixed=True)])))
def test_another_copy_never_makes_the_first_four_legs_worse(copies: list[Copy]) -> None:
    order = ["FAIL", "UNKNOWN", "PASS"]
    for fewer, more in pairwise([copies[:n] for n in range(len(copies) + 1)]):
        assert all(
            order.index(a) <= order.index(b) for a, b in list(zip(verdicts(*fewer), verdicts(*more), strict=True))[:4]
        )


def test_a_repository_of_the_own_failure_domain_is_no_copy_by_another_name_though_stale_by_its_own() -> None:
    here = replace(VAULT, number="a1", fresh=False, target=replace(VAULT.target, failure_domain="rack-1"))
    assert [leg.because[:6] for leg in legs(SYSTEM, [here, replace(TAPE, number="a1")])][:1] == ["1 of 3"]
    assert [leg.because[:6] for leg in legs(SYSTEM, [here, replace(TAPE, number="b2")])][:1] == ["2 of 3"]
