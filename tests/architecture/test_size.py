"""Small rooms: limits hold by test; medians are printed, not enforced."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from statistics import median

from tests.architecture.house import Function, Module, body_lines, depth, modules

FILE, BODY, NESTING, CLICK_BODY = 400, 40, 3, 15
VAGUE = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc", "tools"}


def too_large(all_modules: Iterable[Module]) -> list[str]:
    wrong = []
    for module in all_modules:
        if (lines := module.text.count("\n")) > FILE:
            wrong.append(f"{module.name} has {lines} lines")
        for function in module.functions:
            limit = CLICK_BODY if is_command(function) else BODY
            if (lines := body_lines(function)) > limit:
                wrong.append(f"{module.name}.{function.name} has {lines} lines, at most {limit}")
            if (levels := depth(function)) > NESTING:
                wrong.append(f"{module.name}.{function.name} nests {levels} deep")
    return wrong


def is_command(function: Function) -> bool:
    return any("command" in ast.unparse(decorator) for decorator in function.decorator_list)


def vague(all_modules: Iterable[Module]) -> list[str]:
    return [m.name for m in all_modules if VAGUE & set(m.name.rpartition(".")[2].split("_"))]


def test_rooms_are_small(capsys: object) -> None:
    assert too_large(modules()) == []
    files = median(module.text.count("\n") for module in modules() if module.text.count("\n") > 1)
    bodies = median(body_lines(function) for module in modules() for function in module.functions)
    print(f"median file {files:.0f} lines, median function {bodies:.0f} lines")


def test_names_say_something() -> None:
    assert vague(modules()) == []


def test_planted_violations_are_found() -> None:
    long_body = "def f():\n" + "    x = 1\n" * (BODY + 1)
    command = "@click.command()\ndef f():\n" + "    x = 1\n" * (CLICK_BODY + 1)
    deep = "def f():\n if a:\n  for b in c:\n   while d:\n    with e:\n     pass\n"
    flat = "def f():\n if a:\n  pass\n elif b:\n  pass\n elif c:\n  pass\n elif d:\n  pass\n"
    for text in ("\n" * (FILE + 1), long_body, command, deep):
        assert len(too_large([Module("ops.x", text)])) == 1
    assert too_large([Module("ops.x", flat)]) == []
    assert vague([Module("ops.string_utils", "")]) == ["ops.string_utils"]
