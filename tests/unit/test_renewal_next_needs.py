"""Nothing is taken up while the next process could offer nobody: each reason with what to do."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from callcentre.configuration.faults import Fault
from callcentre.projections.projector import Health
from callcentre.renewal.next_needs import MOST_BEHIND, NextNeeds
from callcentre.storage.migrate import newest
from routing.ids import Instant
from tests.unit.parts.inline_database import InlineDatabase, memory_engine


def note_revision(session: Session, revision: str) -> None:
    """As ``callcentre db upgrade`` notes what it has reached."""
    session.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32))"))
    session.execute(text("DELETE FROM alembic_version"))
    session.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})


class TheNextProcess(SynchronousTestCase):
    def setUp(self) -> None:
        opened = memory_engine()
        self.addCleanup(opened.__exit__, None, None, None)
        self.database = InlineDatabase(opened.__enter__())
        self.stamp(newest())
        self.health = Health()
        self.needs = NextNeeds(self.database, health=lambda: self.health)

    def stamp(self, revision: str) -> None:
        self.database.ask(lambda session: note_revision(session, revision))

    def faults(self) -> list[Fault]:
        return self.successResultOf(Deferred.fromCoroutine(self.needs.faults()))

    def test_can_take_over_from_one_that_is_a_little_behind(self) -> None:
        self.health = Health(behind=MOST_BEHIND)
        self.assertEqual(self.faults(), [])

    def test_would_have_to_catch_up_for_too_long(self) -> None:
        self.health = Health(behind=MOST_BEHIND + 1)
        [fault] = self.faults()
        self.assertEqual((fault.file, fault.key), ("callcentre.toml", "database.url"))
        self.assertIn("5001 facts", fault.problem)
        self.assertIn("callcentre health", fault.remedy)

    def test_would_not_start_with_a_database_of_another_version(self) -> None:
        self.stamp("0001")
        [fault] = self.faults()
        self.assertIn(f"at revision 0001, and the next process needs {newest()}", fault.problem)
        self.assertIn("callcentre db upgrade", fault.remedy)

    def test_would_wait_for_a_database_that_is_away(self) -> None:
        self.health = Health(failing_since=Instant(1.0))
        self.assertIn("does not answer", self.faults()[0].problem)
        self.assertEqual(self.database.transactions, 0)
        self.health, self.database.away = Health(), True
        self.assertIn("does not answer", self.faults()[0].problem)
