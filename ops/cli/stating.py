"""Guided work: the questions of a playbook are answered by a person, and the answers are signed as a statement."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from evidence.event import Event, now
from evidence.framework import Framework, find_item
from evidence.record import NAMESPACE, NOT_STATED
from ops.cli import asking, show, toward
from ops.cli.data import data
from ops.cli.drafts import Draft
from ops.cli.following import candidates, followed
from ops.cli.options import Options
from ops.cli.record import close, competencies, new_run
from ops.cli.runs import find_run
from ops.cli.site import Site, open_site
from ops.cli.table import hung
from ops.cli.terminal import counted, plain
from ops.errors import InvalidRequest, NotAuthorised, NotFound
from ops.playbook import Playbook
from ops.question import ATTACHED, Question, missing

MACHINE = ("none", "drafted", "other")
BLANK = re.compile(r"\{(question_[1-9])\}")  # filled in from the record that is spoken about
DRAFTS, ATTACHMENTS = "drafts", "attachments"


@dataclass(frozen=True)
class Telling:
    """How a statement is to be made: about which run, for which items, with whose help, and whether to ask."""

    about: str = ""
    items: tuple[str, ...] = ()
    helped_by: str = ""
    ai: str = ""
    yes: bool = False
    json: bool = False
    ask: bool = True
    why: Mapping[str, str] = field(default_factory=dict)


def conduct_guided(book: Playbook, given: Mapping[str, Any]) -> None:
    """Run a guided playbook with what the command line gave."""
    known = {one.id for one in book.questions}
    silent = given["no_input"] or given["json"] or not sys.stdin.isatty()
    telling = Telling(
        given["about"], given["for_"], given["helped_by"], given["ai"], given["yes"], given["json"], not silent,
        {name: given[name] for name in ("ticket", "reason") if given[name]},
    )  # fmt: skip
    with open_site(enter=False) as site:
        show.header(site, Options(json=telling.json))
        _ = site.signer
        state(site, book, {key: given[key] for key in known if given.get(key)}, telling)


def state(site: Site, book: Playbook, given: Mapping[str, str], telling: Telling) -> None:
    """Ask what was not given, have it signed, and say what it counts toward."""
    about = _about(site, telling.about)
    questions = tuple(_filled(one, about) for one in book.questions)
    answers = {one.id: asking.answered(one, given[one.id]) for one in questions if given.get(one.id)}
    draft = Draft.open(site.workspace.state / DRAFTS, book.name, about["id"] if about else "")
    frameworks = followed(site.workspace.settings)
    named = _named(frameworks, telling.items)
    if telling.ask:
        _introduce(book, draft)
        draft.answers |= answers
        asking.ask_all(questions, draft)
        answers = draft.answers
    elif left := missing(questions, answers):
        hint = "give each as an option, or run it in a terminal: it asks"
        raise InvalidRequest(f"not answered: {', '.join(one.flag for one in left)}", hint=hint)
    counts = candidates(frameworks, book.name, about, site.workspace.settings["level"])
    if telling.ask and not named and counts:
        named = _choose(counts)
    elif not named:
        named = [f"{framework.id}:{item.id}" for framework, item in counts]
    told = _told(telling)
    _sign(telling)
    run = new_run()
    site.ledger.append(*statement(site, run, book, questions, answers, about, named, told | dict(telling.why)))
    close(site, run)
    if telling.ask:
        draft.done()
    _result(site, run, book, answers, telling)


def _about(site: Site, run: str) -> dict[str, Any]:
    """The record a statement is about; empty if it is about none."""
    if not run:
        return {}
    found = find_run(site, run)
    document = site.ledger.document(found, NAMESPACE)
    if document is None:
        raise NotFound(f"run {found} has no record to speak about", hint=f"ops run resume {found}")
    return document.body | {"sha256": document.sha256}


def _filled(question: Question, about: Mapping[str, Any]) -> Question:
    """A question with its blanks filled in from the record it is about."""
    from dataclasses import replace

    from evidence.talking_points import ANYWAY, questions

    if not BLANK.search(question.text):
        return question
    made = questions(about) if about else list(ANYWAY)
    blanks = {f"question_{n}": text for n, text in enumerate(made, 1)}
    return replace(question, text=BLANK.sub(lambda match: blanks.get(match[1], match[0]), question.text))


def _named(frameworks: Sequence[Framework], items: Sequence[str]) -> list[str]:
    """The items that were named, in full; raise ``NotFound`` for one there is not."""
    found = (find_item(frameworks, one) for one in items)
    return list(dict.fromkeys(f"{framework.id}:{item.id}" for framework, item in found))


def _introduce(book: Playbook, draft: Draft) -> None:
    click.secho(plain(book.title), err=True, bold=True)
    if book.help:
        click.echo(hung(plain(book.help), 0, sys.stderr), err=True)
    if draft.answers:
        begun = f"You began this on {draft.begun[:10]} and gave {counted(len(draft.answers), 'answer')}."
        if not click.confirm(f"{begun} Go on with them?", default=True, err=True):
            draft.answers.clear()


def _choose(counts: Sequence[tuple[Framework, Any]]) -> list[str]:
    click.echo("\nThis can count toward:", err=True)
    lines = [f"{framework.id} {item.id}  {item.label}" for framework, item in counts]
    return [f"{counts[n][0].id}:{counts[n][1].id}" for n in asking.chosen(lines, "Which of them does it show?")]


def _told(telling: Telling) -> dict[str, str]:
    """Who helped, and whether a machine wrote part of it; what nobody was asked and nobody said is not stated."""
    helped, machine = telling.helped_by, telling.ai
    if telling.ask and not helped:
        helped = click.prompt("\nWho helped you, by role? (Enter: nobody)", default="", show_default=False, err=True)
    if telling.ask and not machine:
        question = "Did a machine write any of these words?"
        machine = click.prompt(question, type=click.Choice(MACHINE), default="none", err=True)
    said = "somebody" if helped.strip() else "nobody" if telling.ask else NOT_STATED
    return {"helped_by": helped.strip(), "helped": said, "ai": machine or NOT_STATED}


def _sign(telling: Telling) -> None:
    if telling.yes:
        return
    if not telling.ask:
        raise NotAuthorised("nobody can be asked whether to sign this", hint="add --yes")
    click.echo("\nA signed statement is kept as it is; later words are added to it, never changed.", err=True)
    if not click.confirm("Sign it?", default=True, err=True):
        raise NotAuthorised("not signed; your answers are kept", hint="run it again to go on")


def statement(
    site: Site,
    run: str,
    book: Playbook,
    questions: Sequence[Question],
    answers: Mapping[str, str],
    about: Mapping[str, Any],
    named: Sequence[str],
    told: Mapping[str, str],
) -> list[Event]:
    """The events of one statement: what was asked, each answer, and its end. Attachments are taken here."""
    asked: dict[str, Any] = {
        "source": book.name,
        "title": book.title,
        "operations": [],
        "questions": _asked(questions),
    }
    if about:
        asked["about"] = {"id": about["id"], "sha256": about["sha256"]}
    texts = {f"question_{one.id}": one.text for one in questions}
    events = [Event(run, "asked", now(), asked, texts), *_answers(site, run, questions, answers)]
    ended = {"for": list(named), "ai": told["ai"], "helped": told["helped"]}
    private = {name: told[name] for name in ("helped_by", "ticket", "reason") if told.get(name)}
    return [*events, Event(run, "stated", now(), ended, private)]


def tell_first(site: Site, book: Playbook, given: Mapping[str, str], run: str, silent: bool) -> None:
    """The questions of a playbook that changes something: asked before the plan, and part of the run's record."""
    if not book.questions:
        return
    draft = Draft.open(site.workspace.state / DRAFTS, book.name, "")
    if silent:
        draft.answers.clear()  # nobody is there to say whether those still hold
    draft.answers |= {one.id: asking.answered(one, given[one.id]) for one in book.questions if given.get(one.id)}
    if left := missing(book.questions, draft.answers):
        if silent:
            raise InvalidRequest(f"not answered: {', '.join(one.flag for one in left)}", hint="give each as an option")
        asking.ask_all(book.questions, draft)
    asked = {"source": book.name, "title": book.title, "operations": [], "questions": _asked(book.questions)}
    texts = {f"question_{one.id}": one.text for one in book.questions}
    events = _answers(site, run, book.questions, draft.answers)
    site.ledger.append(Event(run, "asked", now(), asked, texts), *events)
    if not silent:
        draft.done()


