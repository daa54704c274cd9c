"""Untrusted text on a terminal: what a directory or a file says must not move the cursor or turn the line round."""

from __future__ import annotations

import unicodedata

DIRECTION = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def plain(text: str) -> str:
    """The text with control and direction characters written as visible escapes; letters of any script stay."""
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    if char == "\t":
        return "\\t"
    if char == "\n":
        return "\\n"
    unsafe = unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} or unicodedata.bidirectional(char) in DIRECTION
    return f"\\u{ord(char):04x}" if unsafe else char


def clip(text: str, width: int) -> str:
    """At most ``width`` columns of a text, wide characters counted as two, with … where it was cut."""
    used, out = 0, list[str]()
    for char in text:
        used += columns(char)
        if used > width:
            return "".join(out[: max(0, len(out) - 1)]) + "…"
        out.append(char)
    return text


def columns(char: str) -> int:
    """How many columns one character takes."""
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
