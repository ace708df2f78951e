"""Opening hours: weekends, holidays, hours past midnight, and clocks that are put forward and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.ids import Instant
from routing.opening_hours import ALWAYS, DAY, OpeningHours, Span, Week

KOLKATA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")
OFFICE = Span(8 * 60, 20 * 60)
NIGHT = Span(22 * 60, DAY + 6 * 60)
WORKDAYS: Week = ((OFFICE,),) * 5 + ((),) * 2


def at(text: str, zone: ZoneInfo = KOLKATA) -> Instant:
    """The moment of a local time such as ``2027-01-25 08:00`` (a Monday)."""
    return Instant(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


def local(moment: Instant | None, zone: ZoneInfo = KOLKATA) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, zone).strftime("%Y-%m-%d %H:%M")


class TestAWeekOfWorkdays:
    HOURS = OpeningHours(WORKDAYS, KOLKATA)

    def test_is_open_from_the_first_minute_to_the_last(self) -> None:
        seen = [self.HOURS.is_open(at(f"2027-01-25 {time}")) for time in ("07:59", "08:00", "19:59", "20:00")]
        assert seen == [False, True, True, False]

    def test_the_next_change_of_an_open_day_is_its_evening(self) -> None:
        assert local(self.HOURS.next_change(at("2027-01-25 12:00"))) == "2027-01-25 20:00"

    def test_the_next_change_at_a_change_is_the_one_after(self) -> None:
        assert local(self.HOURS.next_change(at("2027-01-25 20:00"))) == "2027-01-26 08:00"

    def test_the_weekend_is_passed_over(self) -> None:
        assert not self.HOURS.is_open(at("2027-01-30 12:00"))
        assert local(self.HOURS.next_change(at("2027-01-29 20:00"))) == "2027-02-01 08:00"


class TestHolidays:
    def test_a_holiday_is_a_day_without_hours(self) -> None:
        hours = OpeningHours(WORKDAYS, KOLKATA, frozenset({date(2027, 1, 26)}))
        assert not hours.is_open(at("2027-01-26 12:00"))
        assert local(hours.next_change(at("2027-01-25 20:00"))) == "2027-01-27 08:00"

    def test_hours_that_began_the_day_before_go_on_into_a_holiday(self) -> None:
        hours = OpeningHours(((NIGHT,),) * 7, KOLKATA, frozenset({date(2027, 1, 26)}))
        assert hours.is_open(at("2027-01-26 05:00"))
        assert not hours.is_open(at("2027-01-26 23:00"))
        assert not hours.is_open(at("2027-01-27 05:00"))
        assert local(hours.next_change(at("2027-01-26 06:00"))) == "2027-01-27 22:00"

    def test_a_row_of_holidays_is_passed_over(self) -> None:
        whole_month = frozenset(date(2027, 2, day) for day in range(1, 29))
        hours = OpeningHours(WORKDAYS, KOLKATA, whole_month)
        assert local(hours.next_change(at("2027-01-29 20:00"))) == "2027-03-01 08:00"

    def test_one_far_away_is_the_next_change_of_a_helpline_that_never_closes_else(self) -> None:
        hours = OpeningHours(ALWAYS, KOLKATA, frozenset({date(2028, 1, 26)}))
        assert local(hours.next_change(at("2027-01-25 12:00"))) == "2028-01-26 00:00"
        assert hours.next_change(at("2028-01-27 00:00")) is None


class TestMidnight:
    def test_hours_may_end_on_the_next_day(self) -> None:
        hours = OpeningHours(((NIGHT,), *((),) * 6), KOLKATA)
        seen = ("2027-01-25 21:59", "2027-01-25 22:00", "2027-01-26 05:59", "2027-01-26 06:00")
        assert [hours.is_open(at(time)) for time in seen] == [False, True, True, False]
        assert local(hours.next_change(at("2027-01-25 23:00"))) == "2027-01-26 06:00"

    def test_days_that_follow_each_other_without_a_break_are_no_change(self) -> None:
        hours = OpeningHours(((Span(0, DAY),),) * 5 + ((),) * 2, KOLKATA)
        assert local(hours.next_change(at("2027-01-25 12:00"))) == "2027-01-30 00:00"

    def test_always_open_and_never_open_never_change(self) -> None:
        assert OpeningHours(ALWAYS, KOLKATA).is_open(at("2027-01-25 00:00"))
        assert OpeningHours(ALWAYS, KOLKATA).next_change(at("2027-01-25 00:00")) is None
        assert not OpeningHours(((),) * 7, KOLKATA).is_open(at("2027-01-25 12:00"))
        assert OpeningHours(((),) * 7, KOLKATA).next_change(at("2027-01-25 12:00")) is None


class TestSeveralHoursADay:
    HOURS = OpeningHours(((Span(480, 720), Span(780, 1020)),) * 7, KOLKATA)

    def test_have_a_break_between_them(self) -> None:
        assert not self.HOURS.is_open(at("2027-01-25 12:30"))
        assert local(self.HOURS.next_change(at("2027-01-25 09:00"))) == "2027-01-25 12:00"
        assert local(self.HOURS.next_change(at("2027-01-25 12:00"))) == "2027-01-25 13:00"

    def test_that_overlap_are_one(self) -> None:
        hours = OpeningHours(((Span(480, 720), Span(600, 1020)),) * 7, KOLKATA)
        assert local(hours.next_change(at("2027-01-25 09:00"))) == "2027-01-25 17:00"


class TestAClockThatIsPutForwardOrBack:
    def test_the_same_time_on_the_wall_is_kept(self) -> None:
        hours = OpeningHours(((OFFICE,),) * 7, BERLIN)
        saturday, sunday = at("2027-03-27 20:00", BERLIN), at("2027-03-28 08:00", BERLIN)
        assert hours.next_change(saturday) == sunday
        assert sunday - saturday == 11 * 3600

    def test_hours_over_the_repeated_hour_are_an_hour_longer(self) -> None:
        hours = OpeningHours(((NIGHT,),) * 7, BERLIN)
        opens, closes = at("2027-10-30 22:00", BERLIN), at("2027-10-31 06:00", BERLIN)
        assert hours.next_change(opens) == closes
        assert closes - opens == 9 * 3600

    def test_hours_within_the_hour_that_is_left_out_come_after_it(self) -> None:
        hours = OpeningHours(((Span(2 * 60 + 15, 2 * 60 + 45),),) * 7, BERLIN)
        assert local(hours.next_change(at("2027-03-27 12:00", BERLIN)), BERLIN) == "2027-03-28 03:15"


# In five minutes, so that two days can be looked at one by one.
STEP = 5
spans = st.builds(
    lambda opens, length: Span(STEP * opens, STEP * (opens + length)),
    st.integers(0, DAY // STEP - 1),
    st.integers(1, DAY // STEP),
)
weeks: st.SearchStrategy[Week] = st.lists(st.lists(spans, max_size=3).map(tuple), min_size=7, max_size=7).map(
    tuple
)
# Around the two days of 2027 on which Berlin's clock is changed.
days = st.sampled_from([date(2027, 3, 26) + timedelta(days=n) for n in (*range(5), *range(217, 222))])


@settings(max_examples=100, deadline=None)
@given(weeks, st.frozensets(days, max_size=3), days)
def test_the_next_change_is_the_first_at_which_it_is_open_or_not_as_before(
    week: Week, holidays: frozenset[date], day: date
) -> None:
    hours = OpeningHours(week, BERLIN, holidays)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    moments = [Instant(start + 60 * minute) for minute in range(0, 2 * DAY, STEP)]
    is_open = [hours.is_open(moment) for moment in moments]
    changes = [
        moment
        for (_, before), (moment, after) in pairwise(zip(moments, is_open, strict=True))
        if before != after
    ]
    found = hours.next_change(moments[0])
    if changes:
        assert found == changes[0]
    else:
        assert found is None or found > moments[-1]
