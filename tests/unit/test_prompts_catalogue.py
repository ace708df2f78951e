"""Every prompt in every language, and texts the voice would mangle, all named at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callcentre.configuration.model import Category, Helpline, Texts
from callcentre.prompts.catalogue import MAX_TEXT_CHARACTERS, Catalogue, PromptText, read_catalogue
from ivr.phrases import phrase
from ivr.speech import number_sounds
from routing.ids import CategoryId, HelplineId, LanguageCode

ML, EN = LanguageCode("ml"), LanguageCode("en")


def texts(language: LanguageCode, *, welcome: str = "welcome", one: str = "one") -> Texts:
    return Texts(
        language=language,
        voice=f"voice-{language}",
        prompts={"welcome": welcome},
        press={"1": "press one"},
        digits={"1": one},
        phrases={"place": phrase("place", "You are {number} in line.")},
        words={"weekday/0": "Monday"},
        minute={"one": "oh one", "few": "oh {number}", "many": "{number} minutes"},
        number={},
    )


def named(catalogue: Catalogue) -> dict[tuple[str, str], str]:
    return {(prompt.language, prompt.name): prompt.text for prompt in catalogue.prompts}


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
    made = [prompt for prompt in catalogue.prompts if not prompt.name.startswith(("number/", "clock/"))]
    assert made[: len(made) // 2] == [
        PromptText("en", "beep", "", "voice-en"),
        PromptText("en", "digits/1", "one", "voice-en"),
        PromptText("en", "matter/kwa", "For water", "voice-en"),
        PromptText("en", "name/kwa", "KWA", "voice-en"),
        PromptText("en", "pause", "", "voice-en"),
        PromptText("en", "place/1", "You are", "voice-en"),
        PromptText("en", "place/2", "in line.", "voice-en"),
        PromptText("en", "press/1", "press one", "voice-en"),
        PromptText("en", "weekday/0", "Monday", "voice-en"),
        PromptText("en", "welcome", "welcome", "voice-en"),
    ]
    assert PromptText("ml", "welcome", "സ്വാഗതം", "voice-ml") in made


def test_numbers_and_minutes_are_spoken_in_words() -> None:
    spoken = named(read_catalogue([texts(EN)], []))
    assert spoken["en", "number/21"] == "twenty one"
    assert spoken["en", "number/300-and"] == "three hundred and"
    assert [spoken["en", f"clock/minute/{minute}"] for minute in (1, 5, 20)] == [
        "oh one",
        "oh five",
        "twenty minutes",
    ]
    assert ("en", "clock/minute/30") not in spoken


def test_a_correction_also_mends_the_numbers_that_hold_it() -> None:
    mended = replace(texts(EN), number={"12": "a dozen", "300": "thrice a hundred"})
    spoken = named(read_catalogue([mended], []))
    assert spoken["en", "number/12000"] == "a dozen thousand"
    assert spoken["en", "number/12000-and"] == "a dozen thousand and"
    assert spoken["en", "number/300-and"] == "thrice a hundred and"
    assert spoken["en", "number/13000"] == "thirteen thousand"


def test_a_language_whose_numbers_nobody_knows_is_refused_unless_all_are_given() -> None:
    latin = LanguageCode("la")
    (fault,) = read_catalogue([texts(latin)], []).faults
    assert (fault.file, fault.key) == ("texts/la.toml", "number")
    assert "[number]" in fault.remedy
    given = {name.removeprefix("number/"): "unus" for name in number_sounds("la")}
    assert read_catalogue([replace(texts(latin), number=given)], []).faults == ()


def test_one_text_in_many_sounds_is_one_fault() -> None:
    minutes = {"one": "oh one", "few": "0{number}", "many": "{number}"}
    (fault,) = read_catalogue([replace(texts(EN), minute=minutes)], []).faults
    assert fault.key == "minute.few"


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
        ("You are {Number}", "holds a brace that begins or ends no slot"),
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
