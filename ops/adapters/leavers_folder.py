"""The leavers' book on disk: 0700, one page of 0600 for each leaver, whole and on disk or not there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from ops.adapters.leavers import NAMES, Leavers, LeaversReader, Page, ProjectedLeavers, written_already
from ops.change import Change, decode, encode, one_by_one
from ops.errors import ApplyFailed, Conflict, OpsError, Refused
from ops.private import private_folder, write_private


class LeaversFolder(Leavers):
    """Pages are JSON files named after the logon name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, logon: str) -> Path:
        """Where a leaver's page is."""
        return self.folder / f"{quote(logon.lower(), safe='').replace('.', '%2E', logon.startswith('.'))}.json"

    def page(self, logon: str) -> Page | None:
        return self._read(self.path(logon))

    def _read(self, path: Path) -> Page | None:
        try:
            found: Page = decode(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise Refused(f"the leavers' book is damaged: {path}", hint="restore it from a backup") from error
        return found

    def pages(self) -> tuple[Page, ...]:
        """All of them, by logon name."""
        found = (self._read(path) for path in sorted(self.folder.glob("*.json")))
        return tuple(page for page in found if page)

    def names(self) -> frozenset[str]:
        """Every name of a leaver, in small letters: logon names, and what stands before the @ of an address."""
        texts = (str(page.get(field, "")) for page in self.pages() for field in NAMES)
        return frozenset(text.partition("@")[0].lower() for text in texts if text)

    def put(self, logon: str, page: Page) -> None:
        try:
            private_folder(self.folder)
            text = json.dumps(encode(page), ensure_ascii=False, indent=1, sort_keys=True)
            write_private(self.path(logon), text, replace=False)
        except FileExistsError:
            raise written_already(logon) from None
        except OSError as error:
            raise ApplyFailed(
                f"the leavers' book cannot be written: {error.strerror}", hint="free some space"
            ) from error

    def take_back(self, logon: str) -> None:
        try:
            self.path(logon).unlink()
        except FileNotFoundError:
            raise Conflict(f"{logon} is not in the leavers' book any more") from None

    def snapshot(self, refs: Iterable[str]) -> LeaversReader:  # noqa: ARG002
        return self

    def projection(self) -> ProjectedLeavers:
        """This book as it will be, for planning."""
        return ProjectedLeavers(self)

    def about(self, ref: str) -> str:
        """How a person knows it."""
        return ref

    def apply_all(self, changes: Sequence[Change[Leavers]]) -> list[OpsError | None]:
        """Apply changes in order; one error or None for each."""
        return one_by_one(changes, self)
