"""When a helpline is open: a week of hours by the clock on the wall, and the days on which they do not count.

The clock on the wall is its zone's: where it is put forward or back, hours are an hour shorter or longer, as
they are for whoever works them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, TypeAlias

from routing.ids import Instant

DAY: Final = 24 * 60
"""Minutes."""
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Hours of one day, in minutes after its midnight; beyond ``DAY`` they end on the next day."""

    opens: int
    closes: int


Week: TypeAlias = tuple[tuple[Span, ...], ...]
"""The hours of each day, Monday first."""
ALWAYS: Final[Week] = ((Span(0, DAY),),) * 7


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """A week that comes again and again; the hours that would begin on a holiday are left out."""

    week: Week
    zone: tzinfo
    holidays: frozenset[date] = frozenset()

    def is_open(self, at: Instant) -> bool:
        """Whether the helpline is open at that moment; it is when its hours begin, and not when they end."""
        today = self._day(at)
        return any(
            opens <= at < closes
            for day in (today - _ONE_DAY, today, today + _ONE_DAY)
            for opens, closes in self._hours(day)
        )

    def next_change(self, at: Instant) -> Instant | None:
        """The first moment after *at* at which it opens or closes; None when it never does again."""
        is_open = self.is_open(at)
        for day in self._days_that_matter(at):
            for moment in sorted(moment for hours in self._hours(day) for moment in hours):
                if moment > at and self.is_open(moment) != is_open:
                    return moment
        return None

    def _days_that_matter(self, at: Instant) -> Iterator[date]:
        """From the day whose hours may go on at *at* until, holidays being over, each weekday has come."""
        today = self._day(at)
        last = max({today, *self.holidays}) + 8 * _ONE_DAY
        day = today - _ONE_DAY
        while day <= last:
            yield day
            day += _ONE_DAY

    def _hours(self, day: date) -> Iterator[tuple[Instant, Instant]]:
        if day in self.holidays:
            return
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        for span in self.week[day.weekday()]:
            # Adding to a moment of a zone moves the clock on the wall.
            opens, closes = (midnight + timedelta(minutes=m) for m in (span.opens, span.closes))
            yield Instant(opens.timestamp()), Instant(closes.timestamp())

    def _day(self, at: Instant) -> date:
        return datetime.fromtimestamp(at, self.zone).date()
