"""Running programs on a host: words with no shell's meaning, time limits, and what came of it."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ops.errors import ApplyFailed, Conflict, InvalidRequest, NotAuthorised, OpsError, Refused

SECONDS, LONG = 20.0, 6 * 3600.0
MOST = 64 << 20  # octets a program may answer
LOGIN = re.compile(r"[a-z_][a-z0-9._-]{0,31}")
BASE64 = "base64:"
SUDO = ("sudo", "-n", "--")


@dataclass(frozen=True)
class Answer:
    """How a program ended; ``error`` is the last line of what it complained."""

    code: int
    out: bytes
    error: str = ""

    @property
    def text(self) -> str:
        """What it printed; raise ``Refused`` if that is not text."""
        try:
            return self.out.decode()
        except UnicodeDecodeError:
            raise Refused("there is something on the host that is no UTF-8 text", hint="look at it by hand") from None


def exact(octets: bytes) -> str:
    """Octets as a text that gives them back: what is no UTF-8 is written in base64, so that nobody can be in the way
    of closing a login by what they put into a file.
    """
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return BASE64 + base64.b64encode(octets).decode()
    return BASE64 + base64.b64encode(octets).decode() if text.startswith(BASE64) else text


def octets_of(text: str) -> bytes:
    """The octets that ``exact`` was given."""
    return base64.b64decode(text.removeprefix(BASE64)) if text.startswith(BASE64) else text.encode()


class Knock(Protocol):
    """A key made for one try at a door: its public line, and what the door says to it."""

    @property
    def public(self) -> str: ...

    def answer(self, login: str) -> str:
        """``open`` if it let us in, else how it refused."""
        ...


class Shell(Protocol):
    """A way to run programs on one host. ``root`` asks for more rights than our own account has."""

    def run(
        self,
        argv: Sequence[str],
        *,
        root: bool = True,
        stdin: bytes = b"",
        seconds: float = SECONDS,
        writes: bool = False,
    ) -> Answer:
        """Run to the end. Raise ``Unreachable``, or ``OutcomeUnknown`` where ``writes`` and the answer got lost."""
        ...

    def knock(self) -> Knock | None:
        """A new key to try a login's door with; None where there is no door to try."""
        ...

    def close(self) -> None: ...


def words(argv: Sequence[str]) -> list[str]:
    """The words, seen to hold nothing that ends a line or a string on the way; raise ``InvalidRequest``."""
    for word in argv:
        if not word.isprintable() and any(ord(char) < 32 or ord(char) == 127 for char in word):
            raise InvalidRequest("a name with an invisible character cannot be used on a host", hint="correct it")
    return list(argv)


def login_name(name: str) -> str:
    """The name of a login, or ``InvalidRequest``: what useradd(8) takes everywhere, so no path and no option."""
    if not LOGIN.fullmatch(name):
        hint = "small letters, digits, dots, hyphens; a letter first; 32 at most"
        raise InvalidRequest(f"{name!r} cannot be a login of a Linux host", hint=hint)
    return name


def absolute(path: str) -> str:
    """A path from the root with no way up in it, or ``InvalidRequest``."""
    parts = path.split("/")
    if parts[:1] != [""] or len(parts) < 2 or any(part in ("", ".", "..") for part in parts[1:]):
        raise InvalidRequest(f"{path!r} is not a whole path", hint="write it from the root, without .. and //")
    words([path])
    return path


def done(answer: Answer, what: str, conflicts: Sequence[int] = ()) -> Answer:
    """The answer of a program that wrote; raise why it did not. ``conflicts`` are codes for: not as expected."""
    if answer.code == 0:
        return answer
    if answer.code in conflicts:
        raise Conflict(f"{what}: {answer.error or 'it is no longer as it was'}", hint="plan again")
    raise refusal(answer, what)


def refusal(answer: Answer, what: str) -> OpsError:
    """Why a program did not do what it was told."""
    if answer.error.startswith("sudo:"):
        hint = "ops help hosts says what your account there must be allowed to run"
        return NotAuthorised(f"{what}: your account may not do this there", hint=hint)
    return ApplyFailed(f"{what}: {answer.error or f'it ended with {answer.code}'}", hint="ops host show tells more")
