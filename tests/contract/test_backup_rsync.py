"""Folders of dated trees made by the real rsync, here and behind a real SSH server that only lets read."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.adapters.backup import Damaged, Gone
from ops.adapters.backup_tree import Inside
from ops.adapters.rsync_folder import InsideHere
from ops.errors import NotAuthorised, Unreachable
from tests.contract.dated import NOW, files, ways
from tests.contract.plain_trees import ODD, Plain, behind_ssh, either, plain, whole
from tests.contract.test_backup_sentinel import LOWER
from tests.tcp import link

__all__ = ["behind_ssh", "either", "plain"]


def test_what_is_in_it_is_told_with_its_moment_and_its_size(either: Plain) -> None:
    first, second = either.keep(NOW - timedelta(days=1)), either.keep(NOW)
    for name in (f"{second.name}.partial", "2026-13-99T000000Z", "notes", f"{NOW:%Y-%m-%dT%H%M%S}"):
        (either.trees / name / "x").mkdir(parents=True)
    (either.trees / "latest").symlink_to(second.name)
    (either.trees / "2020-01-01T000000Z").symlink_to(first.name)
    (either.trees / "2020-01-02T000000Z").write_text("a file")
    (either.trees / os.fsdecode(b"\xff")).write_text("no name")
    assert either.at(first, "plain").stat().st_ino == either.at(second, "plain").stat().st_ino
    for _ in range(2):  # counted, and as it was kept in mind
        found = either.vault().runs([str(either.source), "/srv/never"])
        assert [one.id for one in found] == [first.name, second.name]
        assert [one.started for one in found] == [NOW - timedelta(days=1), NOW]
        assert [one.ended for one in found] == [None, None], "the time of a folder says nothing of that"
        assert [(one.files, one.octets) for one in found] == [(len(ODD), whole(either))] * 2
        assert found[-1].paths == (str(either.source),)
    assert either.vault().runs(["/srv/never"]) == []
    assert len(either.vault().runs([])) == 2


def test_a_tree_of_a_moment_that_cannot_be_is_passed_over(plain: Plain) -> None:
    plain.keep(NOW)
    found = plain.vault().runs([])
    for name in ("0001-01-01T000000Z", "9999-12-31T235959Z"):
        (plain.trees / name).mkdir()
    assert len(found) == 1
    assert plain.vault().runs([]) == found


def test_one_that_may_still_grow_is_counted_again_and_one_before_it_is_not(plain: Plain) -> None:
    first, second = plain.keep(NOW - timedelta(days=1)), plain.keep(NOW)
    assert [one.files for one in plain.vault().runs([])] == [len(ODD)] * 2
    for tree in (first, second):
        plain.at(tree, "deep/er/more").write_text("deeper than its time tells of")
    assert [one.files for one in plain.vault().runs([])] == [len(ODD), len(ODD) + 1]
    os.utime(first, (1, 1))
    assert [one.files for one in plain.vault().runs([])] == [len(ODD) + 1] * 2


def test_every_file_is_listed_by_its_whole_path_and_size(either: Plain) -> None:
    os.link(either.source / "plain", either.source / "again")
    made = either.keep()
    found = {entry.path: (entry.size, entry.linked) for entry in either.vault().entries(made.name)}
    wanted = [*ODD, "again"]
    assert found == {str(either.source / name): ((either.source / name).stat().st_size, False) for name in wanted}
    assert either.vault().structure() == ""


def test_files_come_back_as_they_were_and_nothing_else_does(either: Plain) -> None:
    os.link(either.source / "plain", either.source / "again")
    made, into = either.keep(NOW, "-H"), either.into()
    wanted = [str(either.source / name) for name in ODD if name != "-rf"] + [str(either.source / "again")]
    either.vault().restore(made.name, wanted, into)
    assert [f"/{one}" for one in files(into)] == sorted(wanted)
    for one in wanted:
        back = into / one.lstrip("/")
        assert back.read_bytes() == Path(one).read_bytes()
        assert int(back.stat().st_mtime) == int(Path(one).stat().st_mtime)


def test_no_link_in_it_leads_out(either: Plain) -> None:
    """Neither a folder nor a file nor one that is put in the place of a folder after all was listed."""
    outside = either.folder / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    made, into = either.keep(), either.into()
    either.at(made, "way").symlink_to(outside)
    either.at(made, "short").symlink_to(outside / "secret")
    os.mkfifo(either.at(made, "pipe"))
    paths = {entry.path for entry in either.vault().entries(made.name)}
    assert paths == {str(either.source / name) for name in ODD}
    assert either.vault().structure() == ""
    either.vault().restore(made.name, [str(either.source / name) for name in ("short", "pipe", "way", "deep")], into)
    for name in ("way/secret", "gone/x"):
        with pytest.raises(Unreachable, match="went away"):
            either.vault().restore(made.name, [str(either.source / name)], into)
    assert either.vault().runs([str(either.source / "way"), str(either.source / "way/secret")]) == []
    either.vault().restore(made.name, [f"/../{made.name}/{either.source}/plain", "/../../outside/secret"], into)
    shutil.rmtree(either.at(made, "deep/er"))
    either.at(made, "deep/er").symlink_to(outside)
    (outside / "still").write_text("not what was saved")
    with pytest.raises(Unreachable, match="went away"):
        either.vault().restore(made.name, [str(either.source / "deep/er/still")], into)
    assert (files(either.folder / "room"), (outside / "secret").read_text()) == ([], "secret")


def test_a_link_that_comes_between_a_look_and_the_opening_is_not_followed_here(
    plain: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SFTP cannot refuse that; the system here does."""
    made, into = plain.keep(), plain.into()
    (plain.folder / "secret").write_text("secret")
    real = InsideHere.opened

    def planted(self: InsideHere, place: str) -> Any:
        plain.at(made, "plain").unlink()
        plain.at(made, "plain").symlink_to(plain.folder / "secret")
        return real(self, place)

    monkeypatch.setattr(InsideHere, "opened", planted)
    with pytest.raises(Unreachable, match="went away"):
        plain.vault().restore(made.name, [str(plain.source / "plain")], into)
    assert not [one for one in into.rglob("*") if one.is_file() and one.read_bytes()]


