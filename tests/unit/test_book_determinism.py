"""The same report gives the same bytes, whoever makes it, when and where; another report gives others."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from datetime import timedelta, timezone
from hashlib import sha256
from pathlib import Path

import pytest

from inventory.report.archive import contents_sha256
from inventory.report.book import write
from inventory.report.template import Template
from tests.unit.reports import AS_OF, made, one_column, png, report

MAKE = """
import hashlib, locale, sys
locale.setlocale(locale.LC_ALL, "")
from inventory.report.plain import as_json
from inventory.report.template import Template
from tests.unit.reports import made, png, report
whole = made(report(), Template("Org", png())) + as_json(report()).encode()
print(hashlib.sha256(whole).hexdigest())
"""


def elsewhere(**environment: str) -> str:
    """The report's SHA-256, made by another process in another environment."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    ran = subprocess.run([sys.executable, "-c", MAKE], capture_output=True, text=True, check=True, env=environ)
    return ran.stdout


def test_another_time_zone_locale_and_hash_seed_make_the_same_bytes() -> None:
    first = elsewhere(TZ="Pacific/Kiritimati", LC_ALL="C.UTF-8", PYTHONHASHSEED="1")
    second = elsewhere(TZ="America/Los_Angeles", LC_ALL="C", PYTHONHASHSEED="2")
    assert first == second


def test_another_moment_makes_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = made(report())
    late = time.time() + 400 * 86_400
    monkeypatch.setattr(time, "time", lambda: late)
    time.sleep(1.1)  # openpyxl asks the clock for whole seconds in its own way
    assert made(report()) == before


def test_the_hour_may_be_told_in_any_zone() -> None:
    told = replace(report(), as_of=AS_OF.astimezone(timezone(timedelta(hours=14))))
    assert made(told) == made(report())


def test_what_was_made_before_in_the_same_process_leaves_no_trace() -> None:
    plain = made(report())
    made(report(), Template("Org", png()))
    assert made(report()) == plain


def test_a_stream_and_a_file_get_the_same_bytes(tmp_path: Path) -> None:
    write(report(), tmp_path / "a.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == made(report())


def test_no_part_carries_a_date_of_its_own() -> None:
    entries = zipfile.ZipFile(io.BytesIO(made(report()))).infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {(entry.create_system, entry.external_attr) for entry in entries} == {(3, 0o600 << 16)}


def test_one_other_value_makes_another_file() -> None:
    assert made(one_column(["a"])) != made(one_column(["b"]))


def test_the_digest_of_the_contents_does_not_ask_how_they_were_packed(tmp_path: Path) -> None:
    one, other, third = (tmp_path / name for name in ("a.xlsx", "b.xlsx", "c.xlsx"))
    write(report(), one)
    with zipfile.ZipFile(one) as packed, zipfile.ZipFile(other, "w", zipfile.ZIP_STORED) as loose:
        for name in reversed(packed.namelist()):
            loose.writestr(name, packed.read(name))
    write(report(rows=29), third)
    assert sha256(one.read_bytes()).digest() != sha256(other.read_bytes()).digest()
    assert contents_sha256(one) == contents_sha256(other) != contents_sha256(third)
