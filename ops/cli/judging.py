"""Decisions of a mentor: found, checked, signed in one sitting, and signing items off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence import review, signoff
from evidence.framework import find_item
from evidence.ledger import Document, Ledger
from evidence.record import NAMESPACE
from evidence.review import CRITERIA, Decision, Judged, all_judged, standing
from evidence.sampling import Habits, habits, sample
from ops.cli import mentoring
from ops.cli.covering import bodies, coverage
from ops.cli.mentoring import File
from ops.cli.site import Site
from ops.errors import Conflict, InvalidRequest, NotFound

LETTERS = {name[0]: name for name in CRITERIA}
METHOD_OF = {"witness": "witness", "discussion": "discussion"}


@dataclass(frozen=True)
class Waiting:
    """A record that waits for a decision; ``before`` is what was said of an earlier try of the same work.

    ``decided`` says in words what stands about it, where it was looked at again.
    """

    run: str
    body: Mapping[str, Any]
    sha256: str
    before: Judged | None
    decided: str = ""
    stands: Judged | None = None


def waiting(held: Ledger, decided: Sequence[Judged]) -> list[Waiting]:
    """Records that count toward something and were not decided about, oldest first."""
    stands = standing(decided)
    found = []
    for document in held.each(NAMESPACE):
        body = document.body
        if body["tags"] and document.run not in stands:
            found.append(Waiting(document.run, body, document.sha256, _earlier(body, stands.values(), held)))
    return found


def looked_at(site: Site, file: File, held: Ledger, document: Document) -> Waiting:
    """One record as a mentor looks at it, decided about or not."""
    stands = standing(one for one in all_judged(site.ledger) if one.apprentice == file.person)
    before, decided = _earlier(document.body, stands.values(), held), stands.get(document.run)
    return Waiting(document.run, document.body, document.sha256, before, _in_words(site, decided), decided)


def _in_words(site: Site, stands: Judged | None) -> str:
    if stands is None:
        return ""
    return f"{stands.decision} on {stands.at[:10]} by {mentoring.name_of(site, stands.reviewer.person)}"


def _earlier(body: Mapping[str, Any], stands: Iterable[Judged], held: Ledger) -> Judged | None:
    """The last try of the same work that was referred back before this record was made."""
    source = body["op"].get("source", "")
    for one in sorted(stands, key=lambda each: each.at, reverse=True):
        if one.decision != "referred-back" or one.at > body["when"]["start"]:
            continue
        before = held.document(one.run, NAMESPACE)
        if before and before.body["op"].get("source", "") == source:
            return one
    return None


def find(site: Site, run: str, person: str = "") -> tuple[File, Document]:
    """A record on file by its id or the beginning of it, whosever it is."""
    people = [mentoring.file_of(site, person).person] if person else mentoring.on_file(site)
    found = [pair for one in people for pair in _found(mentoring.file_of(site, one), run.upper())]
    if not found:
        raise NotFound(f"there is no record {run} on file", hint="ops review list")
    if len(found) > 1:
        raise InvalidRequest(f"{run} could be {', '.join(d.run for _, d in found[:4])}", hint="type more of it")
    return found[0]


def _found(file: File, wanted: str) -> list[tuple[File, Document]]:
    with mentoring.held(file) as held:
        ids = {row.run for row in held.runs() if row.run.startswith(wanted)}
        ids = {wanted} if wanted in ids else ids
        return [(file, document) for one in sorted(ids) if (document := held.document(one, NAMESPACE))]


def criteria_from(text: str) -> dict[str, str]:
    """``vacs-r``: each letter is a criterion that is met, one after a hyphen is not; the others are not judged."""
    found: dict[str, str] = {}
    letters = text.casefold().replace(" ", "").replace(",", "")
    while letters:
        unmet = letters.startswith("-")
        letter, letters = letters[unmet : unmet + 1], letters[unmet + 1 :]
        if letter not in LETTERS:
            hint = "letters of valid, authentic, current, sufficient, reliable; a hyphen before one that is not met"
            raise InvalidRequest(f"{letter or text} is no criterion", hint=hint)
        found[LETTERS[letter]] = "not met" if unmet else "met"
    return found


def decided(document: Document, given: Decision) -> Decision:
    """A decision completed from its record: the items it counts toward, if none were named."""
    from dataclasses import replace

    body = document.body
    items = given.items
    if given.decision == "accepted" and not items:
        items = tuple(f"{tag['framework']}:{tag['item']}" for tag in body["tags"])
    return replace(given, run=document.run, record=document.sha256, items=items)


def read_again(site: Site, file: File, document: Document) -> dict[str, Any]:
    """What we see of a record's results through our own account."""
    from ops.cli import rechecking

    with mentoring.held(file) as held:
        return rechecking.again(site, held, document)


def sign(site: Site, file: File, decisions: Sequence[Decision], started: str = "") -> Document:
    """Check and sign the decisions of one sitting about one person's records."""
    who = mentoring.reviewer(site)
    with mentoring.held(file) as held:
        for one in decisions:
            document = held.document(one.run, NAMESPACE)
            if document is None or document.sha256 != one.record:
                raise Conflict(f"record {one.run} is not the one that was looked at", hint="ops review next")
            review.check(one, document.body, who)
    return review.sign(site.ledger, site.signer, who, file.person, decisions, started)


