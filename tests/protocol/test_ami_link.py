"""Stories of one AMI link: in, down, back, and what those who wait for answers are told."""

from __future__ import annotations

from collections.abc import Coroutine
from itertools import pairwise
from math import ceil
from random import Random
from typing import Any, TypeVar, cast

from asterisk.ami.action import Action, SimpleAction
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from callcentre.telephony.ami import actions
from callcentre.telephony.ami.codec import DecoderLimits, Message
from callcentre.telephony.ami.errors import (
    ActionRefused,
    ActionTimedOut,
    LinkDown,
    ListTooLong,
    TooManyPending,
    UnsafeHeader,
)
from callcentre.telephony.ami.limits import AmiLimits
from callcentre.telephony.ami.link import AmiLink
from callcentre.telephony.ami.session import AmiCredentials
from routing.ids import Instant, NodeId
from tests.protocol.parts.ami_switch import FakeSwitch, SwitchSide, as_bytes

T = TypeVar("T")

SECRET = "s3cret-of-kerala"
LIMITS = AmiLimits(
    pending_actions=3, list_events=4, decoder=DecoderLimits(line_bytes=200, message_bytes=2000)
)


def hangup(channel: str) -> Action:
    """An action like any other: the link knows none of them."""
    return SimpleAction("Hangup", Channel=channel)


class LinkStory(SynchronousTestCase):
    """A link, a switch in memory, and one transcript of all that the link tells its owner."""

    secret = SECRET

    def setUp(self) -> None:
        self.clock = Clock()
        self.switch = FakeSwitch(self.clock, SECRET)
        self.told: list[str] = []
        self.faults: list[str] = []
        self.beats: list[float] = []
        self.logged: list[LogEvent] = []
        observer = cast(ILogObserver, self.logged.append)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        self.link = AmiLink(
            node=NodeId("n1"),
            endpoint=self.switch,
            clock=self.clock,
            credentials=AmiCredentials(username="router", secret=self.secret),
            on_event=lambda event: self.told.append(event.name or "a response"),
            on_up=self.on_up,
            on_down=lambda reason: self.told.append("down"),
            on_pong=self.on_pong,
            on_fault=self.faults.append,
            chance=Random(7),
            limits=LIMITS,
        )

    async def on_up(self, link: AmiLink) -> None:
        assert link is self.link
        assert link.up
        self.told.append("up")

    def on_pong(self, switch_time: Instant) -> None:
        self.beats.append(switch_time)

    def started(self) -> SwitchSide:
        """The first connection of a link that was started."""
        self.link.start()
        return self.switch.last

    def connected(self) -> SwitchSide:
        """The first connection, logged in and booted."""
        side = self.started()
        side.log_in()
        side.boot()
        return side

    def pause(self, seconds: float) -> None:
        """Lets at least this much time pass, an eighth of a second at a time, answering no Ping."""
        self.clock.pump([0.125] * ceil(seconds * 8))

    def ask(self, coroutine: Coroutine[Deferred[Any], Any, T]) -> Deferred[T]:
        return Deferred.fromCoroutine(coroutine)

    def complaints(self) -> list[str]:
        """What an operator sees: warnings and errors."""
        return [event["log_format"] for event in self.logged if event["log_level"].name in ("warn", "error")]


