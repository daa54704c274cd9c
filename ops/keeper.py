"""Where secrets wait between being made and being delivered: never in a plan, never in the ledger."""

from __future__ import annotations

import hashlib
import secrets
import sys
from collections.abc import Iterable
from contextlib import suppress
from getpass import getpass
from pathlib import Path

from ops.errors import EvidenceUnavailable, InvalidRequest
from ops.private import private_folder, write_private
from ops.secret import Secret, Slot

WORDS = "abcdefghjkmnpqrstuvwxyz"  # without i, l and o, which are read wrongly from paper
DIGITS = "23456789"


class Keeper:
    """One private file per slot in use, on disk before the intent, gone when the run has ended."""

    def __init__(self, folder: Path, ask: bool = True, forgiving: bool = False) -> None:
        self._folder = folder
        self._ask = ask
        self._forgiving = forgiving  # an emergency: what no disk takes lives as long as this process
        self._held: dict[str, Secret] = {}

    def fill(self, key: str, slot: Slot) -> Secret:
        """Return the secret of this slot, making or asking for it the first time."""
        if not self.has(key):
            self._keep(key, _obtain(slot, self._ask))
        if key in self._held:
            return self._held[key]
        return Secret((self._folder / _name(key)).read_text(encoding="utf-8"))

    def has(self, key: str) -> bool:
        """Whether the secret is still kept."""
        return key in self._held or (self._folder / _name(key)).exists()

    def forget(self, keys: Iterable[str]) -> None:
        """Remove secrets that are delivered, or of no use any more."""
        for key in keys:
            self._held.pop(key, None)
            with suppress(FileNotFoundError):
                (self._folder / _name(key)).unlink()

    def _keep(self, key: str, secret: Secret) -> None:
        try:
            write_private(private_folder(self._folder) / _name(key), secret.reveal())
        except OSError as error:
            if self._forgiving:
                self._held[key] = secret
                return
            message = f"the new password cannot be kept safely: {error.strerror}"
            raise EvidenceUnavailable(message, hint="free some space, then run it again") from error


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def generated() -> Secret:
    """A password a person can type from paper: four groups of five and three kinds of character, 90 bits."""
    groups = ["".join(secrets.choice(WORDS) for _ in range(5)) for _ in range(4)]
    place = secrets.randbelow(4)
    groups[place] = groups[place].capitalize()
    return Secret("-".join(groups) + secrets.choice(DIGITS) + secrets.choice(DIGITS))


def _obtain(slot: Slot, ask: bool) -> Secret:
    match slot.source.partition(":"):
        case ["generated", _, _]:
            return generated()
        case ["stdin", _, _]:
            return _checked(sys.stdin.readline().rstrip("\n"))
        case ["file", _, path]:
            return _checked(_first_line(Path(path)))
        case ["prompt", _, _] if ask and sys.stdin.isatty():
            return _asked_twice()
        case ["prompt", _, _]:
            raise InvalidRequest("there is nobody to ask for the password", hint="--password-from stdin, or file:PATH")
    raise InvalidRequest(f"no secret comes from {slot.source}")


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"the password file {path} cannot be read", hint="is it there, and yours?") from error


def _asked_twice() -> Secret:
    first = _checked(getpass("New password: "))
    if first != Secret(getpass("The same again: ")):
        raise InvalidRequest("the two passwords differ", hint="run it again")
    return first


def _checked(text: str) -> Secret:
    if not text:
        raise InvalidRequest("the password is empty")
    return Secret(text)
