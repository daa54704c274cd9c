"""``ops backup import``: what other tools are told becomes a proposal; no secret is in it, and no guess."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.backup import borgmatic, crontab, systemd
from inventory.backup.command_line import PARTLY, called, calls_borgmatic, commands, jobs, sourced
from inventory.backup.existing import Existing, existing
from inventory.backup.found import Found, When
from inventory.backup.places import as_written_here
from inventory.backup.proposal import proposal
from inventory.backup.reading import read_backups
from inventory.backup.settings import settings
from ops import strictyaml
from ops.errors import InvalidRequest, NotFound
from tests.workspace import Desk, bare

SECRET = "hunter2-geheim"  # noqa: S105
CRON = rf"""SHELL=/bin/sh
30 2 * * * root . /etc/restic/env && nice -n 10 restic backup --tag home /srv/home /etc 2>&1 | logger
0 4 * * 0 root RESTIC_PASSWORD='{SECRET} x' restic -r rest:https://amy:{SECRET}@vault.example/ backup /var/lib
15 1 * * * root rsync -a --delete /srv/www/ backup@vault:/srv/rsync/www
0 3 1 * * root tar -czf /mnt/usb/etc-$(date +\%F).tar.gz /etc
0 5 * * * root /usr/local/bin/do-backup.sh -p {SECRET}
0 0 * * * root borgmatic
0 9 * * * root echo restic backup /never
"""
BORGMATIC = f"""source_directories: [/home, /etc]
repositories:
    - {{path: "ssh://b@vault/./repo.borg", label: vault}}
encryption_passphrase: {SECRET}
keep_daily: 7
postgresql_databases:
    - {{name: all, password: {SECRET}}}
"""
OLD = """location: {source_directories: [/srv], repositories: [b@vault:repo, /mnt/usb/repo]}
storage: {encryption_passcommand: cat /etc/borg-pass}
retention: {keep_weekly: 4}
"""
SERVICE = r"""[Service]
EnvironmentFile=-/etc/restic/env
ExecStart=/usr/bin/restic backup \
   /var/lib/postgresql
