"""Signing an item off: a mentor's word that it is done, with what it rests on. The only source of dates and initials.

One document an item, ``signoff/1``: the item and the version of its framework, the day, the initials, the reviews
it rests on, the policy with what it counted, and the reason where the policy was not met.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evidence.canonical import canonical
from evidence.event import Event, now
from evidence.ledger import Document, Ledger
from evidence.policy import Policy
from evidence.review import Reviewer
from evidence.roles import SIGNOFF
from evidence.shape import ITEM, KEY, PERSON, RUN, SHA256, TEXT, WORD, day, misfit_of_text, moment
from evidence.sshsig import Signer
from ops.errors import InvalidRequest, Refused

SCHEMA = "signoff/1"
INITIALS = re.compile(r"[^\W\d_]{1,4}")
SHAPE = {
    "schema": frozenset({SCHEMA}),
    "item": ITEM,
    "version": TEXT,
    "apprentice": PERSON,
    "date": day,
    "initials": INITIALS,
    "signer": {"id": PERSON, "key": KEY, "role": WORD},
    "rests_on": [{"run": RUN, "review": SHA256, "environment": WORD}],
    "policy": {"id": TEXT, "sha256": SHA256, "missing": [TEXT]},
    "outside_policy": TEXT,
    "at": moment,
}


@dataclass(frozen=True)
class Signed:
    """One sign-off as it was signed; ``outside_policy`` is the reason, where the policy was not met."""

    item: str
    version: str
    apprentice: str
    day: str
    initials: str
    signer: Reviewer
    reviews: tuple[str, ...]
    runs: tuple[str, ...]
    outside_policy: str
    environments: tuple[str, ...]
    document: str


def sign(  # noqa: PLR0913  each is a part of what is signed
    ledger: Ledger,
    signer: Signer,
    who: Reviewer,
    apprentice: str,
    item: str,
    version: str,
    initials: str,
    rests_on: Sequence[Mapping[str, str]],
    policy: Policy,
    missing: Sequence[str],
    because: str = "",
) -> Document:
    """Sign it; raise ``Refused`` where the policy is not met and no reason is given, and for one's own item."""
    if who.person == apprentice:
        raise Refused("nobody signs off their own item", hint="ask your mentor")
    if missing and not because.strip():
        hint = 'sign-off --because "…" says why it is enough all the same; that is printed: outside policy'
        raise Refused(f"the policy {policy.id} still wants: {'; '.join(missing)}", hint=hint)
    if not INITIALS.fullmatch(initials):
        raise InvalidRequest(f"{initials} are no initials", hint="one to four letters: --initials MK")
    at = now()
    body: dict[str, Any] = {
        "schema": SCHEMA,
        "item": item,
        "version": version,
        "apprentice": apprentice,
        "date": at[:10],
        "initials": initials,
        "signer": {"id": who.person, "key": who.key, "role": who.role},
        "rests_on": [dict(one) for one in rests_on],
        "policy": {"id": policy.id, "sha256": policy.sha256, "missing": list(missing)},
        "outside_policy": because.strip() if missing else "",
        "at": at,
    }
    text = canonical(body).decode()
    run = f"SO{document_id(text)}"
    document = Document(SIGNOFF, run, text, signer.sign(SIGNOFF, text.encode()))
    ledger.append(Event(run, "signed-off", at, {"document": document.sha256, "item": item}), documents=[document])
    return document


def document_id(text: str) -> str:
    """Six letters that name a document."""
    from evidence.canonical import digest

    return digest(text.encode())[:6].upper()


def signed(document: Document) -> Signed:
    """Read one."""
    body = document.body
    who = Reviewer(body["signer"]["id"], body["signer"]["key"], body["signer"]["role"])
    rests = body["rests_on"]
    return Signed(
        body["item"],
        body["version"],
        body["apprentice"],
        body["date"],
        body["initials"],
        who,
        tuple(one["review"] for one in rests),
        tuple(one["run"] for one in rests),
        body["outside_policy"],
        tuple(sorted({one["environment"] for one in rests})),
        document.sha256,
    )


def all_signed(ledger: Ledger) -> list[Signed]:
    """Every sign-off kept in a ledger, oldest first; a document that has not the shape of one signs nothing off."""
    return [signed(one) for one in ledger.documents(SIGNOFF) if not misfit_of_text(one.text, SHAPE)]