def denied(plain: Plain, act: str) -> str:
    """What somebody hears whom the modes of files stop, which root is not: the error, or empty."""
    if plain.door:
        return said(lambda: eval(act, {"vault": plain.vault()}))  # noqa: S307  an expression of this file
    script = (
        "import sys; from pathlib import Path; from tests.contract.test_backup_rsync import Plain, said;"
        f"sys.stdout.write(said(lambda: eval({act!r}, {{'vault': Plain(Path(sys.argv[1])).vault()}})))"
    )
    argv = [*LOWER.split(), sys.executable, "-c", script, str(plain.folder)]
    return subprocess.run(argv, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2]).stdout


def said(act: Callable[[], object]) -> str:
    try:
        return f"{act()}"
    except (NotAuthorised, Damaged, Unreachable) as error:
        return f"{type(error).__name__}: {error}; {error.hint}"


def test_what_may_not_be_read_is_named_and_is_no_damage_and_hides_none(either: Plain) -> None:
    old, made = either.keep(NOW - timedelta(days=1)), either.keep()
    count = f"[(one.files, one.paths) for one in vault.runs([{str(either.source)!r}])]"
    either.at(made, "plain").chmod(0)  # the same file in both trees
    told = denied(either, "vault.structure()")
    assert told.startswith("NotAuthorised: mirror: "), told
    assert "source/plain may not be read; " in told
    assert ("let root read it" if either.door else "run it as somebody") in told
    either.at(made, "deep").chmod(0)
    assert "may not be read; and 1 more" in denied(either, "vault.structure()")
    assert "deep may not be read" in denied(either, f"list(vault.entries({made.name!r}))")
    assert "(None, (" in denied(either, count), "what was seen in part is not counted"
    into, path = either.into(), str(either.source / "plain")
    act = f"vault.restore({made.name!r}, [{path!r}], __import__('pathlib').Path({str(into)!r}))"
    assert denied(either, act).startswith("NotAuthorised: ")
    (old / either.folder.parts[1]).chmod(0)
    assert "NotAuthorised" not in denied(either, count), "an old one keeps nobody from looking at the newest"
    (made / either.folder.parts[1]).chmod(0)
    assert denied(either, count).startswith("NotAuthorised: ")


