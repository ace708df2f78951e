"""What agents ask for, and when it takes effect: breaks, logouts, wrap-up, phones that come and go."""

from __future__ import annotations

import pytest

from routing.agent import AgentState, Intent
from routing.decisions import EndWrapUp
from routing.facts import AgentLoggedIn
from routing.ids import Instant, Phone
from tests.unit.parts.story import ALI, BEA, FIRST, FOOD, KWA, SECOND, WRAP_UP, Story


class TestIntents:
    def test_a_break_asked_for_while_idle_begins_at_once(self, story: Story) -> None:
        story.free(ALI)
        story.wants_break(ALI, "meal")
        assert (story.agent(ALI).state, story.agent(ALI).reason) == (AgentState.ON_BREAK, "meal")
        assert story.agent(ALI).since == story.now
        assert story.idle() == []

    def test_a_break_asked_for_during_a_talk_begins_after_the_wrap_up(self, talking: Story) -> None:
        talking.wants_break(ALI)
        assert talking.agent(ALI).intent == Intent(AgentState.ON_BREAK, "tea")
        talking.talk_ended(FIRST, ALI)
        assert talking.agent(ALI).state is AgentState.WRAP_UP
        talking.wrapped_up(ALI)
        assert (talking.agent(ALI).state, talking.agent(ALI).reason) == (AgentState.ON_BREAK, "tea")
        talking.decide()
        assert talking.offers == [(FIRST, ALI)]

    def test_a_logout_asked_for_during_a_talk_happens_after_the_wrap_up(self, talking: Story) -> None:
        talking.wants_out(ALI)
        talking.ended(FIRST)
        assert talking.agent(ALI).state is AgentState.WRAP_UP
        talking.wrapped_up(ALI)
        assert talking.agent(ALI).state is AgentState.LOGGED_OUT

    def test_asking_for_calls_takes_the_intent_back(self, talking: Story) -> None:
        talking.wants_break(ALI)
        talking.ready(ALI)
        talking.talk_ended(FIRST, ALI)
        talking.wrapped_up(ALI)
        assert talking.agent(ALI).state is AgentState.AVAILABLE

    def test_the_newest_word_counts(self, talking: Story) -> None:
        talking.wants_out(ALI)
        talking.wants_break(ALI)
        assert talking.agent(ALI).intent == Intent(AgentState.ON_BREAK, "tea")

    @pytest.mark.parametrize("end", ["missed", "refused", "ended"])
    def test_an_offer_that_comes_to_nothing_leads_to_the_intent(self, ringing: Story, end: str) -> None:
        ringing.wants_break(ALI)
        if end == "ended":
            ringing.ended(FIRST)
        else:
            getattr(ringing, end)(FIRST, ALI)
        assert (ringing.agent(ALI).state, ringing.agent(ALI).reason) == (AgentState.ON_BREAK, "tea")
        assert ringing.agent(ALI).since == ringing.now

    def test_logging_in_again_changes_phone_and_helplines_only(self, story: Story) -> None:
        story.free(ALI, KWA)
        before = story.agent(ALI)
        login = AgentLoggedIn(at=story.tick(), agent=ALI, phone=Phone("2002"), helplines=frozenset({FOOD}))
        story.floor.apply(login)
        assert (story.agent(ALI).state, story.agent(ALI).since) == (before.state, before.since)
        assert story.agent(ALI).phone == "2002"
        assert (story.idle(KWA), story.idle(FOOD)) == ([], [ALI])

    def test_one_who_logs_in_again_before_her_logout_is_not_logged_out(self, talking: Story) -> None:
        talking.wants_out(ALI)
        served = frozenset({KWA})
        talking.floor.apply(AgentLoggedIn(at=talking.tick(), agent=ALI, phone=Phone("2"), helplines=served))
        talking.ended(FIRST)
        talking.wrapped_up(ALI)
        assert talking.agent(ALI).state is AgentState.NOT_READY

    def test_another_reason_does_not_begin_the_break_anew(self, story: Story) -> None:
        story.free(ALI)
        story.wants_break(ALI, "tea")
        since = story.agent(ALI).since
        story.wants_break(ALI, "meal")
        assert (story.agent(ALI).since, story.agent(ALI).reason) == (since, "meal")

    def test_a_stranger_who_asks_for_calls_gets_none(self, story: Story) -> None:
        story.ready(ALI)
        assert story.floor.agent(ALI) is None


