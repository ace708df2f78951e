"""Who may serve a call: skills, languages and pools, asked for in steps that relax while a caller waits."""

from __future__ import annotations

import pytest

from routing.ids import AgentId, CallId, Instant, Pool, Seconds, Skill
from routing.rules import HelplineRules, Step, Strategy
from tests.unit.parts.story import (
    ALI,
    BEA,
    CHITRA,
    FIRST,
    FOOD,
    HINDI,
    KWA,
    MALAYALAM,
    SECOND,
    THIRD,
    Story,
    speaking,
)

DISTRICT = Pool("tvm")
PATIENT = HelplineRules(
    steps=(
        Step(language=7),
        Step(after=Seconds(20), language=4),
        Step(after=Seconds(40), pools=frozenset({DISTRICT})),
    )
)
POISON, CHEMISTRY = Skill("poisoning"), Skill("chemistry")


class TestMalayalamSevenThenFourThenTheDistrict:
    """Malayalam ≥ 7, after 20 s ≥ 4, after 40 s any agent of the district pool."""

    @pytest.fixture
    def story(self) -> Story:
        return Story({KWA: PATIENT})

    def test_at_first_only_who_speaks_it_at_seven(self, story: Story) -> None:
        story.free(ALI, skills=speaking(ml=6))
        story.free(BEA, skills=speaking(ml=7))
        story.queue(FIRST)
        story.queue(SECOND)
        story.wait_until(FIRST, 19.9)
        assert story.offers == [(FIRST, BEA)]

    def test_after_twenty_seconds_at_four(self, story: Story) -> None:
        story.free(ALI, skills=speaking(ml=3))
        story.free(BEA, skills=speaking(ml=4))
        story.queue(FIRST)
        story.wait_until(FIRST, 19.9)
        assert story.offers == []
        story.wait_until(FIRST, 20)
        assert story.offers == [(FIRST, BEA)]

    def test_after_forty_seconds_any_agent_of_the_district(self, story: Story) -> None:
        story.free(ALI, skills=speaking(ml=3))
        story.free(BEA, FOOD, skills=speaking(hi=9), pools=(DISTRICT,))
        story.queue(FIRST)
        story.wait_until(FIRST, 39.9)
        assert story.offers == []
        story.wait_until(FIRST, 40)
        assert story.offers == [(FIRST, BEA)]

    @pytest.mark.parametrize(("waited", "taken"), [(15, False), (21, True), (41, True)])
    def test_whoever_becomes_free_later_is_judged_by_the_step_of_then(
        self, story: Story, waited: float, taken: bool
    ) -> None:
        story.queue(FIRST)
        story.wait_until(FIRST, waited)
        story.free(ALI, skills=speaking(ml=4))
        story.decide()
        assert (story.offers == [(FIRST, ALI)]) is taken

    def test_a_step_only_adds_agents(self, story: Story) -> None:
        story.queue(FIRST)
        story.wait_until(FIRST, 41)
        story.free(ALI, skills=speaking(ml=9))
        story.decide()
        assert story.offers == [(FIRST, ALI)]

    def test_each_caller_is_asked_about_in_his_own_language(self, story: Story) -> None:
        story.free(ALI, skills=speaking(ml=9))
        story.free(BEA, skills=speaking(hi=9))
        story.queue(FIRST, language=HINDI)
        story.queue(SECOND, language=MALAYALAM)
        story.decide()
        assert story.offers == [(FIRST, BEA), (SECOND, ALI)]

    def test_a_missed_offer_does_not_tighten_what_has_relaxed(self, story: Story) -> None:
        story.queue(FIRST)
        story.wait_until(FIRST, 21)
        story.free(ALI, skills=speaking(ml=4))
        story.decide()
        story.missed(FIRST, ALI)
        story.free(BEA, skills=speaking(ml=4))
        story.decide()
        assert story.offers == [(FIRST, ALI), (FIRST, BEA)]

    def test_time_that_passed_during_an_offer_counts(self, story: Story) -> None:
        story.free(ALI, skills=speaking(ml=7))
        story.free(BEA, FOOD, pools=(DISTRICT,))
        story.queue(FIRST)
        story.decide()
        story.now = Instant(story.now + 45)
        story.missed(FIRST, ALI)
        story.decide()
        assert story.offers == [(FIRST, ALI), (FIRST, BEA)]

    def test_the_relaxed_caller_goes_before_one_who_came_later_and_may_have_her_anyway(
        self, story: Story
    ) -> None:
        story.queue(FIRST, language=HINDI)
        story.wait_until(FIRST, 45)
        story.queue(SECOND, language=MALAYALAM)
        story.free(ALI, skills=speaking(ml=9), pools=(DISTRICT,))
        story.decide()
        assert story.offers == [(FIRST, ALI)]

    def test_the_next_deadline_is_the_next_step(self, story: Story) -> None:
        story.queue(FIRST)
        came = story.now
        assert story.floor.next_deadline() == came + 20
        story.wait_until(FIRST, 20)
        assert story.floor.next_deadline() == came + 40
        story.wait_until(FIRST, 40)
        assert story.floor.next_deadline() is None


