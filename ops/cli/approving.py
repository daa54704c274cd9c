"""Whether this environment wants somebody else's signature under a plan, and whether it is there."""

from __future__ import annotations

from evidence.roles import role_of
from evidence.signers import Signers
from ops.approval import Policy, check
from ops.cli.site import Site
from ops.errors import InvalidRequest
from ops.plan import Plan
from ops.public import Approval

APPROVERS = "approvers"


def policy(site: Site) -> Policy:
    """Who must approve what here."""
    return Policy(**site.workspace.environment.approve)


def must_be_approved(site: Site, plan: Plan, approval: str) -> Approval | None:
    """Return who approved, or None if nobody must; raise ``NotAuthorised`` otherwise."""
    from evidence import signers

    wanted = policy(site)
    if not wanted.needed(plan):
        return None
    path = site.workspace.folder / APPROVERS
    try:
        enrolled = signers.read(path.read_text(encoding="utf-8") if path.is_file() else "")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path} cannot be read", hint="ops help workspace says what it holds") from error
    everybody = signers.Signers((*enrolled.enrolments, *site.signers.enrolments))
    return check(plan, _people(wanted, everybody), approval, everybody, site.identity.fingerprint)


def _people(wanted: Policy, enrolled: Signers) -> Policy:
    """The same policy with each role replaced by those who are enrolled in it."""

    def named(text: str) -> str:
        words = [word.strip() for word in text.split(",")]
        of_role = [one.person for one in enrolled.enrolments if role_of(one.namespaces) in words]
        return ",".join(dict.fromkeys([*words, *of_role]))

    return Policy(named(wanted.reversible), named(wanted.irreversible))
