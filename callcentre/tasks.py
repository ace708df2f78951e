"""Background work with an owner: what fails is logged, what still runs at shutdown is cancelled."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.logger import Logger
from twisted.python.failure import Failure

log = Logger()


class Tasks:
    """Starts coroutines nobody waits for, and ends them all at once."""

    def __init__(self) -> None:
        self._running: set[Deferred[Any]] = set()

    def start(self, work: Coroutine[Deferred[Any], Any, Any], *, what: str) -> None:
        """Run *work*; *what* names it in the log should it fail."""
        running = Deferred.fromCoroutine(work)
        self._running.add(running)
        running.addErrback(_log_failure, what)
        running.addBoth(lambda _: self._running.discard(running))

    async def stop(self) -> None:
        """Cancel what still runs, and wait until all of it has ended."""
        ending = [Deferred.fromCoroutine(_ended(running)) for running in self._running]
        for running in list(self._running):
            running.cancel()
        await DeferredList(ending)


async def _ended(running: Deferred[Any]) -> None:
    await running


def _log_failure(failure: Failure, what: str) -> None:
    if failure.check(CancelledError) is None:
        log.failure("{what} failed", failure=failure, what=what)
