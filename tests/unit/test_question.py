"""Answers that fit their question, and those that do not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ops.errors import InvalidRequest
from ops.question import LONGEST, Question, missing

NUMBER, DAY = Question("minutes", "How many?", "number"), Question("on", "When?", "date")
MINUTES = Question("minutes", "How many?", "number", between=(1, 1440))
PAST, FUTURE = Question("on", "When?", "date", when="past"), Question("by", "By when?", "date", when="future")
TODAY = datetime.now().astimezone().date()
CHOICE = Question("alone", "How much?", "choice", ("all of it", "most of it", "with help"))
TEXT, OPTIONAL = Question("said", "What?"), Question("more", "More?", required=False)


@pytest.mark.parametrize(
    ("question", "given", "kept"),
    [
        (TEXT, "  a word ", "a word"),
        (TEXT, "two\nlines", "two\nlines"),
        (OPTIONAL, "  ", ""),
        (NUMBER, " 045 ", "45"),
        (NUMBER, "0", "0"),
        (MINUTES, "1440", "1440"),
        (PAST, "today", "today"),
        (FUTURE, "today", "today"),
        (DAY, "2026-11-25", "2026-11-25"),
        (CHOICE, "2", "most of it"),
        (CHOICE, "WITH", "with help"),
        (CHOICE, "all of it", "all of it"),
    ],
)
def test_an_answer_is_kept_in_one_form(question: Question, given: str, kept: str) -> None:
    today = datetime.now().astimezone().date()  # a run may go on past midnight
    assert question.read(given) == (str(today) if kept == "today" else kept)


@pytest.mark.parametrize(
    ("question", "given", "said"),
    [
        (TEXT, "", "this must be answered: What?"),
        (TEXT, "x" * (LONGEST + 1), "longer than"),
        (NUMBER, "ten", "is not a whole number"),
        (NUMBER, "1.5", "is not a whole number"),
        (NUMBER, "-1", "cannot be right"),
        (NUMBER, "9" * 30, "cannot be right"),
        (NUMBER, "9" * 5000, "cannot be right"),
        (MINUTES, "0", "cannot be right"),
        (MINUTES, "1441", "cannot be right"),
        (DAY, "0001-01-01", "cannot be right"),
        (DAY, "9999-12-31", "cannot be right"),
        (PAST, str(TODAY + timedelta(days=2)), "cannot be right"),
        (PAST, str(TODAY - timedelta(days=4500)), "cannot be right"),
        (FUTURE, str(TODAY - timedelta(days=1)), "cannot be right"),
        (FUTURE, str(TODAY + timedelta(days=9000)), "cannot be right"),
        (DAY, "25.11.2026", "is not a date"),
        (DAY, "2026-02-30", "is not a date"),
        (CHOICE, "4", "is none of the answers"),
        (CHOICE, "0", "is none of the answers"),
        (CHOICE, "o", "is none of the answers"),
        (CHOICE, "²", "is none of the answers"),
    ],
)
def test_an_answer_that_does_not_fit_is_one_clear_line(question: Question, given: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        question.read(given)
    assert said in str(caught.value)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_today_is_a_date() -> None:
    assert len(DAY.read("today")) == 10


def test_what_is_missing_is_what_must_be_answered() -> None:
    assert missing((TEXT, OPTIONAL, NUMBER), {"said": "x", "minutes": ""}) == (NUMBER,)