class GettingIn(LinkStory):
    def test_up_after_login_and_boot(self) -> None:
        side = self.started()
        self.assertEqual(self.told, [])
        side.log_in()
        self.assertFalse(self.link.up)
        side.boot()
        self.assertTrue(self.link.up)
        self.assertEqual(self.told, ["up", "FullyBooted"])
        self.assertTrue(side.no_delay)

    def test_a_switch_still_loading_is_not_resynchronised_yet(self) -> None:
        side = self.started()
        side.log_in()
        side.say(("Event", "Newchannel"))
        self.failureResultOf(self.ask(self.link.send(actions.core_show_channels())), LinkDown)
        self.assertEqual(self.told, [])
        self.assertEqual(side.heard_all(), ["Ping"])
        side.boot()
        side.say(("Event", "Newchannel"))
        self.assertEqual(self.told, ["up", "FullyBooted", "Newchannel"])

    def test_login_and_boot_in_one_read(self) -> None:
        side = self.started()
        side.raw(b"Asterisk Call Manager/11.0.0\r\n")
        side.answer(side.heard("Challenge"), ("Challenge", "1"))
        side.raw(
            as_bytes(("Response", "Success"), ("ActionID", side.heard("Login")["ActionID"]))
            + as_bytes(("Event", "FullyBooted"))
            + as_bytes(("Event", "Hangup"))
        )
        self.assertEqual(self.told, ["up", "FullyBooted", "Hangup"])

    def test_a_peer_that_never_greets_is_given_up(self) -> None:
        side = self.started()
        self.pause(LIMITS.login_within + 0.1)
        self.assertTrue(side.aborted)
        self.assertEqual(self.faults, ["login_timed_out"])

    def test_a_switch_that_never_boots_tells_what_to_look_at(self) -> None:
        side = self.started()
        side.log_in()
        for second in range(int(LIMITS.boot_within)):
            side.pong(f"{second}.0")
            self.pause(1)
        self.assertEqual(self.faults, ["boot_timed_out"])
        (warning,) = [event for event in self.logged if event["log_level"].name == "warn"]
        self.assertIn("read = system", warning["reason"])

    def test_no_asterisk_at_the_port(self) -> None:
        side = self.started()
        side.raw(b"SSH-2.0-OpenSSH_9.2\r\n")
        self.assertTrue(side.aborted)
        self.clock.advance(0)
        self.assertEqual(self.faults, ["not_ami"])

    def test_it_is_started_once(self) -> None:
        self.started()
        self.assertRaises(RuntimeError, self.link.start)


class WrongSecret(LinkStory):
    secret = "guessed"

    def test_refusal_is_clear_said_once_and_not_hammered(self) -> None:
        self.started()
        for _ in range(600):
            if not self.switch.last.closed and not self.switch.last.aborted:
                self.switch.last.log_in()
            self.clock.advance(0.1)
        self.assertEqual(set(self.faults), {"authentication_refused"})
        for before, after in pairwise(self.switch.attempts):
            self.assertGreaterEqual(after - before, LIMITS.longest_pause / 2)
        self.assertGreater(len(self.switch.attempts), 5)
        self.assertEqual(len(self.complaints()), 1)
        self.assertEqual(self.told, [])
        for event in self.logged:
            self.assertNotIn("guessed", repr(event))


