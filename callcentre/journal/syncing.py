"""Makes the journal safe without holding up the reactor."""

from __future__ import annotations

from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from callcentre.journal.journal import Journal


class JournalSync:
    """Flushes in a thread of its own, which no slow database can keep busy.

    One thread: while a flush is under way others wait, and the next one serves them all.
    """

    def __init__(self, journal: Journal, *, reactor: IReactorFromThreads) -> None:
        self._journal = journal
        self._reactor = reactor
        self._pool = ThreadPool(minthreads=0, maxthreads=1, name="journal")
        self._pool.start()

    async def sync(self) -> None:
        """Return when what was appended before the call is on the disk.  Raises JournalUnwritable."""
        await deferToThreadPool(self._reactor, self._pool, self._journal.sync)

    def close(self) -> None:
        """Finish the flush under way."""
        self._pool.stop()
