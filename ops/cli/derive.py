"""Commands made from operations and playbooks: their options are the signature, their help the docstring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops.cli.options import WHY, conduct_options, options_from
from ops.operation import Operation, Param, load_operation, spelled
from ops.params import PARSERS, Names, Pairs
from ops.playbook import Playbook
from ops.question import Question
from ops.secret import Slot

if TYPE_CHECKING:
    from ops.cli.site import Site

Look = Callable[["Site", Mapping[str, Any]], None]
SHOWN = ("family",)  # in examples though it may be left out
SAMPLES = {
    "tag": "LAP-0001",
    "tags": "LAP-0001",
    "licences": "m365-2026",
    "product": "microsoft.visio",
    "metric": "named-user",
    "starts": "2026-01-01",
    "ends": "2027-01-01",
    "proof": "invoice.pdf",
    "holder": "amy.ng",
    "expires": "2026-12-31",
    "because": "'trial until the new year'",
    "source": "'count of enabled accounts'",
    "site": "Leith",
    "case": "e2d67543",
    "owner": "amy.ng",
    "decision": "'spare, being registered'",
    "audit": "estate.register",
    "rule": "'quality: cost'",
    "subject": "cost",
    "kind": "laptop",
    "to": "amy.ng",
    "due": "2026-12-31",
    "fields": "location='Room 3'",
    "key": "toner-26x",
    "state": "missing",
    "medium": "ssd",
    "technique": "block-erase",
    "operator": "amy.ng",
    "verification": "'read back 10 %'",
    "how": "recycled",
    "requested_by": "amy.ng",
    "approved_by": "kofi.nkrumah",
    "location": "'Room 12'",
    "repair_with": "Dell",
    "what": "'screen stays dark'",
    "budget": "it/2026",
    "amount": "129.90",
    "currency": "EUR",
    "quantity": "4",
    "on_hand": "7",
    "hours": "6",
    "supplier": "Dell",
    "name": "'Toner black HP 26X'",
    "terms": "terms.pdf",
    "file": "assets.csv",
    "account": "amy.ng",
    "logon": "amy.ng",
    "given": "Amy",
    "family": "Ng",
    "employee": "1001",
    "groups": "role-sales",
    "day": "2026-12-31",
    "place": "leavers",
    "successor": "kofi.nkrumah",
}


def from_operation(name: str) -> click.Command:
    """``account.unlock`` as ``ops account unlock ACCOUNT``."""
    operation = load_operation(name)
    params, example = _of(operation)
    return _command(operation.name.rpartition(".")[2].strip("_"), _runs(name), operation.help, example, params)


def _runs(name: str) -> Callable[..., None]:
    return lambda **given: carry_out(name, given)


def carry_out(name: str, given: Mapping[str, Any], look: Look | None = None) -> None:
    """Plan and carry out an operation as it was typed; ``look`` sees its arguments before anything is planned."""
    from ops.cli.conduct import conduct_operation

    operation = load_operation(name)
    options, arguments = options_from(given)
    conduct_operation(operation, typed(operation, arguments), options, look)


class Derived(click.Command):
    """A command written by hand that has the options and the help of an operation, and more of its own."""

    def __init__(self, operation: str, params: list[click.Parameter] | None = None, **more: Any) -> None:
        found = load_operation(operation)
        theirs, example = _of(found)
        more["help"] = _help(found.help, example)
        super().__init__(params=[*theirs, *(params or [])], **more)


class Looking(click.Command):
    """A command written by hand that has the options and the help of an audit, and more of its own."""

    def __init__(self, audit: str, params: list[click.Parameter] | None = None, **more: Any) -> None:
        from ops.audit import load_audit

        found = load_audit(audit)
        more["help"] = _help(found.help, spelled(audit))
        super().__init__(params=[*map(_parameter, found.params), *(params or [])], **more)


def asked(audit: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed as the audit's types."""
    from ops.audit import load_audit

    return typed(load_audit(audit), given)


def _of(operation: Operation) -> tuple[list[click.Parameter], str]:
    """The parameters of an operation's command, and an example of it."""
    given = " ".join(_sample(param.name) for param in operation.params if param.required)
    example = f"{spelled(operation.name)} {given} --dry-run"
    params = [_parameter(param) for param in operation.params if param.name != WHY]
    if "host" in operation.readers:
        params.append(click.Option(["--on"], default="", help="The host, by its name in the inventory."))
        on = "dc1-host" if operation.name == "host.end_connections" else "srv1"
        example += "" if operation.name.startswith("home.") else f" --on {on}"
    return [*params, *conduct_options()], example