def already(site: Site, file: File, made: Decision) -> str:
    """The sitting in which we decided the same about the same record; empty if that does not stand."""
    mine = [one for one in all_judged(site.ledger) if one.apprentice == file.person]
    stands = standing(mine).get(made.run)
    if stands is None or stands.reviewer.person != site.identity.person or stands.record != made.record:
        return ""
    said = (made.decision, set(made.items), made.method, made.feedback.strip())
    same = said == (stands.decision, set(stands.items), stands.method, (stands.feedback or "").strip())
    judged = all(stands.criteria.get(name) == word for name, word in made.criteria.items())
    return stands.sitting if same and judged and made.again in (None, stands.again) else ""


def withdraw(site: Site, run: str, person: str, why: str) -> Document:
    """Take back what we decided about a record; the earlier decision stays on file."""
    file, document = find(site, run, person)
    mine = [one for one in all_judged(site.ledger) if one.run == document.run and one.apprentice == file.person]
    if document.run not in standing(mine):
        raise NotFound(f"nothing stands about {document.run} that could be withdrawn", hint="ops review list")
    last = standing(mine)[document.run]
    gone = Decision(document.run, document.sha256, "withdrawn", feedback=why, withdraws=last.document)
    return sign(site, file, [gone])


def sign_off(site: Site, person: str, wanted: str, initials: str, because: str) -> tuple[Document, tuple[str, ...]]:
    """Sign an item off for a person; returns the document and what the policy still wanted."""
    from ops.cli.covering import chosen, policies

    who = mentoring.reviewer(site)
    file = mentoring.file_of(site, person)
    framework, item = find_item(chosen(site, ()), wanted)
    with mentoring.held(file) as held:
        made, stands = coverage(site, held, site.ledger, file.person, [framework.id])
        state = made.states[f"{framework.id}:{item.id}"]
        if state.signed:
            raise Conflict(f"{state.id} was signed off on {state.signed.day}", hint="ops portfolio status --of …")
        environments = {piece.run: piece.environment for piece in state.pieces}
        rests = [
            {"run": one.run, "review": stands[one.run].document, "environment": environments[one.run]}
            for one in state.accepted
        ]
    policy = policies(site, [framework])[framework.id]
    document = signoff.sign(
        site.ledger, site.signer, who, file.person, state.id, framework.version,
        initials or _initials(site), rests, policy, state.missing, because,
    )  # fmt: skip
    return document, state.missing


def _initials(site: Site) -> str:
    name = site.identity.name or "?"
    return "".join(word[0] for word in name.replace(".", " ").replace("-", " ").split() if word[0].isalpha())[
        :4
    ].upper()


def rows(site: Site) -> list[tuple[str, str, str, str, str]]:
    """What is on file, one row a record that waits or was decided about: person, run, day, what, decision."""
    judged = all_judged(site.ledger)
    return [row for person in mentoring.on_file(site) for row in _rows_of(site, person, judged)]


def _rows_of(site: Site, person: str, judged: Sequence[Judged]) -> Iterator[tuple[str, str, str, str, str]]:
    stands = standing(one for one in judged if one.apprentice == person)
    name = mentoring.name_of(site, person)
    with mentoring.held(mentoring.file_of(site, person)) as held:
        for body in bodies(held):
            said = stands[body["id"]].decision if body["id"] in stands else "waits"
            what = str(body["op"].get("title") or body["op"].get("source", ""))
            if body["tags"] or body["id"] in stands:
                yield name, body["id"], body["when"]["start"][:10], what, said


def sampled(site: Site, person: str, number: int) -> tuple[list[Judged], list[Habits]]:
    """Decisions drawn by the head of this chain, and everybody's habits."""
    decisions = all_judged(site.ledger)
    if person:
        wanted = mentoring.file_of(site, person).person
        decisions = [one for one in decisions if one.apprentice == wanted]
    if not decisions:
        raise NotFound("nothing was decided yet", hint="ops review next")
    return sample(decisions, number, site.ledger.head().hash), habits(decisions)


def habit_lines(found: Sequence[Habits]) -> list[str]:
    """How each reviewer works, in words."""
    return [
        f"{one.reviewer}: {one.decisions} decisions, {one.accepted:.0%} accepted, {_time(one.minutes)}, "
        f"asked or looked in {one.asked:.0%}" + "".join(f"; {remark}" for remark in one.remarks)
        for one in found
    ]


def _time(minutes: float) -> str:
    return f"{minutes:.1f} minutes a record" if minutes else "time not measured"


def write_page(path: Path, document: Document, lines: Sequence[str]) -> None:
    """One record as a page, for eyes that prefer one."""
    from evidence.papers import files
    from evidence.papers.blocks import Heading, Table

    title = str(document.body["op"].get("title") or document.run)
    rows = [(line[:12].strip(), line[12:].strip()) for line in lines]
    files.save(path, files.page([Heading(title, 1), Table(("", ""), rows, (1, 6))], title))
