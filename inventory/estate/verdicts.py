"""The verdicts on the estate: what is on the network and should not be, what should be and is not, what contradicts.

    UNAUTHORISED       only the network knows it, or the register says it may not connect
    UNREGISTERED       the directory or collected inventory knows it, the register does not
    GHOST-ALIVE        retired, disposed, lost or stolen, and yet there
    STATE-CONFLICT     in stock (or not delivered, or missing), and yet on the network
    MISSING            deployed, and nobody saw it for 45 days
    UNMANAGED          of a kind that belongs in the directory, on the network, not in the directory
    AD-ORPHAN          an enabled computer account of nothing in the register
    AD-STALE           a computer account without logon and password change for 60 days
    DUPLICATE          one serial number or UUID on two assets of the register
    IDENTITY-CONFLICT  one name, UUID or host key on machines that are not the same

Absence from a source counts only where that source looked; see ``coverage``. Rules for the whole estate are in
``contradictions`` and ``groups``; those for one machine are here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from inventory.estate.alone import Alone
from inventory.estate.case import Case, named
from inventory.estate.contradictions import contradictions
from inventory.estate.coverage import NAMES, Coverage
from inventory.estate.groups import grouped, randomised
from inventory.estate.joining import Cluster
from inventory.estate.networks import OPEN, Allowance, Network, Networks
from inventory.estate.scene import GONE, Scene, called, made_up, nobodys, port_of
from inventory.estate.sighting import NETWORK, SOURCES, Sighting, SourceRun, moment

NOT_OUT = ("planned", "ordered", "in_stock", "missing")  # states in which it should not answer either
MISSING_AFTER = timedelta(days=45)
STALE_AFTER = timedelta(days=60)
LOGON_LAG = timedelta(days=14)  # lastLogonTimestamp is up to this far behind (MS-ADA1, msDS-LogonTimeSyncInterval)
ON_NETWORKS = (
    *("laptop", "desktop", "server", "vm", "switch", "router", "access-point", "firewall", "printer"),
    *("phone", "tablet"),
)
IN_DIRECTORY = ("laptop", "desktop", "server", "vm")
Rule = Callable[[Scene, Cluster], Iterator[Case]]


def judge(
    clusters: Sequence[Cluster],
    runs: Iterable[SourceRun],
    at: datetime,
    networks: Networks,
    allowlist: Sequence[Allowance],
    *,
    without: Collection[str] = (),
    alone: Iterable[Alone] = (),
) -> Sequence[Case]:
    """All cases at a moment (UTC), worst first.

    ``runs`` should reach back 45 days, or MISSING can only be UNKNOWN. ``without`` names sources this firm does not
    have, such as ``directory``; to be absent there means nothing and is not held against anybody. ``alone`` are assets
    that would each be a cluster of nothing else, and share no value with any.
    """
    scene = Scene(clusters, Coverage(tuple(runs), at, frozenset(without)), networks, allowlist)
    found = [case for cluster in clusters for rule in rules(cluster.sources) for case in rule(scene, cluster)]
    found += [*never_seen(scene, alone), *contradictions(scene), *randomised(scene)]
    return sorted(grouped(found), key=lambda case: case.order)


@cache
def rules(sources: frozenset[str]) -> tuple[Rule, ...]:
    """Those that have something to say of what these sources know."""
    return tuple(
        rule
        for rule, (some, others, none) in RULES.items()
        if sources & some and sources & others and not sources & none
    )


def unauthorised(scene: Scene, cluster: Cluster) -> Iterator[Case]:
    """Only the network knows it. Randomised addresses are for ``groups``; what is no device is for nobody."""
    seen = scene.here(cluster, *NETWORK)
    if not seen or made_up(cluster) or nobodys(cluster):
        return
    severity, word, because = on_network(scene, cluster, seen)
    yield scene.case(
        "UNAUTHORISED",
        scene.subject(cluster),
        severity,
        word,
        because,
        seen=[one.source for one in seen],
        absent=("register", "directory") if severity != "info" else (),
        networks=_network(scene, seen),
        perhaps=cluster.perhaps,
    )


def on_network(scene: Scene, cluster: Cluster, seen: Sequence[Sighting]) -> tuple[str, str, str]:
    """Severity, word and reason for something unknown, by where it is and whether somebody allowed it."""
    who, address = called(cluster), seen[0].address
    if shared := _sharers(scene, cluster):
        return "info", "WARN", f"its address is shared by {' and '.join(shared[:3])}; it joins none of them"
    allowance = scene.allowance(cluster)
    if allowance and allowance.until >= scene.today:
        return "info", "PASS", f"allowed until {allowance.until} by {named(allowance.owner)} as {allowance.kind}"
    network = next(iter(_network(scene, seen)), None)
    if network is None:
        return "medium", "UNKNOWN", f"{who} answers at {named(address) or 'no address'}, in no network of sites.yaml"
    where = f"{network.purpose} network {named(network.called)}"
    if network.purpose in OPEN:
        return "info", "PASS", f"{who} is on the {where}, where strangers may be"
    if not any(one.key for each in seen for one in each.identities if one.kind == "mac"):
        return "high", "UNKNOWN", f"something answers at {named(address)} and its MAC was not seen; scan as root"
    ended = f"; its allowance ended {allowance.until}" if allowance else ""
    return "high", "FAIL", f"{who} is on the {where} at {named(address)} and nobody knows it{ended}"


def not_approved(scene: Scene, cluster: Cluster) -> Iterator[Case]:
    """Registered, and said not to be approved to connect (CIS Controls v8, 1.1), yet on one of our own networks."""
    if not all(one.facts.get("approved") == "no" for one in cluster.of("register")):
        return
    seen = scene.here(cluster, *NETWORK)
    found = _network(scene, seen)
    if found and found[0].purpose not in OPEN:
        because = f"{called(cluster)} is not approved to connect, and is on the {found[0].purpose} network"
        sources = ["register", *(one.source for one in seen)]
        yield scene.case("UNAUTHORISED", scene.subject(cluster), "high", "FAIL", because, seen=sources, networks=found)


def unregistered(scene: Scene, cluster: Cluster) -> Iterator[Case]:
    """The directory or collected inventory knows it, and the register does not."""
    where = " and ".join(_names(cluster.of("directory", "collected")))
    because = f"{called(cluster)} is known to {where}, and not in the register"
    yield _absent_from_register(scene, cluster, "UNREGISTERED", "high", because)


def ad_orphan(scene: Scene, cluster: Cluster) -> Iterator[Case]:
    """An enabled computer account, and nothing in the register that it is of."""
    if any(one.facts.get("enabled") == "yes" for one in cluster.of("directory")):
        because = f"the account {called(cluster)} is enabled, and the register has no such machine"
        yield _absent_from_register(scene, cluster, "AD-ORPHAN", "medium", because)


def _absent_from_register(scene: Scene, cluster: Cluster, verdict: str, severity: str, because: str) -> Case:
    """Where a hint leads to an asset, a person confirms first, so it warns and does not fail."""
    perhaps = [one for one in cluster.perhaps if one.startswith("register:")]
    hint = f"; perhaps it is {named(perhaps[0].partition(':')[2])}" if perhaps else ""
    return scene.case(
        verdict,
        scene.subject(cluster),
        severity,
        "WARN" if perhaps else "FAIL",
        because + hint,
        seen=sorted({one.source for one in cluster.sightings}),
        absent=("register",),
        perhaps=cluster.perhaps,
    )


def ghost_alive(scene: Scene, cluster: Cluster) -> Iterator[Case]:
    """Gone by the register, and there after that day. Without a day, only the wire is sure enough to fail."""
    for asset in cluster.of("register"):
        state = asset.facts.get("state", "")
        if state not in GONE:
            continue
        since = moment(asset.facts.get("state_since") or asset.facts.get("disposed_on", ""))
        seen = [one for one in scene.here(cluster) if since is None or (one.seen and one.seen >= since)]
        if not seen:
            continue
        sure = since is not None or any(one.source == "wire" for one in seen)
        where = port_or_address(seen)
        because = f"{named(asset.ref)} is {state} in the register, and {_names(seen)[0]} saw it{where}"
        yield scene.case(
            "GHOST-ALIVE",
            f"asset:{asset.ref}",
            "critical",
            "FAIL" if sure else "WARN",
            because if sure else f"{because}; when it became {state} is not known",
            seen=["register", *(one.source for one in seen)],
            networks=_network(scene, seen),
        )


def port_or_address(seen: Sequence[Sighting]) -> str:
    """Where the newest sighting that tells was: `` at sw1_Gi1/0/4``, else `` at 10.1.0.7``, else nothing."""
    places = [port_of(one) or one.address for one in seen]
    return next((f" at {named(place)}" for place in places if place), "")


def state_conflict(scene: Scene, cluster: Cluster) -> Iterator[Case]:
    """By the register nobody has it, and it is on the network."""
    for asset in cluster.of("register"):
        state = asset.facts.get("state", "")
        if state in NOT_OUT and (seen := scene.here(cluster, *NETWORK)):
            because = f"{named(asset.ref)} is {state} in the register, and on the network{port_or_address(seen)}"
            sources = ["register", *(one.source for one in seen)]
            about = f"asset:{asset.ref}"
            networks = _network(scene, seen)
            yield scene.case("STATE-CONFLICT", about, "high", "FAIL", because, seen=sources, networks=networks)


def missing(scene: Scene, cluster: Cluster) -> Iterator[Case]:
    """Deployed for 45 days, and no sign of life since. UNKNOWN until somebody has looked for 45 days."""
    limit = scene.at - MISSING_AFTER
    assets = [one for one in cluster.of("register") if _answers(one.facts.get("kind"), one.facts.get("state"))]
    if not assets or any(_held_after(one.facts.get("held_since"), limit) for one in assets):
        return
    if any(one.seen and one.seen >= limit for one in cluster.sightings):
        return
    last = max((sign for one in cluster.sightings if (sign := _life(one))), default=None)
    if last is None or last < limit:
        yield _unseen(scene, assets[0].ref, scene.places(cluster), last, cluster.perhaps)


def never_seen(scene: Scene, alone: Iterable[Alone]) -> Iterator[Case]:
    """The same of assets that nobody ever saw: by place, as all in one place are looked for in the same networks."""
    limit = scene.at - MISSING_AFTER
    found: dict[tuple[Network | None, str | None], list[str]] = defaultdict(list)
    for tag, kind, state, held_since, site, address in alone:
        if _answers(kind, state) and not _held_after(held_since, limit):
            network = scene.networks.network_of(address) if address else None
            found[network, None if network else site].append(tag)
    for (network, site), tags in found.items():
        places = (network,) if network else scene.places_of(site or "")
        first = _unseen(scene, tags[0], places)
        if first.word == "UNKNOWN" and len(tags) > 1:
            yield replace(first, members=tuple(f"asset:{tag}" for tag in tags))
        else:
            yield from (_unseen(scene, tag, places) for tag in tags)


def _unseen(
    scene: Scene, tag: str, places: Sequence[Network], last: datetime | None = None, perhaps: Sequence[str] = ()
) -> Case:
    """UNKNOWN where the network was not watched for so long, and a warning where a hint says it may be elsewhere."""
    case = scene.case(
        "MISSING",
        f"asset:{tag}",
        "medium",
        "WARN" if perhaps else "FAIL",
        f"{named(tag)} is deployed, and no source saw it {f'since {last:%Y-%m-%d}' if last else 'ever'}",
        seen=("register",),
        absent=("wire", "directory", "collected"),
        networks=places,
        perhaps=perhaps,
    )
    since = scene.coverage.watched_since("wire", case.networks)
    if "wire" in scene.coverage.without or since is None or since <= scene.at - MISSING_AFTER:
        return case
    short = f"the wire: watched only since {since:%Y-%m-%d}"
    return replace(case, word="UNKNOWN", not_looked_at=(*case.not_looked_at, short))


def _answers(kind: str | None, state: str | None) -> bool:
    return state == "deployed" and kind in ON_NETWORKS


def _held_after(since: str | None, limit: datetime) -> bool:
    read = moment(since or "")
    return read is not None and read > limit


def _life(sighting: Sighting) -> datetime | None:
    """The last moment something was certainly or possibly there; a logon stamp is taken with its lag."""
    if sighting.source != "directory":
        return sighting.seen
    logon, password = sighting.time("last_logon"), sighting.time("password_set")
    return max((time for time in (logon and logon + LOGON_LAG, password) if time), default=None)


def unmanaged(scene: Scene, cluster: Cluster) -> Iterator[Case]:
    """A machine that belongs in the directory, on the network, and not in the directory."""
    seen = scene.here(cluster, *NETWORK)
    if not seen or "directory" in scene.coverage.without or not _belongs(cluster):
        return
    if any(one.facts.get("state") in (*GONE, *NOT_OUT) for one in cluster.of("register")):
        return  # it is to be taken off the network, not to be enrolled
    hint = [one for one in cluster.perhaps if one.startswith("directory:")]
    yield scene.case(
        "UNMANAGED",
        scene.subject(cluster),
        "medium",
        "WARN" if hint else "FAIL",
        f"{called(cluster)} is on the network and has no computer account" + ("; a name hints at one" if hint else ""),
        seen=[one.source for one in seen],
        absent=("directory",),
        networks=_network(scene, seen),
        perhaps=cluster.perhaps,
    )


def _belongs(cluster: Cluster) -> bool:
    """The register's ``domain: yes`` or ``no`` decides; else what runs on it; else its kind."""
    said = {one.facts.get("domain") for one in cluster.of("register")} & {"yes", "no"}
    if said:
        return "yes" in said
    systems = [one.facts["os"].lower() for one in cluster.of("collected") if one.facts.get("os")]
    if systems:
        return any("windows" in system for system in systems)
    return any(one.facts.get("kind") in IN_DIRECTORY for one in cluster.of("register"))


