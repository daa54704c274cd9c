"""Checking a whole ledger: every chain, every signed record, and that the two belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evidence.export import check_record
from evidence.ledger import Ledger
from evidence.record import NAMESPACE, loose_ends


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
    documents = ledger.documents(NAMESPACE)
    checked = [check_record(one.run, one.text.encode(), one.signature, known) for one in documents]
    bad = {one.run: one.detail for one in checked if one.verdict != "holds"}
    altered = [f"record {run}: {detail}" for run, detail in bad.items()]
    sizes = {chain: ledger.head(chain).size for chain in ledger.chains()}
    return Verified(sizes, len(documents), (*damage, *broken, *altered, *loose_ends(ledger, bad.keys())))
