"""Backups judged by what a target tells of them: each rule at its edges, and nothing green that was not seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.backup import rules
from inventory.backup.durations import length, said
from inventory.backup.model import DAYS, Job, Run, Schedule, System
from ops.errors import InvalidRequest

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SYSTEM = System("FS-1", "fs1", 1, DAY, 4 * HOUR, "Leith", "rack-1")
JOB = Job("homes", "FS-1", "vault", ("/srv/home",), Schedule(DAY, time(2)), HOUR, 4 * HOUR)
ZONES = [ZoneInfo(name) for name in ("Europe/London", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "UTC")]
DUE = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


def run(started: datetime = DUE, octets: int | None = 1000, **more: object) -> Run:
    return replace(Run("a", started, started + HOUR, 10, octets, ("/srv/home",)), **more)


@pytest.mark.parametrize(
    ("age", "verdict"),
    [
        (DAY, "PASS"),
        (DAY + timedelta(seconds=1), "WARN"),
        (DAY + HOUR, "WARN"),
        (DAY + HOUR + timedelta(seconds=1), "FAIL"),
        (timedelta(minutes=-5), "PASS"),
        (timedelta(minutes=-6), "ERROR"),
    ],
    ids=str,
)
def test_freshness_counts_from_the_moment_the_data_are_of(age: timedelta, verdict: str) -> None:
    ended_now = run(NOW - age, ended=NOW)
    assert rules.freshness(SYSTEM, JOB, [run(NOW - 9 * DAY), ended_now], NOW).verdict == verdict


def test_data_are_never_younger_than_now() -> None:
    assert rules.freshness(SYSTEM, JOB, [run(NOW + timedelta(minutes=4))], NOW).because.startswith(
        "the newest data are less than a minute old"
    )


def test_no_backup_is_never_green() -> None:
    found = [rules.freshness(SYSTEM, JOB, [], NOW), rules.finish(JOB, []), rules.shape([]), rules.sources(JOB, None)]
    assert {one.verdict for one in [*found, rules.start(JOB, [], NOW)]} == {"FAIL"}


@pytest.mark.parametrize(
    ("began", "verdict"),
    [
        (DUE, "PASS"),
        (DUE + HOUR, "PASS"),
        (DUE - timedelta(minutes=4), "PASS"),
        (DUE + HOUR + timedelta(minutes=1), "WARN"),
        (DUE - 10 * HOUR, "FAIL"),
    ],
    ids=str,
)
def test_a_late_start_is_told_apart_from_none(began: datetime, verdict: str) -> None:
    assert rules.start(JOB, [run(began)], NOW).verdict == verdict


def test_a_job_that_may_still_begin_is_judged_by_the_time_before() -> None:
    during = DUE + timedelta(minutes=30)
    assert rules.start(JOB, [run(DUE - DAY)], during).verdict == "PASS"
    assert rules.start(JOB, [run(DUE - DAY), run(DUE)], during).because.startswith("due 2026-11-26")
    assert rules.start(JOB, [run(DUE - DAY)], DUE + HOUR).verdict == "FAIL"


@pytest.mark.parametrize("often", [15, 30, 60])
def test_a_job_that_runs_more_often_than_it_may_be_late_is_given_that_time(often: int) -> None:
    job = replace(JOB, schedule=Schedule(timedelta(minutes=often)))
    job = replace(job, schedule=replace(job.schedule, at=time(0)))
    last = run(DUE)
    assert rules.start(job, [last], DUE + HOUR + timedelta(minutes=often - 1)).verdict == "PASS"
    assert rules.start(job, [last], DUE + HOUR + timedelta(minutes=often)).verdict == "FAIL"


def test_a_late_end_is_told_apart_from_a_late_start() -> None:
    assert rules.finish(JOB, [run(ended=DUE + 4 * HOUR)]).verdict == "PASS"
    assert rules.finish(JOB, [run(ended=DUE + 5 * HOUR)]).verdict == "WARN"
    assert rules.finish(JOB, [run(ended=None)]).verdict == "UNKNOWN"
    by = [
        (HOUR, "PASS"),
        (4 * HOUR, "PASS"),
        (5 * HOUR, "UNKNOWN"),
        (-HOUR, "UNKNOWN"),
    ]  # younger: late, or copied since
    for after, verdict in by:
        told = rules.finish(JOB, [run(ended=None, written=DUE + after)])
        assert (told.verdict, f"{DUE + after:%Y-%m-%d %H:%M}" in told.because) == (verdict, True), after
    late = rules.finish(JOB, [run(DUE + 9 * HOUR, ended=DUE + 10 * HOUR)])
    assert ("began late" in late.because, late.step) == (True, "look at the schedule of the job")


@pytest.mark.parametrize(
    "schedule",
    [Schedule(2 * DAY, time(2)), Schedule(7 * DAY, time(2)), Schedule(14 * DAY, time(2), "sun"),
     Schedule(30 * DAY, time(2)), Schedule(36 * HOUR), Schedule(DAY, time(2)), Schedule(7 * DAY, time(2), "sun"),
     Schedule(8 * HOUR, time(2))],
    ids=str,
)  # fmt: skip
def test_a_job_that_begins_as_often_as_it_should_is_on_time_on_every_day(schedule: Schedule) -> None:
    """Of 2d, 7d without a day and 2w nobody wrote down from which day on; the backups that are there tell it."""
    job = replace(JOB, schedule=schedule)
    first = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)  # a Sunday
    begun = [first + n * schedule.every for n in range(90 * DAY // schedule.every)]
    for look in (first + 50 * DAY + n * HOUR for n in range(24 * 28)):
        made = [run(moment) for moment in begun if moment <= look]
        assert (rules.start(job, made, look).verdict, rules.finish(job, made).verdict) == ("PASS", "PASS"), look
        lacking = [one for one in made if one.started < look - schedule.every - HOUR]
        assert rules.start(job, lacking, look).verdict == "FAIL", look


def sized(*octets: int) -> list[Run]:
    return [run(DUE - (len(octets) - n) * DAY, size) for n, size in enumerate(octets)]


@pytest.mark.parametrize(
    ("octets", "verdict"),
    [
        ((1000, 1010, 990, 1000), "PASS"),
        ((1000, 1010, 990, 1500), "PASS"),
        ((1000, 1010, 990, 1501), "WARN"),
        ((1000, 1010, 990, 499), "WARN"),
        ((1000, 2000, 4000, 9000), "WARN"),
        ((1000, 2000, 4000, 6000), "PASS"),
        ((1000, 1000, 0), "FAIL"),
        ((1000, 1000), "UNKNOWN"),
    ],
)
def test_a_backup_much_smaller_or_larger_than_usual_is_told(octets: tuple[int, ...], verdict: str) -> None:
    assert rules.shape(sized(*octets)).verdict == verdict


def test_what_the_target_does_not_tell_is_unknown() -> None:
    assert rules.shape([*sized(1, 1, 1), run(octets=None)]).verdict == "UNKNOWN"


def test_a_source_that_was_left_out_quietly_is_a_failure() -> None:
    two = replace(JOB, paths=("/srv/home", "/etc"))
    found = rules.sources(two, run())
    assert (found.verdict, found.because) == ("FAIL", "/etc is not in it")
    assert rules.sources(JOB, run()).verdict == "PASS"


def test_a_proof_that_is_overdue_is_not_green_and_none_is_unknown() -> None:
    assert rules.cadence("restore", None, DAY, NOW).verdict == "UNKNOWN"
    assert rules.cadence("restore", NOW - DAY, DAY, NOW).verdict == "PASS"
    assert rules.cadence("restore", NOW - 2 * DAY, DAY, NOW).verdict == "UNKNOWN"


@given(
    moment=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    every=st.integers(1, 96).map(lambda quarters: quarters * timedelta(minutes=15)),
    at=st.times(),
)
def test_the_newest_start_due_is_the_last_of_its_series(moment: datetime, every: timedelta, at: time) -> None:
    found = Schedule(every, at).last_before(moment)
    assert found <= moment < found + every


@given(
    moment=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    at=st.times(),
    day=st.sampled_from(DAYS),
)
def test_a_weekly_job_is_due_on_its_day_at_its_time(moment: datetime, at: time, day: str) -> None:
    found = Schedule(7 * DAY, at, day).last_before(moment)
    assert found <= moment < found + 7 * DAY
    assert (DAYS[found.weekday()], found.time()) == (day, at)


@given(
    moment=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    zone=st.sampled_from(ZONES),
)
def test_a_daily_job_is_due_when_clocks_of_its_zone_show_its_time(moment: datetime, at: time, zone: ZoneInfo) -> None:
    found = Schedule(DAY, at, zone=zone).last_before(moment)
    shown = found.astimezone(zone)
    skipped = shown.replace(tzinfo=None) - datetime.combine(shown.date(), at)
    assert shown.time() == at or skipped == -HOUR / (2 if zone.key == "Australia/Lord_Howe" else 1)
    assert found <= moment < found + DAY + HOUR


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-07-01 12:00", "2026-07-01 00:30"),  # summer time: two hours ahead of UTC
        ("2026-01-15 12:00", "2026-01-15 01:30"),
        ("2026-03-29 12:00", "2026-03-29 00:30"),  # no clock shows 02:30: cron makes it up at once, at 01:00 UTC
        ("2026-10-25 12:00", "2026-10-25 00:30"),  # clocks show it twice, and cron runs it the first time
        ("2026-10-25 01:10", "2026-10-25 00:30"),  # the second 02:10, before the second 02:30
        ("2026-10-25 00:20", "2026-10-24 00:30"),
    ],
)
def test_what_is_due_when_clocks_are_put_forward_and_back(moment: str, due: str) -> None:
    berlin = Schedule(DAY, time(2, 30), zone=ZoneInfo("Europe/Berlin"))
    assert f"{berlin.last_before(datetime.fromisoformat(f'{moment}+00:00')):%Y-%m-%d %H:%M}" == due


def test_a_job_that_begins_by_its_own_clock_is_on_time_in_summer_too() -> None:
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    began = [Run("a", datetime(2026, 7, day, 1, 0, 2, tzinfo=UTC), None, 9, 9) for day in (1,)]
    job = replace(JOB, schedule=Schedule(DAY, time(2), zone=ZoneInfo("Europe/London")), start_grace=HOUR / 2)
    assert rules.start(job, began, now).verdict == "PASS"
    assert rules.start(replace(job, schedule=Schedule(DAY, time(2))), began, now).verdict != "PASS"


def test_lengths_of_time_are_read_and_said() -> None:
    assert [length(text) for text in ("90m", "24h", "7d", "2w", " 1 H ")] == [1.5 * HOUR, DAY, 7 * DAY, 14 * DAY, HOUR]
    assert [said(length(text)) for text in ("45m", "90m", "24h", "36h", "7d")] == [
        "45 min",
        "90 min",
        "1 d",
        "36 h",
        "7 d",
    ]
    spans = [timedelta(days=days) for days in (99.94, 99.96, 365.2, 1234, 11574)]
    assert [said(span) for span in spans] == ["99.9 d", "100 d", "365 d", "1234 d", "11574 d"]
    for text in ("", "0h", "h", "1.5h", "-1d", "1y", "7 days", "999999d"):
        with pytest.raises(InvalidRequest, match="is no length of time"):
            length(text)


def test_a_job_of_every_quarter_of_an_hour_is_due_in_the_hour_that_clocks_show_twice() -> None:
    often = Schedule(HOUR / 4, zone=ZoneInfo("Europe/Berlin"))
    dues = [often.last_before(datetime(2026, 10, 25, 0, minute, tzinfo=UTC)) for minute in range(60)]
    dues += [often.last_before(datetime(2026, 10, 25, 1, minute, tzinfo=UTC)) for minute in range(60)]
    assert dues == sorted(dues), "the newest one due is never older than that of a minute before"
    assert dues[70] == datetime(2026, 10, 25, 0, 45, tzinfo=UTC)


def test_a_clock_ahead_hides_no_start_that_did_not_happen() -> None:
    ahead = run(NOW + 9 * DAY)
    assert rules.start(JOB, [ahead], NOW).verdict == "FAIL"
    assert rules.start(JOB, [run(), ahead], NOW).verdict == "PASS"


def test_a_limit_of_another_day_is_told_with_its_day() -> None:
    late = replace(JOB, schedule=Schedule(DAY, time(23)))
    begun = DUE.replace(day=25, hour=23)
    found = rules.finish(late, [run(begun, ended=begun + HOUR / 2)])
    assert found.because == "ended 2026-11-25 23:30 UTC, by 03:00 of 2026-11-26 as is due"
