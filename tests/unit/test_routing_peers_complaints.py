"""What users of other systems complain of, each as a story that ends well here.

The numbers are those of the complaints in ``design/peers.md`` and of the issues of the projects named.
"""

from __future__ import annotations

import pytest

from routing.agent import AgentState
from routing.call import CallState
from routing.decisions import Reconcile
from routing.facts import AgentLoggedIn
from routing.ids import CallId, Phone, Seconds
from routing.rules import OFFER_GRACE, HelplineRules, Step
from tests.unit.parts.story import (
    ALI,
    BEA,
    CHITRA,
    FIRST,
    FOOD,
    HINDI,
    KWA,
    MALAYALAM,
    RING,
    SECOND,
    THIRD,
    WRAP_UP,
    Story,
    speaking,
)

ENDS_OF_AN_OFFER = ["refused", "missed", "declined", "unreachable", "ended", "lost"]


class TestWeightsStarveAQueue:
    """2: asterisk 1561 and 1691, freeswitch 2511."""

    def test_a_favoured_helpline_that_never_empties_does_not_starve_another(self) -> None:
        """asterisk 1561: while the heavier queue has callers, the lighter one's are never offered."""
        story = Story({FOOD: HelplineRules(head_start=Seconds(60))}, wrap_up=0)
        story.free(ALI, KWA, FOOD)
        story.queue(FIRST, KWA)
        came = story.now
        for number in range(100):
            story.queue(CallId(f"food-{number}"), FOOD)
            story.decide()
            if story.offers[-1] == (FIRST, ALI):
                break
            story.wait(8)
            story.serves(story.offers[-1][0], ALI)
        assert story.offers[-1] == (FIRST, ALI)
        talk = 8 + 4
        assert story.now - came <= story.rules.overtaking_bound + talk

    def test_an_agent_to_whom_a_helpline_comes_last_still_serves_it(self) -> None:
        """asterisk 1691: a member with a penalty is offered nobody while others exist, free or not."""
        story = Story()
        story.free(ALI, KWA, order=(KWA,))
        story.free(BEA, FOOD, KWA, order=(FOOD, KWA))
        for call in (FIRST, SECOND):
            story.queue(call)
        story.decide()
        assert story.offers == [(FIRST, ALI), (SECOND, BEA)]

    def test_eight_callers_are_served_in_their_order(self) -> None:
        """freeswitch 2511: the eighth was served first."""
        story = Story(wrap_up=0)
        callers = [CallId(f"node1-{number}") for number in range(1, 9)]
        for call in callers:
            story.queue(call)
        story.free(ALI)
        for call in callers:
            story.decide()
            story.serves(call, ALI)
        assert [call for call, _ in story.offers] == callers


class TestAgentsStuckUntilARestart:
    """3: freeswitch 2540 and 1062, opensips 3123."""

    @pytest.mark.parametrize("end", ENDS_OF_AN_OFFER)
    def test_every_end_of_an_offer_frees_her_for_the_next_caller(self, end: str) -> None:
        story = Story(missed_limit=2)
        story.queue(FIRST)
        story.free(ALI)
        story.decide()
        story.offered(FIRST, ALI)
        if end in {"ended", "lost"}:
            getattr(story, end)(FIRST)
        else:
            getattr(story, end)(FIRST, ALI)
            story.ended(FIRST)
        if end == "unreachable":
            story.phone_back(ALI)
        story.queue(SECOND)
        story.decide()
        assert story.offers[-1] == (SECOND, ALI)

    def test_an_offer_nobody_ever_speaks_of_again_is_asked_about_for_ever(self) -> None:
        story = Story()
        story.queue(FIRST)
        story.free(ALI)
        story.decide()
        story.wait(3 * (RING + OFFER_GRACE))
        assert story.decided[1:] == [Reconcile(FIRST, ALI)] * 3
        story.refused(FIRST, ALI)
        assert story.idle() == [ALI]

    def test_one_whose_phone_vanished_during_a_talk_is_free_when_it_is_back(self) -> None:
        story = Story(wrap_up=0)
        story.queue(FIRST)
        story.free(ALI)
        story.decide()
        story.answered(FIRST, ALI)
        story.phone_lost(ALI)
        story.ended(FIRST)
        assert story.agent(ALI).state is AgentState.UNREACHABLE
        story.phone_back(ALI)
        assert story.idle() == [ALI]


