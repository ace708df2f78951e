"""Facts that overtake others, come twice or too late, and calls found again after a restart."""

from __future__ import annotations

from routing.agent import AgentState
from routing.call import CallState
from routing.facts import CallAnswered, CallbackGivenUp, CallLost
from routing.floor import GONE_REMEMBERED
from routing.ids import CallId
from tests.unit.parts.story import ALI, BEA, FIRST, FOOD, KWA, SECOND, Story


class TestLateFacts:
    def test_the_answer_overtakes_the_acceptance(self, story: Story) -> None:
        story.queue(FIRST)
        story.free(ALI)
        story.decide()
        story.answered(FIRST, ALI)
        since = story.agent(ALI).since
        story.offered(FIRST, ALI)
        assert (story.call(FIRST).state, story.call(FIRST).agent) == (CallState.TALKING, ALI)
        assert (story.agent(ALI).state, story.agent(ALI).since) == (AgentState.TALKING, since)

    def test_the_caller_hangs_up_before_the_refusal(self, story: Story) -> None:
        story.queue(FIRST)
        story.queue(SECOND)
        story.free(ALI)
        story.decide()
        story.ended(FIRST)
        story.decide()
        story.refused(FIRST, ALI)
        assert story.offers == [(FIRST, ALI), (SECOND, ALI)]
        assert story.agent(ALI).call == SECOND

    def test_the_end_of_the_talk_comes_after_the_end_of_the_call(self, talking: Story) -> None:
        talking.ended(FIRST)
        before = talking.agent(ALI)
        talking.talk_ended(FIRST, ALI)
        assert talking.agent(ALI) == before
        assert before.state is AgentState.WRAP_UP

    def test_the_end_of_the_talk_comes_before_its_beginning(self, ringing: Story) -> None:
        ringing.talk_ended(FIRST, ALI)
        ringing.answered(FIRST, ALI)
        assert ringing.agent(ALI).state is AgentState.WRAP_UP
        assert ringing.call(FIRST).state is CallState.LEAVING

    def test_the_acceptance_comes_after_the_miss(self, ringing: Story) -> None:
        ringing.missed(FIRST, ALI)
        ringing.offered(FIRST, ALI)
        assert ringing.call(FIRST).state is CallState.WAITING
        assert ringing.agent(ALI).call is None

    def test_a_talk_over_before_it_was_known_to_begin_is_not_begun(self, ringing: Story) -> None:
        """We gave the offer up; meanwhile they had talked, and the end of it is heard first."""
        answered_at = ringing.tick()
        ringing.refused(FIRST, ALI)
        ringing.talk_ended(FIRST, ALI)
        ringing.floor.apply(CallAnswered(at=answered_at, call=FIRST, agent=ALI))
        assert (ringing.call(FIRST).agent, ringing.agent(ALI).call) == (None, None)

    def test_one_whose_talk_is_over_waits_no_longer(self, ringing: Story) -> None:
        """As before; he hears the docket number, and nobody is to be offered him."""
        answered_at = ringing.tick()
        ringing.refused(FIRST, ALI)
        ringing.talk_ended(FIRST, ALI)
        ended_at = ringing.now
        ringing.floor.apply(CallAnswered(at=answered_at, call=FIRST, agent=ALI))
        assert (ringing.call(FIRST).state, ringing.call(FIRST).since) == (CallState.LEAVING, ended_at)
        assert ringing.waiting() == [SECOND]

    def test_whoever_is_held_for_one_whose_talk_is_over_is_free(self, ringing: Story) -> None:
        answered_at = ringing.tick()
        ringing.refused(FIRST, ALI)
        ringing.wants_break(ALI)
        ringing.free(BEA)
        idle_since = ringing.agent(BEA).idle_since
        ringing.decide()
        assert ringing.agent(BEA).call == FIRST
        ringing.talk_ended(FIRST, ALI)
        ringing.floor.apply(CallAnswered(at=answered_at, call=FIRST, agent=ALI))
        assert (ringing.agent(BEA).state, ringing.agent(BEA).since) == (AgentState.AVAILABLE, idle_since)
        ringing.refused(FIRST, BEA)
        assert ringing.call(FIRST).state is CallState.LEAVING

    def test_one_passed_on_waits_whatever_is_still_said_of_his_talk(self, ringing: Story) -> None:
        answered_at = ringing.tick()
        ringing.talk_ended(FIRST, ALI)
        ringing.queue(FIRST, FOOD)
        ringing.floor.apply(CallAnswered(at=answered_at, call=FIRST, agent=ALI))
        assert ringing.waiting(FOOD) == [FIRST]

    def test_a_second_talk_with_the_same_agent_begins(self, talking: Story) -> None:
        talking.talk_ended(FIRST, ALI)
        talking.queue(FIRST, queued_at=1001)
        talking.answered(FIRST, ALI)
        assert (talking.call(FIRST).agent, talking.agent(ALI).call) == (ALI, FIRST)

    def test_a_refusal_we_only_guessed_gives_way_to_the_answer(self, ringing: Story) -> None:
        ringing.refused(FIRST, ALI)
        ringing.answered(FIRST, ALI)
        assert (ringing.call(FIRST).agent, ringing.agent(ALI).call) == (ALI, FIRST)
        assert ringing.idle() == []
        assert ringing.waiting() == [SECOND]

    def test_an_answer_releases_whoever_else_held_either(self, ringing: Story) -> None:
        """BEA rings for SECOND, ALI for FIRST; then BEA turns out to talk to FIRST."""
        ringing.free(BEA)
        idle_since = ringing.agent(ALI).idle_since
        ringing.decide()
        assert ringing.agent(BEA).call == SECOND
        ringing.answered(FIRST, BEA)
        assert (ringing.call(FIRST).agent, ringing.agent(BEA).call) == (BEA, FIRST)
        assert (ringing.agent(ALI).state, ringing.agent(ALI).since) == (AgentState.AVAILABLE, idle_since)
        assert ringing.waiting() == [SECOND]
        ringing.decide()
        assert ringing.offers[-1] == (SECOND, ALI)

    def test_a_newer_answer_ends_the_older_talk(self, talking: Story) -> None:
        talking.answered(SECOND, ALI)
        assert talking.call(FIRST).state is CallState.LEAVING
        assert (talking.agent(ALI).call, talking.agent(ALI).since) == (SECOND, talking.now)

    def test_and_the_older_is_not_begun_again(self, talking: Story) -> None:
        answered_at = talking.now
        talking.answered(SECOND, ALI)
        talking.floor.apply(CallAnswered(at=answered_at, call=FIRST, agent=ALI))
        assert (talking.call(FIRST).agent, talking.agent(ALI).call) == (None, SECOND)

    def test_one_on_a_break_who_answered_all_the_same_returns_to_it(self, story: Story) -> None:
        story.queue(FIRST)
        story.free(ALI)
        story.wants_break(ALI, "meal")
        story.answered(FIRST, ALI)
        assert story.agent(ALI).state is AgentState.TALKING
        story.ended(FIRST)
        story.wrapped_up(ALI)
        assert (story.agent(ALI).state, story.agent(ALI).reason) == (AgentState.ON_BREAK, "meal")

    def test_a_queueing_reported_after_the_end_queues_nobody(self, story: Story) -> None:
        story.queue(FIRST)
        story.ended(FIRST)
        story.queue(FIRST)
        assert story.floor.call(FIRST) is None
        assert story.waiting() == []

    def test_the_end_of_a_call_we_never_heard_of_counts_too(self, story: Story) -> None:
        story.ended(FIRST)
        story.queue(FIRST)
        assert story.floor.calls() == []

    def test_only_so_many_ends_are_remembered(self, story: Story) -> None:
        story.ended(FIRST)
        for count in range(GONE_REMEMBERED - 1):
            story.ended(CallId(f"node1-x{count}"))
        story.queue(FIRST)
        assert story.waiting() == []
        story.ended(SECOND)
        story.queue(FIRST)
        assert story.waiting() == [FIRST]

    def test_a_caller_found_after_all_was_not_lost(self, story: Story) -> None:
        story.queue(FIRST)
        story.queue(SECOND)
        place = story.call(FIRST).place
        story.floor.apply(CallLost(at=story.tick(), call=FIRST))
        assert story.waiting() == [SECOND]
        story.queue(FIRST, queued_at=1001)
        assert story.waiting() == [FIRST, SECOND]
        assert story.call(FIRST).place == place

    def test_an_arrival_reported_after_the_loss_brings_nobody_back(self, story: Story) -> None:
        story.queue(FIRST)
        story.free(ALI)
        story.decide()
        story.floor.apply(CallLost(at=story.tick(), call=FIRST))
        story.arrive(FIRST)
        story.refused(FIRST, ALI)
        assert story.floor.calls() == []
        assert story.idle() == [ALI]

    def test_a_loss_concluded_after_the_end_does_not_undo_it(self, story: Story) -> None:
        story.ended(FIRST)
        story.floor.apply(CallLost(at=story.tick(), call=FIRST))
        story.queue(FIRST)
        assert story.floor.calls() == []

    def test_nor_does_one_concluded_after_a_callback_was_given_up(self, story: Story) -> None:
        story.queue(FIRST)
        story.asks_for_callback(FIRST)
        story.ended(FIRST)
        story.floor.apply(CallbackGivenUp(at=story.tick(), call=FIRST))
        story.floor.apply(CallLost(at=story.tick(), call=FIRST))
        story.queue(FIRST)
        assert story.floor.calls() == []


