"""A floor among agents, callers and switches that do what they like, in any order that can happen.

The switchboard knows the truth; what it reports goes into a bag, from which any report may come next: late,
or overtaken by those after it.  Whatever the order, no promise of the floor is broken.
"""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from routing.facts import AvailabilityAsked, BreakAsked, LogoutAsked, NodeDown, PhoneBack, PhoneLost
from routing.ids import AgentId, CallId, CategoryId, HelplineId, Instant, NodeId
from tests.unit.parts import promises
from tests.unit.parts.house import (
    AGENTS,
    HELPLINES,
    HINDI,
    MALAYALAM,
    NO_WATER,
    NODES,
    POISONING,
    SEATS,
    Seat,
)
from tests.unit.parts.plain_shell import PlainShell
from tests.unit.parts.switchboard import HAS_CHANNEL, Caller, Switchboard, Truth

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
        self.shell = PlainShell()
        self.born = 0

    @property
    def board(self) -> Switchboard:
        return self.shell.board

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
        self.shell.tell_and_decide(brings.taken_by(agent, self.board.tick()))

    @rule(agent=agents)
    def wants_calls(self, agent: AgentId) -> None:
        self.shell.tell_and_decide(AvailabilityAsked(at=self.board.tick(), agent=agent))

    @rule(agent=agents, leave=st.booleans())
    def wants_away(self, agent: AgentId, leave: bool) -> None:
        at = self.board.tick()
        leaves, rests = LogoutAsked(at=at, agent=agent), BreakAsked(at=at, agent=agent, reason="tea")
        self.shell.tell_and_decide(leaves if leave else rests)

    @rule(agent=agents, told=st.booleans())
    def a_phone_is_lost(self, agent: AgentId, told: bool) -> None:
        self.board.phones_lost.add(agent)
        if told:
            self.shell.tell_and_decide(PhoneLost(at=self.board.tick(), agent=agent))

    @rule(agent=agents, node=nodes)
    def a_phone_is_back_or_elsewhere(self, agent: AgentId, node: NodeId) -> None:
        if node not in self.board.down:
            self.board.phones_lost.discard(agent)
            self.shell.tell_and_decide(PhoneBack(at=self.board.tick(), agent=agent, node=node))

    # --- callers ------------------------------------------------------------------------------------

    @rule(caller=callers)
    def a_caller_arrives(self, caller: Caller) -> None:
        if caller.node not in self.board.down:
            self.born += 1
            born = replace(caller, id=CallId(f"{caller.node}-{self.born}"), queued_at=self.board.now)
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
        self.shell.tell_and_decide(*self.board.of(caller.id))

    @precondition(lambda self: self.board.at(*HAS_CHANNEL))
    @rule(data=st.data())
    def a_caller_hangs_up(self, data: st.DataObject) -> None:
        self.board.hang_up(data.draw(st.sampled_from(self.board.at(*HAS_CHANNEL))))

    @precondition(lambda self: self.board.at(Truth.PROMISED))
    @rule(data=st.data())
    def a_caller_hangs_up_to_be_called_back(self, data: st.DataObject) -> None:
        caller = data.draw(st.sampled_from(self.board.at(Truth.PROMISED)))
        self.board.hang_up(caller)
        self.shell.tell_and_decide(*self.board.of(caller.id))

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
        self.shell.closed ^= {helpline}
        self.shell.tell_hours(helpline)
        self.shell.take_decisions()

    @rule(node=nodes)
    def a_node_goes_down(self, node: NodeId) -> None:
        if node not in self.board.down:
            self.board.down.add(node)
            self.shell.tell_and_decide(NodeDown(at=self.board.tick(), node=node))

    @precondition(lambda self: self.board.down)
    @rule(data=st.data())
    def a_node_is_served_again(self, data: st.DataObject) -> None:
        node = data.draw(st.sampled_from(sorted(self.board.down)))
        self.shell.serve(node)
        self.shell.take_decisions()

    @rule()
    def the_service_restarts(self) -> None:
        self.shell.restart()

    # --- the link, and time -------------------------------------------------------------------------

    def hear(self, index: int) -> None:
        self.shell.tell_and_decide(self.board.heard(index))

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
        self.board.now = Instant(self.board.now + seconds)
        self.shell.take_decisions()

    @rule(order=st.randoms(use_true_random=False))
    def the_switches_answer_everything(self, order: random.Random) -> None:
        """Once every offer is done and every report heard, the floor is where the switches are."""
        for node in sorted(self.board.down):
            self.shell.serve(node)
        while self.board.asked:
            self.board.do_next()
        while self.board.turned_away:
            self.board.let_go()
        for caller in self.board.at(Truth.DIALLED):
            (self.board.pick_up if order.random() < 0.5 else self.board.hang_up)(caller)
        for caller in self.board.at(Truth.RINGING):
            (self.board.answer if order.random() < 0.5 else self.board.miss)(caller)
        while self.board.reports:
            self.shell.tell(self.board.heard(order.randrange(len(self.board.reports))))
        promises.the_floor_is_where_the_switches_are(self.shell)
        self.shell.take_decisions()

    # --- promises -----------------------------------------------------------------------------------

    @invariant()
    def every_promise_is_kept(self) -> None:
        for promise in promises.ALWAYS:
            promise(self.shell)

    def teardown(self) -> None:
        self.shell.check_replay()


TestFloorAmongPeople = FloorAmongPeople.TestCase
# About ten seconds; the steps matter more than how often the machine starts anew.
TestFloorAmongPeople.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
