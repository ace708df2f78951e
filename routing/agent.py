"""The life of an agent: at the phone, free, held by an offer, talking, writing, away.

What an agent asks for takes effect at once when nothing is in her hands, otherwise it is remembered as her
intent and takes effect when the call and its wrap-up are over.  Her newest word counts.

The floor gives an agent only the facts of the offer or call that she holds; which those are is decided in
``call.py``.  The table names the usual state after a fact; three things lead elsewhere, all in this file:
an intent instead of ``AVAILABLE``, no ``WRAP_UP`` when its time is nought, and ``AVAILABLE`` instead of
``MISSED`` while the limit of missed offers is not reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from routing.call import OfferFact
from routing.facts import (
    AgentLoggedIn,
    AvailabilityAsked,
    BreakAsked,
    CallAnswered,
    CallEnded,
    CallLost,
    CallOffered,
    Fact,
    LogoutAsked,
    OfferDeclined,
    OfferMissed,
    OfferOverdue,
    OfferProposed,
    OfferRefused,
    OfferUnreachable,
    PhoneBack,
    PhoneLost,
    TalkEnded,
    WrapUpEnded,
)
from routing.ids import NOWHERE, AgentId, CallId, HelplineId, Instant, NodeId, Phone, later
from routing.lifecycle import staying, successor
from routing.needs import NO_ABILITIES, Abilities
from routing.rules import FloorRules


class AgentState(Enum):
    """What an agent is doing; the value is what is stored."""

    # As in CallState.
    __hash__ = object.__hash__

    LOGGED_OUT = "logged_out"
    NOT_READY = "not_ready"
    """At a phone, and has not yet asked for calls."""
    AVAILABLE = "available"
    RESERVED = "reserved"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    ON_BREAK = "on_break"
    MISSED = "missed"
    """Did not answer; gets no calls until she asks for them."""
    UNREACHABLE = "unreachable"
    """Wants calls, but her phone cannot be rung; gets them again when it is back."""


LOGGED_OUT, NOT_READY, AVAILABLE, RESERVED, RINGING = list(AgentState)[:5]
TALKING, WRAP_UP, ON_BREAK, MISSED, UNREACHABLE = list(AgentState)[5:]

OwnFact: TypeAlias = (
    AgentLoggedIn | AvailabilityAsked | BreakAsked | LogoutAsked | WrapUpEnded | PhoneLost | PhoneBack
)
"""What concerns an agent alone."""
AgentFact: TypeAlias = OwnFact | OfferFact | CallEnded | CallLost

_ASKED: Final = (AvailabilityAsked, BreakAsked, LogoutAsked)
_PHONE: Final = (PhoneLost, PhoneBack)


def _idle(state: AgentState) -> dict[type[Fact], AgentState]:
    """The row of an agent with nothing in her hands: what she asks for happens at once."""
    return {
        **staying(state, AgentLoggedIn),
        AvailabilityAsked: AVAILABLE,
        BreakAsked: ON_BREAK,
        LogoutAsked: LOGGED_OUT,
        # She ended her wrap-up herself as its time ran out.
        **staying(state, WrapUpEnded, *_PHONE),
        # The switch's native queue, or a reply that was lost: she talks, whatever we thought.
        CallAnswered: TALKING,
    }


def _offered(state: AgentState) -> dict[type[Fact], AgentState]:
    """The row of an agent held by an offer."""
    return {
        **staying(state, AgentLoggedIn, WrapUpEnded, OfferOverdue, *_ASKED, *_PHONE),
        CallOffered: RINGING,
        OfferRefused: AVAILABLE,
        OfferMissed: MISSED,
        OfferDeclined: MISSED,
        OfferUnreachable: UNREACHABLE,
        CallAnswered: TALKING,
        TalkEnded: WRAP_UP,
        # The caller hung up before she could answer: not her miss.
        CallEnded: AVAILABLE,
        CallLost: AVAILABLE,
    }


LIFE: Final[Mapping[AgentState, Mapping[type[Fact], AgentState]]] = {
    LOGGED_OUT: {
        AgentLoggedIn: NOT_READY,
        # Asked in a console left open: without a phone there is nothing to give her.
        **staying(LOGGED_OUT, WrapUpEnded, *_ASKED, *_PHONE),
        CallAnswered: TALKING,
    },
    NOT_READY: _idle(NOT_READY),
    AVAILABLE: {**_idle(AVAILABLE), OfferProposed: RESERVED, PhoneLost: UNREACHABLE},
    RESERVED: _offered(RESERVED),
    RINGING: _offered(RINGING),
    TALKING: {
        **staying(TALKING, AgentLoggedIn, WrapUpEnded, *_ASKED, *_PHONE),
        # Overtaken by the answer.
        **staying(TALKING, CallOffered, OfferRefused, OfferMissed, OfferDeclined, OfferUnreachable),
        **staying(TALKING, OfferOverdue, CallAnswered),
        TalkEnded: WRAP_UP,
        CallEnded: WRAP_UP,
        CallLost: WRAP_UP,
    },
    WRAP_UP: {
        **staying(WRAP_UP, AgentLoggedIn, BreakAsked, LogoutAsked, *_PHONE),
        AvailabilityAsked: AVAILABLE,
        WrapUpEnded: AVAILABLE,
        CallAnswered: TALKING,
    },
    ON_BREAK: _idle(ON_BREAK),
    MISSED: _idle(MISSED),
    UNREACHABLE: {**_idle(UNREACHABLE), PhoneBack: AVAILABLE},
}

HOLDING: Final = frozenset({RESERVED, RINGING, TALKING})
"""The states in which an agent and exactly one call name each other."""
_BUSY: Final = HOLDING | {WRAP_UP}
AT_WORK: Final = _BUSY | {AVAILABLE}
"""The states in which an agent takes calls, now or as soon as she has done with the one before."""
# Whoever talks without having been free returns to where she was, not into the next call.
_RETURNED_TO: Final = frozenset({LOGGED_OUT, NOT_READY, ON_BREAK})


@dataclass(frozen=True, slots=True)
class Intent:
    """What an agent wants to be once the call in hand and its wrap-up are over."""

    state: AgentState
    reason: str = ""


class Agent(NamedTuple):
    """One agent, as the floor knows her.  A value: each fact makes a new one; a tuple, as a call is."""

    id: AgentId
    state: AgentState
    since: Instant
    """When she came into this state; while AVAILABLE also her place among the idle."""
    phone: Phone
    helplines: frozenset[HelplineId]
    idle_since: Instant
    """The last moment she became free: an offer that comes to nothing gives her this place back."""
    abilities: Abilities = NO_ABILITIES
    node: NodeId = NOWHERE
    """Where her phone is registered; empty while that is not known."""
    call: CallId | None = None
    """The call she holds; None unless she is reserved, ringing or talking."""
    intent: Intent | None = None
    reason: str = ""
    """Why she is away: of a break in her words, of a missed offer in the switch's."""
    missed: int = 0
    """Offers missed or declined in a row."""
    answered: int = 0
    """Calls answered since she logged in."""
    deadline: Instant | None = None
    """The end of her wrap-up; or, held by an offer, when the switch is to be asked about it."""

    def after(self, fact: AgentFact, rules: FloorRules) -> Agent:
        """The agent once *fact* has happened.  Raises IllegalTransition when it cannot.

        Of the facts of calls and offers give her only those of the one she holds, or begins to.
        """
        state = successor(LIFE, self.state, fact=fact, who=self.id)
        match fact:
            case AgentLoggedIn():
                return _at_phone(self, fact, state)
            case AvailabilityAsked():
                return _wants_calls(self, state, fact.at)
            case BreakAsked():
                return _wants_away(self, Intent(ON_BREAK, fact.reason), state, at=fact.at)
            case LogoutAsked():
                return _wants_away(self, Intent(LOGGED_OUT), state, at=fact.at)
            case CallAnswered():
                return _answered(self, fact)
            case PhoneLost() | PhoneBack():
                return _phone_changed(self, fact, state)
            case WrapUpEnded():
                if state is self.state:
                    return self
                return _landed(self, self.intent, fact.at, missed=self.missed, idle_since=fact.at)
            case _:
                return _after_offer(self, fact, state, rules=rules)


