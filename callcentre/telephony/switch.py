"""One Asterisk as the router uses it: what can be asked of it, in the router's words.

Calls are named by their id, which is their channel's unique id: Asterisk finds a channel by either, so
nothing has to be remembered here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from asterisk.ami.action import Action

from callcentre.telephony.ami import actions
from callcentre.telephony.ami.codec import Message
from callcentre.telephony.channel_state import carried
from callcentre.telephony.dialling import target
from routing.agent import Agent
from routing.call import Call
from routing.facts import Turned
from routing.ids import CallId, Epoch, HelplineId, Instant, NodeId, Phone, Seconds

# Contexts of the dialplan.
CONNECT = "connect"
WAITING = "waiting"
TURNED_AWAY = "turned-away"
CALLBACK_NOTED = "callback-noted"
CALL_BACK = "call-back"


class Link(Protocol):
    """What is needed of the AMI link to a node."""

    @property
    def up(self) -> bool:
        """Whether actions can be sent now."""

    async def send(self, action: Action) -> Message:
        """Send one action; raises ActionFailed without its success."""

    async def collect(self, action: Action) -> list[Message]:
        """Send a list action; raises ActionFailed without the whole list."""


@dataclass(frozen=True, slots=True)
class CallingBack:
    """How citizens who asked for it are called."""

    caller_id_of: Callable[[HelplineId], str]
    """What their phones show."""
    ring_seconds: Seconds


class Switch:
    """One Asterisk node.  Every method raises ActionFailed when Asterisk did not do it."""

    def __init__(self, node: NodeId, link: Link, calling_back: CallingBack) -> None:
        self.node = node
        self._link = link
        self._calling_back = calling_back

    @property
    def up(self) -> bool:
        """Whether it can be asked anything now."""
        return self._link.up

    async def offer(self, call: CallId, agent: Agent, *, epoch: Epoch) -> None:
        """Send the caller to the agent's phone, unless a newer router is in office on the node."""
        await self._link.send(actions.redirect(call, context=CONNECT, exten=self._exten(agent, epoch)))

    async def call_back(self, call: Call, agent: Agent, *, epoch: Epoch) -> None:
        """Have the citizen called, and when she has answered be sent on as ``offer`` would.

        Returns when that has begun; how it ends is told by events.  Asterisk makes no second channel for a
        call that has one, so nobody is called twice at once.  ValueError for a call that is no callback.
        """
        if call.callback is None or call.helpline is None:
            raise ValueError(f"nobody has asked to be called back in {call.id}")
        await self._link.send(
            actions.originate(
                f"PJSIP/{call.callback.number}@trunk",
                channel_id=call.id,
                context=CALL_BACK,
                exten=self._exten(agent, epoch),
                caller_id=self._calling_back.caller_id_of(call.helpline),
                ring_seconds=self._calling_back.ring_seconds,
                variables=carried(call),
            )
        )

    async def turn_away(self, call: CallId, why: Turned, *, epoch: Epoch) -> None:
        """Have the caller told why, and let go, unless a newer router is in office on the node."""
        await self._link.send(actions.redirect(call, context=TURNED_AWAY, exten=f"{epoch}*{why.value}"))

    async def promise_callback(self, call: CallId) -> None:
        """Tell the caller that she will be called back, and let her go."""
        await self._link.send(actions.redirect(call, context=CALLBACK_NOTED, exten="s"))

    async def take_back(self, call: CallId) -> None:
        """Bring a caller from the native queue into the waiting room, with the place she has had."""
        await self._link.send(actions.redirect(call, context=WAITING, exten="s"))

    async def mark(self, call: CallId, name: str, value: str) -> None:
        """Write a variable on the caller's channel."""
        await self._link.send(actions.set_variable(call, name, value))

    async def reaches(self, phone: Phone) -> bool:
        """Whether the phone is registered with this node and answers it."""
        answer = await self._link.send(actions.get_variable(None, f"DEVICE_STATE(PJSIP/{phone})"))
        return answer.get("Value") not in ("INVALID", "UNAVAILABLE", "UNKNOWN")

    async def office(self) -> Epoch:
        """The epoch of the router this node obeys; 0 when there has been none."""
        answer = await self._link.send(actions.get_variable(None, "CC_EPOCH"))
        value = answer.get("Value")
        return Epoch(int(value) if value.isdecimal() else 0)

    async def take_office(self, epoch: Epoch) -> None:
        """Have the node refuse every router with an older epoch."""
        await self._link.send(actions.set_variable(None, "CC_EPOCH", str(epoch)))

    async def now(self) -> Instant:
        """The node's own time."""
        answer = await self._link.send(actions.ping())
        return Instant(float(answer["Timestamp"]))

    async def beat(self, at: Instant) -> None:
        """Show the node that a router is alive, by the node's own clock."""
        await self._link.send(actions.set_variable(None, "CC_BEAT", str(int(at))))

    async def channels(self) -> Sequence[Message]:
        """One row for each channel."""
        return await self._link.collect(actions.core_show_channels())

    async def queue_members(self) -> Sequence[Message]:
        """One row for each member of a native queue, among other rows."""
        return await self._link.collect(actions.queue_status())

    async def change_queue(self, change: Action) -> None:
        """Add, remove or pause a member of a native queue."""
        await self._link.send(change)

    def _exten(self, agent: Agent, epoch: Epoch) -> str:
        """What [connect] reads."""
        return f"{epoch}*{agent.id}*{target(agent.phone, agent.node, here=self.node)}"
