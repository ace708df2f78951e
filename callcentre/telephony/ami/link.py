"""Keeps one Asterisk node connected: logs in, resynchronises, keeps alive, and comes back after every loss.

Knows nothing of calls: events go to ``on_event`` in the order and in the reactor turn they arrive.

::

    connect ─▶ conversation ─▶ up: on_up is awaited, on_event flows ─▶ lost: on_down ─▶ pause ─▶ connect …
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from asterisk.ami.action import Action
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as DeferredTimedOut
from twisted.internet.error import ConnectError, ConnectingCancelledError
from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from callcentre.telephony.ami.codec import Message
from callcentre.telephony.ami.conversation import Conversation, ConversationFactory, Fault
from callcentre.telephony.ami.errors import AuthenticationRefused, LinkDown, ResyncFailed, Unreachable
from callcentre.telephony.ami.limits import AmiLimits
from callcentre.telephony.ami.pending import Answer
from callcentre.telephony.ami.session import AmiCredentials
from routing.ids import Instant, NodeId

# What an endpoint fails with when there is nobody to talk to; names that do not resolve are OSErrors.
_NO_CONNECTION = (ConnectError, OSError, DeferredTimedOut, ConnectingCancelledError, CancelledError)
# 0.2 s doubled this often is far beyond any longest pause, and no huge number yet.
_MOST_DOUBLINGS = 16


class AmiLink:
    """One node, kept connected from `start` to `stop`.

    - ``on_up`` is awaited after every login, once Asterisk is fully booted: resynchronise there.  `send` and
      `collect` work in it, and events already flow.  If it raises, the link is dropped and made anew.
    - ``on_event`` hears every event from then on that answers no action.
    - ``on_down`` is told why, once for every ``on_up`` begun.
    - ``on_pong`` hears Asterisk's own clock about every ``limits.ping_every`` seconds while the link is up.
    - ``on_fault`` is told the ``kind`` of every fault, for counting: see `errors`.
    """

    _log = Logger()

    def __init__(
        self,
        *,
        node: NodeId,
        endpoint: IStreamClientEndpoint,
        clock: IReactorTime,
        credentials: AmiCredentials,
        on_event: Callable[[Message], None],
        on_up: Callable[[AmiLink], Awaitable[None]],
        on_down: Callable[[str], None],
        chance: Random,
        on_pong: Callable[[Instant], None] = lambda switch_time: None,
        on_fault: Callable[[str], None] = lambda kind: None,
        limits: AmiLimits | None = None,
    ) -> None:
        self.node = node
        self._endpoint = endpoint
        self._clock = clock
        self._credentials = credentials
        self._on_event, self._on_up, self._on_down = on_event, on_up, on_down
        self._on_pong, self._on_fault = on_pong, on_fault
        self._chance = chance
        self._limits = limits or AmiLimits()
        self._conversation: Conversation | None = None
        self._life: Deferred[None] | None = None
        self._waiting: Deferred[Any] | None = None
        self._ended: Deferred[None] = Deferred()
        self._resync: Deferred[None] | None = None
        self._up_since: float | None = None
        self._last_pong: tuple[Instant, float] | None = None
        self._losses = 0
        self._pause = self._limits.first_pause
        self._told: str | None = None
        self._leaving = False

    # --- what the owner asks ------------------------------------------------------------------

    @property
    def up(self) -> bool:
        """Whether actions can be sent."""
        return self._conversation is not None and self._conversation.up

    def start(self) -> None:
        """Connects, and stays connected until `stop`; call it once."""
        if self._life is not None:
            raise RuntimeError(f"the AMI link to {self.node} was started before")
        self._life = Deferred.fromCoroutine(self._live())
        self._life.addErrback(self._died)

    async def stop(self) -> None:
        """Logs off, and does not come back; returns when the connection is closed."""
        self._leaving = True
        if self._waiting is not None:
            self._waiting.cancel()
        elif self._conversation is not None:
            self._conversation.leave()
        if self._life is not None:
            await self._life

    async def send(self, action: Action) -> Message:
        """Sends an action at once; its successful response.

        Raises an `ActionFailed` (`ActionRefused`, `ActionTimedOut`, `LinkDown`, `TooManyPending`), or an
        `UnsafeAction` when the action must not be sent at all.
        """
        return (await self._ask(action, listing=False))[0]

    async def collect(self, action: Action) -> list[Message]:
        """Sends an action that answers with a list; its events, without the one that completes the list.

        Raises as `send` does, and `ListTooLong`.
        """
        heard = await self._ask(action, listing=True)
        return [message for message in heard if not message.is_response]

    def switch_clock(self) -> Instant | None:
        """What Asterisk's clock reads now, by its last Pong and our own time since; None while down."""
        if self._last_pong is None:
            return None
        told, heard_at = self._last_pong
        return Instant(told + self._clock.seconds() - heard_at)

    def _ask(self, action: Action, *, listing: bool) -> Deferred[Answer]:
        if self._conversation is None:
            raise LinkDown(f"not connected to {self.node}")
        return self._conversation.ask(action, listing=listing)

    # --- the life of the link -----------------------------------------------------------------

    async def _live(self) -> None:
        while not self._leaving:
            await self._one_connection()
            await self._rest()

    async def _one_connection(self) -> None:
        self._ended = Deferred()
        self._conversation = conversation = Conversation(
            self,
            clock=self._clock,
            credentials=self._credentials,
            limits=self._limits,
            prefix=f"{self._chance.getrandbits(32):08x}",
        )
        attempt = self._endpoint.connect(ConversationFactory(conversation))
        attempt.addTimeout(self._limits.connect_within, self._clock)
        try:
            await self._interruptible(attempt)
        except _NO_CONNECTION as error:
            self.conversation_ended(f"cannot connect: {error}", Unreachable(str(error)))
            return
        await self._ended

    async def _rest(self) -> None:
        if self._leaving:
            return
        try:
            await self._interruptible(deferLater(self._clock, self._pause))
        except CancelledError:
            return

    async def _interruptible(self, wait: Deferred[Any]) -> None:
        self._waiting = wait
        try:
            await wait
        finally:
            self._waiting = None

    def _died(self, failure: Failure) -> None:
        self._log.failure("AMI link to {node} has died of a bug", failure, node=self.node)

    # --- what its conversation tells ----------------------------------------------------------

    def conversation_up(self) -> None:
        self._up_since, self._told = self._clock.seconds(), None
        self._log.info("AMI link to {node} is up", node=self.node)
        self._resync = Deferred.fromCoroutine(self._resynchronise())
        self._resync.addErrback(self._resync_failed)

    def conversation_heard(self, event: Message) -> None:
        self._on_event(event)

    def conversation_beat(self, switch_time: Instant) -> None:
        self._last_pong = (switch_time, self._clock.seconds())
        if self.up:
            self._on_pong(switch_time)

    def conversation_ended(self, reason: str, fault: Fault | None) -> None:
        was_up = self._up_since is not None
        self._choose_pause(fault)
        self._conversation = self._last_pong = self._up_since = None
        if self._resync is not None:
            self._resync.cancel()
        self._tell(reason, fault)
        try:
            if fault is not None and not self._leaving:
                self._on_fault(fault.kind)
            if was_up:
                self._on_down(reason)
        finally:
            # Whatever an owner's callback raises, the link comes back.
            self._ended.callback(None)

    async def _resynchronise(self) -> None:
        await self._on_up(self)

    def _resync_failed(self, failure: Failure) -> None:
        if failure.check(LinkDown, CancelledError) or self._conversation is None:
            return
        self._log.failure("resynchronisation with {node} failed; connecting anew", failure, node=self.node)
        self._conversation.abort(ResyncFailed(failure.getErrorMessage()))

    def _choose_pause(self, fault: Fault | None) -> None:
        """Exponential back-off with jitter, so that many services do not return to one switch together."""
        lasted = 0.0 if self._up_since is None else self._clock.seconds() - self._up_since
        self._losses = 1 if lasted >= self._limits.steady_after else self._losses + 1
        doublings = min(self._losses - 1, _MOST_DOUBLINGS)
        longest = min(self._limits.longest_pause, self._limits.first_pause * 2**doublings)
        if isinstance(fault, AuthenticationRefused):
            # The secret will not become right by itself, and a switch may ban who hammers it.
            longest = self._limits.longest_pause
        self._pause = longest * (1 + self._chance.random()) / 2

    def _tell(self, reason: str, fault: Fault | None) -> None:
        """Logs each reason once until the link is up again; the repetitions only for debugging."""
        told, self._told = self._told, reason
        if self._leaving:
            self._log.info("AMI link to {node} is closed", node=self.node)
        elif reason == told:
            self._log.debug("AMI link to {node} still down: {reason}", node=self.node, reason=reason)
        else:
            log = self._log.error if isinstance(fault, AuthenticationRefused) else self._log.warn
            log("AMI link to {node} is down: {reason}; trying again", node=self.node, reason=reason)
