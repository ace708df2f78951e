"""A floor among agents, callers and switches that do what they like, in any order that can happen.

The switchboard knows the truth; what it reports goes into a bag, from which any report may come next: late,
or overtaken by those after it.  Whatever the order, no promise of the floor is broken.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from callcentre.journal.codec import decode, encode
from routing.agent import AT_WORK, HOLDING, Agent, AgentState
from routing.call import HELD, Call, CallState, Place
from routing.decisions import (
    Decision,
    GiveUpCallback,
    Offer,
    Overflow,
    Reconcile,
    TurnAway,
)
from routing.facts import (
    AgentLoggedIn,
    AvailabilityAsked,
    BreakAsked,
    CallLost,
    Fact,
    HelplineClosed,
    HelplineOpened,
    LogoutAsked,
    NodeDown,
    NodeServed,
    OfferRefused,
    PhoneBack,
    PhoneLost,
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
from routing.rules import CallbackRules, HelplineRules, Limits, Outlet, Step, Strategy
from tests.unit.parts.plain_router import Scene, Waiting, is_kept, may_serve, plain_pairs
from tests.unit.parts.switchboard import HAS_CHANNEL, Asked, Caller, Switchboard, Truth

AMBULANCE, FOOD, KWA = HelplineId("ambulance"), HelplineId("food"), HelplineId("kwa")
RATION, CITIZEN = HelplineId("ration"), HelplineId("citizen")
HELPLINES = [AMBULANCE, FOOD, KWA, RATION, CITIZEN]
POISONING, NO_WATER = CategoryId("poisoning"), CategoryId("no-water")
DISTRICT = Pool("district")
PATIENCE = Skill("patience")
MALAYALAM, HINDI = LanguageCode("ml"), LanguageCode("hi")
NODES = [NodeId("node1"), NodeId("node2")]

RULES = FloorRules(
    ring_seconds=Seconds(20),
    wrap_up_seconds=Seconds(15),
    missed_offers_limit=2,
    order_step_seconds=Seconds(30),
    helplines={
        AMBULANCE: HelplineRules(head_start=Seconds(60), reserve=1),
        FOOD: HelplineRules(
            strategy=Strategy.MOST_SKILLED,
            category_head_starts={POISONING: Seconds(120)},
            steps=(
                Step(language=7),
                Step(after=Seconds(20), language=4),
                Step(after=Seconds(40), pools=frozenset({DISTRICT})),
            ),
            callback=CallbackRules(attempts=2, retry_seconds=Seconds(60)),
        ),
        KWA: HelplineRules(
            strategy=Strategy.ROUND_ROBIN,
            liked=frozenset({PATIENCE}),
            preferred_agent_seconds=Seconds(30),
            reserve=1,
            limits=Limits(
                max_waiting=3,
                when_full=Outlet(RATION),
                max_wait=Seconds(100),
                when_late=Outlet(FOOD),
                stay_closed=False,
                when_closed=Outlet(CITIZEN),
            ),
        ),
        RATION: HelplineRules(
            strategy=Strategy.FEWEST_CALLS,
            callback=CallbackRules(attempts=1, retry_seconds=Seconds(0)),
            limits=Limits(
                max_waiting=2, join_unstaffed=False, stay_unstaffed=False, when_unstaffed=Outlet(KWA)
            ),
        ),
    },
)
# A decision that is taken is not made again: none of ours follows from more than a few others.
ROUNDS = 40


@dataclass(frozen=True)
class Seat:
    """What an agent brings when she logs in."""

    helplines: frozenset[HelplineId]
    skills: frozenset[tuple[Skill, int]]
    pools: frozenset[Pool]
    order: tuple[HelplineId, ...]


def seat(helplines: Sequence[HelplineId], *, ml: int = 0, hi: int = 0, **more: object) -> Seat:
    levels = {language_skill(MALAYALAM): ml, language_skill(HINDI): hi, PATIENCE: int("patient" in more)}
    return Seat(
        frozenset(helplines),
        frozenset((skill, level) for skill, level in levels.items() if level),
        frozenset({DISTRICT} if "district" in more else ()),
        tuple(more.get("order", ())),  # type: ignore[arg-type, call-overload]  # told by name
    )


SEATS = [
    seat(HELPLINES, ml=8, hi=5),
    seat([FOOD, KWA], ml=5, patient=True),
    seat([KWA, CITIZEN], ml=9, order=[CITIZEN, KWA]),
    seat([AMBULANCE, KWA, RATION], hi=7, order=[KWA]),
    seat([RATION], district=True, patient=True),
    seat([AMBULANCE, FOOD, RATION], ml=4, hi=9, order=[RATION, AMBULANCE, FOOD]),
]
AGENTS = [AgentId(name) for name in ("ali", "bea", "chitra", "dev", "esha")]

agents, helplines = st.sampled_from(AGENTS), st.sampled_from(HELPLINES)
seats, nodes = st.sampled_from(SEATS), st.sampled_from(NODES)
callers = st.builds(
    Caller,
    id=st.just(CallId("")),
    node=nodes,
    helpline=helplines,
    language=st.sampled_from([MALAYALAM, MALAYALAM, HINDI]),
    category=st.sampled_from([CategoryId(""), POISONING, NO_WATER]),
    queued_at=st.just(Instant(0)),
    preferred=st.none() | agents,
)


class FloorAmongPeople(RuleBasedStateMachine):
    """Every rule is something a person, a switch or the link between us may do next."""

    def __init__(self) -> None:
        super().__init__()
        self.floor = Floor(RULES)
        self.board = Switchboard(Instant(1000.0))
        self.born = 0
        self.closed: set[HelplineId] = set()
        self.offered_at: dict[tuple[HelplineId, AgentId], Instant] = {}
        self.serving: dict[AgentId, HelplineId | None] = {}
        self.taken_up: tuple[list[Call], list[Agent]] = ([], [])
        self.happened: list[tuple[Instant, Fact, list[Decision]]] = []

    @property
    def now(self) -> Instant:
        return self.board.now

    # --- the shell ----------------------------------------------------------------------------------

    def tell(self, *facts: Fact) -> None:
        for fact in facts:
            self.floor.apply(fact)
            self.happened.append((self.now, fact, self.floor.decide(self.now)))
            for agent in self.floor.agents():
                if agent.call is not None:
                    self.serving[agent.id] = self.call(agent.call).helpline

    def tell_and_decide(self, *facts: Fact) -> None:
        self.tell(*facts)
        self.take_decisions()

    def take_decisions(self) -> None:
        for _ in range(ROUNDS):
            scene = self.scene()
            decisions = self.floor.decide(self.now)
            offers = [(one.call, one.agent) for one in decisions if isinstance(one, Offer)]
            if len(offers) == len(decisions):
                assert offers == plain_pairs(scene)
                self.check_order(scene, offers)
            if not decisions:
                return
            for decision in decisions:
                before = self.floor.call(getattr(decision, "call", CallId("")))
                self.tell(decision.as_fact(self.now))
                self.act(decision, before)
        raise AssertionError(f"still deciding: {decisions}")

    def act(self, decision: Decision, call: Call | None) -> None:
        match decision:
            case Offer():
                assert call is not None
                self.offer(decision, has_channel=call.has_channel)
            case Reconcile():
                self.check_with_switch(decision)
            case TurnAway():
                self.board.turned_away.append(decision.call)
            case Overflow():
                caller = self.board.callers.get(decision.call)
                if caller is not None:
                    caller.helpline, caller.category = decision.helpline, CategoryId("")
            case GiveUpCallback():
                caller = self.board.callers.pop(decision.call)
                assert caller.truth is Truth.GONE
                assert caller.tries == RULES.of(caller.helpline).callback.attempts

    def offer(self, offer: Offer, *, has_channel: bool) -> None:
        helpline = self.call(offer.call).helpline
        assert helpline is not None
        self.offered_at[helpline, offer.agent] = self.now
        caller = self.board.callers.get(offer.call)
        if caller is not None and caller.id in self.board.in_order:
            # Everything of his is known, so that he is neither called twice nor once too often.
            assert caller.truth is not Truth.DIALLED
            assert (offer.call, True) not in {(one.offer.call, one.dials) for one in self.board.asked}
            assert caller.tries < RULES.of(caller.helpline).callback.attempts
        self.board.asked.append(Asked(offer, dials=not has_channel))

    def check_with_switch(self, doubt: Reconcile) -> None:
        """What a shell does about an offer without an end: report what the switch says of the caller now."""
        if doubt.call in self.board.in_order:
            self.tell(*self.board.of(doubt.call))
        caller, known = self.board.callers.get(doubt.call), self.floor.call(doubt.call)
        if caller is None:
            self.board.reports.append(CallLost(at=self.board.tick(), call=doubt.call))
        elif caller.agent != doubt.agent and not self.board.is_asked(Offer(doubt.call, doubt.agent)):
            refusal = OfferRefused(
                at=self.board.tick(), call=doubt.call, agent=doubt.agent, reason="not ringing"
            )
            if doubt.call not in self.board.in_order:
                self.board.reports.append(refusal)
            elif known is not None and known.agent == doubt.agent:
                self.tell(refusal)

    # --- the plain router's view --------------------------------------------------------------------

    def call(self, call: CallId) -> Call:
        found = self.floor.call(call)
        assert found is not None
        return found

    def scene(self) -> Scene:
        """What the floor shows, put for the plain router."""
        at_work = [agent for agent in self.floor.agents() if agent.state in AT_WORK]
        return Scene(
            rules=RULES,
            waiting={
                call.id: self.as_waiting(call, call.place)
                for call in self.floor.calls()
                if call.state is CallState.WAITING and call.place and call.node not in self.board.down
            },
            idle={agent.id: agent for agent in at_work if agent.state is AgentState.AVAILABLE},
            busy={
                agent.id: (agent, self.serving.get(agent.id))
                for agent in at_work
                if agent.state is not AgentState.AVAILABLE
            },
            offered_at=self.offered_at,
        )

    def as_waiting(self, call: Call, place: Place) -> Waiting:
        assert call.language is not None
        return Waiting(
            helpline=place.helpline,
            language=call.language,
            queued_at=place.queued_at,
            step=place.step,
            category=place.category,
            only=place.held_for,
        )

    def check_order(self, scene: Scene, offers: list[tuple[CallId, AgentId]]) -> None:
        """Nobody is overtaken by an equal who came later, nor by anybody who came later than the bound."""
        offered = [call for call, _ in offers]
        for number, (call, agent) in enumerate(offers):
            served = scene.waiting[call]
            left = {c: w for c, w in scene.waiting.items() if c not in offered[:number]}
            for other, waits in left.items():
                overtaken = served.queued_at - waits.queued_at
                if overtaken > 0 and _alike(served, waits):
                    raise AssertionError(f"{call} goes before {other}, who came first")
                if overtaken > RULES.overtaking_bound and other not in offered:
                    able = may_serve(RULES, waits, scene.idle[agent])
                    assert not able or is_kept(scene, waits, scene.idle[agent], offers[:number])

    # --- agents -------------------------------------------------------------------------------------

    @initialize()
    def two_agents_begin_their_shift(self) -> None:
        for agent, brings in zip(AGENTS[:2], SEATS[:2], strict=True):
            self.logs_in_for_calls(agent, brings)

    @rule(agent=agents, brings=seats)
    def logs_in_for_calls(self, agent: AgentId, brings: Seat) -> None:
        self.logs_in(agent, brings)
        self.wants_calls(agent)

    @rule(agent=agents, brings=seats)
    def logs_in(self, agent: AgentId, brings: Seat) -> None:
        self.tell_and_decide(
            AgentLoggedIn(
                at=self.board.tick(),
                agent=agent,
                phone=Phone("1001"),
                helplines=brings.helplines,
                pools=brings.pools,
                skills=brings.skills,
                order=brings.order,
            )
        )

    @rule(agent=agents)
    def wants_calls(self, agent: AgentId) -> None:
        self.tell_and_decide(AvailabilityAsked(at=self.board.tick(), agent=agent))

    @rule(agent=agents, leave=st.booleans())
    def wants_away(self, agent: AgentId, leave: bool) -> None:
        at = self.board.tick()
        leaves, rests = LogoutAsked(at=at, agent=agent), BreakAsked(at=at, agent=agent, reason="tea")
        self.tell_and_decide(leaves if leave else rests)

    @rule(agent=agents, told=st.booleans())
    def a_phone_is_lost(self, agent: AgentId, told: bool) -> None:
        self.board.phones_lost.add(agent)
        if told:
            self.tell_and_decide(PhoneLost(at=self.board.tick(), agent=agent))

    @precondition(lambda self: self.board.phones_lost)
    @rule(data=st.data())
    def a_phone_is_back(self, data: st.DataObject) -> None:
        agent = data.draw(st.sampled_from(sorted(self.board.phones_lost)))
        self.board.phones_lost.remove(agent)
        self.tell_and_decide(PhoneBack(at=self.board.tick(), agent=agent))

    # --- callers ------------------------------------------------------------------------------------

    @rule(caller=callers)
    def a_caller_arrives(self, caller: Caller) -> None:
        if caller.node not in self.board.down:
            self.born += 1
            born = replace(caller, id=CallId(f"{caller.node}-{self.born}"), queued_at=self.now)
            self.board.arrive(born)

    @rule(caller=callers)
    def a_caller_waits_at_once(self, caller: Caller) -> None:
        if caller.node not in self.board.down:
            self.a_caller_arrives(caller)
            self.board.queue(next(reversed(self.board.callers.values())))
            self.hear(len(self.board.reports) - 1)

    @precondition(lambda self: self.board.at(Truth.MENU))
    @rule(data=st.data())
    def a_caller_chooses(self, data: st.DataObject) -> None:
        self.board.queue(data.draw(st.sampled_from(self.board.at(Truth.MENU))))

    @precondition(lambda self: self.board.at(Truth.MENU, Truth.WAITING))
    @rule(data=st.data())
    def a_caller_asks_to_be_called_back(self, data: st.DataObject) -> None:
        caller = data.draw(st.sampled_from(self.board.at(Truth.MENU, Truth.WAITING)))
        self.board.in_order.add(caller.id)
        self.board.promise(caller)
        self.tell_and_decide(*self.board.of(caller.id))

    @precondition(lambda self: self.board.at(*HAS_CHANNEL))
    @rule(data=st.data())
    def a_caller_hangs_up(self, data: st.DataObject) -> None:
        self.board.hang_up(data.draw(st.sampled_from(self.board.at(*HAS_CHANNEL))))

    @precondition(lambda self: self.board.at(Truth.PROMISED))
    @rule(data=st.data())
    def a_caller_hangs_up_to_be_called_back(self, data: st.DataObject) -> None:
        caller = data.draw(st.sampled_from(self.board.at(Truth.PROMISED)))
        self.board.hang_up(caller)
        self.tell_and_decide(*self.board.of(caller.id))

    # --- the switches -------------------------------------------------------------------------------

    @precondition(lambda self: self.board.asked)
    @rule(accept=st.sampled_from([True, True, True, False]))
    def a_switch_does_what_was_asked(self, accept: bool) -> None:
        self.board.do_next(accept=accept)

    @precondition(lambda self: self.board.turned_away)
    @rule()
    def a_switch_lets_a_caller_go(self) -> None:
        self.board.let_go()

    @precondition(lambda self: self.board.at(Truth.RINGING))
    @rule(data=st.data(), end=st.sampled_from(["answer", "answer", "miss", "decline"]))
    def a_phone_rings_out_or_is_answered(self, data: st.DataObject, end: str) -> None:
        getattr(self.board, end)(data.draw(st.sampled_from(self.board.at(Truth.RINGING))))

    @precondition(lambda self: self.board.at(Truth.DIALLED))
    @rule(data=st.data(), answers=st.booleans())
    def a_citizen_is_called_back(self, data: st.DataObject, answers: bool) -> None:
        caller = data.draw(st.sampled_from(self.board.at(Truth.DIALLED)))
        (self.board.pick_up if answers else self.board.hang_up)(caller)

    @precondition(lambda self: self.board.asked)
    @rule()
    def an_offer_is_answered_before_anything_is_reported(self) -> None:
        offer = self.board.asked[0].offer
        self.board.do_next()
        caller = self.board.callers.get(offer.call)
        if caller is not None and caller.truth is Truth.RINGING and caller.agent == offer.agent:
            self.board.answer(caller)

    @precondition(lambda self: self.board.at(Truth.TALKING))
    @rule(data=st.data())
    def an_agent_hangs_up(self, data: st.DataObject) -> None:
        self.board.end_talk(data.draw(st.sampled_from(self.board.at(Truth.TALKING))))

    @precondition(lambda self: self.board.at(Truth.TALKING))
    @rule(data=st.data(), helpline=helplines)
    def an_agent_passes_a_caller_on(self, data: st.DataObject, helpline: HelplineId) -> None:
        caller = data.draw(st.sampled_from(self.board.at(Truth.TALKING)))
        # Whoever returns a talking caller to a waiting room reports the end of the talk first.
        self.board.in_order.add(caller.id)
        self.board.pass_on(caller, helpline)

    # --- the house ----------------------------------------------------------------------------------

    @rule(helpline=helplines)
    def a_helpline_opens_or_closes(self, helpline: HelplineId) -> None:
        self.closed ^= {helpline}
        self.tell_hours(helpline)
        self.take_decisions()

    def tell_hours(self, helpline: HelplineId) -> None:
        told = HelplineClosed if helpline in self.closed else HelplineOpened
        self.tell(told(at=self.board.tick(), helpline=helpline))

    @rule(node=nodes)
    def a_node_goes_down(self, node: NodeId) -> None:
        if node not in self.board.down:
            self.tell_and_decide(NodeDown(at=self.board.tick(), node=node))
            self.board.down.add(node)

    @precondition(lambda self: self.board.down)
    @rule(data=st.data())
    def a_node_is_served_again(self, data: st.DataObject) -> None:
        node = data.draw(st.sampled_from(sorted(self.board.down)))
        self.board.down.remove(node)
        self.bring_to_the_truth(node)
        self.tell_and_decide(NodeServed(at=self.board.tick(), node=node))

    def bring_to_the_truth(self, node: NodeId) -> None:
        """What a shell does before it serves a node: everything that was missed is reported."""
        for call in [one.id for one in self.floor.calls() if one.node == node]:
            self.tell(*self.board.of(call))
        for caller in self.board.callers.values():
            if caller.node == node:
                self.tell(*self.board.of(caller.id))
                known = self.floor.call(caller.id)
                if caller.truth is Truth.WAITING and known and known.state is CallState.LEAVING:
                    self.tell(caller.queued(self.board.tick()))

    @rule()
    def the_service_restarts(self) -> None:
        """The floor is taken up as it was kept, and told of the hours and the nodes."""
        while self.board.audible():
            self.tell(self.board.heard(self.board.audible()[0]))
        self.check_replay()
        self.taken_up = (self.floor.calls(), self.floor.agents())
        self.floor = Floor(RULES)
        self.floor.restore(*self.taken_up)
        self.happened.clear()
        self.offered_at.clear()
        self.serving = {agent: of for agent, of in self.serving.items() if self.holds(agent)}
        for node in sorted(self.board.down):
            self.tell(NodeDown(at=self.board.tick(), node=node))
        for helpline in sorted(self.closed):
            self.tell_hours(helpline)
        self.take_decisions()

    def holds(self, agent: AgentId) -> bool:
        known = self.floor.agent(agent)
        return known is not None and known.call is not None

    # --- the link, and time -------------------------------------------------------------------------

    def hear(self, index: int) -> None:
        self.tell_and_decide(self.board.heard(index))

    @precondition(lambda self: self.board.audible())
    @rule()
    def the_oldest_report_comes(self) -> None:
        self.hear(self.board.audible()[0])

    @precondition(lambda self: self.board.audible())
    @rule(data=st.data())
    def any_report_comes(self, data: st.DataObject) -> None:
        self.hear(data.draw(st.sampled_from(self.board.audible())))

    @rule(seconds=st.sampled_from([0.01, 1.0, 12.0, 31.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        self.board.now = Instant(self.now + seconds)
        self.take_decisions()

    @rule(order=st.randoms(use_true_random=False))
    def the_switches_answer_everything(self, order: random.Random) -> None:
        """Once every offer is done and every report heard, the floor is where the switches are."""
        for node in sorted(self.board.down):
            self.board.down.remove(node)
            self.bring_to_the_truth(node)
            self.tell(NodeServed(at=self.board.tick(), node=node))
        while self.board.asked:
            self.board.do_next()
        while self.board.turned_away:
            self.board.let_go()
        for caller in self.board.at(Truth.DIALLED):
            (self.board.pick_up if order.random() < 0.5 else self.board.hang_up)(caller)
        for caller in self.board.at(Truth.RINGING):
            (self.board.answer if order.random() < 0.5 else self.board.miss)(caller)
        while self.board.reports:
            self.tell(self.board.heard(order.randrange(len(self.board.reports))))
        self.check_truth()
        self.take_decisions()

    def check_truth(self) -> None:
        held = [agent for agent in self.floor.agents() if agent.state in HOLDING]
        assert [agent for agent in held if agent.state is not AgentState.TALKING] == []
        assert {(agent.call, agent.id) for agent in held} == {
            (caller.id, caller.agent) for caller in self.board.at(Truth.TALKING)
        }
        assert {call.id for call in self.floor.calls()} == set(self.board.callers)
        for caller in self.board.callers.values():
            assert self.call(caller.id).state in FITTING[caller.truth], caller

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
    def nobody_waits_whom_an_idle_agent_may_serve(self) -> None:
        scene = self.scene()
        for call, waits in scene.waiting.items():
            for agent in scene.idle.values():
                kept = is_kept(scene, waits, agent, [])
                assert kept or not may_serve(RULES, waits, agent), f"{call} waits and {agent.id} is idle"

    @invariant()
    def everything_that_will_happen_is_on_the_agenda(self) -> None:
        moments = [moment for call in self.floor.calls() for moment in self.moments_of(call)]
        moments += [agent.deadline for agent in self.floor.agents() if agent.deadline is not None]
        assert self.floor.next_deadline() == min(moments, default=None)
        assert all(moment > self.now for moment in moments)

    def moments_of(self, call: Call) -> list[float]:
        """When something is to be done about a call if nothing happens before."""
        place, callback = call.place, call.callback
        if place is None or call.state not in (CallState.WAITING, CallState.RESTING):
            return []
        rules = RULES.of(place.helpline)
        if call.state is CallState.RESTING:
            assert callback is not None
            assert callback.on_line or callback.failed_at is not None
            assert callback.failed < rules.callback.attempts
            return [] if callback.failed_at is None else [callback.failed_at + rules.callback.retry_seconds]
        if place.held_for is not None:
            moments = [place.queued_at + rules.preferred_agent_seconds]
        else:
            moments = [place.queued_at + step.after for step in rules.steps[place.step + 1 :]][:1]
        if rules.limits.max_wait is not None and callback is None and call.node not in self.board.down:
            moments.append(place.came_at + rules.limits.max_wait)
        return moments

    @invariant()
    def whoever_is_held_by_an_offer_or_writes_has_a_limit(self) -> None:
        limited = {AgentState.RESERVED, AgentState.RINGING, AgentState.WRAP_UP}
        assert all(agent.deadline is not None for agent in self.floor.agents() if agent.state in limited)

    @invariant()
    def what_is_seen_is_in_order(self) -> None:
        in_line = self.scene().waiting
        for helpline in HELPLINES:
            waiting = [call.id for call in self.floor.waiting(helpline)]
            expected = [call for call, waits in in_line.items() if waits.helpline == helpline]
            assert sorted(waiting) == sorted(expected)
            turns = [RULES.turn(helpline, in_line[c].category, in_line[c].queued_at) for c in waiting]
            assert turns == sorted(turns)

    @invariant()
    def no_line_is_longer_than_it_may_be(self) -> None:
        """But for those who come back from an offer or from a talk, and those who are to be called back."""

    def teardown(self) -> None:
        self.check_replay()

    def check_replay(self) -> None:
        """The same facts, read from a journal, lead another floor to the same decisions and state."""
        again = Floor(RULES)
        again.restore(*self.taken_up)
        for now, fact, decisions in self.happened:
            read = decode(encode(fact))
            assert read == fact
            again.apply(read)
            assert again.decide(now) == decisions
        assert (again.calls(), again.agents()) == (self.floor.calls(), self.floor.agents())


def _alike(one: Waiting, other: Waiting) -> bool:
    """Whether two callers ask the same, so that only when they came tells them apart."""
    asked = [(w.helpline, w.language, w.category, w.step, w.only) for w in (one, other)]
    return asked[0] == asked[1] and one.only is None


FITTING = {
    Truth.MENU: {CallState.IN_MENU},
    Truth.WAITING: {CallState.WAITING},
    # Asked for while an offer stood that came to nothing: he may as well be offered again.
    Truth.PROMISED: {CallState.RESTING, CallState.WAITING},
    Truth.GONE: {CallState.RESTING, CallState.WAITING},
    Truth.TALKING: {CallState.TALKING},
    Truth.LEAVING: {CallState.LEAVING},
}

TestFloorAmongPeople = FloorAmongPeople.TestCase
# About ten seconds; the machine's steps matter more than how often it starts anew.
TestFloorAmongPeople.settings = settings(max_examples=250, stateful_step_count=60, deadline=None)
