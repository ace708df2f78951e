"""The real calls, as the switches know them; what is reported goes into a bag on its way to the floor."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from routing.decisions import Offer
from routing.facts import (
    CallAnswered,
    CallArrived,
    CallbackAsked,
    CallEnded,
    CallOffered,
    CallQueued,
    Fact,
    OfferDeclined,
    OfferMissed,
    OfferRefused,
    OfferUnreachable,
    Party,
    TalkEnded,
)
from routing.ids import AgentId, CallId, CategoryId, HelplineId, Instant, LanguageCode, NodeId


class Truth(Enum):
    """Where a caller really is."""

    MENU = auto()
    WAITING = auto()
    PROMISED = auto()
    """Hears that he will be called back."""
    GONE = auto()
    """Has hung up, and is to be called back."""
    DIALLED = auto()
    """Is being called; an agent is held for him."""
    RINGING = auto()
    TALKING = auto()
    LEAVING = auto()


HAS_CHANNEL = frozenset(Truth) - {Truth.GONE, Truth.DIALLED}


@dataclass
class Caller:
    """A caller as his switch knows him."""

    id: CallId
    node: NodeId
    helpline: HelplineId
    language: LanguageCode
    category: CategoryId
    queued_at: Instant
    preferred: AgentId | None
    truth: Truth = Truth.MENU
    agent: AgentId | None = None
    wants_callback: bool = False
    tries: int = 0

    def queued(self, at: Instant) -> CallQueued:
        return CallQueued(
            at=at,
            call=self.id,
            node=self.node,
            helpline=self.helpline,
            language=self.language,
            queued_at=self.queued_at,
            caller="",
            category=self.category,
            preferred=self.preferred,
        )

    def arrived(self, at: Instant) -> CallArrived:
        return CallArrived(at=at, call=self.id, node=self.node, dialled="1916", caller="", caller_raw="")


@dataclass(frozen=True)
class Asked:
    """An offer on its way to the switch, which is to call the citizen first, or to move a caller it has."""

    offer: Offer
    dials: bool


@dataclass
class Switchboard:
    """All switches of the floor, the clock they share, and what they were asked for and have not done."""

    now: Instant
    callers: dict[CallId, Caller] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    turned_away: list[CallId] = field(default_factory=list)
    reports: list[Fact] = field(default_factory=list)
    down: set[NodeId] = field(default_factory=set)
    phones_lost: set[AgentId] = field(default_factory=set)
    in_order: set[CallId] = field(default_factory=set)
    """Calls of which everything is reported in the order in which it happens, as one link does."""

    def tick(self) -> Instant:
        """No two things happen at one moment."""
        self.now = Instant(self.now + 0.001)
        return self.now

    def at(self, *truths: Truth, within_reach: bool = True) -> list[Caller]:
        return [
            caller
            for caller in self.callers.values()
            if caller.truth in truths and not (within_reach and caller.node in self.down)
        ]

    def heard(self, index: int) -> Fact:
        """Take a report out of the bag: that one, or, where they come in order, the first of its call."""
        call = getattr(self.reports[index], "call", None)
        if call in self.in_order:
            index = next(n for n, one in enumerate(self.reports) if getattr(one, "call", None) == call)
        return self.reports.pop(index)

    def of(self, call: CallId) -> list[Fact]:
        """Take every report of a call out of the bag, in order."""
        found = [fact for fact in self.reports if getattr(fact, "call", None) == call]
        self.reports = [fact for fact in self.reports if fact not in found]
        return found

    def audible(self) -> list[int]:
        """The reports that can come now: a switch that is down says nothing."""
        return [n for n, fact in enumerate(self.reports) if self._node(fact) not in self.down]

    def _node(self, fact: Fact) -> NodeId | None:
        caller = self.callers.get(getattr(fact, "call", CallId("")))
        return None if caller is None else caller.node

    # --- what was asked -----------------------------------------------------------------------------

    def do_next(self, *, accept: bool = True) -> None:
        """Do what was asked first; refuse it when the caller is not to be had."""
        asked = self.asked.pop(0)
        offer, caller = asked.offer, self.callers.get(asked.offer.call)
        if caller is not None and caller.wants_callback and (caller.truth is Truth.GONE) != asked.dials:
            # The channel is gone, which the shell hears of anyway: it looks again, and says no more.
            return
        if not accept or caller is None or caller.node in self.down or not self._offer(caller, offer.agent):
            at = self.tick()
            self.reports.append(OfferRefused(at=at, call=offer.call, agent=offer.agent, reason="refused"))

    def _offer(self, caller: Caller, agent: AgentId) -> bool:
        if caller.truth is Truth.GONE:
            caller.truth, caller.agent = Truth.DIALLED, agent
            return True
        if caller.truth not in (Truth.WAITING, Truth.PROMISED):
            return False
        self._ring(caller, agent)
        return True

    def is_asked(self, offer: Offer) -> bool:
        """Whether the offer is still on its way to the switch."""
        return any(asked.offer == offer for asked in self.asked)

    def _ring(self, caller: Caller, agent: AgentId) -> None:
        busy = any(one.agent == agent for one in self.callers.values() if one is not caller)
        self.reports.append(CallOffered(at=self.tick(), call=caller.id, agent=agent))
        caller.truth, caller.agent = Truth.RINGING, agent
        if agent in self.phones_lost:
            self._not_taken(caller, OfferUnreachable(at=self.tick(), call=caller.id, agent=agent))
        elif busy:
            self.decline(caller)

    def let_go(self) -> None:
        """Tell the next caller who is to be turned away, and hang up, if he is there."""
        caller = self.callers.get(self.turned_away.pop(0))
        if caller is not None and caller.truth is Truth.WAITING and caller.node not in self.down:
            self.hang_up(caller)

    # --- what people do -----------------------------------------------------------------------------

    def arrive(self, caller: Caller) -> None:
        self.callers[caller.id] = caller
        self.reports.append(caller.arrived(self.tick()))

    def queue(self, caller: Caller) -> None:
        caller.queued_at = self.tick()
        caller.truth = Truth.WAITING
        self.reports.append(caller.queued(caller.queued_at))

    def promise(self, caller: Caller) -> None:
        """The caller asks to be called back, in the menu or in the waiting room."""
        in_menu = caller.truth is Truth.MENU
        at = self.tick()
        if in_menu:
            caller.queued_at, caller.category = at, CategoryId("")
        caller.truth, caller.wants_callback = Truth.PROMISED, True
        helpline = caller.helpline if in_menu else None
        self.reports.append(
            CallbackAsked(at=at, call=caller.id, number="1", helpline=helpline, language=caller.language)
        )

    def pick_up(self, caller: Caller) -> None:
        """The citizen who was called answers: he is a caller on the line, and the agent's phone rings."""
        assert caller.agent is not None
        caller.wants_callback = False
        self._ring(caller, caller.agent)

    def answer(self, caller: Caller) -> None:
        assert caller.agent is not None
        self.reports.append(CallAnswered(at=self.tick(), call=caller.id, agent=caller.agent))
        caller.truth, caller.wants_callback = Truth.TALKING, False

    def miss(self, caller: Caller) -> None:
        assert caller.agent is not None
        self._not_taken(
            caller, OfferMissed(at=self.tick(), call=caller.id, agent=caller.agent, reason="ring limit")
        )

    def decline(self, caller: Caller) -> None:
        assert caller.agent is not None
        self._not_taken(caller, OfferDeclined(at=self.tick(), call=caller.id, agent=caller.agent))

    def _not_taken(self, caller: Caller, end: Fact) -> None:
        caller.truth, caller.agent = Truth.WAITING, None
        self.reports += [end, caller.queued(self.tick())]

    def end_talk(self, caller: Caller) -> None:
        assert caller.agent is not None
        self.reports.append(TalkEnded(at=self.tick(), call=caller.id, agent=caller.agent, by=Party.AGENT))
        caller.truth, caller.agent = Truth.LEAVING, None

    def pass_on(self, caller: Caller, helpline: HelplineId) -> None:
        """The agent sends the caller to a helpline, in the place of the moment he first came."""
        self.end_talk(caller)
        caller.helpline, caller.truth = helpline, Truth.WAITING
        self.reports.append(caller.queued(self.tick()))

    def hang_up(self, caller: Caller) -> None:
        """The caller's channel goes.  An agent's leg goes with it: of a talk that is reported afterwards.

        An offer that rang is missed before, or never ended: a dialplan goes no further without its channel.
        """
        agent, talked = caller.agent, caller.truth is Truth.TALKING
        if caller.truth is Truth.RINGING and agent is not None:
            gone = OfferMissed(at=self.tick(), call=caller.id, agent=agent, reason="caller gone")
            self.reports.append(gone)
        self.reports.append(CallEnded(at=self.tick(), call=caller.id, by=Party.CALLER))
        if talked:
            self.end_talk(caller)
        caller.agent = None
        if caller.wants_callback:
            caller.tries += caller.truth is Truth.DIALLED
            caller.truth = Truth.GONE
        else:
            del self.callers[caller.id]
