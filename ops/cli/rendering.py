"""Help pages on a terminal: headings, bold, lists and tables as such instead of their Markdown."""

from __future__ import annotations

import re
from textwrap import wrap
from typing import Any

EXPLAINED = re.compile(r"\S\s{2,}(# )?")  # the gap before what explains a line of an example
ROOM = 20  # columns that an explanation needs to stay in its place
STYLES = {
    "markdown.code": "bold",
    "markdown.table.border": "none",
    "markdown.table.header": "bold",
    "markdown.h1": "bold",
    "markdown.h2": "bold",
}


def render(text: str) -> None:
    """Print a page of Markdown on the terminal."""
    from rich.console import Console
    from rich.theme import Theme

    Console(theme=Theme(STYLES), highlight=False).print(_markdown()(text))


def hanging(line: str, width: int) -> list[str]:
    """A line of an example; where it is too long, what explains it goes on below itself."""
    column, mark = len(line) - len(line.lstrip()) + 4, ""
    for gap in EXPLAINED.finditer(line):
        if gap.end() + ROOM <= width:
            column, mark = gap.end() - len(gap[1] or ""), gap[1] or ""
    indent = " " * column + mark
    return wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]


def _markdown() -> Any:
    """Rich's Markdown, with headings on the left, and examples as they are written."""
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.markdown import CodeBlock, Heading, Markdown
    from rich.padding import Padding
    from rich.text import Text

    class Plain(Heading):
        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:  # noqa: ARG002
            yield self.text

    class Typed(CodeBlock):
        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            room, written = options.max_width - 4, str(self.text).rstrip().split("\n")
            lines = [part for line in written for part in hanging(line, room)]
            yield Padding(Text("\n".join(lines)), (0, 0, 0, 4))

    class Page(Markdown):
        elements = {**Markdown.elements, "heading_open": Plain, "code_block": Typed, "fence": Typed}

    return Page