class Asking(LinkStory):
    def test_an_answer_reaches_whoever_asked(self) -> None:
        side = self.connected()
        first = self.ask(self.link.send(actions.redirect("PJSIP/a", context="connect", exten="x")))
        second = self.ask(self.link.send(actions.redirect("PJSIP/b", context="connect", exten="y")))
        actions_sent = [side.heard("Redirect"), side.heard("Redirect")]
        self.assertEqual([action["Channel"] for action in actions_sent], ["PJSIP/a", "PJSIP/b"])
        side.answer(actions_sent[1], ("Message", "second"))
        self.assertNoResult(first)
        self.assertEqual(self.successResultOf(second)["Message"], "second")
        side.answer(actions_sent[0], ("Message", "first"))
        self.assertEqual(self.successResultOf(first)["Message"], "first")

    def test_a_refusal_carries_asterisks_words(self) -> None:
        side = self.connected()
        asked = self.ask(self.link.send(hangup("gone")))
        side.answer(side.heard("Hangup"), ("Message", "No such channel\n"), status="Error")
        refused = self.failureResultOf(asked, ActionRefused)
        self.assertEqual(str(refused.value), "No such channel")

    def test_no_answer_is_a_time_out_and_the_late_answer_harms_nobody(self) -> None:
        side = self.connected()
        asked = self.ask(self.link.send(hangup("slow")))
        sent = side.heard("Hangup")
        self.pause(LIMITS.action_within + 0.1)
        self.assertIn("Hangup", str(self.failureResultOf(asked, ActionTimedOut).value))
        side.answer(sent)
        self.assertTrue(self.link.up)

    def test_an_unsafe_action_is_refused_and_nothing_is_written_or_waited_for(self) -> None:
        side = self.connected()
        before = side.value()
        for _ in range(LIMITS.pending_actions + 1):
            asked = self.ask(self.link.send(actions.set_variable(None, "CC_BEAT", "1\r\nAction: Command")))
            self.failureResultOf(asked, UnsafeHeader)
        self.assertEqual(side.value(), before)
        self.ask(self.link.send(hangup("fine")))
        side.heard("Hangup")

    def test_too_many_at_once_are_refused_before_they_are_sent(self) -> None:
        side = self.connected()
        side.pong("1.0")
        waiting = [self.ask(self.link.send(hangup(f"{n}"))) for n in range(LIMITS.pending_actions)]
        refused = self.ask(self.link.send(hangup("one more")))
        self.failureResultOf(refused, TooManyPending)
        side.answer(side.heard("Hangup"))
        self.successResultOf(waiting[0])
        again = self.ask(self.link.send(hangup("one more")))
        self.assertEqual([side.heard("Hangup")["Channel"] for _ in range(3)], ["1", "2", "one more"])
        self.assertNoResult(again)

    def test_an_event_with_the_action_id_of_a_plain_action_is_still_news(self) -> None:
        side = self.connected()
        self.ask(self.link.send(SimpleAction("Command", Command="core show channels")))
        action_id = side.heard("Command")["ActionID"]
        side.say(("Event", "OriginateResponse"), ("ActionID", action_id), ("Response", "Success"))
        self.assertEqual(self.told[-1], "OriginateResponse")

    def test_action_ids_differ_from_connection_to_connection(self) -> None:
        side = self.connected()
        self.ask(self.link.send(hangup("x"))).addErrback(lambda _: None)
        first = side.heard("Hangup")["ActionID"]
        side.drop()
        self.pause(0.3)
        self.switch.last.log_in()
        self.switch.last.boot()
        self.ask(self.link.send(hangup("x"))).addErrback(lambda _: None)
        self.assertNotEqual(self.switch.last.heard("Hangup")["ActionID"], first)


class StayingUp(LinkStory):
    def test_no_deadline_of_the_login_is_left_behind(self) -> None:
        side = self.connected()
        for second in range(int(LIMITS.boot_within) + 5):
            side.pong(f"{second}.0")
            self.pause(1)
        self.assertTrue(self.link.up)
        self.assertEqual(len(self.beats), LIMITS.boot_within + 5)


class Listing(LinkStory):
    def listed(self) -> tuple[SwitchSide, Deferred[list[Message]], str]:
        """A list that was asked for and has begun."""
        side = self.connected()
        asked = self.ask(self.link.collect(actions.core_show_channels()))
        sent = side.heard("CoreShowChannels")
        side.answer(sent, ("EventList", "start"))
        return side, asked, sent["ActionID"]

    def row(self, side: SwitchSide, action_id: str, channel: str) -> None:
        side.say(("Event", "CoreShowChannel"), ("ActionID", action_id), ("Channel", channel))

    def complete(self, side: SwitchSide, action_id: str) -> None:
        side.say(("Event", "CoreShowChannelsComplete"), ("ActionID", action_id), ("EventList", "Complete"))

    def test_a_list_is_collected_and_kept_apart_from_the_news(self) -> None:
        side, asked, action_id = self.listed()
        self.row(side, action_id, "a")
        side.say(("Event", "Newchannel"), ("Channel", "c"))
        self.row(side, "somebody-else", "d")
        self.row(side, action_id, "b")
        self.assertNoResult(asked)
        self.complete(side, action_id)
        self.assertEqual([event["Channel"] for event in self.successResultOf(asked)], ["a", "b"])
        self.assertEqual(self.told[2:], ["Newchannel", "CoreShowChannel"])

    def test_an_empty_list(self) -> None:
        side, asked, action_id = self.listed()
        self.complete(side, action_id)
        self.assertEqual(self.successResultOf(asked), [])

    def test_a_refused_list(self) -> None:
        side = self.connected()
        asked = self.ask(self.link.collect(actions.queue_status("nowhere")))
        side.answer(side.heard("QueueStatus"), status="Error")
        self.failureResultOf(asked, ActionRefused)

    def test_a_list_without_end_is_cut_and_its_rest_swallowed(self) -> None:
        side, asked, action_id = self.listed()
        for n in range(LIMITS.list_events):
            self.row(side, action_id, str(n))
        self.assertNoResult(asked)
        self.row(side, action_id, "one too many")
        self.failureResultOf(asked, ListTooLong)
        self.row(side, action_id, "another")
        self.complete(side, action_id)
        self.assertEqual(self.told, ["up", "FullyBooted"])
        self.row(side, action_id, "after the end")
        self.assertEqual(self.told[2:], ["CoreShowChannel"])

    def test_a_slow_list_is_given_up_and_its_rest_swallowed(self) -> None:
        side, asked, action_id = self.listed()
        self.row(side, action_id, "a")
        for second in range(int(LIMITS.list_within) + 1):
            side.pong(f"{second}.0")
            self.pause(1)
        self.failureResultOf(asked, ActionTimedOut)
        self.row(side, action_id, "b")
        self.assertEqual(self.told, ["up", "FullyBooted"])

    def test_whoever_stops_waiting_leaves_nothing_behind(self) -> None:
        side, asked, action_id = self.listed()
        asked.addErrback(lambda _: None)
        asked.cancel()
        self.row(side, action_id, "a")
        self.complete(side, action_id)
        self.assertEqual(self.told, ["up", "FullyBooted"])
        self.assertTrue(self.link.up)


