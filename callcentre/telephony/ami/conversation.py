"""One AMI connection over Twisted: bytes to the codec, answers to those who wait, events to the link.

Lives from connection to loss and is not used again; `AmiLink` makes the next one.
"""

from __future__ import annotations

from math import isfinite
from typing import Final, cast
from typing import Protocol as Port

from asterisk.ami.action import Action
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IDelayedCall, IReactorTime, ITCPTransport
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from callcentre.telephony.ami import actions
from callcentre.telephony.ami.codec import AmiDecoder, Message, encode
from callcentre.telephony.ami.errors import (
    ActionFailed,
    ActionTimedOut,
    BootTimedOut,
    LinkDown,
    LoginTimedOut,
    SessionFault,
    SilentPeer,
    StreamFault,
    TooManyPending,
)
from callcentre.telephony.ami.limits import AmiLimits
from callcentre.telephony.ami.pending import Answer, PendingActions
from callcentre.telephony.ami.session import (
    HANDSHAKE,
    AmiCredentials,
    Close,
    LoggedIn,
    Say,
    Step,
    Steps,
    Up,
    new_session,
)
from routing.ids import Instant

_NOT_BOOTED: Final = (
    "logged in, but no FullyBooted event: Asterisk is still loading, or its manager.conf does not give "
    "this user 'read = system'"
)


Fault = StreamFault | SessionFault


class Listener(Port):
    """What a conversation tells its link."""

    def conversation_up(self) -> None:
        """Logged in and fully booted: actions may be sent."""

    def conversation_heard(self, event: Message) -> None:
        """An event that answers nothing; only after `conversation_up`."""

    def conversation_beat(self, switch_time: Instant) -> None:
        """A Pong with the switch's own clock."""

    def conversation_ended(self, reason: str, fault: Fault | None) -> None:
        """The connection is gone; told once."""


