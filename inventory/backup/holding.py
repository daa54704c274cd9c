"""What a manifest says a backup holds, and what the tool lists: the same files, in number and size, or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from inventory.backup.assurance import Entry, Lost, thinned
from inventory.backup.manifest import Manifest, Tally

Spelling = Callable[[str], str]  # how the tool that lists a path writes it


@dataclass
class Said:
    """What a manifest says: a tally of what was at rest, the paths of what was not, and files to draw from."""

    manifest: Manifest
    rest: Tally = field(default_factory=Tally)
    moving: set[str] = field(default_factory=set)
    files: list[Entry] = field(default_factory=list)


def said(manifest: Manifest, spelling: Spelling, by: str, unsized: Iterable[str] = ()) -> Said:
    """Read a manifest to its end; raise ``EvidenceInvalid``. What is ``unsized`` counts as empty."""
    found, without = Said(manifest), set(unsized)

    def settled() -> Iterator[Entry]:
        for one in manifest:
            path = spelling(one.path)
            if not one.settled:
                found.moving.add(path)
                continue
            found.rest.add(path, 0 if path in without else one.size)
            yield Entry(one.path, one.size, one.sha256)

    found.files = thinned(settled(), by)
    return found


@dataclass
class Listed:
    """What a tool lists, without the files that were not at rest; ``unsized`` are those it tells no size of."""

    rest: Tally = field(default_factory=Tally)
    lost: Lost = field(default_factory=Lost)
    unsized: set[str] = field(default_factory=set)


def listed(entries: Iterable[Entry], moving: set[str]) -> Listed:
    """Count what a tool lists."""
    found = Listed()
    for one in entries:
        found.lost.add(one)
        if one.path in moving:
            continue
        if one.linked:
            found.unsized.add(one.path)
        found.rest.add(one.path, 0 if one.linked else one.size)
    return found


def difference(manifest: Tally, backup: Tally) -> str:
    """How a backup differs from its manifest, in words; empty if it does not."""
    if manifest == backup:
        return ""
    if manifest.files != backup.files:
        return f"it holds {backup.files} files, its manifest says {manifest.files}"
    if manifest.octets != backup.octets:
        return f"its {backup.files} files hold {backup.octets} octets, its manifest says {manifest.octets}"
    return f"its {backup.files} files are not those of its manifest"
