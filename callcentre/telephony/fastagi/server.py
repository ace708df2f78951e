"""Carries AGI sessions over Twisted: one connection of Asterisk, one caller, one coroutine that answers him.

Whatever goes wrong here ends in a closed connection, and Asterisk's dialplan then takes the caller on to the
waiting room: no fault of ours, or of whoever found the port, may cost a caller more than the menu.

Faults are logged, counted through ``on_fault(kind)``, and end the session they happened in::

    too-many-sessions      refused before a byte was read
    environment-late       connected, and did not say what for (a slow-loris, a port scan)
    idle                   no answer to a command for longer than any prompt lasts
    session-too-long       nobody stays in a menu so long
    session-failed         an error of ours in the menus
    …                      the ``kind`` of every AgiError in wire.py and leg.py
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IAddress, IDelayedCall, IReactorTime, ITCPTransport
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from callcentre.telephony.fastagi.leg import AgiLeg, CallerGone
from callcentre.telephony.fastagi.wire import (
    AgiError,
    AgiReader,
    Environment,
    HangupNotice,
    Message,
    Reply,
    WireFault,
)

TOO_MANY_SESSIONS = "too-many-sessions"
ENVIRONMENT_LATE = "environment-late"
IDLE = "idle"
SESSION_TOO_LONG = "session-too-long"
SESSION_FAILED = "session-failed"

Answer = Callable[[AgiLeg], Awaitable[None]]
OnFault = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgiLimits:
    """Security limits of the port."""

    # More callers than this at the menus of one node at once means something else is wrong.
    sessions: int = 500
    # Asterisk sends its environment in one breath, right after connecting.
    environment_seconds: float = 5
    # The longest prompt and the longest wait for a key are both well under half a minute.
    idle_seconds: float = 60
    # Every menu heard as often as a session allows, to the end.
    session_seconds: float = 600


class AgiProtocol(Protocol):
    """One connection of Asterisk: reads the environment, then lets the coroutine speak with the leg."""

    log = Logger()
    transport: ITCPTransport | None = None

    def __init__(self, factory: FastAgiFactory) -> None:
        self._factory = factory
        self._reader = AgiReader()
        self._leg: AgiLeg | None = None
        self._session: Deferred[None] | None = None
        self._timers: dict[str, IDelayedCall] = {}
        self._closed = False

    # --- what Twisted says ----------------------------------------------------------------------

    def connectionMade(self) -> None:
        limits = self._factory.limits
        self._start_timer(ENVIRONMENT_LATE, limits.environment_seconds)
        self._start_timer(SESSION_TOO_LONG, limits.session_seconds)

    def dataReceived(self, data: bytes) -> None:
        if self._closed:
            return
        if IDLE in self._timers:
            self._timers[IDLE].reset(self._factory.limits.idle_seconds)
        try:
            for message in self._reader.receive(data):
                if not self._closed:
                    self._take(message)
        except WireFault as fault:
            self._cut(fault.kind, str(fault))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.end("the connection is gone")
        self._factory.ended(self)

    # --- the session ----------------------------------------------------------------------------

    def end(self, reason: str) -> None:
        """End the session: whatever its coroutine awaits is over, and the connection is closed."""
        self._closed = True
        self._stop_timers()
        if self._leg is not None:
            self._leg.ended(reason)
        if self._session is not None:
            # It may be awaiting something other than its leg.
            self._session.cancel()
        self._close()

    def _take(self, message: Message) -> None:
        match message:
            case Environment(variables):
                self._timers.pop(ENVIRONMENT_LATE).cancel()
                self._begin(AgiLeg(variables, self._send))
            case Reply() if self._leg is not None:
                self._leg.replied(message)
            case HangupNotice() if self._leg is not None:
                self._leg.ended("hung up")

    def _begin(self, leg: AgiLeg) -> None:
        self._leg = leg
        self._start_timer(IDLE, self._factory.limits.idle_seconds)
        self._session = Deferred.fromCoroutine(self._answer(leg))
        self._session.addErrback(self._failed)

    async def _answer(self, leg: AgiLeg) -> None:
        try:
            await self._factory.answer(leg)
        except CallerGone as gone:
            self.log.debug("call {call}: left the menu: {gone}", call=leg.call, gone=gone)
        except AgiError as error:
            self._count(error.kind, str(error))
        finally:
            self._closed = True
            self._stop_timers()
            self._close()

    def _failed(self, failure: Failure) -> None:
        if failure.check(CancelledError) is None:
            call = self._leg.call if self._leg is not None else ""
            self.log.failure("call {call}: the menu failed; the dialplan goes on", failure, call=call)
            self._factory.on_fault(SESSION_FAILED)

    def _send(self, line: bytes) -> None:
        if self.transport is not None:
            self.transport.write(line)

    # --- limits ---------------------------------------------------------------------------------

    def _cut(self, kind: str, why: str) -> None:
        self._count(kind, why)
        self.end(why)
        if self.transport is not None:
            # Nothing more is owed to a peer that broke the rules, not even a graceful goodbye.
            self.transport.abortConnection()

    def _count(self, kind: str, why: str) -> None:
        call = self._leg.call if self._leg is not None else "unnamed"
        self.log.warn("call {call}: AGI session ended: {kind}: {why}", call=call, kind=kind, why=why)
        self._factory.on_fault(kind)

    def _start_timer(self, kind: str, seconds: float) -> None:
        def passed() -> None:
            del self._timers[kind]
            self._cut(kind, f"after {seconds:g} s")

        self._timers[kind] = self._factory.clock.callLater(seconds, passed)

    def _stop_timers(self) -> None:
        timers, self._timers = self._timers, {}
        for timer in timers.values():
            timer.cancel()

    def _close(self) -> None:
        if self.transport is not None:
            self.transport.loseConnection()


class FastAgiFactory(Factory):
    """Listens for Asterisk.  Each session runs ``answer(leg)``; the connection closes when it returns.

    ``on_fault`` is told the kind of every fault; see the module's docstring.
    """

    log = Logger()
    noisy = False

    def __init__(
        self,
        clock: IReactorTime,
        *,
        answer: Answer,
        limits: AgiLimits | None = None,
        on_fault: OnFault = lambda kind: None,
    ) -> None:
        self.clock = clock
        self.answer = answer
        self.limits = limits or AgiLimits()
        self.on_fault = on_fault
        self._open: set[AgiProtocol] = set()
        self._stopping = False
        self._all_ended: Deferred[None] = Deferred()

    @property
    def sessions(self) -> int:
        """Connections open at this moment."""
        return len(self._open)

    def buildProtocol(self, addr: IAddress | None) -> AgiProtocol | None:
        # Twisted closes at once what gets no protocol, and the dialplan goes on to the waiting room.
        if self._stopping:
            return None
        if self.sessions >= self.limits.sessions:
            self.log.warn("AGI session refused: {kind}: {open}", kind=TOO_MANY_SESSIONS, open=self.sessions)
            self.on_fault(TOO_MANY_SESSIONS)
            return None
        protocol = AgiProtocol(self)
        self._open.add(protocol)
        return protocol

    def ended(self, protocol: AgiProtocol) -> None:
        """*protocol*'s connection is closed."""
        self._open.discard(protocol)
        if self._stopping and not self._open:
            self._all_ended.callback(None)

    async def stop(self) -> None:
        """End every session, refuse new ones, return when every connection is closed.  Call it once."""
        self._stopping = True
        if not self._open:
            return
        for protocol in tuple(self._open):
            protocol.end("the service is stopping")
        await self._all_ended
