"""A reactor for what threads hand back, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from twisted.internet.interfaces import IReactorFromThreads
from zope.interface import implementer

# A thread that has not answered in ten seconds never will.
ANSWER_SECONDS = 10


@implementer(IReactorFromThreads)
class HandCrankedReactor:
    """Does what threads ask of it when the test turns the crank, in the test's own thread."""

    def __init__(self) -> None:
        self.asked: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def callFromThread(self, callable: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.asked.put(lambda: callable(*args, **kwargs))

    def turn(self) -> None:
        self.asked.get(timeout=ANSWER_SECONDS)()
