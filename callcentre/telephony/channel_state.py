"""What a channel says of itself: the ``CC_*`` variables that ride on every event and every channel row."""

from __future__ import annotations

from dataclasses import dataclass

from callcentre.telephony.ami.codec import Message
from callcentre.telephony.numbers import normalised
from routing.call import Call
from routing.facts import CallArrived, CallbackAsked, CallQueued
from routing.ids import AgentId, CallId, CategoryId, HelplineId, Instant, LanguageCode, NodeId, Phone

_UP = "6"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """One channel's own account of itself; empty where it says nothing."""

    node: NodeId
    name: str
    call: CallId
    """Set on the caller's channel only."""
    leg_of: CallId
    """Set on the caller's channel and inherited by the agent's leg."""
    agent: AgentId
    helpline: HelplineId
    language: LanguageCode
    queued_at: Instant | None
    category: CategoryId
    preferred: AgentId
    """Who handled this caller or docket last; written by the menus."""
    caller_raw: str
    dialled: str
    up: bool

    @classmethod
    def of(cls, message: Message, *, destination: bool = False) -> ChannelState:
        """The state on an event's or row's channel, or on its *destination* channel.

        Raises ValueError when ``CC_QUEUED_AT`` is not a number: only our dialplan writes it.
        """
        side = "Dest" if destination else ""
        variables = message.variables(side + "ChanVariable")
        queued_at = variables.get("CC_QUEUED_AT")
        return cls(
            node=NodeId(message.get("SystemName")),
            name=message.get(side + "Channel"),
            call=CallId(variables.get("CC_CALL", "")),
            leg_of=CallId(variables.get("CC_LEG_OF", "")),
            # Ours, or the native queue's own word for whom it has connected.
            agent=AgentId(variables.get("CC_AGENT") or variables.get("MEMBERNAME", "")),
            helpline=HelplineId(variables.get("CC_HELPLINE", "")),
            language=LanguageCode(variables.get("CC_LANGUAGE", "")),
            queued_at=Instant(float(queued_at)) if queued_at else None,
            category=CategoryId(variables.get("CC_CATEGORY", "")),
            preferred=AgentId(variables.get("CC_PREFERRED", "")),
            caller_raw=variables.get("CC_CALLER", ""),
            dialled=variables.get("CC_DIALLED", ""),
            up=message.get(side + "ChannelState") == _UP,
        )

    @property
    def is_caller(self) -> bool:
        return bool(self.call)

    @property
    def is_leg(self) -> bool:
        """The agent's side of a call."""
        return bool(self.leg_of) and not self.call

    @property
    def phone(self) -> Phone:
        """The SIP endpoint in a channel's name: ``PJSIP/1001-0000002a`` is phone 1001."""
        return Phone(self.name.partition("/")[2].rpartition("-")[0])

    def arrived(self, node: NodeId, at: Instant) -> CallArrived:
        """The fact that this caller is in the menu."""
        return CallArrived(
            at=at,
            call=self.call,
            node=node,
            dialled=self.dialled,
            caller=normalised(self.caller_raw),
            caller_raw=self.caller_raw,
        )

    def queued(self, node: NodeId, at: Instant) -> CallQueued:
        """The fact that this caller is in the waiting room, with the place she has had since she came."""
        return CallQueued(
            at=at,
            call=self.call,
            node=node,
            helpline=self.helpline,
            language=self.language,
            queued_at=at if self.queued_at is None else self.queued_at,
            caller=normalised(self.caller_raw),
            category=self.category,
            preferred=self.preferred or None,
        )

    def asked_for_callback(self, at: Instant) -> CallbackAsked:
        """The fact that this caller wants to be called, at the number she calls from."""
        return CallbackAsked(
            at=at,
            call=self.call,
            number=normalised(self.caller_raw),
            helpline=self.helpline or None,
            language=self.language or None,
        )


def carried(call: Call) -> dict[str, str]:
    """The variables of a channel that is made for *call*, which has lost the one it came with."""
    place = call.place
    return {
        "CC_CALL": call.id,
        # As for every caller, the agent's leg inherits whose it is.
        "_CC_LEG_OF": call.id,
        "CC_DIALLED": call.dialled,
        "CC_CALLER": call.caller,
        "CC_LANGUAGE": call.language or "",
        "CC_HELPLINE": place.helpline if place else "",
        "CC_CATEGORY": place.category if place else "",
        "CC_QUEUED_AT": f"{place.queued_at:.6f}" if place else "",
    }
