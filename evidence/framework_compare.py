"""What differs between two versions of a framework: items, wording, and the rules that say what counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evidence.framework import Framework, Item, Rule


@dataclass(frozen=True)
class Difference:
    """One: the item it is about, what happened to it, and the value before and after."""

    item: str
    what: str
    before: str
    after: str


def compare(before: Framework, after: Framework) -> list[Difference]:
    """Every difference that matters to evidence, in the order of the newer one; what is gone comes last."""
    old, new = ({item.id: item for item in one.items} for one in (before, after))
    found = [one for name, item in new.items() for one in _of_item(old.get(name), item)]
    found += [Difference(name, "is gone", item.label, "") for name, item in old.items() if name not in new]
    return found


def _of_item(old: Item | None, new: Item) -> Iterator[Difference]:
    if old is None:
        yield Difference(new.id, "is new", "", new.label)
        return
    for what in ("label", "kind", "mode", "level", "quality", "text"):
        if getattr(old, what) != getattr(new, what):
            yield Difference(new.id, what, getattr(old, what), getattr(new, what))
    if old.source.sha256 != new.source.sha256:
        yield Difference(new.id, "source wording", old.source.sha256[:12], new.source.sha256[:12])
    before, after = (
        {(rule.work or f"planned: {rule.planned}"): rule for rule in one.evidenced_by} for one in (old, new)
    )
    for name in dict.fromkeys([*before, *after]):
        was, now = (f"{rule.covers}: {rule.because}" if rule else "" for rule in (before.get(name), after.get(name)))
        if was != now:
            yield Difference(new.id, f"evidence by {name}", was, now)


def _rules(item: Item) -> dict[str, Rule]:
    return {rule.work or f"planned: {rule.planned}": rule for rule in item.evidenced_by}
