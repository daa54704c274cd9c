"""The report on access: who can sign in, who is in which group and role, and who left and still can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from inventory.report.appendix import Definition, Source
from inventory.report.chapter import Action, Chapter, assembled, light
from inventory.report.inputs import Account, Inputs
from inventory.report.parts import Chart, Column, Light, Table, Tile, Workbook
from inventory.report.things import few
from inventory.report.values import Counts

DORMANT = 90  # days without a sign-in
CHARTED = 15  # groups in the chart
MEANT = {"LEAVER": "FAIL", "DORMANT": "WARN", "OPEN": "PASS", "CLOSED": "PASS", "NOT KNOWN": "UNKNOWN"}
ACCOUNTS = (
    *(Column("Logon name", "id", 22), Column("Name", width=26), Column("Can sign in", width=11)),
    *(Column("Because", "note", 34), Column("Role", width=18), Column("Groups", "integer", 10)),
    *(Column("Privileged", width=13), Column("Last sign-in", "date"), Column("Left on", "date")),
    Column("Verdict", "verdict", meaning=MEANT),
)
MEMBERS = (
    *(Column("Group", width=34), Column("Logon name", "id", 22), Column("Name", width=28)),
    *(Column("Can sign in", width=13), Column("Left on", "date")),
)
GROUPS = (
    *(Column("Group", width=34), Column("Members", "integer", 12), Column("Can sign in", "integer", 13)),
    *(Column("Leavers", "integer", 12), Column("Share that can", "percent", 15, places=0, bar=True)),
)
CHART = (Column("Group", width=34), Column("Members", "integer", 12), Column("Can sign in", "integer", 13))


def workbook(inputs: Inputs) -> Workbook:
    """The whole report; without a directory it says so, and nothing in it looks well."""
    asked = inputs.accounts is not None
    scope = f"{len(inputs.accounts or ()):,} accounts of the directory" if asked else "No directory was asked"
    return assembled(inputs, "Access", scope, [_chapter(inputs)])


def expected(inputs: Inputs) -> Mapping[str, Counts]:
    """What the list that was given holds."""
    accounts = inputs.accounts or ()
    return {"accounts": Counts(len(accounts)), "memberships": Counts(sum(len(one.groups) for one in accounts))}


def verdict(inputs: Inputs, one: Account) -> str:
    """How one account stands: LEAVER beats DORMANT; what the directory did not tell is NOT KNOWN."""
    if one.can_sign_in is None:
        return "NOT KNOWN"
    if not one.can_sign_in:
        return "CLOSED"
    if _left(inputs, one) is not None:
        return "LEAVER"
    idle = bool(one.last_used) and (inputs.today - date.fromisoformat(one.last_used)).days > DORMANT
    return "DORMANT" if idle else "OPEN"


def _left(inputs: Inputs, one: Account) -> str | None:
    found = (inputs.left or {}).get(one.logon.casefold())
    return found if found is None or found[:10] <= inputs.today.isoformat() else None


def _chapter(inputs: Inputs) -> Chapter:
    accounts = sorted(inputs.accounts or (), key=lambda one: (one.logon.casefold(), one.logon))
    words = {one.logon: verdict(inputs, one) for one in accounts}
    groups = _groups(inputs, accounts)
    note = "" if inputs.accounts is not None else f"UNKNOWN: {inputs.unasked}."
    asked = inputs.accounts is not None
    return Chapter(
        [
            Table(
                "accounts", "Accounts", ACCOUNTS, [_account(inputs, one, words[one.logon]) for one in accounts], note
            ),
            Table("memberships", "Memberships", MEMBERS, list(_members(inputs, accounts)), note, note),
            Table("groups", "Groups", GROUPS, groups, note, note),
            Table("largest", "Largest groups", CHART, [row[:3] for row in groups[:CHARTED]], note, note),
        ],
        tiles=_tiles(accounts, words, asked),
        lights=list(_lights(inputs, accounts, words)),
        actions=[_action(one, words[one.logon]) for one in accounts if words[one.logon] in ("LEAVER", "DORMANT")],
        decisions=[f"Close {count} accounts of people who left." for count in [_count(words, "LEAVER")] if count],
        gaps=_gaps(inputs),
        charts=[_chart(groups)] if groups else [],
        definitions=list(_definitions()),
        sources=[_directory(inputs), _book(inputs)],
    )


def _tiles(accounts: Sequence[Account], words: Mapping[str, str], asked: bool) -> list[Tile]:
    opened = sum(one.can_sign_in is True for one in accounts)
    figures = {
        "Accounts": len(accounts),
        "Can sign in": opened,
        "Leavers who can": _count(words, "LEAVER"),
        "Privileged": sum(one.privileged for one in accounts),
        f"Not used for {DORMANT} days": _count(words, "DORMANT"),
        "Groups": len({group for one in accounts for group in one.groups}),
    }
    return [Tile(label, number if asked else None) for label, number in figures.items()]


def _count(words: Mapping[str, str], word: str) -> int:
    return sum(one == word for one in words.values())


def _lights(inputs: Inputs, accounts: Sequence[Account], words: Mapping[str, str]) -> Iterator[Light]:
    who = inputs.responsible
    if inputs.accounts is None:
        for what in ("Leavers cannot sign in", "Dormant accounts"):
            yield light(what, "UNKNOWN", f"{inputs.unasked[:1].upper()}{inputs.unasked[1:]}.", who)
        return
    leavers = [name for name, word in words.items() if word == "LEAVER"]
    unknown = _count(words, "NOT KNOWN")
    if leavers:
        said = f"{len(leavers)} who left can sign in: {few(leavers)}."
        yield light("Leavers cannot sign in", "FAIL", said, who)
    elif not inputs.left or unknown:
        said = "The leavers' book names nobody." if not inputs.left else f"Of {unknown} accounts it is not known."
        yield light("Leavers cannot sign in", "UNKNOWN", said, who)
    else:
        yield light("Leavers cannot sign in", "PASS", f"None of {len(inputs.left)} leavers can.", who)
    idle, seen = _count(words, "DORMANT"), sum(bool(one.last_used) for one in accounts)
    said = f"{idle} accounts can sign in and did not for {DORMANT} days; of {len(accounts) - seen} no sign-in is known."
    yield light("Dormant accounts", "WARN" if idle else "PASS" if seen == len(accounts) else "UNKNOWN", said, who)


def _account(inputs: Inputs, one: Account, word: str) -> Sequence[object]:
    can = {True: "yes", False: "no", None: "not known"}[one.can_sign_in]
    left = (_left(inputs, one) or "")[:10] or None
    privileged = "yes" if one.privileged else "no"
    return (
        *(one.logon, one.name, can, one.because, one.role, len(one.groups), privileged, one.last_used or None),
        *(left, word),
    )


def _members(inputs: Inputs, accounts: Sequence[Account]) -> Iterator[Sequence[object]]:
    pairs = sorted((group.casefold(), group, at) for at, one in enumerate(accounts) for group in one.groups)
    for _, group, at in pairs:
        one = accounts[at]
        can = {True: "yes", False: "no", None: "not known"}[one.can_sign_in]
        yield group, one.logon, one.name, can, (_left(inputs, one) or "")[:10] or None


def _groups(inputs: Inputs, accounts: Sequence[Account]) -> list[tuple[object, ...]]:
    found: dict[str, list[Account]] = defaultdict(list)
    for one in accounts:
        for group in one.groups:
            found[group].append(one)
    rows: list[tuple[object, ...]] = []
    for group, members in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        can = sum(one.can_sign_in is True for one in members)
        left = sum(_left(inputs, one) is not None for one in members)
        rows.append((group, len(members), can, left, Decimal(can) / len(members)))
    return rows


def _chart(groups: Sequence[Sequence[object]]) -> Chart:
    alt = "; ".join(f"{row[0]}: {row[1]} members, {row[2]} can sign in" for row in groups[:5])
    return Chart("bar", "The largest groups", alt, "largest", "Group", ("Members", "Can sign in"))


def _action(one: Account, word: str) -> Action:
    if word == "LEAVER":
        said = f"{one.logon} left and can sign in: ops user cut-off --logon {one.logon}."
        return Action("ACCESS", one.logon, said, "critical" if one.privileged else "high")
    said = f"{one.logon} can sign in and did not since {one.last_used}: ask its owner, or disable it."
    return Action("DORMANT", one.logon, said, "medium" if one.privileged else "low")


def _gaps(inputs: Inputs) -> list[str]:
    found = [f"Accounts and groups: {inputs.unasked}."] if inputs.accounts is None else []
    found += [] if inputs.left else ["Leavers: the leavers' book names nobody (ops user offboard writes it)."]
    return [*found, "Mail, VPN, web services and local accounts of hosts: not part of this report."]


def _directory(inputs: Inputs) -> Source:
    if inputs.accounts is None:
        return Source("Directory", None, reason=inputs.unasked)
    unknown = sum(one.can_sign_in is None for one in inputs.accounts)
    return Source("Directory", True, inputs.as_of, 0.0, failures=unknown, reason=f"{len(inputs.accounts)} accounts")


def _book(inputs: Inputs) -> Source:
    if not inputs.left:
        return Source("Leavers' book", None, reason="it names nobody")
    return Source("Leavers' book", True, inputs.as_of, 0.0, reason=f"{len(inputs.left)} people")


def _definitions() -> Iterator[Definition]:
    yield Definition("Can sign in", "The account lets its owner in.", "enabled, not locked, not expired", "directory")
    yield Definition("Leaver", "Somebody of the leavers' book whose last day has come, and whose account is open.",
                     "logon name in the book", "Accounts")  # fmt: skip
    yield Definition("Dormant", "An open account without a sign-in.",
                     f"last sign-in more than {DORMANT} days ago; the directory tells it up to 14 days late",
                     "lastLogonTimestamp")  # fmt: skip
    yield Definition("Privileged", "A member, directly or not, of a protected group.", "groups of the directory",
                     "directory")  # fmt: skip
