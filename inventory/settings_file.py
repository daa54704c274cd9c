"""Writing one setting into a workspace's ``ops.toml`` without touching what else stands there."""

from __future__ import annotations

import tomllib
from pathlib import Path

from inventory.load import DEFAULTS, FILE
from ops.errors import Conflict, InvalidRequest
from ops.private import write_private

SECTION = "[settings]"


def set_once(folder: Path, name: str, value: str) -> None:
    """Write a setting that is not there yet; raise ``Conflict`` if it is there with another value."""
    if name not in DEFAULTS or '"' in value or "\\" in value:
        raise InvalidRequest(f"{name} cannot be set to {value}")
    path = folder / FILE
    text = path.read_text(encoding="utf-8")
    found = tomllib.loads(text).get("settings", {}).get(name, "")
    if found == value:
        return
    if found:
        raise Conflict(f"{path} says {name} is {found}", hint="if that is to change, change it there by hand")
    lines = text.splitlines()
    new = f'{name} = "{value}"'
    if SECTION in lines:
        lines.insert(lines.index(SECTION) + 1, new)
    else:
        lines += ["", SECTION, new]
    made = "\n".join(lines) + "\n"
    tomllib.loads(made)
    write_private(path, made)