def test_what_cannot_be_read_to_its_end_is_damage(either: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    made = either.keep()
    real = either.inside.opened

    def broken(self: Inside, place: str) -> Any:
        if place.endswith("/plain"):
            raise OSError(errno.EIO, "Input/output error")
        if place.endswith("/empty"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(self, place)  # type: ignore[arg-type]

    monkeypatch.setattr(either.inside, "opened", broken)
    assert either.vault().structure().endswith("source/plain cannot be read (Input/output error)")
    with pytest.raises(Damaged, match="cannot be read"):
        either.vault().restore(made.name, [str(either.source / "plain")], either.into())


def test_a_file_that_ends_early_is_damage_unless_it_was_written_to(
    either: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = either.keep()
    real = either.inside.listed

    def longer(self: Inside, place: str) -> Any:
        return [one._replace(size=one.size + 7 * (one.name == "plain")) for one in real(self, place)]  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(either.inside, "listed", longer)
        assert either.vault().structure() == "", "it is not as it was listed any more"
        look = either.inside.look
        patched.setattr(
            either.inside, "look", lambda self, place: (one := look(self, place))._replace(size=one.size + 7)
        )
        assert either.vault().structure().endswith("source/plain ends after 2000 of 2007 octets")
    assert either.vault().structure() == ""
    assert made.is_dir()


def test_what_goes_while_it_is_read_is_no_damage(either: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    made = either.keep()
    real = either.inside.listed

    def thinned(self: Inside, place: str) -> Any:
        if place.endswith("/deep/er"):
            shutil.rmtree(either.at(made, "deep"))
        return real(self, place)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(either.inside, "listed", thinned)
        with pytest.raises(Unreachable, match="deep/er went away while it was read"):
            either.vault().structure()
    assert either.vault().structure() == ""
    shutil.rmtree(made)
    with pytest.raises(Unreachable, match="is there no more"):
        list(either.vault().entries(made.name))


def test_no_folder_no_way_in_and_a_connection_that_breaks_are_told_apart(behind_ssh: Plain) -> None:
    assert behind_ssh.vault().runs([]) == []
    behind_ssh.keep()
    behind_ssh.trees.rename(behind_ssh.folder / "away")
    for one in (behind_ssh, replace(behind_ssh, door=None)):
        with pytest.raises(Gone, match="no folder of snapshots"):
            one.vault().runs([])
    (behind_ssh.folder / "away").rename(behind_ssh.trees)
    assert "NotAuthorised" in locked(behind_ssh)
    door = behind_ssh.door
    assert door is not None
    (behind_ssh.source / "big").write_bytes(os.urandom(4 << 20))
    made = behind_ssh.keep(NOW + timedelta(hours=1))
    known = door.known_hosts.read_text()
    with link(door.port, limit=400_000) as one:
        door.known_hosts.write_text(known.replace(f":{door.port} ", f":{one.port} "))
        behind_ssh.door = replace(door, port=one.port)
        with pytest.raises(Unreachable, match="broke off"):
            behind_ssh.vault().structure()
        one.passed = 0
        with pytest.raises(Unreachable, match="broke off"):
            behind_ssh.vault().restore(made.name, [str(behind_ssh.source / "big")], behind_ssh.into())
    door.known_hosts.write_text(known.replace(f":{door.port} ", ":1 "))
    behind_ssh.door = replace(door, port=1)
    with pytest.raises(Unreachable, match="could not be reached"):
        behind_ssh.vault().runs([])
    door.known_hosts.write_text(known)
    behind_ssh.door = door
    assert behind_ssh.vault().structure() == ""
    (behind_ssh.folder / "key.pub").write_text("")
    with pytest.raises(NotAuthorised):
        behind_ssh.vault().structure()


def locked(plain: Plain) -> str:
    plain.trees.chmod(0)
    try:
        return denied(plain, "vault.runs([])")
    finally:
        plain.trees.chmod(0o755)


@pytest.mark.parametrize("there", ["plain", "behind_ssh"])
def test_a_folder_is_one_by_whatever_link_it_is_reached(request: pytest.FixtureRequest, there: str) -> None:
    either: Plain = request.getfixturevalue(there)
    either.keep()
    here, by_link, other = ways(either.folder, lambda folder: replace(either, folder=folder).vault())
    assert (here == by_link, here == other, bool(other)) == (True, False, True)
