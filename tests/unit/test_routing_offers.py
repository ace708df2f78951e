"""The life of an offer: made, refused, missed, declined, without an end, and answered by two at once."""

from __future__ import annotations

import pytest

from routing.agent import AgentState
from routing.call import CallState
from routing.decisions import Offer, Reconcile
from routing.facts import CallAnswered, CallEnded, CallOffered, Fact, OfferOverdue, OfferProposed, Party
from routing.ids import AgentId, Instant
from routing.lifecycle import IllegalTransition
from routing.rules import OFFER_GRACE
from tests.unit.parts.story import ALI, BEA, FIRST, FOOD, KWA, RING, SECOND, Story


class TestOffers:
    def test_the_first_caller_meets_the_agent_who_becomes_free(self, story: Story) -> None:
        story.queue(FIRST)
        story.queue(SECOND)
        story.decide()
        assert story.offers == []
        story.free(ALI)
        story.decide()
        assert story.offers == [(FIRST, ALI)]
        assert story.waiting() == [SECOND]

    def test_a_caller_meets_the_longest_idle_agent(self, story: Story) -> None:
        story.free(BEA)
        story.free(ALI)
        story.queue(FIRST)
        story.decide()
        assert story.offers == [(FIRST, BEA)]

    def test_asking_twice_gives_the_same_answer(self, story: Story) -> None:
        story.queue(FIRST)
        story.free(ALI)
        assert story.floor.decide(story.now) == story.floor.decide(story.now) == [Offer(FIRST, ALI)]
        assert story.call(FIRST).state is CallState.WAITING

    def test_an_agent_of_several_helplines_takes_the_caller_who_waited_longest(self, story: Story) -> None:
        story.queue(FIRST, FOOD)
        story.queue(SECOND, KWA)
        story.free(ALI, KWA, FOOD)
        story.decide()
        assert story.offers == [(FIRST, ALI)]

    def test_nobody_is_offered_a_helpline_she_does_not_serve(self, story: Story) -> None:
        story.queue(FIRST, FOOD)
        story.free(ALI, KWA)
        assert story.floor.decide(story.now) == []

    def test_unanswered_offer_goes_to_the_next_agent(self, ringing: Story) -> None:
        ringing.missed(FIRST, ALI)
        ringing.free(BEA)
        ringing.decide()
        assert ringing.offers == [(FIRST, ALI), (FIRST, BEA)]
        assert ringing.agent(ALI).state is AgentState.MISSED
        assert ringing.agent(ALI).reason == "ring limit"

    def test_a_missed_caller_returns_to_the_original_place(self, ringing: Story) -> None:
        place = ringing.call(FIRST).place
        ringing.missed(FIRST, ALI)
        assert ringing.waiting() == [FIRST, SECOND]
        assert ringing.call(FIRST).place == place

    @pytest.mark.parametrize("queued_first", [True, False])
    def test_the_switch_queues_a_missed_caller_again_in_either_order(
        self, ringing: Story, queued_first: bool
    ) -> None:
        queued_at = ringing.call(FIRST).queued_at
        steps = [
            lambda: ringing.queue(FIRST, queued_at=queued_at),
            lambda: ringing.missed(FIRST, ALI),
        ]
        for step in steps if queued_first else reversed(steps):
            step()
        assert ringing.waiting() == [FIRST, SECOND]
        assert ringing.agent(ALI).call is None

    def test_the_echo_of_a_miss_does_not_disturb_the_next_offer(self, ringing: Story) -> None:
        queued_at = ringing.call(FIRST).queued_at
        ringing.free(BEA)
        ringing.missed(FIRST, ALI)
        ringing.decide()
        assert ringing.offers[-1] == (FIRST, BEA)
        ringing.queue(FIRST, queued_at=queued_at)
        assert ringing.call(FIRST).state is CallState.RESERVED
        assert ringing.call(FIRST).agent == BEA

    def test_a_refused_offer_leaves_both_where_they_were(self, story: Story) -> None:
        story.free(ALI)
        story.free(BEA)
        since = story.agent(ALI).since
        story.queue(FIRST)
        story.decide()
        story.refused(FIRST, ALI)
        assert story.waiting() == [FIRST]
        assert story.idle() == [ALI, BEA]
        assert story.agent(ALI).since == since

    def test_an_offer_for_one_who_is_not_there_crashes_and_changes_nothing(self, story: Story) -> None:
        story.free(ALI)
        with pytest.raises(IllegalTransition):
            story.floor.apply(OfferProposed(at=story.tick(), call=FIRST, agent=ALI))
        assert story.idle() == [ALI]
        story.queue(FIRST)
        with pytest.raises(IllegalTransition):
            story.floor.apply(OfferProposed(at=story.tick(), call=FIRST, agent=BEA))
        assert story.waiting() == [FIRST]


