"""The life of a call: from the menu to the waiting room, to an agent, to its end.

Facts reach us over several ways (answers to our actions, events, one link for each switch), so those of one
offer may overtake each other.  Three rules settle every such race:

* **An offer stands or it does not.**  It stands while the call names the agent and the agent the call.  What
  is said of an offer that does not stand (refused, ringing, missed, talk ended) is late: it changes nothing.
* **An answer is real.**  ``CallAnswered`` makes the two talk, whatever was thought before: it may overtake
  ``CallOffered``, or follow an ``OfferRefused`` that was only our own impatience.  Only a talk known
  to be over, or a call known to be gone, is not begun again by it: the end of a talk is remembered with its
  agent and moment even when no offer stood, since its beginning may still be on the way.
* **The end is final.**  Nothing follows ``CallEnded``.  ``CallLost`` is a conclusion drawn from silence: a
  caller who is queued after it was not lost and is known anew, with his old place.  A late ``CallArrived`` is
  no such sign.

``CallQueued`` comes again after a missed offer, before or after ``OfferMissed``, and after a restart: it
says where the caller's place is, and only from the menu or after a talk does it put the caller there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, TypeAlias

from routing.facts import (
    CallAnswered,
    CallArrived,
    CallEnded,
    CallLost,
    CallOffered,
    CallQueued,
    Fact,
    OfferMissed,
    OfferOverdue,
    OfferProposed,
    OfferRefused,
    TalkEnded,
)
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, NodeId
from routing.lifecycle import staying, successor


class CallState(Enum):
    """Where a call is; the value is what is stored."""

    IN_MENU = "in_menu"
    WAITING = "waiting"
    RESERVED = "reserved"
    """An agent is held for the call; the switch has not yet said that it rings there."""
    RINGING = "ringing"
    TALKING = "talking"
    LEAVING = "leaving"
    """The agent's leg is gone; the caller still hears the docket number."""
    ENDED = "ended"


IN_MENU, WAITING, RESERVED, RINGING, TALKING, LEAVING, ENDED = CallState

OfferFact: TypeAlias = (
    OfferProposed | CallOffered | OfferRefused | OfferMissed | OfferOverdue | CallAnswered | TalkEnded
)
"""What concerns a call and an agent together."""
CallFact: TypeAlias = CallArrived | CallQueued | CallEnded | CallLost | OfferFact

_ENDS: Final[dict[type[Fact], CallState]] = {CallEnded: ENDED, CallLost: ENDED}
_WORD_OF_AN_OFFER: Final = (CallOffered, OfferRefused, OfferMissed, OfferOverdue, TalkEnded)

LIFE: Final[Mapping[CallState, Mapping[type[Fact], CallState]]] = {
    IN_MENU: {
        **staying(IN_MENU, CallArrived),
        CallQueued: WAITING,
        # The switch's native queue may have served a caller whose queueing we were not there to see.
        CallAnswered: TALKING,
        **_ENDS,
    },
    WAITING: {
        **staying(WAITING, CallArrived, CallQueued),
        OfferProposed: RESERVED,
        CallAnswered: TALKING,
        **staying(WAITING, *_WORD_OF_AN_OFFER),
        **_ENDS,
    },
    RESERVED: {
        # Queued while an offer stands: the echo of an earlier miss, or OfferMissed is about to follow.
        **staying(RESERVED, CallArrived, CallQueued, OfferOverdue),
        CallOffered: RINGING,
        OfferRefused: WAITING,
        OfferMissed: WAITING,
        CallAnswered: TALKING,
        # The end of the talk has overtaken its beginning.
        TalkEnded: LEAVING,
        **_ENDS,
    },
    RINGING: {
        **staying(RINGING, CallArrived, CallQueued, CallOffered, OfferOverdue),
        # [connect] turns a stale epoch away after the switch has accepted the redirect.
        OfferRefused: WAITING,
        OfferMissed: WAITING,
        CallAnswered: TALKING,
        TalkEnded: LEAVING,
        **_ENDS,
    },
    TALKING: {
        # Whoever returns a talking caller to a waiting room reports TalkEnded first.
        **staying(TALKING, CallArrived, CallQueued, CallAnswered),
        # The answer came first; a refusal or a miss of the same offer was the guess of a lost reply.
        **staying(TALKING, CallOffered, OfferRefused, OfferMissed, OfferOverdue),
        TalkEnded: LEAVING,
        **_ENDS,
    },
    LEAVING: {
        **staying(LEAVING, CallArrived, CallAnswered),
        # Passed on by the agent to a helpline, or found in the waiting room after a lost link.
        CallQueued: WAITING,
        **staying(LEAVING, *_WORD_OF_AN_OFFER),
        **_ENDS,
    },
    ENDED: staying(ENDED, CallArrived, CallQueued, CallAnswered, CallEnded, CallLost, *_WORD_OF_AN_OFFER),
}

