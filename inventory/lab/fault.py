"""Planted faults: what a user would complain about, and a real cause on a real host. One fault is one file.

The symptom is all an apprentice is told. ``plant``, ``there`` and ``clear`` run as root of the fault's host, in a
process of their own that has entered it. Faults of a workspace are in ``desk``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from inventory.lab.lab import Lab, LabDown
from ops.errors import ApplyFailed, InvalidRequest, NotFound

if TYPE_CHECKING:
    from inventory.lab.desk import Desk

FILE = "faults.json"
Known = dict[str, dict[str, str]]


class Fault:
    """A fault. ``symptom`` is told at once, ``lesson`` only when it is mended."""

    name = ""
    host = ""
    symptom = ""
    lesson = ""
    of_network = True  # else of a workspace

    @property
    def where_to_look(self) -> str:
        """Where somebody begins who has no idea."""
        first = "ops backup check, with --again also what is not due; then " * (self.host == "bak1")
        return f"{first}look around on {self.host}: ops lab shell {self.host}"

    def plant(self) -> None:
        """Bring it about."""
        raise NotImplementedError

    def there(self) -> bool:
        """Whether it is there now, by looking."""
        raise NotImplementedError

    def clear(self) -> None:
        """Put everything back as it was."""
        raise NotImplementedError

    def at(self, desk: Desk) -> Any:
        """The same in a workspace, for what is not of the network."""
        raise NotImplementedError


@dataclass(frozen=True)
class Standing:
    """How things stand with a fault: ``planted`` and ``mended`` are moments, or empty."""

    fault: Fault
    planted: str = ""
    mended: str = ""

    @property
    def word(self) -> str:
        """In a word."""
        return "mended" if self.mended else "planted" if self.planted else "-"


@cache
def registry() -> dict[str, Fault]:
    """All faults by name."""
    folder = Path(__file__).parent / "faults"
    found = [import_module(f"inventory.lab.faults.{module.name}").FAULT for module in iter_modules([str(folder)])]
    return {fault.name: fault for fault in sorted(found, key=lambda fault: fault.name)}


class Faults:
    """The faults of one network, and of a ``desk``: the workspace of it that we stand in, if we do."""

    def __init__(self, lab: Lab, desk: Desk | None = None) -> None:
        self._lab, self._desk = lab, desk

    def all(self) -> list[Standing]:
        """Every fault, and how it stands."""
        known = self._read()
        return [Standing(fault, **known.get(name, {})) for name, fault in registry().items()]

    def planted(self) -> tuple[str, ...]:
        """Names of those that are planted and not mended yet; none where the network is down. Never raises."""
        try:
            return tuple(name for name, one in self._read().items() if not one.get("mended"))
        except (OSError, ValueError):
            return ()

    def plant(self, name: str) -> bool:
        """Plant one; says whether it was not there before."""
        fault, known = self._named(name), self._read()
        if name in known and not known[name].get("mended"):
            return False
        self._act(fault, "plant")
        if not self._act(fault, "there"):
            self._act(fault, "clear")
            raise ApplyFailed(f"the fault {name} could not be planted", hint="ops lab reset, then again")
        self._write(known | {name: {"planted": _now()}})
        return True

    def check(self, name: str = "") -> list[Standing]:
        """Look at one, or at all that are planted, and note which are mended."""
        known = self._read()
        if name and self._named(name).name not in known:
            raise NotFound(f"the fault {name} is not planted", hint=f"ops lab fault plant {name}")
        looked = [one for one in known if one == name or (not name and not known[one].get("mended"))]
        for one in looked:
            if not known[one].get("mended") and not self._act(registry()[one], "there"):
                known[one]["mended"] = _now()
        self._write(known)
        return [Standing(registry()[one], **known[one]) for one in looked]

    def clear(self, name: str = "") -> list[str]:
        """Take one away, or all; returns their names."""
        known = self._read()
        names = [self._named(name).name] if name else list(known)
        for one in names:
            self._act(registry()[one], "clear")
        self._write({one: facts for one, facts in known.items() if one not in names})
        return names

    def _named(self, name: str) -> Fault:
        if name not in registry():
            near = get_close_matches(name, registry(), 1)
            hint = f"did you mean {near[0]}?" if near else "ops lab fault list shows them"
            raise InvalidRequest(f"there is no fault {name}", hint=hint)
        return registry()[name]

    def _file(self) -> Path:
        if not self._lab.status().up:
            raise LabDown(f"the practice network {self._lab.name} is not up", hint="ops lab up")
        return self._lab.state.folder / FILE

    def _read(self) -> Known:
        file = self._lab.state.folder / FILE
        found: Known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return found | (self._desk.noted() if self._desk else {})

    def _write(self, known: Known) -> None:
        of_desk = {name: facts for name, facts in known.items() if not registry()[name].of_network}
        if self._desk and of_desk != self._desk.noted():
            self._desk.note(of_desk)
        of_network = {name: facts for name, facts in known.items() if name not in of_desk}
        if of_network or self._lab.status().up:
            self._file().write_text(json.dumps(of_network, indent=1), encoding="utf-8")

    def _act(self, fault: Fault, word: str) -> Any:
        """Plant, look or clear, where the fault is."""
        if fault.of_network:
            return self._on(fault, getattr(fault, word))
        if self._desk is None:
            hint = f"stand in it: ops lab up --name {self._lab.name} says where it is"
            raise InvalidRequest(f"{fault.name} is a fault of a workspace of this network", hint=hint)
        return getattr(fault.at(self._desk), word)()

    def _on(self, fault: Fault, act: Callable[[], Any]) -> Any:
        """Do something on the host of a fault; what it returns comes back."""
        self._file()
        news, tell = os.pipe()
        child = os.fork()
        if child == 0:
            _there(self._lab, fault.host, act, tell)
        os.close(tell)
        with os.fdopen(news, "rb") as pipe:
            said = pipe.read()
        os.waitpid(child, 0)
        answer = json.loads(said or b'{"failed": "it ended without a word"}')
        if "failed" in answer:
            raise ApplyFailed(f"{fault.host}: {answer['failed']}", hint="ops lab status; ops lab reset")
        return answer["did"]


def _there(lab: Lab, host: str, act: Callable[[], Any], tell: int) -> None:
    """Runs forked, and never returns: enter the host, act, tell."""
    answer: dict[str, Any] = {"failed": "it was interrupted"}
    try:
        lab.enter(host)
        grandchild = os.fork()  # only a child is in the host's process namespace
        if grandchild:
            os.close(tell)
            os.waitpid(grandchild, 0)
            os._exit(0)
        os.environ.update(PATH="/usr/sbin:/usr/bin:/sbin:/bin", HOME="/root", LC_ALL="C")
        answer = {"did": act()}
    except BaseException as error:  # noqa: BLE001  told to whoever waits
        answer = {"failed": str(error) or type(error).__name__}
    os.write(tell, json.dumps(answer).encode())
    os._exit(0)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