"""
ENV = f"RESTIC_REPOSITORY=sftp:b@vault:/srv/restic\nexport RESTIC_PASSWORD_FILE='/etc/restic/pw'\nAWS_SECRET={SECRET}\n"
FILES = {
    "/etc/cron.d/backup": CRON,
    "/etc/borgmatic/config.yaml": BORGMATIC,
    "/etc/systemd/system/db.service": SERVICE,
    "/etc/systemd/system/db.timer": "[Timer]\nOnCalendar=*-*-* 03:15:00\n",
}


def ask(path: str) -> str:
    if path != "/etc/restic/env":
        raise NotFound("it cannot be read")
    return ENV


@pytest.fixture
def found() -> Existing:
    return existing(FILES, ask)


def by_path(found: Existing) -> dict[str, Found]:
    return {one.paths[0]: one for one in found.jobs}


def test_each_job_is_found_with_its_tool_its_place_and_its_time(found: Existing) -> None:
    seen = {
        path: (one.tool, one.where, one.when.every, one.when.at, one.when.day) for path, one in by_path(found).items()
    }
    assert seen == {
        "/srv/home": ("restic", "sftp:b@vault:/srv/restic", "1d", "02:30", ""),
        "/var/lib": ("restic", "rest:https://…@vault.example/", "7d", "04:00", "sun"),
        "/srv/www": ("rsync", "backup@vault:/srv/rsync/www", "1d", "01:15", ""),
        "/etc": ("tar", "/mnt/usb", "", "", ""),
        "/var/lib/postgresql": ("restic", "sftp:b@vault:/srv/restic", "1d", "03:15", ""),
        "/home": ("borg", "ssh://b@vault/./repo.borg", "1d", "00:00", ""),
    }
    assert by_path(found)["/srv/home"].credential == "file:/etc/restic/pw"


def test_what_was_not_understood_is_named_without_what_it_is_told(found: Existing) -> None:
    assert found.unclear == ["/etc/cron.d/backup starts /usr/local/bin/do-backup.sh: it cannot be read"]


def test_no_secret_reaches_the_proposal_and_that_there_is_one_is_said(found: Existing) -> None:
    text = proposal({"fs1": found}, {})
    assert "hunter2" not in text
    assert text.count("it was not copied") == 3
    assert "postgresql_databases" in text


def test_what_nobody_knows_is_refused_until_it_is_filled_in(found: Existing) -> None:
    text = proposal({"fs1": found}, {"fs1": "SRV-1"})
    with pytest.raises(InvalidRequest, match=r"b.yaml line \d+ column \d+: tier is still to be filled in") as told:
        read_backups(text, "b.yaml")
    assert "; so are lines " in told.value.hint, "all that waits is named at once"
    text = re.sub('"CHANGE ME 1 [^"]*"', "1", text)
    text = re.sub('"CHANGE ME such as[^"]*"', "24h", text)
    text = re.sub('"CHANGE ME file:[^"]*"', "keyring", text)
    with pytest.raises(InvalidRequest, match="site is still to be filled in"):
        read_backups(text, "b.yaml")
    text = re.sub('CHANGE ME its zone[^"]*', "Europe/London", text)
    text = re.sub('"CHANGE ME a whole path[^"]*"', "/mnt/usb", text)
    read = read_backups(re.sub('"/?CHANGE ME[^"]*"', "/Leith", text), "b.yaml")
    assert {job.system for job in read.jobs} == {"SRV-1"}
    assert len(read.jobs) == len(found.jobs)
    assert {target.where: bool(target.identity) for target in read.targets.values()} == {
        "sftp://b@vault/srv/restic": True,
        "sftp://backup@vault/srv/rsync/www": True,
        "/mnt/usb": False,
    }


@pytest.mark.parametrize(
    ("tool", "where", "ours"),
    [
        ("restic", "sftp:b@vault:/srv/restic", "sftp://b@vault/srv/restic"),
        ("restic", "sftp:b@vault:restic", ""),
        ("restic", "/mnt/usb", "/mnt/usb"),
        ("restic", "rest:https://amy:pw@vault.example/", ""),
        ("borg", "b@vault:/srv/borg", "ssh://b@vault/srv/borg"),
        ("borg", "ssh://b@vault/./repo.borg", ""),
        ("rsync", "-oProxyCommand=reboot@x:/y", ""),
        ("rsync", "a@b:/x/../y", ""),
    ],
)
def test_a_place_is_written_our_way_or_asked_for(tool: str, where: str, ours: str) -> None:
    assert as_written_here(tool, where) == ours


def test_borgmatic_is_read_in_its_old_form_too() -> None:
    one, two = borgmatic.jobs(OLD, "old.yaml")
    assert (one.where, two.where, one.paths) == ("b@vault:repo", "/mnt/usb/repo", ("/srv",))
    assert one.credential == "file:/etc/borg-pass"
    assert "it keeps: keep_weekly 4" in one.notes


@pytest.mark.parametrize("text", ["- a", "!include other.yaml", "x: [", "a: &b c", "a: 1\na: 2"])
def test_a_configuration_that_cannot_be_read_is_told_and_the_rest_goes_on(text: str) -> None:
    found = existing({**FILES, "/etc/borgmatic.d/x.yaml": text}, ask)
    assert [line for line in found.unclear if "/etc/borgmatic.d/x.yaml" in line]
    assert len(found.jobs) == 6


@pytest.mark.parametrize(
    ("times", "when"),
    [
        ("30 2 * * *", When("1d", "02:30")),
        ("5 * * * *", When("1h", "00:05")),
        ("*/15 * * * *", When("15m", "00:00")),
        ("10 */6 * * *", When("6h", "00:10")),
        ("0 4 * * 7", When("7d", "04:00", "sun")),
        ("0 4 * * Mon", When("7d", "04:00", "mon")),
        ("@daily", When("1d", "00:00")),
    ],
)
def test_times_of_cron(times: str, when: When) -> None:
    assert crontab.when(times) == when


UNSAID = [
    *("0 3 1 * *", "0 3 * 6 *", "0 3 * * 1-5", "0 3,9 * * *", "61 2 * * *", "0 25 * * *", "*/0 * * * *"),
    *("0 */0 * * *", "@reboot", "0 4 * * 8", "0 4 * * monster", "٣ 2 * * *"),
]


@pytest.mark.parametrize("times", UNSAID)
def test_times_that_cannot_be_said_are_a_note_and_no_guess(times: str) -> None:
    found = crontab.when(times)
    assert (found.every, found.at, times in found.note) == ("", "", True)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("OnCalendar=daily", When("1d", "00:00")),
        ("OnCalendar=*-*-* 03:15", When("1d", "03:15")),
        ("OnCalendar=03:15:00 UTC", When("1d", "03:15 UTC")),
        (
            "OnCalendar=Sun 03:15 America/Argentina/Salta",
            When("7d", "03:15 America/Argentina/Salta", "sun"),
        ),
        ("OnCalendar=*:15 Etc/GMT+3", When("1h", "00:15 Etc/GMT+3")),
        ("OnCalendar=Sun *-*-* 04:00", When("7d", "04:00", "sun")),
        ("OnCalendar=*:30", When("1h", "00:30")),
        ("OnCalendar=daily\nOnCalendar=\nOnCalendar=weekly", When("7d", "00:00", "mon")),
    ],
)
def test_times_of_timers(text: str, when: When) -> None:
    assert systemd.when(systemd.unit(text)) == when


def test_a_time_is_in_the_zone_of_its_host_unless_it_says_otherwise() -> None:
    timers = {"/etc/systemd/system/a.timer": "[Timer]\nOnCalendar=03:15 UTC\n"}
    services = {"/etc/systemd/system/a.service": "[Service]\nExecStart=/usr/bin/restic -r /srv/a backup /a\n"}
    found = existing({**timers, **services, "/etc/cron.d/b": "0 2 * * * root restic -r /srv/b backup /b\n"}, str)
    for zone, there in (
        ("Europe/London", " Europe/London"),
        ("Etc/UTC", ""),
        ("", " CHANGE ME its zone, as in 02:00 Europe/London"),
    ):
        text = proposal({"fs1": replace(found, zone=zone)}, {})
        assert 'at: "03:15 UTC"' in text
        assert f'at: "02:00{there}"' in text


@pytest.mark.parametrize("text", ["OnCalendar=Mon,Tue 03:00", "OnCalendar=*-*-01 03:00", "OnBootSec=5min", "",
                                  "OnCalendar=daily\nOnCalendar=weekly", "OnCalendar=Mon..Fri 03:00"])  # fmt: skip
def test_times_of_timers_that_cannot_be_said_are_a_note(text: str) -> None:
    found = systemd.when(systemd.unit(text))
    assert found.every == ""
    assert "cannot say" in found.note


@pytest.mark.parametrize(
    ("line", "where", "paths"),
    [
        ("borg create --stats -C zstd b@vault:r::{now} /home /etc", "b@vault:r", ("/home", "/etc")),
        ("BORG_REPO=/srv/r borg create ::x /home", "/srv/r", ("/home",)),
        ("restic --repo=/srv/r backup --exclude '*.tmp' -- /home -odd", "/srv/r", ("/home", "-odd")),
        ("sudo -u b restic -r /srv/r -p /etc/pw backup /home", "/srv/r", ("/home",)),
        ("tar cf /mnt/x.tar -C /srv home", "/mnt", ("/srv/home",)),
        ("tar --create --file=/mnt/x.tar /srv", "/mnt", ("/srv",)),
        ("rsync -a -e 'ssh -i /k' /srv/ vault:/srv", "vault:/srv", ("/srv",)),
        ("tar --zstd -C / -cf /mnt/x.tar.zst srv", "/mnt", ("/srv",)),
        ("D=/srv; export R=$D/restic; restic -r $R backup ${D}/home", "/srv/restic", ("/srv/home",)),
        ("R=${TO:-/srv}/r; restic -r $R backup $1 /home ${MORE:+/etc}", "/srv/r", ("$1", "/home", "/etc")),
        ("restic -r $R backup /home", "$R", ("/home",)),
        ("PASSWORD=x rsync -aR --link-dest=../a /srv /mnt/$PASSWORD/b", "/mnt/$PASSWORD", ("/srv",)),
        ("PASSWORD=x; rsync -aR --link-dest=../a /srv /mnt/$PASSWORD/b", "/mnt/$PASSWORD", ("/srv",)),
    ],
)
def test_command_lines(line: str, where: str, paths: tuple[str, ...]) -> None:
    (found,) = jobs(line, "x", When(), {})
    assert (found.where, found.paths) == (where, paths)


NO_COPIES = [
    *("restic forget --prune", "borg list /srv/r", "tar xf /mnt/x.tar", "tar -tf x", "rsync", "tar cf - /srv"),
    *("echo restic backup /x", "restic backup 'open", "apt install restic"),
]


@pytest.mark.parametrize("line", NO_COPIES)
def test_what_makes_no_copies_is_no_job(line: str) -> None:
    assert list(jobs(line, "x", When(), {})) == []


WORDS = st.sampled_from([
    *("restic", "borg", "tar", "rsync", "borgmatic", "backup", "create", "-r", "/srv", "::x", "&&", ";", ">", "'", '"'),
    *("\\", "$(", ")", "`", "RESTIC_PASSWORD=", "* * * * *", "@daily", "root", "\n", "[Service]", "ExecStart=", "x: y"),
    *("\x00", "\u202e", "\ud800", "é", "-", "--", "repositories: [a]", "location:", "OnCalendar=", "%", "="),
])  # fmt: skip
HOSTILE = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=25).map(" ".join), st.lists(WORDS).map("".join))
PATHS = ("/etc/cron.d/x", "/etc/cron.daily/x", "/var/spool/cron/crontabs/x", "/etc/systemd/system/x.service",
         "/etc/systemd/system/x.timer", "/etc/borgmatic/x.yaml", "/etc/restic/env")  # fmt: skip


@given(HOSTILE, st.sampled_from(PATHS), HOSTILE)
def test_whatever_stands_in_a_file_a_proposal_can_be_read_as_yaml(text: str, path: str, host: str) -> None:
    found = existing({path: text}, ask)
    made = proposal({host: found}, {})
    read = strictyaml.load(made, "made") if not strictyaml.DIRECTION.search(made) else {"jobs": {}}
    assert isinstance(read, dict)
    with pytest.raises(InvalidRequest):
        read_backups(made, "made")


@given(HOSTILE)
def test_readers_end_with_something_or_a_clear_refusal(text: str) -> None:
    assert all(isinstance(words, list) for words in commands(text))
    list(crontab.lines(text, users=True))
    systemd.when(systemd.unit(text))
    calls_borgmatic(text)
    sourced(text)
    assert isinstance(called(text), str)
    with suppress(InvalidRequest):
        list(borgmatic.jobs(text, "x"))


@pytest.fixture
def lead(tmp_path: Path) -> Desk:
    made = bare(tmp_path / "lead", "Lea")
    for path, text in FILES.items():
        (tmp_path / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path.lstrip("/")).write_text(text)
    return made


def test_a_proposal_is_written_into_a_new_file_and_never_over_another(lead: Desk, tmp_path: Path) -> None:
    files = [str(tmp_path / path.lstrip("/")) for path in FILES]
    said = lead.ops("backup", "import", *files, "-o", "proposed.yaml")
    assert (said.code, "6 jobs found" in said.err) == (0, True), said.err
    text = (lead.folder / "proposed.yaml").read_text()
    assert SECRET not in text
    again = lead.ops("backup", "import", *files, "-o", "proposed.yaml")
    assert (again.code, "proposed.yaml exists already" in again.err, "another name with -o" in again.err) == (
        2,
        True,
        True,
    )
    assert (lead.folder / "proposed.yaml").read_text() == text
    (lead.folder / "linked.yaml").symlink_to(lead.folder / "elsewhere")
    for out, said in (("linked.yaml", "is a link to nothing"), ("no/such.yaml", "cannot be written: No such file")):
        refused = lead.ops("backup", "import", *files, "-o", out)
        assert (refused.code, said in refused.err, refused.out) == (2, True, "")
    assert not (lead.folder / "elsewhere").exists()
    (lead.folder / "inventory/backups.yaml").write_text(text)
    refused = lead.ops("backup", "list")
    assert (refused.code, "is still to be filled in" in refused.err) == (2, True)
    assert lead.ops("backup", "import", *files).out.rstrip() == text.rstrip()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing.txt",), "cannot be read"),
        (("x.env", "--host", "fs1"), "give files, or --host, not both"),
        (("--host", "fs1"), "the inventory has no host fs1"),
        (("x.env",), "no job that makes backups was found"),
    ],
)
def test_bad_input_gets_one_clear_line(lead: Desk, words: tuple[str, ...], said: str) -> None:
    (lead.folder / "x.env").write_text("PATH=/bin\n")
    refused = lead.ops("backup", "import", *words)
    assert refused.code != 0
    assert said in refused.err
    assert "Traceback" not in refused.err


@pytest.mark.parametrize(
    ("line", "where", "note"),
    [
        ("rsync -aR --link-dest=../x /srv b@vault:/srv/mirror/$(date +%F)", "b@vault:/srv/mirror", ""),
        ("rsync -a --relative --link-dest ../x /srv /mnt/trees/2026/", "/mnt/trees", ""),
        ("rsync -a --link-dest=../x /srv/ /mnt/trees/$(date +%F)", "/mnt/trees", "without --relative"),
        ("rsync -aR --delete /srv /mnt/copy", "/mnt/copy", "no folder of dated trees"),
    ],
)
def test_the_folder_of_dated_trees_is_the_place_and_a_single_copy_is_told(line: str, where: str, note: str) -> None:
    (one,) = jobs(line, "x", When(), {})
    assert (one.where, one.paths) == (where, ("/srv",))
    assert note in " ".join(one.notes)
    assert bool(note) is bool("".join(one.notes))


def test_a_sign_within_a_word_begins_no_comment() -> None:
    (one,) = jobs("restic -r /srv/repo#1 backup /home # of all", "x", When(), {"RESTIC_PASSWORD_FILE": "/etc/pw"})
    assert (one.where, one.paths) == ("/srv/repo#1", ("/home",))
    assert settings("RESTIC_PASSWORD_FILE=/etc/pw#1 # don't\nBORG_REPO=/srv/b # it's here") == {
        "RESTIC_PASSWORD_FILE": "/etc/pw#1",
        "BORG_REPO": "/srv/b",
    }


def test_what_a_crontab_sets_holds_for_the_lines_below_it() -> None:
    text = f"""0 1 * * * root restic backup /early
