"""What the floor wants done.

Each decision names the fact that records it.  Whoever takes a decision applies that fact first and acts
then, so that the same thing is never decided twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from routing.facts import OfferOverdue, OfferProposed, WrapUpEnded
from routing.ids import AgentId, CallId, Instant


@dataclass(frozen=True, slots=True)
class Offer:
    """Ask the switch to connect the caller with the agent."""

    call: CallId
    agent: AgentId

    def as_fact(self, at: Instant) -> OfferProposed:
        """The fact by which the floor reserves both."""
        return OfferProposed(at=at, call=self.call, agent=self.agent)


@dataclass(frozen=True, slots=True)
class EndWrapUp:
    """The time for wrap-up has passed: the agent may be given calls again."""

    agent: AgentId

    def as_fact(self, at: Instant) -> WrapUpEnded:
        """The fact that ends the wrap-up; nothing else is to be done."""
        return WrapUpEnded(at=at, agent=self.agent)


@dataclass(frozen=True, slots=True)
class Reconcile:
    """The switch has not said how this offer ended: ask where the caller is, and report it as a fact.

    One of OfferRefused, OfferMissed, CallAnswered, CallEnded or CallLost releases or confirms the agent.
    """

    call: CallId
    agent: AgentId

    def as_fact(self, at: Instant) -> OfferOverdue:
        """The fact that gives the offer its time once more, after which the floor decides this again."""
        return OfferOverdue(at=at, call=self.call, agent=self.agent)


Decision: TypeAlias = Offer | EndWrapUp | Reconcile
