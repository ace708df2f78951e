"""Who goes before whom: head starts of helplines and categories, an agent's own order, agents kept."""

from __future__ import annotations

import pytest

from routing.agent import AgentState
from routing.decisions import Overflow
from routing.facts import Turned
from routing.ids import AgentId, CallId, CategoryId, HelplineId, Seconds
from routing.rules import RANKS, HelplineRules, Limits, Outlet
from tests.unit.parts.story import ALI, BEA, CHITRA, FIRST, FOOD, KWA, RATION, SECOND, THIRD, Story

POISONING = CategoryId("poisoning")
HURRIED = HelplineRules(head_start=Seconds(60), category_head_starts={POISONING: Seconds(300)})
KEEPING = HelplineRules(reserve=2)
AMBULANCE, FIRE = HelplineId("ambulance"), HelplineId("fire")


class TestHeadStarts:
    @pytest.fixture
    def story(self) -> Story:
        return Story({FOOD: HURRIED})

    @pytest.mark.parametrize(("later", "first"), [(59, SECOND), (61, FIRST)])
    def test_a_call_is_treated_as_if_it_had_come_so_much_earlier(
        self, story: Story, later: float, first: CallId
    ) -> None:
        story.queue(FIRST, KWA, queued_at=500)
        story.queue(SECOND, FOOD, queued_at=500 + later)
        story.free(ALI, KWA, FOOD)
        story.decide()
        assert story.offers == [(first, ALI)]

    def test_food_poisoning_goes_before_an_entitlement_question(self, story: Story) -> None:
        story.queue(FIRST, FOOD, category="entitlement", queued_at=500)
        story.queue(SECOND, FOOD, category="poisoning", queued_at=700)
        story.free(ALI, FOOD)
        story.decide()
        assert story.offers == [(SECOND, ALI)]
        assert story.waiting(FOOD) == [FIRST]

    def test_who_waits_longer_than_the_bound_goes_first_whatever_comes(self, story: Story) -> None:
        story.queue(FIRST, KWA, queued_at=500)
        bound = story.rules.overtaking_bound
        for number in range(20):
            story.queue(CallId(f"urgent-{number}"), FOOD, category="poisoning", queued_at=500 + bound + 1)
        story.free(ALI, KWA, FOOD)
        story.decide()
        assert story.offers == [(FIRST, ALI)]

    def test_a_category_is_one_of_its_helpline(self) -> None:
        """Whoever overflows has the head start of where he waits now, not that of a category of its name."""
        late = Limits(max_wait=Seconds(10), when_late=Outlet(KWA))
        hurried = {POISONING: Seconds(300)}
        story = Story({FOOD: HelplineRules(limits=late), KWA: HelplineRules(category_head_starts=hurried)})
        story.free(BEA, KWA)
        story.wants_break(BEA)
        story.queue(SECOND, KWA, queued_at=900)
        story.queue(FIRST, FOOD, category="poisoning", queued_at=950)
        story.decide()
        assert story.decided == [Overflow(FIRST, KWA, Turned.LATE)]
        assert story.waiting(KWA) == [SECOND, FIRST]


class TestOwnOrder:
    def test_a_helpline_further_down_counts_as_later(self) -> None:
        story = Story(order_step=30)
        story.queue(FIRST, FOOD, queued_at=500)
        story.queue(SECOND, KWA, queued_at=529)
        story.free(ALI, KWA, FOOD, order=(KWA, FOOD))
        story.decide()
        assert story.offers == [(SECOND, ALI)]

    def test_but_not_for_ever(self) -> None:
        story = Story(order_step=30)
        story.queue(FIRST, FOOD, queued_at=500)
        story.queue(SECOND, KWA, queued_at=531)
        story.free(ALI, KWA, FOOD, order=(KWA, FOOD))
        story.decide()
        assert story.offers == [(FIRST, ALI)]

    def test_whoever_has_the_helpline_first_is_called_first(self) -> None:
        story = Story()
        story.free(ALI, KWA, FOOD, order=(FOOD, KWA))
        story.free(BEA, KWA, FOOD, order=(KWA, FOOD))
        story.free(CHITRA, KWA, FOOD)
        assert story.idle(KWA) == [BEA, CHITRA, ALI]
        assert story.idle(FOOD) == [ALI, CHITRA, BEA]

    def test_what_is_not_in_her_order_comes_after_it(self) -> None:
        story = Story(order_step=30)
        story.queue(FIRST, RATION, queued_at=500)
        story.queue(SECOND, KWA, queued_at=529)
        story.free(ALI, KWA, RATION, order=(KWA,))
        story.decide()
        assert story.offers == [(SECOND, ALI)]

    def test_places_far_down_count_as_the_third(self) -> None:
        """Else one long order would make the bound on overtaking meaningless for all."""
        others = tuple(HelplineId(f"h{n}") for n in range(9))
        story = Story(order_step=30)
        story.queue(FIRST, others[8], queued_at=500)
        story.queue(SECOND, others[0], queued_at=500 + RANKS * 30 + 1)
        story.free(ALI, *others, order=others)
        story.decide()
        assert story.offers == [(FIRST, ALI)]


