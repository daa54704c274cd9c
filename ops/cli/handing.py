"""The apprentice's side: handing records in, taking decisions back, and what somebody else holds by now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from evidence import checkpoint, returned, submission
from evidence.enrolment import keys_of
from evidence.review import Judged, all_judged, judged, texts_in
from evidence.roles import CHECKPOINT
from evidence.signoff import all_signed, signed
from evidence.sshverify import verify
from ops.cli.mentoring import JUDGES, name_of, private_key
from ops.cli.site import Site
from ops.cli.stating import ATTACHMENTS
from ops.cli.terminal import counted, plain
from ops.errors import EvidenceInvalid, InvalidRequest, NotFound, OpsError
from ops.private import keep_private, one_at_a_time, private_folder

FOLDER = "checkpoints"


def recipient(site: Site, to: str, without_names: bool) -> submission.Recipient:
    """Who a submission is for: the one that was named, or the only mentor there is."""
    if without_names:
        return submission.Recipient()
    listed = [one for one in site.signers_file.listed() if one.role in JUDGES]
    people = list(dict.fromkeys(one.person for one in listed if one.person != site.identity.person))
    named = [one.person for one in listed if to and (one.person.startswith(to) or one.name.casefold() == to.casefold())]
    if to and not named:
        raise NotFound(f"no mentor called {to} is enrolled", hint="ops signers list")
    chosen = list(dict.fromkeys(named)) if to else people
    if not chosen:
        hint = "ops signers install takes the list from your IT lead; --without-names leaves the private part out"
        raise InvalidRequest("no mentor is enrolled here to encrypt it to", hint=hint)
    if len(chosen) > 1:
        raise InvalidRequest(f"there are several mentors: {', '.join(chosen)}", hint="say which: --to")
    keys = [key.public for role in JUDGES for key in keys_of(site.signers, chosen[0], role)]
    if not keys:
        raise EvidenceInvalid(f"no key of {chosen[0]} counts today", hint="ask the IT lead for the newest list")
    return submission.Recipient(chosen[0], tuple(dict.fromkeys(keys)))


def submit(site: Site, path: Path, to: submission.Recipient, since: int | None) -> submission.Submitted:
    """Hand in what is new."""
    files, signer = site.workspace.state / ATTACHMENTS, site.signer
    with one_at_a_time(private_folder(site.workspace.state)):
        return submission.write(path, site.ledger, files, signer, to, since)


def receive(site: Site, path: Path) -> returned.Received:
    """Take in what a mentor decided, and keep the checkpoint they cosigned."""
    with returned.opened(path) as given:
        secret = private_key(site, site.ask) if given.has(returned.TEXTS) else None
        with one_at_a_time(private_folder(site.workspace.state)):
            got = returned.take_over(given, site.ledger, site.signers, secret)
            if got.checkpoint:
                folder = private_folder(site.workspace.state / FOLDER)
                keep_private(folder / f"{got.mentor}.txt.sig", got.checkpoint_signature)
                keep_private(folder / f"{got.mentor}.txt", got.checkpoint)
    return got


def cosigned(site: Site) -> dict[str, str]:
    """Mentor → the checkpoint they cosigned, each with a signature that holds."""
    found = {}
    for path in sorted((site.workspace.state / FOLDER).glob("*.txt")):
        with suppress(OpsError, OSError, UnicodeDecodeError):
            text = path.read_text(encoding="ascii")
            verify(path.with_name(f"{path.name}.sig").read_text(encoding="ascii"), CHECKPOINT, text.encode())
            found[path.stem] = text
    return found


def held_elsewhere(site: Site) -> int:
    """Up to which event of our chain somebody else vouches for it."""
    points = [checkpoint.read(text).get(site.identity.chain) for text in cosigned(site).values()]
    return max((head.size for head in points if head), default=0)


def submitted_lines(file: Path, made: submission.Submitted, to: submission.Recipient) -> Iterator[str]:
    """What was handed in, for a person."""
    yield f"{plain(str(file))}: {counted(made.records, 'record')}, {counted(made.end - made.first, 'event')}"
    if to.keys:
        with_files = f" and {counted(made.attachments, 'attachment')}" if made.attachments else ""
        yield f"  names{with_files} are encrypted to {to.person}; nobody else can read them"
    else:
        yield "  without names, tickets, answers and attachments: only pseudonyms leave"
    yield f"  your mentor takes it in with: ops review import {plain(file.name)}"


def received_lines(site: Site, got: returned.Received) -> Iterator[str]:
    """All that a mentor decided and that is new, in words, the newest last."""
    who = name_of(site, got.mentor)
    new = f"{counted(len(got.reviews), 'review')} and {counted(len(got.signoffs), 'sign-off')}"
    yield f"from {plain(who)}: {new if got.reviews or got.signoffs else 'nothing new'}"
    for one in judged(got.reviews, texts_in(site.ledger)):
        yield f"  {one.run}  {one.decision}{said(one)}"
    for each in map(signed, got.signoffs):
        yield f"  {each.item}  signed off {each.day} by {each.initials}"
    yield f"  vouched for: your first {held_elsewhere(site)} events; what next: ops portfolio next"


def said(one: Judged) -> str:
    """The feedback of a decision, as far as we may read it."""
    if one.feedback is None:
        return ": (feedback that is not here)"
    return f": {plain(one.feedback)}" if one.feedback else ""


def about(site: Site) -> list[Judged]:
    """What was decided about our own records, oldest first."""
    return [one for one in all_judged(site.ledger) if one.apprentice == site.identity.person]


def decided_lines(site: Site, run: str) -> Iterator[str]:
    """What was decided about one of our records, with the feedback, and what rests on it."""
    for one in about(site):
        if one.run == run:
            yield f"decided     {one.at[:10]} {one.decision} by {plain(name_of(site, one.reviewer.person))}{said(one)}"
    for each in all_signed(site.ledger):
        if run in each.runs and each.apprentice == site.identity.person:
            yield f"signed off  {each.day} {each.item} by {each.initials}"
