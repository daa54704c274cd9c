"""A record as a person reads it: words before codes, and what it does not prove."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from evidence.export import Checked
from evidence.record import NOT_STATED
from evidence.review import Judged, strength_with
from evidence.strength import RUNS
from ops.cli.site import Site
from ops.cli.terminal import counted, plain
from ops.errors import OpsError
from ops.finding import Verdict
from ops.plan import load

MOST = 30  # findings that are not well are shown
MACHINE = {
    "none": "no machine wrote any of it, as was said",
    "drafted": "a machine drafted words, as was said",
    "other": "a machine helped, as was said",
    NOT_STATED: "whether a machine wrote any of it is not stated",
}


def enrolled(site: Site) -> dict[str, str]:
    """Fingerprints this workspace knows: its own key, and those that were enrolled."""
    from evidence.enrolment import people

    return people(site.signers) | {site.identity.fingerprint: f"{site.identity.person} (you)"}


def record_lines(
    body: Mapping[str, Any], names: Mapping[str, Any], checked: Checked, stands: Judged | None = None
) -> Iterator[str]:
    """The record, line by line. ``names`` are the private values that still exist; ``stands`` is what was decided."""
    graded = strength_with(body, stands)
    yield f"record      {body['id']}  {plain(str(body['op'].get('title', '')))}"
    if body["kind"] in RUNS:
        yield f"ended       {body['outcome']['status']}, {body['outcome']['changed']} changes"
    else:
        yield f"ended       {counted(len(body['answers']), 'answer')} signed"
    took = f", {body['when']['duration_ms']} ms" if body["kind"] in RUNS else ""
    yield f"when        {body['when']['start']}{took}"
    if planted := body["env"].get("planted_faults"):
        yield f"practice    with planted faults: {', '.join(planted)}"
    yield f"where       {body['env']['class']} {plain(body['env']['id'])}, {_matched(body)}"
    if body["performer"].get("role") == "service":
        yield "counts for  nobody: a service account did this by date"
    yield f"who         {body['performer']['id']}, actor {body['performer']['session']['actor']}"
    if "approved_by" in body["op"]:
        yield f"approved    by key {body['op']['approved_by']}"
    for key in ("account", "ticket", "reason", "why"):
        if isinstance(names.get(key), str) and names[key]:
            yield f"{key:<11} {plain(names[key])}"
    yield from _stated(body, names)
    said = sentences(names)
    for step in body["steps"]:
        named = names.get(step["target"])
        who = named.get("name", step["target"]) if isinstance(named, Mapping) else step["target"]
        what = said.get(step["n"]) or f"{step['operation']} {', '.join(step.get('attributes', ()))}"
        yield f"  {step['result']:<12} {plain(str(who))} {plain(what)}"
    yield from _found(names)
    told = "the tool recorded" if body["kind"] in RUNS else "the apprentice states"
    yield f"proof       {told}: {graded.words}"
    yield from (f"            {why}" for why in graded.reasons[1:])
    yield from (f"            capped because {why}" for why in graded.caps)
    for tag in body["tags"]:
        yield f"counts for  {tag['framework']} {tag['item']} {plain(tag['label'])}"
        yield f"            ({tag['covers']}) it {plain(tag['rationale'])}"
    yield f"signature   {checked.verdict}: {plain(checked.detail)}"
    yield "not proved  who sat at the keyboard, and whether they understood it: that is your mentor's to judge"


def _found(names: Mapping[str, Any]) -> Iterator[str]:
    """What an audit found: all that is not well, the worst first, and how much is; nothing where it was erased."""
    told = names.get("findings")
    rows = [row for row in told if row[2] in Verdict.__members__] if isinstance(told, list) else []
    bad = sorted((row for row in rows if row[2] != "PASS"), key=lambda row: -Verdict[row[2]])
    for about, rule, verdict, because, *_ in bad[:MOST]:
        yield f"  {verdict:<12} {plain(about)}, {plain(rule)}: {plain(because)}"
    if bad[MOST:]:
        yield f"  {'':<12} and {len(bad) - MOST} more that are not well"
    if rows:
        yield f"  {'PASS':<12} {len(rows) - len(bad)} of {counted(len(rows), 'finding')}"


def _stated(body: Mapping[str, Any], names: Mapping[str, Any]) -> Iterator[str]:
    """What a person stated: each question with its answer, as far as it was not erased."""
    if "answers" not in body:
        return
    yield from (f"about       record {one['id']}" for one in body["refs"])
    who = {"apprentice": "", "witness": " (a witness)", "mentor": " (the one who asked)"}
    for answer in body["answers"]:
        name = answer["question"]
        yield f"asked       {plain(str(names.get(f'question_{name}', name)))}"
        said = str(names.get(f"answer_{name}", "(erased)"))
        media = f"  {answer['media']}, {answer['bytes']} bytes, {answer['sha256'][:12]}" if "sha256" in answer else ""
        yield f"  states    {plain(said)}{media}{who[answer['by']]}"
    told = body["help"]
    yield f"help        {_helped(told['assisted'], names)}; {MACHINE[told['ai_assist']]}"


def _helped(assisted: bool | str, names: Mapping[str, Any]) -> str:
    if assisted == NOT_STATED:
        return "who helped is not stated"
    return f"{plain(str(names.get('helped_by', 'somebody')))} helped" if assisted else "nobody helped, as was said"


def sentences(names: Mapping[str, Any]) -> dict[int, str]:
    """What each step did, as it was shown when it was planned; nothing once the names were erased."""
    with suppress(OpsError):
        return {n: item.change.sentence() for n, item in enumerate(load(str(names.get("plan", ""))).items)}
    return {}


def _matched(body: Mapping[str, Any]) -> str:
    return "measured by its certificate authority" if body["env"]["matched"] else "as the inventory says"
