"""The apprentice's side: handing records in, taking decisions back, and what somebody else holds by now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from evidence import checkpoint, parcel, returned, submission
from evidence.enrolment import keys_of
from evidence.review import all_judged
from evidence.roles import CHECKPOINT, RETURN
from evidence.signoff import all_signed
from evidence.sshverify import verify
from ops.cli.mentoring import JUDGES, name_of, private_key
from ops.cli.site import Site
from ops.cli.stating import ATTACHMENTS
from ops.cli.terminal import counted, plain
from ops.errors import EvidenceInvalid, InvalidRequest, NotFound, OpsError
from ops.private import private_folder, write_private

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
    files = site.workspace.state / ATTACHMENTS
    return submission.write(path, site.ledger, files, site.signer, to, since)


def receive(site: Site, path: Path) -> returned.Received:
    """Take in what a mentor decided, and keep the checkpoint they cosigned."""
    with parcel.opened(path, RETURN, returned.SCHEMA) as given:
        secret = private_key(site, site.ask) if given.has(returned.TEXTS) else None
        got = returned.take_over(given, site.ledger, site.signers, secret)
    if got.checkpoint:
        _keep(site, got)
    return got


def _keep(site: Site, got: returned.Received) -> None:
    public = verify(got.checkpoint_signature, CHECKPOINT, got.checkpoint.encode())
    if site.signers.person(public, CHECKPOINT, datetime.now(UTC)) == site.identity.person:
        raise EvidenceInvalid("its checkpoint is signed by yourself, which shows nothing", hint="ask your mentor")
    folder = private_folder(site.workspace.state / FOLDER)
    write_private(folder / f"{got.mentor}.txt.sig", got.checkpoint_signature)
    write_private(folder / f"{got.mentor}.txt", got.checkpoint)


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
    yield f"{file}: {counted(made.records, 'record')}, {counted(made.end - made.first, 'event')}"
    if to.keys:
        with_files = f" and {counted(made.attachments, 'attachment')}" if made.attachments else ""
        yield f"  names{with_files} are encrypted to {to.person}; nobody else can read them"
    else:
        yield "  without names, tickets, answers and attachments: only pseudonyms leave"
    yield f"  your mentor takes it in with: ops review import {file.name}"


def received_lines(site: Site, got: returned.Received) -> Iterator[str]:
    """What a mentor decided, the newest last, in words."""
    who = name_of(site, got.mentor)
    new = f"{counted(got.reviews, 'review')} and {counted(got.signoffs, 'sign-off')}"
    yield f"from {plain(who)}: {new if got.reviews or got.signoffs else 'nothing new'}"
    decisions = [one for one in all_judged(site.ledger) if one.reviewer.person == got.mentor]
    latest = {one.sitting for one in decisions[-1:]} if got.reviews else set()
    for one in decisions:
        if one.sitting in latest:
            yield f"  {one.run}  {one.decision}{f': {plain(one.feedback)}' if one.feedback else ''}"
    for each in all_signed(site.ledger)[-got.signoffs :] if got.signoffs else ():
        yield f"  {each.item}  signed off {each.day} by {each.initials}"
    yield f"  vouched for: your first {held_elsewhere(site)} events; what next: ops portfolio next"
