"""How the service is watched: every call counted once, and one word for whether calls get through."""

from __future__ import annotations

import json

import pytest
from prometheus_client import generate_latest
from twisted.internet.testing import StringTransport
from twisted.logger import capturedLogs
from twisted.web.resource import Resource

from callcentre.operations.health import Health, HealthPage
from callcentre.operations.metrics import Metrics, MetricsPage
from callcentre.operations.site import QuietSite
from routing.facts import (
    CallAnswered,
    CallArrived,
    CallbackAsked,
    CallEnded,
    CallLost,
    CallOffered,
    CallOverflowed,
    CallTurnedAway,
    NeedsRelaxed,
    OfferDeclined,
    OfferMissed,
    OfferProposed,
    OfferRefused,
    OfferUnreachable,
    Party,
    TalkEnded,
    Turned,
)
from routing.ids import CallId, Epoch, NodeId
from routing.rules import PLAIN
from tests.unit.parts.shell_floor import ANU, FIRST, FOOD, KWA, NODE, SECOND, ShellFloor


class Watched(ShellFloor):
    def setUp(self) -> None:
        super().setUp()
        self.lag = 0.0
        readings = {"journal_lag_facts": ("Facts not yet in the database", lambda: self.lag)}
        self.metrics = Metrics(self.dispatcher.floor, readings)
        self.bus.follow(self.metrics.follow)

    def value(self, name: str, **labels: str) -> float:
        found = self.metrics.registry.get_sample_value(f"callcentre_{name}", labels)
        return 0.0 if found is None else found

    def ended(self, result: str) -> float:
        return self.value("calls_ended_total", helpline=KWA, result=result)

    def offers(self, result: str) -> float:
        return self.value("offers_total", result=result)


class Counted(Watched):
    def test_a_call_that_is_answered(self) -> None:
        self.queue(FIRST, queued_at=1000.0)
        self.clock.advance(7)
        self.report(CallOffered, call=FIRST, agent=ANU)
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.report(TalkEnded, call=FIRST, agent=ANU, by=Party.AGENT)
        self.report(CallEnded, call=FIRST, by=Party.AGENT)
        self.assertEqual(self.value("calls_queued_total", helpline=KWA), 1)
        self.assertEqual((self.ended("answered"), self.ended("abandoned")), (1, 0))
        self.assertEqual((self.offers("made"), self.offers("answered")), (1, 1))
        self.assertEqual(self.value("wait_seconds_sum", helpline=KWA), 7)
        self.assertEqual(self.value("wait_seconds_bucket", helpline=KWA, le="5.0"), 0)
        self.assertEqual(self.value("wait_seconds_bucket", helpline=KWA, le="10.0"), 1)

    def test_a_caller_who_gives_up_and_one_who_is_lost(self) -> None:
        self.queue(FIRST)
        self.queue(SECOND)
        self.report(CallEnded, call=FIRST, by=Party.CALLER)
        self.report(CallLost, call=SECOND)
        self.assertEqual((self.ended("abandoned"), self.ended("lost"), self.ended("answered")), (1, 1, 0))

    def test_a_caller_who_is_queued_again_is_one_caller_who_waits_from_the_first_time(self) -> None:
        self.queue(FIRST, queued_at=1000.0)
        for fact in (CallOffered, OfferMissed):
            self.report(
                fact, call=FIRST, agent=ANU, **({"reason": "NOANSWER"} if fact is OfferMissed else {})
            )
        self.clock.advance(20)
        self.queue(FIRST, queued_at=1000.0)
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.assertEqual(self.value("calls_queued_total", helpline=KWA), 1)
        self.assertEqual((self.offers("made"), self.offers("missed"), self.offers("answered")), (1, 1, 1))
        self.assertEqual(self.value("wait_seconds_sum", helpline=KWA), 20)
        self.assertEqual(self.value("wait_seconds_count", helpline=KWA), 1)

    def test_a_refused_offer(self) -> None:
        self.queue(FIRST)
        self.report(OfferRefused, call=FIRST, agent=ANU, reason="link down")
        self.assertEqual((self.offers("made"), self.offers("refused")), (0, 1))

    def test_one_that_was_declined_and_one_to_a_phone_that_is_gone(self) -> None:
        self.queue(FIRST)
        self.report(OfferDeclined, call=FIRST, agent=ANU)
        self.report(OfferUnreachable, call=FIRST, agent=ANU)
        counts = [self.offers(result) for result in ("declined", "unreachable", "missed", "refused")]
        self.assertEqual(counts, [1, 1, 0, 0])

    def test_a_caller_who_was_turned_away_has_not_given_up(self) -> None:
        self.queue(FIRST)
        self.report(CallTurnedAway, call=FIRST, why=Turned.LATE)
        self.report(CallEnded, call=FIRST, by=Party.CALLER)
        self.assertEqual(self.value("turned_away_total", helpline=KWA, reason="late"), 1)
        self.assertEqual((self.ended("turned_away"), self.ended("abandoned")), (1, 0))

    def test_one_turned_away_who_waits_all_the_same_may_give_up(self) -> None:
        self.queue(FIRST, queued_at=1000.0)
        self.report(CallTurnedAway, call=FIRST, why=Turned.LATE)
        self.queue(FIRST, queued_at=1000.0)
        self.report(CallEnded, call=FIRST, by=Party.CALLER)
        self.assertEqual((self.ended("turned_away"), self.ended("abandoned")), (0, 1))

    def test_needs_that_relax_and_a_caller_who_overflows_and_ends_where_he_went(self) -> None:
        self.queue(FIRST)
        self.report(NeedsRelaxed, call=FIRST, step=1)
        self.report(CallOverflowed, call=FIRST, helpline=FOOD, why=Turned.FULL)
        self.report(NeedsRelaxed, call=FIRST, step=1)
        self.report(CallEnded, call=FIRST, by=Party.CALLER)
        self.assertEqual(self.value("overflows_total", helpline=KWA, to=FOOD, reason="full"), 1)
        relaxed = [self.value("needs_relaxed_total", helpline=helpline) for helpline in (KWA, FOOD)]
        self.assertEqual(relaxed, [1, 1])
        self.assertEqual(self.value("calls_ended_total", helpline=FOOD, result="abandoned"), 1)

    def test_a_call_that_never_left_the_menu_is_in_no_count_of_queued_calls(self) -> None:
        self.report(CallArrived, call=FIRST, node=NODE, dialled="1916", caller="", caller_raw="")
        self.report(CallEnded, call=FIRST, by=Party.CALLER)
        self.assertEqual(self.value("calls_queued_total", helpline=KWA), 0)
        self.assertEqual(self.ended("abandoned"), 0)

    def test_a_clock_that_runs_behind_the_switchs_makes_no_negative_wait(self) -> None:
        self.queue(FIRST, queued_at=1000.4)
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.assertEqual(self.value("wait_seconds_sum", helpline=KWA), 0)

    def test_faults_by_their_kind(self) -> None:
        for kind in ("follower", "follower", "illegal_transition"):
            self.metrics.fault(kind)
        self.assertEqual(self.value("faults_total", kind="follower"), 2)


