"""Logins of a host with their keys and processes, by the programs every Debian, Red Hat or SUSE has.

Sources: passwd(5), shadow(5), useradd(8), usermod(8), sshd_config(5), ps(1). Whatever lies in a home
is read and written with its owner's own rights, so that a link put there leads nowhere its owner could not go.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, timedelta

from ops.adapters.host import NEVER, Fields
from ops.adapters.host_shell import SECONDS, Answer, Shell, done, exact, login_name, octets_of
from ops.errors import ApplyFailed, Conflict

EPOCH = date(1970, 1, 1)
GONE_WITHIN = 5.0  # seconds a killed process may take
USED_ALREADY = (4, 9)  # useradd(8): the number, the name
LARGEST = 1 << 20  # octets of a file of keys that are kept
TOO_LARGE = "# there was more than could be kept\n"
FLAGS = {"shell": "--shell", "comment": "--comment", "home": "--home"}


class Logins:
    """All three kinds of thing that go by the name of a login."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._known: dict[str, Fields | None] = {}  # number and home of a login: they outlast a run
        self._patterns: dict[str, list[str]] = {}  # where sshd looks for keys

    def _who(self, name: str) -> Fields | None:
        """Number, group and home of a login, asked for once."""
        if self._known.get(login_name(name)) is None:
            row = self._entry("passwd", name, root=False)
            self._known[name] = {"uid": row[2], "gid": row[3], "home": row[5]} if row else None
        return self._known[name]

    def read_login(self, name: str) -> Fields | None:
        """passwd and shadow; the hash of a password is dropped where it is read."""
        row = self._entry("passwd", login_name(name), root=False)
        if row is None:
            return None
        _, _, uid, gid, comment, home, shell = row
        shadow = self._entry("shadow", name) or ["", "!", *[""] * 7]
        expires = (EPOCH + timedelta(days=int(shadow[7]))).isoformat() if shadow[7] else NEVER
        locked = "yes" if shadow[1].startswith("!") else "no"
        facts = {"uid": uid, "gid": gid, "comment": comment, "home": home, "shell": shell}
        return facts | {"locked": locked, "expires": expires}

    def read_uid(self, number: str) -> Fields | None:
        """Who has a number."""
        row = self._entry("passwd", number, root=False)
        return {"name": row[0]} if row and row[2] == number else None

    def _entry(self, table: str, key: str, root: bool = True) -> list[str] | None:
        answer = self._shell.run(["getent", table, key], root=root)
        if answer.code == 2:
            return None
        return done(answer, f"reading {table}").text.splitlines()[0].split(":")

    def swap_login(self, name: str, before: Fields | None, after: Fields | None) -> None:
        """One call of useradd, usermod or userdel: each rewrites its files as a whole."""
        self._known.pop(name, None)
        if after is None:
            self._write(["userdel", login_name(name)], f"removing the login {name}", conflicts=(6, 8))
        elif before is None:
            self._add(name, after)
        else:
            flags = _flags({key: value for key, value in after.items() if before.get(key) != value})
            self._write(["usermod", *flags, name], f"changing the login {name}")

    def _add(self, name: str, fields: Fields) -> None:
        if self._entry("passwd", login_name(name), root=False):
            raise Conflict(f"there is a login {name} already", hint="plan again")
        own_group = ["--user-group"] if fields.get("gid", fields["uid"]) == fields["uid"] else ["--gid", fields["gid"]]
        flags = _flags({key: value for key, value in fields.items() if key in FLAGS})
        argv = ["useradd", "--no-create-home", "--uid", fields["uid"], *own_group, *flags, "--password", "*", name]
        self._write(argv, f"adding the login {name}", conflicts=USED_ALREADY)

    def read_keys(self, name: str) -> Fields | None:
        """Path → text of every file in which sshd looks for this login's keys and finds some."""
        login = self._who(name)
        found: dict[str, str] = {}
        for path in self._key_files(name, login) if login else ():
            answer = self._as(login or {}, path, _beginning(path))
            if answer.code == 0 and answer.out.strip():
                found[path] = exact(answer.out) if len(answer.out) <= LARGEST else TOO_LARGE
        return found or None

    def _key_files(self, name: str, login: Fields) -> list[str]:
        if name not in self._patterns:
            argv = ["sshd", "-T", "-C", f"user={name},host=localhost,addr=127.0.0.1"]
            lines = done(self._shell.run(argv), "reading the settings of sshd").text.splitlines()
            found = next((line.split()[1:] for line in lines if line.startswith("authorizedkeysfile ")), [])
            self._patterns[name] = [pattern for pattern in found if pattern != "none"]
        return [_placed(pattern, name, login) for pattern in self._patterns[name]]

    def swap_keys(self, name: str, before: Fields | None, after: Fields | None) -> None:
        """Write each file aside and rename it in, or remove it."""
        login = self._who(name)
        if login is None:
            raise Conflict(f"there is no login {name}", hint="plan again")
        for path in dict.fromkeys((*(before or {}), *(after or {}))):
            what = f"the keys of {name}"
            if text := (after or {}).get(path):
                self._put(login, path, text, what)
            else:
                done(self._as(login, path, ["rm", "-f", "--", path], writes=True), what)

    def _put(self, login: Fields, path: str, text: str, what: str) -> None:
        folder, part = path.rpartition("/")[0], f"{path}.new"
        for argv, stdin in (
            (["install", "-d", "-m", "700", "--", folder], b""),
            (["install", "-m", "600", "--", "/dev/null", part], b""),
            (["dd", f"of={part}", "status=none"], octets_of(text)),
            (["mv", "-fT", "--", part, path], b""),
        ):
            done(self._as(login, path, argv, stdin, writes=True), what)

    def _as(self, login: Fields, path: str, argv: list[str], stdin: bytes = b"", writes: bool = False) -> Answer:
        """Run as the owner of a home if the path lies in it, else as root."""
        own = path.startswith(f"{login['home']}/")
        drop = ["setpriv", f"--reuid={login['uid']}", f"--regid={login['gid']}", "--clear-groups", "--no-new-privs"]
        return self._shell.run([*drop, "--", *argv] if own else argv, stdin=stdin, writes=writes)

    def read_door(self, name: str) -> Fields | None:
        """What SSH says to a good key of this login: a fresh one is put there, tried once, and taken away again.

        A login that is neither locked nor expired is open to whoever has a key of it; that needs no trial.
        """
        login = self.read_login(name)
        if login is None:
            return None
        if login["locked"] == "no" and login["expires"] == NEVER:
            return {"ssh": "open"}
        key = self._shell.knock()
        places = (path for path in self._key_files(name, login) if not self._holds_keys(login, path))
        path = next(places, "")
        if key is None or not path:
            return {"ssh": "not tried: there is no place for a key"}
        try:
            self._put(login, path, f"{key.public}\n", f"a key to try the door of {name} with")
            return {"ssh": key.answer(name)}
        except ApplyFailed:
            return {"ssh": "not tried: no key can be put there"}
        finally:
            self._as(login, path, ["rm", "-f", "--", path, f"{path}.new"], writes=True)

    def _holds_keys(self, login: Fields, path: str) -> bool:
        return self._as(login, path, _beginning(path)).code == 0

    def read_processes(self, name: str) -> Fields | None:
        """How many processes a login has, and how many of them are sessions of sshd."""
        login = self._who(name)
        rows = self._processes(login["uid"]) if login else []
        sessions = [row for row in rows if row.startswith(f"sshd: {name}@")]
        return {"processes": str(len(rows)), "sessions": str(len(sessions))} if rows else None

    def _processes(self, uid: str) -> list[str]:
        answer = self._shell.run(["ps", "-ww", "-U", uid, "-o", "stat=,args="], root=False)
        rows = [row.strip().partition(" ") for row in answer.out.decode(errors="replace").splitlines()]
        return [args.strip() for state, _, args in rows if not state.startswith("Z")]

    def swap_processes(self, name: str, before: Fields | None, after: Fields | None) -> None:  # noqa: ARG002
        """End them all, and wait until they are gone."""
        login = self._who(name)
        if login is None:
            raise Conflict(f"there is no login {name}", hint="plan again")
        limit = time.monotonic() + GONE_WITHIN
        while self._processes(login["uid"]):
            if time.monotonic() > limit:
                raise ApplyFailed(f"processes of {name} come back as they are ended", hint="ops host show tells which")
            self._shell.run(["pkill", "-KILL", "-U", login["uid"]], writes=True)
            time.sleep(0.05)

    def _write(self, argv: list[str], what: str, conflicts: tuple[int, ...] = ()) -> None:
        done(self._shell.run(argv, seconds=SECONDS, writes=True), what, conflicts)


def _beginning(path: str) -> list[str]:
    """Words that read a file its owner may have made anything of: no waiting for a pipe, and no end of a device."""
    return ["dd", f"if={path}", "iflag=nonblock,count_bytes,fullblock", "bs=64K", f"count={LARGEST + 1}", "status=none"]


def _flags(fields: Mapping[str, str]) -> list[str]:
    """The options of useradd(8) and usermod(8) that give a login these values."""
    flags = [word for key, value in fields.items() if key in FLAGS for word in (FLAGS[key], value)]
    if "locked" in fields:
        flags.append("--lock" if fields["locked"] == "yes" else "--unlock")
    if "expires" in fields:
        flags += ["--expiredate", "" if fields["expires"] == NEVER else fields["expires"]]
    return flags


def _placed(pattern: str, name: str, login: Fields) -> str:
    """AuthorizedKeysFile with its tokens replaced (sshd_config(5)); relative to the home."""
    swaps = {"%%": "%", "%h": login["home"], "%u": name, "%U": login["uid"]}
    out, place = "", 0
    while place < len(pattern):
        pair = pattern[place : place + 2]
        out += swaps.get(pair, pattern[place])
        place += 2 if pair in swaps else 1
    return out if out.startswith("/") else f"{login['home']}/{out}"
