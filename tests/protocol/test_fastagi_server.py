"""The FastAGI port: limits, hang-ups at every moment, garbage, shutdown.  No port, no waiting: a Clock."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.logger import capturedLogs
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from callcentre.telephony.fastagi.leg import AgiLeg, CallerGone, CommandInFlight
from callcentre.telephony.fastagi.server import AgiLimits, AgiProtocol, Answer, FastAgiFactory

ENVIRONMENT = b"agi_network: yes\nagi_uniqueid: node1-1.1\nagi_arg_1: 1916\n\n"
LIMITS = AgiLimits(sessions=2, environment_seconds=5, idle_seconds=60, session_seconds=600)


class FloorCase(SynchronousTestCase):
    """A factory, its clock, and one transcript of everything that happened."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.happened: list[str] = []
        self.factory = self.serve(self.play_twice)

    def serve(self, answer: Answer) -> FastAgiFactory:
        return FastAgiFactory(self.clock, answer=answer, limits=LIMITS, on_fault=self.fault)

    def fault(self, kind: str) -> None:
        self.happened.append(f"fault {kind}")

    async def play_twice(self, leg: AgiLeg) -> None:
        try:
            for file in ("first", "second"):
                key = await leg.stream(file, "0123456789*#")
                self.happened.append(f"{file}: {key}")
        except CallerGone as gone:
            self.happened.append(f"gone: {gone}")
            raise

    def connect(self) -> tuple[AgiProtocol, StringTransport]:
        protocol = self.factory.buildProtocol(None)
        assert protocol is not None
        transport = StringTransport()
        protocol.makeConnection(transport)
        return protocol, transport

    def lose(self, protocol: AgiProtocol) -> None:
        protocol.connectionLost(Failure(ConnectionDone()))

    def assert_closed(self, transport: StringTransport) -> None:
        self.assertTrue(transport.disconnecting or transport.disconnected)


class SessionTests(FloorCase):
    def test_one_command_at_a_time_and_the_connection_closes_at_the_end(self) -> None:
        protocol, transport = self.connect()
        protocol.dataReceived(ENVIRONMENT)
        self.assertEqual(transport.value(), b'STREAM FILE "first" "0123456789*#"\n')
        transport.clear()
        protocol.dataReceived(b"200 result=0 endpos=8000\n")
        self.assertEqual(transport.value(), b'STREAM FILE "second" "0123456789*#"\n')
        self.assertFalse(transport.disconnecting)
        protocol.dataReceived(b"200 result=42 endpos=800\n")
        self.assertTrue(transport.disconnecting)
        self.assertEqual(self.happened, ["first: None", "second: *"])
        self.lose(protocol)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_every_cut_of_the_stream_is_the_same_session(self) -> None:
        said = ENVIRONMENT + b"200 result=0 endpos=8000\n200 result=50 endpos=8\n"
        for cut in range(len(said)):
            self.happened.clear()
            protocol, transport = self.connect()
            protocol.dataReceived(said[:cut])
            protocol.dataReceived(said[cut:])
            self.assertEqual(self.happened, ["first: None", "second: 2"])
            self.assertTrue(transport.disconnecting)
            self.lose(protocol)

    def test_variables_are_written_and_read(self) -> None:
        async def answer(leg: AgiLeg) -> None:
            await leg.set_variable("CC_HELPLINE", "kwa")
            for name in ("CC_HELPLINE", "CC_NONE"):
                self.happened.append(f"{name}: {await leg.get_variable(name)}")
            self.happened.append(f"key {await leg.wait_for_digit(5.5)}")

        self.factory = self.serve(answer)
        protocol, transport = self.connect()
        protocol.dataReceived(ENVIRONMENT + b"200 result=1\n200 result=1 (kwa)\n200 result=0\n200 result=0\n")
        self.assertEqual(self.happened, ["CC_HELPLINE: kwa", "CC_NONE: None", "key None"])
        self.assertEqual(
            transport.value().decode().splitlines(),
            [
                'SET VARIABLE "CC_HELPLINE" "kwa"',
                'GET VARIABLE "CC_HELPLINE"',
                'GET VARIABLE "CC_NONE"',
                'WAIT FOR DIGIT "5500"',
            ],
        )

    def test_two_commands_at_once_are_our_error(self) -> None:
        async def answer(leg: AgiLeg) -> None:
            Deferred.fromCoroutine(leg.stream("first", ""))
            await leg.stream("second", "")

        self.factory = self.serve(answer)
        protocol, transport = self.connect()
        protocol.dataReceived(ENVIRONMENT)
        self.assertEqual(self.happened, ["fault session-failed"])
        self.assertEqual(len(self.flushLoggedErrors(CommandInFlight)), 1)
        self.assert_closed(transport)

    def test_a_command_asterisk_does_not_know_ends_the_session_and_is_counted(self) -> None:
        protocol, transport = self.connect()
        protocol.dataReceived(ENVIRONMENT + b"510 Invalid or unknown command\n")
        self.assertEqual(self.happened, ["fault command-refused"])
        self.assertTrue(transport.disconnecting)

    def test_an_error_of_ours_closes_the_session_so_that_the_dialplan_goes_on(self) -> None:
        async def answer(leg: AgiLeg) -> None:
            raise KeyError(leg.environment["agi_arg_1"])

        self.factory = self.serve(answer)
        protocol, transport = self.connect()
        protocol.dataReceived(ENVIRONMENT)
        self.assertEqual(self.happened, ["fault session-failed"])
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)
        self.assertTrue(transport.disconnecting)