class GoingDown(LinkStory):
    def test_a_drop_fails_all_who_wait_then_tells_the_owner(self) -> None:
        side = self.connected()

        def failed(failure: Failure, channel: str) -> None:
            failure.trap(LinkDown)
            self.told.append(f"{channel} failed")

        for channel in ("a", "b"):
            self.ask(self.link.send(hangup(channel))).addErrback(failed, channel)
        side.drop()
        self.assertEqual(self.told[2:], ["a failed", "b failed", "down"])
        self.assertFalse(self.link.up)
        self.assertIsNone(self.link.switch_clock())
        self.failureResultOf(self.ask(self.link.send(hangup("c"))), LinkDown)

    def test_it_comes_back_by_itself_and_resynchronises_again(self) -> None:
        self.connected().drop()
        self.pause(2 * LIMITS.first_pause)
        self.switch.last.log_in()
        self.switch.last.boot()
        self.assertEqual(self.told, ["up", "FullyBooted", "down", "up", "FullyBooted"])

    def test_a_silent_peer_is_dropped_and_called_again(self) -> None:
        side = self.connected()
        side.pong("100.0")
        self.pause(LIMITS.ping_every + LIMITS.pong_within - 0.25)
        self.assertTrue(self.link.up)
        self.pause(0.25)
        self.assertFalse(self.link.up)
        self.assertTrue(side.aborted)
        self.assertEqual(self.faults, ["silent_peer"])
        self.pause(2 * LIMITS.first_pause)
        self.assertEqual(len(self.switch.connections), 2)

    def test_a_malformed_message_ends_the_link_after_the_good_ones_before_it(self) -> None:
        side = self.connected()
        side.raw(as_bytes(("Event", "Hangup")) + b"Event: Forged\r\nno colon here\r\n\r\n")
        self.clock.advance(0)
        self.assertEqual(self.told[2:], ["Hangup", "down"])
        self.assertEqual(self.faults, ["malformed_line"])
        self.assertEqual(len(self.complaints()), 1)

    def test_a_flood_without_end_ends_the_link(self) -> None:
        side = self.connected()
        for _ in range(30):
            if not side.aborted:
                side.raw(b"A: " + b"x" * 100 + b"\r\n")
        self.assertTrue(side.aborted)
        self.clock.advance(0)
        self.assertEqual(self.faults, ["frame_too_long"])

    def test_nothing_is_delivered_after_the_link_was_given_up(self) -> None:
        side = self.connected()
        side.raw(b"no colon\r\n\r\n")
        side.raw(as_bytes(("Event", "Hangup")))
        self.assertEqual(self.told, ["up", "FullyBooted"])

    def test_an_unreachable_switch_is_tried_quickly_then_patiently(self) -> None:
        self.switch.reachable = False
        self.link.start()
        self.pause(60)
        pauses = [after - before for before, after in pairwise(self.switch.attempts)]
        self.assertLessEqual(pauses[0], LIMITS.first_pause + 0.125)
        for count, pause in enumerate(pauses):
            longest = min(LIMITS.longest_pause, LIMITS.first_pause * 2**count)
            self.assertLessEqual(pause, longest + 0.125)
            self.assertGreaterEqual(pause, longest / 2 - 0.01)
        self.assertGreaterEqual(pauses[-1], LIMITS.longest_pause / 2)
        self.assertEqual(len(self.complaints()), 1)
        self.assertEqual(set(self.faults), {"unreachable"})
        self.assertEqual(self.told, [])

    def test_a_connection_that_is_never_made_is_given_up(self) -> None:
        self.switch.answering = False
        self.link.start()
        self.pause(LIMITS.connect_within + LIMITS.first_pause + 0.1)
        self.assertEqual(len(self.switch.attempts), 2)

    def test_a_link_that_falls_at_once_each_time_is_not_hammered_and_recovers(self) -> None:
        side = self.connected()
        for _ in range(8):
            side.drop()
            self.pause(LIMITS.longest_pause)
            side = self.switch.last
            side.log_in()
            side.boot()
        flapping = [after - before for before, after in pairwise(self.switch.attempts)]
        self.assertGreaterEqual(flapping[-1], LIMITS.longest_pause / 2)
        for second in range(int(LIMITS.steady_after) + 1):
            side.pong(f"{second}.0")
            self.pause(1)
        side.drop()
        self.pause(2 * LIMITS.first_pause)
        self.assertFalse(self.switch.last.closed)


