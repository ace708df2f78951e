"""How background work waits: for the bell when there is nothing to do, longer and longer when it fails."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

# The first retry is quick, for a connection that was merely stale.
FIRST_PAUSE = 0.25
# A database that comes back after an hour is noticed within this many seconds.
LONGEST_PAUSE = 15.0


class Bell:
    """Wakes one waiter.  Rung while nobody waits, it is heard by the next one, once."""

    def __init__(self) -> None:
        self._rung = False
        self._waiter: Deferred[None] | None = None

    def ring(self) -> None:
        """Wake the waiter, or the next one to come."""
        self._rung = True
        if self._waiter is not None:
            waiter, self._waiter = self._waiter, None
            waiter.callback(None)

    async def wait(self) -> None:
        """Return once the bell has been rung since the last return."""
        if not self._rung:
            self._waiter = Deferred(self._forget)
            await self._waiter
        self._rung = False

    def _forget(self, waiter: Deferred[None]) -> None:
        self._waiter = None


class Backoff:
    """Pauses that double up to a cap, until told that the work has gone well."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._next = FIRST_PAUSE

    def reset(self) -> None:
        """The work went well: the next pause is short again."""
        self._next = FIRST_PAUSE

    async def pause(self) -> None:
        """Wait, and make the next wait twice as long."""
        seconds, self._next = self._next, min(self._next * 2, LONGEST_PAUSE)
        await deferLater(self._clock, seconds)