RESTIC_REPOSITORY = "/srv/restic"
RESTIC_PASSWORD_FILE=/etc/pw
CRON_TZ=Europe/London
0 2 * * * root restic backup /late
RESTIC_PASSWORD={SECRET}
0 3 * * * root borg create /srv/borg::x /other
"""
    found = {one.paths: one for one in existing({"/etc/cron.d/backup": text}, str).jobs}
    assert (found["/early",].where, found["/early",].when.at) == ("", "01:00")
    late = found["/late",]
    assert (late.where, late.credential, late.when.at) == ("/srv/restic", "file:/etc/pw", "02:00 Europe/London")
    assert "hunter2" not in str(found)


def test_files_that_were_brought_say_nothing_of_their_machine(lead: Desk, tmp_path: Path) -> None:
    (tmp_path / "crontab").write_text("0 2 * * * root restic -r /srv/b backup /b\n")
    said = lead.ops("backup", "import", str(tmp_path / "crontab"))
    assert said.code == 0, said.err
    assert 'host: "CHANGE ME the name of its machine"' in said.out
    assert 'at: "02:00 CHANGE ME its zone, as in 02:00 Europe/London"' in said.out


def test_what_a_job_leaves_out_and_how_late_it_may_begin_is_told() -> None:
    (one,) = jobs("restic -r /srv/r backup --exclude-caches --exclude /a/tmp /a", "x", When(), {})
    assert (one.paths, [note for note in one.notes if "--exclude" in note]) == (("/a",), [PARTLY])
    late = systemd.when(systemd.unit("OnCalendar=22:15\nRandomizedDelaySec=3h"))
    assert (late.at, "up to 3h later" in late.note) == ("22:15", True)
    assert systemd.when(systemd.unit("OnCalendar=22:15\nRandomizedDelaySec=0")).note == ""