def stranger(agent: AgentId, at: Instant) -> Agent:
    """An agent never heard of before: logged out, at no phone."""
    return Agent(id=agent, state=LOGGED_OUT, since=at, phone=Phone(""), helplines=frozenset(), idle_since=at)


def _after_offer(
    agent: Agent,
    fact: OfferProposed
    | CallOffered
    | OfferRefused
    | OfferMissed
    | OfferDeclined
    | OfferUnreachable
    | OfferOverdue
    | TalkEnded
    | CallEnded
    | CallLost,
    state: AgentState,
    *,
    rules: FloorRules,
) -> Agent:
    if state is TALKING:
        return agent
    match fact:
        case OfferProposed():
            guard = later(fact.at, rules.offer_limit)
            return agent._replace(state=state, since=fact.at, call=fact.call, deadline=guard)
        case CallOffered() | OfferOverdue():
            since = agent.since if state is agent.state else fact.at
            return agent._replace(state=state, since=since, deadline=later(fact.at, rules.offer_limit))
        case OfferMissed() | OfferDeclined():
            return _missed(agent, fact, limit=rules.missed_offers_limit)
        case OfferUnreachable():
            intent = agent.intent or Intent(UNREACHABLE)
            return _landed(agent, intent, fact.at, missed=agent.missed, idle_since=agent.idle_since)
    if state is WRAP_UP:
        return _wrapping_up(agent, fact.at, rules)
    # It came to nothing, and not by her fault: she keeps her place among the idle.
    return _landed(agent, agent.intent, fact.at, missed=agent.missed, idle_since=agent.idle_since)


