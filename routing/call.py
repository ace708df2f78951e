"""The life of a call: from the menu to the waiting room, to an agent, to its end.

Facts reach us over several ways (answers to our actions, events, one link for each switch), so those of one
offer may overtake each other.  Three rules settle every such race:

* **An offer stands or it does not.**  It stands while the call names the agent and the agent the call.  What
  is said of an offer that does not stand (refused, ringing, missed, talk ended) is late: it changes nothing.
* **An answer is real.**  ``CallAnswered`` makes the two talk, whatever was thought before: it may overtake
  ``CallOffered``, or follow an ``OfferRefused`` that was only our own impatience.  Only a talk known
  to be over, or a call known to be gone, is not begun again by it: the end of a talk is remembered with its
  agent and moment even when no offer stood, since its beginning may still be on the way.  Once both are known
  the caller has left his place, in whatever order they came, which the table does not say.
* **The end is final.**  Nothing follows ``CallEnded``.  ``CallLost`` is a conclusion drawn from silence: a
  caller who is queued after it was not lost and is known anew, with his old place.  A late ``CallArrived`` is
  no such sign.

``CallQueued`` comes again after a missed offer, before or after ``OfferMissed``, and after a restart: it
says where the caller's place is, and only from the menu or after a talk does it put the caller there.

A callback is a call that goes on without a channel.  While one is asked for, the end of a channel is not the
end of the call, which the table does not say: the call rests until the next try is due, takes its old place,
and when an agent is reserved for it the citizen is called.  Only a talk, or the last try, ends that; and a
citizen who was reached, and waits on the line until an agent answers, is a caller as any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from routing.facts import (
    CallAnswered,
    CallArrived,
    CallbackAsked,
    CallbackDue,
    CallbackGivenUp,
    CallEnded,
    CallLost,
    CallOffered,
    CallOverflowed,
    CallQueued,
    CallTurnedAway,
    Fact,
    NeedsRelaxed,
    OfferDeclined,
    OfferMissed,
    OfferOverdue,
    OfferProposed,
    OfferRefused,
    OfferUnreachable,
    TalkEnded,
)
from routing.ids import AgentId, CallId, CategoryId, HelplineId, Instant, LanguageCode, NodeId
from routing.lifecycle import IllegalTransition, staying, successor


class CallState(Enum):
    """Where a call is; the value is what is stored."""

    # Members are single; Enum's own hash is a call into Python, and every fact looks its state up.
    __hash__ = object.__hash__

    IN_MENU = "in_menu"
    WAITING = "waiting"
    RESERVED = "reserved"
    """An agent is held for the call; the switch has not yet said that it rings there."""
    RINGING = "ringing"
    TALKING = "talking"
    LEAVING = "leaving"
    """The agent's leg is gone, or the caller was turned away; she still hears the docket number, or why."""
    RESTING = "resting"
    """A callback that is not in line: the caller has yet to hang up, or the next try is not due."""
    ENDED = "ended"


IN_MENU, WAITING, RESERVED, RINGING, TALKING, LEAVING, RESTING, ENDED = CallState

NotTaken: TypeAlias = OfferMissed | OfferDeclined | OfferUnreachable
"""The agent's phone was called and nobody answered."""
OfferFact: TypeAlias = (
    OfferProposed | CallOffered | OfferRefused | NotTaken | OfferOverdue | CallAnswered | TalkEnded
)
"""What concerns a call and an agent together."""
WaitFact: TypeAlias = (
    NeedsRelaxed | CallOverflowed | CallTurnedAway | CallbackAsked | CallbackDue | CallbackGivenUp
)
"""What becomes of a caller's wait."""
CallFact: TypeAlias = CallArrived | CallQueued | CallEnded | CallLost | OfferFact | WaitFact

_ENDS: Final[dict[type[Fact], CallState]] = {CallEnded: ENDED, CallLost: ENDED}
_NOT_TAKEN: Final = (OfferMissed, OfferDeclined, OfferUnreachable)
_WORD_OF_AN_OFFER: Final = (CallOffered, OfferRefused, *_NOT_TAKEN, OfferOverdue, TalkEnded)

