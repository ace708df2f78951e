"""The projector: every fact becomes rows exactly once, whatever happens to us and to the database."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Engine, delete, event, select
from sqlalchemy.orm import Session
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from callcentre.journal.journal import Journal
from callcentre.journal.segments import path_of
from callcentre.projections.projector import BATCH, LINGER, Health, Projector
from callcentre.projections.step import all_folds
from callcentre.storage.patience import LONGEST_PAUSE
from callcentre.storage.schema import CallRecord, JournalPlace, RejectedFact, TicketRecord
from routing.facts import CallLost, CallQueued, Fact
from routing.ids import CallId, Instant
from tests.unit.parts.floor_story import BEGIN, KWA, ML, NODE, RULES, day
from tests.unit.parts.inline_database import InlineDatabase, memory_engine
from tests.unit.parts.rows import rows


class Killed(Exception):
    """The process ends here."""


class DyingSession(Session):
    """A session that dies at the n-th thing it is asked for, counted over all sessions."""

    left: ClassVar[float] = float("inf")

    def _live(self) -> None:
        # Not the sessionmaker's own subclass, which differs from database to database.
        DyingSession.left -= 1
        if DyingSession.left < 0:
            raise Killed

    def get(self, *arguments: Any, **options: Any) -> Any:
        self._live()
        return super().get(*arguments, **options)

    def execute(self, *arguments: Any, **options: Any) -> Any:
        self._live()
        return super().execute(*arguments, **options)

    def flush(self, objects: Any = None) -> None:
        self._live()
        super().flush(objects)
        self._live()


class ProjectorStory(SynchronousTestCase):
    """A journal in a folder, and a database that can be taken away."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(BEGIN)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.database = InlineDatabase(self.engine())
        self.journal = Journal(self.folder, clock=self.clock)
        self.addCleanup(lambda: self.journal.close())
        DyingSession.left = float("inf")

    def engine(self) -> Engine:
        opened = memory_engine()
        engine = opened.__enter__()
        self.addCleanup(opened.__exit__, None, None, None)
        return engine

    def projector(self, database: InlineDatabase | None = None) -> Projector:
        return Projector(self.journal, database or self.database, clock=self.clock, folds=all_folds(RULES))

    def running(self, database: InlineDatabase | None = None) -> Projector:
        projector = self.projector(database)
        running = Deferred.fromCoroutine(projector.run())
        self.addCleanup(self.end, running)
        return projector

    def end(self, running: Deferred[None]) -> None:
        running.cancel()
        self.failureResultOf(running, CancelledError)

    def tell(self, projector: Projector | None, *facts: Fact) -> None:
        for fact in facts:
            self.journal.append(fact)
            if projector is not None:
                projector.wake()

    def restart(self) -> None:
        self.journal.close()
        self.journal = Journal(self.folder, clock=self.clock)

    def rows_of_undisturbed(self) -> dict[str, list[tuple[Any, ...]]]:
        database = InlineDatabase(self.engine())
        self.successResultOf(Deferred.fromCoroutine(self.projector(database).catch_up()))
        return database.ask(rows)

    # --- the ordinary way -------------------------------------------------------------------------

    def test_what_was_appended_becomes_rows(self) -> None:
        projector = self.running()
        self.tell(projector, *day(6))
        self.clock.advance(LINGER)
        written = self.database.ask(rows)
        self.assertEqual(len(written["calls"]), 6)
        self.assertEqual(len(written["tickets"]), 3)
        self.assertEqual(len(written["agent_states"]), 2)
        self.assertEqual(projector.health, Health())

    def test_facts_that_come_together_share_a_transaction(self) -> None:
        projector = self.running()
        before = self.database.transactions
        self.tell(projector, *day(6))
        self.clock.advance(LINGER)
        self.assertEqual(self.database.transactions - before, 1)

    def test_facts_of_earlier_runs_are_projected_and_counted_as_lag(self) -> None:
        facts = day(6)
        self.tell(None, *facts[:10])
        self.restart()
        self.tell(None, *facts[10:])
        projector = self.projector()
        self.assertEqual(projector.health.behind, len(facts) - 10)
        self.successResultOf(Deferred.fromCoroutine(projector._count_backlog()))
        self.assertEqual(projector.health.behind, len(facts))
        self.successResultOf(Deferred.fromCoroutine(projector.catch_up()))
        self.assertEqual(projector.health.behind, 0)
        self.assertEqual(len(self.database.ask(rows)["calls"]), 6)

    def test_a_long_journal_goes_in_batches(self) -> None:
        facts = day(110)
        self.assertGreater(len(facts), 2 * BATCH)
        self.tell(None, *facts)
        projector = self.running()
        self.assertEqual(projector.health.behind, 0)
        # One to count what lies there, one for each batch.
        self.assertEqual(self.database.transactions, 1 + len(facts) // BATCH + 1)

    def test_what_a_batch_asks_of_the_database_does_not_grow_with_its_calls(self) -> None:
        asked: list[str] = []
        engine = self.engine()
        event.listen(engine, "before_cursor_execute", lambda c, cursor, text, *_: asked.append(text))
        database = InlineDatabase(engine)

        def questions(calls: int) -> int:
            self.tell(None, *day(calls))
            asked.clear()
            self.successResultOf(Deferred.fromCoroutine(self.projector(database).catch_up()))
            return sum(text.startswith("SELECT") for text in asked)

        questions(1)
        self.assertEqual(questions(3), questions(15))

    # --- the database away --------------------------------------------------------------------------

    def test_while_the_database_is_away_the_journal_grows_and_nothing_is_lost(self) -> None:
        projector = self.running()
        self.database.away = True
        facts = day(6)
        self.tell(projector, *facts)
        self.clock.advance(LINGER)
        self.assertEqual(projector.health.behind, len(facts))
        self.assertEqual(projector.health.failing_since, BEGIN + LINGER)
        self.clock.pump([1.0] * 600)
        self.assertEqual(projector.health.behind, len(facts))
        self.database.away = False
        self.clock.advance(LONGEST_PAUSE)
        self.assertEqual(projector.health, Health())
        self.assertEqual(self.database.ask(rows), self.rows_of_undisturbed())

    def test_a_database_that_is_away_is_asked_ever_more_rarely(self) -> None:
        asked: list[float] = []

        class Counted(InlineDatabase):
            async def run(self, fn: Any) -> Any:
                asked.append(clock.seconds())
                return await super().run(fn)

        clock = self.clock
        database = Counted(self.engine())
        database.away = True
        self.running(database)
        clock.pump([0.25] * 4 * 100)
        pauses = [later - earlier for earlier, later in pairwise(asked)]
        self.assertEqual(pauses[:7], [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0])
        self.assertEqual(set(pauses[7:]), {LONGEST_PAUSE})

    def test_health_names_the_failure_but_no_citizen(self) -> None:
        self.database.away = True
        projector = self.running()
        self.assertEqual(projector.health.error, "Away")

    # --- deaths -------------------------------------------------------------------------------------

    def test_dying_at_any_point_and_starting_again_gives_the_same_rows(self) -> None:
        self.tell(None, *day(3))
        wanted = self.rows_of_undisturbed()
        deaths = 0
        for left in range(200):
            database = InlineDatabase(self.engine(), session=DyingSession)
            DyingSession.left = left
            died = Deferred.fromCoroutine(self.projector(database).catch_up())
            DyingSession.left = float("inf")
            if died.result is None:
                break
            self.failureResultOf(died, Killed)
            deaths += 1
            self.successResultOf(Deferred.fromCoroutine(self.projector(database).catch_up()))
            self.assertEqual(database.ask(rows), wanted)
        self.assertGreater(deaths, 10)
        self.assertLess(deaths, 200)

    def test_projecting_all_of_it_again_over_its_rows_changes_nothing(self) -> None:
        self.tell(None, *day(6))
        self.successResultOf(Deferred.fromCoroutine(self.projector().catch_up()))
        before = self.database.ask(rows)
        self.database.ask(lambda session: session.execute(delete(JournalPlace)))
        self.successResultOf(Deferred.fromCoroutine(self.projector().catch_up()))
        self.assertEqual(self.database.ask(rows), before)

    def test_a_line_cut_by_a_crash_is_counted_and_passed(self) -> None:
        self.tell(None, *day(1))
        self.journal.close()
        path = path_of(self.folder, self.journal.end.segment)
        with path.open("ab") as file:
            file.write(b'{"fact":"CallEnd')
        self.journal = Journal(self.folder, clock=self.clock)
        projector = self.running()
        self.tell(projector, CallLost(at=Instant(BEGIN), call=CallId("after")))
        self.clock.advance(LINGER)
        self.assertEqual((projector.health.torn, projector.health.behind), (1, 0))
        self.assertIsNotNone(self.database.ask(lambda session: session.get(CallRecord, "after")))

    # --- poison -------------------------------------------------------------------------------------

    def queued(self, call: str) -> CallQueued:
        at = Instant(BEGIN)
        return CallQueued(
            at=at, call=CallId(call), node=NODE, helpline=KWA, language=ML, queued_at=at, caller="\ud800"
        )

    def rejected(self) -> list[RejectedFact]:
        return self.database.ask(lambda session: list(session.scalars(select(RejectedFact))))

    def test_a_fact_no_database_keeps_is_set_aside_and_the_others_go_on(self) -> None:
        facts = day(2)
        projector = self.running()
        self.tell(projector, *facts[:5], self.queued("poison"), *facts[5:])
        self.clock.advance(LINGER)
        self.assertEqual((projector.health.behind, projector.health.rejected), (0, 1))
        [rejected] = self.rejected()
        self.assertIn('"call":"poison"', rejected.line)
        self.assertIn("UnicodeEncodeError", rejected.reason)
        self.assertEqual(rejected.rejected_at, BEGIN + LINGER)
        written = self.database.ask(rows)
        self.assertEqual((len(written["calls"]), len(written["tickets"])), (2, 1))

    def test_several_poisons_are_each_set_aside(self) -> None:
        projector = self.running()
        for number in range(3):
            self.tell(projector, self.queued(f"poison-{number}"), *day(1))
        self.clock.advance(LINGER)
        self.assertEqual((projector.health.behind, projector.health.rejected), (0, 3))

    def test_a_line_that_is_no_fact_is_set_aside_with_its_place(self) -> None:
        self.tell(None, *day(1))
        path = path_of(self.folder, self.journal.end.segment)
        with path.open("ab") as file:
            file.write(b'{"fact":"CallTeleported","at":1.0}\n\xff\x00\n')
        projector = self.running()
        self.assertEqual(projector.health.rejected, 2)
        unknown, spoilt = self.rejected()
        self.assertIn(f"{path}, line {len(day(1)) + 1}", unknown.reason)
        self.assertEqual(spoilt.line, "\\xff\\x00\n")

    def test_one_docket_is_one_ticket(self) -> None:
        """A docket is never given twice; if it were, the first ticket would stand."""
        [ticket] = [fact for fact in day(1) if type(fact).__name__ == "TicketRegistered"]
        projector = self.running()
        self.tell(projector, ticket, ticket)
        self.clock.advance(LINGER)
        tickets = self.database.ask(lambda session: list(session.scalars(select(TicketRecord))))
        self.assertEqual(len(tickets), 1)
        self.assertEqual(projector.health, Health())

    def test_a_fault_of_ours_is_not_hidden(self) -> None:
        def broken(session: Session, fact: Fact, *, mark: str) -> None:
            raise KeyError("a bug")

        self.tell(None, *day(1))
        projector = Projector(self.journal, self.database, clock=self.clock, folds=[broken])
        self.failureResultOf(Deferred.fromCoroutine(projector.run()), KeyError)
