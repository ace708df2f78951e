"""What happens on a floor, told as stories: offers, misses, breaks, wrap-ups, facts that overtake others."""

from __future__ import annotations

import pytest

from routing.agent import Agent, AgentState, Intent
from routing.call import Call, CallState
from routing.decisions import EndWrapUp, Offer, Reconcile
from routing.facts import (
    AgentLoggedIn,
    AvailabilityAsked,
    BreakAsked,
    CallAnswered,
    CallArrived,
    CallbackAsked,
    CallbackGivenUp,
    CallEnded,
    CallLost,
    CallOffered,
    CallQueued,
    LogoutAsked,
    OfferMissed,
    OfferOverdue,
    OfferProposed,
    OfferRefused,
    Party,
    TalkEnded,
    WrapUpEnded,
)
from routing.floor import GONE_REMEMBERED, Floor, FloorRules
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, NodeId, Phone, Seconds
from routing.lifecycle import IllegalTransition
from routing.rules import OFFER_GRACE

RING, WRAP_UP = 20.0, 30.0
FIRST, SECOND = CallId("node1-1"), CallId("node1-2")
ALI, BEA = AgentId("ali"), AgentId("bea")
KWA, FOOD = HelplineId("kwa"), HelplineId("food")


class Story:
    """A floor, a clock that goes on a second with every fact, and the offers made so far."""

    def __init__(self, *, missed_limit: int = 1, wrap_up: float = WRAP_UP) -> None:
        rules = FloorRules(
            ring_seconds=Seconds(RING), wrap_up_seconds=Seconds(wrap_up), missed_offers_limit=missed_limit
        )
        self.floor = Floor(rules)
        self.now = Instant(1000.0)
        self.offers: list[tuple[CallId, AgentId]] = []

    def tick(self) -> Instant:
        self.now = Instant(self.now + 1)
        return self.now

    def decide(self) -> None:
        """Take every decision, as the shell does."""
        while decisions := self.floor.decide(self.now):
            for decision in decisions:
                self.floor.apply(decision.as_fact(self.now))
                if isinstance(decision, Offer):
                    self.offers.append((decision.call, decision.agent))

    def free(self, agent: AgentId, *helplines: HelplineId) -> None:
        """The agent logs in and asks for calls."""
        at = self.tick()
        served = frozenset(helplines or (KWA,))
        self.floor.apply(AgentLoggedIn(at=at, agent=agent, phone=Phone(f"sip-{agent}"), helplines=served))
        self.ready(agent)

    def ready(self, agent: AgentId) -> None:
        self.floor.apply(AvailabilityAsked(at=self.tick(), agent=agent))

    def arrive(self, call: CallId) -> None:
        number = "+919447000001"
        self.floor.apply(
            CallArrived(
                at=self.tick(),
                call=call,
                node=NodeId("node1"),
                dialled="1916",
                caller=number,
                caller_raw=number,
            )
        )

    def queue(self, call: CallId, helpline: HelplineId = KWA, *, queued_at: float | None = None) -> None:
        at = self.tick()
        self.floor.apply(
            CallQueued(
                at=at,
                call=call,
                node=NodeId("node1"),
                helpline=helpline,
                language=LanguageCode("ml"),
                queued_at=at if queued_at is None else Instant(queued_at),
                caller="+919447000001",
            )
        )

    def offered(self, call: CallId, agent: AgentId) -> None:
        self.floor.apply(CallOffered(at=self.tick(), call=call, agent=agent))

    def refused(self, call: CallId, agent: AgentId) -> None:
        self.floor.apply(OfferRefused(at=self.tick(), call=call, agent=agent, reason="link down"))

    def missed(self, call: CallId, agent: AgentId) -> None:
        self.floor.apply(OfferMissed(at=self.tick(), call=call, agent=agent, reason="ring limit"))

    def answered(self, call: CallId, agent: AgentId) -> None:
        self.floor.apply(CallAnswered(at=self.tick(), call=call, agent=agent))

    def talk_ended(self, call: CallId, agent: AgentId) -> None:
        self.floor.apply(TalkEnded(at=self.tick(), call=call, agent=agent, by=Party.AGENT))

    def ended(self, call: CallId) -> None:
        self.floor.apply(CallEnded(at=self.tick(), call=call, by=Party.CALLER))

    def wants_break(self, agent: AgentId, reason: str = "tea") -> None:
        self.floor.apply(BreakAsked(at=self.tick(), agent=agent, reason=reason))

    def wants_out(self, agent: AgentId) -> None:
        self.floor.apply(LogoutAsked(at=self.tick(), agent=agent))

    def wrapped_up(self, agent: AgentId) -> None:
        self.floor.apply(WrapUpEnded(at=self.tick(), agent=agent))

    def call(self, call: CallId) -> Call:
        found = self.floor.call(call)
        assert found is not None
        return found

    def agent(self, agent: AgentId) -> Agent:
        found = self.floor.agent(agent)
        assert found is not None
        return found

    def waiting(self, helpline: HelplineId = KWA) -> list[CallId]:
        return [call.id for call in self.floor.waiting(helpline)]

    def idle(self, helpline: HelplineId = KWA) -> list[AgentId]:
        return [agent.id for agent in self.floor.idle(helpline)]


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def ringing(story: Story) -> Story:
    """FIRST rings at ALI; SECOND waits behind; BEA is not there."""
    story.queue(FIRST)
    story.queue(SECOND)
    story.free(ALI)
    story.decide()
    story.offered(FIRST, ALI)
    return story


@pytest.fixture
def talking(ringing: Story) -> Story:
    ringing.answered(FIRST, ALI)
    return ringing


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


class TestOvertaking:
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
        story.floor.apply(CallbackAsked(at=story.tick(), call=FIRST, number="+919447000001"))
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


class TestCounts:
    def test_calls_and_agents_are_counted_by_helpline_and_state(self, talking: Story) -> None:
        talking.free(BEA, KWA, FOOD)
        assert talking.floor.call_counts() == {(KWA, CallState.TALKING): 1, (KWA, CallState.WAITING): 1}
        assert talking.floor.agent_counts() == {AgentState.TALKING: 1, AgentState.AVAILABLE: 1}
        assert talking.floor.helpline_agent_counts() == {
            (KWA, AgentState.TALKING): 1,
            (KWA, AgentState.AVAILABLE): 1,
            (FOOD, AgentState.AVAILABLE): 1,
        }

    def test_an_ended_call_is_forgotten(self, talking: Story) -> None:
        talking.ended(FIRST)
        talking.ended(SECOND)
        assert talking.floor.calls() == []
        assert talking.floor.call_counts() == {}