LIFE: Final[Mapping[CallState, Mapping[type[Fact], CallState]]] = {
    IN_MENU: {
        **staying(IN_MENU, CallArrived),
        CallQueued: WAITING,
        # After hours, or under a load that no line can take.
        CallbackAsked: RESTING,
        # The switch's native queue may have served a caller whose queueing we were not there to see.
        CallAnswered: TALKING,
        **_ENDS,
    },
    WAITING: {
        **staying(WAITING, CallArrived, CallQueued, NeedsRelaxed, CallOverflowed, CallbackDue),
        CallTurnedAway: LEAVING,
        CallbackAsked: RESTING,
        OfferProposed: RESERVED,
        CallAnswered: TALKING,
        **staying(WAITING, *_WORD_OF_AN_OFFER),
        **_ENDS,
    },
    RESERVED: {
        # Queued while an offer stands: the echo of an earlier miss, or OfferMissed is about to follow.
        # A callback asked for as the offer was made counts if the offer comes to nothing.
        **staying(RESERVED, CallArrived, CallQueued, CallbackAsked, OfferOverdue),
        CallOffered: RINGING,
        OfferRefused: WAITING,
        **dict.fromkeys(_NOT_TAKEN, WAITING),
        CallAnswered: TALKING,
        # The end of the talk has overtaken its beginning.
        TalkEnded: LEAVING,
        **_ENDS,
    },
    RINGING: {
        **staying(RINGING, CallArrived, CallQueued, CallbackAsked, CallOffered, OfferOverdue),
        # [connect] turns a stale epoch away after the switch has accepted the redirect.
        OfferRefused: WAITING,
        **dict.fromkeys(_NOT_TAKEN, WAITING),
        CallAnswered: TALKING,
        TalkEnded: LEAVING,
        **_ENDS,
    },
    TALKING: {
        # Whoever returns a talking caller to a waiting room reports TalkEnded first.
        **staying(TALKING, CallArrived, CallQueued, CallbackAsked, CallAnswered),
        # The answer came first; a refusal or a miss of the same offer was the guess of a lost reply.
        **staying(TALKING, CallOffered, OfferRefused, *_NOT_TAKEN, OfferOverdue),
        TalkEnded: LEAVING,
        **_ENDS,
    },
    LEAVING: {
        **staying(LEAVING, CallArrived),
        # Turned away as he was answered after all; whoever leaves after a talk does not heed it.
        CallAnswered: TALKING,
        # Passed on by the agent to a helpline, or found in the waiting room after a lost link.
        CallQueued: WAITING,
        CallbackAsked: RESTING,
        **staying(LEAVING, *_WORD_OF_AN_OFFER),
        **_ENDS,
    },
    RESTING: {
        **staying(RESTING, CallArrived, CallbackAsked, *_WORD_OF_AN_OFFER),
        CallQueued: WAITING,
        CallbackDue: WAITING,
        CallbackGivenUp: ENDED,
        CallAnswered: TALKING,
        **_ENDS,
    },
    ENDED: staying(
        ENDED,
        *(CallArrived, CallQueued, CallbackAsked, CallAnswered, CallEnded, CallLost),
        *_WORD_OF_AN_OFFER,
    ),
}

HELD: Final = frozenset({RESERVED, RINGING, TALKING})
"""The states in which a call and exactly one agent name each other."""


class Place(NamedTuple):
    """A caller's place in a waiting room, kept through every offer; a tuple, as a call is."""

    helpline: HelplineId
    queued_at: Instant
    came_at: Instant
    """When he came to this helpline's line: later than ``queued_at`` after an overflow."""
    category: CategoryId = CategoryId("")
    step: int = 0
    """How far his needs have relaxed."""
    held_for: AgentId | None = None
    """The one agent he waits for, for a limited time."""
    left: frozenset[HelplineId] = frozenset()
    """The helplines he could not wait at: he is sent to none of them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A caller who is to be called, and what was tried."""

    number: str = field(repr=False)
    on_line: bool = True
    """Whether the caller has not hung up yet."""
    failed: int = 0
    failed_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Parting:
    """The end of a talk: with whom, and when by the switch's clock."""

    agent: AgentId
    at: Instant


