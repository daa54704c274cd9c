"""The frameworks somebody follows, and which of their items a statement can count toward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evidence.framework import Framework, Item, load_frameworks
from ops.cli.site import own_frameworks
from ops.errors import NotFound


def followed(settings: Mapping[str, str]) -> tuple[Framework, ...]:
    """Those the setting ``frameworks`` names, with commas between; all if it names none."""
    known = {one.id: one for one in load_frameworks(own_frameworks())}
    wanted = [word.strip() for word in settings["frameworks"].split(",") if word.strip()]
    for one in wanted:
        if one not in known:
            raise NotFound(f"the setting frameworks names {one}, which there is not", hint="ops framework list")
    return tuple(known[one] for one in wanted) if wanted else tuple(known.values())


def candidates(
    frameworks: Sequence[Framework], work: str, about: Mapping[str, Any], level: str = ""
) -> list[tuple[Framework, Item]]:
    """The items that guided work of this name can count toward, without anybody naming them.

    Of a framework with levels only those of ``level``. A journal entry about a record can count toward what
    that record counts toward.
    """
    found = [
        (framework, item)
        for framework in frameworks
        for item in framework.items
        if item.rule_for([work]) and item.level in ("", level)
    ]
    counted = {(tag["framework"], tag["item"]) for tag in about.get("tags", ())}
    of_record = [
        (framework, item)
        for framework in frameworks
        for item in framework.items
        if (framework.id, item.id) in counted and can_count(framework, item, work)
    ]
    return found + [one for one in of_record if one not in found]


def can_count(framework: Framework, item: Item, work: str) -> bool:
    """Whether work of this name can count toward an item if it is named."""
    return work in framework.ways(item, [work])
