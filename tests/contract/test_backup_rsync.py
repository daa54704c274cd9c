"""Folders of dated trees made by the real rsync, here and behind a real SSH server that only lets read."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from getpass import getuser
from pathlib import Path
from typing import Any

import pytest

from inventory.backup.model import Target
from ops.adapters.backup import Damaged, Gone, Part
from ops.adapters.backup_tree import Inside
from ops.adapters.rsync import RsyncVault
from ops.adapters.rsync_folder import Folder, InsideHere
from ops.adapters.ssh import Door
from ops.adapters.ssh_shelf import FarFolder
from ops.adapters.ssh_tree import FarTree, InsideThere
from ops.errors import NotAuthorised, NotOffered, Unreachable
from tests.contract.test_backup import NAMES
from tests.contract.test_backup_sentinel import LOWER, SFTP
from tests.sshd import server
from tests.tcp import link
from tests.workspace import Desk, bare

ALL = Part(1, 1)
NOW = datetime.now(UTC).replace(microsecond=0)
EARLIER = int(NOW.timestamp() - 7200) * 10**9 + 123456789  # a time SFTP tells the seconds of
ODD = [*NAMES, os.fsdecode(b"\xff no utf-8"), "deep/er/still"]


@dataclass
class Plain:
    """A folder of trees, here or behind SSH, and what they were made of."""

    folder: Path
    door: Door | None = None

    @property
    def source(self) -> Path:
        return self.folder / "source"

    @property
    def trees(self) -> Path:
        return self.folder / "trees"

    @property
    def inside(self) -> type[InsideHere | InsideThere]:
        return InsideThere if self.door else InsideHere

    def vault(self) -> RsyncVault:
        (self.folder / "cache").mkdir(exist_ok=True)
        target = Target("mirror", "rsync", str(self.trees), "disk", "here", "rack", "")
        tree = FarTree(target, self.door, str(self.trees)) if self.door else Folder(target)
        return RsyncVault(target, tree, self.folder / "cache")

    def keep(self, at: datetime = NOW, *words: str) -> Path:
        """One more tree, as the practice network's job makes it: unchanged files are those of the one before."""
        made = self.trees / f"{at:%Y-%m-%dT%H%M%SZ}"
        last = max((one.name for one in self.trees.glob("*Z")), default="")
        links = [f"--link-dest=../{last}"] if last else []
        subprocess.run(["rsync", "-aR", "--numeric-ids", *links, *words, str(self.source), str(made)], check=True)
        return made

    def at(self, tree: Path, name: str) -> Path:
        return tree / str(self.source / name).lstrip("/")

    def listed(self, tree: Path, *words: str) -> Path:
        """A list of checksums beside a tree, by the real sha256sum."""
        top = {"/": "/", "./": str(tree), "tree": str(self.trees)}[words[0] if words else "./"]
        what = {"/": str(self.source), "./": ".", "tree": tree.name}[words[0] if words else "./"]
        told = subprocess.run(
            ["find", what, "-type", "f", "-exec", "sha256sum", "{}", "+"], cwd=top, check=True, capture_output=True
        )
        (beside := tree.with_name(f"{tree.name}.sha256")).write_bytes(told.stdout)
        return beside

    def into(self) -> Path:
        (made := self.folder / "room" / "into").mkdir(parents=True)
        return made


@pytest.fixture
def plain(tmp_path: Path) -> Plain:
    made = Plain(tmp_path)
    made.trees.mkdir()
    for number, name in enumerate(ODD):
        (made.source / name).parent.mkdir(parents=True, exist_ok=True)
        (made.source / name).write_bytes(b"" if name == "empty" else os.urandom(2000 * (number + 1)))
        os.utime(made.source / name, ns=(EARLIER, EARLIER))
    return made


@pytest.fixture
def behind_ssh(plain: Plain) -> Iterator[Plain]:
    """The same behind a server that refuses to write, and has no more rights than its modes give."""
    key = plain.folder / "key"
    subprocess.run(["ssh-keygen", "-qt", "ed25519", "-N", "", "-f", str(key)], check=True)
    settings = (f"AuthorizedKeysFile={key}.pub", "StrictModes=no", "Subsystem=sftp internal-sftp")
    with server(plain.folder / "sshd", *settings, f"ForceCommand={LOWER} {SFTP} -R") as (port, known):
        plain.door = Door("127.0.0.1", getuser(), known, key, port, sudo=False)
        yield plain


