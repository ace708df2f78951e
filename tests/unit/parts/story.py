"""A floor, a clock and a short word for everything that can happen; what was decided is written down."""

from __future__ import annotations

from collections.abc import Mapping

from routing.agent import Agent
from routing.call import Call
from routing.decisions import Decision, Offer
from routing.facts import (
    AgentLoggedIn,
    AvailabilityAsked,
    BreakAsked,
    CallAnswered,
    CallArrived,
    CallbackAsked,
    CallEnded,
    CallLost,
    CallOffered,
    CallQueued,
    HelplineClosed,
    HelplineOpened,
    LogoutAsked,
    NodeDown,
    NodeServed,
    OfferDeclined,
    OfferMissed,
    OfferRefused,
    OfferUnreachable,
    Party,
    PhoneBack,
    PhoneLost,
    TalkEnded,
    WrapUpEnded,
)
from routing.floor import Floor, FloorRules
from routing.ids import (
    AgentId,
    CallId,
    CategoryId,
    HelplineId,
    Instant,
    LanguageCode,
    NodeId,
    Phone,
    Pool,
    Seconds,
    Skill,
)
from routing.needs import language_skill
from routing.rules import HelplineRules

RING, WRAP_UP = 20.0, 30.0
FIRST, SECOND, THIRD = CallId("node1-1"), CallId("node1-2"), CallId("node1-3")
ALI, BEA, CHITRA = AgentId("ali"), AgentId("bea"), AgentId("chitra")
KWA, FOOD, RATION = HelplineId("kwa"), HelplineId("food"), HelplineId("ration")
MALAYALAM, HINDI = LanguageCode("ml"), LanguageCode("hi")
NODE, NODE2 = NodeId("node1"), NodeId("node2")
NUMBER = "+919447000001"
# Nothing a story tells lasts longer: a router that decides the same for ever is caught.
ROUNDS = 100


def speaking(**levels: int) -> frozenset[tuple[Skill, int]]:
    """The skills of one who speaks languages at these levels."""
    return frozenset((language_skill(LanguageCode(code)), level) for code, level in levels.items())


