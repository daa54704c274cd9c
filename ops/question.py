"""A question of a playbook: what no command can do, a person tells, and it is kept as a statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

from ops.errors import InvalidRequest

KINDS = ("text", "choice", "number", "date", "file", "photo")
ATTACHED = ("file", "photo")
WHO = ("apprentice", "witness", "mentor")
LONGEST = 20_000  # characters: some eight pages, where an answer should have a few lines
LARGEST_NUMBER = 10**9


@dataclass(frozen=True)
class Question:
    """``text`` is what is asked, ``kind`` one of ``KINDS``; ``by`` says who is to answer it, one of ``WHO``."""

    id: str
    text: str
    kind: str = "text"
    options: tuple[str, ...] = ()
    required: bool = True
    by: str = "apprentice"

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
        try:
            number = int(text)
        except ValueError:
            raise InvalidRequest(f"{self.flag}: {text[:20]} is not a whole number", hint="such as 45") from None
        if not 0 <= number <= LARGEST_NUMBER:
            raise InvalidRequest(f"{self.flag}: {text[:20]} cannot be right", hint="a number from 0 up")
        return str(number)

    def _date(self, text: str) -> str:
        if text == "today":
            return datetime.now().astimezone().date().isoformat()
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            hint = "write it like 2026-11-25, or today"
            raise InvalidRequest(f"{self.flag}: {text[:20]} is not a date", hint=hint) from None

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
        raise InvalidRequest(f"{self.flag}: {text[:20]} is none of the answers", hint=hint)


def missing(questions: tuple[Question, ...], answers: Mapping[str, str]) -> tuple[Question, ...]:
    """Those that must be answered and are not yet."""
    return tuple(one for one in questions if one.required and not answers.get(one.id))
