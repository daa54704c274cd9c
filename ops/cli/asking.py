"""Asking a person one question after another, on a terminal: back, skip, an editor, and nothing lost."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from ops.cli.drafts import Draft
from ops.cli.table import hung
from ops.cli.terminal import plain
from ops.errors import InvalidRequest
from ops.question import ATTACHED, Question
from ops.runner import Interrupted

BACK, EDITOR = "<", ":"
HOW = "Answers are kept as you go: Ctrl-C stops, and the same command goes on. Write < to go back, : for your editor."
WHO = {"apprentice": "", "witness": "  (the witness answers)", "mentor": "  (the one who asks answers)"}


def ask_all(questions: Sequence[Question], draft: Draft) -> None:
    """Ask what has no answer yet; each answer is kept at once."""
    place = next_open(questions, draft)
    if place < len(questions):
        click.secho(hung(HOW, 0, sys.stderr), err=True, dim=True)
    while place < len(questions):
        answer = _ask(questions[place], place + 1, len(questions), draft.answers.get(questions[place].id, ""))
        if answer is None:
            place = max(0, place - 1)
            continue
        draft.keep({questions[place].id: answer})
        place = next_open(questions, draft)


def next_open(questions: Sequence[Question], draft: Draft) -> int:
    """The first question without an answer."""
    return next((n for n, one in enumerate(questions) if one.id not in draft.answers), len(questions))


def _ask(question: Question, number: int, of: int, before: str) -> str | None:
    """One answer that fits; None to go back."""
    head = f"\n{number:>2}/{of}  {plain(question.text)}{WHO[question.by]}"
    click.secho(hung(head, 7, sys.stderr), err=True, bold=True)
    for n, option in enumerate(question.options, 1):
        click.echo(f"       {n}  {plain(option)}", err=True)
    if not question.required:
        click.echo(click.style("       Enter leaves it out", dim=True), err=True)
    while True:
        given = _typed(before)
        if given == BACK:
            return None
        try:
            return answered(question, _written(question, before) if given == EDITOR else given)
        except InvalidRequest as error:
            click.secho(hung(f"       {plain(str(error))} – {plain(error.hint)}", 7, sys.stderr), err=True, fg="yellow")


def _typed(before: str) -> str:
    """One line, as it was typed; raise ``Interrupted`` if somebody stops here."""
    try:
        return str(click.prompt("      ", default=before, show_default=bool(before), prompt_suffix="> ", err=True))
    except click.Abort:
        raise Interrupted("stopped; your answers are kept", hint="the same command goes on with them") from None


def _written(question: Question, before: str) -> str:
    """What was written in the person's own editor; lines that begin with # are ours."""
    text = click.edit(f"{before}\n\n# {question.text}\n# Lines that begin with # are left out.\n")
    lines = (text or "").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#")).strip()


def answered(question: Question, given: str) -> str:
    """An answer that was read; for an attachment, that it can be taken is seen at once."""
    answer = question.read(given)
    if answer and question.kind in ATTACHED:
        from pathlib import Path

        from evidence.attachments import look

        look(Path(answer), picture=question.kind == "photo")
    return answer


def chosen(lines: Sequence[str], question: str) -> list[int]:
    """Which of several numbered lines are meant: ``1 3``, ``all`` or ``none``; all by default."""
    for n, line in enumerate(lines, 1):
        click.echo(hung(f"  {n:>3}  {plain(line)}", 7, sys.stderr), err=True)
    while True:
        given = click.prompt(question, default="all", err=True).strip().casefold()
        if given in ("all", "none"):
            return list(range(len(lines))) if given == "all" else []
        words = given.replace(",", " ").split()
        if words and all(word.isdecimal() and 1 <= int(word) <= len(lines) for word in words):
            return sorted({int(word) - 1 for word in words})
        click.secho(f"  numbers from 1 to {len(lines)}, or all, or none", err=True, fg="yellow")
