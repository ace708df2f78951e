"""Gives out docket numbers at once, from blocks reserved in the database ahead of need.

A docket can so be read out while the database is slow or away.  Numbers of a block that a crash or the end
of the year left unused are never given out again: gaps are allowed, duplicates are not.

    NoDocketLeft       theirs: the database has been away for longer than the block in hand lasted
    SeriesExhausted    the operator's: ten million tickets in a year need another numbering
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, tzinfo

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from callcentre.storage.patience import Backoff, Bell
from callcentre.storage.rows import insert_missing
from callcentre.storage.schema import DocketSeries
from callcentre.storage.threads import Transactions
from callcentre.tickets.docket import LAST_SERIAL, docket_number

log = Logger()

# Refilled when half used, so at least 1,000 are in hand: an hour without a database at the busiest.  A
# restart wastes at most one block; the serial has room for five thousand of them a year.
BLOCK = 2_000


class NoDocketLeft(RuntimeError):
    """No number is in hand; ask again when the database is back."""


class SeriesExhausted(RuntimeError):
    """The year's serials are used up."""


def reserve(session: Session, year: int, size: int) -> range:
    """Take the next *size* serials of *year* for the caller alone.  Raises SeriesExhausted."""
    insert_missing(session, DocketSeries, year=year, next_serial=1)
    taken = (
        update(DocketSeries)
        .where(DocketSeries.year == year)
        .values(next_serial=DocketSeries.next_serial + size)
        .returning(DocketSeries.next_serial)
    )
    end = session.execute(taken).scalar_one()
    if end - 1 > LAST_SERIAL:
        raise SeriesExhausted(f"{year} has no {size} serials left of {LAST_SERIAL}")
    return range(end - size, end)


class DocketBook:
    """The numbers in hand.  ``take`` belongs to the reactor's thread; ``run`` keeps the book filled."""

    def __init__(
        self, database: Transactions, *, clock: IReactorTime, zone: tzinfo, block: int = BLOCK
    ) -> None:
        """*zone* decides when a year ends."""
        self._database = database
        self._clock = clock
        self._zone = zone
        self._block = block
        self._year = 0
        self._serials: deque[int] = deque()
        self._bell = Bell()

    @property
    def in_hand(self) -> int:
        """How many dockets can be given out without the database."""
        return len(self._serials)

    def take(self) -> str:
        """The next docket number.  Raises NoDocketLeft."""
        if self._wanting():
            self._bell.ring()
        if not self._serials:
            raise NoDocketLeft("no docket numbers in hand; the database must be reachable to reserve more")
        return docket_number(self._year, self._serials.popleft())

    async def fill(self) -> None:
        """Reserve a block when less than half of one is in hand.  Raises what the database raises."""
        if not self._wanting():
            return
        year = self._present_year()
        serials = await self._database.run(lambda session: reserve(session, year, self._block))
        # In the new year the old year's rest is dropped; until its block comes it serves better than none.
        kept = self._serials if year == self._year else ()
        self._year, self._serials = year, deque([*kept, *serials])

    async def run(self) -> None:
        """Keep the book filled until cancelled, however often the database fails."""
        backoff = Backoff(self._clock)
        while True:
            try:
                await self.fill()
            except SQLAlchemyError as error:
                log.warn("no block of dockets: {error}", error=type(error).__name__, in_hand=self.in_hand)
                await backoff.pause()
            else:
                backoff.reset()
                await self._bell.wait()

    def _wanting(self) -> bool:
        return self._year != self._present_year() or 2 * len(self._serials) < self._block

    def _present_year(self) -> int:
        return datetime.fromtimestamp(self._clock.seconds(), self._zone).year
