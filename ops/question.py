"""A question of a playbook: what no command can do, a person tells, and it is kept as a statement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

from ops.errors import InvalidRequest

WHOLE = re.compile(r"[+-]?[0-9]+")
EARLIEST, LATEST = 1970, 2999  # years
KINDS = ("text", "choice", "number", "date", "file", "photo")
ATTACHED = ("file", "photo")
WHO = ("apprentice", "witness", "mentor")
LONGEST = 20_000  # characters: some eight pages, where an answer should have a few lines
LARGEST_NUMBER = 10**9
SHORT = 30  # characters of an answer that are said back
WHEN = ("", "past", "future")
PAST, FUTURE = 10, 20  # years: a day that is further away was mistyped


@dataclass(frozen=True)
class Question:
    """``text`` is what is asked, ``kind`` one of ``KINDS``; ``by`` says who is to answer it, one of ``WHO``.

    A number lies ``between`` two others; a day is ``past`` (today, too), ``future``, or anything.
    """

    id: str
    text: str
    kind: str = "text"
    options: tuple[str, ...] = ()
    required: bool = True
    by: str = "apprentice"
    between: tuple[int, int] = (0, LARGEST_NUMBER)
    when: str = ""

    @property
    def flag(self) -> str:
        """How it is answered on the command line."""
        return f"--{self.id.replace('_', '-')}"

    def read(self, given: str) -> str:
        """The answer in the form it is kept in: dates as ``2026-11-25``, numbers without blanks.

        Raise ``InvalidRequest`` for one that does not fit. The path of an attachment is not looked at here.
        """
        text = given.strip()
        if not text:
            if self.required:
                asked = " ".join(self.text.split())
                raise InvalidRequest(f"this must be answered: {asked}", hint=f"type an answer, or give {self.flag}")
            return ""
        if len(text) > LONGEST:
            raise InvalidRequest(f"{self.flag} is longer than {LONGEST} characters", hint="attach a file instead")
        match self.kind:
            case "number":
                return self._number(text)
            case "date":
                return self._date(text)
            case "choice":
                return self._choice(text)
        return text

    def _number(self, text: str) -> str:
        if not WHOLE.fullmatch(text):
            raise InvalidRequest(f"{self.flag}: {_typed(text)} is not a whole number", hint="such as 45")
        least, most = self.between
        if not least <= (number := int(text[:40])) <= most:
            hint = f"a number from {least} to {most}"
            raise InvalidRequest(f"{self.flag}: {_typed(text)} cannot be right", hint=hint)
        return str(number)

    def _date(self, text: str) -> str:
        today = datetime.now().astimezone().date()
        try:
            day = today if text == "today" else date.fromisoformat(text)
        except ValueError:
            hint = "write it like 2026-11-25, or today"
            raise InvalidRequest(f"{self.flag}: {_typed(text)} is not a date", hint=hint) from None
        first, last, words = self._days(today)
        if not first <= day <= last:
            raise InvalidRequest(f"{self.flag}: {day} cannot be right", hint=f"a day from {words}")
        return day.isoformat()

    def _days(self, today: date) -> tuple[date, date, str]:
        """The first and the last day that can be meant, and both in words."""
        match self.when:
            case "past":
                return date(today.year - PAST, 1, 1), today, f"{today.year - PAST} to today"
            case "future":
                return today, date(today.year + FUTURE, 12, 31), f"today to {today.year + FUTURE}"
        return date(EARLIEST, 1, 1), date(LATEST, 12, 31), f"{EARLIEST} to {LATEST}"

    def _choice(self, text: str) -> str:
        if text in self.options:
            return text
        if text.isdecimal() and 1 <= int(text) <= len(self.options):
            return self.options[int(text) - 1]
        beginning = [one for one in self.options if one.casefold().startswith(text.casefold())]
        if len(beginning) == 1:
            return beginning[0]
        near = get_close_matches(text, self.options, 1)
        hint = f"did you mean {near[0]}?" if near else f"one of: {'; '.join(self.options)}"
        raise InvalidRequest(f"{self.flag}: {_typed(text)} is none of the answers", hint=hint)


def _typed(text: str) -> str:
    """What was typed, short enough for a line, and apart from what is said of it."""
    return f"“{text if len(text) <= SHORT else text[: SHORT - 1] + '…'}”"


def missing(questions: tuple[Question, ...], answers: Mapping[str, str]) -> tuple[Question, ...]:
    """Those that must be answered and are not yet."""
    return tuple(one for one in questions if one.required and not answers.get(one.id))
