"""Faults of a workspace: what its register says, and what is not so. Nothing on a host is touched.

What such a fault enters is its own, in words that say so, and goes through the register's rules. An asset of anybody
else's is never changed: where one of the same tag is there, the fault is not planted. The register's history keeps who
entered what, and that it was taken back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inventory.backup.coverage import Covered, coverage
from inventory.lab.fault import Fault
from inventory.register.fields import Fields
from inventory.register.rules import unnamed
from inventory.register.swap import Swap
from ops.errors import Refused
from ops.private import write_private

if TYPE_CHECKING:
    from inventory.backup.model import Backups
    from inventory.register.store import Pen, Register

FILE = "planted.json"


@dataclass(frozen=True)
class Desk:
    """The workspace of a practice network: where notes are kept, its register, and what ``backups.yaml`` says."""

    state: Path
    register: Callable[[], Register]
    plan: Callable[[], Backups]

    def noted(self) -> dict[str, dict[str, str]]:
        """Fault → when it was planted and mended. A network made anew forgets its faults; a register does not."""
        file = self.state / FILE
        found: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return found

    def note(self, known: Mapping[str, Mapping[str, str]]) -> None:
        """Write it down; nothing to say leaves no file."""
        if known:
            write_private(self.state / FILE, json.dumps(known, indent=1))
        else:
            (self.state / FILE).unlink(missing_ok=True)

    def covered(self, tag: str) -> list[Covered]:
        """What a comparison of register and ``backups.yaml`` says of one asset."""
        with self.register().reading() as seen:
            assets = {ref.partition(":")[2]: one for ref, one in seen.find("asset").items()}
        return [one for one in coverage(self.plan(), assets) if one.subject == tag]


class DeskFault(Fault):
    """A fault of a workspace. ``enters``: tag → what is wrong; ``beside``: tag → what is needed, where it is not there.

    ``rule`` and ``verdict`` are what ``ops backup coverage`` says of it.
    """

    host, of_network = "register", False
    rule = ""
    verdict = ""

    @property
    def where_to_look(self) -> str:
        return "look around: ops asset find; ops backup coverage"

    def enters(self) -> Mapping[str, Fields]:
        """The assets that are the fault."""
        raise NotImplementedError

    def beside(self) -> Mapping[str, Fields]:
        """Others, so that nothing else is wrong."""
        return {}

    def at(self, desk: Desk) -> Planted:
        """The same, in a workspace."""
        return Planted(self, desk)


@dataclass(frozen=True)
class Planted:
    """A fault in a workspace."""

    fault: DeskFault
    desk: Desk

    def plant(self) -> None:
        """Enter all of it at once; raise ``Refused`` where somebody has such an asset."""
        with self.desk.register().writing() as pen:
            for tag, fields in {**self.fault.beside(), **self.fault.enters()}.items():
                ref = f"asset:{tag}"
                if pen.read(ref) is None:
                    pen.swap(Swap(ref, None, {**fields, "notes": self._why}), self._why)
                elif tag in self.fault.enters():
                    hint = "what is there is not touched; is another fault planted? ops lab fault list"
                    raise Refused(f"the register has an asset {tag} already", hint=hint)

    def there(self) -> bool:
        """Whether it is there now, by comparing."""
        told = [one for tag in self.fault.enters() for one in self.desk.covered(tag)]
        return any((one.rule, one.verdict) == (self.fault.rule, self.fault.verdict) for one in told)

    def clear(self) -> None:
        """Take back what it entered; of what it only needed, what nobody changed since."""
        with self.desk.register().writing() as pen:
            for tag in self.fault.enters():
                self._take(pen, tag, changed=True)
            for tag in self.fault.beside():
                self._take(pen, tag, changed=False)

    def _take(self, pen: Pen, tag: str, *, changed: bool) -> None:
        """Also what is disposed of: that it never was there is no change of its record."""
        ref = f"asset:{tag}"
        happened = list(pen.history(ref))
        entered = next((one for one in reversed(happened) if one.before is None), None)
        if entered is None or entered.why != self._why or happened[-1].after is None:
            return
        if changed or happened[-1] == entered:
            unnamed(pen, ref)
            pen.put([Swap(ref, happened[-1].after, None)], self._why)

    @property
    def _why(self) -> str:
        return f"planted for practice: {self.fault.name}"
