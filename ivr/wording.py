"""What every language must have words for: one list, shared by the texts, their check and the steps.

A sound is named after the place of its words: the key ``part.dawn`` of ``[clock]`` is ``clock/part/dawn``.
"""

from __future__ import annotations

from collections.abc import Mapping

from ivr.menu import CHOICE_KEYS, Service

PROMPTS = (
    # The way in.
    "language",
    "welcome",
    "notice",
    "not-recorded",
    "person",
    "wrong-key",
    "menu-again",
    "else-stay",
    "cannot-know",
    "confirm-keyed",
    # A docket's state.
    "enter-docket",
    "docket-wrong",
    "docket-unknown",
    "docket-registered",
    "docket-with-office",
    "docket-resolved",
    "docket-rejected",
    "docket-closed",
    # A ration card.
    "enter-card",
    "card-unknown",
    "card-aay",
    "card-phh",
    "card-nps",
    "card-npns",
    "card-active",
    "card-inactive",
    # What can be had instead of a person.
    "text-offer",
    "text-sent",
    "text-not-sent",
    "message-offer",
    "leave-message",
    "message-empty",
    "message-kept",
    "message-not-kept",
    "callback-offer",
    "callback-noted",
    "callback-impossible",
    "callback-not-noted",
    "calling-back",
    # In line, and out of it.
    "connecting",
    "still-waiting",
    "stay",
    "place-next",
    "wait-soon",
    "outage-closing",
    "full",
    "late",
    "unstaffed",
    "closed",
    "all-lines-busy",
    "flooding",
    "silent-line",
    # After the talk.
    "docket-is",
    "docket-again",
    "solved-question",
    "rating-question",
    "docket-reopened",
    "thanks-for-judging",
    "thank-you",
)
"""Every prompt that the menus and the dialplan speak whole."""

PHRASES: Mapping[str, frozenset[str]] = {
    "about-docket": frozenset({"date"}),
    "docket-said": frozenset({"docket", "date"}),
    "docket-at-office": frozenset({"office"}),
    "docket-due": frozenset({"date"}),
    "place": frozenset({"number"}),
    "wait-between": frozenset({"low", "high"}),
    "wait-about": frozenset({"number"}),
    "outage-until": frozenset({"date", "time"}),
    "card-said": frozenset({"digits"}),
    "card-members": frozenset({"number"}),
    "you-keyed": frozenset({"digits"}),
}
"""Every sentence with something to be filled in, and what that is."""

DIGITS = "0123456789"
HOURS = tuple(str(hour) for hour in range(1, 13))
PARTS_OF_DAY = ("night", "dawn", "morning", "noon", "afternoon", "evening")

WORDS: Mapping[str, tuple[str, ...]] = {
    "press": tuple(CHOICE_KEYS),
    "digits": tuple(DIGITS),
    "service": tuple(service.value for service in Service),
    "weekday": tuple(str(day) for day in range(7)),
    "month": tuple(str(month) for month in range(1, 13)),
    "date": ("today", "yesterday", "tomorrow"),
    "date.day": tuple(str(day) for day in range(1, 32)),
    "clock": (),
    "clock.part": PARTS_OF_DAY,
    "clock.hour": HOURS,
    "clock.quarter": HOURS,
    "clock.half": HOURS,
    "clock.three-quarters": HOURS,
    "clock.past": HOURS,
    "money": ("one", "rupees"),
}
"""The other tables of texts, a table before those below it, and their keys; each text is a sound."""

MINUTE: Mapping[str, frozenset[str]] = {
    "one": frozenset(),
    "few": frozenset({"number"}),
    "many": frozenset({"number"}),
}
"""Of ``[minute]``: how a minute, two to nine, and ten and more are said behind the hour (``clock.past``)."""

BEEP = "beep"
PAUSE = "pause"
TONES = (BEEP, PAUSE)
"""What is no speech."""
