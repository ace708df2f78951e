"""The bell and the pauses of background work."""

from __future__ import annotations

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from callcentre.storage.patience import FIRST_PAUSE, LONGEST_PAUSE, Backoff, Bell


class BellStory(SynchronousTestCase):
    def setUp(self) -> None:
        self.bell = Bell()

    def wait(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self.bell.wait())

    def test_it_wakes_who_waits_once(self) -> None:
        waiting = self.wait()
        self.assertNoResult(waiting)
        self.bell.ring()
        self.successResultOf(waiting)
        again = self.wait()
        self.assertNoResult(again)
        self.bell.ring()
        self.successResultOf(again)

    def test_rung_while_nobody_waits_it_is_heard_once(self) -> None:
        self.bell.ring()
        self.bell.ring()
        self.successResultOf(self.wait())
        late = self.wait()
        self.assertNoResult(late)
        self.bell.ring()
        self.successResultOf(late)

    def test_who_stops_waiting_takes_no_ring_away(self) -> None:
        waiting = self.wait()
        waiting.cancel()
        self.failureResultOf(waiting, CancelledError)
        self.bell.ring()
        self.successResultOf(self.wait())


class BackoffStory(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.backoff = Backoff(self.clock)

    def seconds_of_a_pause(self) -> float:
        pausing, begun = Deferred.fromCoroutine(self.backoff.pause()), self.clock.seconds()
        while not pausing.called:
            self.clock.advance(FIRST_PAUSE)
        return self.clock.seconds() - begun

    def test_pauses_double_up_to_a_cap_and_begin_again_after_success(self) -> None:
        pauses = [self.seconds_of_a_pause() for _ in range(8)]
        self.assertEqual(pauses, [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, LONGEST_PAUSE, LONGEST_PAUSE])
        self.backoff.reset()
        self.assertEqual(self.seconds_of_a_pause(), FIRST_PAUSE)
