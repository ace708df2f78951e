"""What has happened on the floor.

Facts are the only thing the floor, the journal and every projection read.  They are in the past tense,
frozen, and carry the moment they happened (the switch's own clock where the switch reported it).
The order of a call's life, and of an agent's, is in ``call.py`` and ``agent.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from routing.ids import (
    NOWHERE,
    AgentId,
    CallId,
    CategoryId,
    HelplineId,
    Instant,
    LanguageCode,
    NodeId,
    Phone,
    Pool,
    Skill,
)


class Party(Enum):
    """Who ended something."""

    CALLER = "caller"
    AGENT = "agent"
    SYSTEM = "system"


class Turned(Enum):
    """Why a caller could not go on waiting where he was."""

    FULL = "full"
    LATE = "late"
    """He has waited as long as the helpline lets anybody wait."""
    UNSTAFFED = "unstaffed"
    CLOSED = "closed"


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
    category: CategoryId = CategoryId("")
    preferred: AgentId | None = None
    """Who handled this caller or docket last, and should again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsRelaxed(Fact):
    """The caller has waited so long that more agents may serve him: those of this step of his helpline."""

    call: CallId
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOverflowed(Fact):
    """The caller could not go on waiting at one helpline and waits, in the same place, at another."""

    call: CallId
    helpline: HelplineId
    """Where he waits now."""
    why: Turned


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTurnedAway(Fact):
    """The caller could not go on waiting: he is told why, and let go."""

    call: CallId
    why: Turned


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackAsked(Fact):
    """The caller hangs up and keeps his place; when his turn comes he is called at ``number``."""

    call: CallId
    number: str
    helpline: HelplineId | None = None
    """Where he is to wait; needed of a caller who was not queued before."""
    language: LanguageCode | None = None
    """His language; likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackDue(Fact):
    """A callback takes its place in line: the caller has hung up, or the time for another try has come."""

    call: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackGivenUp(Fact):
    """The citizen was called as often as the rules allow and did not answer."""

    call: CallId


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
    """The agent's phone rang until the ring limit and was not answered."""

    call: CallId
    agent: AgentId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDeclined(Fact):
    """The agent, or her phone for her, refused the call: busy."""

    call: CallId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferUnreachable(Fact):
    """The agent's phone could not be called: not registered, or its network is gone."""

    call: CallId
    agent: AgentId


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
    """An agent is at a phone, not yet taking calls.  Repeating it updates all that it says."""

    agent: AgentId
    phone: Phone
    helplines: frozenset[HelplineId]
    pools: frozenset[Pool] = frozenset()
    skills: frozenset[tuple[Skill, int]] = frozenset()
    """Each with its level, 1 to 9."""
    order: tuple[HelplineId, ...] = ()
    """The helplines she should serve before the others, first the one she should serve most."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneLost(Fact):
    """The agent's phone can no longer be reached."""

    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneBack(Fact):
    """The agent's phone can be reached: again, or at another node than before."""

    agent: AgentId
    node: NodeId = NOWHERE
    """Where it is registered; empty where it was."""


# --- the house -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorTakenUp(Fact):
    """A router has begun: with the calls and agents that are known of, and no node served yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelplineOpened(Fact):
    """The helpline's hours have begun."""

    helpline: HelplineId


@dataclass(frozen=True, slots=True, kw_only=True)
class HelplineClosed(Fact):
    """The helpline's hours are over."""

    helpline: HelplineId


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeServed(Fact):
    """The switch can be asked to move calls, and its whole waiting room is known."""

    node: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeDown(Fact):
    """The switch cannot be asked: its callers stay where they are, its phones cannot be rung."""

    node: NodeId