def _at_phone(agent: Agent, fact: AgentLoggedIn, state: AgentState) -> Agent:
    abilities = Abilities(fact.helplines | fact.pools, dict(fact.skills), fact.order)
    node = agent.node if fact.phone == agent.phone else NOWHERE
    seated = agent._replace(phone=fact.phone, node=node, helplines=fact.helplines, abilities=abilities)
    if agent.state is LOGGED_OUT:
        return seated._replace(state=state, since=fact.at, missed=0, answered=0)
    if agent.intent is not None and agent.intent.state is LOGGED_OUT:
        # She is back before her logout took effect; like anybody logging in she has not asked for calls yet.
        return seated._replace(intent=Intent(NOT_READY))
    return seated


def _wants_calls(agent: Agent, state: AgentState, at: Instant) -> Agent:
    if agent.state is LOGGED_OUT:
        return agent
    if state is agent.state:
        return agent._replace(intent=None, missed=0)
    return _landed(agent, None, at, missed=0, idle_since=at)


def _wants_away(agent: Agent, intent: Intent, state: AgentState, *, at: Instant) -> Agent:
    if state is intent.state:
        return _landed(agent, intent, at, missed=agent.missed, idle_since=agent.idle_since)
    return agent._replace(intent=intent) if agent.state in _BUSY else agent


def _phone_changed(agent: Agent, fact: PhoneLost | PhoneBack, state: AgentState) -> Agent:
    if isinstance(fact, PhoneBack) and fact.node:
        agent = agent._replace(node=fact.node)
    if state is not agent.state:
        intent = Intent(UNREACHABLE) if isinstance(fact, PhoneLost) else None
        return _landed(agent, intent, fact.at, missed=agent.missed, idle_since=fact.at)
    if agent.state not in _BUSY:
        return agent
    if isinstance(fact, PhoneLost):
        return agent._replace(intent=agent.intent or Intent(UNREACHABLE))
    known_lost = agent.intent is not None and agent.intent.state is UNREACHABLE
    return agent._replace(intent=None) if known_lost else agent


def _answered(agent: Agent, fact: CallAnswered) -> Agent:
    if agent.call == fact.call and agent.state is TALKING:
        return agent
    intent = Intent(agent.state, agent.reason) if agent.state in _RETURNED_TO else agent.intent
    return agent._replace(
        state=TALKING,
        since=fact.at,
        call=fact.call,
        intent=intent,
        reason="",
        missed=0,
        answered=agent.answered + 1,
        deadline=None,
    )


def _wrapping_up(agent: Agent, at: Instant, rules: FloorRules) -> Agent:
    if not rules.wrap_up_seconds:
        return _landed(agent, agent.intent, at, missed=0, idle_since=at)
    deadline = later(at, rules.wrap_up_seconds)
    return agent._replace(state=WRAP_UP, since=at, call=None, missed=0, deadline=deadline)


def _missed(agent: Agent, fact: OfferMissed | OfferDeclined, *, limit: int) -> Agent:
    missed = agent.missed + 1
    intent = agent.intent
    if intent is None and missed >= limit:
        intent = Intent(MISSED, fact.reason if isinstance(fact, OfferMissed) else "declined")
    return _landed(agent, intent, fact.at, missed=missed, idle_since=fact.at)


def _landed(agent: Agent, intent: Intent | None, at: Instant, *, missed: int, idle_since: Instant) -> Agent:
    """With empty hands: where *intent* leads, else available in the place among the idle of *idle_since*."""
    goal = intent or Intent(AVAILABLE)
    since = agent.since if goal.state is agent.state else at
    return agent._replace(
        state=goal.state,
        since=idle_since if goal.state is AVAILABLE else since,
        reason=goal.reason,
        call=None,
        intent=None,
        deadline=None,
        missed=missed,
        idle_since=idle_since,
    )
