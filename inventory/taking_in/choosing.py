"""Which reader a file needs, by what is in it; its name is only believed where the content says nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from inventory.taking_in import ansible, glpi
from inventory.taking_in.ansible_files import ini_hosts, yaml_hosts
from inventory.taking_in.assets import open_assets
from inventory.taking_in.encodings import encoding_of
from inventory.taking_in.glpi import Collected
from inventory.taking_in.mapping import Wishes
from inventory.taking_in.rows import Mistake, Options, Taken
from inventory.taking_in.table import EMPTY_ZIP, ZIP, starts_with
from inventory.taking_in.zip_guard import OLE
from ops.errors import InvalidRequest

FORMATS = {
    "csv": "a table as CSV",
    "xlsx": "a table in a workbook",
    "glpi": "inventories of GLPI Agent, one file or a folder of them",
    "ansible-yaml": "an Ansible inventory in YAML",
    "ansible-ini": "an Ansible inventory in INI",
}
LOOKED_AT = 1 << 16  # bytes
YAML_GROUP = re.compile(r"(---\s*)?[\w.-]+:\s*\n\s+(hosts|children|vars):\s", re.ASCII)
INI_GROUP = re.compile(r"^\[[^\[\],;\"]+\]\s*$", re.M)


@dataclass(frozen=True)
class Reader:
    """A file that is ready to be taken in: its format, what was found out about it, and its records."""

    format: str
    said: tuple[str, ...]
    reading: Callable[[], Iterator[Taken | Collected | Mistake]] = field(repr=False)

    def records(self) -> Iterator[Taken | Collected | Mistake]:
        """Assets, or machines as collected, and every mistake, in the file's order."""
        return self.reading()


def reader_for(path: Path, format: str = "", options: Options | None = None, wishes: Wishes | None = None) -> Reader:
    """The reader for a file or folder; ``format`` is one of ``FORMATS`` where somebody knows better.

    Raise ``InvalidRequest`` for what cannot be read at all.
    """
    if format and format not in FORMATS:
        raise InvalidRequest(f"there is no format {format}", hint=f"there are: {', '.join(FORMATS)}")
    chosen = format or format_of(path)
    how = "as asked" if format else "by its content"
    said = f"read as {FORMATS[chosen]}, {how}"
    if chosen in ("csv", "xlsx"):
        table = open_assets(path, options, wishes)
        return Reader(chosen, (said, *table.said), table.assets)
    if chosen == "glpi":
        return Reader(chosen, (said,), lambda: _glpi(path))
    hosts = yaml_hosts(path) if chosen == "ansible-yaml" else ini_hosts(path)
    return Reader(chosen, (said,), lambda: ansible.assets_in(hosts))


def _glpi(path: Path) -> Iterator[Collected | Mistake]:
    if path.is_dir():
        yield from glpi.collected_in(path)
    else:
        yield glpi.collected(path)


def format_of(path: Path) -> str:
    """The format of a file or folder, by its content."""
    if path.is_dir():
        if next(path.glob("*.json"), None) is None:
            raise InvalidRequest(f"{path} holds no inventories", hint="a folder of GLPI Agent's *.json files is read")
        return "glpi"
    start = starts_with(path, LOOKED_AT)
    if start.startswith((ZIP, EMPTY_ZIP, OLE)):
        return "xlsx"
    encoding = encoding_of(path)
    text = start[encoding.mark :].decode(encoding.name, "replace")
    if text.lstrip()[:1] in ("{", "["):
        return _braced(path, text)
    plain = "\n".join(line for line in text.splitlines() if line.strip() and line.lstrip()[0] not in "#;") + "\n"
    if YAML_GROUP.match(plain):
        return "ansible-yaml"
    return "ansible-ini" if INI_GROUP.search(plain) and "," not in plain.splitlines()[0] else "csv"


def _braced(path: Path, text: str) -> str:
    """JSON, or an INI file that begins with a group."""
    if INI_GROUP.match(text.lstrip()):
        return "ansible-ini"
    if '"deviceid"' in text or '"content"' in text:
        return "glpi"
    try:
        json.loads(text)
    except RecursionError as error:
        raise InvalidRequest(f"{path.name} is nested too deep to be an inventory", hint="collect it again") from error
    except ValueError:
        return "csv"  # a header may well begin with a bracket
    raise InvalidRequest(f"{path.name} is JSON, and no GLPI inventory", hint="export it as CSV")
