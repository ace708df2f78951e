"""A house on a virtual clock, whose every fact is written to a transcript."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from callcentre.configuration.model import CallersSettings
from callcentre.enquiries.arrivals import Arrivals
from callcentre.enquiries.asker import Asker
from callcentre.enquiries.dockets import Dockets
from callcentre.enquiries.house import House
from callcentre.enquiries.lookups import Lookups
from callcentre.enquiries.messages import Messages, with_other
from callcentre.enquiries.records import Records
from callcentre.enquiries.texts import Texts
from callcentre.journal.journal import JournalUnwritable
from callcentre.projections.step import all_folds
from callcentre.tickets.desk import Choices, Desk
from callcentre.tickets.docket_book import DocketBook
from ivr.exchange import Announcement, Answer, Arrived, Enquiry, Unanswered
from routing.facts import Fact
from routing.ids import HelplineId
from tests.unit.parts.floor_story import RULES
from tests.unit.parts.inline_database import InlineDatabase, memory_engine

T = TypeVar("T")
KERALA = ZoneInfo("Asia/Kolkata")
# An evening in Kerala: the day before by UTC's midnight, the day after by Kerala's.
NOW = datetime(2026, 11, 27, 20, 0, tzinfo=UTC).timestamp()
LEELA, LANDLINE = "+919447000001", "+914712518000"
CALL = "node1-1764000000.17"
CHOICES = Choices(
    categories={HelplineId("kwa"): ("no-water", "bill"), HelplineId("ration"): ()}, districts=("01",)
)


class FakeBoard:
    def __init__(self) -> None:
        self.announced: tuple[tuple[str, Announcement], ...] = ()
        self.surge = False

    def for_arrivals(self) -> tuple[tuple[str, Announcement], ...]:
        return self.announced


class FakeCards:
    """Answers when told to."""

    def __init__(self) -> None:
        self.answer: Deferred[Answer] = Deferred()

    async def find(self, number: str) -> Answer:
        return await self.answer


class Stuck(InlineDatabase):
    """A database whose transactions wait until it is let go on."""

    def __init__(self, engine: Any) -> None:
        super().__init__(engine)
        self.held: Deferred[None] | None = None

    async def run(self, fn: Callable[[Any], Any]) -> Any:
        if self.held is not None:
            held: Deferred[None] = Deferred()
            self.held.chainDeferred(held)
            await held
        return await super().run(fn)


class HouseStory(SynchronousTestCase):
    """A house of its own for each test; facts become rows at once."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(NOW)
        opened = memory_engine()
        self.addCleanup(opened.__exit__, None, None, None)
        self.database = Stuck(opened.__enter__())
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.messages = Path(folder.name)
        self.faults: list[str] = []
        self.transcript: list[object] = []
        self.disk_full = False
        self.disk_busy: Deferred[None] | None = None
        self.board, self.cards = FakeBoard(), FakeCards()
        self.house = self.furnish()

    def furnish(self) -> House:
        clock, on_fault = self.clock, self.faults.append
        lookups = Lookups(self.database, clock=clock)
        records = Records(append=self.append, sync=self.sync, clock=clock)
        self.book = book = DocketBook(self.database, clock=clock, zone=KERALA, block=4)
        self.successResultOf(Deferred.fromCoroutine(book.fill()))
        choices = with_other(CHOICES)
        self.spoken = Messages(
            self.messages,
            Desk(choices=choices, dockets=book, clock=clock, append=self.append, sync=self.sync),
            records=records,
            choices=choices,
            in_thread=self.in_thread,
            on_fault=on_fault,
        )
        return House(
            Arrivals(
                lookups,
                self.board,
                clock=clock,
                zone=KERALA,
                settings=CallersSettings(often_calls=5, often_minutes=30),
            ),
            records,
            dockets=Dockets(lookups, clock=clock, zone=KERALA, settle_days={"kwa": 21}, on_fault=on_fault),
            cards=self.cards,
            texts=Texts(records, helplines=CHOICES.categories, on_fault=on_fault),
            messages=self.spoken,
            clock=clock,
            on_fault=on_fault,
        )

    # --- what the house is given ---------------------------------------------------------------------

    def append(self, fact: Fact) -> None:
        if self.disk_full:
            raise JournalUnwritable("no space")
        self.transcript.append(fact)
        self.fold(fact)

    async def sync(self) -> None:
        self.transcript.append("synced")

    async def in_thread(self, fn: Callable[[], T]) -> T:
        if self.disk_busy is not None:
            await self.disk_busy
        return fn()

    def fold(self, *facts: Fact) -> None:
        """Make rows of *facts*, each on a line of its own."""
        for fact in facts:
            self._line = getattr(self, "_line", 0) + 1
            for fold in all_folds(RULES):
                self.database.ask(
                    lambda session, fold=fold, fact=fact: fold(session, fact, mark=f"j/{self._line:09}")
                )  # type: ignore[misc]

    # --- what the menus do ---------------------------------------------------------------------------

    def arrived(self, caller: str = LEELA) -> Arrived:
        return self.now(self.house.arrived(caller=caller, helpline="kwa"))

    def ask(self, enquiry: Enquiry, *, caller: str = LEELA, call: str = CALL, language: str = "") -> Answer:
        asker = Asker(call=call, caller=caller, helpline="kwa", language=language)
        return self.now(self.house.answer(enquiry, asker))

    def is_unanswered(self, answer: Answer, *faults: str) -> None:
        self.assertEqual((answer, self.faults), (Unanswered(), list(faults)))

    def now(self, asked: Any) -> Any:
        return self.successResultOf(Deferred.fromCoroutine(asked))


def parameters(text: str) -> dict[str, str]:
    """What stands in the gaps of a row of the outbox."""
    return dict(json.loads(text))
