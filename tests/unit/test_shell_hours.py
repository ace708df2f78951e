"""Helplines open and close by the clock: said at the start and at each change, and at no other moment."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from callcentre.acd.hours import Hours
from routing.facts import Fact, HelplineClosed, HelplineOpened
from routing.opening_hours import ALWAYS, DAY, OpeningHours, Span, Week
from tests.unit.parts.shell_floor import FOOD, KWA, ShellFloor

KOLKATA = ZoneInfo("Asia/Kolkata")
WORKDAYS: Week = ((Span(8 * 60, 20 * 60),),) * 5 + ((),) * 2
NIGHTS: Week = ((Span(22 * 60, DAY + 6 * 60),),) * 7
REPUBLIC_DAY = date(2027, 1, 26)


class OpeningAndClosing(ShellFloor):
    def setUp(self) -> None:
        super().setUp()
        self.told: list[str] = []
        self.bus.follow(self.tell)

    def tell(self, fact: Fact) -> None:
        if isinstance(fact, HelplineOpened | HelplineClosed):
            when = datetime.fromtimestamp(fact.at, KOLKATA).strftime("%a %H:%M")
            self.told.append(f"{when} {fact.helpline} {type(fact).__name__.removeprefix('Helpline').lower()}")

    def go_to(self, text: str) -> None:
        """Let the time pass until that local moment, at every change on the way."""
        moment = datetime.fromisoformat(text).replace(tzinfo=KOLKATA).timestamp()
        while calls := [c for c in self.clock.getDelayedCalls() if c.getTime() <= moment]:
            self.clock.advance(min(call.getTime() for call in calls) - self.clock.seconds())
        self.clock.advance(moment - self.clock.seconds())

    def begin(self, text: str, *holidays: date, **weeks: Week) -> Hours:
        self.go_to(text)
        closed = frozenset(holidays)
        named = {KWA: weeks.get("kwa"), FOOD: weeks.get("food")}
        hours = Hours(
            {helpline: OpeningHours(week, KOLKATA, closed) for helpline, week in named.items() if week},
            self.dispatcher,
            clock=self.clock,
        )
        hours.start()
        return hours

    def test_the_start_says_of_each_helpline_how_it_is(self) -> None:
        self.begin("2027-01-25 21:00", kwa=ALWAYS, food=WORKDAYS)
        self.assertEqual(self.told, ["Mon 21:00 food closed", "Mon 21:00 kwa opened"])

    def test_a_week_with_its_weekend(self) -> None:
        self.begin("2027-01-28 12:00", kwa=WORKDAYS)
        self.go_to("2027-02-01 12:00")
        thursday = ["Thu 12:00 kwa opened", "Thu 20:00 kwa closed"]
        self.assertEqual(
            self.told, [*thursday, "Fri 08:00 kwa opened", "Fri 20:00 kwa closed", "Mon 08:00 kwa opened"]
        )

    def test_a_holiday(self) -> None:
        self.begin("2027-01-25 12:00", REPUBLIC_DAY, kwa=WORKDAYS)
        self.go_to("2027-01-27 12:00")
        self.assertEqual(self.told, ["Mon 12:00 kwa opened", "Mon 20:00 kwa closed", "Wed 08:00 kwa opened"])

    def test_hours_past_midnight(self) -> None:
        self.begin("2027-01-25 23:00", kwa=NIGHTS)
        self.go_to("2027-01-26 23:00")
        self.assertEqual(self.told, ["Mon 23:00 kwa opened", "Tue 06:00 kwa closed", "Tue 22:00 kwa opened"])

    def test_only_the_helpline_that_changes_is_told_of(self) -> None:
        self.begin("2027-01-25 21:30", kwa=WORKDAYS, food=NIGHTS)
        self.told.clear()
        self.go_to("2027-01-25 22:30")
        self.assertEqual(self.told, ["Mon 22:00 food opened"])

    def test_nothing_is_asked_of_the_clock_but_the_next_change(self) -> None:
        self.begin("2027-01-25 12:00", kwa=WORKDAYS, food=WORKDAYS)
        [alarm] = self.clock.getDelayedCalls()
        self.assertEqual(datetime.fromtimestamp(alarm.getTime(), KOLKATA).hour, 20)

    def test_what_never_changes_sets_no_timer(self) -> None:
        self.begin("2027-01-25 12:00", kwa=ALWAYS)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stopped_it_leaves_no_timer(self) -> None:
        self.begin("2027-01-25 12:00", kwa=WORKDAYS).stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
