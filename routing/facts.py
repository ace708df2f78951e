"""What has happened on the floor.

Facts are the only thing the floor, the journal and every projection read.  They are in the past tense,
frozen, and carry the moment they happened (the switch's own clock where the switch reported it).
The order of a call's life, and of an agent's, is in ``call.py`` and ``agent.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from routing.ids import NOWHERE, AgentId, CallId, HelplineId, Instant, LanguageCode, NodeId, Phone


class Party(Enum):
    """Who ended something."""

    CALLER = "caller"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened at a moment."""

    at: Instant


# --- calls ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CallArrived(Fact):
    """A caller reached a helpline number and hears the menu."""

    call: CallId
    node: NodeId
    dialled: str
    caller: str
    """Normalised to E.164 where it can be; empty when withheld."""
    caller_raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueued(Fact):
    """A caller is in the waiting room: newly, or again, with the place of ``queued_at``."""

    call: CallId
    node: NodeId
    helpline: HelplineId
    language: LanguageCode
    queued_at: Instant
    caller: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferProposed(Fact):
    """The router has reserved this agent for this call and is asking the switch to connect them."""

    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOffered(Fact):
    """The switch accepted the offer: the agent's phone is being called."""

    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRefused(Fact):
    """The switch did not take the offer (stale epoch, link down, call gone): the agent never rang."""

    call: CallId
    agent: AgentId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferMissed(Fact):
    """The agent's phone was called and not answered: ring limit, busy or unreachable."""

    call: CallId
    agent: AgentId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferOverdue(Fact):
    """No end of the offer was reported within its time: the router is asking the switch what became of it."""

    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered(Fact):
    """The agent answered; caller and agent are talking."""

    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkEnded(Fact):
    """The agent's leg is gone; the caller may still be hearing the docket number."""

    call: CallId
    agent: AgentId
    by: Party


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(Fact):
    """The caller's channel is gone."""

    call: CallId
    by: Party


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLost(Fact):
    """The switch no longer knows the call and nobody saw it end (the switch or we were away)."""

    call: CallId


# --- agents --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLoggedIn(Fact):
    """An agent is at a phone, not yet taking calls.  Repeating it updates phone and helplines."""

    agent: AgentId
    phone: Phone
    helplines: frozenset[HelplineId]
    node: NodeId = NOWHERE
    """Where the phone is registered; empty while that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityAsked(Fact):
    """The agent wants calls; also ends a wrap-up, a break or a missed state early."""

    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakAsked(Fact):
    """The agent wants a break: at once when idle, else after the call in hand."""

    agent: AgentId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutAsked(Fact):
    """The agent wants to go: at once when idle, else after the call in hand."""

    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpEnded(Fact):
    """The time limit of the agent's wrap-up has passed."""

    agent: AgentId
