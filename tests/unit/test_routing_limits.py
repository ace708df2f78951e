"""Who may wait where, and how long: full, late, unstaffed, closed, and where such callers go."""

from __future__ import annotations

import pytest

from routing.call import CallState
from routing.decisions import Offer, Overflow, TurnAway
from routing.facts import CallAnswered, Party, TalkEnded, Turned
from routing.ids import Pool, Seconds
from routing.rules import HelplineRules, Limits, Outlet, Step
from tests.unit.parts.story import ALI, BEA, FIRST, FOOD, KWA, SECOND, Story


def with_limits(**limits: object) -> HelplineRules:
    return HelplineRules(limits=Limits(**limits))  # type: ignore[arg-type]  # told by name


class TestFull:
    @pytest.fixture
    def story(self) -> Story:
        return Story({KWA: with_limits(max_waiting=1)})

    def test_one_too_many_is_turned_away(self, story: Story) -> None:
        for call in (FIRST, SECOND):
            story.queue(call)
            story.decide()
        assert story.decided == [TurnAway(SECOND, Turned.FULL)]
        assert story.call(SECOND).state is CallState.LEAVING
        assert story.waiting() == [FIRST]

    def test_whoever_is_being_offered_takes_no_room(self, story: Story) -> None:
        story.free(ALI)
        for call in (FIRST, SECOND):
            story.queue(call)
            story.decide()
        assert story.waiting() == [SECOND]
        assert story.decided == [Offer(FIRST, ALI)]

    def test_whoever_returns_from_a_missed_offer_has_his_place(self, story: Story) -> None:
        story.free(ALI)
        for call in (FIRST, SECOND):
            story.queue(call)
            story.decide()
        story.missed(FIRST, ALI)
        story.decide()
        assert story.waiting() == [FIRST, SECOND]

    def test_one_too_many_goes_where_there_is_room(self) -> None:
        story = Story({KWA: with_limits(max_waiting=1, when_full=Outlet(FOOD))})
        story.free(ALI, FOOD)
        story.wants_break(ALI)
        for call in (FIRST, SECOND):
            story.queue(call)
            story.decide()
        assert story.decided == [Overflow(SECOND, FOOD, Turned.FULL)]
        assert story.waiting(FOOD) == [SECOND]
        place = story.call(SECOND).place
        assert place is not None and (place.left, place.came_at) == ({KWA}, story.now)

    def test_but_no_further_than_the_other_one_has_room(self) -> None:
        """Two who overflow at one moment do not both take the last place."""
        late = with_limits(max_wait=Seconds(10), when_late=Outlet(FOOD))
        story = Story({KWA: late, FOOD: with_limits(max_waiting=1)})
        story.free(ALI, FOOD)
        story.wants_break(ALI)
        story.queue(FIRST, queued_at=1000)
        story.queue(SECOND, queued_at=1000)
        story.wait(20)
        assert story.decided == [Overflow(FIRST, FOOD, Turned.LATE), TurnAway(SECOND, Turned.LATE)]

    def test_his_place_goes_with_him(self) -> None:
        story = Story({KWA: with_limits(max_wait=Seconds(10), when_late=Outlet(FOOD))})
        story.free(ALI, FOOD)
        story.queue(SECOND, queued_at=500)
        story.decide()
        assert story.offers == [(SECOND, ALI)]
        assert story.call(SECOND).queued_at == 500

    def test_nobody_is_sent_back_and_forth(self) -> None:
        there_and_back = {
            KWA: with_limits(max_wait=Seconds(10), when_late=Outlet(FOOD)),
            FOOD: with_limits(max_wait=Seconds(10), when_late=Outlet(KWA)),
        }
        story = Story(there_and_back)
        story.free(ALI, FOOD, KWA)
        story.wants_break(ALI)
        story.queue(FIRST)
        story.wait(60)
        assert story.decided == [Overflow(FIRST, FOOD, Turned.LATE), TurnAway(FIRST, Turned.LATE)]

    def test_the_echo_of_where_he_was_does_not_bring_him_back(self) -> None:
        story = Story({KWA: with_limits(max_wait=Seconds(10), when_late=Outlet(FOOD))})
        story.free(ALI, FOOD)
        story.wants_break(ALI)
        story.queue(FIRST, queued_at=1000)
        story.wait(10)
        story.queue(FIRST, KWA, queued_at=1000)
        assert (story.waiting(KWA), story.waiting(FOOD)) == ([], [FIRST])


