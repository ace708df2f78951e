"""Every prompt the site speaks, each in each language, from the configuration already read.

Names: the keys of ``[prompts]``, ``press/N``, ``digits/N``, and of each helpline ``matter/<helpline>``,
``matter/<helpline>/<category>`` and ``office/<helpline>``.
Whether a text is missing is the configuration reader's business; here is refused what cannot be spoken well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from callcentre.configuration.faults import Fault
from callcentre.configuration.model import Helpline, Texts, Translations
from ivr.prompts import matter, office, press

# Half a minute of speech; nobody listens longer to a machine, and a menu must stay interruptible in steps.
MAX_TEXT_CHARACTERS = 400
# espeak-ng reads 155300 as one lakh fifty-five thousand three hundred, and `[[` begins its phoneme notation.
UNSPEAKABLE = {
    "is more than half a minute of speech": re.compile(rf"(?s).{{{MAX_TEXT_CHARACTERS + 1},}}"),
    "holds a number in figures": re.compile(r"\d"),
    "holds control characters": re.compile(r"[\x00-\x1f\x7f]"),
    "holds espeak-ng's phoneme brackets": re.compile(r"\[\["),
    "holds nothing to say": re.compile(r"\W*"),
}
REMEDIES = {
    "is more than half a minute of speech": "Say it in less.",
    "holds a number in figures": "Write it in words, digit by digit: the voice reads one big number.",
}
REMEDY = "Write plain words."


@dataclass(frozen=True, slots=True)
class PromptText:
    """One prompt to be spoken: its name, its words and the espeak-ng voice that says them."""

    language: str
    name: str
    text: str
    voice: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All prompts in order of language and name, and all faults found in their texts."""

    prompts: tuple[PromptText, ...]
    faults: tuple[Fault, ...]


def read_catalogue(texts: Iterable[Texts], helplines: Iterable[Helpline]) -> Catalogue:
    """The catalogue of a configuration: ``read_catalogue(c.texts.values(), c.helplines.values())``."""
    lines = tuple(helplines)
    spoken = [entry for language in texts for entry in _of_language(language, lines)]
    return Catalogue(
        prompts=tuple(sorted((prompt for prompt, _, _ in spoken), key=lambda p: (p.language, p.name))),
        faults=tuple(fault for prompt, file, key in spoken for fault in _faults(prompt.text, file, key)),
    )


Entry = tuple[PromptText, str, str]
"""A prompt, and the file and key of its text."""


def _of_language(texts: Texts, helplines: Sequence[Helpline]) -> Iterator[Entry]:
    language = texts.language

    def prompt(name: str, text: str) -> PromptText:
        return PromptText(language, name, text, texts.voice)

    file = f"texts/{language}.toml"
    for name, text in texts.prompts.items():
        yield prompt(name, text), file, f"prompts.{name}"
    for key, text in texts.press.items():
        yield prompt(press(key), text), file, f"press.{key}"
    for digit, text in texts.digits.items():
        yield prompt(f"digits/{digit}", text), file, f"digits.{digit}"
    for line in helplines:
        for name, key, words in _of_helpline(line):
            yield prompt(name, words[language]), f"helplines/{line.id}", f"{key}.{language}"


def _of_helpline(line: Helpline) -> Iterator[tuple[str, str, Translations]]:
    """Each prompt with its key in the helpline's file."""
    yield matter(line.id), "matter", line.matter
    if line.office is not None:
        yield office(line.id), "office", line.office
    for place, category in enumerate(line.categories):
        if category.matter is not None:
            yield matter(line.id, category.id), f"categories[{place}].matter", category.matter


def unspeakable(text: str) -> Iterator[str]:
    """Why *text* cannot be spoken well, as keys of UNSPEAKABLE; nothing when it can."""
    for problem, pattern in UNSPEAKABLE.items():
        whole = pattern.fullmatch if problem == "holds nothing to say" else pattern.search
        if whole(text):
            yield problem


def _faults(text: str, file: str, key: str) -> Iterator[Fault]:
    for problem in unspeakable(text):
        yield Fault(file, key, problem, REMEDIES.get(problem, REMEDY))
