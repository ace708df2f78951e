"""Digits, numbers, days, times and money in each language, read as the words that callers hear."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as some
from indic_numtowords import num2words

from callcentre.configuration.reading import read_configuration
from callcentre.prompts.catalogue import read_catalogue
from ivr import speech
from ivr.phrases import Spoken
from tests.unit.parts.site_folder import SHIPPED

CONFIGURATION = read_configuration(SHIPPED)
WORDS = {
    (prompt.language, prompt.name): prompt.text
    for prompt in read_catalogue(CONFIGURATION.texts.values(), CONFIGURATION.helplines.values()).prompts
}
LANGUAGES = ("ml", "en", "hi", "ta")
# A Saturday.
TODAY = date(2026, 11, 28)


def heard(spoken: Spoken) -> str:
    return " ".join(WORDS[sound.language, sound.name] for sound in spoken)


def names(spoken: Spoken) -> list[str]:
    return [sound.name for sound in spoken]


class TestDigits:
    def test_are_said_one_by_one_and_what_separates_them_is_not(self) -> None:
        assert heard(speech.digits("en", "19-16 0")) == "one nine one six zero"
        assert heard(speech.digits("hi", "60")) == "छह शून्य"

    def test_of_a_docket_leave_time_to_write(self) -> None:
        said = names(speech.docket("ml", "2600012345"))
        assert said == [
            *(f"digits/{digit}" for digit in "260"),
            "pause",
            *(f"digits/{digit}" for digit in "001"),
            "pause",
            *(f"digits/{digit}" for digit in "2345"),
        ]
        assert speech.docket("ml", "260 001 2345") == speech.docket("ml", "2600012345")

    def test_of_half_a_docket_end_with_no_pause(self) -> None:
        assert names(speech.docket("en", "260")) == ["digits/2", "digits/6", "digits/0"]
        assert speech.docket("en", "") == ()


class TestNumbers:
    @pytest.mark.parametrize(
        ("language", "n", "words"),
        [
            ("en", 0, "zero"),
            ("en", 100, "one hundred"),
            ("en", 101, "one hundred and one"),
            ("en", 1005, "one thousand and five"),
            ("en", 1200, "one thousand two hundred"),
            ("en", 2_34_567, "two lakh thirty four thousand five hundred and sixty seven"),
            ("hi", 44, "चवालीस"),
            ("hi", 101, "एक सौ एक"),
            ("hi", 44_606, "चवालीस हज़ार छह सौ छह"),
            ("hi", 1_00_000, "एक लाख"),
            ("ml", 17, "പതിനേഴ്"),
            ("ml", 100, "നൂറ്"),
            ("ml", 101, "നൂറ്റി ഒന്ന്"),
            ("ml", 223, "ഇരുനൂറ്റി ഇരുപത്തിമൂന്ന്"),
            ("ml", 900, "തൊള്ളായിരം"),
            ("ml", 1905, "ആയിരത്തി തൊള്ളായിരത്തി അഞ്ച്"),
            ("ml", 2026, "രണ്ടായിരത്തി ഇരുപത്തിയാറ്"),
            ("ml", 10_000, "പതിനായിരം"),
            ("ml", 19_300, "പത്തൊമ്പതിനായിരത്തി മുന്നൂറ്"),
            ("ml", 23_001, "ഇരുപത്തിമൂന്നായിരത്തി ഒന്ന്"),
            ("ml", 1_50_000, "ഒരു ലക്ഷത്തി അമ്പതിനായിരം"),
            ("ta", 22, "இருபத்திரண்டு"),
            ("ta", 101, "நூற்று ஒன்று"),
            ("ta", 900, "தொள்ளாயிரம்"),
            ("ta", 945, "தொள்ளாயிரத்து நாற்பத்தைந்து"),
            ("ta", 22_300, "இருபத்திரண்டாயிரத்து முந்நூறு"),
            ("ta", 9_99_999, "ஒன்பது லட்சத்து தொண்ணூற்றொன்பதாயிரத்து தொள்ளாயிரத்து தொண்ணூற்றொன்பது"),
        ],
    )
    def test_are_said_as_people_say_them(self, language: str, n: int, words: str) -> None:
        assert heard(speech.number(language, n)) == words

    @given(some.integers(0, speech.MOST))
    def test_in_english_are_those_of_the_package(self, n: int) -> None:
        assert heard(speech.number("en", n)) == num2words(n, lang="en")

    @given(some.sampled_from(LANGUAGES), some.integers(0, speech.MOST))
    def test_are_four_sounds_at_most_and_end_in_a_last_form(self, language: str, n: int) -> None:
        said = names(speech.number(language, n))
        assert 1 <= len(said) <= 4
        assert not said[-1].endswith(speech.BEFORE_MORE)

    @given(some.sampled_from(LANGUAGES), some.integers(0, speech.MOST), some.integers(0, speech.MOST))
    def test_are_not_taken_for_others(self, language: str, one: int, other: int) -> None:
        same = heard(speech.number(language, one)) == heard(speech.number(language, other))
        assert same == (one == other)

    @pytest.mark.parametrize("n", [-1, speech.MOST + 1])
    def test_beyond_what_can_be_said_are_refused(self, n: int) -> None:
        with pytest.raises(ValueError, match="is not said"):
            speech.number("en", n)


class TestDays:
    @pytest.mark.parametrize(
        ("language", "ago", "words"),
        [
            ("en", 0, "today"),
            ("ml", 1, "ഇന്നലെ"),
            ("ta", -1, "நாளை"),
            ("hi", 1, "बीते कल"),
            ("en", 2, "Thursday"),
            ("ml", 4, "ചൊവ്വാഴ്ച"),
            ("en", 6, "Sunday"),
            ("en", 7, "the twenty-first of November"),
            ("en", -2, "the thirtieth of November"),
            ("hi", -3, "एक दिसंबर"),
            ("ml", 25, "നവംബർ മൂന്നാം തീയതി"),
            ("ta", 25, "நவம்பர் மூன்றாம் தேதி"),
        ],
    )
    def test_are_called_as_they_are_called_today(self, language: str, ago: int, words: str) -> None:
        assert heard(speech.day(language, TODAY - timedelta(days=ago), TODAY)) == words

    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("en", "the thirty-first of December two thousand and twenty five"),
            ("hi", "इकतीस दिसंबर दो हज़ार पच्चीस"),
            ("ml", "രണ്ടായിരത്തി ഇരുപത്തിയഞ്ച് ഡിസംബർ മുപ്പത്തിയൊന്നാം തീയതി"),
            ("ta", "இரண்டாயிரத்து இருபத்தைந்து டிசம்பர் முப்பத்தொன்றாம் தேதி"),
        ],
    )
    def test_of_another_year_are_said_with_it(self, language: str, words: str) -> None:
        assert heard(speech.day(language, date(2025, 12, 31), TODAY)) == words

    def test_of_last_week_in_another_year_need_none(self) -> None:
        assert heard(speech.day("en", date(2026, 12, 30), date(2027, 1, 2))) == "Wednesday"


class TestTheClock:
    @pytest.mark.parametrize(
        ("language", "at", "words"),
        [
            ("en", time(10, 0), "ten o'clock in the morning"),
            ("en", time(12, 30), "half past twelve in the afternoon"),
            ("en", time(23, 45), "quarter to twelve at night"),
            ("en", time(0, 5), "twelve oh five at night"),
            ("en", time(17, 35), "five thirty five in the evening"),
            ("hi", time(13, 30), "दोपहर डेढ़ बजे"),
            ("hi", time(10, 45), "सुबह पौने ग्यारह बजे"),
            ("hi", time(21, 10), "रात नौ बजकर दस मिनट"),
            ("ml", time(10, 30), "രാവിലെ പത്തര"),
            ("ml", time(1, 0), "രാത്രി ഒരു മണി"),
            ("ml", time(16, 1), "വൈകിട്ട് നാല് മണി കഴിഞ്ഞ് ഒരു മിനിറ്റ്"),
            ("ta", time(4, 15), "அதிகாலை நாலேகால் மணி"),
            ("ta", time(15, 20), "பிற்பகல் மூன்று மணி இருபது நிமிடம்"),
        ],
    )
    def test_has_twelve_hours_and_parts_of_the_day(self, language: str, at: time, words: str) -> None:
        assert heard(speech.clock(language, at)) == words


class TestMoney:
    @pytest.mark.parametrize(
        ("language", "rupees", "words"),
        [
            ("en", 1, "one rupee"),
            ("en", 250, "two hundred and fifty rupees"),
            ("ml", 1, "ഒരു രൂപ"),
            ("ml", 101, "നൂറ്റി ഒന്ന് രൂപ"),
            ("hi", 250, "दो सौ पचास रुपये"),
            ("ta", 1, "ஒரு ரூபாய்"),
        ],
    )
    def test_is_whole_rupees(self, language: str, rupees: int, words: str) -> None:
        assert heard(speech.money(language, rupees)) == words


class TestEverySound:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_has_words(self, language: str) -> None:
        missing = {name for name in speech.every_sound(language) if (language, name) not in WORDS}
        assert missing == set()

    @given(
        some.sampled_from(LANGUAGES),
        some.integers(0, speech.MOST),
        some.dates(date(2000, 1, 1), date(2099, 12, 31)),
        some.times(),
    )
    def test_is_known_beforehand(self, language: str, n: int, day: date, at: time) -> None:
        said = chain(
            speech.docket(language, f"{n:010d}"),
            speech.money(language, n),
            speech.day(language, day, TODAY),
            speech.clock(language, at),
        )
        assert {sound.name for sound in said} <= speech.every_sound(language)

    def test_none_is_there_that_is_never_said(self) -> None:
        for language in LANGUAGES:
            days = [date(2000, 1, 1) + timedelta(days=n) for n in range(366)]
            # Three days in a row, and the days around them.
            near = [(today, today - timedelta(days=n)) for today in days[:3] for n in range(-1, 7)]
            clock = [time(hour, minute) for hour in range(24) for minute in range(60)]
            # Each large number alone and before something.
            numbers = [
                *range(100),
                *(n + more for n in speech.large_numbers() for more in (0, 1) if n + more <= speech.MOST),
            ]
            said = chain(
                speech.docket(language, "0123456789"),
                *(speech.day(language, day, date(2000, 12, 30)) for day in days),
                *(speech.day(language, day, today) for today, day in near),
                *(speech.clock(language, at) for at in clock),
                *(speech.money(language, n) for n in numbers),
            )
            assert {sound.name for sound in said} == speech.every_sound(language)


def test_a_language_of_which_nothing_is_known_is_said_in_the_usual_way() -> None:
    assert names(speech.number("kn", 1101)) == ["number/1000-and", "number/100-and", "number/1"]
    assert names(speech.day("kn", date(2026, 3, 3), TODAY)) == ["date/day/3", "month/3"]
    assert names(speech.clock("kn", time(10, 0))) == ["clock/part/morning", "clock/hour/10"]
