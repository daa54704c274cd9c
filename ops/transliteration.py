"""Names of any script in plain Latin letters.

Where one letter becomes two, the table of machine-readable passports decides (ICAO Doc 9303, part 3, section 6):
it knows no language, gives what stands in the person's own passport, and so what the person has met before. A
table per language would guess: ö is oe in German, o in Finnish and Turkish, and a name does not say which it is.
``anyascii`` does all the rest; for scripts without written vowels, or with several readings, that is a guess too.
"""

from __future__ import annotations

import re
import unicodedata

LETTERS = ("Lu", "Ll", "Lt", "Lo")  # not Lm: the apostrophe of Hawaiian names is one
PASSPORT = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "å": "aa",
        "ø": "oe",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
        "đ": "d",
        "ł": "l",
        "ı": "i",
        "ğ": "g",
        "ŋ": "n",
        "ĳ": "ij",
    }
)


def latin(text: str) -> str:
    """A name in small letters a–z, digits and hyphens; spaces, apostrophes and pictures are left out."""
    from anyascii import anyascii

    composed = unicodedata.normalize("NFC", text).lower()
    letters = "".join(char for char in composed if _belongs(char)).translate(PASSPORT)
    plain = re.sub(r"[^a-z0-9-]", "", str(anyascii(letters)).lower())
    return re.sub(r"-+", "-", plain).strip("-")


def guessed(text: str) -> bool:
    """Whether the spelling in Latin letters is only a guess, because the name is written in another script."""
    letters = (char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) in LETTERS)
    return any(not unicodedata.name(char, "").startswith("LATIN ") for char in letters)


def _belongs(char: str) -> bool:
    """Letters, their marks, decimal digits and hyphens. ``anyascii`` would spell pictures out: ``:thumbsup:``."""
    category = unicodedata.category(char)
    return category[0] in "LM" or category in ("Nd", "Pd")
