"""The hand-over folder on disk: 0700, one sheet of 0600 for each person, whatever the umask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from ops.adapters.handover import (
    LETTERS,
    Handover,
    HandoverReader,
    ProjectedHandover,
    Sheet,
    another_letter,
    waiting_already,
)
from ops.change import Change, one_by_one
from ops.errors import ApplyFailed, Conflict, NotFound, OpsError
from ops.private import private_folder, write_private
from ops.secret import Secret


class HandoverFolder(Handover):
    """Sheets are text files named after the logon name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, logon: str) -> Path:
        """Where the sheet of this person is; odd characters are written as their number."""
        return self.folder / f"{quote(logon, safe='').replace('.', '%2E', logon.startswith('.'))}.txt"

    def waiting(self, logon: str) -> bool:
        return self.path(logon).is_file()

    def everybody(self) -> tuple[str, ...]:
        """Logon names of all sheets that wait."""
        return tuple(sorted(unquote(path.stem) for path in self.folder.glob("*.txt")))

    def put(self, sheet: Sheet) -> None:
        if not isinstance(sheet.password, Secret):
            raise TypeError("the password has not been made yet")
        try:
            private_folder(self.folder)
            write_private(self.path(sheet.logon), _text(sheet, sheet.password), replace=False)
        except FileExistsError:
            raise waiting_already(sheet.logon) from None
        except OSError as error:
            raise ApplyFailed(f"the sheet cannot be written: {error.strerror}", hint="free some space") from error

    def take_back(self, logon: str) -> None:
        try:
            self.path(logon).unlink()
        except FileNotFoundError:
            raise Conflict(f"the sheet of {logon} is no longer there") from None
        except OSError as error:
            hint = f"give yourself the right: ls -ld {self.path(logon).parent}"
            raise ApplyFailed(f"the sheet of {logon} cannot be deleted: {error.strerror}", hint=hint) from error

    def _letter_path(self, name: str) -> Path:
        logon, _, kind = name.partition("/")
        return self.path(logon).with_suffix(f".{kind}")

    def letter(self, name: str) -> str | None:
        try:
            return self._letter_path(name).read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, name: str, before: str | None, after: str | None) -> None:
        if self.letter(name) != before:
            raise another_letter(name)
        try:
            private_folder(self.folder)
            if after is None:
                self._letter_path(name).unlink()
            else:
                write_private(self._letter_path(name), after)
        except OSError as error:
            raise ApplyFailed(f"the letter cannot be written: {error.strerror}", hint="free some space") from error

    def letters(self, logon: str) -> dict[str, str]:
        """The letters that wait beside a sheet: kind → text."""
        found = ((kind, self.letter(f"{logon}/{kind}")) for kind in LETTERS)
        return {kind: text for kind, text in found if text is not None}

    def read(self, logon: str) -> str:
        """The text of a sheet, for its owner; raise ``NotFound`` if none waits."""
        try:
            return self.path(logon).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise NotFound(f"no sheet of {logon} is waiting", hint="ops handover list") from None

    def snapshot(self, refs: Iterable[str]) -> HandoverReader:  # noqa: ARG002
        return self

    def projection(self) -> ProjectedHandover:
        """This folder as it will be, for planning."""
        return ProjectedHandover(self)

    def about(self, ref: str) -> str:
        """How a person knows it."""
        return ref

    def apply_all(self, changes: Sequence[Change[Handover]]) -> list[OpsError | None]:
        """Apply changes in order; one error or None for each."""
        return one_by_one(changes, self)


def _text(sheet: Sheet, password: Secret) -> str:
    return (
        f"{sheet.person}\n\n"
        f"  Sign-in name    {sheet.sign_in}\n"
        f"  First password  {password.reveal()}\n\n"
        "You will be asked to choose a password of your own when you first sign in.\n"
        "Nobody will ever ask you for it. Destroy this sheet afterwards.\n"
    )
