"""What is worth something only at once: heard in time, or not at all."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from callcentre.storage.in_time import Late, in_time


class InTime(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.told: Deferred[str] = Deferred()
        self.ended: list[str] = []
        self.heard = Deferred.fromCoroutine(in_time(self.work(), seconds=3.0, clock=self.clock))

    async def work(self) -> str:
        said = await self.told
        self.ended.append(said)
        return said

    def test_an_answer_in_time_is_heard(self) -> None:
        self.clock.advance(2.9)
        self.told.callback("here")
        self.assertEqual(self.successResultOf(self.heard), "here")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_late_one_is_not_and_the_work_goes_on(self) -> None:
        self.clock.advance(3)
        self.failureResultOf(self.heard, Late)
        self.told.callback("too late")
        self.assertEqual(self.ended, ["too late"])

    def test_a_failure_in_time_is_heard(self) -> None:
        self.told.errback(OSError("gone"))
        self.failureResultOf(self.heard, OSError)

    def test_a_late_failure_is_only_logged(self) -> None:
        self.clock.advance(3)
        self.failureResultOf(self.heard, Late)
        self.told.errback(OSError("gone"))
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_whoever_leaves_does_not_end_the_work(self) -> None:
        self.heard.addErrback(lambda _: None)
        self.heard.cancel()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.told.callback("kept")
        self.assertEqual(self.ended, ["kept"])

    def test_what_is_known_at_once_needs_no_time(self) -> None:
        async def known() -> str:
            return "known"

        heard = Deferred.fromCoroutine(in_time(known(), seconds=0.0, clock=self.clock))
        self.assertEqual(self.successResultOf(heard), "known")
