"""What carries facts and work: one order, one owner, and a failure that stays where it happened."""

from __future__ import annotations

import io
import json
from pathlib import Path
from zoneinfo import ZoneInfo

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger, LogLevel, LogPublisher, capturedLogs
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from callcentre.acd.epoch import keep_epoch, next_epoch
from callcentre.bus import Bus
from callcentre.logs import JsonLines
from callcentre.tasks import Tasks
from routing.facts import Fact
from routing.ids import Epoch, Instant

FACT = Fact(at=Instant(1000.0))


class BusTests(SynchronousTestCase):
    def test_followers_hear_in_the_order_in_which_they_joined(self) -> None:
        heard: list[str] = []
        bus = Bus(on_fault=heard.append)
        bus.follow(lambda fact: heard.append("journal"))
        bus.follow(lambda fact: heard.append("metrics"))
        bus.publish(FACT)
        self.assertEqual(heard, ["journal", "metrics"])

    def test_one_that_fails_is_counted_and_logged_and_the_next_is_told(self) -> None:
        heard: list[str] = []
        bus = Bus(on_fault=lambda kind: heard.append(f"fault {kind}"))

        def journal(fact: Fact) -> None:
            raise OSError("disk full")

        bus.follow(journal)
        bus.follow(lambda fact: heard.append("metrics"))
        with capturedLogs() as events:
            bus.publish(FACT)
            bus.publish(FACT)
        self.assertEqual(heard, ["fault follower", "metrics"] * 2)
        self.assertEqual([(e["fact"], e["log_level"]) for e in events], [("Fact", LogLevel.critical)] * 2)
        self.assertIn("journal", events[0]["follower"])
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 2)


class TaskTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.tasks = Tasks()
        self.happened: list[str] = []

    async def wait(self, until: Deferred[None], name: str = "work") -> None:
        try:
            await until
        except CancelledError:
            self.happened.append(f"{name} cancelled")
            raise
        self.happened.append(f"{name} done")

    def test_what_fails_is_logged_by_its_name(self) -> None:
        until: Deferred[None] = Deferred()
        self.tasks.start(self.wait(until), what="the beat")
        with capturedLogs() as events:
            until.errback(RuntimeError("broken"))
        self.assertEqual([e["what"] for e in events], ["the beat"])
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    def test_what_fails_at_once_is_logged_as_well(self) -> None:
        async def fails() -> None:
            raise RuntimeError("broken")

        self.tasks.start(fails(), what="the start")
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    def test_the_end_cancels_what_runs_and_says_nothing_of_it(self) -> None:
        self.tasks.start(self.wait(Deferred(), "one"), what="one")
        self.tasks.start(self.wait(Deferred(), "two"), what="two")
        with capturedLogs() as events:
            self.successResultOf(Deferred.fromCoroutine(self.tasks.stop()))
        self.assertEqual(sorted(self.happened), ["one cancelled", "two cancelled"])
        self.assertEqual(events, [])

    def test_the_end_waits_for_work_that_tidies_up_first(self) -> None:
        tidied: Deferred[None] = Deferred()

        async def tidy() -> None:
            try:
                await Deferred()
            finally:
                await tidied

        self.tasks.start(tidy(), what="tidying")
        stopped = Deferred.fromCoroutine(self.tasks.stop())
        self.assertNoResult(stopped)
        tidied.callback(None)
        self.successResultOf(stopped)

    def test_what_is_done_is_forgotten(self) -> None:
        until: Deferred[None] = Deferred()
        self.tasks.start(self.wait(until), what="work")
        until.callback(None)
        self.successResultOf(Deferred.fromCoroutine(self.tasks.stop()))
        self.assertEqual(self.happened, ["work done"])


class LogTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.out = io.StringIO()
        publisher = LogPublisher(JsonLines(self.out, ZoneInfo("Asia/Kolkata")))
        self.log = Logger("callcentre.acd", observer=publisher)

    def lines(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.out.getvalue().splitlines()]

    def test_a_line_is_an_object_with_its_zone_and_what_it_is_about(self) -> None:
        self.log.info("offering {call} to {agent}", call="node1-1", agent="anu", secret="hunter2")
        (line,) = self.lines()
        self.assertRegex(line.pop("at"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+05:30$")
        self.assertEqual(
            line,
            {
                "level": "info",
                "from": "callcentre.acd",
                "text": "offering node1-1 to anu",
                "call": "node1-1",
                "agent": "anu",
            },
        )

    def test_a_line_break_in_a_value_stays_in_its_line(self) -> None:
        self.log.warn("{why}", why='x\n{"level": "critical"}')
        (line,) = self.lines()
        self.assertEqual(line["level"], "warn")

    def test_a_failure_brings_its_traceback(self) -> None:
        self.log.failure("it broke", Failure(RuntimeError("broken")))
        self.assertIn("RuntimeError: broken", self.lines()[0]["traceback"])


def test_each_start_is_a_later_term_of_office(tmp_path: Path) -> None:
    path = tmp_path / "epoch"
    assert [next_epoch(path) for _ in range(3)] == [1, 2, 3]
    keep_epoch(path, Epoch(41))
    assert next_epoch(path) == 42


def test_a_spoilt_epoch_starts_anew(tmp_path: Path) -> None:
    """The switch remembers the last one and corrects it: see the stations."""
    path = tmp_path / "epoch"
    path.write_text("soon\n")
    assert next_epoch(path) == 1
    assert path.read_text() == "1\n"
