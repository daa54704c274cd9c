"""What runs for a login while it is not signed in: a crontab, jobs queued for once, services that linger.

Sources: crontab(1), at(1), loginctl(1) (enable-linger; the flag is a file named after the login).
"""

from __future__ import annotations

from ops.adapters.host import Fields
from ops.adapters.host_shell import Shell, done, exact, login_name, octets_of

QUEUES = ("/var/spool/cron/atjobs", "/var/spool/at")  # of Debian and SUSE, of Red Hat
LINGER = "/var/lib/systemd/linger"


class Jobs:
    """All three by the name of a login."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def read_jobs(self, name: str) -> Fields | None:
        """The crontab; crontab(1) answers 1 where there is none."""
        answer = self._shell.run(["crontab", "-l", "-u", login_name(name)])
        return {"text": exact(answer.out)} if answer.code == 0 and answer.out.strip() else None

    def swap_jobs(self, name: str, before: Fields | None, after: Fields | None) -> None:  # noqa: ARG002
        """Install a crontab, or remove it."""
        argv = ["crontab", "-u", login_name(name), "-"] if after else ["crontab", "-r", "-u", login_name(name)]
        stdin = octets_of(after["text"]) if after else b""
        done(self._shell.run(argv, stdin=stdin, writes=True), f"the crontab of {name}")

    def read_queued(self, name: str) -> Fields | None:
        """How many jobs wait for their time."""
        found = self._queue(login_name(name))
        return {"queued": str(len(found))} if found else None

    def swap_queued(self, name: str, before: Fields | None, after: Fields | None) -> None:  # noqa: ARG002
        """Take all of them off the queue."""
        if numbers := self._queue(login_name(name)):
            done(self._shell.run(["atrm", *numbers], writes=True), f"the queued jobs of {name}")

    def _queue(self, name: str) -> list[str]:
        """Numbers of jobs; a row ends with the login."""
        if self._shell.run(["test", "-d", QUEUES[0], "-o", "-d", QUEUES[1]], root=False).code != 0:
            return []
        rows = done(self._shell.run(["atq"]), "reading the queue of at").text.splitlines()
        return [row.split()[0] for row in rows if row.split()[-1:] == [name]]

    def read_linger(self, name: str) -> Fields | None:
        """Whether services of the login run from the start of the host on, signed in or not."""
        found = self._shell.run(["test", "-e", f"{LINGER}/{login_name(name)}"], root=False)
        return {"linger": "yes"} if found.code == 0 else None

    def swap_linger(self, name: str, before: Fields | None, after: Fields | None) -> None:  # noqa: ARG002
        """Set the flag, or take it away: it is read when the host starts, and what runs now is a process."""
        path = f"{LINGER}/{login_name(name)}"
        argv = ["install", "-m", "644", "-T", "--", "/dev/null", path] if after else ["rm", "-f", "--", path]
        done(self._shell.run(argv, writes=True), f"whether services of {name} linger")
