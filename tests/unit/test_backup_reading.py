"""``backups.yaml``: read whole, and each mistake named with its place."""

from __future__ import annotations

import json
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from inventory.backup.model import USUAL, Cadence, Schedule
from inventory.backup.places import Place, behind_ssh
from inventory.backup.reading import read_backups
from ops.errors import InvalidRequest

GOOD = """systems:
  FS-1: {host: fs1, tier: 1, rpo: 24h, rto: 4h, site: Leith, failure_domain: rack-1}
targets:
  vault: {tool: restic, where: /srv/backup/restic, medium: disk, site: Leith, failure_domain: rack-2,
          credential: "file:secrets/vault", key_held_by: Bob Ray, lock_days: 14}
jobs:
  fs1-homes: {system: FS-1, target: vault, paths: [/srv/home], every: 1w, at: "02:00", day: sun,
              start_grace: 1h, finish_grace: 4h}
cadence:
  1: {structure: 1d}
"""


def test_all_of_it_is_read() -> None:
    found = read_backups(GOOD)
    assert found.systems["FS-1"].rpo == timedelta(days=1)
    assert (found.targets["vault"].lock_days, found.targets["vault"].encrypted) == (14, True)
    (job,) = found.jobs_of("FS-1")
    assert job.schedule == Schedule(timedelta(days=7), time(2), "sun")
    assert found.cadence[1] == Cadence(timedelta(days=1), USUAL[1].data, USUAL[1].restore)
    assert found.cadence[2] == USUAL[2]
    assert read_backups("").jobs == ()
    (job,) = read_backups(GOOD.replace('"02:00"', '"02:00 Europe/London"')).jobs_of("FS-1")
    assert job.schedule == Schedule(timedelta(days=7), time(2), "sun", ZoneInfo("Europe/London"))