class CalledBack(Watched):
    """A caller who hung up to be called back has neither ended his call nor abandoned it."""

    def setUp(self) -> None:
        super().setUp()
        self.queue(FIRST, queued_at=1000.0)
        self.report(CallbackAsked, call=FIRST, number="+919447000001")
        self.report(CallEnded, call=FIRST, by=Party.CALLER)
        self.free(ANU)

    def is_called_in_vain(self) -> None:
        self.report(OfferProposed, call=FIRST, agent=ANU)
        self.report(CallEnded, call=FIRST, by=Party.SYSTEM)
        self.clock.advance(PLAIN.callback.retry_seconds)

    def callbacks(self) -> list[float]:
        results = ("begun", "answered", "failed")
        return [self.value("callbacks_total", helpline=KWA, result=result) for result in results]

    def test_has_not_ended(self) -> None:
        self.assertEqual(self.callbacks(), [1, 0, 0])
        self.assertEqual([self.ended(result) for result in ("abandoned", "answered", "lost")], [0, 0, 0])

    def test_is_one_callback_however_often_he_is_called(self) -> None:
        self.is_called_in_vain()
        self.is_called_in_vain()
        self.assertEqual(self.callbacks(), [1, 0, 0])

    def test_is_answered_in_the_end_and_did_not_wait_on_the_line(self) -> None:
        self.clock.advance(600)
        self.report(CallAnswered, call=FIRST, agent=ANU)
        self.report(CallEnded, call=FIRST, by=Party.CALLER)
        self.assertEqual((self.callbacks(), self.ended("answered")), ([1, 1, 0], 1))
        self.assertEqual(self.value("wait_seconds_count", helpline=KWA), 0)

    def test_or_is_given_up(self) -> None:
        for _ in range(PLAIN.callback.attempts):
            self.is_called_in_vain()
        self.assertEqual((self.callbacks(), self.ended("callback_failed")), ([1, 0, 1], 1))
        self.assertEqual(self.ended("abandoned"), 0)

    def test_who_is_answered_before_he_could_hang_up_was_not_called_back(self) -> None:
        self.queue(SECOND, queued_at=1000.0)
        self.report(CallbackAsked, call=SECOND, number="+919447000002")
        self.report(CallAnswered, call=SECOND, agent=ANU)
        self.report(CallEnded, call=SECOND, by=Party.CALLER)
        self.assertEqual((self.callbacks(), self.ended("answered")), ([1, 0, 0], 1))
        self.assertEqual(self.value("wait_seconds_count", helpline=KWA), 1)