class TestLate:
    @pytest.fixture
    def story(self) -> Story:
        return Story({KWA: with_limits(max_wait=Seconds(60))})

    def test_after_so_long_a_caller_is_let_go(self, story: Story) -> None:
        story.queue(FIRST)
        story.wait_until(FIRST, 59.9)
        assert story.decided == []
        story.wait_until(FIRST, 60)
        assert story.decided == [TurnAway(FIRST, Turned.LATE)]

    def test_not_while_a_phone_rings_for_him(self, story: Story) -> None:
        story.free(ALI)
        story.queue(FIRST)
        story.decide()
        story.wait_until(FIRST, 61)
        assert story.call(FIRST).state is CallState.RESERVED
        story.missed(FIRST, ALI)
        story.decide()
        assert story.decided[-1] == TurnAway(FIRST, Turned.LATE)

    def test_after_an_overflow_the_new_line_counts_anew(self) -> None:
        story = Story(
            {
                KWA: with_limits(max_wait=Seconds(60), when_late=Outlet(FOOD)),
                FOOD: with_limits(max_wait=Seconds(60)),
            }
        )
        story.free(ALI, FOOD)
        story.wants_break(ALI)
        story.queue(FIRST)
        story.wait_until(FIRST, 119.9)
        assert story.waiting(FOOD) == [FIRST]
        story.wait_until(FIRST, 120)
        assert story.decided[-1] == TurnAway(FIRST, Turned.LATE)

    def test_one_passed_on_after_a_talk_begins_to_wait_anew(self, story: Story) -> None:
        """His talk was longer than anybody may wait here."""
        story.free(ALI)
        story.queue(FIRST)
        story.decide()
        story.answered(FIRST, ALI)
        story.wants_break(ALI)
        story.wait(300)
        story.talk_ended(FIRST, ALI)
        story.queue(FIRST, queued_at=story.call(FIRST).queued_at)
        story.decide()
        assert story.waiting() == [FIRST]
        story.wait(60)
        assert story.decided[-1] == TurnAway(FIRST, Turned.LATE)

    def test_one_passed_back_to_a_helpline_he_could_not_wait_at_waits_there(self) -> None:
        story = Story({KWA: with_limits(max_wait=Seconds(10), when_late=Outlet(FOOD))})
        story.free(ALI, FOOD)
        story.queue(FIRST)
        story.wait(10)
        story.answered(FIRST, ALI)
        story.talk_ended(FIRST, ALI)
        story.queue(FIRST, KWA, queued_at=story.call(FIRST).queued_at)
        assert (story.waiting(KWA), story.waiting(FOOD)) == ([FIRST], [])

    def test_one_found_waiting_after_he_was_turned_away_is_turned_away_again(self, story: Story) -> None:
        """The switch was not there to be told."""
        story.queue(FIRST)
        story.wait(60)
        story.queue(FIRST, queued_at=story.call(FIRST).queued_at)
        story.decide()
        assert story.decided == [TurnAway(FIRST, Turned.LATE)] * 2

    def test_one_answered_as_he_was_turned_away_talks(self, story: Story) -> None:
        """We had taken the offer for refused."""
        story.free(ALI)
        story.queue(FIRST)
        story.decide()
        story.wants_break(ALI)
        story.refused(FIRST, ALI)
        story.wait(60)
        assert story.decided[-1] == TurnAway(FIRST, Turned.LATE)
        story.answered(FIRST, ALI)
        assert (story.call(FIRST).state, story.agent(ALI).call) == (CallState.TALKING, FIRST)

    def test_one_sent_on_after_his_talk_waits_no_longer_once_it_is_known(self) -> None:
        story = Story({KWA: with_limits(max_wait=Seconds(60), when_late=Outlet(FOOD))})
        story.free(ALI, KWA, FOOD)
        story.queue(FIRST)
        story.decide()
        answered_at, ended_at = story.tick(), story.tick()
        story.wants_break(ALI)
        story.refused(FIRST, ALI)
        story.wait(60)
        assert story.waiting(FOOD) == [FIRST]
        story.floor.apply(TalkEnded(at=ended_at, call=FIRST, agent=ALI, by=Party.AGENT))
        story.floor.apply(CallAnswered(at=answered_at, call=FIRST, agent=ALI))
        assert story.call(FIRST).state is CallState.LEAVING


