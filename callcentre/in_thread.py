"""Calls what takes its time in a thread of the reactor's own pool, so that no offer waits for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from twisted.internet.threads import deferToThreadPool

T = TypeVar("T")


class InThread(Protocol):
    """Calls a function in a thread, where it may take its time."""

    def __call__(self, fn: Callable[[], T], /) -> Awaitable[T]:
        """What it returns or raises."""


def threads_of(reactor: Any) -> InThread:
    """*reactor*'s threads; it is Twisted's, whole."""

    async def call(fn: Callable[[], T]) -> T:
        return await deferToThreadPool(reactor, reactor.getThreadPool(), fn)

    return call
