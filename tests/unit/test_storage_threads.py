"""Transactions in threads, and the errors of a URL."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from callcentre.storage.engine import DatabaseUrlInvalid, open_engine
from callcentre.storage.schema import Base, DocketSeries
from callcentre.storage.threads import Database
from tests.unit.parts.hand_cranked_reactor import HandCrankedReactor


class DatabaseStory(SynchronousTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name) / "test.db"
        self.engine: Engine = open_engine(f"sqlite:///{path}")
        Base.metadata.create_all(self.engine)
        self.reactor = HandCrankedReactor()
        self.database = Database(self.engine, reactor=self.reactor, threads=2)
        self.addCleanup(self.database.close)

    def run_(self, fn: Callable[[Session], Any]) -> Deferred[Any]:
        running = Deferred.fromCoroutine(self.database.run(fn))
        self.assertNoResult(running)
        self.reactor.turn()
        return running

    def test_it_runs_in_another_thread_and_answers_in_ours(self) -> None:
        self.assertNotEqual(
            self.successResultOf(self.run_(lambda _: threading.get_ident())), threading.get_ident()
        )

    def test_what_returns_is_committed(self) -> None:
        self.successResultOf(self.run_(lambda session: session.add(DocketSeries(year=2026, next_serial=1))))
        reading = Deferred.fromCoroutine(
            self.database.read(lambda session: session.get_one(DocketSeries, 2026).next_serial)
        )
        self.reactor.turn()
        self.assertEqual(self.successResultOf(reading), 1)

    def test_what_raises_is_rolled_back(self) -> None:
        def fail(session: Session) -> None:
            session.add(DocketSeries(year=2026, next_serial=1))
            session.flush()
            raise LookupError("after all")

        self.failureResultOf(self.run_(fail), LookupError)
        self.assertIsNone(self.successResultOf(self.run_(lambda session: session.get(DocketSeries, 2026))))

    def test_a_row_can_be_looked_at_after_its_transaction(self) -> None:
        self.successResultOf(self.run_(lambda session: session.add(DocketSeries(year=2026, next_serial=7))))
        row = self.successResultOf(self.run_(lambda session: session.get_one(DocketSeries, 2026)))
        self.assertEqual(row.next_serial, 7)


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://host/name", "sqlite://", "sqlite:///:memory:", "postgresql+asyncpg"]
)
def test_a_url_we_cannot_use_is_refused_in_words(url: str) -> None:
    with pytest.raises(DatabaseUrlInvalid, match="write sqlite:///PATH"):
        open_engine(url)


def test_a_refused_url_does_not_tell_its_password() -> None:
    with pytest.raises(DatabaseUrlInvalid) as refused:
        open_engine("mysql://anju:s3cret@host/name")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["postgresql://u@h/n", "postgresql+psycopg2://u@h/n", "postgresql+psycopg://u@h/n"]
)
def test_postgresql_is_spoken_with_psycopg_3(url: str) -> None:
    engine = open_engine(url)
    assert engine.dialect.driver == "psycopg"
