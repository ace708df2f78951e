"""The docket book: numbers are in hand before they are needed."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from callcentre.storage.patience import FIRST_PAUSE, LONGEST_PAUSE
from callcentre.tickets.docket import docket_number
from callcentre.tickets.docket_book import DocketBook, NoDocketLeft
from tests.unit.parts.inline_database import InlineDatabase, memory_engine

KERALA = ZoneInfo("Asia/Kolkata")
NEW_YEAR = datetime(2027, 1, 1, tzinfo=KERALA).timestamp()
BLOCK = 10


class DocketBookStory(SynchronousTestCase):
    """One book, one hour before the new year, over a database that can be taken away."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(NEW_YEAR - 3600)
        opened = memory_engine()
        self.database = InlineDatabase(opened.__enter__())
        self.addCleanup(opened.__exit__, None, None, None)
        self.book = self.new_book()

    def new_book(self) -> DocketBook:
        book = DocketBook(self.database, clock=self.clock, zone=KERALA, block=BLOCK)
        running = Deferred.fromCoroutine(book.run())
        self.addCleanup(self.end, running)
        return book

    def end(self, running: Deferred[None]) -> None:
        running.cancel()
        self.failureResultOf(running, CancelledError)

    def take(self, count: int) -> list[str]:
        return [self.book.take() for _ in range(count)]

    def test_dockets_follow_each_other_over_many_blocks(self) -> None:
        wanted = [docket_number(2026, serial) for serial in range(1, 6 * BLOCK + 1)]
        self.assertEqual(self.take(6 * BLOCK), wanted)

    def test_half_a_block_is_always_in_hand(self) -> None:
        for _ in range(3 * BLOCK):
            self.book.take()
            self.assertGreaterEqual(self.book.in_hand, BLOCK // 2 - 1)

    def test_the_database_is_asked_once_a_block(self) -> None:
        self.take(3 * BLOCK)
        self.assertLessEqual(self.database.transactions, 4)

    def test_numbers_in_hand_outlast_the_database(self) -> None:
        self.database.away = True
        self.assertEqual(len(set(self.take(BLOCK))), BLOCK)
        with self.assertRaisesRegex(NoDocketLeft, "database"):
            self.book.take()

    def test_the_book_is_refilled_when_the_database_is_back(self) -> None:
        self.database.away = True
        before = self.take(BLOCK)
        self.clock.pump([FIRST_PAUSE] * 400)
        self.database.away = False
        self.clock.advance(LONGEST_PAUSE)
        self.assertEqual(len({*before, *self.take(BLOCK)}), 2 * BLOCK)

    def test_a_service_that_starts_again_repeats_nothing(self) -> None:
        before = self.take(3)
        self.book = self.new_book()
        self.assertEqual(len({*before, *self.take(3)}), 6)

    def test_the_new_year_begins_its_own_series(self) -> None:
        self.take(1)
        self.clock.advance(3600)
        self.assertEqual(self.take(2), [docket_number(2027, 1), docket_number(2027, 2)])

    def test_a_new_year_without_the_database_goes_on_with_the_old_numbers(self) -> None:
        self.database.away = True
        self.clock.advance(3600)
        self.assertEqual(self.take(2), [docket_number(2026, 1), docket_number(2026, 2)])
