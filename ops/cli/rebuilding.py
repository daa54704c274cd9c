"""Checking a report: find the record of the run that made it, make it again from what was kept, compare every byte."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from evidence.export import check_record
from evidence.record import NAMESPACE
from inventory.register.past import Head, past
from inventory.report.inputs import kept_inputs
from inventory.report.making import MAIN, SUFFIXES, build, make
from inventory.report.reopened import sheet_names
from ops.cli.reading import enrolled
from ops.cli.reporting import FOLDER, reports, versions, written
from ops.cli.site import Site
from ops.errors import EvidenceInvalid, InvalidRequest, NotFound
from ops.private import appearing

RUN = re.compile("[A-Z0-9]{8}")
AROUND = "what is around the sheets"


@dataclass(frozen=True)
class Checked:
    """A file beside the report of a run, made again. ``differs`` names sheets, or says what else is not the same.

    ``original`` is whether the file is byte for byte the one whose SHA-256 was recorded.
    """

    run: str
    report: str
    as_of: str
    event: int
    original: bool
    identical: bool
    differs: tuple[str, ...]
    versions: tuple[str, ...]


def check(site: Site, file: Path, run: str = "") -> Checked:
    """Make the report of a file again and compare. Raise ``NotFound`` if no record of it is here."""
    if file.suffix not in SUFFIXES or not file.is_file():
        raise InvalidRequest(f"{file} is no file of a report", hint=f"its name ends in {', '.join(SUFFIXES)}")
    body = _body(site, file, run)
    with TemporaryDirectory(prefix="ops-report-") as folder:
        again = Path(folder) / f"again{file.suffix}"
        before = _make(site, body, again)
        differs = tuple(_different(file, again))
    present = versions()
    changed = tuple(
        f"{name} {old}, now {present.get(name)}" for name, old in before.items() if present.get(name) != old
    )
    original = written(file)["sha256"] == body["file"]["sha256"]
    return Checked(
        body["run"], body["source"].partition(" ")[2], body["as_of"], body["register"]["event"], original,
        not differs, differs, changed,
    )  # fmt: skip


def _body(site: Site, file: Path, run: str) -> Mapping[str, Any]:
    """The public part of the report's record: by the run, by the file's hash, or by the evidence id in the file."""
    digest = written_sha256(file)
    wanted = run or next((body["run"] for body in reports(site) if body["file"].get("sha256") == digest), "")
    wanted = wanted or _evidence(file)
    found = next((body for body in reports(site) if body["run"] == wanted and body["file"]), None)
    if found is None:
        said = (
            f"no report of run {wanted} is recorded here" if wanted else f"{file.name} does not say which run made it"
        )
        raise NotFound(said, hint="it was made in another workspace, or give its run: --run RUN")
    _holds(site, wanted)
    return found


def _holds(site: Site, run: str) -> None:
    """Raise ``EvidenceInvalid`` unless the chain is whole, and the run's record is signed and part of it."""
    document = site.ledger.document(run, NAMESPACE)
    if document is None:
        raise EvidenceInvalid(f"run {run} has no signed record", hint="ops evidence verify")
    checked = check_record(run, document.text.encode(), document.signature, enrolled(site))
    faults = [f"chain {one.chain} event {one.seq}: {one.problem}" for one in site.ledger.verify()]
    if checked.verdict != "holds" or faults or not site.ledger.has_event(document.body["chain"]["head"]):
        said = "; ".join(faults) or checked.detail or "its events are not in the chain"
        raise EvidenceInvalid(f"the record of run {run} does not hold: {said}", hint="ops evidence verify")


def written_sha256(file: Path) -> str:
    """The SHA-256 of any file; raise ``InvalidRequest`` if it cannot be read."""
    from hashlib import file_digest

    try:
        with file.open("rb") as stream:
            return file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be read: {error.strerror}", hint="give a report's file") from error


def _evidence(file: Path) -> str:
    """The evidence id in a workbook's properties or at the head of a JSON file; a CSV file has none."""
    try:
        if file.suffix == ".json":
            with file.open(encoding="utf-8") as text:
                found = re.search('"evidence": "([A-Z0-9]{8})"', text.read(4000))
            return found[1] if found else ""
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as archive:
                core = archive.read("docProps/core.xml")[:10_000].decode(errors="replace")
            found = re.search(r"keywords>[^<]*?, ([A-Z0-9]{8})</", core)
            return found[1] if found else ""
    except (OSError, KeyError, UnicodeDecodeError, zipfile.BadZipFile) as error:
        raise InvalidRequest(f"{file} is no report of ours: {error}", hint="give the file as it was made") from error
    return ""


def _make(site: Site, body: Mapping[str, Any], again: Path) -> Mapping[str, str]:
    """Write the report once more; returns the versions it was made with."""
    kept = site.workspace.state / FOLDER / f"{body['run']}.jsonl.gz"
    head = Head(body["register"]["event"], body["register"]["hash"])
    with (
        kept_inputs(kept, body["file"]["made_of"]) as (inputs, rows),
        site.register.reading() as seen,
        past(seen, head, rows, inputs.software) as then,
        appearing(again, replace=False) as file,
    ):
        make(build(then, inputs), file, again.suffix, MAIN[inputs.report], inputs.template)
        return inputs.versions


def _different(file: Path, again: Path) -> Iterator[str]:
    """Nothing if both are the same; else the sheets that are not. How the parts are packed does not matter."""
    if written_sha256(file) == written_sha256(again):
        return
    if file.suffix != ".xlsx":
        yield _line(file, again)
        return
    try:
        names = sheet_names(again)
        yield from dict.fromkeys(names.get(part, AROUND) for part in _parts(file, again))
    except (OSError, zipfile.BadZipFile):
        yield "all of it: it cannot be read as a workbook"


def _parts(file: Path, again: Path) -> Iterator[str]:
    with zipfile.ZipFile(file) as one, zipfile.ZipFile(again) as other:
        left, right = ({entry.filename: (entry.CRC, entry.file_size) for entry in archive.infolist()}
                       for archive in (one, other))  # fmt: skip
        for name in sorted({*left, *right}):
            if left.get(name) != right.get(name):
                yield name


def _line(file: Path, again: Path) -> str:
    """The first line in which two texts differ."""
    from itertools import zip_longest

    with file.open("rb") as one, again.open("rb") as other:
        for number, (left, right) in enumerate(zip_longest(one, other), 1):
            if left != right:
                return f"line {number}"
    return "its end"
