"""One Asterisk as the router uses it: what can be asked of it, in the router's words.

Calls are named by their id, which is their channel's unique id: Asterisk finds a channel by either, so
nothing has to be remembered here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from asterisk.ami.action import Action

from callcentre.telephony.ami import actions
from callcentre.telephony.ami.codec import Message
from callcentre.telephony.dialling import target
from routing.ids import AgentId, CallId, Epoch, Instant, NodeId, Phone

CONNECT = "connect"
WAITING = "waiting"


class Link(Protocol):
    """What is needed of the AMI link to a node."""

    @property
    def up(self) -> bool:
        """Whether actions can be sent now."""

    async def send(self, action: Action) -> Message:
        """Send one action; raises ActionFailed without its success."""

    async def collect(self, action: Action) -> list[Message]:
        """Send a list action; raises ActionFailed without the whole list."""


class Switch:
    """One Asterisk node.  Every method raises ActionFailed when Asterisk did not do it."""

    def __init__(self, node: NodeId, link: Link) -> None:
        self.node = node
        self._link = link

    @property
    def up(self) -> bool:
        """Whether it can be asked anything now."""
        return self._link.up

    async def offer(self, call: CallId, agent: AgentId, *, phone: Phone, at: NodeId, epoch: Epoch) -> None:
        """Send the caller to the agent's phone *at* its node, unless a newer router is in office here."""
        exten = f"{epoch}*{agent}*{target(phone, at, here=self.node)}"
        await self._link.send(actions.redirect(call, context=CONNECT, exten=exten))

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
