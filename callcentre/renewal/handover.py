"""One process of the service makes way for the next, in place: the same process id, the same open doors.

The listening sockets stay open across ``exec``: whoever comes in the meantime waits in the kernel, for about
two seconds, and is let in by the next process.  So do signals.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final

from twisted.internet.endpoints import AdoptedStreamServerEndpoint
from twisted.internet.interfaces import IStreamServerEndpoint

# What the last process leaves for the next, as JSON.
LEFT_BEHIND: Final = "CALLCENTRE_HANDOVER"
ENDINGS: Final = (signal.SIGTERM, signal.SIGINT)
HEARD_LATER: Final = frozenset({signal.SIGHUP, *ENDINGS})


@dataclass(frozen=True, slots=True)
class Handover:
    """What one process leaves for the next."""

    doors: Mapping[str, int] = field(default_factory=dict)
    """Listening sockets by the door's name."""
    notes: Sequence[str] = ()
    """What the next one's operator should know."""


def is_renewed() -> bool:
    """Whether this process stands in the place of one that made way for it."""
    return LEFT_BEHIND in os.environ


def received() -> Handover:
    """What the last process left; asked for once, as children of ours must not think it theirs."""
    left = os.environ.pop(LEFT_BEHIND, None)
    if left is None:
        return Handover()
    # Processes that the last one started, and that ended with it, are ours to bury.
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return Handover(**json.loads(left))


def hear_signals() -> None:
    """Hear those that were sent while nobody could."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD_LATER)


def open_door(descriptor: int, reactor: Any) -> IStreamServerEndpoint:
    """The listening socket that was handed over, to be listened at."""
    with socket.socket(fileno=os.dup(descriptor)) as door:
        family = door.family
    # Children of ours keep no door open.
    os.set_inheritable(descriptor, False)
    endpoint: IStreamServerEndpoint = AdoptedStreamServerEndpoint(reactor, descriptor, family)
    return endpoint


class MakingWay:
    """From the decision to make way until the next process is there: no signal may get lost."""

    def __init__(self, left: Handover, *, asked_again: bool = False) -> None:
        """*asked_again*: the next process is to take up what has changed since."""
        self._left = left
        self._told_to_end = False
        self._asked_again = asked_again
        for ending in ENDINGS:
            signal.signal(ending, self._end)
        signal.signal(signal.SIGHUP, self._ask_again)

    def begin_anew(self) -> None:
        """Become the next process; returns only when this one has been told to end meanwhile."""
        # Blocked signals wait, across the exec, for ``hear_signals``; by default they would end the process.
        signal.pthread_sigmask(signal.SIG_BLOCK, HEARD_LATER)
        if self._told_to_end:
            return
        for descriptor in self._left.doors.values():
            os.set_inheritable(descriptor, True)
        if self._asked_again:
            os.kill(os.getpid(), signal.SIGHUP)
        left = {"doors": dict(self._left.doors), "notes": list(self._left.notes)}
        os.environ[LEFT_BEHIND] = json.dumps(left)
        # Our own interpreter with our own arguments.
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._told_to_end = True

    def _ask_again(self, number: int, frame: FrameType | None) -> None:
        self._asked_again = True
