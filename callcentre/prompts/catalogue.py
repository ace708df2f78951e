"""Every prompt the site speaks, each in each language, from the configuration already read.

Names: the keys of ``[prompts]``, ``<phrase>/N`` of each piece of a phrase, what `ivr.wording` and
`ivr.speech` name, and of each helpline ``name/<helpline>``, ``matter/<helpline>``,
``matter/<helpline>/<category>`` and ``office/<helpline>``.
Whether a text is missing is the configuration reader's business; here is refused what cannot be spoken well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from callcentre.configuration.faults import Fault
from callcentre.configuration.model import Helpline, Texts, Translations
from callcentre.prompts.number_words import NumberWords
from callcentre.prompts.tone import TONES
from ivr.phrases import Piece
from ivr.prompts import matter, named, office, press
from ivr.speech import spoken_minutes

# Half a minute of speech; nobody listens longer to a machine, and a menu must stay interruptible in steps.
MAX_TEXT_CHARACTERS = 400
# espeak-ng reads 155300 as one lakh fifty-five thousand three hundred, and `[[` begins its phoneme notation.
UNSPEAKABLE = {
    "is more than half a minute of speech": re.compile(rf"(?s).{{{MAX_TEXT_CHARACTERS + 1},}}"),
    "holds a number in figures": re.compile(r"\d"),
    "holds control characters": re.compile(r"[\x00-\x1f\x7f]"),
    "holds a brace that begins or ends no slot": re.compile(r"[{}]"),
    "holds espeak-ng's phoneme brackets": re.compile(r"\[\["),
    "holds nothing to say": re.compile(r"\W*"),
}
REMEDIES = {
    "is more than half a minute of speech": "Say it in less.",
    "holds a number in figures": "Write it in words, digit by digit: the voice reads one big number.",
}
REMEDY = "Write plain words."
EVERY_NUMBER = "Give all of them in [number], or leave the language out of site.languages."
# A tone has none.
NO_WORDS = ""
TEN = 10


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
    lines, languages = tuple(helplines), tuple(texts)
    spoken = [entry for language in languages for entry in _of_language(language, lines)]
    faults = [fault for prompt, file, key in spoken for fault in _faults(prompt, file, key)]
    faults += [fault for language in languages for fault in _unknown_numbers(language)]
    return Catalogue(
        prompts=tuple(sorted((prompt for prompt, _, _ in spoken), key=lambda p: (p.language, p.name))),
        # One text may be in many sounds.
        faults=tuple(dict.fromkeys(faults)),
    )


Entry = tuple[PromptText, str, str]
"""A prompt, and the file and key of its text."""
Worded = tuple[str, str, str]
"""A prompt's name, its words, and their key in the file."""


def _of_language(texts: Texts, helplines: Sequence[Helpline]) -> Iterator[Entry]:
    language, file = texts.language, f"texts/{texts.language}.toml"
    for name, text, key in (*_of_texts(texts), *_of_numbers(texts)):
        yield PromptText(language, name, text, texts.voice), file, key
    for line in helplines:
        for name, key, words in _of_helpline(line):
            prompt = PromptText(language, name, words[language], texts.voice)
            yield prompt, f"helplines/{line.id}", f"{key}.{language}"
    for name in TONES:
        yield PromptText(language, name, NO_WORDS, texts.voice), file, name


def _of_texts(texts: Texts) -> Iterator[Worded]:
    for name, text in texts.prompts.items():
        yield name, text, f"prompts.{name}"
    for key, text in texts.press.items():
        yield press(key), text, f"press.{key}"
    for digit, text in texts.digits.items():
        yield f"digits/{digit}", text, f"digits.{digit}"
    for name, parts in texts.phrases.items():
        yield from ((part.name, part.text, f"phrases.{name}") for part in parts if isinstance(part, Piece))
    for name, text in texts.words.items():
        yield name, text, name.replace("/", ".")


def _of_numbers(texts: Texts) -> Iterator[Worded]:
    """Numbers, and the minutes behind the hour, which are made of them."""
    words = NumberWords(texts.language, texts.number)
    if not words.known:
        return
    for name, text in words.sounds():
        yield name, text, name.replace("/", ".")
    for minute in spoken_minutes():
        key = "one" if minute == 1 else "few" if minute < TEN else "many"
        text = texts.minute[key].replace("{number}", words.word(minute))
        yield f"clock/minute/{minute}", text, f"minute.{key}"


def _of_helpline(line: Helpline) -> Iterator[tuple[str, str, Translations]]:
    """Each prompt with its key in the helpline's file."""
    yield named(line.id), "name", line.name
    yield matter(line.id), "matter", line.matter
    if line.office is not None:
        yield office(line.id), "office", line.office
    for place, category in enumerate(line.categories):
        if category.matter is not None:
            yield matter(line.id, category.id), f"categories[{place}].matter", category.matter


def _unknown_numbers(texts: Texts) -> Iterator[Fault]:
    if not NumberWords(texts.language, texts.number).known:
        file = f"texts/{texts.language}.toml"
        yield Fault(file, "number", f"nobody knows the numbers in {texts.language!r}", EVERY_NUMBER)


def unspeakable(text: str) -> Iterator[str]:
    """Why *text* cannot be spoken well, as keys of UNSPEAKABLE; nothing when it can."""
    for problem, pattern in UNSPEAKABLE.items():
        whole = pattern.fullmatch if problem == "holds nothing to say" else pattern.search
        if whole(text):
            yield problem


def _faults(prompt: PromptText, file: str, key: str) -> Iterator[Fault]:
    for problem in () if prompt.name in TONES else unspeakable(prompt.text):
        yield Fault(file, key, problem, REMEDIES.get(problem, REMEDY))