class TestTwoAgentsAnswerOneCall:
    """4: asterisk 176 and 1557."""

    def test_the_newest_answer_is_the_real_one_and_the_other_agent_is_free(self, ringing: Story) -> None:
        """Our refusal was only a guess: ALI's phone rang on, and so did the next one's."""
        ringing.refused(FIRST, ALI)
        ringing.wants_break(ALI)
        ringing.free(BEA)
        ringing.decide()
        assert ringing.offers[-1] == (FIRST, BEA)
        ringing.answered(FIRST, ALI)
        ringing.answered(FIRST, BEA)
        assert (ringing.call(FIRST).agent, ringing.agent(BEA).call) == (BEA, FIRST)
        assert ringing.agent(ALI).call is None
        ringing.talk_ended(FIRST, ALI)
        assert ringing.call(FIRST).state is CallState.TALKING

    def test_one_call_is_offered_to_one_agent(self) -> None:
        story = Story()
        for agent in (ALI, BEA, CHITRA):
            story.free(agent)
        story.queue(FIRST)
        story.decide()
        story.decide()
        assert len(story.offers) == 1

    def test_an_answer_ends_nobody_elses_call(self, talking: Story) -> None:
        """asterisk 1557: one answer dropped everybody."""
        talking.free(BEA)
        talking.decide()
        talking.answered(SECOND, BEA)
        assert {call.id: call.agent for call in talking.floor.calls()} == {FIRST: ALI, SECOND: BEA}


class TestACallerStuckWhileAgentsAreFree:
    """5: freeswitch 1221 and 1641."""

    @pytest.mark.parametrize("end", ENDS_OF_AN_OFFER[:4])
    def test_the_next_agent_is_tried_at_once(self, ringing: Story, end: str) -> None:
        ringing.ended(SECOND)
        ringing.free(BEA)
        getattr(ringing, end)(FIRST, ALI)
        ringing.wants_break(ALI)
        ringing.decide()
        assert ringing.offers == [(FIRST, ALI), (FIRST, BEA)]

    def test_a_caller_who_cannot_be_served_does_not_hold_up_those_behind(self) -> None:
        story = Story({KWA: HelplineRules(steps=(Step(language=9),))})
        story.queue(FIRST, language=HINDI)
        story.queue(SECOND, language=MALAYALAM)
        story.free(ALI, skills=speaking(ml=9))
        story.decide()
        assert story.offers == [(SECOND, ALI)]

    def test_one_whose_only_agents_are_all_away_is_served_when_one_is_back(self, ringing: Story) -> None:
        ringing.missed(FIRST, ALI)
        ringing.wait(600)
        ringing.ready(ALI)
        ringing.decide()
        assert ringing.offers[-1] == (FIRST, ALI)


class TestWrapUpIsNotRespected:
    """6: asterisk 1006 and 607."""

    def test_it_counts_for_every_helpline_she_serves(self) -> None:
        story = Story()
        story.queue(FIRST, KWA)
        story.free(ALI, KWA, FOOD)
        story.decide()
        story.serves(FIRST, ALI)
        ended = story.now - 1
        story.queue(SECOND, FOOD)
        story.wait(ended + WRAP_UP - story.now - 0.1)
        assert story.offers == [(FIRST, ALI)]
        story.wait(0.1)
        assert story.offers == [(FIRST, ALI), (SECOND, ALI)]

    def test_a_login_at_another_helpline_does_not_end_it(self, talking: Story) -> None:
        talking.ended(FIRST)
        talking.floor.apply(
            AgentLoggedIn(at=talking.tick(), agent=ALI, phone=Phone("1"), helplines=frozenset({FOOD}))
        )
        talking.queue(THIRD, FOOD)
        talking.decide()
        assert talking.agent(ALI).state is AgentState.WRAP_UP

    def test_it_begins_once_however_the_end_is_told(self, talking: Story) -> None:
        talking.talk_ended(FIRST, ALI)
        deadline = talking.agent(ALI).deadline
        talking.ended(FIRST)
        assert talking.agent(ALI).deadline == deadline
