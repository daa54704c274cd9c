"""All the files that arrange backups on one host, read together: a timer starts a service, a line reads settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from posixpath import basename

from inventory.backup import borgmatic, crontab, systemd
from inventory.backup.command_line import MAKERS, called, calls_borgmatic, scripts, sourced, surely_started
from inventory.backup.command_line import jobs as made_by
from inventory.backup.found import Found, When, without_secret
from inventory.backup.settings import credential, settings
from ops.errors import InvalidRequest, OpsError

FOLDERS = {
    "cron.hourly": When("1h", "00:17"),
    "cron.daily": When("1d", "06:25"),
    "cron.weekly": When("7d", "06:47", "sun"),
}
LIKELY = (*MAKERS, "borgmatic", "backup")
SHIPPED = ("dpkg", "samba", "man-db", "apt-compat")  # jobs of a distribution's own packages
SYSTEM = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/lib/")  # programs there are no scripts of an operator
SHELL = re.compile(r"#!.*sh\b")
Ask = Callable[[str], str]  # a path → the text of a file of settings; raise OpsError if it cannot be read
Files = Mapping[str, str]


@dataclass
class Existing:
    """The jobs, what looks as if it made backups and was not understood, and the zone of the host's clock."""

    jobs: list[Found] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    zone: str = ""


@dataclass(frozen=True)
class _Call:
    """Lines of shell that something starts, when, the files of settings they read, and what is known of these."""

    origin: str
    when: When
    text: str
    reads: tuple[str, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)


def existing(files: Files, ask: Ask) -> Existing:
    """What the files of a host arrange."""
    found = Existing()
    calls = [*_crons(files), *_services(files)]
    starts: list[tuple[_Call, Sequence[str]]] = []
    for call in calls:
        if (configured := calls_borgmatic(call.text)) is not None:
            starts.append((call, configured))
            continue
        _calls(call, ask, found)
    _borgmatic(files, starts, found)
    _unread(files, found)
    return found


def _calls(call: _Call, ask: Ask, found: Existing) -> None:
    """What a call and the scripts it starts make; which of them may do so and were not understood."""
    own = _made(call, ask, found)
    started, shut = _started(call, ask)
    found.unclear += [] if own else shut
    explained = bool(own or shut)
    for script in started:
        made = _made(script, ask, found)
        silent = not made and _likely(script)
        found.unclear += [f"{script.origin} calls {called(script.text)}"] if silent else []
        explained |= bool(made) or silent
    if not explained and _likely(call):
        found.unclear.append(f"{call.origin} calls {called(call.text)}")


def _likely(call: _Call) -> bool:
    """Whether it may make backups."""
    return not _shipped(call) and bool(called(call.text)) and any(word in call.text for word in LIKELY)


def _shipped(call: _Call) -> bool:
    """Whether it is part of the system, which is known to make no backups of ours."""
    return call.origin.startswith("/usr/lib/") or basename(call.origin) in SHIPPED


def _started(call: _Call, ask: Ask) -> tuple[list[_Call], list[str]]:
    """The scripts of shell it starts, and which cannot be read; what these start in turn is not looked at."""
    found, shut, surely = list[_Call](), list[str](), surely_started(call.text)
    for path in () if _shipped(call) else scripts(call.text):
        try:
            text = ask(path)
        except OpsError as error:
            known = path.startswith(SYSTEM) or path not in surely
            shut += [] if known else [f"{call.origin} starts {path}: {error}"]
            continue
        if SHELL.match(text):
            found += [replace(call, origin=f"{path}, of {call.origin}", text=whole) for whole in _script(text)]
    return found, shut


def is_borgmatic(path: str) -> bool:
    """Whether a file is a configuration of borgmatic, by where it is."""
    return path.endswith((".yaml", ".yml"))


def is_crontab(path: str) -> bool:
    """Whether a file is a crontab, by where it is and how it is called."""
    folders = {"cron.d", "crontabs", "cron"} & set(path.split("/")[:-1])
    return bool(folders) or ("cron" in basename(path) and not path.endswith((".service", ".timer", ".yaml", ".yml")))


def _crons(files: Files) -> Iterator[_Call]:
    for path, text in files.items():
        parts = path.split("/")
        folder = next((part for part in parts[:-1] if part in FOLDERS), "")
        if folder:
            yield from (_Call(path, FOLDERS[folder], line) for line in _script(text))
        elif is_crontab(path):
            users = True if path == "/etc/crontab" or "cron.d" in parts else False if "spool" in parts else None
            yield from (_Call(path, line.when, line.command, (), line.known) for line in crontab.lines(text, users))


def _script(text: str) -> Iterator[str]:
    """A script as one text: what it sets holds for what follows."""
    lines = (line for line in text.replace("\\\n", " ").splitlines() if not line.lstrip().startswith("#"))
    whole = "\n".join(lines)
    if any(word in whole for word in LIKELY):
        yield whole


def _services(files: Files) -> Iterator[_Call]:
    timers: dict[str, When] = {}
    for path, text in files.items():
        if path.endswith(".timer"):
            read = systemd.unit(text)
            timers[systemd.started_by(path, read)] = systemd.when(read)
    for path, text in files.items():
        if path.endswith(".service"):
            read = systemd.unit(text)
            begins = timers.get(basename(path), When(note="no timer that was found starts it"))
            own = [f"export {value}" for value in read.get("Environment", ())]
            reads = tuple(systemd.files_of_settings(read))
            if lines := systemd.lines(read):
                yield _Call(path, begins, "\n".join([*own, *lines]), reads)


def _made(call: _Call, ask: Ask, found: Existing) -> bool:
    """Whether it makes backups; what was found is kept."""
    known = dict(call.known)
    for path in dict.fromkeys((*call.reads, *sourced(call.text))):
        try:
            known.update(settings(ask(path)))
        except OpsError as error:
            found.unclear.append(f"{call.origin} reads {path}: {error}")
    made = made_by(call.text.replace("\n", " ;\n"), call.origin, call.when, known)
    before = len(found.jobs)
    found.jobs += [one.noted(one.when.note) for one in made]
    return len(found.jobs) > before


def _unread(files: Files, found: Existing) -> None:
    """Files of settings whose repository no job was found for."""
    known = {one.where for one in found.jobs}
    for path, text in files.items():
        if is_borgmatic(path) or is_crontab(path) or path.endswith((".service", ".timer")):
            continue
        read = settings(text)
        for name, tool in (("RESTIC_REPOSITORY", "restic"), ("BORG_REPO", "borg")):
            if (where := read.get(name, "")) and where not in known:
                secret, note = credential(read)
                one = Found(path, tool, where, credential=secret).noted(note, "nothing that was found reads it")
                found.jobs.append(without_secret(one))


def _borgmatic(files: Files, starts: Sequence[tuple[_Call, Sequence[str]]], found: Existing) -> None:
    """Each configuration with the start of the call that reads it."""
    for path, text in files.items():
        if not is_borgmatic(path):
            continue
        call = next((call for call, named in starts if not named or path in named), None)
        when = call.when if call else When(note="nothing that was found starts borgmatic with it")
        try:
            made = [replace(one, when=when).noted(when.note) for one in borgmatic.jobs(text, path)]
        except InvalidRequest as error:
            found.unclear.append(str(error))
            continue
        found.jobs += made
        if not made:
            found.unclear.append(f"{path}: it names no repository")
