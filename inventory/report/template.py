"""What an organisation may change about its reports: its name, its logo, two colours, names of sheets.

The colours of verdicts are not among it, so that UNKNOWN looks the same, and never green, in every report.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from inventory.report.parts import NAME, Table, check_sheet_name
from inventory.report.text import one_line
from ops.errors import InvalidRequest

COLOUR = re.compile("#[0-9A-Fa-f]{6}")
PNG = b"\x89PNG\r\n\x1a\n"
LARGEST_LOGO, WIDEST_LOGO = 1 << 20, 4000  # bytes, pixels
LARGEST_FILE = 1 << 16  # bytes
SECTIONS: Mapping[str, tuple[str, ...]] = {"colours": ("accent", "tile")}
KEYS = ("organisation", "logo", "colours", "sheets")


@dataclass(frozen=True)
class Template:
    """Colours are ``#RRGGBB``; ``sheets`` maps a table's name, or ``summary``, to what its sheet is called."""

    organisation: str = ""
    logo: bytes | None = None
    accent: str = "#1F4E79"
    tile: str = "#EEF2F6"
    sheets: Mapping[str, str] = field(default_factory=dict)

    def title(self, table: Table) -> str:
        """What a table's sheet is called."""
        return self.sheets.get(table.name, table.title)


def read_template(path: Path) -> Template:
    """Read a template in TOML; ``logo`` is a PNG file's path, from the template's folder. Raise ``InvalidRequest``."""
    raw = _toml(path)
    _known(raw, KEYS, str(path))
    colours = _mapping(raw, "colours", path)
    _known(colours, SECTIONS["colours"], f"{path} [colours]")
    for name, value in colours.items():
        if not COLOUR.fullmatch(value):
            raise InvalidRequest(f"{path} [colours] {name}: {value} is no colour", hint='write it as "#1F4E79"')
    logo = _text(raw.get("logo", ""), f"{path}: logo")
    return Template(
        organisation=one_line(_text(raw.get("organisation", ""), f"{path}: organisation"), 60),
        logo=_logo(path.parent / logo) if logo else None,
        sheets=_sheets(_mapping(raw, "sheets", path), path),
        **colours,
    )


def sheet_titles(template: Template, tables: Iterable[Table], summary: bool) -> list[str]:
    """The sheets' names in order. Raise ``InvalidRequest`` if two are the same but for capitals."""
    titles = [template.sheets.get("summary", "Summary")] if summary else []
    titles += [template.title(table) for table in tables]
    seen: set[str] = set()
    for title in titles:
        if title.casefold() in seen:
            raise InvalidRequest(f"two sheets are called {title}", hint="give one of them another title")
        seen.add(title.casefold())
    return titles


def png_size(png: bytes) -> tuple[int, int]:
    """Width and height in pixels, from a PNG file's first chunk. Raise ``InvalidRequest``."""
    if not png.startswith(PNG) or png[12:16] != b"IHDR" or len(png) < 33:
        raise InvalidRequest("the logo is no PNG picture", hint="save it as PNG")
    size = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    if not all(0 < side <= WIDEST_LOGO for side in size) or len(png) > LARGEST_LOGO:
        raise InvalidRequest("the logo is too large", hint=f"at most 1 MiB and {WIDEST_LOGO} pixels a side")
    return size


def _regular(path: Path) -> None:
    """Raise ``InvalidRequest`` for what would keep us waiting for ever."""
    if path.exists() and not path.is_file():
        raise InvalidRequest(f"{path} is no file", hint="give the path of a file")


def _toml(path: Path) -> dict[str, Any]:
    _regular(path)
    try:
        text = path.read_bytes()[: LARGEST_FILE + 1]
        if len(text) > LARGEST_FILE:
            raise InvalidRequest(f"{path} is larger than 64 KiB", hint="is it a template?")
        return tomllib.loads(text.decode())
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}", hint="give a template's path") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidRequest(f"{path}: {error}", hint="correct that line") from error


def _known(raw: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    for name in raw:
        if name not in known:
            near = get_close_matches(name, list(known), 1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
            raise InvalidRequest(f"{where}: nothing is called {one_line(name, 40)}", hint=hint)


def _mapping(raw: Mapping[str, Any], name: str, path: Path) -> dict[str, str]:
    found = raw.get(name, {})
    if not isinstance(found, dict):
        raise InvalidRequest(f"{path}: {name} must be a section", hint=f"write [{name}]")
    return {key: _text(value, f"{path} [{name}] {key}") for key, value in found.items()}


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise InvalidRequest(f"{where} must be a text", hint='put it between "quotes"')
    return value


def _sheets(found: Mapping[str, str], path: Path) -> dict[str, str]:
    for name, title in found.items():
        if not NAME.fullmatch(name):
            raise InvalidRequest(f"{path} [sheets]: {one_line(name, 40)} is no table", hint="use the table's name")
        try:
            check_sheet_name(title)
        except InvalidRequest as error:
            raise InvalidRequest(f"{path} [sheets] {name}: {error}", hint=error.hint) from None
    return dict(found)


def _logo(path: Path) -> bytes:
    _regular(path)
    try:
        with path.open("rb") as file:
            png = file.read(LARGEST_LOGO + 1)
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}", hint="give the logo's path") from error
    png_size(png)
    return png