class Conversation(Protocol):
    """One connection: logs in, matches answers, keeps alive, and ends with a reason."""

    _log = Logger()

    def __init__(
        self,
        listener: Listener,
        *,
        clock: IReactorTime,
        credentials: AmiCredentials,
        limits: AmiLimits,
        prefix: str,
    ) -> None:
        self._listener = listener
        self._clock = clock
        self._limits = limits
        self._decoder = AmiDecoder(limits.decoder)
        self._session = new_session(credentials)
        self._pending = PendingActions(clock, prefix=prefix, list_events=limits.list_events)
        self._pulse = LoopingCall(self._ping)
        self._pulse.clock = clock
        self._deadline: IDelayedCall | None = None
        self._fault: Fault | None = None
        self._greeted = False
        self._closing = False
        self.up = False

    # --- what the link asks -------------------------------------------------------------------

    def ask(self, action: Action, *, listing: bool = False) -> Deferred[Answer]:
        """Sends an action now; its answer comes later.

        Raises `LinkDown`, `TooManyPending` or `UnsafeAction` when nothing was sent.
        """
        if not self.up:
            raise LinkDown("not logged in")
        if len(self._pending) >= self._limits.pending_actions:
            raise TooManyPending(f"{len(self._pending)} actions wait for an answer already")
        within = self._limits.list_within if listing else self._limits.action_within
        return self._ask(action, within=within, listing=listing)

    def leave(self) -> None:
        """Logs off; drops the connection when Asterisk does not close it in time."""
        self._take(self._session.leave())
        if not self._closing:
            self._allow(self._limits.leave_within, None)

    def abort(self, fault: Fault | None) -> None:
        """Drops the connection at once, because of *fault* if there is one."""
        if self._closing:
            return
        self._closing, self._fault, self.up = True, fault, False
        cast(ITCPTransport, self.transport).abortConnection()

    # --- what Twisted tells -------------------------------------------------------------------

    def connectionMade(self) -> None:
        if ITCPTransport.providedBy(self.transport):
            # Nagle's algorithm would hold a Redirect back until the one before is acknowledged.
            self.transport.setTcpNoDelay(True)
        self._allow(self._limits.login_within, LoginTimedOut("no greeting and login from the peer in time"))

    def dataReceived(self, data: bytes) -> None:
        if self._closing:
            return
        fault: StreamFault | None = None
        try:
            messages = self._decoder.feed(data)
        except StreamFault as raised:
            messages, fault = raised.before, raised
        if self._decoder.version is not None and not self._greeted:
            self._greeted = True
            self._take(self._session.greeted())
        for message in messages:
            self._hear(message)
        if fault is not None:
            self.abort(fault)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._closing, self.up = True, False
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        if self._pulse.running:
            self._pulse.stop()
        self._session.lost()
        why = reason.getErrorMessage() if self._fault is None else str(self._fault)
        # Exceptions of those who wait stay in their Deferreds: the link hears of the end in any case.
        self._pending.fail_all(LinkDown(why))
        self._listener.conversation_ended(why, self._fault)

    # --- messages -----------------------------------------------------------------------------

    def _hear(self, message: Message) -> None:
        if message.is_response:
            self._hear_response(message)
        elif not self._pending.hear_event(message):
            if message.name == "FullyBooted":
                self._take(self._session.booted())
            if self.up:
                self._listener.conversation_heard(message)

    def _hear_response(self, message: Message) -> None:
        if message.action_id == HANDSHAKE:
            refused = message.get("Response").lower() == "error"
            answered = self._session.refused if refused else self._session.accepted
            self._take(answered(message))
        elif not self._pending.hear_response(message):
            # Late, after its time-out, or about an action Asterisk could not read.
            self._log.warn("AMI answer nobody waits for: {reason}", reason=message.get("Message", "none"))

    def _take(self, steps: Steps) -> None:
        for step in steps:
            self._step(step)

    def _step(self, step: Step) -> None:
        match step:
            case Say(action, action_id):
                self._write(encode(action, action_id=action_id))
            case LoggedIn():
                self._allow(self._limits.boot_within, BootTimedOut(_NOT_BOOTED))
                self._pulse.start(self._limits.ping_every).addErrback(self._pulse_failed)
            case Up():
                self._allow(None, None)
                self.up = True
                self._listener.conversation_up()
            case Close(fault):
                self.abort(fault)

    def _ask(self, action: Action, *, within: float, listing: bool = False) -> Deferred[Answer]:
        action_id = self._pending.next_id()
        # Encoded first: an action that is refused here must not be waited for.
        line = encode(action, action_id=action_id)
        answer = self._pending.expect(action_id, action.name, within=within, listing=listing)
        self._write(line)
        return answer

    def _write(self, octets: bytes) -> None:
        cast(ITCPTransport, self.transport).write(octets)

    # --- time ---------------------------------------------------------------------------------

    def _ping(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._await_pong())

    async def _await_pong(self) -> None:
        """One Ping at a time, past the bound on pending actions: it is what notices that they hang."""
        try:
            (pong,) = await self._ask(actions.ping(), within=self._limits.pong_within)
        except ActionTimedOut:
            self.abort(SilentPeer(f"no Pong in {self._limits.pong_within} s"))
        except ActionFailed:
            # The link is going down by itself, or Asterisk is ("Asterisk is shutting down").
            return
        else:
            switch_time = _instant(pong.get("Timestamp"))
            if switch_time is not None:
                self._listener.conversation_beat(switch_time)

    def _pulse_failed(self, failure: Failure) -> None:
        """A bug in whoever hears the beat; without keep-alive the link must not stay."""
        self._log.failure("hearing the AMI beat failed; dropping the link", failure)
        self.abort(None)

    def _allow(self, within: float | None, fault: Fault | None) -> None:
        """Replaces the deadline of the present phase: *within* seconds from now, or none."""
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None if within is None else self._clock.callLater(within, self.abort, fault)


class ConversationFactory(Factory):
    """Gives its one conversation to the connection an endpoint makes."""

    noisy = False

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def buildProtocol(self, addr: IAddress | None) -> Conversation:
        return self._conversation


def _instant(timestamp: str) -> Instant | None:
    try:
        moment = float(timestamp)
    except ValueError:
        return None
    return Instant(moment) if isfinite(moment) else None
