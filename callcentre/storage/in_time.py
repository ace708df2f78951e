"""Waits for what is worth something only at once: a caller is on the line."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

log = Logger()
T = TypeVar("T")


class Late(Exception):
    """Nobody waits for the answer any longer."""


async def in_time(work: Coroutine[Any, Any, T], *, seconds: float, clock: IReactorTime) -> T:
    """What *work* comes to.  Raises Late after so many *seconds*; the work goes on to its end, unheard.

    It is not cancelled: a transaction under way cannot be, and what is half kept shall be kept whole.
    """
    heard: Deferred[T] = Deferred(lambda _: limit.cancel())
    limit = clock.callLater(seconds, lambda: heard.errback(Late(f"not within {seconds:g} s")))

    def pass_on(outcome: T | Failure) -> None:
        if limit.active():
            limit.cancel()
            heard.callback(outcome)
        elif isinstance(outcome, Failure):
            log.info("came to nothing after its time: {error}", error=type(outcome.value).__name__)

    Deferred.fromCoroutine(work).addBoth(pass_on)
    return await heard
