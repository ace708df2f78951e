"""Callers who hang up, keep their place and are called in their turn: not early, not twice, not never."""

from __future__ import annotations

import pytest

from routing.agent import AgentState
from routing.call import CallState
from routing.decisions import GiveUpCallback, TurnAway
from routing.facts import CallbackAsked, Turned
from routing.ids import Seconds
from routing.lifecycle import IllegalTransition
from routing.rules import CallbackRules, HelplineRules, Limits, Step
from tests.unit.parts.story import ALI, BEA, FIRST, KWA, MALAYALAM, NUMBER, RING, SECOND, Story

PATIENT = HelplineRules(callback=CallbackRules(attempts=2, retry_seconds=Seconds(300)))


@pytest.fixture
def story() -> Story:
    return Story({KWA: PATIENT}, missed_limit=9, wrap_up=0)


@pytest.fixture
def hung_up(story: Story) -> Story:
    """FIRST asked to be called back and has hung up; SECOND waits behind him."""
    story.queue(FIRST)
    story.queue(SECOND)
    story.asks_for_callback(FIRST)
    story.ended(FIRST)
    story.decide()
    return story


@pytest.fixture
def being_called(hung_up: Story) -> Story:
    """ALI is reserved, and the citizen is being called for the first time."""
    hung_up.free(ALI)
    hung_up.decide()
    assert hung_up.offers == [(FIRST, ALI)]
    return hung_up


class TestTheirPlace:
    def test_it_is_kept_as_if_he_were_on_the_line(self, hung_up: Story) -> None:
        assert hung_up.waiting() == [FIRST, SECOND]
        hung_up.free(ALI)
        hung_up.decide()
        assert hung_up.offers == [(FIRST, ALI)]

    def test_he_is_never_called_ahead_of_his_turn(self, story: Story) -> None:
        story.queue(SECOND)
        story.queue(FIRST)
        story.asks_for_callback(FIRST)
        story.ended(FIRST)
        story.free(ALI)
        story.decide()
        assert story.offers == [(SECOND, ALI)]

    def test_he_is_not_called_while_he_is_on_the_line(self, story: Story) -> None:
        story.queue(FIRST)
        story.asks_for_callback(FIRST)
        story.free(ALI)
        story.wait(600)
        assert story.offers == []
        assert story.call(FIRST).state is CallState.RESTING

    def test_his_needs_relax_as_those_of_others_do(self) -> None:
        steps = (Step(language=7), Step(after=Seconds(20)))
        story = Story({KWA: HelplineRules(steps=steps)})
        story.free(ALI)
        story.queue(FIRST)
        story.asks_for_callback(FIRST)
        story.ended(FIRST)
        story.wait(20)
        assert story.offers == [(FIRST, ALI)]

    def test_no_limit_of_the_line_turns_him_away(self) -> None:
        limits = Limits(max_wait=Seconds(60), stay_unstaffed=False, stay_closed=False)
        story = Story({KWA: HelplineRules(limits=limits)})
        story.queue(FIRST)
        story.asks_for_callback(FIRST)
        story.ended(FIRST)
        story.closes(KWA)
        story.wait(3600)
        assert story.waiting() == [FIRST]

    def test_nobody_cancels_it_by_asking_twice(self, story: Story) -> None:
        story.queue(FIRST)
        story.asks_for_callback(FIRST)
        story.asks_for_callback(FIRST)
        story.ended(FIRST)
        story.decide()
        assert story.waiting() == [FIRST]

    def test_a_caller_in_the_menu_is_told_where_he_will_wait(self, story: Story) -> None:
        """After hours nobody may queue, but many may be called in the morning."""
        story.arrive(FIRST)
        asked = CallbackAsked(at=story.tick(), call=FIRST, number=NUMBER, helpline=KWA, language=MALAYALAM)
        story.floor.apply(asked)
        story.ended(FIRST)
        story.decide()
        assert story.waiting() == [FIRST]
        assert story.call(FIRST).queued_at == asked.at

    def test_nobody_is_called_back_to_no_helpline(self, story: Story) -> None:
        story.arrive(FIRST)
        with pytest.raises(IllegalTransition):
            story.asks_for_callback(FIRST)
        assert story.call(FIRST).state is CallState.IN_MENU

    def test_what_comes_of_a_talk_may_be_a_callback(self, story: Story) -> None:
        """Cut off, or passed on to somebody who is not there."""
        story.queue(FIRST)
        story.answered(FIRST, ALI)
        story.talk_ended(FIRST, ALI)
        story.asks_for_callback(FIRST)
        story.ended(FIRST)
        story.decide()
        assert story.waiting() == [FIRST]