class HangUpTests(FloorCase):
    def test_a_hang_up_in_the_middle_of_a_prompt(self) -> None:
        protocol, transport = self.connect()
        protocol.dataReceived(ENVIRONMENT + b"HANGUP\n")
        self.assertEqual(self.happened, ["gone: hung up"])
        self.assertTrue(transport.disconnecting)
        protocol.dataReceived(b"200 result=-1 endpos=800\n")
        self.assertEqual(self.happened, ["gone: hung up"])

    def test_the_result_of_a_hang_up_comes_before_its_notice(self) -> None:
        protocol, transport = self.connect()
        protocol.dataReceived(ENVIRONMENT + b"200 result=-1 endpos=800\n")
        self.assertEqual(transport.value().splitlines()[1:], [b"CHANNEL STATUS"])
        protocol.dataReceived(b"HANGUP\n")
        self.assertEqual(self.happened, ["gone: hung up"])

    def test_a_missing_sound_is_told_from_a_hang_up(self) -> None:
        protocol, transport = self.connect()
        protocol.dataReceived(ENVIRONMENT + b"200 result=-1 endpos=0\n200 result=6\n")
        self.assertEqual(self.happened, ["fault prompt-missing"])
        self.assertTrue(transport.disconnecting)

    def test_a_dead_channel(self) -> None:
        protocol, _ = self.connect()
        protocol.dataReceived(ENVIRONMENT + b"511 Command Not Permitted on a dead channel\n")
        self.assertEqual(self.happened, ["gone: the channel is dead"])

    def test_a_connection_lost_in_the_middle_of_a_prompt(self) -> None:
        protocol, _ = self.connect()
        protocol.dataReceived(ENVIRONMENT)
        self.lose(protocol)
        self.assertEqual(self.happened, ["gone: the connection is gone"])
        self.assertEqual(self.factory.sessions, 0)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_wait_that_ends_in_a_hang_up(self) -> None:
        async def answer(leg: AgiLeg) -> None:
            await leg.wait_for_digit(5)

        self.factory = self.serve(answer)
        protocol, transport = self.connect()
        protocol.dataReceived(ENVIRONMENT + b"200 result=-1\n")
        self.assertTrue(transport.disconnecting)
        self.assertEqual(self.happened, [])

    def test_a_command_after_the_hang_up_is_not_sent(self) -> None:
        async def answer(leg: AgiLeg) -> None:
            try:
                await leg.stream("first", "")
            except CallerGone:
                await leg.set_variable("CC_HELPLINE", "kwa")

        self.factory = self.serve(answer)
        protocol, transport = self.connect()
        protocol.dataReceived(ENVIRONMENT + b"HANGUP\n")
        self.assertEqual(transport.value().count(b"\n"), 1)
        self.assertTrue(transport.disconnecting)

    def test_a_session_that_waits_for_something_else_is_cancelled_with_its_connection(self) -> None:
        async def answer(leg: AgiLeg) -> None:
            try:
                await Deferred(lambda _: self.happened.append("cancelled"))
            finally:
                self.happened.append("tidied")

        self.factory = self.serve(answer)
        protocol, _ = self.connect()
        protocol.dataReceived(ENVIRONMENT)
        self.lose(protocol)
        self.assertEqual(self.happened, ["cancelled", "tidied"])