@pytest.mark.parametrize("tool", ["tar", "rsync"])
@pytest.mark.parametrize(
    ("host", "path", "where", "right"),
    [
        ("db1", "/srv/home", "/srv/a", False),
        ("db1", "/srv/home/ada", "/srv/a", False),
        ("db1", "/", "/srv/./a/", False),
        ("db1", "/srv/homes", "/srv/a", True),
        ("db1", "/srv/home", "/srv/b", True),
        ("fs1", "/srv/home", "/srv/a", True),
    ],
)
def test_two_machines_in_one_folder_that_names_none_are_told_apart_by_their_paths(
    tool: str, host: str, path: str, where: str, right: bool
) -> None:
    """Else the backups of one would stand for the other's, which may be dead for long."""
    rows = {"FS-1": ("fs1", "/srv/home", "/srv/a"), "DB-1": (host, path, where)}
    more = "site: Leith, failure_domain: r"
    sections = {
        "systems": "{tag}: {{host: {0}, tier: 1, rpo: 1d, rto: 1d, {more}}}",
        "targets": 'of-{tag}: {{tool: {tool}, where: {2}, {more}, encrypted: "false"}}',
        "jobs": "j-{tag}: {{system: {tag}, target: of-{tag}, paths: [{1}], every: 1d}}",
    }
    text = "".join(
        f"{name}:\n" + "".join(f"  {line.format(*row, tag=tag, tool=tool, more=more)}\n" for tag, row in rows.items())
        for name, line in sections.items()
    )
    if right:
        assert len(read_backups(text).jobs) == 2
        return
    with pytest.raises(
        InvalidRequest, match="does not record whose files these are: j-FS-1 keeps the same paths there"
    ):
        read_backups(text)
    by_restic = text.replace(f"tool: {tool}", "tool: restic").replace('encrypted: "false"', "credential: prompt")
    assert len(read_backups(by_restic).jobs) == 2, "restic records the machine"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rpo: 24h", "rpo: tomorrow", "line 2 column 30: 'tomorrow' is no length of time"),
        ("tier: 1", "tier: 4", "4 is not one of 1, 2, 3"),
        ("tool: restic", "tool: resstic", "resstic is not one of restic, borg, tar, rsync"),
        ('"file:secrets/vault"', "hunter2", "a credential is named, not written down"),
        ("system: FS-1", "system: FS-2", "there is no system FS-2"),
        ("target: vault", "target: volt", "there is no target volt"),
        ("[/srv/home]", "[/srv/../etc]", "a path is written from the root, without .."),
        ('at: "02:00"', 'at: "2 am"', "at is not a time of the day"),
        ("[/srv/home]", "[]", "a job names at least one path"),
        ("[/srv/home]", r'["/srv/home", "/a\0b"]', "column 65: an escape here is the character NUL"),
        ("/srv/backup/restic", r'"/srv/\x00"', "an escape here is the character NUL"),
        ('"file:secrets/vault"', r'"file:a\u0000b"', "an escape here is the character NUL"),
        (
            'at: "02:00"',
            'at: "02:00+05:00"',
            "write it as 02:00, or as 02:00 Europe/London",
        ),
        *(
            ('at: "02:00"', f'at: "02:00 {zone}"', "is no time zone that is known here")
            for zone in ("Europe/Leith", "Europe", "../etc/passwd", "/etc/localtime", "CET-1CEST", " UTC", "x" * 300)
        ),
        ("day: sun", "day: sunday", "sunday is not one of mon, tue"),
        ("lock_days: 14", "lock_days: two", "lock_days is a whole number"),
        ("medium: disk", "medum: disk", "medium"),
        ("structure: 1d", "structure: 0d", "is no length of time"),
        ("/srv/backup/restic", "srv/backup", "'srv/backup' is not a whole path"),
        ("/srv/backup/restic", "/srv/backup/../backup/restic", "leads back by .. write it from the root, without .."),
        ("/srv/backup/restic", "-osomething", "'-osomething' is no place"),
        ("/srv/backup/restic", "sftp:b@vault:/srv", "would be reached without its key being checked here"),
        ("/srv/backup/restic", "rest:http://vault/x", "would be reached without its key being checked here"),
        ("/srv/backup/restic", "ssh://b@vault/srv", "write a whole path, or sftp://ACCOUNT@HOST/PATH"),
        ("/srv/backup/restic", "sftp://b@vault/srv", "a place behind SSH needs a key"),
        ("lock_days: 14", "identity: keys/b", "a folder here needs no key"),
    ],
)
def test_a_mistake_is_named_with_its_place(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(InvalidRequest, match="line") as raised:
        read_backups(GOOD.replace(old, new))
    assert said in f"{raised.value} {raised.value.hint}"
    assert "hunter2" not in f"{raised.value} {raised.value.hint}"


@pytest.mark.parametrize(
    "name",
    ["../../../victim", "a/b", ".", "..", ".hidden", "-x", "", "x" * 201, "ü" * 101, "a\nb", "x\u202ey", "a\x1bb"],
)
def test_a_name_that_files_are_called_by_is_no_path(name: str) -> None:
    for old, line in (("vault", "line 4"), ("fs1-homes", "line 7")):
        with pytest.raises(InvalidRequest, match=f"{line} column 3.*cannot be the name of a file"):
            read_backups(GOOD.replace(f"  {old}:", f"  {json.dumps(name)}:"))


@pytest.mark.parametrize("name", ["Tresor im Keller", "Größe", "副本", "a.b-c_d", "x" * 200, "1"])
def test_a_name_may_be_in_any_script(name: str) -> None:
    text = GOOD.replace("vault:", f'"{name}":').replace("target: vault", f'target: "{name}"')
    assert list(read_backups(text.replace("fs1-homes:", f'"{name}":')).targets) == [name]


def test_a_path_is_one_however_it_is_written() -> None:
    """Tools list ``/srv/home`` for ``/srv/home/``: compared as it was written, no backup would ever hold it."""
    (job,) = read_backups(GOOD.replace("[/srv/home]", "[/srv//home/, /srv/./home, /]")).jobs
    assert job.paths == ("/srv/home", "/")
    text = GOOD.replace("paths: [/srv/home]", "databases: {/srv/home//x.db/: {kind: sqlite}}, paths: [/srv/home]")
    assert [one.path for one in read_backups(text).jobs[0].databases] == ["/srv/home/x.db"]


def test_a_password_in_a_place_is_not_printed() -> None:
    for where in ("rest:https://bk:hunter2@vault/x", "rest:https://vault/x?t=hunter2", "sftp://bk:hunter2@vault/srv"):
        with pytest.raises(InvalidRequest) as raised:
            read_backups(GOOD.replace("/srv/backup/restic", where))
        assert "hunter2" not in f"{raised.value} {raised.value.hint}"
        assert "vault/" in str(raised.value)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("sftp://bk@vault.school.example/srv/restic", Place("bk", "vault.school.example", 22, "/srv/restic")),
        ("sftp://bk@[2001:db8::1]:2222/srv/two words/", Place("bk", "2001:db8::1", 2222, "/srv/two words")),
        ("/srv/backup", None),
        ("rest:https://vault.school.example/x", None),
    ],
)
def test_a_place_is_a_folder_here_or_one_behind_ssh(where: str, found: Place | None) -> None:
    assert behind_ssh("restic", where) == found


@pytest.mark.parametrize(
    "rest",
    [
        "-oProxyCommand=x@vault/srv",
        "bk@-oProxyCommand=x/srv",
        "bk@vault:0/srv",
        "bk@vault:99999/srv",
        "bk@vault",
        "bk@vault/",
        "bk@vault/srv/../etc",
        "bk@vault/srv/$(reboot)",
        "bk@vault/srv;reboot",
        "bk@vault/srv::archive",
        "bk@vault/srv'x",
        "bk@vau lt/srv",
        "bk:secret@vault/srv",
        "vault/srv",
    ],
)
def test_no_part_of_a_place_can_be_an_option_or_shell_text(rest: str) -> None:
    for tool, scheme in (("restic", "sftp"), ("borg", "ssh")):
        with pytest.raises(InvalidRequest, match="no place"):
            behind_ssh(tool, f"{scheme}://{rest}")
