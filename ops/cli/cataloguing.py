"""Frameworks as a person reads them: what an item asks for, and which command gives evidence for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from evidence.framework import MODES, Framework, Item, Rule, Unit, load_frameworks
from ops.cli.site import own_frameworks, workspace_from
from ops.cli.tree import Tree
from ops.errors import InvalidRequest, NotFound
from ops.operation import names, spelled


def work() -> frozenset[str]:
    """The names of everything that can be done: operations, audits, and playbooks, a workspace's own among them."""
    try:
        own = workspace_from().playbooks
    except NotFound:
        own = None
    return frozenset({*names("operations"), *names("audits"), *Tree(own).playbooks})


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
    from evidence.framework_import import to_yaml
    from ops.private import write_private

    try:
        content = file.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be read: {error.strerror}", hint="name the file to import") from error
    folder = workspace_from().folder / "frameworks"
    target = folder / f"{framework}.yaml"
    if target.exists() or framework in {one.id for one in load_frameworks()}:
        raise InvalidRequest(f"there is a framework {framework} already", hint="give it another id: --id")
    made = to_yaml(content, file.name, framework, edition)
    folder.mkdir(exist_ok=True)
    write_private(target, made)
    try:
        found = read(target)
    except InvalidRequest:
        target.unlink()
        raise
    (folder / f"{framework}.original{file.suffix}").write_bytes(content)
    return {"id": found.id, "file": str(target), "units": len(found.units), "items": len(list(found.items))}
