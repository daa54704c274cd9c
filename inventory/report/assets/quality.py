"""How complete the register is: one line a rule, how many assets it asks something of, and how many answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain

from inventory.register.fields import Fields
from inventory.register.states import HELD
from inventory.report.appendix import Definition
from inventory.report.assets.listing import networked
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.parts import Column, Table
from inventory.report.things import OWNED

NOTHING = "There is nothing to ask about."
GOOD, FAIR = 98, 90  # per cent


@dataclass(frozen=True)
class Rule:
    """What should be known (any one of ``fields``) of which assets, and how it is mended."""

    name: str
    fields: tuple[str, ...]
    asked: Callable[[Fields], bool]
    mend: str


def _owned(one: Fields) -> bool:
    return one.get("state") in OWNED


def _thing(one: Fields) -> bool:
    return _owned(one) and one.get("kind") != "vm"


def _held(one: Fields) -> bool:
    return one.get("state") in HELD


CHANGE = "ops asset correct TAG, or an import with the column"
RULES = (
    Rule("Serial number", ("serial",), _thing, CHANGE),
    Rule("Maker and model", ("model",), _owned, CHANGE),
    Rule("Owner or department", ("owner", "department"), _owned, CHANGE),
    Rule("Place", ("site", "location"), _owned, CHANGE),
    Rule("Name on the network", ("hostname", "fqdn"), networked, CHANGE),
    Rule("Hardware address", ("macs",), networked, "ops estate discover tells it; CIS Controls v8, 1.1 asks for it"),
    Rule("Approved to connect", ("approved",), networked, CHANGE),
    Rule("Purchase and cost", ("cost",), _thing, CHANGE),
    Rule("Months of life", ("life_months",), _thing, CHANGE),
    Rule("End of warranty", ("warranty_until",), _thing, CHANGE),
    Rule("Criticality", ("criticality",), _held, CHANGE),
    Rule("Class of data", ("data_class",), _held, CHANGE),
)
ASKED = {asked: [(at, rule.fields) for at, rule in enumerate(RULES) if rule.asked is asked]
         for asked in dict.fromkeys(rule.asked for rule in RULES)}  # fmt: skip
COLUMNS = (
    *(Column("What should be known", width=28), Column("Assets asked", "integer", 14)),
    *(Column("Missing", "integer", 12), Column("Complete", "percent", 13, places=1, bar=True)),
    *(Column("Verdict", "verdict"), Column("For example", "id", 34), Column("How to mend it", "note", 50)),
)


@dataclass
class Quality:
    """What the pass over all assets found missing."""

    asked: list[int] = field(default_factory=lambda: [0] * len(RULES))
    missing: list[int] = field(default_factory=lambda: [0] * len(RULES))
    examples: list[list[str]] = field(default_factory=lambda: [[] for _ in RULES])

    def take(self, tag: str, one: Fields) -> None:
        """Ask every rule about one asset."""
        for at, names in chain.from_iterable(rules for asked, rules in ASKED.items() if asked(one)):
            self.asked[at] += 1
            if not any(map(one.get, names)):
                self.missing[at] += 1
                if self.missing[at] <= 3:
                    self.examples[at].append(tag)

    def verdict(self, at: int) -> str:
        """How complete one answer is."""
        if not self.asked[at]:
            return "UNKNOWN"
        share = 100 * (self.asked[at] - self.missing[at]) / self.asked[at]
        return "PASS" if share >= GOOD else "WARN" if share >= FAIR else "FAIL"


def chapter(inputs: Inputs, found: Quality) -> Chapter:
    """The sheet Data quality."""
    poor = [at for at in range(len(RULES)) if found.verdict(at) == "FAIL"]
    asked, missing = sum(found.asked), sum(found.missing)
    share = 100 * (asked - missing) / asked if asked else 0
    word = "UNKNOWN" if not asked else "PASS" if share >= GOOD else "WARN" if share >= FAIR else "FAIL"
    said = f"{share:.0f} % of {asked:,} answers are there; poor: {len(poor)} of {len(RULES)} rules."
    return Chapter(
        [Table("quality", "Data quality", COLUMNS, list(_rows(found)) if asked else [], empty=NOTHING)],
        lights=[light("Data quality", word, said if asked else NOTHING, inputs.responsible)],
        actions=[
            Action("DATA", RULES[at].name, f"{RULES[at].name} is missing of {found.missing[at]:,} of "
                   f"{found.asked[at]:,} assets: {RULES[at].mend}.", "low")
            for at in poor
        ],
        definitions=[
            Definition("Complete", "Assets of which something is known, of those of which it should be.",
                       f"(asked - missing) / asked; PASS from {GOOD} %, WARN from {FAIR} %", "Data quality"),
        ],
    )  # fmt: skip


def _rows(found: Quality) -> Iterator[Sequence[object]]:
    for at, rule in enumerate(RULES):
        asked, missing = found.asked[at], found.missing[at]
        share = Decimal(asked - missing) / asked if asked else None
        yield rule.name, asked, missing, share, found.verdict(at), ", ".join(found.examples[at]), rule.mend
