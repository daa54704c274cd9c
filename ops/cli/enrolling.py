"""Enrolling people's keys, and installing the signed file in everybody's workspace."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from evidence import signers
from evidence.enrolment import FILE, Card, SignersFile, card
from evidence.roles import SIGNERS
from evidence.sshsig import fingerprint
from evidence.sshverify import verify
from inventory.settings_file import set_once
from ops.cli.site import Site
from ops.errors import EvidenceInvalid, InvalidRequest, NotAuthorised
from ops.private import write_private

LEAD = "it_lead"


def own_card(site: Site) -> Card:
    """What this person hands to the IT lead."""
    return Card(site.identity.person, site.signer.public, site.identity.name)


def as_lead(site: Site) -> SignersFile:
    """The file, once we are the IT lead here; raise ``NotAuthorised`` if somebody else is."""
    lead = site.workspace.settings[LEAD]
    if lead and lead != site.identity.fingerprint:
        raise NotAuthorised("only the IT lead enrols people", hint=f"the IT lead's key is {lead}")
    if not lead:
        set_once(site.workspace.folder, LEAD, site.identity.fingerprint)
        click.echo(f"  you are the IT lead here from now on: {LEAD} = {site.identity.fingerprint}", err=True)
    file = site.signers_file
    if file.text:
        file.signers(site.identity.fingerprint)
    return file


def enrol(site: Site, from_card: Path, role: str, first: str, last: str) -> Card:
    """Add a person by the card they handed over."""
    try:
        given = card(from_card.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{from_card} cannot be read", hint="ops signers card > CARD.txt makes one") from error
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


def install(site: Site, file: Path, lead: str) -> int:
    """Take over the file the IT lead handed out; return how many keys it enrols."""
    pinned = site.workspace.settings[LEAD] or lead
    if lead and pinned != lead:
        raise EvidenceInvalid(f"this workspace knows another IT lead: {pinned}", hint="ask whether that has changed")
    try:
        text = file.read_text(encoding="utf-8")
        signature = file.with_name(f"{file.name}.sig").read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{file} or its .sig cannot be read", hint="the IT lead hands out both") from error
    found = fingerprint(verify(signature, SIGNERS, text.encode()))
    if found != pinned:
        known = f"the IT lead's is {pinned}" if pinned else "nobody has said which is the IT lead's"
        raise EvidenceInvalid(
            f"it is signed by {found}; {known}", hint="compare it with the IT lead in person, then: --lead SHA256:…"
        )
    _not_older(site.signers_file.text, text)
    enrolled = signers.read(text).enrolments
    set_once(site.workspace.folder, LEAD, pinned)
    write_private(site.workspace.folder / f"{FILE}.sig", signature)
    write_private(site.workspace.folder / FILE, text)
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