def from_playbook(name: str, path: Path) -> click.Command:
    """``user/onboard`` as ``ops user onboard``; what it asks for are its options."""
    from ops.playbook_file import parse

    book = parse(path, name)
    return _guided(book) if book.guided else _doing(book, path)


def _doing(book: Playbook, path: Path) -> click.Command:
    """A playbook that changes something, and may have questions besides."""
    from ops.cli.options import bulk_options

    def run(**given: Any) -> None:
        from ops.cli.conduct import conduct_playbook

        options, answers = options_from(given)
        conduct_playbook(book.name, path, {key: value for key, value in answers.items() if value is not None}, options)

    asks = [
        click.Option([f"--{ask.name.replace('_', '-')}", ask.name], help=ask.help, metavar="TEXT") for ask in book.asks
    ]
    required = " ".join(
        f"--{ask.name.replace('_', '-')} {_sample(ask.name)}"
        for ask in book.asks
        if ask.default is None or ask.name in SHOWN
    )
    example = f"{spelled(book.name)} {required} --dry-run"
    params = [*asks, *map(_question, book.questions), *bulk_options(), *conduct_options()]
    return _command(book.name.rpartition("/")[2], run, f"{book.title}.\n\n{book.help}", example, params)


def _guided(book: Playbook) -> click.Command:
    """A playbook that only asks: its answers are a signed statement."""
    from ops.cli.options import telling_options

    def run(**given: Any) -> None:
        from ops.cli.stating import conduct_guided

        conduct_guided(book, given)

    about = " --about last" if book.name.startswith("journal/") else ""
    text = f"{book.title}.\n\n{book.help}\n\nIn a terminal it asks {len(book.questions)} questions, one after another."
    params = [*map(_question, book.questions), *telling_options()]
    return _command(book.name.rpartition("/")[2], run, text, f"{spelled(book.name)}{about}", params)


def _question(question: Question) -> click.Option:
    """The option that answers a question without being asked."""
    what = " ".join(question.text.split()) if not question.text.startswith("{") else "The answer to this question"
    choices = f" One of: {'; '.join(question.options)}." if question.options else ""
    metavar = {"number": "NUMBER", "date": "DATE", "file": "FILE", "photo": "FILE"}.get(question.kind, "TEXT")
    return click.Option([question.flag, question.id], help=f"{what}{choices}", metavar=metavar)


def _command(name: str, run: Any, help_: str, example: str, params: list[Any]) -> click.Command:
    return click.Command(name.replace("_", "-"), callback=run, help=_help(help_, example), params=params)


def _help(text: str, example: str) -> str:
    return f"{text}\n\n\b\nExample:\n  {example}"


def _parameter(param: Param) -> click.Parameter:
    if param.required:
        many = param.type in (Names, Pairs)
        return click.Argument([param.name], nargs=-1 if many else 1, required=True, metavar=_metavar(param))
    flag = f"--{param.name.replace('_', '-')}"
    if param.type is bool:
        off = f"/--no-{param.name.replace('_', '-')}" if param.default else ""
        return click.Option([flag + off, param.name], is_flag=True, default=bool(param.default), help=param.help)
    if param.type is Slot:
        return click.Option([f"{flag}-from", param.name], default="generated", help=param.help, metavar="SOURCE")
    return click.Option([flag, param.name], default=None, help=param.help, metavar="TEXT")


def _metavar(param: Param) -> str:
    return f"{param.name.upper().rstrip('S')}..." if param.type in (Names, Pairs) else param.name.upper()


def _sample(name: str) -> str:
    return SAMPLES.get(name, name.upper())


def typed(operation: Operation, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Texts of the command line as the operation's types; what was not given keeps its default."""
    types = {param.name: param.type for param in operation.params}
    out: dict[str, Any] = {}
    for name, value in arguments.items():
        if value is None:
            continue
        text = ",".join(value) if isinstance(value, tuple) else value
        out[name] = text if isinstance(text, bool) else PARSERS[types[name]](text)
    return out
