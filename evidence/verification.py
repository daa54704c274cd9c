"""Checking a whole ledger: every chain, every signed record, and that the two belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evidence.export import check_record
from evidence.ledger import Document, Ledger
from evidence.record import NAMESPACE, loose_ends
from evidence.roles import REVIEW, SIGNOFF, SUBMISSION
from evidence.sshsig import fingerprint
from evidence.sshverify import verify as check_signature
from ops.errors import EvidenceInvalid

OTHERS = (REVIEW, SIGNOFF, SUBMISSION)


HOW = "a folder that ops evidence export made; a bundle: python3 verify.py BUNDLE.zip; a submission: ops review import"


@dataclass(frozen=True)
class Verified:
    """``sizes`` maps chains to their events; ``faults`` are sentences, none if all holds."""

    sizes: Mapping[str, int]
    records: int
    faults: tuple[str, ...]


def verify(ledger: Ledger, known: Mapping[str, str]) -> Verified:
    """Walk everything. ``known`` maps key fingerprints to people, as for an export."""
    damage = [f"the file is damaged: {found}"] if (found := ledger.damage()) else []
    broken = [f"chain {one.chain} event {one.seq}: {one.problem}" for one in ledger.verify()]
    bad, records = {}, 0
    for one in ledger.each(NAMESPACE):
        records += 1
        checked = check_record(one.run, one.text.encode(), one.signature, known)
        if checked.verdict != "holds":
            bad[one.run] = checked.detail
    altered = [f"record {run}: {detail}" for run, detail in bad.items()]
    altered += [problem for kind in OTHERS for one in ledger.each(kind) if (problem := _unsigned(one))]
    sizes = {chain: ledger.head(chain).size for chain in ledger.chains()}
    return Verified(sizes, records, (*damage, *broken, *altered, *loose_ends(ledger, bad.keys())))


def _unsigned(one: Document) -> str:
    """What is wrong with the signature of a review, sign-off or submission; empty if nothing."""
    try:
        key = fingerprint(check_signature(one.signature, one.kind, one.text.encode()))
        body = one.body
        who = body.get("reviewer") or body.get("signer") or {"key": key}
        return "" if who["key"] == key else f"document {one.run}: it names another key than the one that signed it"
    except (EvidenceInvalid, ValueError, KeyError, TypeError) as error:
        return f"document {one.run}: {error}"
