"""Frameworks of one's own, from a table, from Moodle's competency export, or from CASE 1.1: nothing is lost.

What our form has no place for is kept under ``extra``, and the whole wording under ``text``. What comes in has no
rules yet: its items count where they are named, until somebody adds ``evidenced_by``.

Sources: Moodle 4.5, admin/tool/lpimportcsv (fourteen columns); 1EdTech CASE 1.1, CFPackage.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from evidence.framework import KINDS, MODES
from evidence.framework_file import ID, LONGEST_LABEL
from ops.errors import InvalidRequest

MOODLE = ("Parent ID number", "ID number", "Short name", "Description", "Is framework")
TABLE = ("id", "label", "unit", "kind", "mode", "level", "text")
LOOSE = "items"  # the unit of items that stand in none


@dataclass
class Node:
    """One entry of an imported framework, item or unit; ``parent`` is the ``key`` of another, or empty."""

    key: str
    label: str
    parent: str = ""
    text: str = ""
    id: str = ""
    kind: str = "performance"
    mode: str = "guided"
    level: str = ""
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Imported:
    """What was read: a title, what else was said of the whole, and its nodes in order."""

    title: str
    extra: Mapping[str, str]
    nodes: Sequence[Node]


def to_yaml(content: bytes, name: str, framework: str, edition: str = "1") -> str:
    """A framework file, ``framework/1``, from the bytes of a CSV or CASE file called ``name``.

    Raise ``InvalidRequest`` with the place for one that is not of these.
    """
    from ops.strictyaml import dump

    checked_id(framework)
    found = _read(content, name)
    if not any(node.key not in {n.parent for n in found.nodes} for node in found.nodes):
        raise InvalidRequest(f"{name} has no entries", hint="is it the right file?")
    body = _body(found, framework, edition, name, content)
    return dump(body)


def checked_id(framework: str) -> None:
    """Raise ``InvalidRequest`` unless a framework can be called that."""
    if not ID.fullmatch(framework):
        shown = framework if len(framework) <= 40 else f"{framework[:20]}…, of {len(framework)} characters,"
        raise InvalidRequest(f"{shown or '…'} cannot be an id", hint="letters, digits, dots and hyphens, at most 40")


def _read(content: bytes, name: str) -> Imported:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{name} is not text in UTF-8", hint="save it as UTF-8") from error
    if text.lstrip().startswith("{"):
        return _case(text, name)
    rows = _rows(text, name)
    return _moodle(rows, name) if set(MOODLE) <= set(rows[0][1]) else _table(rows, name)


def _rows(text: str, name: str) -> list[tuple[int, dict[str, str]]]:
    """The rows of a table with their line numbers."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, dialect=_dialect(text))
    try:
        rows = []
        for row in reader:
            if None in row or None in row.values():
                problem = f"{name} line {reader.line_num}: it has more or fewer columns than the head"
                raise InvalidRequest(problem, hint="put a text with commas into quotes")
            rows.append((reader.line_num, {str(k).strip(): v for k, v in row.items()}))
    except csv.Error as error:
        raise InvalidRequest(f"{name} is not a table from line {reader.line_num} on", hint="save it as CSV") from error
    if not rows:
        raise InvalidRequest(f"{name} has no rows", hint="is it the right file?")
    return rows


def _dialect(text: str) -> type[csv.Dialect]:
    head = text.partition("\n")[0]

    class Found(csv.excel):
        delimiter = max(",;\t", key=head.count)

    return Found


def _table(rows: Sequence[tuple[int, dict[str, str]]], name: str) -> Imported:
    """Columns id, label, unit, kind, mode, level and text; only id and label must be there."""
    if missing := [column for column in ("id", "label") if column not in rows[0][1]]:
        hint = f"columns may be {', '.join(TABLE)}; others are kept"
        raise InvalidRequest(f"{name} has no column {missing[0]}", hint=hint)
    units = dict.fromkeys(row.get("unit", "") for _, row in rows)
    nodes = [Node(f"unit:{unit}", unit) for unit in units if unit]
    for line, row in rows:
        for column, known in (("kind", KINDS), ("mode", tuple(MODES))):
            if row.get(column) and row[column] not in known:
                problem = f"{name} line {line}: {column} is one of {', '.join(known)}"
                raise InvalidRequest(problem, hint="leave it empty if you do not know")
        parent = f"unit:{row['unit']}" if row.get("unit") else ""
        given = {key: row[key] for key in ("kind", "mode", "level", "text") if row.get(key)}
        extra = {key: value for key, value in row.items() if key not in TABLE and value}
        nodes.append(Node(row["id"], row["label"], parent, id=row["id"], extra=extra, **given))
    return Imported(name.rpartition(".")[0], {}, nodes)


def _moodle(rows: Sequence[tuple[int, dict[str, str]]], name: str) -> Imported:
    whole = next((row for _, row in rows if row["Is framework"].strip() in ("1", "true")), None)
    if whole is None:
        raise InvalidRequest(f"{name} has no row that is the framework", hint="export it again in Moodle")
    nodes = []
    for _, row in rows:
        if row is whole:
            continue
        extra = {key: value for key, value in row.items() if value and key not in MOODLE}
        parent = row["Parent ID number"] if row["Parent ID number"] != whole["ID number"] else ""
        nodes.append(
            Node(row["ID number"], row["Short name"], parent, row["Description"], row["ID number"], extra=extra)
        )
    rest = {key: value for key, value in whole.items() if value and key != "Short name"}
    return Imported(whole["Short name"], rest, nodes)


