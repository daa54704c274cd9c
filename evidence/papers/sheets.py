"""One paper for each framework, as its college or sponsor knows it. Dates and initials come from sign-offs alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from evidence.coverage import ItemState
from evidence.papers.blocks import Block, Heading, Table, Text
from evidence.papers.dossier import NOT_PROVED, Dossier

MADE = "Made from signed records on {made}. Empty cells mean: not signed off."
SUGGESTED_HOURS = 144  # a year of related instruction, 29 CFR 29.5


def _head(dossier: Dossier, title: str, framework: str) -> Iterator[Block]:
    found = dossier.framework(framework)
    yield Heading(title, 1)
    yield Text(f"{found.title}, {found.edition}. Source: {found.source_title}.")
    yield Text(f"Apprentice: {dossier.person}. {MADE.format(made=dossier.made[:10])}")
    held = f"Evidence up to checkpoint {dossier.mark}, signed by somebody else." if dossier.mark else ""
    yield Text(held or "Nobody else has signed how far this evidence goes yet.", small=True)


def _foot(dossier: Dossier, framework: str) -> Iterator[Block]:
    signers = {one.signer.person: one.initials for one in dossier.signed if one.item.startswith(f"{framework}:")}
    if signers:
        yield Heading("Initials")
        rows = [(initials, dossier.called(person)) for person, initials in signers.items()]
        yield Table(("Initials", "Signed by"), rows, (1, 4))
    outside = [one for one in dossier.signed if one.outside_policy and one.item.startswith(f"{framework}:")]
    if outside:
        yield Heading("Signed off outside policy")
        yield Table(("Item", "Reason given"), [(one.item, one.outside_policy) for one in outside], (1, 3))
    yield Heading("What this does not prove")
    yield from (Text(f"– {line}", small=True) for line in NOT_PROVED)


def _signed(dossier: Dossier, state: ItemState | None) -> tuple[str, str, str]:
    """Date, initials and checkpoint of one item; where only practice counts, that is said."""
    if state is None or state.signed is None:
        return "", "", ""
    only_lab = state.signed.environments == ("LAB",)
    outside = " *" if state.signed.outside_policy else ""
    return f"{state.signed.day}{' (lab)' if only_lab else ''}", state.signed.initials + outside, dossier.mark


def schedule(dossier: Dossier) -> list[Block]:
    """The work process schedule of RAPIDS: each competency with date completed and initials; related instruction."""
    framework = dossier.framework("rapids-1059cb")
    blocks = list(_head(dossier, "Work process schedule", framework.id))
    for unit in framework.units:
        blocks.append(Heading(f"{unit.id}. {unit.label}"))
        rows = [(item.id, item.label, *_signed(dossier, dossier.state(framework.id, item.id))) for item in unit.items]
        blocks.append(
            Table(("No.", "Competency", "Date completed", "Initials", "Checkpoint"), rows, (1, 6.6, 2.2, 1.4, 2.6))
        )
    blocks.append(Heading("Related instruction"))
    blocks.append(_instruction(dossier))
    return [*blocks, *_foot(dossier, framework.id)]


def _instruction(dossier: Dossier) -> Table | Text:
    rows, minutes = [], 0
    for line, told in dossier.of_kind("cpd", "timesheet"):
        took = int(told.get("minutes", "0") or 0)
        minutes += took
        what = told.get("what", "(not told here)")
        rows.append(
            (told.get("on", line.day), what, told.get("provider", ""), f"{took / 60:.1f}", dossier.review(line.run))
        )
    rows.append(("", f"Total of {SUGGESTED_HOURS} suggested a year", "", f"{minutes / 60:.1f}", ""))
    return Table(("Day", "Course or training", "Provider", "Hours", "Reviewed"), rows, (1.9, 3.8, 2, 1, 2.8))


def completion(dossier: Dossier) -> list[Block]:
    """The completion sheet of the Scottish apprenticeship: six situations and one more, and meta-skills compared."""
    framework = dossier.framework("sds-ta-its-8")
    blocks = list(_head(dossier, "Completion sheet", framework.id))
    done = {unit.id: _unit_done(dossier, framework.id, [item.id for item in unit.items]) for unit in framework.units}
    mandatory = [unit for unit in framework.units if not unit.optional]
    optional = [unit for unit in framework.units if unit.optional]
    m, o = (sum(done[unit.id][0] == done[unit.id][1] for unit in some) for some in (mandatory, optional))
    wanted = f"{m} of {len(mandatory)} mandatory and {o} of at least {framework.at_least_optional} optional situations"
    blocks.append(Text(f"Complete: {wanted}."))
    rows = [
        (unit.id, unit.label, "optional" if unit.optional else "mandatory", f"{done[unit.id][0]} of {done[unit.id][1]}")
        for unit in framework.units
    ]
    blocks.append(Table(("No.", "Work situation", "", "Signed off"), rows, (1, 6, 2, 2)))
    for unit in framework.units:
        blocks.append(Heading(f"{unit.id}  {unit.label}"))
        items = [
            (item.id, item.label, *_signed(dossier, dossier.state(framework.id, item.id))[:2]) for item in unit.items
        ]
        blocks.append(Table(("No.", "Requirement or knowledge", "Date", "Initials"), items, (1.4, 7, 2.2, 1.4)))
    blocks += _meta_skills(dossier, framework.meta_skills)
    return [*blocks, *_foot(dossier, framework.id)]


def _unit_done(dossier: Dossier, framework: str, items: list[str]) -> tuple[int, int]:
    states = [dossier.state(framework, item) for item in items]
    return sum(bool(state and state.signed) for state in states), len(states)


def _meta_skills(dossier: Dossier, skills: Mapping[str, str]) -> Iterator[Block]:
    """Ratings by oneself, the first beside the last."""
    rated = [
        (line.day, told) for line, told in dossier.of_kind("statement") if all(_key(one) in told for one in skills)
    ]
    yield Heading("Meta-skills, rated by oneself")
    if not rated:
        yield Text("Not rated yet: ops journal meta-skills.", small=True)
        return
    (first, before), (last, after) = rated[0], rated[-1]
    rows = [
        (label, before[_key(one)], after[_key(one)], _grown(before[_key(one)], after[_key(one)]))
        for one, label in skills.items()
    ]
    yield Table(("Meta-skill", first, last, "Change"), rows, (5, 2, 2, 2))


def _key(skill: str) -> str:
    return skill.replace("-", "_")


def _grown(before: str, after: str) -> str:
    change = int(after) - int(before)
    return f"{change:+d}" if change else "–"


def profile(dossier: Dossier) -> list[Block]:
    """The IT in Education profile: per area and level how much is signed off, then every standard."""
    framework = dossier.framework("itied-1.2")
    blocks = list(_head(dossier, "Profile by level", framework.id))
    rows = [
        (unit.label, *(_of_level(dossier, framework.id, unit.items, level) for level in framework.levels))
        for unit in framework.units
    ]
    blocks.append(Table(("Area", *(f"Level {level}" for level in framework.levels)), rows, (5, 1.5, 1.5, 1.5, 1.5)))
    for unit in framework.units:
        blocks.append(Heading(unit.label))
        items = [
            (item.id, item.level, item.label, *_signed(dossier, dossier.state(framework.id, item.id))[:2])
            for item in unit.items
        ]
        blocks.append(Table(("No.", "Level", "Standard", "Date", "Initials"), items, (2.2, 1, 6, 2, 1.3)))
    return [*blocks, *_foot(dossier, framework.id)]


def _of_level(dossier: Dossier, framework: str, items: object, level: str) -> str:
    of_level = [item for item in items if item.level == level]  # type: ignore[attr-defined]
    states = [dossier.state(framework, item.id) for item in of_level]
    return f"{sum(bool(state and state.signed) for state in states)} of {len(of_level)}" if of_level else "–"


def training_plan(dossier: Dossier) -> list[Block]:
    """The PIPELINE training plan: each competency with course, description, provider and date."""
    framework = dossier.framework("pipeline-its")
    blocks = list(_head(dossier, "Training plan", framework.id))
    for unit in framework.units:
        blocks.append(Heading(unit.label))
        rows = []
        for item in unit.items:
            state = dossier.state(framework.id, item.id)
            day, initials, _ = _signed(dossier, state)
            runs = [piece for piece in state.pieces if piece.run in dossier.stands] if state else []
            told = next((dossier.told.get(one.run, {}) for one in runs if one.kind == "cpd"), {})
            course = told.get("what") or "; ".join(dict.fromkeys(one.what for one in runs))
            rows.append(
                (
                    item.label,
                    course,
                    told.get("learned", ""),
                    told.get("provider", "on the job" if runs else ""),
                    f"{day} {initials}".strip(),
                )
            )
        head = ("Competency", "Course or work", "Description", "Provider", "Completed")
        blocks.append(Table(head, rows, (4, 2.8, 2.8, 2, 2.2)))
    return [*blocks, *_foot(dossier, framework.id)]


def match(dossier: Dossier) -> list[Block]:
    """How evidence meets a job description; no apprenticeship, and nothing of health, schooling or records."""
    framework = dossier.framework("scoe-itst")
    blocks = list(_head(dossier, "Match with a job description", framework.id))
    left = "; ".join(part.because for part in framework.left_out)
    blocks.append(Text(f"Left out on purpose: {left}.", small=True))
    for unit in framework.units:
        blocks.append(Heading(unit.label))
        rows = []
        for item in unit.items:
            state = dossier.state(framework.id, item.id)
            evidence = "; ".join(dict.fromkeys(f"{one.what} ({one.day})" for one in state.pieces)) if state else ""
            rows.append((item.id, item.label, evidence or "–", state.state if state else "nothing"))
        blocks.append(Table(("No.", "The job asks", "Evidence", "State"), rows, (0.8, 4, 4, 1.5)))
    return [*blocks, *_foot(dossier, framework.id)]


SHEETS: Mapping[str, tuple[str, Callable[[Dossier], list[Block]]]] = {
    "schedule": ("rapids-1059cb", schedule),
    "completion": ("sds-ta-its-8", completion),
    "profile": ("itied-1.2", profile),
    "training-plan": ("pipeline-its", training_plan),
    "match": ("scoe-itst", match),
}
