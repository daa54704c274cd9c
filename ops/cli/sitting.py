"""A sitting: record after record on one screen, words first, decisions by single keys, one signature at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from evidence.event import now
from evidence.export import check_record
from evidence.ledger import Ledger
from evidence.padding import alike
from evidence.record import NAMESPACE
from evidence.review import CRITERIA, Decision, Judged, Question, all_judged, strength_with
from evidence.strength import RUNS, strength
from evidence.talking_points import questions
from ops.cli import mentoring
from ops.cli.covering import bodies
from ops.cli.judging import METHOD_OF, Waiting, sign, waiting
from ops.cli.mentoring import File
from ops.cli.reading import record_lines
from ops.cli.show import NAMES
from ops.cli.site import Site
from ops.cli.table import hung
from ops.cli.terminal import counted, plain

KEYS = "  a accept   r refer back   x reject   d discuss   i items   s skip   q stop"
TEMPLATES = {
    "1": "Say why you did it this way, and what you looked at before you went ahead.",
    "2": "The check does not show it yet: how could somebody else see that it worked?",
    "3": "Too little to judge by: write what you did step by step.",
    "4": "Names or secrets stand in it: take them out and hand it in again.",
    "5": "Done for you in part: do it once more on your own.",
}


@dataclass
class Sitting:
    """What was decided so far, and since when."""

    file: File
    started: str = field(default_factory=now)
    decisions: list[Decision] = field(default_factory=list)


def sit(site: Site, person: str) -> int:
    """Go through what waits of one person; return how many decisions were signed."""
    who = mentoring.reviewer(site)
    file = mentoring.file_of(site, person)
    with mentoring.held(file) as held:
        found = waiting(held, [one for one in all_judged(site.ledger) if one.apprentice == file.person])
        if not found:
            click.echo(f"nothing of {mentoring.name_of(site, file.person)} waits for a decision", err=True)
            return 0
        sitting = Sitting(file)
        for line in _opening(site, held, file, len(found), who.role):
            click.echo(line)
        for number, one in enumerate(found, 1):
            click.echo("\n" + click.style(f"{number} of {len(found)}", bold=True))
            for line in screen(held, one, {one.body["performer"]["key"]: file.person}):
                click.echo(hung(line, 12))
            if not _decide(sitting, one):
                break
    return _finish(site, sitting)


def _opening(site: Site, held: Ledger, file: File, number: int, role: str) -> Iterator[str]:
    name = mentoring.name_of(site, file.person)
    yield click.style(f"{counted(number, 'record')} of {plain(name)} to look at; you judge as {role}", bold=True)
    for one in alike(bodies(held)):
        yield f"  looks alike: “{plain(one.what)}” {one.number} times on {counted(one.days, 'day')}; counted once a day"


def screen(held: Ledger, one: Waiting, known: Mapping[str, str]) -> Iterator[str]:
    """One record for a mentor: what, in whose words, how far it is proved, what was said before, what to ask."""
    document = held.document(one.run, NAMESPACE)
    names = {name: value for event in held.run(one.run) for name, value in event.private.items()}
    if document is None:
        return
    checked = check_record(one.run, document.text.encode(), document.signature, known)
    yield f"in short    {in_short(one.body, one.decided, one.stands)}"
    yield from record_lines(one.body, names, checked, one.stands)
    if one.before:
        said = plain(one.before.feedback or "")
        yield f"next try    of {one.before.run}, referred back on {one.before.at[:10]}: {said}"
    for number, text in enumerate(questions(one.body), 1):
        yield f"ask {number}       {plain(text)}"


def in_short(body: Mapping[str, Any], decided: str = "", stands: Judged | None = None) -> str:
    """Words before codes: how far the machine can say it, what was decided, and where it was done."""
    graded = strength_with(body, stands)
    told = "the tool recorded" if body["kind"] in RUNS else "the apprentice states"
    looked = plain(decided) or "nobody has reviewed it"
    return f"{told}: {graded.words} · {looked} · {NAMES[body['env']['class']].lower()} network"


def read_again_in_words(body: Mapping[str, Any], again: Mapping[str, Any]) -> str:
    """What a second witness adds."""
    graded = strength(body, again)
    return f"{(*graded.reasons, *graded.caps)[-1]}: {graded.words}"


def _decide(sitting: Sitting, one: Waiting) -> bool:
    """Ask for one decision; False to stop here."""
    items = tuple(f"{tag['framework']}:{tag['item']}" for tag in one.body["tags"])
    method, asked = METHOD_OF.get(one.body["kind"], "desk"), list[Question]()
    while True:
        click.echo(click.style(KEYS, dim=True), err=True)
        key = key_pressed("arxdisq")
        if key == "q":
            return False
        if key == "s":
            return True
        if key == "d":
            method, asked = "discussion", _discuss(one)
        elif key == "i":
            items = _items(one, items)
        else:
            said = {"a": "accepted", "r": "referred-back", "x": "rejected"}[key]
            made = _made(one, said, items, method, asked)
            if made:
                sitting.decisions.append(made)
                click.secho(f"  {said}", err=True, fg="green" if key == "a" else "yellow")
                return True


def key_pressed(allowed: str) -> str:
    """One key of several; at a terminal without Enter."""
    while True:
        key = (click.getchar() if sys.stdin.isatty() else sys.stdin.read(1)).casefold()
        if key in ("\x03", "\x04", ""):
            raise click.Abort
        if key in allowed:
            return key


def _discuss(one: Waiting) -> list[Question]:
    """Questions of the record, put to the apprentice; what they answered, in short, and whether it was understood."""
    asked = []
    for text in questions(one.body):
        click.echo(hung(f"\n  {plain(text)}", 2, sys.stderr), err=True)
        answer = click.prompt("  answer in short (Enter: not asked)", default="", show_default=False, err=True)
        if answer:
            click.echo("  understood?  y yes   n no   ? hard to say", err=True)
            judged = {"y": "met", "n": "not met", "?": "not judged"}[key_pressed("yn?")]
            asked.append(Question(text, answer, judged))
    return asked


def _items(one: Waiting, items: Sequence[str]) -> tuple[str, ...]:
    from ops.cli.asking import chosen

    tags = one.body["tags"]
    lines = [f"{tag['framework']} {tag['item']}  {tag['label']}" for tag in tags]
    picked = chosen(lines, "For which of them does it count?")
    return tuple(f"{tags[n]['framework']}:{tags[n]['item']}" for n in picked) or tuple(items)


def _made(one: Waiting, said: str, items: tuple[str, ...], method: str, asked: Sequence[Question]) -> Decision | None:
    """The decision, with criteria and feedback; None to think again."""
    criteria, notes = _criteria() if said == "accepted" else ({}, [])
    if said == "accepted" and (unmet := [name for name, word in criteria.items() if word == "not met"]):
        click.secho(f"  it is not {', not '.join(unmet)}: refer it back, or judge again", err=True, fg="yellow")
        return None
    feedback = "; ".join(filter(None, [_feedback(required=said != "accepted"), *notes]))
    kept = items if said == "accepted" else ()
    return Decision(one.run, one.sha256, said, kept, method, criteria, feedback, tuple(asked))


def _criteria() -> tuple[dict[str, str], list[str]]:
    """Each criterion by one key, and notes on some of them."""
    click.echo("  y met   n not met   ? not judged   w write a note", err=True)
    found: dict[str, str] = {}
    notes: list[str] = []
    for name in CRITERIA:
        click.echo(f"  {name}? ", nl=False, err=True)
        while (key := key_pressed("yn?w")) == "w":
            if note := click.prompt("note", default="", show_default=False, err=True).strip():
                notes.append(f"{name}: {note}")
            click.echo(f"  {name}? ", nl=False, err=True)
        found[name] = {"y": "met", "n": "not met", "?": "not judged"}[key]
        click.echo(found[name], err=True)
    return found, notes


def _feedback(required: bool) -> str:
    for key, text in TEMPLATES.items() if required else ():
        click.echo(f"  {key}  {text}", err=True)
    while True:
        given = click.prompt("  feedback", default="", show_default=False, err=True).strip()
        if given or not required:
            return str(TEMPLATES.get(given, given))
        click.secho("  without it nobody learns from this", err=True, fg="yellow")


def _finish(site: Site, sitting: Sitting) -> int:
    """One signature for all of it."""
    if not sitting.decisions:
        click.echo("nothing was decided", err=True)
        return 0
    number = len(sitting.decisions)
    if not click.confirm(f"\nSign {counted(number, 'decision')}?", default=True, err=True):
        click.echo("not signed; nothing was decided", err=True)
        return 0
    sign(site, sitting.file, sitting.decisions, sitting.started)
    click.secho(f"Signed: {counted(number, 'decision')}.", err=True, fg="green")
    click.echo(f"  to hand them back: ops review return {sitting.file.person} -o FILE", err=True)
    return number
