"""Reading codes in, and the result of a count in five words."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from inventory.register.stocktake import RESULTS, Line, result
from inventory.register.stocktaking import counted, known, scanned
from inventory.register.store import Register
from inventory.taking_in.scans import scanned_lines
from ops.adapters.register_words import file_sha256
from ops.cli.site import Site
from ops.cli.terminal import plain
from ops.errors import InvalidRequest, NotFound

Code = tuple[str, str, str, str]  # code, place, moment, SHA-256 of a photo
LARGEST = 1000  # characters of a line


def take(site: Site, key: str, codes: Sequence[str], place: str, file: Path | None, photo: Path | None) -> list[Line]:
    """Add codes to a stock-take; what became of each."""
    digest = file_sha256(str(photo)) if photo else ""
    if file:
        read = list(_file(file, place, digest))
    elif codes:
        read = [(code, place, "", digest) for code in codes]
    else:
        read = [(code, place, "", digest) for code in _typed()]
    register = site.register
    with register.writing() as pen:
        new = {scan.number for scan in scanned(pen, key, read, site.identity.person)}
        lines = result(counted(pen, key), known(pen))
    return [line for line in lines if line.scan in new]


def _typed() -> Iterator[str]:
    """What a scanner types, until an empty line or the end."""
    if sys.stdin.isatty():
        click.echo("scan, or type a tag and Enter; an empty line ends it", err=True)
    for line in sys.stdin:
        if not line.strip():
            return
        yield line.strip()[:LARGEST]


def _file(path: Path, place: str, digest: str) -> Iterator[Code]:
    for number, (code, where, at) in scanned_lines(path):
        if not code or not code.isprintable():
            raise InvalidRequest(f"{path} line {number}: there is no code", hint="one code a line: CODE,PLACE,TIME")
        yield code, where or place, at, digest


def in_words(line: Line) -> str:
    """One result as somebody who counts reads it."""
    more = {
        "found": line.should,
        "misplaced": f"should be at {line.should}, was read at {line.was}",
        "unexpected": line.should,
        "repeated": line.was,
    }.get(line.result, line.should)
    return plain(f"{line.result:<11} {line.asset:<16} {more}")


def result_of(register: Register, key: str, only: str) -> dict[str, Any]:
    """One stock-take as it stands."""
    if only and only not in RESULTS:
        raise InvalidRequest(f"{only!r} is no result", hint=f"one of {', '.join(RESULTS)}")
    with register.reading() as seen:
        found = seen.read(f"stocktake:{key}")
        if found is None:
            raise NotFound(f"there is no stock-take {key}", hint="ops stocktake show lists them")
        lines = result(counted(seen, key), known(seen))
    numbers = Counter(line.result for line in lines)
    some = [line for line in lines if line.result == only or not only]
    some.sort(key=lambda line: (line.result == "found", RESULTS.index(line.result), line.asset))
    return {
        "key": key,
        "closed": found.get("closed", ""),
        "numbers": {word: numbers[word] for word in RESULTS},
        "head": ("result", "asset", "should be", "was read"),
        "rows": [(line.result, line.asset, line.should, line.was) for line in some],
        "none": "nothing to show",
    }


def all_of(register: Register) -> dict[str, Any]:
    """All stock-takes."""
    with register.reading() as seen:
        takes = seen.find("stocktake")
    rows = [
        (ref.partition(":")[2], one["opened"], one.get("closed", "open"), one.get("expected", ""),
         *(one.get(word, "") for word in RESULTS))
        for ref, one in takes.items()
    ]  # fmt: skip
    head = ("stock-take", "opened", "closed", "expected", *RESULTS)
    return {"head": head, "rows": rows, "numbers": {}, "none": "there is none yet: ops stocktake open NAME"}