def _case(text: str, name: str) -> Imported:
    try:
        package = json.loads(text)
        document, items = package["CFDocument"], package["CFItems"]
        links = package.get("CFAssociations", [])
        children = {
            one["originNodeURI"]["identifier"]: one["destinationNodeURI"]["identifier"]
            for one in links
            if one["associationType"] == "isChildOf"
        }
        nodes = [_case_node(item, children, document["identifier"]) for item in items]
        title = str(document["title"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        hint = "it needs CFDocument, CFItems and CFAssociations, as CASE 1.1 has them"
        raise InvalidRequest(f"{name} is not a CASE package{_missing(error)}", hint=hint) from error
    others = {key: value for key, value in package.items() if key not in ("CFDocument", "CFItems", "CFAssociations")}
    other_links = [one for one in links if one["associationType"] != "isChildOf"]
    extra = _flat({key: value for key, value in document.items() if key != "title"} | others)
    return Imported(title, extra | _flat({"CFAssociations": other_links} if other_links else {}), nodes)


def _missing(error: Exception) -> str:
    return f": it has no {error.args[0]}" if isinstance(error, KeyError) else ""


def _case_node(item: Mapping[str, Any], children: Mapping[str, str], document: str) -> Node:
    whole = str(item["fullStatement"])
    parent = children.get(item["identifier"], "")
    known = ("fullStatement", "abbreviatedStatement", "humanCodingScheme")
    extra = _flat({key: value for key, value in item.items() if key not in known})
    code = str(item.get("humanCodingScheme") or item["identifier"])
    label = str(item.get("abbreviatedStatement") or whole)
    return Node(item["identifier"], label, "" if parent == document else parent, whole, code, extra=extra)


def _flat(values: Mapping[str, Any]) -> dict[str, str]:
    """Values as texts; what is not a text is written as JSON."""
    return {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for key, value in values.items()
    }


def _body(found: Imported, framework: str, edition: str, name: str, content: bytes) -> dict[str, Any]:
    parents = {node.parent for node in found.nodes}
    fresh = _fresh_ids()
    units = {node.key: _unit(node, number, fresh) for number, node in enumerate(found.nodes, 1) if node.key in parents}
    loose = Node(LOOSE, "Items without a unit")
    for number, node in enumerate(found.nodes, 1):
        if node.key in units:
            continue
        if node.parent not in units:
            units[node.parent] = _unit(loose, number, fresh)
        units[node.parent]["items"].append(_item(node, number, fresh))
    levels = dict.fromkeys(node.level for node in found.nodes if node.level)
    head = {
        "schema": "framework/1",
        "id": framework,
        "title": found.title or framework,
        "edition": edition,
        "source": {
            "title": name,
            "sha256": sha256(content).hexdigest(),
            "numbering": "line counts the entries of the file from 1, and the hash is of an entry's own wording",
        },
    }
    return {
        **head,
        **({"levels": " ".join(levels)} if levels else {}),
        **({"extra": dict(found.extra)} if found.extra else {}),
        "when_named": [
            {"work": "task/*", "kinds": "performance behaviour", "because": "tells how the work was done"},
            {"work": "journal/*", "kinds": " ".join(KINDS), "because": "looks at the item its maker named"},
        ],
        "units": list(units.values()),
    }


def _fresh_ids() -> Callable[[str], str]:
    """Ids of the right shape, each used once."""
    used: set[str] = set()

    def fresh(wanted: str) -> str:
        shaped = re.sub(r"[^A-Za-z0-9._-]+", "-", wanted).strip("-._")[:36] or "item"
        candidates: Iterator[str] = (shaped if n == 1 else f"{shaped}-{n}" for n in range(1, len(used) + 2))
        made = next(one for one in candidates if one not in used)
        used.add(made)
        return made

    return fresh


def _unit(node: Node, number: int, fresh: Callable[[str], str]) -> dict[str, Any]:
    extra = {"parent": node.parent} if node.parent else {}
    return {**_common(node, number, fresh, extra), "items": []}


def _item(node: Node, number: int, fresh: Callable[[str], str]) -> dict[str, Any]:
    level = {"level": node.level} if node.level else {}
    common = _common(node, number, fresh, {})
    return {**common, **level, "kind": node.kind, "mode": node.mode}


def _common(node: Node, number: int, fresh: Callable[[str], str], more: Mapping[str, str]) -> dict[str, Any]:
    """What items and units have alike; a wording too long for a label is kept whole beside it."""
    made, words = fresh(node.id or node.label), node.label.split()
    label = " ".join(words) if len(words) <= LONGEST_LABEL else " ".join(words[: LONGEST_LABEL - 1]) + " …"
    text = node.text or (node.label if label != node.label else "")
    extra = {**node.extra, **more, **({"id": node.id} if node.id and node.id != made else {})}
    if text and node.label not in (label, text):
        extra["label"] = node.label
    hashed = sha256((node.text or node.label).encode()).hexdigest()
    return {
        "id": made,
        "label": label or made,
        **({"text": text} if text else {}),
        **({"extra": extra} if extra else {}),
        "source": {"line": number, "sha256": hashed},
    }
