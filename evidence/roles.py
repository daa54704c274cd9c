"""Who may sign what: each role is a set of SSH signature namespaces in the enrolled keys (``allowed_signers``)."""

from __future__ import annotations

RECORD = "evidence-record-v1"
SUBMISSION = "evidence-submission-v1"
RETURN = "evidence-return-v1"
REVIEW = "evidence-review-v1"
SIGNOFF = "evidence-signoff-v1"
CHECKPOINT = "evidence-checkpoint-v1"
POLICY = "evidence-policy-v1"
SIGNERS = "evidence-signers-v1"
SAMPLE = "evidence-sample-v1"
ANCHORS = "evidence-anchors-v1"
PLAN = "journeyman-plan-v1"

ROLES: dict[str, tuple[str, ...]] = {
    "apprentice": (RECORD, SUBMISSION, CHECKPOINT),
    "mentor": (REVIEW, SIGNOFF, RETURN, CHECKPOINT, PLAN),
    "assessor": (REVIEW, SIGNOFF, RETURN, CHECKPOINT),
    "verifier": (SAMPLE, RETURN),
    "it-lead": (SIGNERS, POLICY, ANCHORS, PLAN),
    "service": (RECORD,),
}
PREFIX = "role-"  # a namespace nobody signs in, which says the role itself


def namespaces(role: str) -> tuple[str, ...]:
    """What stands in the ``namespaces`` option of a key of this role."""
    return (f"{PREFIX}{role}", *ROLES[role])


def role_of(names: tuple[str, ...]) -> str:
    """The role that namespaces say, or empty."""
    return next((name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)), "")
