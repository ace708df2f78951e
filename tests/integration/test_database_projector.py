"""The projector on real databases, one of which is stopped and started under it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from callcentre.journal.journal import Journal
from callcentre.projections.projector import LINGER, Health, Projector
from callcentre.projections.read import agents_then, last_calls, ticket
from callcentre.projections.step import all_folds
from callcentre.storage.engine import open_engine
from callcentre.storage.patience import LONGEST_PAUSE
from callcentre.storage.schema import JournalPlace, Outcome, RejectedFact
from callcentre.tickets.docket import docket_number
from routing.facts import CallQueued, Fact
from routing.ids import CallId, Instant
from tests.integration.parts.postgresql import TEMPLATE, PrivatePostgreSQL
from tests.unit.parts.floor_story import BEGIN, KWA, ML, NODE, RULES, day
from tests.unit.parts.inline_database import InlineDatabase
from tests.unit.parts.rows import rows

pytest_plugins = ("tests.integration.parts.databases",)

ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Running:
    """A projector that runs on a virtual clock over a real database."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.clock = Clock()
        self.clock.advance(BEGIN)
        self.journal = Journal(folder, clock=self.clock)
        self.database = InlineDatabase(engine)
        self.projector = Projector(self.journal, self.database, clock=self.clock, folds=all_folds(RULES))
        self._running = Deferred.fromCoroutine(self.projector.run())
        self._endings: list[Failure] = []
        self._running.addErrback(self._endings.append)

    def tell(self, *facts: Fact) -> None:
        for fact in facts:
            self.journal.append(fact)
        self.projector.wake()
        self.clock.advance(LINGER)

    def ask(self, fn: Callable[[Session], Any]) -> Any:
        return self.database.ask(fn)

    def end(self) -> None:
        self._running.cancel()
        self.journal.close()
        assert [ending.type for ending in self._endings] == [CancelledError]


@pytest.fixture
def running(tmp_path: Path, engine: Engine) -> Iterator[Running]:
    started = Running(tmp_path / "journal", engine)
    yield started
    started.end()


def test_a_day_of_facts_becomes_rows(running: Running) -> None:
    running.tell(*day(6))
    assert running.projector.health == Health()
    newest = running.ask(lambda session: last_calls(session, 2))
    assert [row.outcome for row in newest] == [Outcome.COMPLETED_BY_AGENT] * 2
    assert newest[0].queued_at == BEGIN + 605
    assert newest[1].docket == docket_number(2025, 5)
    found = running.ask(lambda session: ticket(session, docket_number(2025, 5)))
    assert (found.description, found.citizen, found.call) == ("വെള്ളമില്ല", "Leela", newest[1].call)
    anju, beena = running.ask(agents_then)
    assert (anju.state.value, anju.reason, beena.state.value) == ("on_break", "tea", "available")


def test_reading_the_journal_again_changes_nothing(running: Running) -> None:
    running.tell(*day(6))
    before = running.ask(rows)
    running.ask(lambda session: session.execute(delete(JournalPlace)))
    running.projector.wake()
    running.clock.advance(LINGER)
    assert running.ask(rows) == before


def test_both_databases_get_the_same_rows(running: Running, tmp_path: Path, upgraded_sqlite: Path) -> None:
    running.tell(*day(6))
    path = tmp_path / "other.db"
    path.write_bytes(upgraded_sqlite.read_bytes())
    engine = open_engine(f"sqlite:///{path}")
    other = Running(tmp_path / "other", engine)
    other.tell(*day(6))
    assert {name: len(table) for name, table in other.ask(rows).items()} == {
        "calls": 6,
        "agent_states": 2,
        "agent_periods": 41,
        "tickets": 3,
        "messages": 0,
        "outbox": 0,
        "rejected_facts": 0,
    }
    assert _without_marks(other.ask(rows)) == _without_marks(running.ask(rows))
    other.end()
    engine.dispose()


def _without_marks(tables: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """Rows without the mark of the journal they came from, which differs."""
    return {
        name: [tuple(value for value in row if "#" not in str(value)) for row in table]
        for name, table in tables.items()
    }


@pytest.mark.parametrize("caller", ["\ud800", "+91\0"])
def test_poison_is_set_aside(running: Running, caller: str) -> None:
    at = Instant(BEGIN)
    poison = CallQueued(
        at=at, call=CallId("poison"), node=NODE, helpline=KWA, language=ML, queued_at=at, caller=caller
    )
    running.tell(*day(1), poison, *day(2))
    health = running.projector.health
    set_aside = running.ask(lambda session: [row.line for row in session.scalars(select(RejectedFact))])
    assert health.behind == 0
    assert health.rejected == len(set_aside)
    # SQLite keeps a nought, PostgreSQL does not; neither keeps half a surrogate pair.
    if caller == "\ud800" or running.database.sessions.kw["bind"].dialect.name == "postgresql":
        assert [line.count("poison") for line in set_aside] == [1]
    assert len(running.ask(lambda session: last_calls(session, 99))) >= 2


@ON_POSTGRESQL
def test_a_server_that_stops_and_starts_loses_nothing(
    running: Running, postgresql: PrivatePostgreSQL
) -> None:
    facts = day(9)
    running.tell(*facts[:20])
    assert running.projector.health == Health()
    postgresql.stop()
    try:
        running.tell(*facts[20:])
        health = running.projector.health
        assert (health.behind, health.error) == (len(facts) - 20, "OperationalError")
        assert health.failing_since is not None
        running.clock.pump([LONGEST_PAUSE] * 3)
        assert running.projector.health.behind == len(facts) - 20
    finally:
        postgresql.start()
    running.clock.advance(LONGEST_PAUSE)
    assert running.projector.health == Health()
    assert len(running.ask(lambda session: last_calls(session, 99))) == 9


def test_a_database_that_is_not_upgraded_yet_is_waited_for(tmp_path: Path, upgraded_sqlite: Path) -> None:
    path = tmp_path / "late.db"
    engine = open_engine(f"sqlite:///{path}")
    waiting = Running(tmp_path / "journal", engine)
    waiting.tell(*day(2))
    assert waiting.projector.health.behind == len(day(2))
    engine.dispose()
    path.write_bytes(upgraded_sqlite.read_bytes())
    waiting.clock.advance(LONGEST_PAUSE)
    assert waiting.projector.health == Health()
    waiting.end()
    engine.dispose()


def test_readers_and_the_projector_do_not_stop_each_other(running: Running) -> None:
    def look(_: int) -> int:
        return len(running.ask(lambda session: last_calls(session, 5)))

    with ThreadPoolExecutor(4) as threads:
        looking = threads.map(look, range(40))
        for _ in range(5):
            running.tell(*day(3))
        assert max(looking) <= 5
    assert running.projector.health.behind == 0


def test_the_template_has_no_rows(postgresql: PrivatePostgreSQL) -> None:
    """Each test begins with an empty database, or the others mean nothing."""
    engine = open_engine(postgresql.url(TEMPLATE))
    assert not any(InlineDatabase(engine).ask(rows).values())
    engine.dispose()
