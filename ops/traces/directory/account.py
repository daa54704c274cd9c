"""The account itself: still shut, still unused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

from ops.adapters.directory import DirectoryReader
from ops.adapters.directory_entry import moment
from ops.adapters.directory_names import inside
from ops.adapters.pages import Page
from ops.finding import Finding, Seen, Verdict
from ops.trace import trace

LAG = timedelta(days=14)  # lastLogonTimestamp may be so late (MS-ADA1 2.351)


@trace
def account(
    directory: DirectoryReader,
    page: Annotated[Page, "what the leavers' book says"],
) -> Iterator[Finding | Seen]:
    """Whether the account is still disabled, among the leavers, in no group, and was not used since."""
    user = directory.get(str(page["ref"]))
    if user is None:
        yield Finding(str(page["ref"]), str(page["name"]), "account", Verdict.PASS, "the account is gone")
    else:
        about = f"{user.name} ({user.logon_name})"
        leavers = directory.domain.places.get("leavers", "")
        checks = (
            ("account disabled", user.enabled, "it is enabled again", f"ops user cut-off --logon {user.logon_name}"),
            ("account put away", not inside(user.dn, leavers), "it is not among the leavers", "ops user offboard"),
            ("groups", bool(user.groups), f"it is in {len(user.groups)} groups", "ops user offboard"),
        )
        for rule, wrong, because, next_step in checks:
            verdict, said = (Verdict.FAIL, because) if wrong else (Verdict.PASS, "as it should be")
            yield Finding(user.ref, about, rule, verdict, said, next_step * wrong)
        used = moment(user.number("lastLogonTimestamp"))
        left = datetime.fromisoformat(str(page["left"])).replace(tzinfo=UTC) + timedelta(days=1)
        if used and used > left:
            because = f"signed in at {used:%Y-%m-%d %H:%M} UTC, after leaving"
            yield Finding(user.ref, about, "use", Verdict.FAIL, because, "find out how; ops user cut-off")
    yield Seen(1, "accounts", (f"sign-ins of the last {LAG.days} days, which one controller alone may know",))
