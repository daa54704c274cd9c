"""What has left for good: how, who approved it, with which certificate, and whether its media were sanitised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from inventory.register.fields import Fields
from inventory.report.appendix import Definition
from inventory.report.chapter import Action, Chapter, light
from inventory.report.inputs import Inputs
from inventory.report.money import money
from inventory.report.parts import Column, Light, Table
from inventory.report.things import Kept, assets, day, few, what

if TYPE_CHECKING:
    from inventory.register.store import Snapshot

MEANT = {"COMPLETE": "PASS", "NO CERTIFICATE": "WARN"}


def chapter(inputs: Inputs, seen: Snapshot, kept: Kept) -> Chapter:
    """The sheet Disposals."""
    columns = (
        *(Column("Tag", "id", 14), Column("What", width=26), Column("Serial", "id"), Column("Disposed on", "date", 14)),
        *(Column("How, by whom", "note", 20), Column("Certificate", "id", 16)),
        *(Column("Asked for by", width=13), Column("Approved by", width=13), Column("Media wiped", width=11)),
        *(Column("Proceeds", "money", 14, total=True), Column("Verdict", "verdict", 17, meaning=MEANT)),
    )
    media = _media(seen)

    def rows() -> Iterator[Sequence[object]]:
        return (_row(tag, one, media) for tag, one in assets(kept, state="disposed"))

    gone = [(tag, "certificate" in one) for tag, one in assets(kept, state="disposed")]
    without = [tag for tag, papers in gone if not papers]
    return Chapter(
        [Table("disposals", "Disposals", columns, rows, empty="Nothing was disposed of.")],
        lights=[_light(inputs, len(gone), without)] if gone else [],
        actions=[
            Action("PAPERS", tag, f"{tag} was disposed of without a certificate: ask the recycler for it.", "low")
            for tag in without
        ],
        definitions=[
            Definition(
                "Disposal", "A disposal is complete when a certificate of the recycler is recorded.",
                "state is disposed; two people, one who asks and one who approves; sanitised media (NIST SP 800-88)",
                "Disposals",
            )
        ],
    )  # fmt: skip


def _light(inputs: Inputs, gone: int, without: Sequence[str]) -> Light:
    if without:
        said = f"Of {gone}, without a certificate: {few(without)}."
        return light("Disposals", "WARN", said, inputs.responsible)
    return light("Disposals", "PASS", f"All {gone} have a certificate.", inputs.responsible)


def _media(seen: Snapshot) -> Counter[tuple[str, bool]]:
    return Counter((one["asset"], bool(one.get("method"))) for _, one in seen.every("medium"))


def _row(tag: str, one: Fields, media: Counter[tuple[str, bool]]) -> Sequence[object]:
    done = media[tag, True]
    all_, how = done + media[tag, False], ", ".join(one[name] for name in ("disposal", "recycler") if one.get(name))
    texts = (one.get(name, "") for name in ("certificate", "requested_by", "approved_by"))
    return (
        *(tag, what(one), one.get("serial", ""), day(one, "disposed_on"), how, *texts),
        *(f"{done} of {all_}" if all_ else "none listed", money(one.get("proceeds", ""), one.get("currency", ""))),
        "COMPLETE" if one.get("certificate") else "NO CERTIFICATE",
    )
