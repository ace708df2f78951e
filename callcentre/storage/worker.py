"""Runs transactions in a process of its own: what they compute takes no time from callers on the line.

The interpreter computes in one thread at a time, and the projector computes as much as the rest of the
service: in a thread of the same process it would double the time of every offer.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from threading import Thread
from typing import TypeVar

from sqlalchemy.orm import Session, sessionmaker
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads

from callcentre.storage.engine import open_engine, reading
from callcentre.storage.threads import Transactions, in_transaction

T = TypeVar("T")

# Rows are the least urgent thing on a machine that carries calls.
NICENESS = 5


class WorkerLost(OSError):
    """The process has ended: what it was at was rolled back, or done and not told.  The next is a new one."""


class DatabaseWorker:
    """Transactions in a process of their own; one at a time, in the order they are asked for.

    *fn* goes there by pickling, and what it returns or raises comes back so.  The process ends with ours,
    however that ends.
    """

    def __init__(self, url: str, *, meanwhile: Transactions, reactor: IReactorFromThreads) -> None:
        """The process begins at once, beside us; *meanwhile* does its work until it is there, in a second."""
        self._url = url
        self._meanwhile = meanwhile
        self._reactor = reactor
        self._begin()

    async def run(self, fn: Callable[[Session], T]) -> T:
        """Call *fn* in a transaction: committed when it returns, rolled back when it raises."""
        return await self._ask(fn, reads=False)

    async def read(self, fn: Callable[[Session], T]) -> T:
        """Call *fn* in a transaction that may not write, and so waits for no writer."""
        return await self._ask(fn, reads=True)

    def close(self) -> None:
        """Finish the transaction under way, and end the process."""
        self._pool.shutdown(cancel_futures=True)

    async def _ask(self, fn: Callable[[Session], T], *, reads: bool) -> T:
        if not self._begun.done():
            return await (self._meanwhile.read(fn) if reads else self._meanwhile.run(fn))
        pool = self._pool
        try:
            return await self._heard(pool.submit(_transact, self._url, fn, reads=reads))
        except BrokenProcessPool as error:
            if pool is self._pool:
                self._begin()
            raise WorkerLost("the process that writes to the database has ended") from error

    def _begin(self) -> None:
        # Not forked: threads of ours may hold locks in that moment.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=_prepare, initargs=(self._url,))
        self._begun = self._pool.submit(os.getpid)

    def _heard(self, future: Future[T]) -> Deferred[T]:
        heard: Deferred[T] = Deferred()
        future.add_done_callback(lambda done: self._reactor.callFromThread(_pass_on, done, heard))
        return heard


def _pass_on(done: Future[T], heard: Deferred[T]) -> None:
    if done.cancelled() or heard.called:
        return
    error = done.exception()
    if error is None:
        heard.callback(done.result())
    else:
        heard.errback(error)


# --- in the process --------------------------------------------------------------------------------------


def _prepare(url: str) -> None:
    # Ours tells it when to end; a terminal or systemd tells both at once.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.nice(NICENESS)
    Thread(target=_end_with_parent, daemon=True).start()
    _sessions(url)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _transact(url: str, fn: Callable[[Session], T], *, reads: bool) -> T:
    writer, reader = _sessions(url)
    return in_transaction(reader if reads else writer, fn)


@cache
def _sessions(url: str) -> tuple[sessionmaker[Session], sessionmaker[Session]]:
    engine = open_engine(url, threads=1)
    return sessionmaker(engine, expire_on_commit=False), sessionmaker(reading(engine), expire_on_commit=False)
