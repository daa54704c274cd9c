"""The shape of what comes from somewhere else, checked once where it is read: names, kinds, lengths, bounds.

A shape is data: a mapping of names to shapes (``name?`` may be missing), a list of one shape for each of many, a
pattern for a text, a set of words, a range of whole numbers, or a function that says whether a value fits. What a
signed text says besides is let be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any

Shape = Mapping[str, Any] | Sequence[Any] | re.Pattern[str] | Set[str] | range | type | Callable[[Any], bool]

PERSON = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
ANYBODY = re.compile(rf"(?:{PERSON.pattern})?")
CHAIN = re.compile(rf"{PERSON.pattern}(?:/{PERSON.pattern})?")
RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
SHA256 = re.compile(r"[0-9a-f]{64}")
COMMITTED = re.compile(r"(?:[0-9a-f]{64})?")  # empty where nothing was said
KEY = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
ITEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}:[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,79}")
COUNT = range(2**53)  # what RFC 8785 can write
ENCODABLE = re.compile(r"[^\ud800-\udfff]*", re.DOTALL)  # half characters cannot be written as UTF-8
TEXT = re.compile(rf"{ENCODABLE.pattern[:-1]}{{0,20000}}", re.DOTALL)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\.[0-9]{1,6})?Z", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def sentence(place: str) -> str:
    """What is wrong at a place that ``misfit`` found, for a person."""
    return f"“{place}” in it is missing, or cannot be that"


def moment(value: Any) -> bool:
    """Whether it is a time as events write it: RFC 3339, in UTC."""
    return isinstance(value, str) and bool(_MOMENT.fullmatch(value)) and _is_time(value)


def day(value: Any) -> bool:
    """Whether it is a day, such as ``2026-11-25``."""
    return isinstance(value, str) and bool(_DAY.fullmatch(value)) and _is_time(value)


def moment_or_none(value: Any) -> bool:
    """A time, or empty where nobody measured it."""
    return value == "" or moment(value)


def disclosed(value: Any) -> bool:
    """Whether it is the text of a private value: JSON of its salt, its name, and the value."""
    return isinstance(value, str) and bool(ENCODABLE.fullmatch(value)) and not misfit_of_text(value, _triple)


def _triple(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and not misfit(value[:2], [str])


def _is_time(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def misfit(value: Any, shape: Shape, place: str = "") -> str:
    """The first place where a value does not fit, such as ``reviews.0.decision``; empty if it fits."""
    if isinstance(shape, Mapping):
        return _misfit_in_object(value, shape, place)
    if isinstance(shape, list):
        return _misfit_in_list(value, shape[0], place)
    return "" if _fits(value, shape) else place or "the whole"


def _misfit_in_object(value: Any, shape: Mapping[str, Any], place: str) -> str:
    if not isinstance(value, dict):
        return place or "the whole"
    for name, inner in shape.items():
        key = name.removesuffix("?")
        where = f"{place}.{key}" if place else key
        if key not in value and key != name:
            continue
        if found := misfit(value[key], inner, where) if key in value else where:
            return found
    return ""


def _misfit_in_list(value: Any, shape: Any, place: str) -> str:
    if not isinstance(value, list):
        return place or "the whole"
    return next((found for n, one in enumerate(value) if (found := misfit(one, shape, f"{place}.{n}"))), "")


def _fits(value: Any, shape: Any) -> bool:
    match shape:
        case re.Pattern():
            return isinstance(value, str) and bool(shape.fullmatch(value))
        case Set():
            return isinstance(value, str) and value in shape
        case range():
            return type(value) is int and value in shape
        case type():
            return type(value) is shape
    return bool(shape(value))


def misfit_of_text(text: str, shape: Shape) -> str:
    """The same for JSON as text; one that is no JSON does not fit at all."""
    try:
        return misfit(json.loads(text), shape)
    except (ValueError, RecursionError):
        return "the whole"
