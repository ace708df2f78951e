"""Builds every fact and rule that a simulated floor is given: what the floor learns to heed is added here."""

from __future__ import annotations

from typing import Final

from routing.facts import (
    AgentLoggedIn,
    AvailabilityAsked,
    BreakAsked,
    CallAnswered,
    CallbackAsked,
    CallEnded,
    CallQueued,
    Fact,
    LogoutAsked,
    OfferMissed,
    Party,
    WrapUpEnded,
)
from routing.ids import AgentId, CallId, CategoryId, HelplineId, Instant, LanguageCode, NodeId, Phone
from routing.rules import FloorRules
from routing.simulation.scenario import Group, Scenario

NODE: Final = NodeId("simulated")
NUMBER: Final = "+910000000000"
"""Of every caller: nobody asks."""


def rules(scenario: Scenario) -> FloorRules:
    """The rules of the floor."""
    return FloorRules(
        ring_seconds=scenario.ring_seconds,
        wrap_up_seconds=scenario.wrap_up_seconds,
        missed_offers_limit=scenario.missed_offers_limit,
        order_step_seconds=scenario.order_step_seconds,
        helplines={demand.helpline: demand.rules for demand in scenario.demands},
    )


def queued(
    at: Instant, call: CallId, *, helpline: HelplineId, language: LanguageCode, category: str
) -> CallQueued:
    """A caller has come out of the menu."""
    return CallQueued(
        at=at,
        call=call,
        node=NODE,
        helpline=helpline,
        language=language,
        queued_at=at,
        caller="",
        category=CategoryId(category),
    )


def begun(at: Instant, agent: AgentId, group: Group) -> tuple[Fact, ...]:
    """An agent begins her shift and asks for calls."""
    seated = AgentLoggedIn(
        at=at,
        agent=agent,
        phone=Phone(agent),
        helplines=frozenset(group.helplines),
        pools=group.pools,
        skills=group.skills,
        order=group.order,
    )
    return seated, AvailabilityAsked(at=at, agent=agent)


def wants_calls(at: Instant, agent: AgentId) -> Fact:
    """An agent is back."""
    return AvailabilityAsked(at=at, agent=agent)


def wants_break(at: Instant, agent: AgentId, reason: str) -> Fact:
    """An agent goes on a break, after the call in hand."""
    return BreakAsked(at=at, agent=agent, reason=reason)


def wants_home(at: Instant, agent: AgentId) -> Fact:
    """An agent's shift is over, after the call in hand."""
    return LogoutAsked(at=at, agent=agent)


def written(at: Instant, agent: AgentId) -> Fact:
    """An agent has finished writing before the limit.

    She would say AvailabilityAsked, but her newest word counts, and that would cancel the break or the end of
    shift that she asked for meanwhile.
    """
    return WrapUpEnded(at=at, agent=agent)


def answered(at: Instant, call: CallId, agent: AgentId) -> Fact:
    """An agent has picked up.  That her phone rang before is left out: it would change no decision."""
    return CallAnswered(at=at, call=call, agent=agent)


def missed(at: Instant, call: CallId, agent: AgentId) -> Fact:
    """An agent's phone has rung to the limit."""
    return OfferMissed(at=at, call=call, agent=agent, reason="noanswer")


def hung_up(at: Instant, call: CallId) -> Fact:
    """A caller has hung up, waiting or talking: one fact ends the call, its offer and its talk."""
    return CallEnded(at=at, call=call, by=Party.CALLER)


def wants_callback(at: Instant, call: CallId) -> Fact:
    """A waiting caller asks to be called back; he has yet to hang up."""
    return CallbackAsked(at=at, call=call, number=NUMBER)
