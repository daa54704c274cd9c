"""A school in which Amy has handed something in: made once a file, a copy for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit import school as schools
from tests.unit.school import School


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> School:
    return schools.handed_in(tmp_path_factory.mktemp("school") / "s")


@pytest.fixture
def school(template: School, tmp_path: Path) -> School:
    return schools.copied(template, tmp_path / "s")
