"""The register beside ``backups.yaml``, both ways: what has no backup, and what has one and is gone."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from socket import gethostname

import pytest

from inventory.backup.coverage import coverage, gone, need, unsaid
from inventory.backup.matrix import asked, cells
from inventory.backup.model import Backups, Job, Schedule, System, Target
from tests.contract.test_backup import PASSWORD, Kept
from tests.unit.kept import kept_by_day
from tests.workspace import Desk, Result, bare

__all__ = ["kept_by_day"]
HOUR = timedelta(hours=1)


def system(tag: str, host: str = "fs1") -> System:
    return System(tag, host, 1, 24 * HOUR, 4 * HOUR, "Leith", "rack-1")


def plan(*systems: System, jobs: bool = True) -> Backups:
    """Each system with one job."""
    made = [Job(f"job-{one.asset}", one.asset, "vault", ("/srv",), Schedule(24 * HOUR), HOUR, HOUR) for one in systems]
    target = Target("vault", "restic", "/srv/backup", "disk", "Perth", "rack-7", "")
    return Backups({one.asset: one for one in systems}, {"vault": target}, made if jobs else ())


def asset(kind: str = "server", state: str = "deployed", **more: str) -> dict[str, str]:
    return {"kind": kind, "state": state, **more}


def judged(backups: Backups, assets: dict[str, dict[str, str]]) -> dict[tuple[str, str], str]:
    return {(one.subject, one.rule): one.verdict for one in coverage(backups, assets)}


@pytest.mark.parametrize(
    ("one", "word"),
    [
        (asset("server"), "needed"),
        (asset("vm"), "needed"),
        (asset("server", backup_required="no"), "not needed"),
        (asset("laptop", backup_required="yes"), "needed"),
        (asset("laptop"), "not needed"),
        (asset("laptop", criticality="1"), "open"),
        (asset("monitor", criticality="1"), "not needed"),
        (asset("server", "in_stock"), "not needed"),
        (asset("server", "in_stock", backup_required="yes"), "not needed"),
        (asset("server", "missing"), "needed"),
        (asset("server", "disposed", backup_required="yes"), "not needed"),
    ],
)
def test_whether_an_asset_needs_a_backup(one: dict[str, str], word: str) -> None:
    assert need(one)[0] == word


def test_what_needs_a_backup_and_has_none_fails_and_what_has_one_passes() -> None:
    found = judged(plan(system("SRV-1")), {"SRV-1": asset(), "SRV-2": asset(), "LAP-1": asset("laptop")})
    assert found == {
        ("SRV-2", "has a job"): "FAIL",
        ("SRV-1", "in the register"): "PASS",
        ("SRV-1", "has a job"): "PASS",
    }


def test_a_system_without_a_job_is_not_covered_by_being_named() -> None:
    assert judged(plan(system("SRV-1"), jobs=False), {"SRV-1": asset()})["SRV-1", "has a job"] == "FAIL"


def test_a_system_that_no_register_knows_fails_and_with_an_empty_register_nothing_is_known() -> None:
    assert judged(plan(system("SRV-9")), {"SRV-1": asset("laptop")})["SRV-9", "in the register"] == "FAIL"
    assert judged(plan(system("SRV-9")), {})["SRV-9", "in the register"] == "UNKNOWN"


def test_one_machine_under_two_names_is_told_as_such() -> None:
    found = {one.rule: one for one in coverage(plan(system("SRV-9")), {"SRV-1": asset(hostname="FS1")})}
    assert (found["has a job"].verdict, "SRV-1" in found["in the register"].because) == ("PASS", True)
    two = [one for one in coverage(plan(system("SRV-9")), {"SRV-1": asset(hostname="FS1")}) if one.subject == "SRV-1"]
    assert [(one.verdict, "backups.yaml calls it SRV-9" in one.because) for one in two] == [("UNKNOWN", True)]


@pytest.mark.parametrize("state", ["retired", "sanitised", "disposed", "lost", "stolen"])
def test_a_job_of_what_is_gone_is_a_warning_and_asks_for_no_job(state: str) -> None:
    backups, assets = plan(system("SRV-1")), {"SRV-1": asset(state=state)}
    assert judged(backups, assets) == {("SRV-1", "in the register"): "WARN"}
    assert [one.asset for one, _ in gone(backups, assets)] == ["SRV-1"]


def test_of_which_nobody_said_anything() -> None:
    assets = {"L1": asset("laptop"), "L2": asset("laptop", backup_required="no"), "M": asset("monitor")}
    assert unsaid(plan(), assets) == ["L1"]


def test_the_matrix_has_the_worst_verdict_of_a_system_and_its_jobs_and_targets() -> None:
    rows = [("job-A", "freshness", "PASS"), ("vault", "data 3/90", "FAIL"), ("vault", "data", "PASS")]
    rows += [("A", "2 media", "UNKNOWN"), ("A", "0 errors", "PASS"), ("other", "freshness", "FAIL")]
    found = cells(plan(system("A"), system("B")), rows)
    assert found["A"] == {"fresh": "PASS", "whole": "FAIL", "3-2-1-1-0": "UNKNOWN"}
    assert found["B"] == {"whole": "FAIL"}
    assert asked("1 unchangeable") == ("fixed", "3-2-1-1-0")
    assert cells(plan(system("A")), [("vault", "opens", "PASS")])["A"] == {}, "that it opens does not make it whole"
    assert cells(plan(system("A")), [("vault", "opens", "FAIL")])["A"] == {"whole": "FAIL"}
    assert asked("a rule of tomorrow") == ("whole",), "what nobody placed is not left out"


REGISTER = """tag,kind,serial,state,location,holder,held_since,data_class,hostname,backup_required
FS-1,server,S1,{state},{place},{holder},{since},confidential,fs1,
WEB-1,server,S2,deployed,,location:Rack,2026-01-02,internal,web1,
LAP-1,laptop,S3,deployed,,amy.ng,2026-01-02,internal,lap1,
"""
TEXT = """systems:
  FS-1: {{host: fs1, tier: 1, rpo: 24h, rto: 4h, site: Leith}}