class TestTries:
    def test_a_citizen_who_answers_is_a_caller_as_any(self, being_called: Story) -> None:
        being_called.offered(FIRST, ALI)
        being_called.answered(FIRST, ALI)
        assert being_called.call(FIRST).callback is None
        being_called.talk_ended(FIRST, ALI)
        being_called.ended(FIRST)
        assert being_called.floor.call(FIRST) is None

    def test_one_who_does_not_answer_is_tried_again_after_a_while(self, being_called: Story) -> None:
        being_called.ended(FIRST)
        being_called.decide()
        assert being_called.offers == [(FIRST, ALI), (SECOND, ALI)]
        being_called.serves(SECOND, ALI)
        failed_at = being_called.call(FIRST).since
        being_called.wait(failed_at + 299 - being_called.now)
        assert len(being_called.offers) == 2
        being_called.wait(1)
        assert being_called.offers[2:] == [(FIRST, ALI)]

    def test_in_the_place_he_always_had(self, being_called: Story) -> None:
        being_called.wants_break(ALI)
        being_called.ended(FIRST)
        being_called.wait(300)
        assert being_called.waiting() == [FIRST, SECOND]

    def test_after_the_last_try_he_is_given_up(self, being_called: Story) -> None:
        being_called.ended(FIRST)
        being_called.ended(SECOND)
        being_called.wait(300)
        being_called.ended(FIRST)
        being_called.wait(3600)
        assert being_called.offers == [(FIRST, ALI)] * 2
        assert being_called.decided[-1] == GiveUpCallback(FIRST)
        assert being_called.floor.call(FIRST) is None

    def test_his_silence_is_not_the_agents_miss(self, being_called: Story) -> None:
        before = being_called.agent(ALI).idle_since
        being_called.ended(FIRST)
        agent = being_called.agent(ALI)
        assert (agent.state, agent.missed, agent.since) == (AgentState.AVAILABLE, 0, before)

    def test_he_is_in_one_try_at_a_time(self, being_called: Story) -> None:
        being_called.ended(SECOND)
        being_called.free(BEA)
        being_called.wait(RING)
        assert being_called.offers == [(FIRST, ALI)]

    def test_the_end_of_a_try_told_twice_counts_once(self, being_called: Story) -> None:
        being_called.ended(FIRST)
        being_called.lost(FIRST)
        callback = being_called.call(FIRST).callback
        assert callback is not None and callback.failed == 1

    def test_a_try_the_switch_would_not_make_is_no_try(self, being_called: Story) -> None:
        being_called.refused(FIRST, ALI)
        callback = being_called.call(FIRST).callback
        assert callback is not None and callback.failed == 0
        being_called.decide()
        assert being_called.offers == [(FIRST, ALI)] * 2

    def test_one_taken_for_lost_is_still_to_be_called(self, hung_up: Story) -> None:
        """The check of a switch finds no channel, and there is none."""
        hung_up.lost(FIRST)
        assert hung_up.waiting() == [FIRST, SECOND]


