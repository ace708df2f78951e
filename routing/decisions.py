"""What the floor wants done.

Each decision names the fact that records it.  Whoever takes a decision applies that fact first and acts
then, so that the same thing is never decided twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from routing.facts import (
    CallbackDue,
    CallbackGivenUp,
    CallOverflowed,
    CallTurnedAway,
    NeedsRelaxed,
    OfferOverdue,
    OfferProposed,
    Turned,
    WrapUpEnded,
)
from routing.ids import AgentId, CallId, HelplineId, Instant


@dataclass(frozen=True, slots=True)
class Offer:
    """Ask the switch to connect the caller with the agent; a callback's citizen is called first."""

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

    A fact that ends the offer, an answer or the end of the call releases or confirms the agent.
    """

    call: CallId
    agent: AgentId

    def as_fact(self, at: Instant) -> OfferOverdue:
        """The fact that gives the offer its time once more, after which the floor decides this again."""
        return OfferOverdue(at=at, call=self.call, agent=self.agent)


@dataclass(frozen=True, slots=True)
class Relax:
    """The caller has waited long enough for more agents to serve him; nothing else is to be done."""

    call: CallId
    step: int

    def as_fact(self, at: Instant) -> NeedsRelaxed:
        """The fact that widens the choice."""
        return NeedsRelaxed(at=at, call=self.call, step=self.step)


@dataclass(frozen=True, slots=True)
class Overflow:
    """The caller waits at another helpline from now on: write that on his channel, too."""

    call: CallId
    helpline: HelplineId
    why: Turned

    def as_fact(self, at: Instant) -> CallOverflowed:
        """The fact that moves him there."""
        return CallOverflowed(at=at, call=self.call, helpline=self.helpline, why=self.why)


@dataclass(frozen=True, slots=True)
class TurnAway:
    """Have the switch tell the caller why he cannot be served, and let him go."""

    call: CallId
    why: Turned

    def as_fact(self, at: Instant) -> CallTurnedAway:
        """The fact that takes him out of line."""
        return CallTurnedAway(at=at, call=self.call, why=self.why)


@dataclass(frozen=True, slots=True)
class ResumeCallback:
    """A callback takes its place in line; nothing else is to be done."""

    call: CallId

    def as_fact(self, at: Instant) -> CallbackDue:
        """The fact that puts it there."""
        return CallbackDue(at=at, call=self.call)


@dataclass(frozen=True, slots=True)
class GiveUpCallback:
    """The citizen did not answer the last try; nothing else is to be done."""

    call: CallId

    def as_fact(self, at: Instant) -> CallbackGivenUp:
        """The fact that ends the call."""
        return CallbackGivenUp(at=at, call=self.call)


Decision: TypeAlias = (
    Offer | EndWrapUp | Reconcile | Relax | Overflow | TurnAway | ResumeCallback | GiveUpCallback
)
DecidedFact: TypeAlias = (
    OfferProposed
    | WrapUpEnded
    | OfferOverdue
    | NeedsRelaxed
    | CallOverflowed
    | CallTurnedAway
    | CallbackDue
    | CallbackGivenUp
)
"""What records a decision; of these only OfferProposed is ever told, of an offer found on a switch."""