class Call(NamedTuple):
    """One caller, as the floor knows him.  A value: each fact makes a new one.

    A tuple, since a changed copy of one costs a fifth of a frozen dataclass's, and each fact makes two.
    """

    id: CallId
    state: CallState
    since: Instant
    """When the call came into this state."""
    node: NodeId
    arrived_at: Instant
    """The first we heard of the call; later than the truth when we were away."""
    dialled: str = ""
    caller: str = ""
    language: LanguageCode | None = None
    place: Place | None = None
    """None until the call was queued."""
    agent: AgentId | None = None
    """Who holds the call; None unless it is reserved, ringing or talking."""
    parting: Parting | None = None
    """The last talk that we know to be over."""
    callback: Callback | None = None

    def __repr__(self) -> str:
        """Without the caller's number, which so stays out of tracebacks and logs."""
        return f"Call({self.id!r}, {self.state}, place={self.place!r}, agent={self.agent!r})"

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
                is_leaving = self.state is LEAVING and self.served_at is not None
                return not is_leaving and not self._is_over(fact)
            case _:
                return self.agent == fact.agent

    def overhearing(self, fact: OfferFact) -> Call:
        """The call once it was told a fact that it does not heed: only of a talk that is over it learns."""
        match fact:
            case TalkEnded():
                return _parted(self, fact)
            case CallAnswered():
                return _left_by_talk(self)
            case _:
                return self

    def lost_by(self, fact: OfferFact) -> CallLost | None:
        """What a fact that the call does not heed means to whoever holds it; None when nothing."""
        then = self.overhearing(fact)
        # The answer is of before she was held.
        return None if then.agent == self.agent else CallLost(at=max(self.since, then.since), call=self.id)

    def after(self, fact: CallFact) -> Call:
        """The call once *fact* has happened.  Raises IllegalTransition when it cannot.

        Of the facts of an offer give it only those that the call heeds.
        """
        state = successor(LIFE, self.state, fact=fact, who=self.id)
        match fact:
            case CallArrived():
                return _told_of_arrival(self, fact)
            case CallQueued():
                return _queued(self, fact, state)
            case OfferProposed():
                return _moved(self, state, at=fact.at, agent=fact.agent)
            case CallAnswered():
                return _moved(_served(self), state, at=fact.at, agent=fact.agent)
            case TalkEnded():
                return _moved(_parted(_served(self), fact), state, at=fact.at, agent=None)
            case OfferRefused() | OfferMissed() | OfferDeclined() | OfferUnreachable() if state is WAITING:
                return _moved(_offered_in_vain(self, fact), state, at=fact.at, agent=None)
            case CallEnded() | CallLost() if self.callback is not None:
                return _channel_gone(self, self.callback, fact)
            case CallbackAsked():
                return _moved(_asked_for_callback(self, fact), state, at=fact.at, agent=self.agent)
            case NeedsRelaxed() | CallOverflowed():
                return _waiting_elsewhere(self, fact)
            case _:
                return _moved(self, state, at=fact.at, agent=self.agent if state in HELD else None)

    def free_for_all(self) -> Call:
        """The call once it waits no longer for one agent alone."""
        return self if self.place is None else self._replace(place=self.place._replace(held_for=None))

    def let_go(self, at: Instant) -> Call:
        """The call once its agent was found talking to someone else: back to its place, or leaving."""
        if self.state is TALKING and self.agent is not None:
            return _moved(self._replace(parting=Parting(self.agent, at)), LEAVING, at=at, agent=None)
        left = _reached(self, at) if self.state is RINGING else self
        return _moved(left, WAITING, at=at, agent=None)

    @property
    def may_wait(self) -> bool:
        """Whether the call is in line, or may be without a word from the switch."""
        return self.state is WAITING or self.state is RESTING

    @property
    def has_channel(self) -> bool:
        """Whether the caller is on the line, or may be at any moment."""
        return not self.is_off_line or self.state not in (WAITING, RESTING)

    @property
    def is_off_line(self) -> bool:
        """Whether the caller has hung up and is to be called back, or is just being called."""
        return self.callback is not None and not self.callback.on_line

    @property
    def served_at(self) -> Instant | None:
        """When the last talk since the caller came to wait was over; None when there was none."""
        parting, place = self.parting, self.place
        if parting is None or place is None:
            return None
        # An overflow is our own doing, perhaps when he had talked already: he did not come by it.
        came_at = place.queued_at if place.left else place.came_at
        return parting.at if parting.at >= came_at else None

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
    return call._replace(state=state, since=at, agent=agent)


def _parted(call: Call, fact: TalkEnded) -> Call:
    return call._replace(parting=Parting(fact.agent, fact.at))


def _left_by_talk(call: Call) -> Call:
    """The caller has been served, unless he talks again; of one who has hung up only his callback is left."""
    served_at = call.served_at
    if served_at is None or call.state is TALKING or call.is_off_line:
        return call
    return _moved(_served(call), LEAVING, at=served_at, agent=None)


