"""Folders and archives of a host. What appears is made aside and renamed in; what goes is renamed aside first.

Folders lie below parents that only root may write, so nobody can put a link in the way. Sources: stat(1),
getfacl(1), acl(5), GNU tar (options --acls, --xattrs, --diff), mv(1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ops.adapters.host import Fields
from ops.adapters.host_shell import LONG, Answer, Shell, absolute, done
from ops.errors import ApplyFailed, Conflict, Refused

SMALL = 10 << 20  # octets of a file that is restored as a test
PACK = ("tar", "--zstd", "--acls", "--xattrs", "--numeric-owner", "--sparse")
WRITABLE = 0o022


class Folders:
    """Folders with owner, mode and POSIX ACL, and packed copies of them."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def read_folder(self, path: str) -> Fields | None:
        """Owner, group (numbers), mode (octal), acl (entries beyond the mode), and a state that any change moves."""
        answer = self._shell.run(["stat", "-c", "%f %u %g", "--", absolute(path)])
        if answer.code != 0:
            return None
        raw, owner, group = answer.text.split()
        if int(raw, 16) & 0o170000 != 0o040000:
            raise Refused(f"{path} is no folder", hint="look at it by hand")
        mode = f"{int(raw, 16) & 0o7777:o}"
        return {"owner": owner, "group": group, "mode": mode, "acl": self._acl(path), "state": self._state(path)}

    def _acl(self, path: str) -> str:
        answer = self._shell.run(["getfacl", "--absolute-names", "--numeric", "--omit-header", "--no-effective", path])
        if answer.code != 0:
            return ""
        plain = ("user::", "group::", "other::", "mask::")
        return ",".join(line for line in answer.text.split() if not line.startswith(plain))

    def _state(self, path: str) -> str:
        """A digest of names, kinds, modes, owners, sizes and times of all that lies in it."""
        listed = ["find", path, "-xdev", "-mindepth", "1", "-printf", r"%P\0%y %m %U %G %s %T@\0"]
        answer = done(self._shell.run(listed, seconds=LONG), f"listing {path}")
        entries = sorted(zip(*[iter(answer.out.split(b"\0")[:-1])] * 2, strict=True))
        total = sum(int(facts.split()[4]) for _, facts in entries if facts.startswith(b"f"))
        digest = hashlib.sha256(b"\0".join(b"\0".join(entry) for entry in entries)).hexdigest()[:16]
        return f"{len(entries)} entries, {total} octets, {digest}"

    def try_folder(self, what: str) -> Fields | None:
        """``UID:GID:PATH``: write a file there with these rights and delete it; None if that is refused."""
        uid, gid, path = what.split(":", 2)
        file = f"{absolute(path)}/.written-as-owner"
        drop = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs", "--"]
        tried = [self._shell.run([*drop, *argv, "--", file], writes=True) for argv in (["touch"], ["rm"])]
        return {"written": "yes"} if all(answer.code == 0 for answer in tried) else None

    def swap_folder(self, path: str, before: Fields | None, after: Fields | None) -> None:
        """Create, change or remove; each is one rename or one change of rights away."""
        self._trusted_parent(path)
        if after is None:
            self._remove(path)
        elif before is None:
            self._create(path, after)
        else:
            self._set_rights(path, after)

    def _trusted_parent(self, path: str) -> None:
        """Raise unless everything above belongs to root alone: else a link could be slipped in."""
        parts = absolute(path).split("/")[1:-1]
        above = ["/", *("/" + "/".join(parts[: n + 1]) for n in range(len(parts)))]
        answer = done(self._shell.run(["stat", "-c", "%f %u", "--", *above]), f"looking at what is above {path}")
        for place, line in zip(above, answer.text.splitlines(), strict=True):
            mode, owner = int(line.split()[0], 16), line.split()[1]
            if mode & 0o170000 != 0o040000 or owner != "0" or mode & WRITABLE:
                hint = "give it to root, mode 755, and see that it is a folder and no link"
                raise Refused(f"{place} could be changed by others than root, so {path} is not safe", hint=hint)

    def _create(self, path: str, fields: Fields) -> None:
        part = _aside(path, "new")
        what = f"making {path}"
        self._do(["rm", "-rf", "--", part], what)
        self._make(part, what)
        if source := fields.get("source"):
            argv = ["tar", "--zstd", "--no-same-owner", "--strip-components=1", "-xf", absolute(source), "-C", part]
            self._do(argv, what, LONG)
        elif skeleton := fields.get("skeleton"):
            self._do(["cp", "-rT", "--", skeleton, part], what)
        self._do(["chown", "-R", "-h", f"{fields['owner']}:{fields['group']}", "--", part], what, LONG)
        if fields.get("source"):
            self._do(["chmod", "-R", "u=rX,go=", "--", part], what, LONG)
        self._set_rights(part, fields)
        self._rename(part, path, what)

    def _make(self, path: str, what: str) -> None:
        """An empty folder; on btrfs a subvolume, which can have a quota of its own."""
        parent = path.rpartition("/")[0]
        kind = self._shell.run(["stat", "-f", "-c", "%T", "--", parent]).out.strip()
        if kind == b"btrfs":
            self._do(["btrfs", "subvolume", "create", "--", path], what)
            self._do(["chmod", "700", "--", path], what)
        else:
            self._do(["install", "-d", "-m", "700", "--", path], what)

    def _set_rights(self, path: str, fields: Fields) -> None:
        """Owner first, for that clears bits of the mode; the ACL last, for it is read against the mode."""
        what = f"the rights of {path}"
        if "owner" in fields:
            self._do(["chown", "-h", f"{fields['owner']}:{fields['group']}", "--", path], what)
        if "acl" in fields:
            self._do(["setfacl", "-b", "--", path], what)
        if "mode" in fields:
            self._do(["chmod", fields["mode"], "--", path], what)
        if fields.get("acl"):
            self._do(["setfacl", "-m", fields["acl"], "--", path], what)

    def _remove(self, path: str) -> None:
        gone = _aside(path, "gone")
        what = f"removing {path}"
        self._do(["rm", "-rf", "--", gone], what, LONG)
        self._rename(path, gone, what)
        self._do(["rm", "-rf", "--", gone], what, LONG)

    def _rename(self, source: str, target: str, what: str) -> None:
        """Rename where nothing is yet; mv(1) says nothing when it leaves both, so the source is looked for."""
        self._do(["mv", "-nT", "--", source, target], what)
        if self._shell.run(["stat", "-c", "%i", "--", source]).code == 0:
            raise Conflict(f"{target} is there already", hint="plan again")

    def read_archive(self, path: str) -> Fields | None:
        """What was packed and its checksum, from the note beside it; None unless both are there and agree in size."""
        answer = self._shell.run(["cat", "--", f"{absolute(path)}.note"])
        size = self._shell.run(["stat", "-c", "%s", "--", path])
        if answer.code != 0 or size.code != 0:
            return None
        note = dict(line.split("=", 1) for line in answer.text.splitlines() if "=" in line)
        return note if note.get("size") == size.text.strip() else None

    def swap_archive(self, path: str, before: Fields | None, after: Fields | None) -> None:  # noqa: ARG002
        """Pack, compare with what was packed, restore a file as a test, and only then give it its name."""
        self._trusted_parent(path)
        if after is None:
            self._do(["rm", "-f", "--", path, f"{path}.note"], f"removing {path}")
            return
        folder, part = absolute(after["folder"]), _aside(path, "new")
        parent, _, name = folder.rpartition("/")
        what = f"packing {folder}"
        packing = [*PACK, "--one-file-system", "-cf", part, "-C", parent, "--", name]
        _still(self._shell.run(packing, seconds=LONG, writes=True), folder, what)
        self._do(["chmod", "400", "--", part], what)
        _still(self._shell.run([*PACK, "-df", part, "-C", parent], seconds=LONG), folder, what)
        tested = self._restored(part, parent, what)
        self._note(path, part, {"folder": folder, "tested": tested, **self._measured(part, folder)})
        self._rename(part, path, what)

    def _measured(self, part: str, folder: str) -> Fields:
        size = done(self._shell.run(["stat", "-c", "%s", "--", part]), "measuring").text.strip()
        digest = done(self._shell.run(["sha256sum", "--", part], seconds=LONG), "measuring").text.split()[0]
        return {"size": size, "sha256": digest, "held": self._state(folder)}

    def _restored(self, part: str, parent: str, what: str) -> str:
        """Take one file out of the archive and compare it with the original."""
        names = done(self._shell.run(["tar", "--zstd", "-tf", part, "--quoting-style=literal"], seconds=LONG), what)
        for name in names.out.decode(errors="ignore").splitlines():
            if name.endswith("/") or not name.isprintable() or not self._small_file(f"{parent}/{name}"):
                continue
            taken = done(self._shell.run(["tar", "--zstd", "-xOf", part, "--", name], seconds=LONG), what)
            original = done(self._shell.run(["sha256sum", "--", f"{parent}/{name}"]), what).text.lstrip("\\").split()[0]
            if hashlib.sha256(taken.out).hexdigest() != original:
                raise ApplyFailed(f"a file taken out of the archive is not the one that went in: {name}")
            return "a file came out as it went in"
        return "there was no file to try"

    def _small_file(self, path: str) -> bool:
        facts = self._shell.run(["stat", "-c", "%f %s", "--", path])
        raw, size = facts.text.split() if facts.code == 0 else ("0", "0")
        return int(raw, 16) & 0o170000 == 0o100000 and 0 < int(size) <= SMALL

    def _note(self, path: str, part: str, fields: Fields) -> None:
        text = "".join(f"{key}={value}\n" for key, value in fields.items())
        argv = ["install", "-m", "400", "--", "/dev/stdin", f"{path}.note"]
        done(self._shell.run(argv, stdin=text.encode(), writes=True), f"noting what is in {part}")

    def _do(self, argv: Sequence[str], what: str, seconds: float = 60.0) -> None:
        done(self._shell.run(list(argv), seconds=seconds, writes=True), what)


def _still(answer: Answer, folder: str, what: str) -> None:
    """Raise unless tar found the folder at rest: its code 1 says a file changed under it, packing or comparing."""
    if answer.code == 1 and not answer.error.startswith("sudo:"):
        raise Conflict(f"{folder} was changed while it was packed: {answer.error}", hint="is somebody in it?")
    done(answer, what)


def _aside(path: str, word: str) -> str:
    parent, _, name = path.rpartition("/")
    return f"{parent}/.{name}.{word}"