class TestMisses:
    def test_one_who_missed_gets_nothing_until_she_asks(self, ringing: Story) -> None:
        ringing.missed(FIRST, ALI)
        ringing.decide()
        assert ringing.offers == [(FIRST, ALI)]
        ringing.ready(ALI)
        ringing.decide()
        assert ringing.offers == [(FIRST, ALI), (FIRST, ALI)]
        assert ringing.agent(ALI).missed == 0

    def test_below_the_limit_she_is_free_again_after_the_others(self) -> None:
        story = Story(missed_limit=2)
        story.free(ALI)
        story.free(BEA)
        story.queue(FIRST)
        story.decide()
        story.missed(FIRST, ALI)
        assert story.idle() == [BEA, ALI]
        assert story.agent(ALI).missed == 1

    def test_only_misses_in_a_row_count(self) -> None:
        story = Story(missed_limit=2, wrap_up=0)
        story.free(ALI)
        story.queue(FIRST)
        for end in (story.missed, story.answered, story.talk_ended, story.missed):
            story.decide()
            end(FIRST, ALI)
            story.queue(FIRST, queued_at=1001)
        assert story.agent(ALI).state is not AgentState.MISSED
        story.decide()
        story.missed(FIRST, ALI)
        assert story.agent(ALI).state is AgentState.MISSED

    @pytest.mark.parametrize("proof", ["answered", "talk_ended"])
    def test_the_answer_or_the_end_of_its_talk_ends_the_row(self, proof: str) -> None:
        story = Story(missed_limit=2)
        story.free(ALI)
        story.queue(FIRST)
        story.decide()
        story.missed(FIRST, ALI)
        story.decide()
        assert story.agent(ALI).missed == 1
        getattr(story, proof)(FIRST, ALI)
        assert story.agent(ALI).missed == 0

    def test_a_caller_who_hangs_up_while_it_rings_is_not_her_miss(self, story: Story) -> None:
        story.free(ALI)
        story.free(BEA)
        since = story.agent(ALI).since
        story.queue(FIRST)
        story.decide()
        story.offered(FIRST, ALI)
        story.ended(FIRST)
        story.missed(FIRST, ALI)
        assert story.idle() == [ALI, BEA]
        assert (story.agent(ALI).missed, story.agent(ALI).since) == (0, since)


class TestOverdueOffers:
    def test_an_offer_without_an_end_is_asked_about(self, ringing: Story) -> None:
        due = Instant(ringing.now + RING + OFFER_GRACE)
        assert ringing.floor.next_deadline() == due
        assert ringing.floor.decide(Instant(due - 0.001)) == []
        assert ringing.floor.decide(due) == [Reconcile(FIRST, ALI)]

    def test_it_is_asked_about_once_in_its_time(self, ringing: Story) -> None:
        due = Instant(ringing.now + RING + OFFER_GRACE)
        ringing.floor.apply(Reconcile(FIRST, ALI).as_fact(due))
        assert ringing.floor.decide(due) == []
        assert ringing.floor.next_deadline() == due + RING + OFFER_GRACE
        assert ringing.agent(ALI).state is AgentState.RINGING

    def test_a_proposal_that_was_never_answered_is_asked_about_too(self, story: Story) -> None:
        story.queue(FIRST)
        story.free(ALI)
        story.decide()
        due = Instant(story.now + RING + OFFER_GRACE)
        assert story.floor.decide(due) == [Reconcile(FIRST, ALI)]

    def test_an_answer_needs_no_asking(self, talking: Story) -> None:
        assert talking.floor.next_deadline() is None
        talking.floor.apply(OfferOverdue(at=talking.tick(), call=FIRST, agent=ALI))
        assert talking.floor.next_deadline() is None


