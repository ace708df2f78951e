"""When a helpline is open: the table [hours] of its file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from callcentre.configuration.table import Table
from routing.opening_hours import DAY, Span, Week

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_OR_DAYS = rf"({'|'.join(DAYS)})(?:_({'|'.join(DAYS)}))?"
CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
HOURS = rf"{CLOCK}-(?:{CLOCK}|24:00)"
SOME_HOURS = 'hours such as "08:00-20:00"'


def week(table: Table) -> Week | None:
    """The hours of each day; None when the file gives no [hours], and the helpline is open always."""
    if not table.given("hours"):
        return None
    hours = table.table("hours")
    if not hours.names() and not table.faulty("hours"):
        table.fault("hours", "no day is named", "Name the days, or leave [hours] out to be open always.")
    found: dict[int, tuple[Span, ...]] = {}
    for key in hours.names():
        days = tuple(_days(hours, key))
        spans = tuple(_spans(hours, key)) if days else ()
        for day in days:
            if day in found:
                hours.fault(key, f"{DAYS[day]} is there twice", "Name each day once.")
            found[day] = spans
    return tuple(found.get(day, ()) for day in range(len(DAYS)))


def _days(hours: Table, key: str) -> Iterator[int]:
    named = re.fullmatch(DAY_OR_DAYS, key)
    if named is None:
        hours.fault(key, "is no day", f"Write one of {', '.join(DAYS)}, or several such as mon_fri.")
        return
    first = DAYS.index(named[1])
    last = first if named[2] is None else DAYS.index(named[2])
    for further in range((last - first) % len(DAYS) + 1):
        yield (first + further) % len(DAYS)


def _spans(hours: Table, key: str) -> Iterator[Span]:
    for text in hours.texts(key, pattern=HOURS, means=SOME_HOURS, optional=True, alone=True):
        opens, closes = map(_minutes, text.split("-"))
        if opens == closes:
            hours.fault(key, f"{text!r} ends when it begins", 'The whole day is "00:00-24:00".')
        yield Span(opens, closes if closes > opens else closes + DAY)


def _minutes(clock: str) -> int:
    hours, minutes = map(int, clock.split(":"))
    return 60 * hours + minutes
