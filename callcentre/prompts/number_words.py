"""The words of numbers: those of the package indic-numtowords, with the corrections of ``[number]``.

A correction of 44 also mends 44000, which holds its words; one of 10000 also mends 10000 before more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from unicodedata import normalize

from indic_numtowords import num2words, supported_langs

from ivr.speech import BEFORE_MORE, HUNDRED, LAKH, THOUSAND, number_sounds

# Left by typists at the end of a word, where they join nothing.
JOINERS = "\u200b\u200c\u200d"


@dataclass(frozen=True, slots=True)
class NumberWords:
    """The numbers of one language, as they are spoken."""

    language: str
    corrections: Mapping[str, str]
    """By what follows ``number/`` in the sound's name: ``17``, ``300``, ``300-and``."""

    @property
    def known(self) -> bool:
        """Whether there are words for every sound."""
        return self.language in supported_langs or all(key in self.corrections for key, _ in self._keys())

    def sounds(self) -> Iterator[tuple[str, str]]:
        """Name and words of every sound of a number; only when they are `known`."""
        for key, n in self._keys():
            yield f"number/{key}", self.before_more(n) if key.endswith(BEFORE_MORE) else self.word(n)

    def word(self, n: int) -> str:
        """*n* with nothing behind it; one of the numbers that are one sound."""
        return self.corrections.get(str(n)) or self._mended(n)

    def before_more(self, n: int) -> str:
        """*n*, at least a hundred, with more behind it."""
        given = self.corrections.get(f"{n}{BEFORE_MORE}")
        if given:
            return given
        plain, joined = self._found(n), self._found(n + 1).rpartition(" ")[0]
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(plain, joined, strict=False)))
        word, tail = self.word(n), plain[same:]
        return word.removesuffix(tail) + joined[same:] if word.endswith(tail) else joined

    def _mended(self, n: int) -> str:
        """What the package says, with the corrections of the hundreds, thousands or lakhs in it."""
        found = self._found(n)
        head = n // LAKH or n // THOUSAND or n // HUNDRED
        if n < HUNDRED or str(head) not in self.corrections:
            return found
        wrong, right = self._found(head), self.corrections[str(head)]
        # The last vowel may have been swallowed by the next one: ஐந்து, ஐந்தாயிரம்.
        for old, new in ((wrong, right), (wrong[:-1], right[:-1])):
            if found.startswith(old):
                return new + found.removeprefix(old)
        return found

    def _found(self, n: int) -> str:
        # Some of its vowel signs are in two halves; texts have them whole.
        return normalize("NFC", num2words(n, lang=self.language)).rstrip(JOINERS)

    def _keys(self) -> Iterator[tuple[str, int]]:
        for name in number_sounds(self.language):
            key = name.removeprefix("number/")
            yield key, int(key.removesuffix(BEFORE_MORE))
