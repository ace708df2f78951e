"""Reads the database for a caller on the line: at once, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session
from twisted.internet.interfaces import IReactorTime

from callcentre.storage.in_time import Late, in_time
from callcentre.storage.threads import Transactions

T = TypeVar("T")

# A database that hangs is not asked by ever more callers, whose questions it would have to answer when it is
# back though nobody waits for them; one that works has a hundredth of these under way.
MOST_AT_ONCE = 64


class Lookups:
    """The database, asked by the menus."""

    def __init__(self, database: Transactions, *, clock: IReactorTime) -> None:
        self._database = database
        self._clock = clock
        self._under_way = 0

    async def read(self, fn: Callable[[Session], T], *, seconds: float) -> T:
        """Call *fn* in a transaction that only reads.  Raises Late, and what the database raises."""
        if self._under_way >= MOST_AT_ONCE:
            raise Late("too many wait for the database")
        return await in_time(self._read(fn), seconds=seconds, clock=self._clock)

    async def _read(self, fn: Callable[[Session], T]) -> T:
        self._under_way += 1
        try:
            return await self._database.read(fn)
        finally:
            self._under_way -= 1
