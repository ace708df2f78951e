"""The house that answers what the menus ask: who calls, what is known, and what is to be kept.

Whatever happens behind it, the menu goes on: nothing here fails, and nothing takes longer than it may.
``on_fault`` is told ``enquiry-late``, ``enquiry-failed`` and ``unkept``, and by the parts what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from callcentre.enquiries.arrivals import Arrivals
from callcentre.enquiries.asker import Asker
from callcentre.enquiries.dockets import Dockets
from callcentre.enquiries.facts import CallJudged, NoticeGiven, SelfServed
from callcentre.enquiries.messages import Messages
from callcentre.enquiries.records import Records
from callcentre.enquiries.texts import Texts
from callcentre.journal.journal import JournalUnwritable
from callcentre.storage.in_time import Late, in_time
from callcentre.tickets.desk import TicketRefused
from callcentre.tickets.docket import is_valid
from callcentre.tickets.docket_book import NoDocketLeft
from ivr.exchange import (
    Answer,
    Arrived,
    Done,
    Enquiry,
    FindDocket,
    FindRationCard,
    KeepJudgement,
    KeepMessage,
    SendText,
    Unanswered,
)
from routing.facts import Fact
from routing.ids import CallId, LanguageCode

log = Logger()

# How long a caller hears nothing while it is found out.
LIMIT = 3.0
# Whoever is told that his message is not kept leaves another, and then there are two.
KEEPING_LIMIT = 10.0
# What parts may raise; anything else is a fault of ours, and is logged as such.
EXPECTED = (SQLAlchemyError, JournalUnwritable, TicketRefused, NoDocketLeft)


class Cards(Protocol):
    """Who knows ration cards."""

    async def find(self, number: str) -> Answer:
        """`RationCardFound`, `NothingFound` or `Unanswered`."""


class House:
    """Answers; each enquiry and each arrival by itself, many at once."""

    def __init__(
        self,
        arrivals: Arrivals,
        records: Records,
        *,
        dockets: Dockets,
        cards: Cards,
        texts: Texts,
        messages: Messages,
        clock: IReactorTime,
        on_fault: Callable[[str], None],
    ) -> None:
        self._arrivals = arrivals
        self._records = records
        self._dockets = dockets
        self._cards = cards
        self._texts = texts
        self._messages = messages
        self._clock = clock
        self._on_fault = on_fault

    def follow(self, fact: Fact) -> None:
        """Take note of *fact*; for the bus."""
        self._arrivals.follow(fact)

    async def arrived(self, *, caller: str, helpline: str) -> Arrived:
        """What is known within 0.3 s of *caller* (E.164, raw, or empty), who has dialled *helpline*."""
        asked = Deferred.fromCoroutine(self._arrivals.of(caller))
        known = await asked.addErrback(self._unknown)
        if known.flooding:
            log.info("a number calls {helpline} again and again", helpline=helpline)
        return known

    async def answer(self, enquiry: Enquiry, asker: Asker) -> Answer:
        """The answer within `LIMIT` seconds, of a message `KEEPING_LIMIT`; Unanswered when there is none.

        Never raises.
        """
        limit = KEEPING_LIMIT if isinstance(enquiry, KeepMessage) else LIMIT
        work = in_time(self._answer(enquiry, asker), seconds=limit, clock=self._clock)
        return await Deferred.fromCoroutine(work).addErrback(self._unanswered, enquiry, asker)

    def noticed(self, call: str, *, version: str, recorded: bool, language: str) -> None:
        """The caller was given the notice of this version, and lets the call be recorded, or not."""
        self._note(
            NoticeGiven(
                at=self._records.now(),
                call=CallId(call),
                version=version,
                recorded=recorded,
                language=LanguageCode(language),
            )
        )

    def served(self, call: str, *, language: str = "") -> None:
        """The menus told the caller what he wanted to know."""
        self._note(SelfServed(at=self._records.now(), call=CallId(call), language=LanguageCode(language)))

    # --- how ----------------------------------------------------------------------------------------

    def _answer(self, enquiry: Enquiry, asker: Asker) -> Coroutine[Any, Any, Answer]:
        match enquiry:
            case FindDocket(number):
                return self._dockets.find(number, asker)
            case FindRationCard(number):
                return self._cards.find(number)
            case SendText():
                return self._texts.send(enquiry, asker)
            case KeepMessage():
                return self._messages.keep(enquiry, asker)
            case KeepJudgement():
                return self._judge(enquiry, asker)

    async def _judge(self, said: KeepJudgement, asker: Asker) -> Done:
        judged = CallJudged(
            at=self._records.now(),
            call=CallId(asker.call),
            docket=said.docket if is_valid(said.docket) else "",
            solved=said.solved,
            rating=said.rating,
        )
        if said.solved is not None or said.rating is not None:
            await self._records.keep(judged)
        return Done()

    def _note(self, fact: Fact) -> None:
        """Write what nobody waits for: the next sync of the journal puts it on the disk."""
        try:
            self._records.append(fact)
        except JournalUnwritable as error:
            self._on_fault("unkept")
            log.error("{fact} is not kept: {error}", fact=type(fact).__name__, error=error)

    def _unknown(self, failure: Failure) -> Arrived:
        if failure.check(CancelledError):
            failure.raiseException()
        self._on_fault("enquiry-failed")
        log.failure("who calls is not known", failure)
        return Arrived(today=self._arrivals.today())

    def _unanswered(self, failure: Failure, enquiry: Enquiry, asker: Asker) -> Unanswered:
        if failure.check(CancelledError):
            failure.raiseException()
        asked = {"asked": type(enquiry).__name__, "call": asker.call}
        if failure.check(Late):
            self._on_fault("enquiry-late")
            log.warn("{asked} was not answered in time", **asked)
            return Unanswered()
        self._on_fault("enquiry-failed")
        if failure.check(*EXPECTED):
            log.warn("{asked} was not answered: {error}", error=type(failure.value).__name__, **asked)
        else:
            log.failure("{asked} was not answered", failure, asked=asked["asked"], call=asker.call)
        return Unanswered()
