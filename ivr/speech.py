"""Digits, numbers, days, times and money as people say them: which sounds, in which order.

The words are in ``config/texts``; only what words cannot say of a language stands here, as its `Grammar`.

A number is at most four sounds, for lakhs, thousands, hundreds and the rest, because in some languages each
is one word: Malayalam ``പന്ത്രണ്ടായിരത്തി`` (12000 with more behind it), Tamil ``நூற்று``.  The form
before more is a sound of its own, ``number/12000-and``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import Enum
from itertools import pairwise

from ivr.phrases import Spoken
from ivr.prompts import PromptRef
from ivr.wording import DIGITS, PAUSE, WORDS

# Lakhs of a single digit: neither a place in line nor a year nor a ration of a helpline is greater.
MOST = 9_99_999
HUNDRED, THOUSAND, LAKH = 100, 1000, 1_00_000
# Where a docket is cut, as it is printed: 260 001 2345.
DOCKET_CUTS = (0, 3, 6, None)
# Beyond it «Tuesday» could be either of two.
WEEKDAY_FOR_DAYS = 6
BEFORE_MORE = "-and"
"""Ends the name of a number's form with more behind it, which is never said last."""
# From which hour on the part of the day is called so.
PARTS = (
    (0, "night"),
    (3, "dawn"),
    (6, "morning"),
    (12, "noon"),
    (13, "afternoon"),
    (16, "evening"),
    (20, "night"),
)
# Minutes for which people have a name of their own.
NAMED_MINUTES = {0: "hour", 15: "quarter", 30: "half", 45: "three-quarters"}


class Joins(Enum):
    """Which part of a number takes its form before more."""

    NEVER = "never"
    BEFORE_LAST = "before the last, below a hundred"
    """One thousand two hundred *and* five."""
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Grammar:
    """What is peculiar to a language."""

    joins: Joins = Joins.ALWAYS
    largest_first: bool = False
    """Year, month, day; else the other way round."""
    part_first: bool = True
    """«In the morning ten o'clock»; else behind the hour."""


GRAMMARS: Mapping[str, Grammar] = {
    "en": Grammar(joins=Joins.BEFORE_LAST, part_first=False),
    "hi": Grammar(joins=Joins.NEVER),
    "ml": Grammar(largest_first=True),
    "ta": Grammar(largest_first=True),
}
# Most languages of India: a form before more, the day before the month, the part of the day first.
USUAL = Grammar()


def grammar(language: str) -> Grammar:
    """That of *language*; the usual one when nothing peculiar is known of it."""
    return GRAMMARS.get(language, USUAL)


def digits(language: str, text: str) -> Spoken:
    """Digit by digit; what separates them for the eye is passed over."""
    return _said(language, *(f"digits/{digit}" for digit in text if digit in DIGITS))


def docket(language: str, number: str) -> Spoken:
    """Digit by digit in the groups in which it is printed, with time between them to write."""
    bare = "".join(digit for digit in number if digit in DIGITS)
    groups = [digits(language, bare[start:end]) for start, end in pairwise(DOCKET_CUTS)]
    between = _said(language, PAUSE)
    first, *others = [group for group in groups if group] or [()]
    return sum((between + group for group in others), first)


def number(language: str, n: int) -> Spoken:
    """A whole number from 0 to `MOST`; ValueError for any other."""
    if not 0 <= n <= MOST:
        raise ValueError(f"{n} is not said: numbers go from 0 to {MOST}")
    parts = _parts(n)
    joins = grammar(language).joins
    joined = [_form(part, following, joins) for part, following in pairwise(parts)]
    return _said(language, *joined, f"number/{parts[-1]}")


def day(language: str, day: date, today: date) -> Spoken:
    """A day as it is called today: the year only when it is another."""
    ago = (today - day).days
    near = {0: "date/today", 1: "date/yesterday", -1: "date/tomorrow"}.get(ago)
    if near is not None:
        return _said(language, near)
    if 0 < ago <= WEEKDAY_FOR_DAYS:
        return _said(language, f"weekday/{day.weekday()}")
    said = [_said(language, f"date/day/{day.day}"), _said(language, f"month/{day.month}")]
    if day.year != today.year:
        said.append(number(language, day.year))
    return sum(reversed(said) if grammar(language).largest_first else said, ())


def clock(language: str, at: time) -> Spoken:
    """A time of day: the hour of twelve with its minutes, and the part of the day."""
    hour = at.hour % 12 or 12
    named = NAMED_MINUTES.get(at.minute)
    names = [f"clock/{named}/{hour}"] if named else [f"clock/past/{hour}", f"clock/minute/{at.minute}"]
    part = f"clock/part/{part_of_day(at)}"
    return _said(language, *([part, *names] if grammar(language).part_first else [*names, part]))


def money(language: str, rupees: int) -> Spoken:
    """An amount in whole rupees."""
    if rupees == 1:
        return _said(language, "money/one")
    return number(language, rupees) + _said(language, "money/rupees")


def part_of_day(at: time) -> str:
    """What the part of the day is called in which *at* lies."""
    return [part for since, part in PARTS if since <= at.hour][-1]


def every_sound(language: str) -> frozenset[str]:
    """The names of all that these can ever say in *language*."""
    words = {f"{table.replace('.', '/')}/{key}" for table in SPOKEN_TABLES for key in WORDS[table]}
    minutes = {f"clock/minute/{minute}" for minute in spoken_minutes()}
    return frozenset({PAUSE} | words | minutes | set(number_sounds(language)))


SPOKEN_TABLES = (
    "digits",
    "weekday",
    "month",
    "date",
    "date.day",
    "clock.part",
    *(f"clock.{named}" for named in (*NAMED_MINUTES.values(), "past")),
    "money",
)
"""The tables of words that are said here."""


def spoken_minutes() -> Iterator[int]:
    """The minutes that are said as a number behind the hour."""
    return (minute for minute in range(60) if minute not in NAMED_MINUTES)


def number_sounds(language: str) -> Iterator[str]:
    """The names of every sound of a number in *language*."""
    yield from (f"number/{n}" for n in range(HUNDRED))
    for n in large_numbers():
        yield f"number/{n}"
        if grammar(language).joins is not Joins.NEVER:
            yield f"number/{n}{BEFORE_MORE}"


def large_numbers() -> Iterator[int]:
    """The hundreds, thousands and lakhs that are one sound each."""
    yield from range(HUNDRED, THOUSAND, HUNDRED)
    yield from range(THOUSAND, LAKH, THOUSAND)
    yield from range(LAKH, MOST, LAKH)


def _parts(n: int) -> list[int]:
    lakhs, thousands, hundreds = n - n % LAKH, n % LAKH - n % THOUSAND, n % THOUSAND - n % HUNDRED
    return [part for part in (lakhs, thousands, hundreds, n % HUNDRED) if part] or [0]


def _form(part: int, following: int, joins: Joins) -> str:
    joined = joins is Joins.ALWAYS or (joins is Joins.BEFORE_LAST and following < HUNDRED)
    return f"number/{part}{BEFORE_MORE}" if joined else f"number/{part}"


def _said(language: str, *names: str) -> Spoken:
    return tuple(PromptRef(language, name) for name in names)