class Resynchronising(LinkStory):
    """What happens while on_up runs, which here asks for the channels first."""

    async def on_up(self, link: AmiLink) -> None:
        self.told.append("resynchronising")
        try:
            rows = await link.collect(actions.core_show_channels())
        except LinkDown:
            self.told.append("interrupted")
            raise
        self.told.append(f"{len(rows)} channels")

    def test_events_keep_their_order_while_it_runs(self) -> None:
        side = self.connected()
        action_id = side.heard("CoreShowChannels")["ActionID"]
        side.say(("Event", "Newchannel"))
        side.say(("Event", "CoreShowChannel"), ("ActionID", action_id))
        side.raw(
            as_bytes(("Event", "One"), ("ActionID", action_id), ("EventList", "Complete"))
            + as_bytes(("Event", "Hangup"))
        )
        self.assertEqual(self.told, ["resynchronising", "FullyBooted", "Newchannel", "1 channels", "Hangup"])

    def test_a_loss_interrupts_it_and_the_next_login_begins_anew(self) -> None:
        self.connected().drop()
        self.pause(2 * LIMITS.first_pause)
        self.switch.last.log_in()
        self.switch.last.boot()
        self.assertEqual(
            self.told,
            ["resynchronising", "FullyBooted", "interrupted", "down", "resynchronising", "FullyBooted"],
        )
        self.assertEqual(self.faults, [])

    def test_when_it_fails_the_link_is_made_anew(self) -> None:
        side = self.connected()
        side.answer(side.heard("CoreShowChannels"), ("Message", "Permission denied"), status="Error")
        self.assertTrue(side.aborted)
        self.pause(2 * LIMITS.first_pause)
        self.assertEqual(self.faults, ["resync_failed"])
        self.assertEqual(len(self.switch.connections), 2)
        self.assertEqual(len(self.flushLoggedErrors(ActionRefused)), 1)


class Waiting(LinkStory):
    """on_up waits for something that has nothing to do with the link."""

    async def on_up(self, link: AmiLink) -> None:
        self.told.append("waiting")
        self.database: Deferred[None] = Deferred(lambda _: self.told.append("cancelled"))
        await self.database

    def test_a_loss_cancels_it(self) -> None:
        self.connected().drop()
        self.assertEqual(self.told, ["waiting", "FullyBooted", "cancelled", "down"])


