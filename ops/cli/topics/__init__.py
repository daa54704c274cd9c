"""What ``ops help TOPIC`` prints: one Markdown file a topic, and one for each error a person can meet."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from ops.errors import NotFound

HERE = Path(__file__).parent


def topics() -> dict[str, str]:
    """Name → title of the pages about the tool."""
    return _titles("*.md")


def errors() -> dict[str, str]:
    """Name → title of the pages about errors."""
    return _titles("errors/*.md")


def _titles(pattern: str) -> dict[str, str]:
    files = sorted(HERE.glob(pattern))
    return {file.stem: file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") for file in files}


def page(topic: str) -> str:
    """The text of one page; raise ``NotFound`` with a suggestion."""
    name = topic.lower().replace(" ", "-")
    folder = HERE if name in topics() else HERE / "errors"
    if name in topics() or name in errors():
        return (folder / f"{name}.md").read_text(encoding="utf-8")
    near = get_close_matches(name, [*topics(), *errors()], 1)
    raise NotFound(f"there is no page about {topic}", hint=f"ops help {near[0]}" if near else "ops help lists them")
