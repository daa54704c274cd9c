"""Finding commands without importing them: operations, playbooks, audits and hand-written ones, all by path."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path

import click

from ops.cli.errors import Guarded
from ops.errors import InvalidRequest
from ops.operation import names, opening, spelled, summary

HERE = Path(__file__).parent
PLAYBOOKS = HERE.parent.parent / "playbooks"
Maker = Callable[[], click.Command]
Entry = tuple[Callable[[], str], Maker]  # the first line of its help, and how it is made: each only when asked for


def words(name: str) -> str:
    """``reset_password`` as it is typed: ``reset-password``."""
    return name.rstrip("_").replace("_", "-")


class Noun(click.Group):
    """``ops account …``: the commands of one noun, found and made only when they are asked for."""

    def __init__(self, name: str, help_: str, entries: Callable[[], Mapping[str, Entry]]) -> None:
        super().__init__(name, help=help_, no_args_is_help=True)
        self._entries = entries

    @cached_property
    def _makers(self) -> Mapping[str, Entry]:
        return self._entries()

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
        rows = [(name, line()) for name, (line, _) in sorted(self._makers.items())]
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
    def _nouns(self) -> set[str]:
        operations = (name.partition(".")[0] for name in names("operations"))
        groups = (path.stem.partition("_")[0] for path in _files("groups"))
        return {*operations, *groups, *(name.partition("/")[0] for name in self.playbooks)}

    def verbs(self, noun: str) -> dict[str, Entry]:
        """Verb → the first line of its help, and how to make the command."""
        found: dict[str, Entry] = {}
        for name in names("operations"):
            if name.startswith(f"{noun}."):
                found[words(name.partition(".")[2])] = partial(summary, "operations", name), _lazy("operation", name)
        for path in _files("groups"):
            outer, _, inner = path.stem.partition("_")
            if outer == noun:  # lab_fault.py holds ops lab fault …
                found |= {inner: _noun(f"{noun} {inner}", partial(_written, path))} if inner else _written(path)
        for name, path in self.playbooks.items():
            if name.startswith(f"{noun}/"):
                verb = words(name.partition("/")[2])
                taken = verb in found or self._twice(name, path)
                found[verb] = (
                    partial(_line, path, "title"),
                    _refusing(name, path) if taken else _lazy("playbook", name, path),
                )
        return found

    def _twice(self, name: str, path: Path) -> bool:
        """Whether a workspace's own playbook has a shipped name without saying that it replaces it."""
        return self.shipped(name) and not path.is_relative_to(PLAYBOOKS) and _line(path, "replaces") != name

    def root(self) -> Root:
        """The whole command."""
        entries = {noun: _noun(noun, partial(self.verbs, noun)) for noun in self._nouns}
        for path in _files("alone"):
            entries[words(path.stem)] = partial(_alone_line, path), _lazy("alone", f"{path.stem}.{path.stem}")
        help_ = "Do IT operations on a real network, see every change first, and keep signed evidence."
        return Root("ops", help_, lambda: entries)


def _files(folder: str) -> list[Path]:
    """The files in which commands are written by hand."""
    return sorted(path for path in (HERE / folder).glob("*.py") if path.stem != "__init__")


def _noun(noun: str, entries: Callable[[], Mapping[str, Entry]]) -> Entry:
    line = NOUNS.get(noun, f"Commands about {noun}.")
    return lambda: line, lambda: Noun(noun.rpartition(" ")[2], line, entries)


def _written(path: Path) -> dict[str, Entry]:
    """The commands of one file, as far as they can be told without importing it."""
    return {words(verb): (partial(str, line), _lazy("written", f"{path.stem}.{verb}")) for verb, line in _verbs(path)}


def _alone_line(path: Path) -> str:
    ((_, line),) = _verbs(path)
    return line


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


def _verbs(path: Path) -> Iterator[tuple[str, str]]:
    """The click commands of a file and what each docstring opens with, without importing it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and any(_is_command(d) for d in node.decorator_list):
            yield node.name, opening(ast.get_docstring(node) or "")


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
