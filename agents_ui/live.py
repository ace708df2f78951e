"""Streams a desk to its browsers as server-sent events: each part of it, whenever that part has changed.

A stream holds no backlog.  It notes *that* something changed, and asks for the newest view when the
browser can take it; whatever came in between is never rendered.  It ends with the connection, with the
session, or when the agent opens more desks than anybody looks at.

Events: ``hello`` (who and what time it is), ``region`` (HTML to put in its place), ``gone`` (the session
is over), ``elsewhere`` (too many desks are open).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeAlias

from markupsafe import escape
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer, IReactorTime
from twisted.internet.task import LoopingCall, deferLater
from twisted.web.server import Request
from zope.interface import implementer

from agents_ui.pages import Region
from agents_ui.ports import StorageAway
from routing.ids import AgentId

# Proxies close what is silent for a minute; so do some firewalls, and nobody would notice.
HEARTBEAT_SECONDS: Final = 15.0
# Within so many heartbeats a desk whose session was ended elsewhere goes dark.
BEATS_PER_CHECK: Final = 4
# The first change goes out at once; what follows it is gathered, for nobody reads faster.
SETTLE_SECONDS: Final = 0.2
# Browsers open six connections to a host; one more stream and the forms would wait for each other.
STREAMS_PER_AGENT: Final = 4
# How soon a browser comes back after the connection broke.
RETRY_MILLISECONDS: Final = 2_000

HEADERS: Final = {
    "Content-Type": "text/event-stream; charset=utf-8",
    # nginx would otherwise gather events until its buffer is full.
    "X-Accel-Buffering": "no",
}

Snapshot: TypeAlias = Callable[[Mapping[str, str]], Awaitable[Sequence[Region]]]
"""The parts of the desk that differ from those already sent, which it is given by name and key."""


def event(name: str, text: str) -> bytes:
    """One event; *text* may have several lines."""
    lines = "".join(f"data: {line}\n" for line in re.split(r"\r\n|\r|\n", text))
    return f"event: {name}\n{lines}\n".encode()


@implementer(IPushProducer)
class Stream:
    """One browser's stream.  Await ``follow`` to run it."""

    def __init__(
        self,
        request: Request,
        *,
        clock: IReactorTime,
        snapshot: Snapshot,
        signed_in: Callable[[], Awaitable[bool]],
    ) -> None:
        self._request = request
        self._clock = clock
        self._snapshot = snapshot
        self._signed_in = signed_in
        self._sent: dict[str, str] = {}
        self._changed = True
        self._paused = False
        self._beats = 0
        self._check_due = False
        self._farewell = ""
        self._waiter: Deferred[None] | None = None

    def changed(self) -> None:
        """The desk may look different now."""
        self._changed = True
        self._wake()

    def end(self, farewell: str) -> None:
        """Say *farewell*, an event's name, and close."""
        self._farewell = farewell
        self._wake()

    async def follow(self, agent: AgentId) -> None:
        """Stream until told to end, or until cancelled because the connection is gone."""
        heart = self._begin(agent)
        try:
            while not self._farewell:
                await self._something_to_do()
                if self._check_due:
                    await self._check()
                elif self._changed and not self._farewell:
                    await self._send()
                    await deferLater(self._clock, SETTLE_SECONDS)
            self._request.write(event(self._farewell, ""))
        finally:
            heart.stop()
            # None once the connection is lost; then there is nothing left to unregister from.
            if self._request.channel is not None:
                self._request.unregisterProducer()

    def pauseProducing(self) -> None:
        self._paused = True

    def resumeProducing(self) -> None:
        self._paused = False
        self._wake()

    def stopProducing(self) -> None:
        # The connection is gone; the request's notifyFinish cancels ``follow``.
        self._paused = True

    def _begin(self, agent: AgentId) -> LoopingCall:
        for name, value in HEADERS.items():
            self._request.setHeader(name, value)
        self._request.registerProducer(self, True)
        greeting = json.dumps({"agent": agent, "now": self._clock.seconds()})
        self._request.write(f"retry: {RETRY_MILLISECONDS}\n\n".encode() + event("hello", greeting))
        heart = LoopingCall(self._beat)
        heart.clock = self._clock
        heart.start(HEARTBEAT_SECONDS, now=False)
        return heart

    def _beat(self) -> None:
        if not self._paused:
            self._request.write(b":\n\n")
        self._beats += 1
        if self._beats % BEATS_PER_CHECK == 0:
            self._check_due = True
            self._wake()

    async def _something_to_do(self) -> None:
        while not (self._farewell or self._check_due or (self._changed and not self._paused)):
            self._waiter = Deferred()
            await self._waiter
            # In a turn of its own: whoever tells of a change may have a caller to connect first.
            await deferLater(self._clock, 0)

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            waiter.callback(None)

    async def _check(self) -> None:
        self._check_due = False
        try:
            if not await self._signed_in():
                self.end("gone")
        except StorageAway:
            # Who was signed in stays so; the next check tells.
            return

    async def _send(self) -> None:
        self._changed = False
        regions = await self._snapshot(self._sent)
        if self._paused:
            self._changed = True
            return
        for region in regions:
            self._sent[region.name] = region.key
            self._request.write(event("region", framed(region)))


def framed(region: Region) -> str:
    """The region with its name and key, as the browser's script expects it."""
    return f'<div data-region="{region.name}" data-key="{escape(region.key)}">{region.html}</div>'


class Streams:
    """Every open stream, by agent and by session."""

    def __init__(self) -> None:
        self._open: defaultdict[AgentId, list[tuple[str, Stream]]] = defaultdict(list)

    def join(self, agent: AgentId, token: str, stream: Stream) -> None:
        """Note that *stream* is open; the oldest of too many ends."""
        mine = self._open[agent]
        mine.append((token, stream))
        if len(mine) > STREAMS_PER_AGENT:
            mine.pop(0)[1].end("elsewhere")

    def leave(self, agent: AgentId, stream: Stream) -> None:
        """Note that *stream* is closed."""
        left = [entry for entry in self._open[agent] if entry[1] is not stream]
        if left:
            self._open[agent] = left
        else:
            del self._open[agent]

    def end_session(self, agent: AgentId, token: str) -> None:
        """End the streams of a browser that signs out."""
        for holder, stream in list(self._open.get(agent, ())):
            if holder == token:
                stream.end("gone")

    def count(self, agent: AgentId) -> int:
        """How many desks of *agent* are open."""
        return len(self._open.get(agent, ()))
