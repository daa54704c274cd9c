"""What earlier runs measured, read from the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from evidence.ledger import Ledger
from ops.adapters.past import Named, Tried
from ops.cli.waiving import names_of
from ops.errors import OpsError
from ops.history import fold

MARK = '"sign_in"'  # stands in the text of an outcome that measured a sign-in


class Past:
    """The runs of this person on this device."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def tried(self, ref: str) -> Tried | None:
        """The newest trial of an account's sign-in."""
        found = [(run, text) for _, _, run, text in self._ledger.rows(self._ledger.chain) if MARK in text]
        for run, text in reversed(found):
            event = json.loads(text)
            proof = event["body"].get("proof", {})
            if "sign_in" in proof and self._subject(run, event["body"]["item"]) == ref:
                at = datetime.fromisoformat(event["at"])
                return Tried(run, at, proof["sign_in"], proof.get("password_version", 0))
        return None

    def found(self, audit: str) -> Iterator[Sequence[Named]]:
        """What each run of an audit found, the newest run first."""
        mark = f'"source":"{audit}"'
        runs = dict.fromkeys(run for _, _, run, text in self._ledger.rows(self._ledger.chain) if mark in text)
        for run in reversed(runs):
            for event in self._ledger.run(run):
                if event.kind == "audited" and "findings" in event.private:
                    yield [Named(row[1], names_of(row[-1], row[0])) for row in event.private["findings"]]

    def projection(self) -> Past:
        """What is past stays as it is, whatever is planned."""
        return self

    heir = rehearsal = projection

    def _subject(self, run: str, item: int) -> str:
        """Whom a change of a run was about; empty where names were erased."""
        try:
            history = fold(self._ledger.run(run))
        except OpsError:
            return ""
        subject = history.plan.items[item].change.subject
        return history.born.get(subject, subject)
