"""Turns one node's AMI events into facts.

Channels say themselves whose they are (``channel_state.py``), so nothing is remembered here but who asked
for a hang-up, between Asterisk's ``HangupRequest`` and the last ``Hangup`` of the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from callcentre.telephony.ami.codec import Message
from callcentre.telephony.channel_state import ChannelState
from callcentre.telephony.switch import CALL_BACK
from routing.call import NotTaken
from routing.facts import (
    CallAnswered,
    CallEnded,
    CallOffered,
    Fact,
    OfferDeclined,
    OfferMissed,
    OfferRefused,
    OfferUnreachable,
    Party,
    TalkEnded,
)
from routing.ids import AgentId, CallId, Instant, NodeId, Phone

DEPOSED = "a newer router is in office on the node"

# A caller's channel is reported gone before her agent's leg, so its end does not settle who hung up.  The leg
# follows within milliseconds; at a hundred calls a second this remembers ten seconds.
HANG_UPS_REMEMBERED = 1_000
# What Dial says of a phone that is not registered, or that answers with a failure of its own.
UNREACHABLE = frozenset({"CHANUNAVAIL", "CONGESTION"})
# Of one that answers «decline» (603, 403) Dial says CHANUNAVAIL as well; only the cause (Q.850) tells.
REJECTED = "21"


class Translator:
    """One node's events in, facts out.

    *agent_at* names the agent at a phone, for legs the native queue called: those carry no agent.
    """

    def __init__(self, node: NodeId, *, agent_at: Callable[[Phone], AgentId | None]) -> None:
        self._node = node
        self._agent_at = agent_at
        # A dict for its order: the oldest is forgotten first.
        self._hung_up_by: dict[CallId, Party] = {}
        self._translations = {
            "UserEvent": self._user_event,
            "DialEnd": self._dial_end,
            "HangupRequest": self._hangup_request,
            "Hangup": self._hangup,
            "OriginateResponse": self._originate_response,
        }

    def facts(self, event: Message) -> list[Fact]:
        """The facts in *event*, in order; none for events that are not about calls of ours.

        Raises ValueError or KeyError for an event our dialplan and Asterisk cannot have written together.
        """
        translate = self._translations.get(event.name or "")
        return [] if translate is None else list(translate(event, Instant(float(event["Timestamp"]))))

    def forget_hangups(self) -> None:
        """The link was lost: hang-ups asked for before it are not heard of again."""
        self._hung_up_by.clear()

    def _user_event(self, event: Message, at: Instant) -> Iterable[Fact]:
        caller = ChannelState.of(event)
        match event["UserEvent"]:
            case "CallArrived":
                yield caller.arrived(self._node, at)
            case "CallQueued":
                yield caller.queued(self._node, at)
            case "CallbackAsked":
                yield caller.asked_for_callback(at)
            case "CitizenAnswered":
                # Who hung up the channel that the call had before says nothing of this one.
                self._hung_up_by.pop(caller.call, None)
                yield CallOffered(at=at, call=caller.call, agent=caller.agent)
            case "OfferMissed":
                yield _not_taken(caller, event, at)
            case "OfferStale":
                yield OfferRefused(at=at, call=caller.call, agent=AgentId(event["Agent"]), reason=DEPOSED)

    def _dial_end(self, event: Message, at: Instant) -> Iterable[Fact]:
        caller, leg = ChannelState.of(event), ChannelState.of(event, destination=True)
        agent = self._agent_of(caller, leg)
        if caller.is_caller and agent is not None and event.get("DialStatus") == "ANSWER":
            yield CallAnswered(at=at, call=caller.call, agent=agent)

    def _hangup_request(self, event: Message, at: Instant) -> Iterable[Fact]:
        channel = ChannelState.of(event)
        if channel.is_caller:
            self._remember_hang_up(channel.call, Party.CALLER)
        elif channel.is_leg and channel.up:
            self._remember_hang_up(channel.leg_of, Party.AGENT)
        return ()

    def _hangup(self, event: Message, at: Instant) -> Iterable[Fact]:
        channel = ChannelState.of(event)
        if channel.is_caller:
            yield CallEnded(at=at, call=channel.call, by=self._hung_up_by.get(channel.call, Party.SYSTEM))
        elif channel.is_leg and channel.up:
            agent = self._agent_of(channel, channel)
            if agent is not None:
                by = self._hung_up_by.get(channel.leg_of, Party.SYSTEM)
                yield TalkEnded(at=at, call=channel.leg_of, agent=agent, by=by)

    def _originate_response(self, event: Message, at: Instant) -> Iterable[Fact]:
        """A citizen could not be called, or did not answer: no channel need ever have been made."""
        if event.get("Response") == "Failure" and event.get("Context") == CALL_BACK:
            yield CallEnded(at=at, call=CallId(event["Uniqueid"]), by=Party.SYSTEM)

    def _remember_hang_up(self, call: CallId, party: Party) -> None:
        self._hung_up_by.setdefault(call, party)
        if len(self._hung_up_by) > HANG_UPS_REMEMBERED:
            del self._hung_up_by[next(iter(self._hung_up_by))]

    def _agent_of(self, caller: ChannelState, leg: ChannelState) -> AgentId | None:
        return caller.agent or self._agent_at(leg.phone)


def _not_taken(caller: ChannelState, event: Message, at: Instant) -> NotTaken:
    reason = event.get("Reason")
    if reason == "BUSY" or event.get("Cause") == REJECTED:
        return OfferDeclined(at=at, call=caller.call, agent=caller.agent)
    if reason in UNREACHABLE:
        return OfferUnreachable(at=at, call=caller.call, agent=caller.agent)
    return OfferMissed(at=at, call=caller.call, agent=caller.agent, reason=reason)
