"""What has happened to tickets, in the same manner as ``routing.facts``."""

from __future__ import annotations

from dataclasses import dataclass

from routing.facts import Fact
from routing.ids import AgentId, CallId, HelplineId, LanguageCode


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRegistered(Fact):
    """An agent took down what a citizen brought forward, under a docket number."""

    docket: str
    call: CallId | None
    """None when no call brought it, as with a letter."""
    helpline: HelplineId
    category: str
    agent: AgentId
    caller: str
    citizen: str
    """The name the citizen gave; empty when none was given."""
    place: str
    pincode: str | None = None
    """Six digits; None when none was given, and in journals from before it was asked for."""
    district: str | None
    """The district's two-digit code."""
    description: str
    language: LanguageCode
    answered_only: bool
    """True when the citizen was given an answer and no department has to act."""
