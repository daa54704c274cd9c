"""What stands in the source and on the screen: no word of the engine room, no claim too large, no foreign place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.house import ROOT, Module, modules, tracked

ENGINE_ROOM = re.compile(
    r"\b(projection|projected|saga|seal|sealed|canary|premise|idempoten\w*|rehears\w*|overlay|no-op|CAS)\b", re.I
)
TOO_LARGE = re.compile(r"tamper-proof|tamperproof|proves? (that )?\w* ?compet|unforgeable|unhackable", re.I)
PLACES = re.compile(r"/wor[k]/|/tmp/[a-z]+/|/roo[t]/\.|index-url|https?://[^ )\"']*(pypi|npm|registry|mirror)", re.I)
WILD = re.compile(r"shell=True|AutoAddPolicy|WarningPolicy|verify=False|CERT_NONE|ssh_strict=False|os\.system|eval\(")
SAID = {"echo", "secho", "style", "prompt", "confirm", "Option", "option", "Argument", "argument", "say", "talk"}
ALLOWED_HERE = ("tests/architecture/", "DECISIONS.md", "ARCHITECTURE.md", "CONTRIBUTING.md")


def spoken(module: Module) -> Iterator[str]:
    """Every text of a module that can reach a person: errors and their hints, what is echoed, help of commands."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and _speaks(node):
            yield from (text for argument in ast.walk(node) for text in _text(argument))
        elif isinstance(node, ast.FunctionDef) and _is_face(module, node):
            yield ast.get_docstring(node) or ""
        elif isinstance(node, ast.Yield) and module.name.startswith("ops.cli."):
            yield from (text for part in ast.walk(node) for text in _text(part))
    if module.name.startswith(("ops.operations.", "ops.audits.", "ops.lookups.", "ops.traces.")):
        yield ast.get_docstring(module.tree) or ""


def _speaks(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in SAID | _errors()


@cache
def _errors() -> frozenset[str]:
    body = Module("", (ROOT / "ops/errors.py").read_text(encoding="utf-8")).tree.body
    return frozenset(node.name for node in body if isinstance(node, ast.ClassDef))


def _is_face(module: Module, function: ast.FunctionDef) -> bool:
    marks = {"command", "operation", "audit", "lookup", "trace"}
    return any(marks & set(re.findall(r"\w+", ast.unparse(mark))) for mark in function.decorator_list)


def _text(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def engine_room(all_modules: Iterable[Module]) -> list[str]:
    return [
        f"{module.name} says {found[0]}: {text[:60]}"
        for module in all_modules
        for text in spoken(module)
        if (found := ENGINE_ROOM.search(text))
    ]


def lines_with(pattern: re.Pattern[str], files: Iterable[tuple[str, str]]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in files
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def texts() -> Iterator[tuple[str, str]]:
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(ALLOWED_HERE) and path.suffix not in (".png", ".lock"):
            yield name, path.read_text(encoding="utf-8")


def revealing(all_modules: Iterable[Module]) -> list[str]:
    rooms = ("ops.adapters.", "ops.keeper", "evidence.keys", "ops.secret")
    return [m.name for m in all_modules if ".reveal(" in m.text and not m.name.startswith(rooms)]


def injected(all_modules: Iterable[Module]) -> list[str]:
    """LDAP filters and DNs put together from pieces outside the rooms that escape them."""
    rooms = ("ops.adapters.directory_names", "ops.adapters.ldap", "inventory.lab.", "ops.cli.starting")
    made = re.compile(r"^\(?[&|!(]*\w+[~<>]?=|^(CN|OU|DC)=|,(CN|OU|DC)=")
    return [
        f"{module.name} line {node.lineno}"
        for module in all_modules
        if not module.name.startswith(rooms)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.JoinedStr) and any(made.search(t) and "(" in t for v in node.values for t in _text(v))
    ]


def undocumented(all_modules: Iterable[Module]) -> list[str]:
    """Public modules, classes and functions without a docstring; what a protocol or a base says is not said again."""
    wrong = []
    for module in all_modules:
        wrong += [] if ast.get_docstring(module.tree) or not module.text.strip() else [module.name]
        wrong += [f"{module.name}.{name}" for name in _silent(module.tree.body)]
    return wrong


def _silent(body: Iterable[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            if not ast.get_docstring(node):
                yield node.name
            if not node.bases:
                yield from (f"{node.name}.{name}" for name in _silent(node.body))
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not _obvious(node):
            yield node.name


def _obvious(function: ast.FunctionDef) -> bool:
    dots = len(function.body) == 1 and isinstance(function.body[0], ast.Expr)
    return bool(ast.get_docstring(function)) or dots


def test_no_word_of_the_engine_room_reaches_a_user() -> None:
    assert engine_room(modules()) == []


def test_playbooks_and_frameworks_speak_plainly_too() -> None:
    data = [(n, t) for n, t in texts() if n.endswith(".yaml") or n in ("README.md", "CHANGELOG.md")]
    assert lines_with(ENGINE_ROOM, data) == []


def test_no_claim_is_too_large() -> None:
    assert lines_with(TOO_LARGE, texts()) == []


def test_no_machine_and_no_registry_is_named() -> None:
    assert lines_with(PLACES, texts()) == []


def test_nothing_unsafe_is_written() -> None:
    code = [(m.name, m.text) for m in modules()]
    assert [line for line in lines_with(WILD, code) if "refuse" not in line] == []


def test_secrets_are_revealed_where_they_are_used_and_nowhere_else() -> None:
    assert revealing(modules()) == []


def test_filters_and_names_are_made_where_they_are_escaped() -> None:
    assert injected(modules()) == []


def test_public_names_say_what_they_are() -> None:
    assert undocumented(modules()) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('raise InvalidRequest("the projection is stale")', engine_room),
        ('click.echo("the canary row is done")', engine_room),
        ("@operation\ndef f():\n    '''Is idempotent.'''", engine_room),
        ("print(secret.reveal())", revealing),
        ('search(f"(cn={name})")', injected),
        ("'''x'''\ndef f():\n    return 1", undocumented),
        ("def _f():\n    return 1", undocumented),
    ],
)
def test_a_planted_violation_is_found(text: str, rule: object) -> None:
    assert len(rule([Module("ops.cli.x", text)])) == 1  # type: ignore[operator]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("our tamper-proof log", TOO_LARGE),
        ("it proves competence", TOO_LARGE),
        (f"see /{'work'}/main", PLACES),
        ("pip --index-url x", PLACES),
        ("run(x, shell=True)", WILD),
    ],
)
def test_a_planted_line_is_found(line: str, rule: re.Pattern[str]) -> None:
    assert lines_with(rule, [("x", line)]) == [f"x:1: {line}"]


def test_few_tests_patch_anything() -> None:
    tests = [path for path in tracked() if path.is_relative_to(ROOT / "tests") and path.name.startswith("test_")]
    named = [node for path in tests for node in ast.walk(ast.parse(path.read_text("utf-8"))) if _is_test(node)]
    patched = [node for node in named if re.search(r"monkeypatch|mock\b|patch\(", ast.unparse(node))]
    print(f"{len(patched)} of {len(named)} tests patch something")
    assert len(patched) <= len(named) * 0.05
    assert [path.name for path in tests if not Path(path).read_text("utf-8").startswith('"""')] == []


def _is_test(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