def ad_stale(scene: Scene, cluster: Cluster) -> Iterator[Case]:
    """Neither logon nor password change for 60 days; a stamp that was not read is not an old one."""
    limit = scene.at - STALE_AFTER
    for one in cluster.of("directory"):
        ages = [_age(one, fact, limit) for fact in ("last_logon", "password_set")]
        if "young" in ages or ages == ["unread", "unread"]:
            continue
        word = "UNKNOWN" if "unread" in ages else "WARN"
        enabled = one.facts.get("enabled") != "no"
        because = f"{named(one.name)} has no logon and no password change for {STALE_AFTER.days} days"
        if word == "UNKNOWN":
            because = f"{named(one.name)}: one of its two stamps is old, the other could not be read"
        about = f"guid:{one.keys('guid')[0]}" if one.keys("guid") else f"account:{one.ref}"
        yield scene.case("AD-STALE", about, "medium" if enabled else "low", word, because, seen=("directory",))


def _age(account: Sighting, fact: str, limit: datetime) -> str:
    if account.facts.get(fact) == "never":
        return "old"
    time = account.time(fact)
    return "unread" if time is None else "old" if time < limit else "young"


def _sharers(scene: Scene, cluster: Cluster) -> list[str]:
    macs = cluster.keys("mac")
    found = {asset.ref for mac in macs for asset in scene.sharers.get(("MAC", mac), ())}
    return [named(tag) for tag in sorted(found)]


def _network(scene: Scene, seen: Sequence[Sighting]) -> list[Network]:
    found = (scene.networks.network_of(one.address) for one in seen)
    return list(dict.fromkeys(one for one in found if one))


def _names(sightings: Iterable[Sighting]) -> list[str]:
    return list(dict.fromkeys(NAMES[one.source] for one in sightings))


# Rule → sources of which one must know a machine, others of which one must too, and those of which none may.
REGISTER, DIRECTORY, WIRED, ANY = {"register"}, {"directory"}, {*NETWORK}, {*SOURCES}
RULES: Mapping[Rule, tuple[Set[str], Set[str], Set[str]]] = {
    unauthorised: (WIRED, ANY, ANY - WIRED),
    not_approved: (WIRED, REGISTER, set()),
    unregistered: ({"directory", "collected"}, ANY, REGISTER),
    ghost_alive: (REGISTER, ANY - REGISTER, set()),
    state_conflict: (REGISTER, WIRED, set()),
    missing: (REGISTER, ANY, set()),
    unmanaged: (WIRED, ANY, DIRECTORY),
    ad_orphan: (DIRECTORY, ANY, REGISTER),
    ad_stale: (DIRECTORY, ANY, set()),
}
