"""A floor among agents, callers and a switch that do what they like, in any order that can happen.

The switch here knows the truth; what it reports goes into a bag, from which any report may come next: late,
or overtaken by those after it.  Whatever the order, no promise of the floor is broken.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import Enum, auto

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from routing.agent import HOLDING, AgentState
from routing.call import HELD, CallState
from routing.decisions import Decision, EndWrapUp, Offer, Reconcile
from routing.facts import (
    AgentLoggedIn,
    AvailabilityAsked,
    BreakAsked,
    CallAnswered,
    CallArrived,
    CallEnded,
    CallLost,
    CallOffered,
    CallQueued,
    Fact,
    LogoutAsked,
    OfferMissed,
    OfferRefused,
    Party,
    TalkEnded,
)
from routing.floor import Floor, FloorRules
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, NodeId, Phone, Seconds

RULES = FloorRules(ring_seconds=Seconds(20), wrap_up_seconds=Seconds(30), missed_offers_limit=2)
HELPLINES = [HelplineId("food"), HelplineId("kwa"), HelplineId("ration")]
AGENTS = [AgentId(name) for name in ("ali", "bea", "chandran", "devi")]
NODE, MALAYALAM = NodeId("node1"), LanguageCode("ml")


class Truth(Enum):
    """Where a caller really is."""

    MENU = auto()
    WAITING = auto()
    RINGING = auto()
    TALKING = auto()
    LEAVING = auto()


@dataclass
class Caller:
    """A caller as the switch knows him."""

    id: CallId
    helpline: HelplineId
    queued_at: Instant
    truth: Truth = Truth.MENU
    agent: AgentId | None = None

    def queued(self, at: Instant) -> CallQueued:
        return CallQueued(
            at=at,
            call=self.id,
            node=NODE,
            helpline=self.helpline,
            language=MALAYALAM,
            queued_at=self.queued_at,
            caller="",
        )


@dataclass
class Switch:
    """The real calls, the offers it was asked for and has not yet done, and its reports on their way."""

    callers: dict[CallId, Caller] = field(default_factory=dict)
    asked: list[Offer] = field(default_factory=list)
    reports: list[Fact] = field(default_factory=list)

    def at(self, *truths: Truth) -> list[Caller]:
        return [caller for caller in self.callers.values() if caller.truth in truths]

    def do_next(self, now: Instant, *, accept: bool) -> None:
        """Do what was asked first; refuse it when the caller is not to be had."""
        offer = self.asked.pop(0)
        caller = self.callers.get(offer.call)
        if not accept or caller is None or caller.truth is not Truth.WAITING:
            refusal = OfferRefused(at=now, call=offer.call, agent=offer.agent, reason="refused")
            self.reports.append(refusal)
            return
        self.reports.append(CallOffered(at=now, call=offer.call, agent=offer.agent))
        caller.truth, caller.agent = Truth.RINGING, offer.agent
        if sum(other.agent == offer.agent for other in self.callers.values()) > 1:
            self.miss(caller, now)

    def miss(self, caller: Caller, now: Instant) -> None:
        assert caller.agent is not None
        self.reports.append(OfferMissed(at=now, call=caller.id, agent=caller.agent, reason="busy"))
        self.reports.append(caller.queued(now))
        caller.truth, caller.agent = Truth.WAITING, None

    def answer(self, caller: Caller, now: Instant) -> None:
        assert caller.agent is not None
        self.reports.append(CallAnswered(at=now, call=caller.id, agent=caller.agent))
        caller.truth = Truth.TALKING

    def end_talk(self, caller: Caller, now: Instant) -> None:
        assert caller.agent is not None
        self.reports.append(TalkEnded(at=now, call=caller.id, agent=caller.agent, by=Party.AGENT))
        caller.truth, caller.agent = Truth.LEAVING, None

    def hang_up(self, caller: Caller, now: Instant) -> None:
        """The caller's channel goes; an agent's leg goes with it and is reported as what it was."""
        self.reports.append(CallEnded(at=now, call=caller.id, by=Party.CALLER))
        if caller.truth is Truth.TALKING:
            self.end_talk(caller, now)
        elif caller.truth is Truth.RINGING and caller.agent is not None:
            missed = OfferMissed(at=now, call=caller.id, agent=caller.agent, reason="caller gone")
            self.reports.append(missed)
        del self.callers[caller.id]


class FloorAmongPeople(RuleBasedStateMachine):
    """Every rule is something a person, the switch or the link between us may do next."""

    def __init__(self) -> None:
        super().__init__()
        self.floor = Floor(RULES)
        self.switch = Switch()
        self.now = Instant(1000.0)
        self.born = 0
        self.happened: list[tuple[Instant, Fact, list[Decision]]] = []

    def tell(self, fact: Fact) -> None:
        self.floor.apply(fact)
        self.happened.append((self.now, fact, self.floor.decide(self.now)))

    def tell_and_decide(self, fact: Fact) -> None:
        self.tell(fact)
        self.take_decisions()

    def take_decisions(self) -> None:
        while decisions := self.floor.decide(self.now):
            freed = {decision.agent for decision in decisions if isinstance(decision, EndWrapUp)}
            for decision in decisions:
                if isinstance(decision, Offer):
                    self.check_turn(decision, freed)
                    self.switch.asked.append(decision)
                self.tell(decision.as_fact(self.now))
                if isinstance(decision, Reconcile):
                    self.check_with_switch(decision)

    def check_turn(self, offer: Offer, freed: set[AgentId]) -> None:
        """First come, first served in the helpline, and the longest-idle of its agents when it was asked.

        Those *freed* by the same answer were not idle then; they may tie with one who was.
        """
        call = self.floor.call(offer.call)
        assert call is not None and call.helpline is not None
        assert self.floor.waiting(call.helpline)[0].id == offer.call
        able = [
            agent
            for agent in self.floor.agents()
            if agent.state is AgentState.AVAILABLE
            and call.helpline in agent.helplines
            and agent.id not in freed
        ]
        assert min(able, key=lambda agent: (agent.since, agent.id)).id == offer.agent

    def check_with_switch(self, doubt: Reconcile) -> None:
        """What a shell does about an offer without an end: report what the switch says of the caller now."""
        caller = self.switch.callers.get(doubt.call)
        if caller is None:
            self.switch.reports.append(CallLost(at=self.now, call=doubt.call))
        elif caller.agent != doubt.agent and Offer(doubt.call, doubt.agent) not in self.switch.asked:
            report = OfferRefused(at=self.now, call=doubt.call, agent=doubt.agent, reason="not ringing")
            self.switch.reports.append(report)

    @initialize()
    def two_agents_begin_their_shift(self) -> None:
        for agent in AGENTS[:2]:
            self.logs_in_for_calls(agent, frozenset(HELPLINES))

    # --- agents -------------------------------------------------------------------------------------

    @rule(agent=st.sampled_from(AGENTS), helplines=st.frozensets(st.sampled_from(HELPLINES), min_size=1))
    def logs_in_for_calls(self, agent: AgentId, helplines: frozenset[HelplineId]) -> None:
        self.tell(AgentLoggedIn(at=self.now, agent=agent, phone=Phone("1001"), helplines=helplines))
        self.tell_and_decide(AvailabilityAsked(at=self.now, agent=agent))

    @rule(agent=st.sampled_from(AGENTS))
    def wants_calls(self, agent: AgentId) -> None:
        self.tell_and_decide(AvailabilityAsked(at=self.now, agent=agent))

    @rule(agent=st.sampled_from(AGENTS), leave=st.booleans())
    def wants_away(self, agent: AgentId, leave: bool) -> None:
        asked = (
            LogoutAsked(at=self.now, agent=agent)
            if leave
            else BreakAsked(at=self.now, agent=agent, reason="tea")
        )
        self.tell_and_decide(asked)

    # --- callers ------------------------------------------------------------------------------------

    @rule(helpline=st.sampled_from(HELPLINES))
    def a_caller_arrives(self, helpline: HelplineId) -> None:
        self.born += 1
        caller = Caller(CallId(f"node1-{self.born}"), helpline, queued_at=self.now)
        self.switch.callers[caller.id] = caller
        arrival = CallArrived(
            at=self.now, call=caller.id, node=NODE, dialled="1916", caller="", caller_raw=""
        )
        self.switch.reports.append(arrival)

    @rule(helpline=st.sampled_from(HELPLINES))
    def a_caller_waits_at_once(self, helpline: HelplineId) -> None:
        self.a_caller_arrives(helpline)
        self.leaves_the_menu(next(reversed(self.switch.callers.values())))
        self.hear(len(self.switch.reports) - 1)

    def leaves_the_menu(self, caller: Caller) -> None:
        caller.truth, caller.queued_at = Truth.WAITING, self.now
        self.switch.reports.append(caller.queued(self.now))

    @precondition(lambda self: self.switch.at(Truth.MENU))
    @rule(data=st.data())
    def a_caller_chooses(self, data: st.DataObject) -> None:
        self.leaves_the_menu(data.draw(st.sampled_from(self.switch.at(Truth.MENU))))

    @precondition(lambda self: self.switch.callers)
    @rule(data=st.data())
    def a_caller_hangs_up(self, data: st.DataObject) -> None:
        caller = data.draw(st.sampled_from(list(self.switch.callers.values())))
        self.switch.hang_up(caller, self.now)

    # --- the switch ---------------------------------------------------------------------------------

    @precondition(lambda self: self.switch.asked)
    @rule(accept=st.sampled_from([True, True, True, False]))
    def the_switch_does_what_was_asked(self, accept: bool) -> None:
        self.switch.do_next(self.now, accept=accept)

    @precondition(lambda self: self.switch.at(Truth.RINGING))
    @rule(data=st.data(), answer=st.booleans())
    def a_phone_rings_out_or_is_answered(self, data: st.DataObject, answer: bool) -> None:
        caller = data.draw(st.sampled_from(self.switch.at(Truth.RINGING)))
        (self.switch.answer if answer else self.switch.miss)(caller, self.now)

    @precondition(lambda self: self.switch.asked)
    @rule()
    def an_offer_is_answered_before_anything_is_reported(self) -> None:
        offer = self.switch.asked[0]
        self.switch.do_next(self.now, accept=True)
        caller = self.switch.callers.get(offer.call)
        if caller is not None and caller.truth is Truth.RINGING and caller.agent == offer.agent:
            self.switch.answer(caller, self.now)

    @precondition(lambda self: self.switch.at(Truth.TALKING))
    @rule(data=st.data())
    def an_agent_hangs_up(self, data: st.DataObject) -> None:
        self.switch.end_talk(data.draw(st.sampled_from(self.switch.at(Truth.TALKING))), self.now)

    # --- the link, and time -------------------------------------------------------------------------

    def hear(self, index: int) -> None:
        self.tell_and_decide(self.switch.reports.pop(index))

    @precondition(lambda self: self.switch.reports)
    @rule()
    def the_oldest_report_comes(self) -> None:
        self.hear(0)

    @precondition(lambda self: self.switch.reports)
    @rule(data=st.data())
    def any_report_comes(self, data: st.DataObject) -> None:
        self.hear(data.draw(st.integers(0, len(self.switch.reports) - 1)))

    @rule(seconds=st.sampled_from([0.01, 1.0, 12.0, 31.0]))
    def time_passes(self, seconds: float) -> None:
        self.now = Instant(self.now + seconds)
        self.take_decisions()

    @rule(order=st.randoms(use_true_random=False))
    def the_switch_answers_everything(self, order: random.Random) -> None:
        """Once every offer is done and every report heard, nobody is held for nothing."""
        while self.switch.asked:
            self.switch.do_next(self.now, accept=True)
        for caller in self.switch.at(Truth.RINGING):
            (self.switch.answer if order.random() < 0.5 else self.switch.miss)(caller, self.now)
        order.shuffle(self.switch.reports)
        while self.switch.reports:
            self.tell(self.switch.reports.pop())
        held = [agent for agent in self.floor.agents() if agent.state in HOLDING]
        assert [agent for agent in held if agent.state is not AgentState.TALKING] == []
        assert {(agent.call, agent.id) for agent in held} == {
            (caller.id, caller.agent) for caller in self.switch.at(Truth.TALKING)
        }
        assert {call.id for call in self.floor.calls()} == set(self.switch.callers)
        self.take_decisions()

    # --- promises -----------------------------------------------------------------------------------

    @invariant()
    def a_call_and_an_agent_name_each_other(self) -> None:
        from_calls = {(call.id, call.agent) for call in self.floor.calls() if call.agent is not None}
        from_agents = {(agent.call, agent.id) for agent in self.floor.agents() if agent.call is not None}
        assert from_calls == from_agents
        assert (
            len({call for call, _ in from_calls})
            == len({agent for _, agent in from_calls})
            == len(from_calls)
        )
        for call in self.floor.calls():
            assert (call.agent is not None) == (call.state in HELD)
        for agent in self.floor.agents():
            assert (agent.call is not None) == (agent.state in HOLDING)
            held = self.floor.call(agent.call) if agent.call else None
            assert held is None or held.state.value == agent.state.value

    @invariant()
    def nobody_waits_whom_an_idle_agent_could_serve(self) -> None:
        idle = {
            helpline
            for agent in self.floor.agents()
            if agent.state is AgentState.AVAILABLE
            for helpline in agent.helplines
        }
        assert [
            call for call in self.floor.calls() if call.state is CallState.WAITING and call.helpline in idle
        ] == []

    @invariant()
    def whoever_is_held_by_an_offer_has_a_guard(self) -> None:
        limited = {AgentState.RESERVED, AgentState.RINGING, AgentState.WRAP_UP}
        deadlines = [agent.deadline for agent in self.floor.agents() if agent.state in limited]
        assert self.floor.next_deadline() == min((d for d in deadlines if d is not None), default=None)
        assert None not in deadlines
        assert all(d > self.now for d in deadlines if d is not None)

    @invariant()
    def what_is_seen_is_in_order(self) -> None:
        for helpline in HELPLINES:
            waiting = self.floor.waiting(helpline)
            assert waiting == sorted(waiting, key=lambda call: (call.queued_at, call.id))
            expected = [
                c for c in self.floor.calls() if c.state is CallState.WAITING and c.helpline == helpline
            ]
            assert {call.id for call in waiting} == {call.id for call in expected}

    def teardown(self) -> None:
        """The same facts told to another floor lead to the same decisions and the same floor."""
        again = Floor(RULES)
        for now, fact, decisions in self.happened:
            again.apply(fact)
            assert again.decide(now) == decisions
        assert (again.calls(), again.agents()) == (self.floor.calls(), self.floor.agents())


TestFloorAmongPeople = FloorAmongPeople.TestCase
# About ten seconds; the machine's steps matter more than how often it starts anew.
TestFloorAmongPeople.settings = settings(max_examples=250, stateful_step_count=60, deadline=None)
