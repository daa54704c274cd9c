"""Finding commands without importing them: operations, playbooks, audits and hand-written ones, all by path."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import cached_property
from importlib import import_module
from pathlib import Path

import click

from ops.cli.errors import Guarded
from ops.errors import InvalidRequest
from ops.operation import names, opening, spelled, summary

HERE = Path(__file__).parent
PLAYBOOKS = HERE.parent.parent / "playbooks"
Maker = Callable[[], click.Command]


def words(name: str) -> str:
    """``reset_password`` as it is typed: ``reset-password``."""
    return name.rstrip("_").replace("_", "-")


class Noun(click.Group):
    """``ops account …``: the commands of one noun, each made only when it is asked for."""

    def __init__(self, name: str, help_: str, makers: Mapping[str, tuple[str, Maker]]) -> None:
        super().__init__(name, help=help_, no_args_is_help=True)
        self._makers = makers

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(self._makers)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        found = self._makers.get(cmd_name)
        return found[1]() if found else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a typo gets a suggestion."""
        if args[0] not in self._makers and not ctx.resilient_parsing:
            near = get_close_matches(args[0], self._makers, 1)
            path = ctx.command_path
            hint = f"did you mean {path} {near[0]}?" if near else f"{path} --help lists them"
            raise InvalidRequest(f"there is no command {path} {args[0]}", hint=hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List names and first lines, read from the files."""
        rows = [(name, line) for name, (line, _) in sorted(self._makers.items())]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


ALSO = {"license": "licence"}  # other spellings


class Root(Guarded, Noun):
    """``ops``: nouns and the few commands that stand alone."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command, however its noun is spelt."""
        return super().resolve_command(ctx, [ALSO.get(args[0], args[0]), *args[1:]])


class Tree:
    """Everything there is, as files say it."""

    def __init__(self, own: Path | None = None) -> None:
        self._folders = (PLAYBOOKS, own) if own else (PLAYBOOKS,)

    @cached_property
    def playbooks(self) -> dict[str, Path]:
        """``user/onboard`` → its file; a workspace's own come after what the package ships."""
        return {
            path.relative_to(folder).with_suffix("").as_posix(): path
            for folder in self._folders
            for path in sorted(folder.glob("*/*.yaml"))
        }

    def shipped(self, name: str) -> bool:
        """Whether the package itself has a playbook of this name."""
        return (PLAYBOOKS / name).with_suffix(".yaml").is_file()

    @cached_property
    def nouns(self) -> dict[str, dict[str, tuple[str, Maker]]]:
        """Noun → verb → (first line of help, how to make the command)."""
        found: dict[str, dict[str, tuple[str, Maker]]] = {}
        for name in names("operations"):
            noun, verb = name.split(".")
            found.setdefault(noun, {})[words(verb)] = (summary("operations", name), _lazy("operation", name))
        for path in sorted(one for one in (HERE / "groups").glob("*.py") if one.stem != "__init__"):
            noun, _, inner = path.stem.partition("_")
            verbs = {
                words(verb): (line, _lazy("written", f"{path.stem}.{verb}")) for verb, line in _verbs(path).items()
            }
            if inner:  # lab_fault.py holds ops lab fault …
                line = _noun_help(f"{noun} {inner}")
                verbs = {inner: (line, _noun(inner, line, verbs))}
            found.setdefault(noun, {}).update(verbs)
        for name, path in self.playbooks.items():
            noun, verb = name.split("/")
            taken = words(verb) in found.setdefault(noun, {}) or self._twice(name, path)
            maker = _refusing(name, path) if taken else _lazy("playbook", name, path)
            found[noun][words(verb)] = (_line(path, "title"), maker)
        return found

    def _twice(self, name: str, path: Path) -> bool:
        """Whether a workspace's own playbook has a shipped name without saying that it replaces it."""
        return self.shipped(name) and not path.is_relative_to(PLAYBOOKS) and _line(path, "replaces") != name

    def root(self) -> Root:
        """The whole command."""
        makers: dict[str, tuple[str, Maker]] = {}
        for noun, verbs in self.nouns.items():
            line = _noun_help(noun)
            makers[noun] = (line, _noun(noun, line, verbs))
        for path in sorted((HERE / "alone").glob("*.py")):
            if path.stem != "__init__":
                ((verb, line),) = _verbs(path).items()
                makers[words(verb)] = (line, _lazy("alone", f"{path.stem}.{verb}"))
        return Root(
            "ops", "Do IT operations on a real network, see every change first, and keep signed evidence.", makers
        )


def _noun(noun: str, line: str, verbs: Mapping[str, tuple[str, Maker]]) -> Maker:
    return lambda: Noun(noun, line, verbs)


def _lazy(kind: str, name: str, path: Path | None = None) -> Maker:
    def make() -> click.Command:
        if kind in ("written", "alone"):
            module, _, verb = name.partition(".")
            package = "groups" if kind == "written" else "alone"
            command: click.Command = getattr(import_module(f"ops.cli.{package}.{module}"), verb)
            return command
        from ops.cli import derive

        return derive.from_operation(name) if path is None else derive.from_playbook(name, path)

    return make


def _verbs(path: Path) -> dict[str, str]:
    """The click commands of a file and what each docstring opens with, without importing it."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and any(_is_command(d) for d in node.decorator_list):
            found[node.name] = opening(ast.get_docstring(node) or "")
    return found


def _is_command(decorator: ast.expr) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(target, ast.Attribute) and target.attr == "command"


def _refusing(name: str, path: Path) -> Maker:
    """Two things of one name: neither is run."""

    def refuse() -> click.Command:
        hint = f"write replaces: {name} in it, or give it another name"
        raise InvalidRequest(f"{path}: there is an {spelled(name)} already", hint=hint)

    return refuse


def _line(path: Path, key: str) -> str:
    """One text at the top level of a playbook, without a YAML parser; empty if it is not there."""
    with suppress(OSError, UnicodeDecodeError):  # whoever runs it is told then
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith(f"{key}:"):
                return line.removeprefix(f"{key}:").strip().strip("\"'")
    return ""


NOUNS = {
    "account": "One directory account: unlock, reset, enable, disable, expire, rename, relocate.",
    "asset": "Assets: what there is, who has it, where it is, from wanted to disposed of.",
    "audit": "Look at a target and report what is not as it should be; nothing is changed.",
    "backup": "Backups: fresh, whole, and seen to come back.",
    "budget": "Money for things, and what was spent of it.",
    "config": "Settings, and where each came from.",
    "consumable": "Consumables and spare parts: counted, taken, filled up.",
    "estate": "What is really there: found, compared with the register, located.",
    "evidence": "Records of what was done: list, show, verify, export.",
    "framework": "The competencies that work counts toward.",
    "group": "Groups: who is in, who is out.",
    "home": "Home folders on the file server: made, limited, packed, handed over.",
    "host": "Linux hosts: their keys, who has a login, who no longer.",
    "journal": "In your own words: look back, be witnessed, talk it over, learn, count hours, set goals.",
    "licence": "Licences: what was bought, who has a seat, where one stands, what comes.",
    "leaver": "Leavers, and what they had.",
    "handover": "Sheets with first passwords that wait to be given to their owners.",
    "lab fault": "Faults that are planted, to be found and mended.",
    "lab": "The practice network: a real domain on this machine, with no way out of it.",
    "checkpoint": "How far your evidence goes, vouched for by somebody else.",
    "plan": "Plans that were saved: show, approve, apply.",
    "portfolio": "Where you stand in your frameworks: what is there, what is missing, what next.",
    "review": "For mentors: take records in, look at them, decide, hand the decisions back.",
    "report": "Reports: workbooks that are sent as they are, and that can be checked.",
    "run": "What was run: list, show, resume, undo.",
    "stocktake": "Counting what is there: a frozen list, a scanner, and five answers.",
    "schedule": "Dated work: who begins or leaves on which day.",
    "signers": "Whose signature counts for what: enrolled by the IT lead.",
    "task": "Work that no command can do, written down step by step and signed.",
    "user": "A person, everywhere at once.",
}


def _noun_help(noun: str) -> str:
    return NOUNS.get(noun, f"Commands about {noun}.")