SSH_AT_NIGHT = pytest.param("behind_ssh", marks=pytest.mark.night)  # the way there is asked by other tests


@pytest.fixture(params=["plain", "behind_ssh"])
def either(request: pytest.FixtureRequest) -> Plain:
    found: Plain = request.getfixturevalue(request.param)
    return found


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def whole(plain: Plain) -> int:
    return sum((plain.source / name).stat().st_size for name in ODD)


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


def test_without_a_list_beside_it_nothing_is_called_compared(either: Plain) -> None:
    with pytest.raises(NotOffered):
        either.vault().unlock()
    with pytest.raises(NotOffered, match="has no tree"):
        either.vault().data(ALL)
    either.keep()
    with pytest.raises(NotOffered, match="compared with nothing: rsync keeps no hashes") as told:
        either.vault().data(ALL)
    assert "its name and .sha256" in str(told.value.hint)
    for number in range(1, 5):
        with pytest.raises(NotOffered):
            either.vault().data(Part(number, 4))


@pytest.mark.parametrize("form", ["./", "/", "tree"])
def test_a_list_beside_it_is_compared_file_by_file(either: Plain, form: str) -> None:
    made = either.keep()
    either.listed(made, form)
    assert either.vault().data(ALL) == ""
    assert all(len(entry.sha256) == 64 for entry in either.vault().entries(made.name))
    bad = either.at(made, "new\nline")
    octets, moment = bytearray(bad.read_bytes()), bad.stat().st_mtime_ns
    octets[7] ^= 1
    bad.write_bytes(octets)
    os.utime(bad, ns=(moment, moment))
    assert either.vault().structure() == ""
    assert "new\\nline' is not as the list beside it says" in either.vault().data(ALL)
    shutil.copy2(either.source / "new\nline", bad)
    either.at(made, "plain").rename(either.at(made, "other"))
    told = either.vault().data(ALL)
    assert "plain is in the list and not there" in told
    assert "other is in no line of the list" in told


def test_a_list_that_cannot_be_read_is_told_and_one_tree_without_keeps_its_part_open(either: Plain) -> None:
    first, second = either.keep(NOW - timedelta(days=1)), either.keep()
    beside = either.listed(first)
    told: list[object] = []
    for number in (1, 2):
        try:
            told.append(either.vault().data(Part(number, 2)))
        except NotOffered as error:
            told.append(second.name in str(error))
    assert sorted(map(str, told)) == ["", "True"]
    either.at(first, "plain").unlink()
    for number in (1, 2):
        assert "plain is in the list and not there" in either.vault().data(Part(number, 2)), "it is in sight each time"
    for text in ("gibberish\n", f"{'0' * 64}  ../x\n", f"{'0' * 64}  x\n{'1' * 64}  ./x\n"):
        beside.write_text(text)
        assert f"{beside.name}: line " in either.vault().data(ALL)
        with pytest.raises(Damaged):
            list(either.vault().entries(first.name))


def test_no_folder_no_way_in_and_a_connection_that_breaks_are_told_apart(behind_ssh: Plain) -> None:
    assert behind_ssh.vault().runs([]) == []
    behind_ssh.keep()
    behind_ssh.trees.rename(behind_ssh.folder / "away")
    for plain in (behind_ssh, replace(behind_ssh, door=None)):
        with pytest.raises(Gone, match="no folder of snapshots"):
            plain.vault().runs([])
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


def test_a_folder_of_archives_with_a_name_that_is_no_utf8_in_it_is_listed(behind_ssh: Plain) -> None:
    odd = os.fsdecode(b"\xff-20261126T014003Z.tar.zst")
    (behind_ssh.trees / odd).write_bytes(b"x")
    assert behind_ssh.door is not None
    shelf = FarFolder(behind_ssh.vault().target, behind_ssh.door, str(behind_ssh.trees))
    assert [one.name for one in shelf.listed()] == [odd]