def _asked(questions: Sequence[Question]) -> list[dict[str, str]]:
    return [{"id": one.id, "kind": one.kind, "by": one.by} for one in questions]


def _answers(site: Site, run: str, questions: Sequence[Question], answers: Mapping[str, str]) -> list[Event]:
    return [_answer(site, run, one, answers[one.id]) for one in questions if answers.get(one.id)]


def _answer(site: Site, run: str, question: Question, answer: str) -> Event:
    body: dict[str, Any] = {"question": question.id, "kind": question.kind, "by": question.by}
    private = {f"answer_{question.id}": answer}
    if question.kind in ATTACHED:
        from evidence.attachments import take

        taken = take(Path(answer), site.workspace.state / ATTACHMENTS, question.kind == "photo")
        body |= {"sha256": taken.sha256, "bytes": taken.bytes, "media": taken.media}
        private = {f"answer_{question.id}": taken.name}
    return Event(run, "answered", now(), body, private)


def _result(site: Site, run: str, book: Playbook, answers: Mapping[str, str], telling: Telling) -> None:
    tags = competencies(site, run)
    files = sum(bool(answers.get(one.id)) for one in book.questions if one.kind in ATTACHED)
    if telling.json:
        body = {"run": run, "answers": len(answers), "attachments": files}
        data("statement/1", body | {"counts_toward": toward.names(tags)})
        return
    given = sum(bool(answer) for answer in answers.values()) - files
    with_files = f" and {counted(files, 'attachment')}" if files else ""
    click.secho(f"Signed: {counted(given, 'answer')}{with_files}.", err=True, fg="green")
    click.echo(f"  record        ops evidence show {run}", err=True)
    for line in toward.lines(tags):
        click.echo(hung(line, 16, sys.stderr), err=True)
    if not tags:
        click.echo("  counts toward nothing yet: name items with --for FRAMEWORK:ITEM", err=True)
    if not book.name.startswith("journal/"):
        click.echo("  proof         your word; somebody who saw it makes it stronger:", err=True)
        click.echo(f"                ops journal witness --about {run}", err=True)
