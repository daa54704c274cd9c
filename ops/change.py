"""A change: one reviewable swap of ``before`` for ``after``; a premise: what must hold for it to be right.

Subclasses stand beside their adapter in ``ops/adapters/<kind>.py`` as frozen dataclasses whose fields are
text, numbers, booleans, tuples or mappings of these, or a ``Slot``. A change is atomic at its target or it
is two changes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import date
from importlib import import_module
from typing import Any, ClassVar, Generic, Literal, NamedTuple, Self, TypeVar

from ops.errors import InvalidRequest, OpsError, OutcomeUnknown
from ops.secret import Slot

A = TypeVar("A", contravariant=True)

Born = Mapping[str, str]  # references planned before their object existed → what it got at birth
Guard = Literal["swap", "reread", "none"]


class Detail(NamedTuple):
    """One value a change swaps, as a person reads it; empty text stands for nothing."""

    name: str
    before: str
    after: str


KINDS: dict[str, type[Any]] = {}  # "directory.Move" → the class, for reading plans back


class _Kind:
    """Registers every subclass under its adapter's and its own name."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        KINDS[f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}"] = cls


@dataclass(frozen=True)
class Change(_Kind, ABC, Generic[A]):
    """``subject`` is the adapter's reference of what is changed; ``A`` is the adapter's write side."""

    subject: str
    before: Any
    after: Any
    one_shot: ClassVar[bool] = False  # leaves no state that a second plan could compare
    repeatable: ClassVar[bool] = True  # a one-shot that may be done twice: a password yes, a mail no
    long: ClassVar[bool] = False  # may take hours; whoever stops it is not made to wait, resume goes on with it
    guard: ClassVar[Guard] = "swap"  # how a change by somebody else in between is noticed

    @abstractmethod
    def apply(self, adapter: A) -> None:
        """Swap before for after, or raise ``Conflict`` if before is no longer there."""

    @abstractmethod
    def observe(self, adapter: A) -> Any:
        """What is there now, in the form of before and after; a one-shot says what it can see."""

    @abstractmethod
    def sentence(self) -> str:
        """What happens to the subject, such as "joins Sales"; the subject itself is not named."""

    def about(self) -> str:
        """How a person knows the subject, if the change itself can tell; else the target is asked."""
        return ""

    def details(self) -> tuple[Detail, ...]:
        """Every value that is swapped, for ``--details``; secrets are never among them."""
        return ()

    def public(self) -> dict[str, Any]:
        """What of it may stand in a record for good: kinds and attribute names, never values of people."""
        return {}

    def holds(self, adapter: A) -> bool:
        """Whether the change is in force. A one-shot proves it another way."""
        return bool(self.observe(adapter) == self.after)

    def proof(self, adapter: A) -> dict[str, Any]:  # noqa: ARG002
        """What was measured once it was in force, for the record: numbers and words, never names."""
        return {}

    def born(self, adapter: A) -> dict[str, str]:  # noqa: ARG002
        """What became of a planned reference, for changes that create something."""
        return {}

    def state_seen(self, adapter: A) -> str:  # noqa: ARG002
        """The state of what it created, so that an undo notices whether anybody touched it since."""
        return ""

    def inverse(self) -> Self | None:
        """The change that undoes this one, or None if there is no way back."""
        return None if self.one_shot else replace(self, before=self.after, after=self.before)

    def undo(self, reader: Any) -> tuple[Change[Any], ...]:  # noqa: ARG002
        """The changes that take this one back as things stand now; none if there is no way back."""
        inverse = self.inverse()
        return (inverse,) if inverse else ()

    def writes(self) -> str:
        """What it writes. Two changes that write the same keep their order; others may share a wave."""
        return self.subject

    def goes_with(self) -> tuple[str, ...]:
        """What takes this change along when it goes itself, so that an undo need not take it back before."""
        return ()

    def rests_on(self) -> tuple[str, ...]:
        """What must be as planned before it starts: the last item that wrote one of these comes first."""
        return (self.subject,)

    def known_as(self, born: Born) -> Self:
        """The same change with planned references replaced by real ones."""
        renamed: Self = _renamed(self, born)
        return renamed


@dataclass(frozen=True)
class Premise(_Kind, ABC, Generic[A]):
    """What must hold for a change to be right and no server enforces: guards, and uniqueness.

    An operation yields it before the changes that depend on it. It is checked when planned, when a saved
    plan is replayed, and again just before those changes are written.
    """

    subject: str
    guards_subject: ClassVar[bool] = True  # still matters when the change is taken back

    @abstractmethod
    def check(self, reader: A) -> None:
        """Return if it holds; raise ``Refused`` or ``Conflict`` with the reason if not."""

    def known_as(self, born: Born) -> Self:
        """The same premise with planned references replaced by real ones."""
        renamed: Self = _renamed(self, born)
        return renamed


Part = Change[Any] | Premise[Any]  # what an operation yields


def one_by_one(changes: Sequence[Change[A]], adapter: A) -> list[OpsError | None]:
    """Apply changes in order, each by itself, for adapters that cannot do several at once.

    Returns one error or None for each. ``OutcomeUnknown`` is not caught: nothing may be sent after it.
    """
    return [_attempt(change, adapter) for change in changes]


def _attempt(change: Change[A], adapter: A) -> OpsError | None:
    try:
        change.apply(adapter)
    except OutcomeUnknown:
        raise
    except OpsError as error:
        return error
    return None


def kind_of(part: Part) -> str:
    """The kind of adapter a change or premise is for: ``directory`` for all of ``directory*.py``."""
    return type(part).__module__.rpartition(".")[2].partition("_")[0]


def name_of(part: Part) -> str:
    """Its full name in plans and records, such as ``directory.Move``."""
    return f"{type(part).__module__.rpartition('.')[2]}.{type(part).__name__}"


def encode(value: Any) -> Any:
    """Reduce to what canonical JSON can hold; anything else, a secret above all, is refused."""
    match value:
        case Slot(source):
            return {"$secret": source}
        case Change() | Premise():
            return {"$kind": name_of(value), **{f.name: encode(getattr(value, f.name)) for f in fields(value)}}
        case Mapping():
            return {key: encode(item) for key, item in value.items()}
        case list() | tuple() | frozenset():
            return [encode(item) for item in (sorted(value) if isinstance(value, frozenset) else value)]
        case date():
            return {"$date": value.isoformat()}
        case str() | int() | bool() | None:
            return value
    raise TypeError(f"a plan cannot hold a {type(value).__name__}")


def decode(value: Any) -> Any:
    """Read back what ``encode`` wrote; lists become tuples, kinds become their classes."""
    match value:
        case {"$secret": str(source)}:
            return Slot(source)
        case {"$date": str(day)}:
            return date.fromisoformat(day)
        case {"$kind": str(name)}:
            return _class(name)(**{key: decode(item) for key, item in value.items() if key != "$kind"})
        case dict():
            return {key: decode(item) for key, item in value.items()}
        case list():
            return tuple(decode(item) for item in value)
    return value


def _class(name: str) -> type[Any]:
    adapter = name.partition(".")[0]
    if name not in KINDS and adapter.isidentifier():
        with suppress(ImportError):
            import_module(f"ops.adapters.{adapter}")
    if name not in KINDS:
        raise InvalidRequest(f"the plan holds a kind of change this version does not know: {name}", hint="plan again")
    return KINDS[name]


def _renamed(part: Any, born: Born) -> Any:
    swap = {f.name: born[v] for f in fields(part) if isinstance(v := getattr(part, f.name), str) and v in born}
    return replace(part, **swap) if swap else part
