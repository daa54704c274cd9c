"""Frameworks as a person reads them: what an item asks for, and which command gives evidence for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from evidence.framework import MODES, Framework, Item, Rule, Unit, load_frameworks
from ops import regular_file
from ops.cli.site import own_frameworks, workspace_from
from ops.cli.terminal import counted, plain
from ops.cli.tree import Tree
from ops.errors import InvalidRequest, NotFound
from ops.operation import names, spelled
from ops.private import appearing, unwritable, write_private

FEW = 3
REPORTS = ("report.access", "report.assets", "report.licences")  # work that writes a file and changes nothing else


def work() -> frozenset[str]:
    """The names of everything that can be done: operations, audits, and playbooks, a workspace's own among them."""
    try:
        own = workspace_from().playbooks
    except NotFound:
        own = None
    return frozenset({*names("operations"), *names("audits"), *REPORTS, *Tree(own).playbooks})


def command(name: str) -> str:
    """How work of this name is typed; a glob stays one."""
    if "*" in name:
        return name
    if name in names("audits"):
        return f"ops audit run {name}"
    return spelled(name)


def framework_lines(framework: Framework) -> Iterator[str]:
    """Units and items, each with how many rules it has."""
    yield f"{framework.title}, {framework.edition}; from: {framework.source_title}"
    if framework.levels:
        yield f"levels {', '.join(framework.levels)}"
    for unit in framework.units:
        yield f"{unit.id}  {unit.label}{'  (optional)' if unit.optional else ''}"
        for item in unit.items:
            yield f"  {item.id:<14} {item.label} ({item.kind})"
            yield from (f"  {'':<14}   {_rule(rule)}" for rule in item.evidenced_by)


def _rule(rule: Rule) -> str:
    if rule.planned:
        return f"planned – {rule.planned}"
    named = ", if you name it" if rule.only_named else ""
    return f"{command(rule.work)}: {rule.because} ({rule.covers}{named})"


def item_lines(framework: Framework, item: Item) -> Iterator[str]:
    """One item with all that can give evidence for it."""
    unit = next(one for one in framework.units if item in one.items)
    yield f"{framework.id} {item.id}  {item.label}"
    yield f"unit      {unit.id} {unit.label}"
    yield f"kind      {item.kind}{f', level {item.level}' if item.level else ''}; {MODES[item.mode]} can serve"
    if item.text:
        yield f"wording   {item.text}"
    yield from _unit_lines(framework, unit)
    quality = f"; it is {item.quality} there" if item.quality else ""
    yield f"source    line {item.source.line} of {framework.source_title}{quality}"
    yield "evidence"
    yield from (f"  {_rule(rule)}" for rule in item.evidenced_by)
    named = [rule.work for rule in framework.when_named if item.kind in rule.kinds]
    if nouns := [f"ops {work.partition('/')[0]} …" for work in named]:
        yield f"  {', '.join(nouns)} with --for {framework.id}:{item.id}"


def _unit_lines(framework: Framework, unit: Unit) -> Iterator[str]:
    if unit.meta_skills:
        yield f"meta      {', '.join(framework.meta_skills[one] for one in unit.meta_skills)}"
    if unit.standards:
        yield f"standards {', '.join(unit.standards)}"


def one_of(wanted: str) -> Framework:
    """A framework by its id, or one in a file of its own."""
    if wanted.endswith((".yaml", ".yml")) or "/" in wanted:
        from evidence.framework_file import read

        return read(Path(wanted))
    found = {one.id: one for one in load_frameworks(own_frameworks())}
    if wanted not in found:
        raise NotFound(f"there is no framework {wanted}", hint=f"there are: {', '.join(found)}")
    return found[wanted]


def checked(frameworks: Sequence[Framework], sources: Path | None) -> dict[str, list[str]]:
    """What is wrong with each, by id; against the source documents too, if they are at hand."""
    from evidence.framework_check import check, check_source

    everything = work()
    found = {one.id: check(one, everything) for one in frameworks}
    if sources:
        found = {one.id: [*found[one.id], *check_source(one, sources)] for one in frameworks}
    return found


def bring_in(file: Path, framework: str, edition: str) -> dict[str, Any]:
    """Make a framework of the workspace's own from a file; the file itself is kept beside it."""
    from evidence.framework_file import read
    from evidence.framework_import import checked_id, to_yaml

    checked_id(framework)
    content = regular_file.content(file)
    target = workspace_from().folder / "frameworks" / f"{framework}.yaml"
    if target.exists() or framework in {one.id for one in load_frameworks()}:
        raise InvalidRequest(f"there is a framework {framework} already", hint="give it another id: --id")
    made = to_yaml(content, file.name, framework, edition)
    original = target.with_name(f"{framework}.original{file.suffix}")
    _keep(target, made, original, content)
    try:
        found = read(target)
    except InvalidRequest:
        target.unlink()
        original.unlink()
        raise
    sizes = {"units": len(found.units), "items": len(list(found.items))}
    return {"id": found.id, "file": str(target), **sizes, "renamed": renamed(found)}


def _keep(target: Path, made: str, original: Path, content: bytes) -> None:
    """The framework, and what it was made from beside it; both or neither."""
    try:
        target.parent.mkdir(exist_ok=True)
        with appearing(original, replace=True) as file:
            file.write(content)
            write_private(target, made)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise unwritable(target, error) from error


def renamed_lines(changed: Mapping[str, str]) -> Iterator[str]:
    """Which ids are others than in the file, the first few by name."""
    if not changed:
        return
    first = ", ".join(f"“{plain(before)}” is {now}" for before, now in list(changed.items())[:FEW])
    more = f", and {len(changed) - FEW} more" if len(changed) > FEW else ""
    yield f"  {counted(len(changed), 'id')} could not be kept, each is beside its item: {first}{more}"


def renamed(framework: Framework) -> dict[str, str]:
    """Ids that had to be changed so that they can be typed: as the file had them → as they are called now."""
    ids = [*((one.id, one.extra) for one in framework.units), *((one.id, one.extra) for one in framework.items)]
    return {extra["id"]: now for now, extra in ids if extra.get("id", now) != now}
