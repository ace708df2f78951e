"""How much room words take, in the scripts that callers are spoken to in.

Nothing here measures a font: a picture is drawn on machines of which nobody knows the fonts.  The widths are
those of wide faces, so that words rather break too early than run out of their box.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

# In parts of the letters' height.  Signs above and below letters take no room of their own.
ABOVE_OR_BELOW = frozenset({"Mn", "Me", "Cf"})
BESIDE = "Mc"
LATIN_CAPITAL, LATIN, SPACE, SIGN = 0.7, 0.57, 0.28, 0.6
BLOCK = 0x80
# First letter of each script's block, and how wide its letters are.
DEVANAGARI, TAMIL, MALAYALAM = (0x0900, 0.7), (0x0B80, 0.9), (0x0D00, 0.9)
WIDTHS = (DEVANAGARI, TAMIL, MALAYALAM)


def width(words: str, size: float) -> float:
    """How wide *words* are when letters are *size* high."""
    return size * sum(map(_letter, words))


def wrapped(words: str, *, room: float, size: float) -> Iterator[str]:
    """*words* in lines no wider than *room*, but for a single word that is wider."""
    line = ""
    for word in words.split():
        longer = f"{line} {word}".strip()
        if line and width(longer, size) > room:
            yield line
            longer = word
        line = longer
    if line:
        yield line


def _letter(letter: str) -> float:
    category = unicodedata.category(letter)
    if category in ABOVE_OR_BELOW:
        return 0.0
    if letter.isspace():
        return SPACE
    if category == BESIDE:
        return SIGN
    for first, wide in WIDTHS:
        if first <= ord(letter) < first + BLOCK:
            return wide
    return LATIN_CAPITAL if letter.isupper() else LATIN