class TestAgentsKept:
    """Of the agents of a helpline that keeps some, the others' calls hold only so many at a time."""

    @pytest.fixture
    def story(self) -> Story:
        """Three agents serve the ambulance line, which keeps two of them, and food."""
        story = Story({AMBULANCE: KEEPING})
        for agent in (ALI, BEA, CHITRA):
            story.free(agent, AMBULANCE, FOOD)
        return story

    @pytest.fixture
    def lent(self, story: Story) -> Story:
        """FIRST, of food, has ALI; SECOND, of food, waits."""
        for call in (FIRST, SECOND):
            story.queue(call, FOOD)
        story.decide()
        return story

    def test_other_calls_hold_no_more_than_are_not_kept(self, lent: Story) -> None:
        assert lent.offers == [(FIRST, ALI)]
        assert lent.waiting(FOOD) == [SECOND]

    def test_its_own_calls_have_all_of_them(self, story: Story) -> None:
        for number in range(3):
            story.queue(CallId(f"own-{number}"), AMBULANCE)
        story.decide()
        assert len(story.offers) == 3

    def test_its_own_call_goes_past_those_who_may_not_have_her(self, lent: Story) -> None:
        lent.queue(THIRD, AMBULANCE)
        lent.decide()
        assert lent.offers[-1] == (THIRD, BEA)

    def test_a_kept_agent_who_serves_its_calls_is_one_of_those_kept(self, story: Story) -> None:
        """Else one steady caller of the ambulance line would keep everybody from food for ever."""
        story.queue(THIRD, AMBULANCE)
        story.queue(FIRST, FOOD)
        story.decide()
        assert story.offers == [(THIRD, ALI), (FIRST, BEA)]

    def test_so_she_is_while_she_writes(self, story: Story) -> None:
        story.queue(THIRD, AMBULANCE)
        story.decide()
        story.serves(THIRD, ALI)
        assert story.agent(ALI).state is AgentState.WRAP_UP
        story.queue(FIRST, FOOD)
        story.queue(SECOND, FOOD)
        story.decide()
        assert story.offers[1:] == [(FIRST, BEA)]

    def test_one_who_writes_for_another_helpline_is_still_lent(self, lent: Story) -> None:
        lent.serves(FIRST, ALI)
        lent.decide()
        assert lent.offers == [(FIRST, ALI)]
        lent.ready(ALI)
        lent.decide()
        assert lent.offers == [(FIRST, ALI), (SECOND, BEA)]

    @pytest.mark.parametrize("end", ["refused", "missed", "declined", "unreachable"])
    def test_one_whose_offer_came_to_nothing_is_back(self, lent: Story, end: str) -> None:
        getattr(lent, end)(FIRST, ALI)
        lent.decide()
        assert len(lent.offers) == 2

    def test_one_of_them_is_never_kept(self, story: Story) -> None:
        """A helpline that keeps more agents than are at work would starve everybody else."""
        for agent in (BEA, CHITRA):
            story.wants_out(agent)
        for call in (FIRST, SECOND):
            story.queue(call, FOOD)
        story.decide()
        assert story.offers == [(FIRST, ALI)]

    def test_two_who_both_keep_her_do_not_keep_her_from_each_other(self) -> None:
        story = Story({AMBULANCE: KEEPING, FIRE: KEEPING})
        story.free(ALI, AMBULANCE, FIRE, FOOD)
        story.queue(FIRST, FIRE)
        story.decide()
        assert story.offers == [(FIRST, ALI)]

    def test_several_are_lent_in_one_answer(self, story: Story) -> None:
        for number in range(2):
            story.free(AgentId(f"more-{number}"), AMBULANCE, FOOD)
        for number in range(5):
            story.queue(CallId(f"food-{number}"), FOOD)
        story.decide()
        assert len(story.offers) == 3

    def test_those_of_a_pool_are_not_kept(self, story: Story) -> None:
        """Only agents of the helpline itself are; others were never its own."""
        story.free(AgentId("dev"), FOOD)
        for number in range(3):
            story.queue(CallId(f"food-{number}"), FOOD)
        story.decide()
        assert [agent for _, agent in story.offers] == [ALI, "dev"]

    def test_a_talk_never_offered_counts_too(self, story: Story) -> None:
        """The switch's own queue may have made it while we were away."""
        story.queue(FIRST, FOOD)
        story.answered(FIRST, ALI)
        story.queue(SECOND, FOOD)
        story.decide()
        assert story.offers == []

    def test_talks_taken_up_after_a_restart_count_too(self, lent: Story) -> None:
        again = Story({AMBULANCE: KEEPING})
        again.floor.restore(lent.floor.calls(), lent.floor.agents())
        again.now = lent.now
        again.decide()
        assert again.offers == []

    def test_nobody_starves_however_many_are_kept(self, story: Story) -> None:
        """An ambulance call comes whenever one ends; food's caller is served as soon as one agent is free."""
        busy = [CallId(f"own-{n}") for n in range(100)]
        for call in busy[:3]:
            story.queue(call, AMBULANCE)
        story.decide()
        story.queue(FIRST, FOOD)
        for ended, comes in zip(busy, busy[3:], strict=False):
            story.queue(comes, AMBULANCE)
            agent = story.call(ended).agent
            assert agent is not None
            story.serves(ended, agent)
            story.ready(agent)
            story.decide()
            if any(call == FIRST for call, _ in story.offers):
                break
        assert story.offers[3] == (FIRST, ALI)