targets:
  vault: {{tool: {tool}, where: "{where}", site: Perth, credential: "file:secret"}}
  shelf: {{tool: borg, where: "/media/usb", site: Perth, offline: "true"}}
jobs:
  homes: {{system: FS-1, target: vault, paths: ["{source}"], every: 1d}}
  shelved: {{system: FS-1, target: shelf, paths: ["{source}"], every: 7d}}
"""


def desk(folder: Path, kept: Kept, state: str = "deployed") -> Desk:
    made = bare(folder, "Lea")
    held = {"place": "", "holder": "location:Rack", "since": "2026-01-02"} if state == "deployed" else {}
    text = REGISTER.format(state=state, **({"place": "Store", "holder": "", "since": ""} | held))
    (made.folder / "assets.csv").write_text(text)
    said = made.ops("asset", "import", "assets.csv", "--yes")
    assert said.code == 0, said.err
    plan = TEXT.format(tool=kept.tool, where=kept.repository, source=kept.source)
    (made.folder / "inventory/backups.yaml").write_text(plan)
    (made.folder / "secret").write_text(PASSWORD + "\n")
    (made.folder / "secret").chmod(0o600)
    return made


def rows(said: Result) -> dict[tuple[str, str], str]:
    return {(one["subject"], one["rule"]): one["verdict"] for one in said.json["findings"]}


def test_coverage_names_the_server_without_a_job_and_what_it_compared(tmp_path: Path, kept: Kept) -> None:
    lead = desk(tmp_path / "lead", kept)
    said = lead.ops("backup", "coverage", "--json")
    assert (said.code, rows(said)["WEB-1", "has a job"], rows(said)["FS-1", "has a job"]) == (3, "FAIL", "PASS")
    one = said.json["findings"][0]
    assert [source["source"] for source in one["sources"]] == ["register", "backups.yaml"]
    assert any(": computers in use of which" in gap for gap in said.json["seen"][0]["not_looked_at"])
    shown = lead.ops("backup", "coverage")
    assert "from backups.yaml, register, now, to judge: has a job, in the register" in shown.err


def test_of_a_machine_that_is_gone_the_targets_that_hold_its_data_are_listed(tmp_path: Path, kept: Kept) -> None:
    lead = desk(tmp_path / "lead", kept, "retired")
    said = lead.ops("backup", "coverage", "--json")
    found = {(one["subject"], one["rule"]): one for one in said.json["findings"]}
    assert found["FS-1", "in the register"]["verdict"] == "WARN"
    held = found["FS-1 on vault", "still in a backup"]
    assert (held["verdict"], "disk at Perth holds 1 backups of it" in held["because"]) == ("WARN", True)
    assert held["because"].endswith("confidential data: purge")
    shelf = found["FS-1 on shelf", "still in a backup"]
    assert (shelf["verdict"], "it lies offline" in shelf["because"]) == ("UNKNOWN", True)
    assert found["FS-1", "its own media"]["verdict"] == "WARN"
    assert ("FS-1", "has a job") not in found


def test_a_target_that_holds_nothing_of_it_is_off_the_list(tmp_path: Path, kept: Kept) -> None:
    lead = desk(tmp_path / "lead", kept, "retired")
    plan = lead.folder / "inventory/backups.yaml"
    plan.write_text(plan.read_text().replace(str(kept.source), "/srv/never"))
    assert rows(lead.ops("backup", "coverage", "--json"))["FS-1 on vault", "still in a backup"] == "PASS"


def test_backups_of_another_machine_are_not_to_be_taken_away(tmp_path: Path, kept: Kept) -> None:
    """The same paths of a machine that lives may lie in the same repository."""
    lead = desk(tmp_path / "lead", kept, "retired")
    plan = lead.folder / "inventory/backups.yaml"
    other = f"  FS-2: {{host: fs2, recorded_as: {gethostname()}, tier: 1, rpo: 24h, rto: 4h, site: Leith}}\n"
    plan.write_text(plan.read_text().replace("targets:\n", f"{other}targets:\n"))
    assert rows(lead.ops("backup", "coverage", "--json"))["FS-1 on vault", "still in a backup"] == "PASS"


def test_all_audits_of_backups_run_together_with_waivers_and_are_compared(tmp_path: Path, kept: Kept) -> None:
    lead = desk(tmp_path / "lead", kept)
    first = lead.ops("audit", "run", "backups", "--json")
    assert first.code == 3, first.err
    check, cover = first.json["audits"]
    assert {"restore", "freshness"} <= {one["rule"] for one in check["findings"]}
    assert {"has a job"} <= {one["rule"] for one in cover["findings"]}
    words = ("backups.coverage", "has a job", "WEB-1", "it keeps nothing", "Bob Ray", "2999-01-01")
    waived = lead.ops("audit", "waive", *words, "--yes")
    assert waived.code == 0, waived.err
    again = lead.ops("audit", "run", "backups", "--json").json["audits"][1]
    web = next(one for one in again["findings"] if one["subject"] == "WEB-1")
    assert (web["verdict"], web["because"].startswith("waived until 2999-01-01 by Bob Ray")) == ("PASS", True)
    runs = [str(one["run"]) for one in lead.ops("run", "list", "--json").json["runs"]]
    shown = lead.ops("audit", "compare", "backups")
    assert sum(f"({run})" in shown.out + shown.err for run in runs) == 4, "names of records are printed as they are"
    told = lead.ops("audit", "compare", "backups", "--json")
    assert ("changed", "WEB-1") in {(one["change"], one["about"]) for one in told.json["changes"]}
    parts = {one["change"] for one in told.json["changes"] if one["rule"].startswith("data ")}
    assert parts <= {"changed"}, "another part of the data is the same question"
    shown = lead.ops("backup", "coverage")
    assert shown.code == 0, "what is waived does not fail"
    assert re.search(r"WAIVED\s+WEB-1", shown.out), "and is not shown as well"
    assert "1 WAIVED" in shown.err


def test_what_is_not_well_comes_first_and_what_is_well_is_a_number(tmp_path: Path, kept: Kept) -> None:
    lead = desk(tmp_path / "lead", kept)
    for words in (("audit", "run", "backups.coverage"), ("backup", "coverage")):
        found = [one["verdict"] for one in lead.ops(*words, "--json").json["findings"]]
        well, bad = found.count("PASS"), len(found) - found.count("PASS")
        assert (well > 0, bad > 0) == (True, True), "or this tells nothing"
        *lines, last = lead.ops(*words).out.splitlines()
        assert last == f"{well} PASS; --all shows {'it' if well == 1 else 'them'}"
        assert len(lines) == bad + 2
        assert not any(line.startswith("PASS") for line in lines)
        told = lead.ops(*words, "--all").out.splitlines()
        assert [line.split()[0] for line in told[2:]] == found, "the worst first"


def test_what_somebody_answers_for_is_no_green_in_the_matrix_and_what_is_well_stays_a_proof(
    tmp_path: Path, kept: Kept
) -> None:
    lead = desk(tmp_path / "lead", kept)
    for rule, subject in (("3 copies", "FS-1"), ("restore", "homes (FS-1)"), ("shape", "*")):
        words = ("backups.check", rule, subject, "no money yet", "Bob Ray", "2999-01-01")
        assert lead.ops("audit", "waive", *words, "--yes").code == 0
    assert lead.ops("backup", "restore-test", "homes").code == 0
    for _ in range(2):
        said = lead.ops("backup", "check", "--json").json["findings"]
        found = {(one["subject"], one["rule"]): one["because"] for one in said}
        assert found["homes", "restore"].startswith("proven"), "whatever somebody answers for"
    shown = lead.ops("backup", "check").out
    assert re.search(r"WAIVED\s+FS-1: 3 copies", shown)
    assert "! warn" in next(line for line in shown.splitlines() if line.startswith("FS-1"))


def test_fail_on_decides_what_ends_with_3(tmp_path: Path, kept: Kept) -> None:
    lead = desk(tmp_path / "lead", kept, "retired")
    lead.ops("asset", "correct", "WEB-1", "backup_required=no", "--yes")
    assert lead.ops("backup", "coverage").code == 0
    assert lead.ops("backup", "coverage", "--fail-on", "warn").code == 3
