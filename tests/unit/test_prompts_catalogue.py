"""Every prompt in every language, and texts the voice would mangle, all named at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callcentre.configuration.model import Category, Helpline, Texts
from callcentre.prompts.catalogue import MAX_TEXT_CHARACTERS, PromptText, read_catalogue
from routing.ids import CategoryId, HelplineId, LanguageCode

ML, EN = LanguageCode("ml"), LanguageCode("en")


def texts(language: LanguageCode, *, welcome: str = "welcome", one: str = "one") -> Texts:
    return Texts(
        language=language,
        voice=f"voice-{language}",
        prompts={"welcome": welcome},
        press={"1": "press one"},
        digits={"1": one},
    )


def water(matter: str = "For water") -> Helpline:
    return Helpline(
        id=HelplineId("kwa"),
        numbers=("1916",),
        name={ML: "KWA", EN: "KWA"},
        matter={ML: "കുടിവെള്ളത്തിന്", EN: matter},
        categories=(),
    )


def test_each_text_is_a_prompt_in_its_language_with_its_voice() -> None:
    catalogue = read_catalogue([texts(ML, welcome="സ്വാഗതം"), texts(EN)], [water()])
    assert catalogue.faults == ()
    assert catalogue.prompts == (
        PromptText("en", "digits/1", "one", "voice-en"),
        PromptText("en", "matter/kwa", "For water", "voice-en"),
        PromptText("en", "press/1", "press one", "voice-en"),
        PromptText("en", "welcome", "welcome", "voice-en"),
        PromptText("ml", "digits/1", "one", "voice-ml"),
        PromptText("ml", "matter/kwa", "കുടിവെള്ളത്തിന്", "voice-ml"),
        PromptText("ml", "press/1", "press one", "voice-ml"),
        PromptText("ml", "welcome", "സ്വാഗതം", "voice-ml"),
    )


def test_what_a_menu_says_before_a_key_and_where_offices_are_is_spoken_too() -> None:
    burst = Category(
        id=CategoryId("burst"), name={EN: "Burst"}, matter={ML: "പൊട്ടിയ പൈപ്പിന്", EN: "For a burst main,"}
    )
    bill = Category(id=CategoryId("bill"), name={EN: "Bill"})
    line = replace(water(), categories=(bill, burst), office={ML: "ഓഫീസ്", EN: "Open till 5"})
    catalogue = read_catalogue([texts(EN)], [line])
    spoken = {prompt.name: prompt.text for prompt in catalogue.prompts}
    assert spoken["matter/kwa/burst"] == "For a burst main,"
    assert "matter/kwa/bill" not in spoken
    (fault,) = catalogue.faults
    assert (spoken["office/kwa"], fault.key) == ("Open till 5", "office.en")


def test_all_faults_are_named_with_file_and_key() -> None:
    catalogue = read_catalogue([texts(EN, welcome="Call 155300", one="1")], [water("a\x07b")])
    assert [(fault.file, fault.key, fault.problem) for fault in catalogue.faults] == [
        ("texts/en.toml", "prompts.welcome", "holds a number in figures"),
        ("texts/en.toml", "digits.1", "holds a number in figures"),
        ("helplines/kwa", "matter.en", "holds control characters"),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("അക്കം ൧൯൧൬", "holds a number in figures"),
        ("a [[h@'loU]]", "holds espeak-ng's phoneme brackets"),
        ("…", "holds nothing to say"),
        ("a" * (MAX_TEXT_CHARACTERS + 1), "is more than half a minute of speech"),
    ],
)
def test_what_the_voice_would_mangle_is_refused(text: str, problem: str) -> None:
    (fault,) = read_catalogue([texts(EN, welcome=text)], []).faults
    assert fault.problem == problem
    assert fault.remedy


def test_the_longest_text_passes() -> None:
    assert read_catalogue([texts(EN, welcome="a" * MAX_TEXT_CHARACTERS)], []).faults == ()