HELD: Final = frozenset({RESERVED, RINGING, TALKING})
"""The states in which a call and exactly one agent name each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A caller's place in a waiting room, kept through every offer."""

    helpline: HelplineId
    queued_at: Instant


@dataclass(frozen=True, slots=True)
class Parting:
    """The end of a talk: with whom, and when by the switch's clock."""

    agent: AgentId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One caller, as the floor knows him.  A value: each fact makes a new one."""

    id: CallId
    state: CallState
    since: Instant
    """When the call came into this state."""
    node: NodeId
    arrived_at: Instant
    """The first we heard of the call; later than the truth when we were away."""
    dialled: str = ""
    # Kept out of repr, and so out of tracebacks and logs.
    caller: str = field(default="", repr=False)
    language: LanguageCode | None = None
    place: Place | None = None
    """None until the call was queued."""
    agent: AgentId | None = None
    """Who holds the call; None unless it is reserved, ringing or talking."""
    parting: Parting | None = None
    """The last talk that we know to be over."""

    @property
    def helpline(self) -> HelplineId | None:
        """The helpline the caller chose; None in the menu."""
        return self.place.helpline if self.place else None

    @property
    def queued_at(self) -> Instant | None:
        """The moment that decides the caller's place; None in the menu."""
        return self.place.queued_at if self.place else None

    def heeds(self, fact: OfferFact) -> bool:
        """Whether *fact* is of an offer that stands or begins; a late one is not to be applied.

        Raises IllegalTransition when the fact cannot happen to this call at all.
        """
        successor(LIFE, self.state, fact=fact, who=self.id)
        match fact:
            case OfferProposed():
                return True
            case CallAnswered():
                return self.state is not LEAVING and not self._is_over(fact)
            case _:
                return self.agent == fact.agent

    def overhearing(self, fact: OfferFact) -> Call:
        """The call once it was told a fact that it does not heed: only the end of a talk is kept in mind."""
        return _parted(self, fact) if isinstance(fact, TalkEnded) else self

    def after(self, fact: CallFact) -> Call:
        """The call once *fact* has happened.  Raises IllegalTransition when it cannot.

        Of the facts of an offer give it only those that the call heeds.
        """
        state = successor(LIFE, self.state, fact=fact, who=self.id)
        match fact:
            case CallArrived():
                return _told_of_arrival(self, fact)
            case CallQueued():
                return _moved(_told_of_place(self, fact), state, at=fact.at, agent=self.agent)
            case OfferProposed() | CallAnswered():
                return _moved(self, state, at=fact.at, agent=fact.agent)
            case TalkEnded():
                return _moved(_parted(self, fact), state, at=fact.at, agent=None)
            case _:
                return _moved(self, state, at=fact.at, agent=self.agent if state in HELD else None)

    def let_go(self, at: Instant) -> Call:
        """The call once its agent was found talking to someone else: back to its place, or leaving."""
        return _moved(self, LEAVING if self.state is TALKING else WAITING, at=at, agent=None)

    def _is_over(self, answer: CallAnswered) -> bool:
        parting = self.parting
        return parting is not None and parting.agent == answer.agent and answer.at <= parting.at


def first_seen(fact: CallArrived | CallQueued) -> Call:
    """A call never heard of before: in the menu, or, when we were away meanwhile, in the waiting room."""
    unknown = Call(id=fact.call, state=IN_MENU, since=fact.at, node=fact.node, arrived_at=fact.at)
    return unknown.after(fact)


def _moved(call: Call, state: CallState, *, at: Instant, agent: AgentId | None) -> Call:
    if state is call.state and agent == call.agent:
        return call
    return replace(call, state=state, since=at, agent=agent)


def _parted(call: Call, fact: TalkEnded) -> Call:
    return replace(call, parting=Parting(fact.agent, fact.at))


def _told_of_arrival(call: Call, fact: CallArrived) -> Call:
    # A resynchronisation repeats the arrival at a later moment.
    earliest = min(call.arrived_at, fact.at)
    return replace(call, arrived_at=earliest, node=fact.node, dialled=fact.dialled, caller=fact.caller)


def _told_of_place(call: Call, fact: CallQueued) -> Call:
    place = Place(helpline=fact.helpline, queued_at=fact.queued_at)
    return replace(call, place=place, node=fact.node, language=fact.language, caller=fact.caller)
