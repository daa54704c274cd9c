"""Approval: who must sign a plan before it may be carried out, and whether they have.

An approval is an SSH signature over the plan's hash in the namespace ``journeyman-plan-v1``, beside the plan
file as ``<plan>.approval``; stock ``ssh-keygen -Y verify`` checks it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from evidence.signers import Signers
from evidence.sshsig import Signer, fingerprint
from evidence.sshverify import verify
from ops.errors import EvidenceInvalid, NotAuthorised
from ops.plan import Plan
from ops.public import Approval

NAMESPACE = "journeyman-plan-v1"
NOBODY = "nobody"


@dataclass(frozen=True)
class Policy:
    """Who must approve what in this environment: ``nobody`` or the names enrolled for approving."""

    reversible: str = NOBODY
    irreversible: str = NOBODY

    def needed(self, plan: Plan) -> str:
        """Who must approve this plan; empty if nobody must."""
        who = self.irreversible if plan.irreversible else self.reversible
        return "" if who == NOBODY else who


def approval_file(plan_file: Path) -> Path:
    """Where the approval of a plan file lies."""
    return plan_file.with_name(plan_file.name + ".approval")


def approve(plan: Plan, signer: Signer) -> str:
    """Sign a plan's hash."""
    return signer.sign(NAMESPACE, plan.hash.encode())


def check(plan: Plan, policy: Policy, approval: str, enrolled: Signers, performer_key: str) -> Approval | None:
    """Return who approved; raise ``NotAuthorised`` unless somebody enrolled, other than the performer, did."""
    who = policy.needed(plan)
    if not who:
        return None
    if not approval:
        raise NotAuthorised(
            f"this plan needs the approval of {who}",
            hint="save it with --save-plan plan.json, and have it signed: ops plan approve plan.json",
        )
    try:
        key = verify(approval, NAMESPACE, plan.hash.encode())
        person = enrolled.person(key, NAMESPACE, datetime.now(UTC))
    except EvidenceInvalid as error:
        raise NotAuthorised(f"the approval does not count: {error}", hint=f"it must come from {who}") from error
    if fingerprint(key) == performer_key:
        raise NotAuthorised("nobody approves a plan of their own", hint=f"ask {who}")
    if person not in [name.strip() for name in who.split(",")]:
        raise NotAuthorised(f"{person} signed it, and {who} must", hint=f"ask {who}: ops plan approve plan.json")
    return Approval(fingerprint(key), person, approval)


def required(asked: Mapping[str, bool], given: Mapping[str, str]) -> None:
    """Raise ``NotAuthorised`` if the environment wants a ticket or a reason that was not given."""
    if missing := [name for name, wanted in asked.items() if wanted and not given.get(name)]:
        options = " and ".join(f"--{name}" for name in missing)
        raise NotAuthorised(f"this environment wants {options}", hint=f"add {options}")
