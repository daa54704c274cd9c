"""Several machines may keep the same paths in one repository: whose backups are a system's own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from inventory.backup.machines import of_system
from inventory.backup.model import Backups, Run
from inventory.backup.reading import read_backups
from ops.errors import InvalidRequest

ONE = "  FS-1: {host: fs1, tier: 1, rpo: 24h, rto: 4h, site: Leith}\n"
TWO = "  FS-2: {host: fs2, tier: 1, rpo: 24h, rto: 4h, site: Leith}\n"


def run(host: str, day: int = 1) -> Run:
    return Run(f"{host}-{day}", datetime(2026, 11, day, tzinfo=UTC), paths=("/srv",), host=host)


def plan(*rows: str) -> Backups:
    return read_backups("systems:\n" + "".join(rows))


def own(of: Backups, *runs: Run) -> list[str]:
    return [one.id for one in of_system(of, of.systems["FS-1"], runs)]


def test_backups_of_another_machine_are_not_its_own() -> None:
    assert own(plan(ONE), run("fs1", 1), run("web1", 2)) == ["fs1-1"]
    assert own(plan(ONE), run("FS1.school.example", 1), run("web1", 2)) == ["FS1.school.example-1"]


def test_a_single_machine_of_any_name_is_believed_to_be_it() -> None:
    assert own(plan(ONE), run("files-prod", 1), run("files-prod", 2)) == ["files-prod-1", "files-prod-2"]


def test_a_single_machine_that_is_another_system_is_not() -> None:
    assert own(plan(ONE, TWO), run("fs2")) == []


def test_of_several_strangers_somebody_has_to_say_which_it_is() -> None:
    with pytest.raises(InvalidRequest, match="a, b, and none is called fs1") as told:
        own(plan(ONE), run("a"), run("b"))
    assert "recorded_as" in told.value.hint
    named = ONE.replace("tier", "recorded_as: b, tier")
    assert own(plan(named), run("a"), run("b")) == ["b-1"]
    assert own(plan(named), run("a")) == []


def test_machines_of_two_domains_are_two_though_they_are_called_alike() -> None:
    one, two = ONE.replace("host: fs1", "host: fs1.leith.example"), TWO.replace("host: fs2", "host: fs1.perth.example")
    assert own(plan(one, two), run("fs1.perth.example")) == []
    assert own(plan(one, two), run("fs1.perth.example", 1), run("FS1.leith.example", 2)) == ["FS1.leith.example-2"]
    assert own(plan(one), run("fs1", 1), run("web1", 2)) == ["fs1-1"]
    with pytest.raises(InvalidRequest, match=r"made on fs1, that may be fs1.leith.example or fs1.perth.example"):
        own(plan(one, two), run("fs1"))
    named = one.replace("tier", "recorded_as: fs1, tier")
    assert own(plan(named, two), run("fs1", 1), run("fs1.perth.example", 2)) == ["fs1-1"]
    alike = ONE, two
    assert own(plan(*alike), run("fs1.perth.example", 1), run("fs1", 2)) == ["fs1-2"], "what names another is its own"


def test_tools_that_record_no_machine_are_taken_as_they_are() -> None:
    assert own(plan(ONE, TWO), run("", 1), run("", 2)) == ["-1", "-2"]