class TestUnstaffed:
    def test_callers_may_wait_for_somebody_to_come(self) -> None:
        story = Story()
        story.queue(FIRST)
        story.decide()
        assert story.waiting() == [FIRST]

    def test_or_may_not(self) -> None:
        story = Story({KWA: with_limits(join_unstaffed=False)})
        story.queue(FIRST)
        story.decide()
        assert story.decided == [TurnAway(FIRST, Turned.UNSTAFFED)]

    def test_one_on_a_break_will_be_back(self) -> None:
        story = Story({KWA: with_limits(join_unstaffed=False)})
        story.free(ALI)
        story.wants_break(ALI)
        story.queue(FIRST)
        story.decide()
        assert story.waiting() == [FIRST]

    def test_when_the_last_agent_goes_callers_stay(self) -> None:
        story = Story({KWA: with_limits(join_unstaffed=False)})
        story.free(ALI, KWA)
        story.wants_break(ALI)
        story.queue(FIRST)
        story.wants_out(ALI)
        story.decide()
        assert story.waiting() == [FIRST]

    def test_or_do_not(self) -> None:
        rules = with_limits(stay_unstaffed=False, when_unstaffed=Outlet(FOOD))
        story = Story({KWA: rules})
        story.free(ALI, KWA)
        story.wants_break(ALI)
        story.free(BEA, FOOD)
        story.queue(FIRST)
        story.decide()
        assert story.waiting() == [FIRST]
        story.wants_out(ALI)
        story.decide()
        assert story.decided[0] == Overflow(FIRST, FOOD, Turned.UNSTAFFED)
        assert story.offers == [(FIRST, BEA)]

    def test_one_who_comes_just_in_time_keeps_them(self) -> None:
        story = Story({KWA: with_limits(join_unstaffed=False, stay_unstaffed=False)})
        story.queue(FIRST)
        story.free(ALI)
        story.decide()
        assert story.offers == [(FIRST, ALI)]

    def test_a_helpline_served_by_a_pool_is_staffed_by_it(self) -> None:
        pool = Step(pools=frozenset({Pool("tvm")}))
        story = Story({KWA: HelplineRules(steps=(pool,), limits=Limits(join_unstaffed=False))})
        story.free(ALI, FOOD, pools=("tvm",))
        story.queue(FIRST)
        story.decide()
        assert story.offers == [(FIRST, ALI)]

    def test_callers_taken_up_after_a_restart_are_not_turned_away_before_the_agents_are(self) -> None:
        rules = {KWA: with_limits(stay_unstaffed=False)}
        story, again = Story(rules), Story(rules)
        story.free(ALI)
        story.wants_break(ALI)
        story.queue(FIRST)
        again.now = story.now
        again.floor.restore(story.floor.calls(), story.floor.agents())
        again.decide()
        assert again.waiting() == [FIRST]


class TestClosed:
    def test_nobody_begins_to_wait(self) -> None:
        story = Story()
        story.free(ALI)
        story.closes(KWA)
        story.queue(FIRST)
        story.decide()
        assert story.decided == [TurnAway(FIRST, Turned.CLOSED)]

    def test_whoever_waits_at_closing_time_is_served(self) -> None:
        story = Story()
        story.queue(FIRST)
        story.closes(KWA)
        story.free(ALI)
        story.decide()
        assert story.offers == [(FIRST, ALI)]

    def test_or_is_not(self) -> None:
        rules = with_limits(stay_closed=False, when_closed=Outlet(FOOD))
        story = Story({KWA: rules})
        story.free(ALI, FOOD)
        story.wants_break(ALI)
        story.queue(FIRST)
        story.decide()
        story.closes(KWA)
        story.decide()
        assert story.decided == [Overflow(FIRST, FOOD, Turned.CLOSED)]

    def test_opening_hours_begin_anew(self) -> None:
        story = Story()
        story.closes(KWA)
        story.opens(KWA)
        story.queue(FIRST)
        story.decide()
        assert story.waiting() == [FIRST]

    @pytest.mark.parametrize("closed", [True, False])
    def test_nobody_overflows_to_a_helpline_that_is_closed_or_unstaffed(self, closed: bool) -> None:
        story = Story({KWA: with_limits(max_wait=Seconds(10), when_late=Outlet(FOOD))})
        if closed:
            story.free(ALI, FOOD)
            story.closes(FOOD)
        story.queue(FIRST)
        story.wait(10)
        assert story.decided == [TurnAway(FIRST, Turned.LATE)]
