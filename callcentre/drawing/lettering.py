"""How much room words take, in the scripts that callers are spoken to in.

Nothing here measures a font: a picture is drawn on machines of which nobody knows the fonts.  The widths were
compared with all our texts in the Noto fonts, which are wide; words rather break too early than run out of
their box.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# In parts of the letters' height, as all widths here.
CAPITAL, SMALL, SPACE = 0.72, 0.6, 0.26
BLOCK = 0x80


@dataclass(frozen=True, slots=True)
class Script:
    """A script of one block of characters: how wide its letters and the signs between them are.

    ``silent``: the sign that takes a vowel away, and joins letters or stands above one.
    ``above``: whether signs that Unicode does not space stand above or below letters and take no room; in
    the other scripts they stand beside them.
    """

    first: int
    letter: float
    sign: float
    silent: int
    above: bool = False


SCRIPTS = (
    Script(first=0x0900, letter=0.7, sign=0.4, silent=0x094D, above=True),
    Script(first=0x0B80, letter=1.0, sign=0.65, silent=0x0BCD),
    Script(first=0x0D00, letter=1.0, sign=0.65, silent=0x0D4D),
)


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
    for script in SCRIPTS:
        if script.first <= ord(letter) < script.first + BLOCK:
            return _of_script(letter, script)
    if letter.isspace():
        return SPACE
    if unicodedata.category(letter) == "Cf":
        return 0.0
    return CAPITAL if letter.isupper() else SMALL


def _of_script(letter: str, script: Script) -> float:
    category = unicodedata.category(letter)
    if ord(letter) == script.silent or (script.above and category == "Mn"):
        return 0.0
    return script.sign if category in ("Mc", "Mn") else script.letter
