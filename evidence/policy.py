"""What is enough to sign an item off: data of the organisation, ``policy/1``, and signed by its IT lead.

A policy counts; it does not judge. Nobody is competent because a policy is met, and a mentor may sign off outside
it with a reason, which is then printed beside the signature.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from evidence.framework import GUIDED, KINDS, Item
from evidence.framework_file import ID, Entry, content_of
from evidence.roles import POLICY
from evidence.signers import Signers
from evidence.sshverify import verify
from ops.errors import EvidenceInvalid
from ops.strictyaml import document

SHIPPED = Path(__file__).parent / "policies" / "default.yaml"
METHODS = ("desk", "observation", "discussion", "witness", "product")
NUMBER = re.compile(r"[0-9]{1,2}")


@dataclass(frozen=True)
class Enough:
    """How many accepted records an item needs, on how many days."""

    records: int
    dates: int


@dataclass(frozen=True)
class Policy:
    """One policy. ``kinds`` maps kinds of item to what is enough; of each unit ``reviews`` by one of ``methods``."""

    id: str
    title: str
    sha256: str
    kinds: dict[str, Enough]
    reviews: int
    methods: tuple[str, ...]
    frameworks: tuple[str, ...] = ()
    signed_by: str = ""

    def missing(self, item: Item, accepted: Sequence[Accepted], in_unit: Iterable[str]) -> tuple[str, ...]:
        """What is missing for an item, in words; ``in_unit`` are the methods of all accepted reviews in its unit."""
        enough = self.kinds[item.kind]
        dates = {one.day for one in accepted}
        found = []
        if len(accepted) < enough.records:
            found.append(f"{enough.records - len(accepted)} more accepted of {enough.records} records")
        elif len(dates) < enough.dates:
            found.append(f"records on {enough.dates} different days")
        found += _as_it_must_be_made(item, accepted) if accepted else ()
        talks = sum(method in self.methods for method in in_unit)
        if talks < self.reviews:
            found.append(f"{self.reviews - talks} {' or '.join(self.methods)} in its unit")
        return tuple(found)


@dataclass(frozen=True)
class Accepted:
    """A record a mentor accepted toward an item: its run, its day (``2026-11-25``), whether the tool did something."""

    run: str
    day: str
    is_run: bool
    method: str = "desk"


def _as_it_must_be_made(item: Item, accepted: Sequence[Accepted]) -> list[str]:
    """Where a command exists, its item wants a run; where a person has to attest, also a statement or a talk."""
    commands = [rule for rule in item.evidenced_by if rule.work and not rule.work.startswith(GUIDED)]
    if not commands or item.mode == "guided":
        return []
    found = []
    if not any(one.is_run for one in accepted):
        found.append("a run: so far there are only statements")
    if item.mode == "automated+attested" and not any(not one.is_run or one.method != "desk" for one in accepted):
        found.append("somebody's statement or a talk beside the run")
    return found


def read(path: Path, signed_by: str = "") -> Policy:
    """Read one file; raise ``InvalidRequest`` with the place of the first mistake."""
    content, text = content_of(path)
    parsed = document(text, str(path))
    top = Entry(parsed, parsed.value, (), "schema id title performance behaviour knowledge unit", "frameworks")
    top.text("schema", known=("policy/1",))
    kinds = {kind: _enough(top.entry(kind, "records dates")) for kind in KINDS}
    unit = top.entry("unit", "reviews methods")
    return Policy(
        top.text("id", ID),
        top.text("title"),
        sha256(content).hexdigest(),
        kinds,
        int(unit.text("reviews", NUMBER)),
        unit.words("methods", METHODS),
        top.words("frameworks"),
        signed_by,
    )


def _enough(entry: Entry) -> Enough:
    records, dates = (int(entry.text(key, NUMBER)) for key in ("records", "dates"))
    if dates > records:
        entry.wrong("dates", "there cannot be more days than records")
    return Enough(records, dates)


def load(folder: Path, signers: Signers) -> tuple[Policy, ...]:
    """The organisation's own policies, each with its signature beside it, and then the shipped one.

    Raise ``EvidenceInvalid`` for one that nobody entitled to has signed.
    """
    own = [read(path, _signed(path, signers)) for path in sorted(folder.glob("*.yaml"))]
    return (*own, read(SHIPPED))


def _signed(path: Path, signers: Signers) -> str:
    from datetime import UTC, datetime

    try:
        signature = path.with_name(path.name + ".sig").read_text(encoding="ascii")
        public = verify(signature, POLICY, path.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        hint = f"the IT lead signs it: ssh-keygen -Y sign -n {POLICY} -f KEY {path.name}"
        raise EvidenceInvalid(f"the policy {path.name} is not signed", hint=hint) from error
    return signers.person(public, POLICY, datetime.now(UTC))


def policy_for(policies: Iterable[Policy], framework: str) -> Policy:
    """The first that is for this framework, or for all."""
    return next(one for one in policies if not one.frameworks or framework in one.frameworks)