class TestSkills:
    def test_every_skill_asked_for_is_needed_at_its_level(self) -> None:
        asked = Step(skills=frozenset({(POISON, 5), (CHEMISTRY, 1)}))
        story = Story({FOOD: HelplineRules(steps=(asked,))})
        story.free(ALI, FOOD, skills=frozenset({(POISON, 9)}))
        story.free(BEA, FOOD, skills=frozenset({(POISON, 4), (CHEMISTRY, 9)}))
        story.free(CHITRA, FOOD, skills=frozenset({(POISON, 5), (CHEMISTRY, 1)}))
        assert story.idle(FOOD) == [CHITRA]

    def test_liked_skills_come_first_but_are_not_needed(self) -> None:
        story = Story({FOOD: HelplineRules(liked=frozenset({POISON, CHEMISTRY}))})
        story.free(ALI, FOOD)
        story.free(BEA, FOOD, skills=frozenset({(POISON, 1)}))
        story.free(CHITRA, FOOD, skills=frozenset({(POISON, 1), (CHEMISTRY, 9)}))
        assert story.idle(FOOD) == [CHITRA, BEA, ALI]

    def test_what_an_agent_has_learnt_counts_from_her_next_login(self) -> None:
        story = Story({KWA: HelplineRules(steps=(Step(language=5),))})
        story.free(ALI)
        story.queue(FIRST)
        story.decide()
        assert story.offers == []
        story.free(ALI, skills=speaking(ml=5))
        story.decide()
        assert story.offers == [(FIRST, ALI)]


class TestStrategies:
    @staticmethod
    def under(strategy: Strategy, *steps: Step) -> Story:
        story = Story({KWA: HelplineRules(strategy=strategy, steps=steps or (Step(),))}, wrap_up=0)
        story.decided.clear()
        return story

    def test_longest_idle(self) -> None:
        story = self.under(Strategy.LONGEST_IDLE)
        for agent in (BEA, ALI, CHITRA):
            story.free(agent)
        assert story.idle() == [BEA, ALI, CHITRA]

    def test_fewest_calls_since_the_login(self) -> None:
        story = self.under(Strategy.FEWEST_CALLS)
        story.free(ALI)
        for call in (FIRST, SECOND):
            story.queue(call)
            story.decide()
            story.serves(call, ALI)
        story.free(BEA)
        story.queue(THIRD)
        story.decide()
        story.serves(THIRD, BEA)
        assert story.idle() == [BEA, ALI]
        story.wants_out(ALI)
        story.free(ALI)
        assert story.idle() == [ALI, BEA]

    def test_most_skilled_in_what_is_asked_first(self) -> None:
        story = self.under(Strategy.MOST_SKILLED, Step(language=3, skills=frozenset({(CHEMISTRY, 1)})))
        story.free(ALI, skills=speaking(ml=9) | {(CHEMISTRY, 1)})
        story.free(BEA, skills=speaking(ml=5) | {(CHEMISTRY, 6)})
        story.free(CHITRA, skills=speaking(ml=4, hi=9) | {(CHEMISTRY, 2)})
        assert story.idle(KWA, MALAYALAM) == [BEA, ALI, CHITRA]
        assert story.idle(KWA, HINDI) == [CHITRA]

    def test_round_robin_goes_on_behind_whoever_was_offered_last(self) -> None:
        story = self.under(Strategy.ROUND_ROBIN)
        for agent in (ALI, BEA, CHITRA):
            story.free(agent)
        for number, agent in enumerate((ALI, BEA, CHITRA, ALI)):
            call = CallId(f"round-{number}")
            story.queue(call)
            story.decide()
            assert story.offers[-1] == (call, agent)
            story.serves(call, agent)

    def test_round_robin_remembers_offers_that_came_to_nothing(self) -> None:
        story = self.under(Strategy.ROUND_ROBIN)
        story.free(ALI)
        story.free(BEA)
        story.queue(FIRST)
        story.decide()
        story.refused(FIRST, ALI)
        story.decide()
        assert story.offers == [(FIRST, ALI), (FIRST, BEA)]

    def test_the_longest_idle_decides_a_tie(self) -> None:
        for strategy in Strategy:
            story = self.under(strategy)
            story.free(BEA)
            story.free(ALI)
            assert story.idle() == [BEA, ALI], strategy


