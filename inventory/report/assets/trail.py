"""What the history tells beyond the months: what was handled or lost, who counted, and until when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from inventory.register.chain import Happened
from inventory.report.things import LOST

HANDLED = ("state", "holder", "held_since", "site", "location")  # a change of one of them means somebody dealt with it


@dataclass
class Trail:
    """Gathered while the history is read for something else.

    ``began`` is the day of the first event, empty if there is none. ``handled`` maps a tag to the number of the last
    event that changed where it is, who has it or its state; ``gone`` a tag to the day it was lost or stolen, as long
    as it still is. ``ended`` maps a stock-take to the number of the event that closed it, ``by`` to who opened it.
    """

    began: str = ""
    handled: dict[str, int] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    by: dict[str, str] = field(default_factory=dict)

    def along(self, history: Iterable[Happened]) -> Iterator[Happened]:
        """The same events, each looked at on its way."""
        for happened in history:
            self.began = self.began or happened.at[:10]
            kind, _, key = happened.ref.partition(":")
            if kind == "asset":
                self._asset(key, happened)
            elif kind == "stocktake":
                self._take(key, happened)
            yield happened

    def _asset(self, tag: str, happened: Happened) -> None:
        before, after = happened.before or {}, happened.after or {}
        if any(before.get(name) != after.get(name) for name in HANDLED):
            self.handled[tag] = happened.number
        if after.get("state") not in LOST:
            self.gone.pop(tag, None)
        elif before.get("state") not in LOST:
            self.gone[tag] = happened.at[:10]

    def _take(self, name: str, happened: Happened) -> None:
        self.by.setdefault(name, happened.actor)
        if (happened.after or {}).get("closed") and not (happened.before or {}).get("closed"):
            self.ended[name] = happened.number

    def since(self, tag: str, name: str) -> bool:
        """Whether an asset was handled after a stock-take was closed."""
        return self.handled.get(tag, 0) > self.ended.get(name, 1 << 62)