class Beating(LinkStory):
    def test_every_pong_brings_the_switchs_clock(self) -> None:
        side = self.connected()
        self.assertIsNone(self.link.switch_clock())
        side.pong("1795473129.544631")
        self.assertEqual(self.beats, [1795473129.544631])
        self.clock.advance(0.5)
        self.assertAlmostEqual(self.link.switch_clock() or 0, 1795473130.044631, places=5)
        self.clock.advance(0.5)
        side.pong("1795473130.600000")
        self.assertEqual(self.beats[1:], [1795473130.6])

    def test_a_pong_without_a_clock_is_no_beat(self) -> None:
        side = self.connected()
        for timestamp in ("", "yesterday", "nan", "inf"):
            side.pong(timestamp)
            self.clock.advance(LIMITS.ping_every)
        self.assertEqual(self.beats, [])
        self.assertTrue(self.link.up)

    def test_pings_go_out_however_many_actions_wait(self) -> None:
        side = self.connected()
        side.pong("1.0")
        for n in range(LIMITS.pending_actions):
            self.ask(self.link.send(hangup(f"{n}"))).addErrback(lambda _: None)
        self.clock.advance(LIMITS.ping_every)
        self.assertIn("Ping", side.heard_all())


class Deaf(LinkStory):
    def on_pong(self, switch_time: Instant) -> None:
        raise ZeroDivisionError

    def test_an_owner_that_fails_to_hear_the_beat_loses_the_link_not_the_keep_alive(self) -> None:
        side = self.connected()
        side.pong("1.0")
        self.assertTrue(side.aborted)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)


class Leaving(LinkStory):
    def test_stop_logs_off_and_does_not_come_back(self) -> None:
        side = self.connected()
        stopped = self.ask(self.link.stop())
        goodbye = side.heard("Logoff")
        side.say(("Response", "Goodbye"), ("ActionID", goodbye["ActionID"]))
        self.assertNoResult(stopped)
        side.drop()
        self.successResultOf(stopped)
        self.pause(60)
        self.assertEqual(len(self.switch.attempts), 1)
        self.assertEqual(self.told, ["up", "FullyBooted", "down"])
        self.assertEqual((self.faults, self.complaints()), ([], []))

    def test_stop_does_not_wait_for_a_switch_that_does_not_close(self) -> None:
        side = self.connected()
        stopped = self.ask(self.link.stop())
        self.pause(LIMITS.leave_within + 0.1)
        self.assertTrue(side.aborted)
        self.successResultOf(stopped)

    def test_stop_while_logging_in(self) -> None:
        side = self.started()
        stopped = self.ask(self.link.stop())
        self.clock.advance(0)
        self.assertTrue(side.closed)
        self.successResultOf(stopped)

    def test_stop_while_connecting(self) -> None:
        self.switch.answering = False
        self.link.start()
        self.successResultOf(self.ask(self.link.stop()))
        self.assertEqual(self.faults, [])

    def test_stop_while_waiting_to_try_again(self) -> None:
        self.switch.reachable = False
        self.link.start()
        self.successResultOf(self.ask(self.link.stop()))
        self.pause(60)
        self.assertEqual(len(self.switch.attempts), 1)

    def test_stop_in_the_moment_of_the_loss(self) -> None:
        side = self.connected()
        stopped: list[Deferred[None]] = []
        asked = self.ask(self.link.send(hangup("x")))
        asked.addErrback(lambda _: stopped.append(self.ask(self.link.stop())))
        side.drop()
        self.successResultOf(stopped[0])
        self.pause(60)
        self.assertEqual(len(self.switch.attempts), 1)

    def test_stop_of_a_link_never_started(self) -> None:
        self.successResultOf(self.ask(self.link.stop()))

    def test_nothing_is_left_on_the_clock(self) -> None:
        side = self.connected()
        self.ask(self.link.send(hangup("x"))).addErrback(lambda _: None)
        stopped = self.ask(self.link.stop())
        side.drop()
        self.successResultOf(stopped)
        self.assertEqual(self.clock.getDelayedCalls(), [])