class LimitTests(FloorCase):
    def test_more_sessions_than_allowed_are_closed_at_once(self) -> None:
        first, _ = self.connect()
        self.connect()
        self.assertIsNone(self.factory.buildProtocol(None))
        self.assertEqual(self.happened, ["fault too-many-sessions"])
        self.lose(first)
        self.connect()

    def test_a_megabyte_without_a_line_end_is_cut_and_nothing_of_it_is_kept(self) -> None:
        protocol, transport = self.connect()
        with capturedLogs() as logged:
            for _ in range(16):
                protocol.dataReceived(b"x" * 65_536)
        self.assertTrue(transport.disconnected)
        self.assertEqual(self.happened, ["fault line-too-long"])
        self.assertEqual([event["kind"] for event in logged], ["line-too-long"])
        self.assertEqual(protocol._reader._rest, b"")

    def test_garbage_in_the_middle_of_a_session_closes_it(self) -> None:
        protocol, transport = self.connect()
        protocol.dataReceived(ENVIRONMENT + b"\xff\xfe\n")
        self.assertEqual(
            self.happened, ["fault malformed-reply", "gone: neither a reply nor HANGUP: '\ufffd\ufffd'"]
        )
        self.assertTrue(transport.disconnected)

    def test_a_reply_nobody_asked_for_closes_the_session(self) -> None:
        async def answer(leg: AgiLeg) -> None:
            await Deferred()

        self.factory = self.serve(answer)
        protocol, transport = self.connect()
        protocol.dataReceived(ENVIRONMENT + b"200 result=0\n")
        self.assertEqual(self.happened, ["fault malformed-reply"])
        self.assertTrue(transport.disconnected)

    def test_a_key_that_is_none_is_a_fault_of_theirs(self) -> None:
        protocol, transport = self.connect()
        protocol.dataReceived(ENVIRONMENT + b"200 result=7000 endpos=0\n")
        self.assertEqual(self.happened, ["fault malformed-reply"])
        self.assertTrue(transport.disconnecting)

    def assert_cut_after(self, seconds: float, kind: str, *, said: bytes, each_second: bytes = b"") -> None:
        protocol, transport = self.connect()
        protocol.dataReceived(said)
        while self.clock.seconds() < seconds - 1:
            self.clock.advance(1)
            if each_second:
                protocol.dataReceived(each_second)
        self.assertFalse(transport.disconnected)
        self.clock.advance(1)
        self.assertTrue(transport.disconnected)
        self.assertIn(f"fault {kind}", self.happened)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_slow_loris_is_cut(self) -> None:
        self.assert_cut_after(5, "environment-late", said=ENVIRONMENT[:10])

    def test_a_slow_loris_that_keeps_sending_is_cut_as_well(self) -> None:
        self.assert_cut_after(5, "environment-late", said=b"agi_request: ", each_second=b"x")

    def test_a_silent_asterisk_is_cut(self) -> None:
        self.factory = self.serve(self.wait_for_ever)
        self.assert_cut_after(60, "idle", said=ENVIRONMENT)

    def test_an_endless_session_is_cut(self) -> None:
        self.factory = self.serve(self.wait_for_ever)
        self.assert_cut_after(600, "session-too-long", said=ENVIRONMENT, each_second=b"200 result=0\n")

    async def wait_for_ever(self, leg: AgiLeg) -> None:
        while True:
            await leg.wait_for_digit(1)

    def test_the_log_quotes_little_and_no_callers_number(self) -> None:
        protocol, _ = self.connect()
        with capturedLogs() as logged:
            protocol.dataReceived(b"agi_callerid: 9447000001" + b"x" * 9000 + b"\n")
        (event,) = logged
        self.assertLess(len(event["why"]), 200)
        self.assertIn("******0001", event["why"])


class StopTests(FloorCase):
    def test_sessions_are_ended_and_awaited(self) -> None:
        first, transport = self.connect()
        first.dataReceived(ENVIRONMENT)
        second, _ = self.connect()
        stopped = Deferred.fromCoroutine(self.factory.stop())
        self.assertTrue(transport.disconnecting)
        self.assertEqual(self.happened, ["gone: the service is stopping"])
        self.assertIsNone(self.factory.buildProtocol(None))
        self.lose(first)
        self.assertNoResult(stopped)
        self.lose(second)
        self.assertIsNone(self.successResultOf(stopped))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_an_idle_port_stops_at_once(self) -> None:
        self.successResultOf(Deferred.fromCoroutine(self.factory.stop()))


@pytest.mark.parametrize("said", [ENVIRONMENT[:cut] for cut in range(0, len(ENVIRONMENT), 7)])
def test_a_connection_that_goes_before_it_said_what_for_leaves_nothing_behind(said: bytes) -> None:
    async def answer(leg: AgiLeg) -> None:
        raise AssertionError("nobody to answer")

    clock = Clock()
    factory = FastAgiFactory(clock, answer=answer)
    protocol = factory.buildProtocol(None)
    assert protocol is not None
    protocol.makeConnection(StringTransport())
    protocol.dataReceived(said)
    protocol.connectionLost(Failure(ConnectionDone()))
    assert factory.sessions == 0
    assert clock.getDelayedCalls() == []