class Story:
    """A floor whose clock goes on a second with every fact, and what was decided so far."""

    def __init__(
        self,
        helplines: Mapping[HelplineId, HelplineRules] | None = None,
        *,
        missed_limit: int = 1,
        wrap_up: float = WRAP_UP,
        order_step: float = 30.0,
    ) -> None:
        self.rules = FloorRules(
            ring_seconds=Seconds(RING),
            wrap_up_seconds=Seconds(wrap_up),
            missed_offers_limit=missed_limit,
            order_step_seconds=Seconds(order_step),
            helplines=helplines or {},
        )
        self.floor = Floor(self.rules)
        self.now = Instant(1000.0)
        self.decided: list[Decision] = []

    @property
    def offers(self) -> list[tuple[CallId, AgentId]]:
        """Who was offered to whom."""
        return [(one.call, one.agent) for one in self.decided if isinstance(one, Offer)]

    def tick(self) -> Instant:
        self.now = Instant(self.now + 1)
        return self.now

    def decide(self) -> None:
        """Take every decision, as the shell does."""
        for _ in range(ROUNDS):
            decisions = self.floor.decide(self.now)
            if not decisions:
                return
            for decision in decisions:
                self.floor.apply(decision.as_fact(self.now))
                self.decided.append(decision)
        raise AssertionError(f"still deciding: {decisions}")

    def wait(self, seconds: float) -> None:
        """Let time pass, taking every decision when it is due, as the shell's alarm does."""
        until = Instant(self.now + seconds)
        self.decide()
        for _ in range(ROUNDS):
            deadline = self.floor.next_deadline()
            if deadline is None or deadline > until:
                break
            assert deadline > self.now, "what was due is still to be decided"
            self.now = deadline
            self.decide()
        self.now = until
        self.decide()

    def wait_until(self, call: CallId, waited: float) -> None:
        """Let time pass until the caller has waited so many seconds."""
        queued_at = self.call(call).queued_at
        assert queued_at is not None
        self.wait(queued_at + waited - self.now)

    # --- agents -------------------------------------------------------------------------------------

    def free(
        self,
        agent: AgentId,
        *helplines: HelplineId,
        skills: frozenset[tuple[Skill, int]] = frozenset(),
        pools: tuple[str, ...] = (),
        order: tuple[HelplineId, ...] = (),
        node: NodeId = NODE,
    ) -> None:
        """The agent logs in at a phone of *node* and asks for calls."""
        self.floor.apply(
            AgentLoggedIn(
                at=self.tick(),
                agent=agent,
                phone=Phone(f"sip-{agent}"),
                helplines=frozenset(helplines or (KWA,)),
                pools=frozenset(map(Pool, pools)),
                skills=skills,
                order=order,
            )
        )
        self.phone_back(agent, node)
        self.ready(agent)

    def ready(self, agent: AgentId) -> None:
        self.floor.apply(AvailabilityAsked(at=self.tick(), agent=agent))

    def wants_break(self, agent: AgentId, reason: str = "tea") -> None:
        self.floor.apply(BreakAsked(at=self.tick(), agent=agent, reason=reason))

    def wants_out(self, agent: AgentId) -> None:
        self.floor.apply(LogoutAsked(at=self.tick(), agent=agent))

    def wrapped_up(self, agent: AgentId) -> None:
        self.floor.apply(WrapUpEnded(at=self.tick(), agent=agent))

    def phone_lost(self, agent: AgentId) -> None:
        self.floor.apply(PhoneLost(at=self.tick(), agent=agent))

    def phone_back(self, agent: AgentId, node: NodeId = NODE) -> None:
        self.floor.apply(PhoneBack(at=self.tick(), agent=agent, node=node))

    # --- callers ------------------------------------------------------------------------------------

    def arrive(self, call: CallId) -> None:
        at = self.tick()
        self.floor.apply(
            CallArrived(at=at, call=call, node=NODE, dialled="1916", caller=NUMBER, caller_raw=NUMBER)
        )

    def queue(
        self,
        call: CallId,
        helpline: HelplineId = KWA,
        *,
        queued_at: float | None = None,
        language: LanguageCode = MALAYALAM,
        category: str = "",
        preferred: AgentId | None = None,
        node: NodeId = NODE,
    ) -> None:
        at = self.tick()
        self.floor.apply(
            CallQueued(
                at=at,
                call=call,
                node=node,
                helpline=helpline,
                language=language,
                queued_at=at if queued_at is None else Instant(queued_at),
                caller=NUMBER,
                category=CategoryId(category),
                preferred=preferred,
            )
        )

    def asks_for_callback(self, call: CallId) -> None:
        self.floor.apply(CallbackAsked(at=self.tick(), call=call, number=NUMBER))

    def ended(self, call: CallId) -> None:
        self.floor.apply(CallEnded(at=self.tick(), call=call, by=Party.CALLER))

    def lost(self, call: CallId) -> None:
        self.floor.apply(CallLost(at=self.tick(), call=call))

    # --- offers -------------------------------------------------------------------------------------

    def offered(self, call: CallId, agent: AgentId) -> None:
        self.floor.apply(CallOffered(at=self.tick(), call=call, agent=agent))

    def refused(self, call: CallId, agent: AgentId) -> None:
        self.floor.apply(OfferRefused(at=self.tick(), call=call, agent=agent, reason="link down"))

    def missed(self, call: CallId, agent: AgentId) -> None:
        self.floor.apply(OfferMissed(at=self.tick(), call=call, agent=agent, reason="ring limit"))

    def declined(self, call: CallId, agent: AgentId) -> None:
        self.floor.apply(OfferDeclined(at=self.tick(), call=call, agent=agent))

    def unreachable(self, call: CallId, agent: AgentId) -> None:
        self.floor.apply(OfferUnreachable(at=self.tick(), call=call, agent=agent))

    def answered(self, call: CallId, agent: AgentId) -> None:
        self.floor.apply(CallAnswered(at=self.tick(), call=call, agent=agent))

    def talk_ended(self, call: CallId, agent: AgentId) -> None:
        self.floor.apply(TalkEnded(at=self.tick(), call=call, agent=agent, by=Party.AGENT))

    def serves(self, call: CallId, agent: AgentId) -> None:
        """The agent answers, talks, and is done with the call, which is over."""
        self.answered(call, agent)
        self.talk_ended(call, agent)
        self.ended(call)

    # --- the house ----------------------------------------------------------------------------------

    def opens(self, helpline: HelplineId) -> None:
        self.floor.apply(HelplineOpened(at=self.tick(), helpline=helpline))

    def closes(self, helpline: HelplineId) -> None:
        self.floor.apply(HelplineClosed(at=self.tick(), helpline=helpline))

    def node_down(self, node: NodeId = NODE) -> None:
        self.floor.apply(NodeDown(at=self.tick(), node=node))

    def node_served(self, node: NodeId = NODE) -> None:
        self.floor.apply(NodeServed(at=self.tick(), node=node))

    # --- looking ------------------------------------------------------------------------------------

    def call(self, call: CallId) -> Call:
        found = self.floor.call(call)
        assert found is not None
        return found

    def agent(self, agent: AgentId) -> Agent:
        found = self.floor.agent(agent)
        assert found is not None
        return found

    def waiting(self, helpline: HelplineId = KWA) -> list[CallId]:
        return [call.id for call in self.floor.waiting(helpline)]

    def idle(self, helpline: HelplineId = KWA, language: LanguageCode | None = None) -> list[AgentId]:
        return [agent.id for agent in self.floor.idle(helpline, language)]
