"""The files of a host that arrange backups, read as they are but for passwords, which do not leave the host."""

from __future__ import annotations

from collections.abc import Sequence

from ops.adapters.host import Fields
from ops.adapters.host_shell import Answer, Shell, absolute

HOME = "/root"  # of whoever makes backups of all
FOLDERS = (
    *("/etc/crontab", "/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/var/spool/cron"),
    *("/etc/systemd/system", "/usr/lib/systemd/system", "/usr/local/lib/systemd/system"),
    *("/etc/restic", "/etc/borg", "/etc/default", "/etc/sysconfig", "/etc/borgmatic", "/etc/borgmatic.d"),
    *(f"{HOME}/.config/borgmatic", f"{HOME}/.config/borgmatic.d"),
)
TOOLS = "RESTIC_|BORG_|restic|borg|rsync|backup|tar .*-?c"
TIMES = "^On(Calendar|UnitActiveSec|UnitInactiveSec)="
NOT_FOUND = 127  # what a shell answers where sudo is not there
MOST = 400  # files
LARGEST = 128 << 10  # octets of one
PLAIN = "the files only root may read are not among them"
# Names whose value may be a secret, as a shell and as YAML write them (sed -E); a name that ends in _FILE is none.
MASK = (
    r"s/((PASSWORD|PASSPHRASE|PASSCOMMAND|PASSWORD_COMMAND|SECRET[A-Z_]*|TOKEN|[A-Z0-9_]*KEY|[A-Z]+_SAS)=)"
    r"('[^']*'|\"[^\"]*\"|[^ ;]*)"
    r"/\1(not copied)/g",
    r"s/((password|passphrase|secret|token)\"?'?[ ]*:[ ]*)[^,}]+/\1(not copied)/gI",
    r"s#(rest:https?://)[^ '\"]*[?][^ '\"]*@[^ '\"]*#\1(not-copied)@(not-copied)#g",
    r"s#(rest:https?://)[^ '\"]*@#\1(not-copied)@#g",
    r"s#(rest:https?://[^ '\"?]*[?])[^ '\"]*#\1(not-copied)#g",
    r"s#(://[^/@: ]*:)[^ '\"]*@#\1(not copied)@#g",
    r"s#(sftp:[^/@: '\"]+:)[^ '\"]*@([^ /@'\"]*:)#\1not-copied@\2#g",
    r"s#([ '\"][^/@: '\"]+:)[^ '\"]*@([^ /@:'\"]+::)#\1not-copied@\2#g",
    r"s#(\"rclone::?[^\",:]*,)[^\"]*#\1not-copied#g",
    r"s#('rclone::?[^',:]*,)[^']*#\1not-copied#g",
    r"s#(^|[^'\"])(rclone::?[^ '\",:]*,)[^ ]*#\1\2not-copied#g",
)


class BackupFiles:
    """Reads ``backups:this`` (path → text of every such file) and ``settings:/path`` (``text`` of one) of a host."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._root = True

    def read_backups(self, name: str) -> Fields | None:  # noqa: ARG002
        """All files that name a tool, and all timers. What only root may read is left out where we may not be root:
        then the key ``unread`` says so. ``zone`` is that of its clock, where that can be read.
        """
        named = self._run(["grep", "-rlsIZE", "--", TOOLS, *FOLDERS])
        timers = self._run(["grep", "-rlsIZE", "--include=*.timer", "--", TIMES, *FOLDERS])
        paths = sorted({path for answer in (named, timers) for path in answer.out.decode(errors="replace").split("\0")})
        found = {path: text for path in [path for path in paths if path][:MOST] if (text := self._text(path))}
        if zone := self._zone():
            found["zone"] = zone
        return found if self._root else {**found, "unread": PLAIN}

    def _zone(self) -> str:
        """The name of the zone its clock is in, which a link is to: localtime(5)."""
        answer = self._shell.run(["readlink", "/etc/localtime"], root=False)
        return answer.out.decode(errors="replace").partition("zoneinfo/")[2].strip()

    def read_settings(self, path: str) -> Fields | None:
        """One file."""
        text = self._text(absolute(path))
        return {"text": text} if text else None

    def _text(self, path: str) -> str:
        """A file without what may be a secret; empty if it cannot be read as a short text."""
        if not path.isprintable() or "\ufffd" in path:
            return ""
        expressions = [word for one in MASK for word in ("-e", one)]
        answer = self._run(["sed", "-E", *expressions, "--", path])
        if answer.code or len(answer.out) > LARGEST:
            return ""
        return answer.out.decode(errors="replace")

    def _run(self, argv: Sequence[str]) -> Answer:
        if self._root:
            answer = self._shell.run(argv)
            if answer.code != NOT_FOUND and not answer.error.startswith("sudo:"):
                return answer
            self._root = False
        return self._shell.run(argv, root=False)
