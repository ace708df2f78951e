"""Sentences with something to be filled in, in the word order of each language.

A text such as «You are number {number} in line.» is spoken as two sounds, ``place/1`` and ``place/2``, with
the number between them; in Malayalam the same sentence begins with the number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.prompts import PromptRef

Spoken = tuple[PromptRef, ...]
"""What is said, one sound after the other."""

SLOT = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence that is one sound: its prompt's name and its words."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Slot:
    """Where something is filled in."""

    name: str


Phrase = tuple[Piece | Slot, ...]
Phrasebook = Mapping[str, Mapping[str, Phrase]]
"""The phrases of each language, by name."""


def phrase(name: str, text: str) -> Phrase:
    """*text* cut at its slots; what holds no letter between two slots is not a sound."""
    found: list[Piece | Slot] = []
    for place, part in enumerate(SLOT.split(text)):
        if place % 2:
            found.append(Slot(part))
        elif re.search(r"\w", part):
            number = 1 + sum(isinstance(earlier, Piece) for earlier in found)
            found.append(Piece(f"{name}/{number}", part.strip()))
    return tuple(found)


def slots(text: str) -> frozenset[str]:
    """The names of what is to be filled in."""
    return frozenset(SLOT.findall(text))


def say(book: Phrasebook, language: str, name: str, **filled: Spoken) -> Spoken:
    """The sentence *name* in *language*, its slots filled.  Raises KeyError for a slot left open."""
    said: list[PromptRef] = []
    for part in book[language][name]:
        said.extend([PromptRef(language, part.name)] if isinstance(part, Piece) else filled[part.name])
    return tuple(said)