def _told_of_arrival(call: Call, fact: CallArrived) -> Call:
    # A resynchronisation repeats the arrival at a later moment.
    earliest = min(call.arrived_at, fact.at)
    return call._replace(arrived_at=earliest, node=fact.node, dialled=fact.dialled, caller=fact.caller)


def _queued(call: Call, fact: CallQueued, state: CallState) -> Call:
    if call.state is LEAVING and fact.at < call.since:
        # An echo of before the talk, or of before he was turned away.
        return call
    told = call._replace(place=_place(call, fact), node=fact.node, language=fact.language, caller=fact.caller)
    # While an offer stands this may be an echo; what becomes of the offer will tell.
    heard = told if call.state in HELD else _reached(told, fact.at)
    return _moved(heard, state, at=fact.at, agent=call.agent)


def _place(call: Call, fact: CallQueued) -> Place:
    """The place a queueing tells of: the one we know, unless the caller is somewhere new."""
    known = call.place
    if call.state is LEAVING and call.served_at is not None:
        # Whoever passes a caller on sends him to a new one.
        return _new_place(fact, came_at=fact.at)
    if known is not None and (fact.helpline == known.helpline or fact.helpline in known.left):
        # The moment is the channel's own; a helpline he has left is an echo of before.
        return known if known.queued_at == fact.queued_at else known._replace(queued_at=fact.queued_at)
    return _new_place(fact, came_at=fact.queued_at)


def _new_place(fact: CallQueued, *, came_at: Instant) -> Place:
    return Place(
        helpline=fact.helpline,
        queued_at=fact.queued_at,
        came_at=came_at,
        category=fact.category,
        held_for=fact.preferred,
    )


def _waiting_elsewhere(call: Call, fact: NeedsRelaxed | CallOverflowed) -> Call:
    place = call.place
    if place is None:
        raise IllegalTransition(call.id, call.state, fact)
    if isinstance(fact, NeedsRelaxed):
        return call._replace(place=place._replace(step=fact.step, held_for=None))
    return call._replace(
        place=Place(
            helpline=fact.helpline,
            queued_at=place.queued_at,
            came_at=fact.at,
            left=place.left | {place.helpline},
        ),
    )


# --- callbacks -----------------------------------------------------------------------------------


def _asked_for_callback(call: Call, fact: CallbackAsked) -> Call:
    if call.state is TALKING or call.callback is not None:
        return call
    if call.place is None:
        call = _placed(call, fact)
    return call._replace(callback=Callback(number=fact.number))


def _placed(call: Call, fact: CallbackAsked) -> Call:
    """A caller of the menu in the place he asks to be called back to."""
    if fact.helpline is None:
        raise IllegalTransition(call.id, call.state, fact)
    place = Place(helpline=fact.helpline, queued_at=fact.at, came_at=fact.at)
    return call._replace(place=place, language=fact.language)


def _served(call: Call) -> Call:
    """A talk began: there is nothing to call back."""
    return call if call.callback is None else call._replace(callback=None)


def _reached(call: Call, at: Instant) -> Call:
    """A citizen who was called back waits on the line, as any caller from that moment on.

    Whoever asked for a callback and has not hung up yet still wants it when he does.
    """
    if call.callback is None or call.callback.on_line or call.place is None:
        return call
    return call._replace(callback=None, place=call.place._replace(came_at=at))


def _offered_in_vain(call: Call, fact: OfferRefused | NotTaken) -> Call:
    # The agent's phone is called only once the citizen has answered his; a newer router may refuse her then.
    is_never_called = isinstance(fact, OfferRefused) and call.state is not RINGING
    return call if is_never_called else _reached(call, fact.at)


def _channel_gone(call: Call, callback: Callback, fact: CallEnded | CallLost) -> Call:
    """The call goes on without its channel: until the citizen is reached it is only called back later."""
    if callback.on_line:
        callback = replace(callback, on_line=False)
    elif call.state is RINGING and isinstance(fact, CallEnded):
        # He was reached, and hangs up before the agent answers, as any caller may.
        return _moved(_served(call), ENDED, at=fact.at, agent=None)
    elif call.state in HELD:
        callback = replace(callback, failed=callback.failed + 1, failed_at=fact.at)
    else:
        # Told twice, or late: it has no channel.
        return call
    return _moved(call._replace(callback=callback), RESTING, at=fact.at, agent=None)
