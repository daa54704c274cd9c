"""Whether this environment wants somebody else's signature under a plan, and whether it is there."""

from __future__ import annotations

from ops.approval import Policy, check
from ops.cli.site import Site
from ops.plan import Plan

APPROVERS = "approvers"


def policy(site: Site) -> Policy:
    """Who must approve what here."""
    return Policy(**site.workspace.environment.approve)


def must_be_approved(site: Site, plan: Plan, approval: str) -> str:
    """Return who approved, or an empty text if nobody must; raise ``NotAuthorised`` otherwise."""
    from evidence import signers

    wanted = policy(site)
    if not wanted.needed(plan):
        return ""
    path = site.workspace.folder / APPROVERS
    enrolled = signers.read(path.read_text(encoding="utf-8") if path.is_file() else "")
    return check(plan, wanted, approval, enrolled, site.identity.fingerprint)
