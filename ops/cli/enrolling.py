"""Enrolling people's keys, and installing the signed file in everybody's workspace."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from evidence import signers
from evidence.enrolment import FILE, Card, Enrolled, SignersFile, card
from evidence.roles import SIGNERS
from evidence.sshsig import fingerprint
from evidence.sshverify import verify
from inventory.settings_file import set_once
from ops import regular_file
from ops.cli.site import Site
from ops.errors import EvidenceInvalid, EvidenceUnavailable, InvalidRequest, NotAuthorised, NotFound
from ops.private import keep_private

LEAD = "it_lead"


def own_card(site: Site, name: str = "") -> Card:
    """What this person hands to the IT lead; with a name, it is theirs from now on."""
    who = site.identity.called(site.workspace.state, name.strip()) if name.strip() else site.identity
    return Card(who.person, site.signer.public, who.name)


def as_lead(site: Site) -> SignersFile:
    """The file, once we are the IT lead here; raise ``NotAuthorised`` if somebody else is."""
    lead = site.workspace.settings[LEAD]
    if lead and lead != site.identity.fingerprint:
        raise NotAuthorised("only the IT lead enrols people", hint=f"the IT lead's key is {lead}")
    if not lead:
        _pin(site, site.identity.fingerprint)
        click.echo(f"  you are the IT lead here from now on: {LEAD} = {site.identity.fingerprint}", err=True)
    file = site.signers_file
    if file.text:
        file.signers(site.identity.fingerprint)
    return file


def _pin(site: Site, key: str) -> None:
    """Write down whose signature the list must bear."""
    try:
        set_once(site.workspace.folder, LEAD, key)
    except OSError as error:
        hint = "is there room, and are you allowed to write there?"
        raise EvidenceUnavailable(f"ops.toml cannot be written: {error.strerror}", hint=hint) from error


def enrol(site: Site, from_card: Path, role: str, first: str, last: str) -> Card:
    """Add a person by the card they handed over."""
    given = card(regular_file.text(from_card))
    as_lead(site).add(given, role, day(first, "--from"), day(last, "--until") if last else None, site.signer)
    return given


def day(text: str, option: str) -> date:
    """A day in ISO form, or today."""
    if text in ("", "today"):
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidRequest(f"{option} {text} is not a date", hint="write it like 2026-11-25") from None


def enrolled(file: SignersFile, wanted: str) -> Enrolled:
    """Somebody by id or by their whole name, as the list shows them; raise ``NotFound``, or if several are meant."""
    listed = file.listed()
    found = [one for one in listed if wanted == one.person]
    found = found or [one for one in listed if wanted and one.name.casefold() == wanted.casefold()]
    if not found:
        raise NotFound(f"nobody called {wanted or '…'} is enrolled", hint="ops signers list")
    if len({one.person for one in found}) > 1:
        ids = ", ".join(dict.fromkeys(one.person for one in found))
        raise InvalidRequest(f"{wanted} could be {ids}", hint="give the id")
    return found[0]


def install(site: Site, file: Path, lead: str) -> int:
    """Take over the file the IT lead handed out; return how many keys it enrols."""
    pinned = site.workspace.settings[LEAD] or lead
    if lead and pinned != lead:
        raise EvidenceInvalid(f"this workspace knows another IT lead: {pinned}", hint="ask whether that has changed")
    text, signature = regular_file.text(file), regular_file.text(file.with_name(f"{file.name}.sig"), "ascii")
    found = fingerprint(verify(signature, SIGNERS, text.encode()))
    if found != pinned:
        known = f"the IT lead's is {pinned}" if pinned else "nobody has said which is the IT lead's"
        raise EvidenceInvalid(
            f"it is signed by {found}; {known}", hint="compare it with the IT lead in person, then: --lead SHA256:…"
        )
    _not_older(site.signers_file.text, text)
    enrolled = signers.read(text).enrolments
    _pin(site, pinned)
    keep_private(site.workspace.folder / f"{FILE}.sig", signature)
    keep_private(site.workspace.folder / FILE, text)
    return len(enrolled)


def _not_older(held: str, given: str) -> None:
    """A file that leaves out keys we hold could be an old one that forgets a revocation."""
    have, new = ({one.public for one in signers.read(text).enrolments} for text in (held, given))
    if have - new:
        hint = "ask for the newest: keys are ended by a date, never taken out"
        raise EvidenceInvalid("it lacks keys that were enrolled before, so it is an old one", hint=hint)


def listed(site: Site) -> list[dict[str, Any]]:
    """Everybody enrolled, as rows."""
    _ = site.signers
    return [
        {
            "person": one.person,
            "role": one.role or "by hand",
            "name": one.name,
            "key": one.key,
            "from": "" if one.after == signers.ALWAYS else one.after.date().isoformat(),
            "until": "" if one.before == signers.NEVER else one.before.date().isoformat(),
        }
        for one in site.signers_file.listed()
    ]
