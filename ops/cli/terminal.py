"""Untrusted text on a terminal: what a directory or a file says must not move the cursor or turn the line round.

Standard library only, for every command imports it. Widths follow Unicode's East Asian Width (UAX 11) and count,
where terminals differ, what the widest of them takes: a table may have room to spare and never runs over.
"""

from __future__ import annotations

import unicodedata

JOINERS = "\u200c\u200d"  # invisible, and part of how Persian, Indian names and emoji are written
SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
EMOJI = "\ufe0f"  # asks for the wide, coloured form of the sign before it
MORE = "…"
COLOURS = {"FAIL": "red", "ERROR": "magenta", "UNKNOWN": "white", "WARN": "yellow", "PASS": "green"}  # of verdicts


def plain(text: str) -> str:
    """The text in one line, with all that is invisible or moves the cursor as visible escapes, such as ``\\u001b``.

    Letters of any script stay, with their combining marks. What is plain already comes back as it is.
    """
    if text.isprintable():
        return text
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    if not _unsafe(char):
        return char
    code = ord(char)
    return SHORT.get(char) or (f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}")


def _unsafe(char: str) -> bool:
    """Control characters of ASCII and C1, half characters, line separators, and invisible signs (Trojan Source)."""
    category = unicodedata.category(char)
    if category == "Cf":
        return char not in JOINERS and not _number_sign(char)
    return category in ("Cc", "Cs", "Zl", "Zp")


def _number_sign(char: str) -> bool:
    """Arabic signs around a number: Unicode calls them format characters, and they are seen."""
    return unicodedata.bidirectional(char) == "AN"


def counted(number: int, what: str) -> str:
    """``1 change``, ``2 changes``."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def clip(text: str, width: int) -> str:
    """The text, made plain, in at most ``width`` columns, with … where it was cut; marks stay with their letter."""
    shown = plain(text)
    if measure(shown) <= width:
        return shown
    used, kept = len(MORE), list[str]()
    for char in shown:
        used += columns(char)
        if used > width:
            break
        kept.append(char)
    return "".join(kept) + MORE if width >= len(MORE) else ""


def folded(text: str, width: int) -> list[str]:
    """A plain text in lines of at most ``width`` columns, broken between words; a longer word is broken within."""
    if measure(text) <= width:
        return [text]
    lines, line = list[str](), ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if measure(joined) > width:
            *full, joined = [*([line] if line else []), *_pieces(word, width)]
            lines += full
        line = joined
    return [*lines, line]


def _pieces(word: str, width: int) -> list[str]:
    """A word in pieces that fit; marks stay with their letter."""
    pieces, used = [""], 0
    for char in word:
        used += columns(char)
        if used > width and columns(char):
            pieces.append("")
            used = columns(char)
        pieces[-1] += char
    return pieces


def measure(text: str) -> int:
    """How many columns a plain text takes at most, as far as this Python's Unicode tables know its characters."""
    return len(text) if text.isascii() else sum(map(columns, text))


def columns(char: str) -> int:
    """How many columns one character takes: none for marks, two for wide letters and emoji."""
    if char == EMOJI or _number_sign(char):
        return 1
    if unicodedata.category(char) in ("Mn", "Me", "Cf") or _joined_korean(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _joined_korean(char: str) -> bool:
    """Vowels and finals of a Korean syllable written in parts; they stand within its first letter's two columns."""
    return "\u1160" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7ff"