class Gauges(Watched):
    def test_are_read_from_the_floor_at_each_scrape(self) -> None:
        self.queue(FIRST)
        self.queue(SECOND)
        self.assertEqual(self.value("calls", helpline=KWA, state="waiting"), 2)
        self.report(CallEnded, call=FIRST, by=Party.CALLER)
        self.report(CallArrived, call=CallId("node1-9"), node=NODE, dialled="1", caller="", caller_raw="")
        self.assertEqual(self.value("calls", helpline=KWA, state="waiting"), 1)
        self.assertEqual(self.value("calls", helpline="", state="in_menu"), 1)
        self.free(ANU)
        self.assertEqual(self.value("agents", state="available"), 1)

    def test_further_readings_are_asked_at_each_scrape(self) -> None:
        self.lag = 3.0
        self.assertEqual(self.value("journal_lag_facts"), 3)
        self.lag = 0.0
        self.assertEqual(self.value("journal_lag_facts"), 0)

    def test_no_caller_is_in_them(self) -> None:
        self.queue(FIRST)
        self.assertNotIn(b"9447000001", generate_latest(self.metrics.registry))


def health(**changes: object) -> Health:
    sound: dict[str, object] = {
        "asterisk": {NodeId("node1"): True},
        "database": True,
        "epoch": Epoch(7),
        "journal_lag": 0,
    }
    return Health(**{**sound, **changes})  # type: ignore[arg-type]


class TestHealth:
    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({}, "ok"),
            ({"database": False, "journal_lag": 12}, "degraded"),
            ({"asterisk": {"node1": True, "node2": False}}, "degraded"),
            ({"asterisk": {"node1": False}}, "down"),
            ({"asterisk": {}}, "down"),
        ],
    )
    def test_status(self, changes: dict[str, object], status: str) -> None:
        assert health(**changes).status == status

    def test_as_it_is_told(self) -> None:
        assert health(database=False, journal_lag=12).told() == {
            "status": "degraded",
            "asterisk": {"node1": "up"},
            "database": "down",
            "router": {"epoch": 7},
            "journal": {"lag_facts": 12},
        }


class Pages(Watched):
    def setUp(self) -> None:
        super().setUp()
        self.state = health()
        self.root = Resource()
        self.root.putChild(b"health", HealthPage(lambda: self.state))
        self.root.putChild(b"metrics", MetricsPage(self.metrics.registry))

    def get(self, path: str, *headers: str) -> tuple[int, str, bytes]:
        """Status, head and body of the answer to one request, in memory."""
        channel = QuietSite(self.root).buildProtocol(None)
        transport = StringTransport()
        channel.makeConnection(transport)
        channel.dataReceived("\r\n".join([f"GET {path} HTTP/1.0", *headers, "", ""]).encode())
        head, _, body = transport.value().partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode(), body

    def test_health_is_200_while_calls_get_through_and_503_when_none_does(self) -> None:
        for state, status in ((health(), 200), (health(database=False), 200), (health(asterisk={}), 503)):
            self.state = state
            code, head, body = self.get("/health")
            self.assertEqual((code, json.loads(body)["status"]), (status, state.status))
            self.assertIn("application/json", head)
            self.assertIn("no-store", head)

    def test_metrics_are_those_of_this_moment_and_need_no_thread(self) -> None:
        self.queue(FIRST)
        code, head, body = self.get("/metrics")
        self.assertEqual(code, 200)
        self.assertIn("text/plain", head)
        self.assertIn(b'callcentre_calls_queued_total{helpline="kwa"} 1.0', body)
        self.assertIn(b'callcentre_calls{helpline="kwa",state="waiting"} 1.0', body)

    def test_metrics_in_the_form_that_is_asked_for(self) -> None:
        _, head, body = self.get("/metrics", "Accept: application/openmetrics-text; version=1.0.0")
        self.assertIn("application/openmetrics-text", head)
        self.assertTrue(body.endswith(b"# EOF\n"))

    def test_no_access_log_is_written(self) -> None:
        with capturedLogs() as events:
            self.get("/health")
        self.assertEqual(events, [])
