"""Several switches in one floor: callers and agents of one that cannot be asked keep their places."""

from __future__ import annotations

from routing.agent import AgentState
from routing.call import CallState
from routing.decisions import TurnAway
from routing.facts import Turned
from routing.ids import Seconds
from routing.rules import HelplineRules, Limits, Step
from tests.unit.parts.story import ALI, BEA, CHITRA, FIRST, FOOD, KWA, NODE, NODE2, SECOND, WRAP_UP, Story


def test_callers_of_all_nodes_stand_in_one_line(story: Story) -> None:
    story.queue(FIRST, node=NODE2)
    story.queue(SECOND, node=NODE)
    story.free(ALI)
    story.free(BEA)
    story.decide()
    assert story.offers == [(FIRST, ALI), (SECOND, BEA)]


def test_a_caller_of_a_node_that_is_down_is_not_offered_and_holds_up_nobody(story: Story) -> None:
    story.queue(FIRST, node=NODE2)
    story.queue(SECOND, node=NODE)
    story.node_down(NODE2)
    story.free(ALI)
    story.free(BEA)
    story.decide()
    assert story.offers == [(SECOND, ALI)]
    story.node_served(NODE2)
    story.decide()
    assert story.offers == [(SECOND, ALI), (FIRST, BEA)]


def test_whoever_queues_at_a_node_that_is_down_waits_for_it(story: Story) -> None:
    story.node_down(NODE2)
    story.queue(FIRST, node=NODE2)
    story.free(ALI)
    story.decide()
    assert story.offers == []
    story.node_served(NODE2)
    story.decide()
    assert story.offers == [(FIRST, ALI)]


def test_an_offer_under_way_stands_when_its_node_goes_down(ringing: Story) -> None:
    ringing.node_down()
    assert ringing.call(FIRST).state is CallState.RINGING
    ringing.answered(FIRST, ALI)
    assert ringing.agent(ALI).state is AgentState.TALKING


def test_nobody_is_turned_away_who_cannot_be_told() -> None:
    story = Story({KWA: HelplineRules(limits=Limits(max_wait=Seconds(60)))})
    story.queue(FIRST)
    story.node_down()
    story.wait(120)
    assert story.decided == []
    story.node_served()
    story.decide()
    assert story.decided == [TurnAway(FIRST, Turned.LATE)]


def test_the_end_of_the_hours_meanwhile_is_made_up_for() -> None:
    story = Story({KWA: HelplineRules(limits=Limits(stay_closed=False))})
    story.queue(FIRST)
    story.node_down()
    story.closes(KWA)
    story.decide()
    story.node_served()
    story.decide()
    assert story.decided == [TurnAway(FIRST, Turned.CLOSED)]


def test_needs_relax_while_a_node_is_down() -> None:
    steps = (Step(language=9), Step(after=Seconds(20)))
    story = Story({KWA: HelplineRules(steps=steps)})
    story.free(ALI)
    story.queue(FIRST)
    story.node_down()
    story.wait(30)
    story.node_served()
    story.decide()
    assert story.offers == [(FIRST, ALI)]


def test_one_who_was_waited_for_and_left_meanwhile_is_waited_for_no_longer() -> None:
    story = Story({KWA: HelplineRules(preferred_agent_seconds=Seconds(600))})
    story.free(BEA)
    story.queue(SECOND)
    story.decide()
    story.queue(FIRST, preferred=BEA)
    story.node_down()
    story.refused(SECOND, BEA)
    story.wants_out(BEA)
    story.ended(SECOND)
    story.free(ALI)
    story.node_served()
    story.decide()
    assert story.offers[-1] == (FIRST, ALI)


# --- agents of a node that is down ---------------------------------------------------------------


def test_an_agent_whose_node_is_down_gets_no_calls_until_it_is_served_again(story: Story) -> None:
    story.free(ALI, node=NODE2)
    story.free(BEA)
    story.node_down(NODE2)
    assert story.idle() == [BEA]
    story.queue(FIRST)
    story.decide()
    story.node_served(NODE2)
    story.queue(SECOND)
    story.decide()
    assert story.offers == [(FIRST, BEA), (SECOND, ALI)]


def test_and_has_kept_her_place_among_the_idle(story: Story) -> None:
    story.free(ALI, node=NODE2)
    story.free(BEA)
    story.node_down(NODE2)
    story.node_served(NODE2)
    assert story.idle() == [ALI, BEA]


def test_nor_does_one_who_comes_while_it_is_down(story: Story) -> None:
    story.node_down(NODE2)
    story.queue(FIRST)
    story.free(ALI, node=NODE2)
    story.decide()
    assert story.offers == []
    story.node_served(NODE2)
    story.decide()
    assert story.offers == [(FIRST, ALI)]


def test_one_whose_phone_registers_elsewhere_meanwhile_gets_them_there(story: Story) -> None:
    story.free(ALI, node=NODE2)
    story.node_down(NODE2)
    story.queue(FIRST)
    story.phone_back(ALI, NODE)
    story.decide()
    assert story.offers == [(FIRST, ALI)]


def test_one_whose_call_ends_meanwhile_gets_the_next_when_it_is_served(story: Story) -> None:
    story.free(ALI, node=NODE2)
    story.queue(FIRST)
    story.decide()
    story.answered(FIRST, ALI)
    story.node_down(NODE2)
    story.ended(FIRST)
    story.queue(SECOND)
    story.wait(WRAP_UP)
    assert story.offers == [(FIRST, ALI)]
    story.node_served(NODE2)
    story.decide()
    assert story.offers[1:] == [(SECOND, ALI)]


def test_whoever_waits_for_her_alone_waits_for_all() -> None:
    story = Story({KWA: HelplineRules(preferred_agent_seconds=Seconds(600))})
    story.free(ALI, node=NODE2)
    story.queue(SECOND)
    story.decide()
    story.answered(SECOND, ALI)
    story.queue(FIRST, preferred=ALI)
    story.free(BEA)
    story.decide()
    assert story.waiting() == [FIRST]
    story.node_down(NODE2)
    story.decide()
    assert story.offers[1:] == [(FIRST, BEA)]


def test_but_not_when_he_is_of_that_node_himself() -> None:
    """A link that is lost for a moment parts nobody."""
    story = Story({KWA: HelplineRules(preferred_agent_seconds=Seconds(600))})
    story.free(ALI, node=NODE2)
    story.queue(SECOND)
    story.decide()
    story.answered(SECOND, ALI)
    story.queue(FIRST, preferred=ALI, node=NODE2)
    story.free(BEA)
    story.node_down(NODE2)
    story.node_served(NODE2)
    story.decide()
    assert story.waiting() == [FIRST]


def test_a_helpline_keeps_those_who_can_be_reached() -> None:
    """One of three is kept: two may be lent, but only one while one cannot be reached."""
    story = Story({KWA: HelplineRules(reserve=1)})
    for agent, node in ((ALI, NODE), (BEA, NODE), (CHITRA, NODE2)):
        story.free(agent, KWA, FOOD, node=node)
    story.node_down(NODE2)
    story.queue(FIRST, FOOD)
    story.queue(SECOND, FOOD)
    story.decide()
    assert story.offers == [(FIRST, ALI)]
    story.node_served(NODE2)
    story.decide()
    assert story.offers == [(FIRST, ALI), (SECOND, BEA)]