class TestDeclinedAndUnreachable:
    def test_a_declined_call_goes_to_the_next_agent_at_once(self, ringing: Story) -> None:
        ringing.declined(FIRST, ALI)
        ringing.free(BEA)
        ringing.decide()
        assert ringing.offers == [(FIRST, ALI), (FIRST, BEA)]
        assert (ringing.agent(ALI).state, ringing.agent(ALI).reason) == (AgentState.MISSED, "declined")

    def test_missed_and_declined_calls_count_alike(self) -> None:
        story = Story(missed_limit=2)
        story.free(ALI)
        story.queue(FIRST)
        story.decide()
        story.missed(FIRST, ALI)
        story.decide()
        assert story.offers == [(FIRST, ALI)] * 2
        story.declined(FIRST, ALI)
        assert story.agent(ALI).state is AgentState.MISSED

    def test_an_unreachable_phone_is_no_miss_and_is_not_tried_again(self, ringing: Story) -> None:
        ringing.unreachable(FIRST, ALI)
        ringing.decide()
        assert ringing.offers == [(FIRST, ALI)]
        assert (ringing.agent(ALI).state, ringing.agent(ALI).missed) == (AgentState.UNREACHABLE, 0)
        assert ringing.waiting() == [FIRST, SECOND]

    def test_until_it_is_back(self, ringing: Story) -> None:
        ringing.unreachable(FIRST, ALI)
        ringing.phone_back(ALI)
        ringing.decide()
        assert ringing.offers == [(FIRST, ALI)] * 2

    def test_a_break_asked_for_meanwhile_goes_before(self, ringing: Story) -> None:
        ringing.wants_break(ALI)
        ringing.unreachable(FIRST, ALI)
        assert ringing.agent(ALI).state is AgentState.ON_BREAK
        ringing.phone_back(ALI)
        assert ringing.agent(ALI).state is AgentState.ON_BREAK


class TestAtTheSameMillisecond:
    """Each pair of facts in both orders; the floor ends where the switch is."""

    @pytest.mark.parametrize("ends_first", [True, False])
    def test_the_caller_is_gone_as_the_agent_answers(self, ringing: Story, ends_first: bool) -> None:
        at = ringing.tick()
        answered = CallAnswered(at=at, call=FIRST, agent=ALI)
        facts: list[Fact] = [answered, CallEnded(at=at, call=FIRST, by=Party.CALLER)]
        for fact in reversed(facts) if ends_first else facts:
            ringing.floor.apply(fact)
        assert ringing.floor.call(FIRST) is None
        assert ringing.agent(ALI).call is None
        assert ringing.agent(ALI).state is (AgentState.AVAILABLE if ends_first else AgentState.WRAP_UP)

    @pytest.mark.parametrize("ends_first", [True, False])
    def test_the_caller_is_gone_as_she_is_offered(self, story: Story, ends_first: bool) -> None:
        story.queue(FIRST)
        story.free(ALI)
        story.decide()
        at = story.tick()
        facts: list[Fact] = [
            CallOffered(at=at, call=FIRST, agent=ALI),
            CallEnded(at=at, call=FIRST, by=Party.CALLER),
        ]
        for fact in reversed(facts) if ends_first else facts:
            story.floor.apply(fact)
        assert story.idle() == [ALI]
        assert story.floor.calls() == []

    @pytest.mark.parametrize("first", [ALI, BEA])
    def test_two_answers_race(self, ringing: Story, first: AgentId) -> None:
        """The last told is the one who talks; the other is free, and nobody is held twice."""
        second = BEA if first == ALI else ALI
        ringing.free(BEA)
        ringing.ended(SECOND)
        at = ringing.tick()
        for agent in (first, second):
            ringing.floor.apply(CallAnswered(at=at, call=FIRST, agent=agent))
        assert ringing.call(FIRST).agent == second
        assert (ringing.agent(first).call, ringing.agent(second).call) == (None, FIRST)

    def test_the_caller_is_gone_before_the_decision_is_taken(self, story: Story) -> None:
        story.queue(FIRST)
        story.free(ALI)
        [offer] = story.floor.decide(story.now)
        story.ended(FIRST)
        with pytest.raises(IllegalTransition):
            story.floor.apply(offer.as_fact(story.now))
        assert story.idle() == [ALI]
