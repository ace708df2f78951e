"""Several switches in one floor: callers of one that cannot be asked wait, in their place, until it can."""

from __future__ import annotations

from routing.agent import AgentState
from routing.call import CallState
from routing.decisions import TurnAway
from routing.facts import Turned
from routing.ids import Seconds
from routing.rules import HelplineRules, Limits, Step
from tests.unit.parts.story import ALI, BEA, FIRST, KWA, NODE, NODE2, SECOND, Story


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