def within(plain: Plain, tree: Path, moments: tuple[float, float]) -> None:
    """A file that was saved in the second a backup began in, and got other content of that size later in it."""
    size = plain.at(tree, "plain").stat().st_size
    (plain.source / "plain").write_bytes(os.urandom(size))
    for path, moment in zip((plain.at(tree, "plain"), plain.source / "plain"), moments, strict=True):
        time = int((NOW.timestamp() + moment) * 10**9)
        os.utime(path, ns=(time, time))


TEXT = """systems:
  FS-1: {{host: fs1, tier: 1, rpo: 24h, rto: 4h, site: Leith, failure_domain: rack-1}}
targets:
  mirror: {{tool: rsync, where: "{where}", site: Perth, failure_domain: rack-2, encrypted: false{key}}}
jobs:
  homes: {{system: FS-1, target: mirror, paths: ["{source}"], every: 1d, at: "{at:%H:%M}"}}
cadence:
  1: {{data: 1d}}
"""
HERE = "fs1:\n  hostname: localhost\n  data: {kind: host, credential: local}\n"


def lead(plain: Plain, tmp_path: Path) -> Desk:
    made = bare(tmp_path / "lead", "Lea")
    where, key = str(plain.trees), ""
    if plain.door:
        where = f"sftp://{getuser()}@127.0.0.1:{plain.door.port}{plain.trees}"
        key = f", identity: {plain.door.key_file}"
        (made.folder / "known_hosts").write_text(plain.door.known_hosts.read_text())
    text = TEXT.format(where=where, source=plain.source, at=NOW - timedelta(minutes=2), key=key)
    (made.folder / "inventory/backups.yaml").write_text(text)
    (made.folder / "inventory/hosts.yaml").write_text(HERE)
    return made


@pytest.mark.parametrize("either", ["plain", SSH_AT_NIGHT], indirect=True)
def test_check_and_restore_test_say_what_was_compared_and_what_was_not(either: Plain, tmp_path: Path) -> None:
    made = either.keep()
    desk = lead(either, tmp_path)

    def check() -> dict[str, tuple[str, str]]:
        said = desk.ops("backup", "check", "--json")
        return {one["rule"]: (one["verdict"], one["because"]) for one in said.json["findings"]}

    def restored() -> tuple[str, str, list[str]]:
        said = desk.ops("backup", "restore-test", "homes", "--files", "1000", "--json")
        (one,) = [one for one in said.json["findings"] if one["rule"] == "restore"]
        return one["verdict"], one["because"], said.json["seen"][0]["not_looked_at"]

    for name in ODD:
        (either.source / name).write_bytes(os.urandom(7))
    verdict, because, unseen = restored()
    assert verdict == "UNKNOWN"
    assert "12 of 12 came back with the right size; only their size was compared: rsync keeps no hashes" in because
    assert unseen == ["the content of 12 of 12 files: rsync keeps no hashes"]
    found = check()
    for rule in ("freshness", "start", "sources", "structure"):
        assert found[rule][0] == "PASS", (rule, found)
    for rule in ("finish", "data 1/1", "restore"):
        assert found[rule][0] == "UNKNOWN", (rule, found)
    shutil.copytree(either.at(made, "."), either.source, dirs_exist_ok=True)
    (either.source / "plain").write_bytes(b"another day")
    verdict, because, _ = restored()
    assert (verdict, "the content of 11 was compared with the files as they are now" in because) == ("UNKNOWN", True)
    within(either, made, (0.2, 0.7))
    assert restored()[0] == "UNKNOWN", "where only seconds are told, it may have changed within the one"
    os.utime(either.at(made, "plain"), ns=(EARLIER, EARLIER))
    shutil.copy2(either.at(made, "plain"), either.source / "plain")
    verdict, because, unseen = restored()
    assert (verdict, "; compared with the files as they are now" in because, unseen) == ("PASS", True, []), because
    assert "all 12 files are right" in because
    bad = either.at(made, "plain")
    moment = bad.stat().st_mtime_ns
    bad.write_bytes(os.urandom(bad.stat().st_size))
    os.utime(bad, ns=(moment, moment))
    assert restored()[0] == "FAIL"
    either.listed(made)
    shutil.rmtree(either.source)
    verdict, because, unseen = restored()
    assert (verdict, "compared with the list of checksums beside it" in because, unseen) == ("PASS", True, []), because
    found = check()
    assert (found["data 1/1"][0], found["restore"][0]) == ("PASS", "PASS")
