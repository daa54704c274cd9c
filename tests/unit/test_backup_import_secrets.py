"""Addresses, paths and settings that ``ops backup import`` reads: of a secret in them nothing is left."""

from __future__ import annotations

import re
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.backup.command_line import jobs
from inventory.backup.existing import Existing, existing
from inventory.backup.found import LEFT_OUT, NOT_COPIED, Found, When, without_secret
from inventory.backup.places import behind_ssh
from inventory.backup.proposal import proposal
from inventory.backup.settings import settings
from ops.adapters.host_backups import MASK
from ops.errors import InvalidRequest

SECRET = "hunter2-geheim"  # noqa: S105


@pytest.mark.parametrize(
    ("where", "left"),
    [
        (f"rest:https://u:pa/{SECRET}@h:8000/x", "rest:https://…@h:8000/x"),
        (f"rest:https://{SECRET}@h/b", "rest:https://…@h/b"),
        (f"rest:https://h/x?token={SECRET}", "rest:https://h/x?…"),
        (f"rest:https://h/x?token=a@{SECRET}", "rest:https://…@…"),
        (f"rest:https://u:p?{SECRET}@h/x", "rest:https://…@…"),
        (f"s3:https://key:{SECRET}@s3.example/x", "s3:https://…@s3.example/x"),
        (f"sftp://u:pa/{SECRET}@h/x", "sftp://u@h/x"),
        (f"ssh://u:pa@{SECRET}@h/x", "ssh://u@h/x"),
        (f"rclone::webdav,url='https://x/',user=u,pass={SECRET}:dir", "rclone::webdav,…"),
        (f"sftp:bob:p@/{SECRET}@h:/x@y", "sftp:bob@h:/x@y"),
        (f"bob:{SECRET}@h::mod", "bob@h::mod"),
        (f"b2:bucket:x:{SECRET}", "b2:bucket:x:…"),
        *((one, one) for one in ("rclone:box:a,b", "b2:bucket:x", "h:/x@y", "sftp:h:/x@y", "b@h:repo")),
        *((one, one) for one in ("rest:https://h:8000/x", "ssh://u@h:22/a@b?c", "u@h:/a", "/a:b@c", "sftp:u@h:/x")),
    ],
)
def test_of_an_address_no_secret_is_shown(where: str, left: str) -> None:
    found = without_secret(Found("/etc/x", "restic", where))
    assert (found.where, found.notes) == (left, (NOT_COPIED,) if left != where else ())
    if left != where:
        with pytest.raises(InvalidRequest) as told:
            behind_ssh("restic", where)
        assert SECRET not in f"{told.value} {told.value.hint}"


@pytest.mark.parametrize("path", [f"/srv/x?token={SECRET}", f"bob:{SECRET}@h:srv", f"https://h/x?t={SECRET}"])
def test_of_a_path_with_a_secret_in_it_nothing_is_left(path: str) -> None:
    text = f'source_directories: ["{path}", /etc, "/srv/a?b"]\nrepositories: [/mnt/usb]\n'
    (one,) = existing({"/etc/borgmatic/a.yaml": text}, str).jobs
    assert (one.paths, LEFT_OUT in one.notes) == (("…", "/etc", "/srv/a?b"), True)
    assert not re.search("hunter2|geheim", proposal({"fs1": Existing([one])}, {}))


def test_an_archive_behind_a_password_is_named_without_it() -> None:
    (one,) = jobs(f"tar -cf bob:{SECRET}@h:/x/a.tar /etc", "x", When(), {})
    assert (one.where, one.notes) == ("bob@h:/x", ("its archives are called bob@h:/x/a.tar", NOT_COPIED))


@given(
    st.sampled_from(["RESTIC_PASSWORD", "BORG_PASSPHRASE", "RESTIC_PASSWORD_COMMAND", "OTHER"]), st.text(max_size=40)
)
def test_no_value_of_a_secret_is_kept(name: str, value: str) -> None:
    kept = settings(f"export {name}={value}")
    assert set(kept.values()) <= {"(not copied)"}