class TestOnTheLineAgain:
    def test_an_agent_who_misses_a_citizen_called_back_leaves_him_waiting(self, being_called: Story) -> None:
        being_called.offered(FIRST, ALI)
        being_called.missed(FIRST, ALI)
        assert being_called.waiting() == [FIRST, SECOND]
        being_called.free(BEA)
        being_called.decide()
        assert being_called.offers[1] == (FIRST, ALI)

    def test_one_whom_a_newer_router_has_sent_to_wait_does_so(self, being_called: Story) -> None:
        """He answers a call of the process before, which is refused the agent: he is on the line."""
        being_called.offered(FIRST, ALI)
        being_called.refused(FIRST, ALI)
        call = being_called.call(FIRST)
        assert (call.state, call.is_off_line) == (CallState.WAITING, False)
        assert being_called.waiting() == [FIRST, SECOND]

    def test_one_whose_agent_is_found_in_another_talk_waits_on_the_line(self, being_called: Story) -> None:
        being_called.offered(FIRST, ALI)
        being_called.answered(SECOND, ALI)
        assert not being_called.call(FIRST).is_off_line

    def test_if_he_hangs_up_then_that_is_his_wish(self, being_called: Story) -> None:
        being_called.offered(FIRST, ALI)
        being_called.missed(FIRST, ALI)
        being_called.ended(FIRST)
        assert being_called.floor.call(FIRST) is None

    def test_so_it_is_while_the_agents_phone_rings_for_him(self, being_called: Story) -> None:
        being_called.offered(FIRST, ALI)
        being_called.ended(FIRST)
        assert being_called.floor.call(FIRST) is None
        being_called.decide()
        assert being_called.offers[1] == (SECOND, ALI)

    def test_the_hours_he_was_not_on_the_line_are_not_held_against_him(self) -> None:
        """Called back at last, he is not told that he has waited too long."""
        rules = HelplineRules(limits=Limits(max_wait=Seconds(600)))
        story = Story({KWA: rules}, missed_limit=9)
        story.queue(FIRST)
        story.asks_for_callback(FIRST)
        story.ended(FIRST)
        story.wait(7200)
        story.free(ALI)
        story.decide()
        story.offered(FIRST, ALI)
        story.missed(FIRST, ALI)
        story.decide()
        assert story.offers == [(FIRST, ALI)] * 2
        story.wants_break(ALI)
        story.missed(FIRST, ALI)
        story.wait(600)
        assert story.decided[-1] == TurnAway(FIRST, Turned.LATE)

    @pytest.mark.parametrize("end", ["refused", "missed", "declined", "unreachable"])
    def test_asked_for_as_the_offer_was_made_it_counts_if_the_offer_comes_to_nothing(
        self, story: Story, end: str
    ) -> None:
        story.queue(FIRST)
        story.free(ALI)
        story.decide()
        story.asks_for_callback(FIRST)
        getattr(story, end)(FIRST, ALI)
        story.ended(FIRST)
        callback = story.call(FIRST).callback
        assert callback is not None and not callback.on_line

    def test_and_if_he_hangs_up_while_it_rings(self, story: Story) -> None:
        story.queue(FIRST)
        story.free(ALI)
        story.decide()
        story.asks_for_callback(FIRST)
        story.ended(FIRST)
        story.decide()
        assert story.offers == [(FIRST, ALI)] * 2

    def test_but_not_if_she_answers(self, story: Story) -> None:
        story.queue(FIRST)
        story.free(ALI)
        story.decide()
        story.asks_for_callback(FIRST)
        story.serves(FIRST, ALI)
        story.wait(600)
        assert story.floor.calls() == []

    def test_nor_if_her_answer_is_never_heard_of_but_its_end(self, story: Story) -> None:
        story.queue(FIRST)
        story.free(ALI)
        story.decide()
        story.asks_for_callback(FIRST)
        story.talk_ended(FIRST, ALI)
        story.ended(FIRST)
        assert story.floor.calls() == []

    def test_one_who_asked_and_is_found_in_the_waiting_room_keeps_his_wish(self, story: Story) -> None:
        story.queue(FIRST)
        story.asks_for_callback(FIRST)
        story.queue(FIRST, queued_at=story.call(FIRST).queued_at)
        assert story.waiting() == [FIRST]
        story.ended(FIRST)
        story.decide()
        assert story.waiting() == [FIRST]

    def test_one_who_asked_is_not_turned_away(self, story: Story) -> None:
        """He was promised a call, and is about to hang up."""
        limits = Limits(max_wait=Seconds(60))
        story = Story({KWA: HelplineRules(limits=limits)})
        story.queue(FIRST)
        story.asks_for_callback(FIRST)
        story.queue(FIRST, queued_at=story.call(FIRST).queued_at)
        story.wait(120)
        assert story.decided == []