class TestWrapUp:
    def test_its_end_is_decided_when_its_time_has_passed(self, talking: Story) -> None:
        talking.talk_ended(FIRST, ALI)
        deadline = Instant(talking.now + WRAP_UP)
        assert talking.floor.next_deadline() == deadline
        assert talking.floor.decide(Instant(deadline - 0.001)) == []
        assert talking.floor.decide(deadline) == [EndWrapUp(ALI)]
        talking.now = deadline
        talking.decide()
        assert talking.offers[-1] == (SECOND, ALI)

    def test_asking_for_calls_ends_it_early(self, talking: Story) -> None:
        talking.talk_ended(FIRST, ALI)
        talking.ready(ALI)
        assert talking.agent(ALI).since == talking.now
        assert talking.floor.next_deadline() is None
        talking.wrapped_up(ALI)
        assert talking.agent(ALI).state is AgentState.AVAILABLE

    def test_without_wrap_up_the_agent_is_free_at_once(self) -> None:
        story = Story(wrap_up=0)
        story.queue(FIRST)
        story.free(ALI)
        story.decide()
        story.answered(FIRST, ALI)
        story.talk_ended(FIRST, ALI)
        assert (story.agent(ALI).state, story.agent(ALI).since) == (AgentState.AVAILABLE, story.now)

    def test_without_wrap_up_an_intent_takes_effect_at_once(self) -> None:
        story = Story(wrap_up=0)
        story.queue(FIRST)
        story.free(ALI)
        story.decide()
        story.answered(FIRST, ALI)
        story.wants_out(ALI)
        story.talk_ended(FIRST, ALI)
        assert story.agent(ALI).state is AgentState.LOGGED_OUT


class TestPhones:
    def test_a_lost_phone_gets_no_calls_until_it_is_back(self, story: Story) -> None:
        story.free(ALI)
        story.phone_lost(ALI)
        story.queue(FIRST)
        story.decide()
        assert story.offers == []
        story.phone_back(ALI)
        story.decide()
        assert story.offers == [(FIRST, ALI)]

    def test_one_whose_phone_is_back_stands_behind_the_others(self, story: Story) -> None:
        story.free(ALI)
        story.free(BEA)
        story.phone_lost(ALI)
        story.phone_back(ALI)
        assert story.idle() == [BEA, ALI]

    def test_lost_and_back_during_a_talk_changes_nothing(self, talking: Story) -> None:
        talking.phone_lost(ALI)
        talking.phone_back(ALI)
        talking.ended(FIRST)
        talking.wrapped_up(ALI)
        assert talking.agent(ALI).state is AgentState.AVAILABLE

    def test_lost_during_a_talk_counts_after_the_wrap_up(self, talking: Story) -> None:
        talking.phone_lost(ALI)
        talking.ended(FIRST)
        assert talking.agent(ALI).state is AgentState.WRAP_UP
        talking.wrapped_up(ALI)
        assert talking.agent(ALI).state is AgentState.UNREACHABLE

    @pytest.mark.parametrize(
        ("wish", "state"), [("wants_break", AgentState.ON_BREAK), ("wants_out", AgentState.LOGGED_OUT)]
    )
    def test_a_lost_phone_does_not_undo_what_she_asked_for(
        self, talking: Story, wish: str, state: AgentState
    ) -> None:
        getattr(talking, wish)(ALI)
        talking.phone_lost(ALI)
        talking.phone_back(ALI)
        talking.ended(FIRST)
        talking.wrapped_up(ALI)
        assert talking.agent(ALI).state is state

    def test_a_break_from_a_phone_that_is_lost_begins_at_once(self, story: Story) -> None:
        story.free(ALI)
        story.phone_lost(ALI)
        story.wants_break(ALI)
        assert story.agent(ALI).state is AgentState.ON_BREAK
        story.phone_back(ALI)
        assert story.agent(ALI).state is AgentState.ON_BREAK