class TestPreferredAgents:
    @pytest.fixture
    def story(self) -> Story:
        return Story({KWA: HelplineRules(preferred_agent_seconds=Seconds(30))})

    @pytest.fixture
    def held(self, story: Story) -> Story:
        """FIRST waits for BEA, who talks to SECOND; ALI is free."""
        story.free(BEA)
        story.queue(SECOND)
        story.decide()
        story.answered(SECOND, BEA)
        story.free(ALI)
        story.queue(FIRST, preferred=BEA)
        story.decide()
        return story

    def test_a_caller_waits_for_her_while_she_is_at_work(self, held: Story) -> None:
        held.wait_until(FIRST, 29.9)
        assert held.offers == [(SECOND, BEA)]
        assert held.waiting() == [FIRST]

    def test_she_takes_him_when_she_becomes_free(self, held: Story) -> None:
        held.ended(SECOND)
        held.ready(BEA)
        held.decide()
        assert held.offers[-1] == (FIRST, BEA)

    def test_but_only_for_so_long(self, held: Story) -> None:
        held.wait_until(FIRST, 30)
        assert held.offers[-1] == (FIRST, ALI)

    def test_she_goes_before_others_who_are_idle_longer(self, story: Story) -> None:
        story.free(ALI)
        story.free(BEA)
        story.queue(FIRST, preferred=BEA)
        story.decide()
        assert story.offers == [(FIRST, BEA)]

    @pytest.mark.parametrize("leave", ["wants_out", "wants_break", "phone_lost"])
    def test_when_she_leaves_anybody_may_take_him(self, story: Story, leave: str) -> None:
        story.free(BEA)
        story.queue(SECOND)
        story.decide()
        story.queue(FIRST, preferred=BEA)
        story.free(ALI)
        getattr(story, leave)(BEA)
        story.refused(SECOND, BEA)
        story.decide()
        assert story.offers[1:] == [(SECOND, ALI)]
        story.free(CHITRA)
        story.decide()
        assert story.offers[2:] == [(FIRST, CHITRA)]

    def test_one_who_is_not_at_work_is_not_waited_for(self, story: Story) -> None:
        story.free(BEA)
        story.wants_break(BEA)
        story.free(ALI)
        story.queue(FIRST, preferred=BEA)
        story.queue(SECOND, preferred=AgentId("nobody we know"))
        story.decide()
        assert story.offers == [(FIRST, ALI)]
        story.free(CHITRA)
        story.decide()
        assert story.offers == [(FIRST, ALI), (SECOND, CHITRA)]

    def test_one_who_no_longer_serves_the_helpline_is_not_waited_for(self, held: Story) -> None:
        held.free(BEA, FOOD)
        held.decide()
        assert held.offers[-1] == (FIRST, ALI)

    def test_one_who_missed_him_is_waited_for_no_longer(self, story: Story) -> None:
        story.free(BEA)
        story.free(ALI)
        story.queue(FIRST, preferred=BEA)
        story.decide()
        story.missed(FIRST, BEA)
        story.decide()
        assert story.offers == [(FIRST, BEA), (FIRST, ALI)]

    def test_a_helpline_without_the_rule_prefers_nobody(self) -> None:
        story = Story()
        story.free(ALI)
        story.free(BEA)
        story.queue(FIRST, preferred=BEA)
        story.decide()
        assert story.offers == [(FIRST, ALI)]

    def test_his_needs_have_relaxed_meanwhile(self) -> None:
        rules = HelplineRules(steps=PATIENT.steps, preferred_agent_seconds=Seconds(30))
        story = Story({KWA: rules})
        story.free(BEA)
        story.queue(SECOND)
        story.wait_until(SECOND, 45)
        story.free(BEA, pools=(DISTRICT,))
        story.decide()
        story.queue(FIRST, preferred=BEA)
        story.free(ALI, skills=speaking(ml=4))
        story.wait_until(FIRST, 30)
        assert story.offers == [(SECOND, BEA), (FIRST, ALI)]

    def test_queueing_again_does_not_prefer_anew(self, held: Story) -> None:
        held.wait_until(FIRST, 30)
        held.missed(FIRST, ALI)
        held.queue(FIRST, preferred=BEA, queued_at=held.call(FIRST).queued_at)
        held.free(CHITRA)
        held.decide()
        assert held.offers[-1] == (FIRST, CHITRA)

    def test_nothing_is_kept_of_calls_that_waited_for_one_agent(self, held: Story) -> None:
        held.ended(FIRST)
        held.ended(SECOND)
        held.wants_out(BEA)
        held.decide()
        assert held.floor.calls() == []
