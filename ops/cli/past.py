"""What earlier runs measured, read from the ledger."""

from __future__ import annotations

import json
from datetime import datetime

from evidence.ledger import Ledger
from ops.adapters.past import Tried
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

    def _subject(self, run: str, item: int) -> str:
        """Whom a change of a run was about; empty where names were erased."""
        try:
            history = fold(self._ledger.run(run))
        except OpsError:
            return ""
        subject = history.plan.items[item].change.subject
        return history.born.get(subject, subject)
