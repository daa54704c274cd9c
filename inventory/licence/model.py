"""The nouns of software licences, as facts of one day. Days are dates, spans are half-open: starts <= day < ends.

Terms follow ISO/IEC 19770-3 (entitlements). Money is whole minor units with an ISO 4217 currency. A holder is
``person:amy.ng`` or ``asset:LAP-7``. What makes no sense is refused when it is made, with ``InvalidRequest``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from ops.errors import InvalidRequest

CATEGORIES = ("licensed", "free", "open_source", "os", "component", "prohibited")
COUNTED = frozenset({"licensed", "prohibited"})  # the rest needs no licence of ours and drops out
METRICS = ("device", "named-user", "concurrent", "instance", "site", "enterprise", "core", "cal")
UNLIMITED = frozenset({"site", "enterprise"})  # no seat is ever the last one
DOWNGRADES = ("none", "n-1", "any")
STATES = ("draft", "active", "cancelled", "replaced")
UNKNOWN_RELEASE = -1  # installed, the product has releases, and the row does not say which
NO_RELEASE = -2  # needed without being installed, so that any release will do
ORG = "org"
LONGEST_DAYS = 3660  # of a notice or a term
MOST = 10**9  # units of one line
SITE = "site:"


@dataclass(frozen=True)
class Release:
    """One release of a product. ``rank`` orders releases of one product, newest highest."""

    version: str
    rank: int
    released_on: date | None = None
    support_ends_on: date | None = None


@dataclass(frozen=True)
class Product:
    """What a licence is bought for.

    ``category`` is one of ``CATEGORIES``; ``os`` is a system whose licence comes with the machine. ``suites`` are the
    products it is part of: beside one of them on an asset it counts as that suite. ``metric`` and ``params`` say how
    it is counted as long as no entitlement does.
    """

    id: str
    publisher: str
    name: str
    edition: str = ""
    category: str = "licensed"
    suites: tuple[str, ...] = ()
    releases: tuple[Release, ...] = ()
    metric: str = "device"
    params: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse words nobody knows, and two releases of one rank or version."""
        _one_of(self.category, CATEGORIES, f"{self.id}: category")
        _one_of(self.metric, METRICS, f"{self.id}: metric")
        for what in ({r.rank for r in self.releases}, {r.version for r in self.releases}):
            if len(what) < len(self.releases):
                raise InvalidRequest(f"{self.id}: two releases share a rank or a version", hint="give each its own")

    @cached_property
    def ranks(self) -> tuple[int, ...]:
        """Ranks of its releases, lowest first."""
        return tuple(sorted(release.rank for release in self.releases))

    def rank_of(self, version: str) -> int | None:
        """The rank of a release by its version, such as ``2021``."""
        return next((release.rank for release in self.releases if release.version == version), None)


@dataclass(frozen=True)
class Entitlement:
    """A right to use, as bought: one line of an order.

    ``qty`` packs of ``pack_size`` units (seats, or cores where the metric is core); ``unit_cost`` is of one pack for
    ``term_months``, or once when that is 0. ``ends`` None is perpetual. ``max_release_rank`` None is any release.
    ``proof`` is the sha256 of the document that proves it; a line without proof does not count.
    """

    id: str
    product: str
    metric: str
    qty: int
    starts: date
    pack_size: int = 1
    ends: date | None = None
    metric_params: Mapping[str, str] = field(default_factory=dict)
    maintenance_until: date | None = None
    max_release_rank: int | None = None
    downgrade: str = "none"
    second_use: bool = False
    scope: str = ORG
    unit_cost: int = 0
    currency: str = ""
    term_months: int = 0
    auto_renew: bool = False
    notice_days: int = 0
    po: str = ""
    invoice: str = ""
    proof: str = ""
    state: str = "active"

    def __post_init__(self) -> None:
        """Refuse a line that cannot be."""
        _one_of(self.metric, METRICS, f"{self.id}: metric")
        _one_of(self.downgrade, DOWNGRADES, f"{self.id}: downgrade")
        _one_of(self.state, STATES, f"{self.id}: state")
        _scope(self.scope, self.id)
        if self.qty < 0 or self.pack_size < 1 or self.unit_cost < 0 or self.notice_days < 0 or self.term_months < 0:
            hint = "quantity, cost, months and days are 0 or more, a pack holds 1 or more"
            raise InvalidRequest(f"{self.id}: a number is too small", hint=hint)
        if self.notice_days > LONGEST_DAYS or self.term_months > LONGEST_DAYS // 30 or self.units > MOST:
            raise InvalidRequest(f"{self.id}: a number is too large", hint="no notice or term is longer than ten years")
        if self.unit_cost and not self.currency:
            raise InvalidRequest(f"{self.id}: a cost without a currency", hint="write one, such as GBP")
        if self.ends is not None and self.ends <= self.starts:
            raise InvalidRequest(f"{self.id}: it ends before it starts", hint="the end is the first day without it")

    @property
    def units(self) -> int:
        """Packs times what is in one."""
        return self.qty * self.pack_size

    @property
    def notice_on(self) -> date | None:
        """The last day to give notice; None when it never ends."""
        return None if self.ends is None else self.ends - timedelta(days=self.notice_days)

    @property
    def seat_month(self) -> Fraction | None:
        """Exact cost of one unit for one month in minor units; None when it was paid once."""
        return Fraction(self.unit_cost, self.pack_size * self.term_months) if self.term_months else None


