"""Keeps what the menus are told: a fact in the journal, on the disk before the caller hears of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from twisted.internet.interfaces import IReactorTime

from routing.facts import Fact
from routing.ids import Instant


class Records:
    """The journal as the menus need it."""

    def __init__(
        self,
        *,
        append: Callable[[Fact], object],
        sync: Callable[[], Awaitable[object]],
        clock: IReactorTime,
    ) -> None:
        """*append* puts a fact into the journal; *sync* is done when that journal is on the disk."""
        self.append = append
        self.sync = sync
        self._clock = clock

    def now(self) -> Instant:
        """The moment of a fact that happens now."""
        return Instant(self._clock.seconds())

    async def keep(self, fact: Fact) -> None:
        """Return when *fact* is on the disk.  Raises JournalUnwritable."""
        self.append(fact)
        await self.sync()
