"""Workbooks and papers as they come out of a printer: turned into pages by LibreOffice, and looked at by a program.

A person looks as well: with OPS_PICTURES=FOLDER the pages are left there as pictures.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.register.store import Register
from inventory.report import making
from inventory.report.template import Template
from tests.unit import report_backups as company
from tests.unit import report_estate as estate
from tests.unit.report_estate import inputs
from tests.unit.school import School
from tests.unit.test_papers import PAPERS, school, template

__all__ = ["school", "template"]
pytestmark = [pytest.mark.night, pytest.mark.timeout(1800)]
DPI = 60
TOO_NARROW = "###"  # what a spreadsheet shows of a number its column is too narrow for


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    found = estate.register(tmp_path)
    yield found
    found.close()


def pages(file: Path) -> list[str]:
    """The text of each page as LibreOffice prints it."""
    home = f"-env:UserInstallation=file://{file.parent}/office"
    argv = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(file.parent), str(file)]
    subprocess.run(argv, check=True, capture_output=True, timeout=300)
    pdf = file.with_suffix(".pdf")
    keep(pdf)
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, timeout=60)
    return text.stdout.decode().split("\f")[:-1]


def keep(pdf: Path) -> None:
    """Leave pictures where somebody asked for them."""
    if folder := os.environ.get("OPS_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        argv = ["pdftoppm", "-r", str(DPI), "-png", str(pdf), str(Path(folder) / pdf.stem)]
        subprocess.run(argv, check=True, timeout=300)


@pytest.mark.parametrize("name", ["assets", "licences", "access", "backups"])
def test_each_page_of_a_workbook_says_something_and_no_number_is_too_wide(
    register: Register, tmp_path: Path, name: str
) -> None:
    company.fill(register)
    backups = {"backups": company.PLAN, "looks": company.looks(), "unseen": ("whether it can be removed",)}
    with register.reading() as seen:
        book = making.build(seen, inputs(seen, name, **(backups if name == "backups" else {})))
        making.export(book, tmp_path / f"{name}.xlsx", making.MAIN[name], Template(), {})
    found = pages(tmp_path / f"{name}.xlsx")
    assert [number for number, text in enumerate(found, 1) if not text.strip()] == []
    assert [text for text in found if TOO_NARROW in text] == []
    assert "What this does not cover" in found[0], "the first page goes on to a second"


@pytest.mark.parametrize("suffix", [".docx", ".xlsx"])
@pytest.mark.parametrize("paper", PAPERS)
def test_each_page_of_a_paper_says_something(school: School, tmp_path: Path, paper: str, suffix: str) -> None:
    file = tmp_path / f"{paper}{suffix}"
    made = school.amy.ops("portfolio", "export", paper, "-o", str(file))
    assert made.code == 0, made.err
    found = pages(file)
    assert [number for number, text in enumerate(found, 1) if not text.strip()] == []
    assert [text for text in found if TOO_NARROW in text] == []
