"""Whether a catalogue is sound: every rule meets work that exists, every item has a way, every label is our own.

With the source at hand also that each line and hash is right, that nothing reads like the source, and that what
was left out stayed out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from hashlib import sha256
from pathlib import Path

from evidence.framework import GUIDED, Framework, Item, Source, Unit
from ops.errors import InvalidRequest

TOO_ALIKE = 9  # words in a row that a label or reason may not share with its source
BULLET = re.compile(r"^\s*•")
WORD = re.compile(r"[a-z0-9]+")


def check(framework: Framework, work: Collection[str]) -> list[str]:
    """What is wrong with a framework by itself, in sentences; ``work`` is the name of everything that can be done."""
    return [*_rules(framework, work), *_items(framework, work), *_labels(framework)]


def _rules(framework: Framework, work: Collection[str]) -> Iterator[str]:
    for glob in framework.unmatched(work):
        yield f"no operation, audit or playbook is called {glob}"


def _items(framework: Framework, work: Collection[str]) -> Iterator[str]:
    for item in framework.items:
        if not any(way.startswith(GUIDED) for way in framework.ways(item, work)):
            yield f"{item.id} has no guided way: nobody can give evidence for it today"
        if item.kind == "performance" and not item.evidenced_by:
            yield f"{item.id} is performance, and no rule of its own says what evidences it"


def _parts(framework: Framework) -> list[Unit | Item]:
    return [*framework.units, *framework.items]


def _labels(framework: Framework) -> Iterator[str]:
    seen: dict[str, str] = {}
    for part in _parts(framework):
        if other := seen.get(part.label.casefold()):
            yield f"{part.id} is called as {other} is: {part.label}"
        seen[part.label.casefold()] = part.id


def check_source(framework: Framework, folder: Path) -> list[str]:
    """What does not agree with the source, found in a folder by its hash; raise ``InvalidRequest`` without it."""
    text = _source(framework, folder)
    lines = text.splitlines()
    wrong = [problem for part in _parts(framework) if (problem := _moved(part, lines))]
    return [*wrong, *_copied(framework, text), *_left_out(framework, lines)]


def _source(framework: Framework, folder: Path) -> str:
    if not folder.is_dir():
        raise InvalidRequest(f"{folder} is not a folder", hint="name the one with the source documents as text")
    for path in sorted(one for one in folder.iterdir() if one.is_file()):
        content = path.read_bytes()
        if sha256(content).hexdigest() == framework.source_sha256:
            return content.decode()
    problem = f"no file in {folder} is the source of {framework.id}"
    raise InvalidRequest(problem, hint=f"it has the SHA-256 {framework.source_sha256}")


def _moved(part: Item | Unit, lines: list[str]) -> str:
    source = part.source
    if digest(source, lines) == source.sha256:
        return ""
    return f"{part.id}: line {source.line} of the source is not what was hashed"


def digest(source: Source, lines: list[str]) -> str:
    """The SHA-256 (hex) of what stands there."""
    found = [line.strip() for line in lines[source.line - 1 : max(source.through, source.line)]]
    return sha256(" ".join(" ".join(found).split() if source.through else found).encode()).hexdigest()


def _copied(framework: Framework, text: str) -> Iterator[str]:
    taken = set(_runs(text))
    own = [(part.id, part.label) for part in _parts(framework)]
    own += [(item.id, rule.because) for item in framework.items for rule in item.evidenced_by]
    for name, words in own:
        if found := next((run for run in _runs(words) if run in taken), ""):
            yield f"{name} shares {TOO_ALIKE} words in a row with its source: {found}"


def _runs(text: str) -> Iterator[str]:
    words = WORD.findall(text.casefold())
    for start in range(len(words) - TOO_ALIKE + 1):
        yield " ".join(words[start : start + TOO_ALIKE])


def _left_out(framework: Framework, lines: list[str]) -> Iterator[str]:
    for part in framework.left_out:
        bullets = sum(bool(BULLET.match(line)) for line in lines[part.first - 1 : part.last])
        if bullets != part.bullets:
            yield f"lines {part.first} to {part.last} of the source have {bullets} bullets, not {part.bullets}"
        for item in framework.items:
            if part.first <= max(item.source.line, item.source.through) and item.source.line <= part.last:
                yield f"{item.id} is of a part that must never be evidence: {part.because}"
