"""The texts of a language: everything that can be said must be there, and sentences keep their slots."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.phrases import Piece, Slot, say
from ivr.prompts import PromptRef
from ivr.wording import PHRASES, PROMPTS
from routing.ids import LanguageCode
from tests.unit.parts.site_folder import SiteFolder

EN, TA = "texts/en.toml", "texts/ta.toml"


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    return SiteFolder(tmp_path)


# file, what is there, what is written instead, the key of the one fault, a word of it
MISTAKES = [
    (TA, "card-unknown = ", "# card-unknown = ", "prompts.card-unknown", "is missing"),
    (EN, 'thank-you = "', 'farewell = "Bye."\nthank-you = "', "prompts.farewell", "unknown key"),
    (EN, "number {number} in line", "number {n} in line", "phrases.place", "{n}"),
    (EN, "number {number} in line", "in line", "phrases.place", "Use each of these once: {number}"),
    (TA, "{low} முதல் {high}", "{low} முதல் {low}", "phrases.wait-between", "{high}, {low}"),
    (EN, "about {low} to {high}", "{low} to {high}, {low} of them", "phrases.wait-between", "once"),
    (TA, "place = ", "# place = ", "phrases.place", "is missing"),
    (EN, '0 = "Monday"\n', "", "weekday.0", "is missing"),
    (EN, '12 = "December"', '12 = "December"\n13 = "Undecimber"', "month.13", "unknown key"),
    (TA, 'today = "', 'now = "', "date.now", "unknown key"),
    (EN, '31 = "the thirty-first of"\n', "", "date.day.31", "is missing"),
    (EN, '6 = "half past six"\n', "", "clock.half.6", "is missing"),
    (EN, '"oh {number}"', '"oh dear"', "minute.few", "Use each of these once: {number}"),
    (EN, '"oh one"', '"oh {number}"', "minute.one", "Use none"),
    (EN, '"rupees"', '""', "money.rupees", "what callers hear"),
    (EN, 'docket = "To', 'dockets = "To', "service.dockets", "unknown key"),
    (TA, "[number]", '[number]\n1234 = "?"', "number.1234", "300-and"),
    (TA, "[number]", '[number]\n17-and = "?"', "number.17-and", "one sound"),
]


@pytest.mark.parametrize(("file", "there", "written", "key", "word"), MISTAKES)
def test_what_is_missing_or_wrong_is_named_with_its_key_and_a_remedy(
    site: SiteFolder, file: str, there: str, written: str, key: str, word: str
) -> None:
    site.change(file, there, written)
    (fault,) = [fault for fault in site.faults() if fault.key == key]
    assert fault.file == file
    assert word in str(fault)
    assert fault.remedy.endswith(".")


def test_every_language_has_every_prompt_and_every_sentence_with_the_same_slots(site: SiteFolder) -> None:
    for texts in site.read().texts.values():
        assert tuple(texts.prompts) == PROMPTS
        assert {
            name: {part.name for part in phrase if isinstance(part, Slot)}
            for name, phrase in texts.phrases.items()
        } == PHRASES


def test_a_sentence_is_said_in_the_order_of_its_language(site: SiteFolder) -> None:
    book = site.read().phrasebook
    for language, first in (("en", "docket-said/1"), ("ml", "day")):
        filled = {name: (PromptRef(language, name),) for name in ("docket", "day")}
        said = say(book, language, "docket-said", docket=filled["docket"], date=filled["day"])
        assert said[0].name == first


def test_no_piece_of_a_sentence_is_said_twice_under_one_name(site: SiteFolder) -> None:
    for texts in site.read().texts.values():
        pieces = [
            part.name for phrase in texts.phrases.values() for part in phrase if isinstance(part, Piece)
        ]
        assert len(set(pieces)) == len(pieces)
        assert not set(pieces) & texts.words.keys()


def test_a_language_asks_for_its_own_key(site: SiteFolder) -> None:
    texts = site.read().texts
    asked = {language: texts[LanguageCode(language)].prompts["language"] for language in ("hi", "ta")}
    assert asked == {"hi": "हिन्दी के लिए", "ta": "தமிழுக்கு"}