@pytest.mark.parametrize(
    ("line", "left"),
    [
        (f"RESTIC_PASSWORD={SECRET}", "RESTIC_PASSWORD=(not copied)"),
        (f"X=1 BORG_PASSPHRASE='a {SECRET}' borg create", "X=1 BORG_PASSPHRASE=(not copied) borg create"),
        ("RESTIC_PASSWORD_FILE=/etc/pw", "RESTIC_PASSWORD_FILE=/etc/pw"),
        (f"export AZURE_ACCOUNT_KEY={SECRET}", "export AZURE_ACCOUNT_KEY=(not copied)"),
        (f"AZURE_ACCOUNT_SAS='{SECRET}'", "AZURE_ACCOUNT_SAS=(not copied)"),
        (f"AWS_SECRET_ACCESS_KEY={SECRET}", "AWS_SECRET_ACCESS_KEY=(not copied)"),
        ("BORG_KEY_FILE=/etc/key", "BORG_KEY_FILE=/etc/key"),
        (f"encryption_passphrase: {SECRET}", "encryption_passphrase: (not copied)"),
        (f"  - {{name: a, password: {SECRET}}}", "  - {name: a, password: (not copied)}"),
        (f"restic -r rest:https://u:{SECRET}@h/ backup /x", "restic -r rest:https://(not-copied)@h/ backup /x"),
        (f"X='rest:https://u:p/{SECRET}@h/x' m=a@b", "X='rest:https://(not-copied)@h/x' m=a@b"),
        (f"X=rest:https://{SECRET}@h/x", "X=rest:https://(not-copied)@h/x"),
        (f"X=rest:https://h/x?t={SECRET} -q", "X=rest:https://h/x?(not-copied) -q"),
        (f"X=rest:https://h/x?t=a@{SECRET} -q", "X=rest:https://(not-copied)@(not-copied) -q"),
        (f"X=rest:https://u:{SECRET}?@h/x", "X=rest:https://(not-copied)@(not-copied)"),
        (f"rsync /x rsync://u:p/{SECRET}@h/x", "rsync /x rsync://u:(not copied)@h/x"),
        ("borg create ssh://b@h:22/x", "borg create ssh://b@h:22/x"),
        (f"rsync -a /x bob:p/{SECRET}@h::mod", "rsync -a /x bob:not-copied@h::mod"),
        (f"restic -r sftp:bob:{SECRET}@h:/x backup", "restic -r sftp:bob:not-copied@h:/x backup"),
        (f"-r \"rclone::a,u='x y',pass={SECRET}:d\" backup", '-r "rclone::a,not-copied" backup'),
        (f"-r 'rclone::a,pass=\"{SECRET}\":d' backup", "-r 'rclone::a,not-copied' backup"),
        (f"-r rclone::a,u='x',pass={SECRET}:d backup", "-r rclone::a,not-copied backup"),
        *((one, one) for one in ("borg create b@h:repo::a /x", "-r sftp:u@h:/x backup", "rsync /x u@h::mod")),
    ],
)
def test_a_secret_does_not_leave_its_host(line: str, left: str) -> None:
    argv = ["sed", "-E", *(word for one in MASK for word in ("-e", one))]
    done = subprocess.run(argv, input=line, capture_output=True, text=True, check=True, timeout=20)
    assert done.stdout.rstrip("\n") == left


@pytest.mark.parametrize(
    "line",
    [
        f"restic -r /b/r backup /srv -p <(echo {SECRET})",
        f'restic -r /b/r backup /srv --password-file <(printf %s "$(cat /x)" {SECRET})',
        f'PW={SECRET}; restic -r "rest:http://x/$PW/" backup /srv/z',
        f"repo_pass={SECRET}; tar -czf /b/x-$repo_pass.tar.gz /srv/q",
        f'cred={SECRET}; restic -r "sftp:u@h:/x" backup /srv/8 "/srv/$cred"',
    ],
)
def test_a_secret_a_shell_puts_together_is_left_out(line: str) -> None:
    found = existing({"/etc/cron.d/x": f"0 1 * * * root {line}\n"}, str)
    text = proposal({"fs1": found}, {})
    assert found.jobs
    assert not re.search("hunter2|geheim", text), text
