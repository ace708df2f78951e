"""What is known of a caller when he comes: his language, his open docket, how often he calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Protocol

from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from callcentre.configuration.model import CallersSettings
from callcentre.enquiries.lookups import Lookups
from callcentre.enquiries.recent import Recent
from callcentre.storage.in_time import Late
from callcentre.storage.schema import CallRecord, TicketRecord, TicketState
from callcentre.telephony.numbers import is_indian_mobile, normalised
from ivr.exchange import Announcement, Arrived, OpenDocket
from routing.facts import CallArrived, Fact

log = Logger()

# The caller hears nothing while it is looked up, and a first sound within two seconds is promised.
KNOWN_WITHIN = 0.3
# A number changes hands; half a year is also how long the call log is kept at least (CERT-In).
LANGUAGE_REMEMBERED = 180 * 86_400.0
# Complaints are to be settled within 21 days, with an appeal 30 more: whoever calls after 90 begins anew.
DOCKET_REMEMBERED = 90 * 86_400.0
OPEN = frozenset({TicketState.REGISTERED, TicketState.REOPENED})


class Board(Protocol):
    """What supervisors have put before the callers."""

    def for_arrivals(self) -> tuple[tuple[str, Announcement], ...]:
        """Each announcement that stands now, with the helpline it is for; ``""`` for all of them."""

    @property
    def surge(self) -> bool:
        """Whether silent lines may be released."""


@dataclass(frozen=True, slots=True)
class History:
    """What the database knows of a number."""

    language: str | None = None
    docket: OpenDocket | None = None


class Arrivals:
    """Knows callers; ``follow`` is the bus's."""

    def __init__(
        self,
        lookups: Lookups,
        board: Board,
        *,
        clock: IReactorTime,
        zone: tzinfo,
        settings: CallersSettings,
    ) -> None:
        """*zone* decides what day it is."""
        self._lookups = lookups
        self._board = board
        self._clock = clock
        self._zone = zone
        self._often = settings.often_calls
        # One more than may be, so that «more than» can be told.
        self._calls = Recent(seconds=settings.often_minutes * 60.0, most=settings.often_calls + 1)

    def follow(self, fact: Fact) -> None:
        """Count the calls of each number; nobody knows whose the withheld ones are."""
        if isinstance(fact, CallArrived) and fact.caller:
            self._calls.note(fact.caller, at=fact.at)

    def today(self) -> date:
        """What day it is at the site."""
        return _day(self._clock.seconds(), self._zone)

    async def of(self, caller: str) -> Arrived:
        """What is known of *caller* (E.164, raw, or empty) in time."""
        number, now = normalised(caller), self._clock.seconds()
        history = await self._history(number)
        return Arrived(
            today=self.today(),
            language=history.language,
            docket=history.docket,
            announcements=self._board.for_arrivals(),
            surge=self._board.surge,
            flooding=bool(number) and self._calls.count(number, now=now) > self._often,
            textable=is_indian_mobile(number),
        )

    async def _history(self, number: str) -> History:
        if not number:
            return History()
        now, zone = self._clock.seconds(), self._zone
        try:
            return await self._lookups.read(
                lambda session: history_of(session, number, now=now, zone=zone), seconds=KNOWN_WITHIN
            )
        except (Late, SQLAlchemyError) as error:
            log.info("who calls is not known in time: {error}", error=type(error).__name__)
            return History()


def history_of(session: Session, number: str, *, now: float, zone: tzinfo) -> History:
    """The language of the last call of *number* that had one, and its newest ticket that is not settled."""
    spoken = select(CallRecord.language).where(
        CallRecord.caller == number,
        CallRecord.seen_at > now - LANGUAGE_REMEMBERED,
        CallRecord.language.is_not(None),
    )
    language = session.scalars(spoken.order_by(CallRecord.seen_at.desc()).limit(1)).first()
    return History(language, _open_docket(session, number, since=now - DOCKET_REMEMBERED, zone=zone))


def _open_docket(session: Session, number: str, *, since: float, zone: tzinfo) -> OpenDocket | None:
    theirs = select(TicketRecord).where(
        TicketRecord.caller == number,
        TicketRecord.registered_at > since,
        TicketRecord.state.in_(OPEN),
        # Of an answer that was not enough, the citizen has said so.
        or_(TicketRecord.answered_only.is_(False), TicketRecord.state == TicketState.REOPENED),
    )
    newest = theirs.order_by(TicketRecord.registered_at.desc(), TicketRecord.docket.desc()).limit(1)
    row = session.scalars(newest).first()
    if row is None:
        return None
    return OpenDocket(row.docket, row.helpline, _day(row.registered_at, zone))


def _day(moment: float, zone: tzinfo) -> date:
    return datetime.fromtimestamp(moment, zone).date()
