"""A book on disk: a private folder, one private JSON file for each page, whole and on disk or not there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from ops.adapters.pages import Page, Pages, PagesReader, ProjectedPages, not_there, there_already
from ops.change import Change, decode, encode, one_by_one
from ops.errors import ApplyFailed, OpsError, Refused
from ops.private import private_folder, write_private


class PagesFolder(Pages):
    """Pages are named after what they are about; ``picture`` is the class of its pictures for planning."""

    def __init__(self, folder: Path, picture: type[ProjectedPages]) -> None:
        self.folder, self._picture = folder, picture

    def path(self, name: str) -> Path:
        """Where a page is; odd characters are written as their number."""
        return self.folder / f"{quote(name.lower(), safe='').replace('.', '%2E', name.startswith('.'))}.json"

    def page(self, name: str) -> Page | None:
        return self._read(self.path(name))

    def pages(self) -> Mapping[str, Page]:
        found = {unquote(path.stem): self._read(path) for path in sorted(self.folder.glob("*.json"))}
        return {name: page for name, page in found.items() if page}

    def _read(self, path: Path) -> Page | None:
        try:
            found: Page = decode(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise Refused(f"{self._picture.book} is damaged: {path}", hint="restore it from a backup") from error
        return found

    def put(self, name: str, page: Page) -> None:
        self._write(name, page, replace=False)

    def note(self, name: str, **fields: Any) -> None:
        """Write more on a page that is there."""
        self._write(name, {**(self.page(name) or {}), **fields}, replace=True)

    def _write(self, name: str, page: Page, replace: bool) -> None:
        try:
            private_folder(self.folder)
            text = json.dumps(encode(page), ensure_ascii=False, indent=1, sort_keys=True)
            write_private(self.path(name), text, replace=replace)
        except FileExistsError:
            raise there_already(self._picture.book, name) from None
        except OSError as error:
            said = f"{self._picture.book} cannot be written: {error.strerror}"
            raise ApplyFailed(said, hint="free some space") from error

    def take_back(self, name: str) -> None:
        try:
            self.path(name).unlink()
        except FileNotFoundError:
            raise not_there(self._picture.book, name) from None

    def snapshot(self, refs: Iterable[str]) -> PagesReader:  # noqa: ARG002
        return self

    def projection(self) -> ProjectedPages:
        """This book as it will be, for planning."""
        return self._picture(self)

    def about(self, ref: str) -> str:
        """How a person knows it."""
        return ref

    def apply_all(self, changes: Sequence[Change[Pages]]) -> list[OpsError | None]:
        """Apply changes in order; one error or None for each."""
        return one_by_one(changes, self)
