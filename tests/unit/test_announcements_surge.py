"""Surge mode: by hand, by itself at its limits, over when it is calm, and never against whoever ended it."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from callcentre.announcements.facts import SurgeCause, SurgeDeclared, SurgeEnded
from callcentre.announcements.surge import CALM_SECONDS, SurgeLimits
from routing.facts import CallArrived, CallQueued
from routing.ids import CallId, Instant, NodeId
from tests.unit.parts.announcing import KWA, ML, SIVAN, Announcing

LIMITS = SurgeLimits(waiting=10, arrivals_per_minute=20)
NODE = NodeId("node1")


class SurgeStory(SynchronousTestCase):
    limits = LIMITS

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1000)
        self.site = Announcing(self.clock, limits=self.limits)
        self.switch = self.site.switch
        self.addCleanup(lambda: self.assertEqual(self.clock.getDelayedCalls(), []))
        self.addCleanup(self.switch.stop)

    def arrive(self, count: int = 1) -> None:
        for _ in range(count):
            self.switch.follow(
                CallArrived(
                    at=Instant(0.0), call=CallId("n-1"), node=NODE, dialled="1916", caller="", caller_raw=""
                )
            )

    def wait(self, count: int) -> None:
        """So many are in line, the last of them since now."""
        self.site.waiting = count
        self.switch.follow(
            CallQueued(
                at=Instant(0.0),
                call=CallId("n-1"),
                node=NODE,
                helpline=KWA,
                language=ML,
                queued_at=Instant(0.0),
                caller="",
            )
        )

    def by_hand(self, on: bool) -> None:
        work = self.switch.declare(SIVAN) if on else self.switch.end(SIVAN)
        self.successResultOf(Deferred.fromCoroutine(work))

    def pass_time(self, seconds: float) -> None:
        self.clock.pump([1.0] * int(seconds))


class ByItself(SurgeStory):
    def test_it_begins_with_the_caller_who_is_one_too_many(self) -> None:
        self.wait(9)
        self.assertFalse(self.switch.is_on)
        self.wait(10)
        declared = SurgeDeclared(at=Instant(1000.0), cause=SurgeCause.WAITING, count=10, by=None)
        self.assertEqual((self.switch.declared, self.site.facts), (declared, [declared]))
        self.wait(30)
        self.assertEqual(len(self.site.facts), 1)

    def test_it_begins_when_too_many_come_within_a_minute(self) -> None:
        self.arrive(19)
        self.pass_time(60)
        self.arrive(19)
        self.assertFalse(self.switch.is_on)
        self.arrive()
        assert self.switch.declared is not None
        self.assertEqual((self.switch.declared.cause, self.switch.declared.count), (SurgeCause.ARRIVALS, 20))

    def test_it_ends_after_a_minute_of_calm(self) -> None:
        self.wait(10)
        self.pass_time(120)
        self.site.waiting = 8
        self.pass_time(120)
        self.assertTrue(self.switch.is_on)
        self.site.waiting = 7
        self.pass_time(CALM_SECONDS)
        self.assertTrue(self.switch.is_on)
        self.pass_time(1)
        self.assertEqual(self.site.facts[-1], SurgeEnded(at=Instant(1301.0), by=None))
        self.assertFalse(self.switch.is_on)

    def test_a_calm_that_does_not_last_begins_anew(self) -> None:
        self.wait(10)
        for waiting in (7, 9, 7):
            self.site.waiting = waiting
            self.pass_time(50)
        self.assertTrue(self.switch.is_on)
        self.pass_time(12)
        self.assertFalse(self.switch.is_on)

    def test_an_earlier_process_s_goes_on_and_ends(self) -> None:
        self.switch.restore(SurgeDeclared(at=Instant(900.0), cause=SurgeCause.WAITING, count=10, by=None))
        self.assertTrue(self.site.board.surge)
        self.pass_time(CALM_SECONDS + 1)
        self.assertFalse(self.site.board.surge)


class ByHand(SurgeStory):
    def test_it_stays_until_it_is_ended_by_hand(self) -> None:
        self.by_hand(True)
        self.by_hand(True)
        self.assertEqual(self.site.happened, ["SurgeDeclared", "synced"])
        self.pass_time(3600)
        self.assertTrue(self.switch.is_on)
        self.by_hand(False)
        self.by_hand(False)
        self.assertEqual(self.site.facts[1:], [SurgeEnded(at=Instant(4600.0), by=SIVAN)])

    def test_one_that_began_by_itself_can_be_kept(self) -> None:
        self.wait(10)
        self.by_hand(True)
        self.site.waiting = 0
        self.pass_time(300)
        assert self.switch.declared is not None
        self.assertEqual((self.switch.declared.cause, self.switch.declared.by), (SurgeCause.BY_HAND, SIVAN))

    def test_whoever_ends_it_is_not_contradicted_until_it_has_been_calm(self) -> None:
        self.wait(10)
        self.by_hand(False)
        self.wait(12)
        self.assertFalse(self.switch.is_on)
        self.wait(7)
        self.wait(10)
        self.assertTrue(self.switch.is_on)


class WithoutLimits(SurgeStory):
    limits = SurgeLimits(0, 0)

    def test_it_never_begins_by_itself(self) -> None:
        self.arrive(1000)
        self.wait(1000)
        self.assertFalse(self.switch.is_on)
        self.assertEqual(self.switch.crowd().arrivals, 1000)