class TestResynchronisation:
    def test_callers_found_after_a_restart_keep_their_order(self, story: Story) -> None:
        story.queue(SECOND, queued_at=502)
        story.queue(FIRST, queued_at=501)
        assert story.waiting() == [FIRST, SECOND]

    def test_a_talk_found_after_a_restart_is_taken_up(self, story: Story) -> None:
        """The talk is found before the agent's own state is."""
        story.queue(FIRST, queued_at=501)
        story.answered(FIRST, ALI)
        assert story.agent(ALI).state is AgentState.TALKING
        story.free(ALI)
        story.ended(FIRST)
        story.wrapped_up(ALI)
        assert story.idle() == [ALI]

    def test_queueing_again_corrects_helpline_and_language(self, story: Story) -> None:
        story.queue(FIRST, KWA)
        since = story.call(FIRST).since
        story.queue(FIRST, FOOD, queued_at=1001)
        assert (story.waiting(KWA), story.waiting(FOOD)) == ([], [FIRST])
        assert story.call(FIRST).since == since

    def test_a_corrected_helpline_counts_after_a_miss(self, ringing: Story) -> None:
        ringing.queue(FIRST, FOOD, queued_at=1001)
        ringing.missed(FIRST, ALI)
        assert (ringing.waiting(KWA), ringing.waiting(FOOD)) == ([SECOND], [FIRST])

    def test_one_passed_on_to_a_helpline_waits_again(self, talking: Story) -> None:
        talking.talk_ended(FIRST, ALI)
        talking.queue(FIRST, FOOD)
        assert talking.waiting(FOOD) == [FIRST]

    def test_an_arrival_told_again_keeps_the_first_moment_and_the_state(self, story: Story) -> None:
        story.arrive(FIRST)
        first = story.call(FIRST).arrived_at
        story.queue(FIRST)
        story.arrive(FIRST)
        assert (story.call(FIRST).state, story.call(FIRST).arrived_at) == (CallState.WAITING, first)
        assert story.call(FIRST).dialled == "1916"
