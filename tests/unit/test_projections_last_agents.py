"""Who served a caller last: of the newest answered call, within a week, and never in the way."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from callcentre.projections.last_agents import REMEMBERED, LastAgents
from callcentre.storage.schema import CallRecord
from routing.call import CallState
from tests.unit.parts.inline_database import InlineDatabase, memory_engine

LEELA = "+919447000001"
NOW = 1_700_000_000.0


class WhoServedLast(SynchronousTestCase):
    def setUp(self) -> None:
        engine = memory_engine()
        self.database = InlineDatabase(engine.__enter__())
        self.addCleanup(engine.__exit__, None, None, None)
        clock = Clock()
        clock.advance(NOW)
        self.last = LastAgents(self.database, clock=clock)

    def had_call(self, ago: float, agent: str | None, *, caller: str = LEELA) -> None:
        row = CallRecord(call=f"n-{ago}", seen_at=NOW - ago, state=CallState.ENDED, folded_to="")
        row.caller, row.agent = caller, agent
        self.database.ask(lambda session: session.add(row))

    def of(self, caller: str) -> str | None:
        return self.successResultOf(Deferred.fromCoroutine(self.last.of(caller)))

    def test_the_newest_answered_call_counts(self) -> None:
        self.had_call(3000, "anu")
        self.had_call(2000, "bea")
        self.had_call(1000, None)
        self.had_call(500, "chandran", caller="+919447000002")
        self.assertEqual(self.of(LEELA), "bea")

    def test_what_is_long_ago_is_forgotten(self) -> None:
        self.had_call(REMEMBERED + 1, "anu")
        self.assertIsNone(self.of(LEELA))

    def test_withheld_numbers_have_no_history(self) -> None:
        self.had_call(10, "anu", caller="")
        self.assertIsNone(self.of(""))

    def test_a_database_that_is_away_costs_the_preference_only(self) -> None:
        self.had_call(10, "anu")
        self.database.away = True
        self.assertIsNone(self.of(LEELA))
