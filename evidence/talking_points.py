"""Questions for a talk about one record, made by rule from what that record says was done.

They cannot be answered by somebody who only pressed Enter, and differ from record to record. Nothing of the
private part is used, so that they may be printed anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

ANYWAY = (
    "What would you have done if this had gone wrong half-way?",
    "Who could notice first that this was not right, and by what?",
    "What did you look at before you went ahead?",
)


def questions(record: Mapping[str, Any], number: int = 3) -> list[str]:
    """So many different questions about a record, the most telling kind first, always the same for one record."""
    found = list(dict.fromkeys([*_telling(record), *_shuffled(record), *ANYWAY]))
    return found[:number]


def _telling(record: Mapping[str, Any]) -> Iterator[str]:
    """About what went another way than usual."""
    steps = record.get("steps", [])
    for step in steps:
        if step["result"] not in ("changed", "confirmed"):
            yield f"The step “{_said(step)}” is recorded as {step['result']}. Why, and what did you do about it?"
            break
    for name in record["op"].get("not_done", [])[:1]:
        yield f"“{name.partition(' (')[0].partition(':')[0]}” was not done here. What follows from that?"
    if faults := record["env"].get("planted_faults"):
        yield f"The fault “{faults[0]}” was planted at the time. By which signs could you have told?"
    if record["op"].get("undoes"):
        yield "This took an earlier run back. What made you see that it was needed?"
    lost = next((step for step in steps if not step.get("way_back", True)), None)
    if lost:
        yield f"“{_said(lost)}” cannot be taken back. Why was it right all the same?"


def _shuffled(record: Mapping[str, Any]) -> list[str]:
    """The ordinary questions, in an order that the record itself decides."""
    return sorted(_ordinary(record), key=lambda text: sha256(f"{record['id']}{text}".encode()).digest())


def _ordinary(record: Mapping[str, Any]) -> Iterator[str]:
    steps = record.get("steps", [])
    for first, second in zip(steps, steps[1:], strict=False):
        if first["operation"] != second["operation"]:
            yield f"Why came “{_said(first)}” before “{_said(second)}”?"
    for step in steps:
        for attribute in step.get("attributes", ())[:2]:
            yield f"What does {attribute} mean, which “{_said(step)}” wrote, and who else depends on it?"
        if step.get("guard") == "reread":
            yield f"What would “{_said(step)}” have done if somebody had changed the same thing a second earlier?"
    if record["outcome"].get("read_back"):
        yield "How was it shown that this took hold, and what would that not have shown?"
    for tag in record.get("tags", [])[:3]:
        yield f"What in this record shows “{tag['label']}”, and what of it does it not show?"
    if record["kind"] == "audit":
        yield "Which of the findings would you mend first, and what was not looked at?"
    if record.get("answers"):
        yield "What of what you wrote down could somebody else check, and how?"


def _said(step: Mapping[str, Any]) -> str:
    return str(step["operation"]).replace(".", " ").replace("_", " ")
