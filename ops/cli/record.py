"""Closing a run: its record is made, tagged, signed and kept."""

from __future__ import annotations

import getpass
import os
import secrets
from collections.abc import Sequence
from typing import Any

from evidence.anchors import vouched
from evidence.event import Event, now
from evidence.framework import Framework, Tag, load_frameworks
from evidence.record import NAMESPACE, Context, seal
from ops import __version__
from ops.cli.published import modified
from ops.cli.site import Site, own_frameworks
from ops.errors import OpsError
from ops.history import DONE

ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def new_run() -> str:
    """A run's id: short enough to read out, long enough never to meet its like."""
    return "".join(secrets.choice(ALPHABET) for _ in range(8))


def note_refusal(site: Site, run_id: str, source: str, error: OpsError) -> None:
    """A refused request is evidence too."""
    body = {"error": error.page, "exit_code": error.exit_code, "source": source}
    site.ledger.append(Event(run_id, "refused", now(), body, {"why": str(error)}))
    close(site, run_id)


def close(site: Site, run_id: str) -> None:
    """Fold the run's events into one signed record."""
    events = site.ledger.run(run_id)
    seal(site.ledger, run_id, site.signer, _context(site, events))


def worked(events: Sequence[Event]) -> set[str]:
    """The operations that changed something, with the playbook they came from; or the audit that was run."""
    done = {event.body["item"] for event in events if event.kind == "outcome" and event.body["result"] in DONE}
    names: set[str] = set()
    for event in events:
        if event.kind == "planned":
            names |= {step["operation"] for step in event.body["steps"] if step["n"] in done}
            names |= {event.body["source"]} if done else set()
        elif event.kind == "audited":
            names |= set(event.body["operations"])
    return names


def tagged(events: Sequence[Event]) -> tuple[Tag, ...]:
    """What a run counts toward: by rule what was done, by name what was stated."""
    stated = next((event.body for event in events if event.kind == "stated" and "for" in event.body), None)
    names = worked(events)
    if stated is not None:
        names |= {str(events[0].body["source"])}
    if not names:
        return ()
    wanted: list[str] = list(stated["for"]) if stated else []
    return tuple(tag for one in load_frameworks(own_frameworks()) for tag in _tags(one, names, wanted, stated is None))


def _tags(framework: Framework, names: set[str], wanted: Sequence[str], by_rule: bool) -> tuple[Tag, ...]:
    """A statement counts toward what its maker named; a run toward all its rules say."""
    named = [item for known, _, item in (one.partition(":") for one in wanted) if known == framework.id]
    return tuple(tag for tag in framework.tags(names, named) if by_rule or tag.item in named)


def _context(site: Site, events: Sequence[Event]) -> Context:
    environment = site.workspace.environment
    account, confirmed = actor(site)
    lead = site.workspace.settings["it_lead"]
    return Context(
        performer=site.identity.person,
        key=site.identity.fingerprint,
        os_user=getpass.getuser(),
        elevated=os.geteuid() == 0,
        account=account,
        actor_confirmed=confirmed,
        environment=environment.kind,
        environment_id=environment.name,
        anchors=environment.anchors,
        matched=anchors_match(site),
        tool_version=__version__,
        modified=modified(),
        signed=vouched(site.workspace.folder, environment.kind, environment.name, environment.anchors, lead),
        role=site.identity.role,
        planted=planted_faults(site),
        tags=tagged(events),
    )


def planted_faults(site: Site) -> tuple[str, ...]:
    """The faults planted on the practice network we are on; none on a real one."""
    if not (lab := site.workspace.environment.lab):
        return ()
    from inventory.lab import Lab
    from inventory.lab.fault import Faults
    from ops.cli.planted import desk_of

    return Faults(Lab(lab), desk_of(site)).planted()


def actor(site: Site) -> tuple[str, bool]:
    """The account the directory saw, and whether the directory itself said so."""
    for name, target in site.targets.items():
        if name in site.workspace.targets and site.workspace.targets[name].kind == "directory":
            return site.workspace.targets[name].account, target.domain.confirmed
    return "", False


def anchors_match(site: Site) -> bool:
    """Whether the environment is the one the inventory means: its certificate authority, checked in the handshake."""
    seen = {anchor for name in site.targets for anchor in getattr(site.targets[name], "anchors", ())}
    known = set(site.workspace.environment.anchors)
    hosts = {anchor for anchor in seen if anchor.startswith("SHA256:")}  # each was confirmed, or it had been refused
    return bool(seen) and seen <= known | hosts


def competencies(site: Site, run_id: str) -> list[dict[str, Any]]:
    """What the run's record counts toward."""
    document = site.ledger.document(run_id, NAMESPACE)
    tags: list[dict[str, Any]] = document.body["tags"] if document else []
    return tags