@dataclass(frozen=True)
class Allocation:
    """Seats of one entitlement given to one holder; ``ends`` None is open."""

    entitlement: str
    holder: str
    starts: date
    qty: int = 1
    ends: date | None = None
    why: str = ""

    def __post_init__(self) -> None:
        """Refuse a holder that is neither a person nor an asset, and less than one seat."""
        if not self.holder.startswith(("person:", "asset:")) or self.holder.endswith(":"):
            raise InvalidRequest(f"{self.holder} cannot hold a seat", hint="write person:amy.ng or asset:LAP-7")
        if self.qty < 1:
            raise InvalidRequest(f"{self.holder}: a seat is at least one", hint="end the allocation to take it back")
        if self.ends is not None and self.ends < self.starts:
            raise InvalidRequest(f"{self.holder}: the seat ends before it starts", hint="correct one of the two days")

    def open_on(self, day: date) -> bool:
        """Whether the seat is held on that day."""
        return self.starts <= day and (self.ends is None or day < self.ends)


@dataclass(frozen=True)
class OverAllocation:
    """Leave to give out more of one entitlement than is owned: how many more, by whom, until when."""

    entitlement: str
    qty: int
    approver: str
    expires: date

    def __post_init__(self) -> None:
        """Refuse one that nobody answers for."""
        if not self.approver.strip() or self.qty < 1:
            raise InvalidRequest(
                f"{self.entitlement}: an over-allocation names its approver and at least one seat",
                hint="write who approved it, how many seats and until when",
            )


class Installation(NamedTuple):
    """One row of an inventory, as it was found. ``last_used_status``: known, never, unsupported (cannot be seen)."""

    asset: str
    publisher: str
    name: str
    version: str = ""
    scope: str = "machine"
    user: str = ""
    last_used_at: date | None = None
    last_used_status: str = "unsupported"


@dataclass(frozen=True)
class Exemption:
    """A holder that needs no licence of a product (a build server, a trial), until a day; there is no open end."""

    product: str
    holder: str
    why: str
    approver: str
    expires: date

    def __post_init__(self) -> None:
        """Refuse one that nobody answers for, or that has no reason."""
        if not self.approver.strip() or not self.why.strip():
            hint = "write who approved it and why"
            raise InvalidRequest(f"{self.holder}: an exemption names its approver and its reason", hint=hint)


@dataclass(frozen=True, slots=True)
class Session:
    """One use of a concurrent licence; ``end`` None is still open."""

    start: datetime
    end: datetime | None = None
    site: str = ""


@dataclass(frozen=True)
class Usage:
    """Sessions measured in a window of time; no sessions in it is a measurement too."""

    window: tuple[datetime, datetime]
    sessions: tuple[Session, ...] = ()


@dataclass(frozen=True)
class Hardware:
    """What a host computes with. ``cpus`` are physical cores of each socket, never hyper-threads.

    A virtual machine has ``vcores`` and, where known, the ``host`` it runs on.
    """

    cpus: tuple[int, ...] = ()
    vcores: int = 0
    host: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """An asset as far as licences care. ``inventoried_on`` is the day its software was last read."""

    tag: str
    site: str = ""
    live: bool = True
    inventoried_on: date | None = None
    primary_user: str = ""
    portable: bool = False


@dataclass(frozen=True)
class Declared:
    """A count that no installation can show, such as CALs: who says so, and as of when."""

    qty: int
    source: str
    as_of: date


@dataclass(frozen=True)
class ListPrice:
    """What one pack of ``pack`` units would cost today, in minor units."""

    amount: int
    currency: str
    pack: int = 1


def site_of(scope: str) -> str:
    """The site that a scope names; empty for the whole organisation."""
    return scope[len(SITE) :] if scope.startswith(SITE) else ""


def _scope(scope: str, owner: str) -> None:
    if scope != ORG and not site_of(scope):
        raise InvalidRequest(f"{owner}: {scope} is no scope", hint="write org, or site: and its name")


def _one_of(word: str, known: tuple[str, ...], what: str) -> None:
    if word not in known:
        raise InvalidRequest(f"{what} {word} is not known", hint=f"there are: {', '.join(known)}")
