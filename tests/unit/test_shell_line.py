"""What a caller in line is told: his place, how long, and whether he may be called back."""

from __future__ import annotations

from callcentre.acd.line import Line
from routing.estimates import Estimator
from routing.facts import CallAnswered
from routing.ids import CallId, HelplineId, Instant, Seconds
from tests.unit.parts.shell_floor import ANU, FIRST, KWA, SECOND, THIRD, ShellFloor


class Lined(ShellFloor):
    def setUp(self) -> None:
        super().setUp()
        self.estimator = Estimator(self.dispatcher.floor)
        self.bus.follow(self.estimator.follow)
        self.dispatcher.serve(self.switch)
        self.line = self.line_of(callback_offered_after=300.0)

    def line_of(
        self, *, callback_offered_after: float, calling_back: tuple[HelplineId, ...] = (KWA,)
    ) -> Line:
        return Line(
            self.dispatcher.floor,
            self.estimator,
            callback_offered_after=Seconds(callback_offered_after),
            calling_back=calling_back,
        )

    def test_each_has_the_place_in_which_he_will_be_served(self) -> None:
        for call in (FIRST, SECOND, THIRD):
            self.queue(call)
        places = [waits.place for call in (FIRST, SECOND, THIRD) if (waits := self.line.waits(call))]
        self.assertEqual(places, [1, 2, 3])

    def test_nobody_is_told_a_time_that_nobody_can_know(self) -> None:
        self.queue(FIRST)
        waits = self.line.waits(FIRST)
        assert waits is not None
        self.assertIsNone(waits.minutes)
        self.assertFalse(waits.callback)

    def test_the_time_is_in_whole_minutes_and_longer_for_who_comes_later(self) -> None:
        self.free(ANU)
        for call in (FIRST, SECOND, THIRD):
            self.queue(call)
        second, third = (self.line.waits(call) for call in (SECOND, THIRD))
        assert second is not None and second.minutes is not None
        assert third is not None and third.minutes is not None
        self.assertLess(second.minutes[0], second.minutes[1])
        self.assertLess(second.minutes[1], third.minutes[1])

    def test_who_has_to_wait_long_may_be_called_back(self) -> None:
        self.free(ANU)
        for call in (FIRST, SECOND):
            self.queue(call)
        offered = [
            waits.callback
            for seconds in (1.0, 3600.0)
            if (waits := self.line_of(callback_offered_after=seconds).waits(SECOND))
        ]
        self.assertEqual(offered, [True, False])

    def test_who_does_not_wait_is_told_nothing(self) -> None:
        self.free(ANU)
        self.queue(FIRST)
        self.dispatcher.report(CallAnswered(at=Instant(self.clock.seconds()), call=FIRST, agent=ANU))
        self.assertIsNone(self.line.waits(FIRST))
        self.assertIsNone(self.line.waits(CallId("node1-99")))

    def test_only_numbers_of_the_country_are_called_and_by_helplines_that_call(self) -> None:
        self.assertTrue(self.line.can_be_called("+919447012345", KWA))
        self.assertFalse(self.line.can_be_called("+882165000000", KWA))
        self.assertFalse(self.line.can_be_called("", KWA))
        never = self.line_of(callback_offered_after=1.0, calling_back=())
        self.assertFalse(never.can_be_called("+919447012345", KWA))
