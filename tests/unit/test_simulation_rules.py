"""A simulated floor keeps the rules of its helplines: needs, priority, limits, callbacks."""

from __future__ import annotations

import pytest

from routing.ids import LanguageCode, Seconds
from routing.needs import language_skill
from routing.rules import CallbackRules, HelplineRules, Limits, Outlet, Step
from routing.simulation.day import CITIZEN_RINGS, Run
from routing.simulation.scenario import Callbacks, Scenario, Shift
from routing.simulation.tally import Tally
from routing.simulation.trial import simulate
from tests.unit.parts.imagined import FOOD, KWA, agents, callers, exponential, hour, scenario, seconds

NOBODY_YET = Shift(hour(23), hour(23.5))
LATER = Shift(hour(4), hour(24))


def counted(imagined: Scenario) -> Tally:
    """What became of the callers of KWA."""
    return Run(imagined).play().callers(KWA, 0)


def test_needs_relax_while_callers_wait() -> None:
    """Nobody speaks a language well enough at first: each caller waits until less will do."""
    some = frozenset((language_skill(LanguageCode(code)), 4) for code in ("ml", "en"))
    steps = (Step(language=7), Step(after=Seconds(20.0), language=4))
    found = counted(scenario(callers(rules=HelplineRules(steps=steps)), agents(30, skills=some)))
    assert found.answered == found.queued
    assert found.waited == pytest.approx(20 * found.answered)


def test_a_head_start_is_a_shorter_wait() -> None:
    emergency = callers(FOOD, talking=exponential(120), rules=HelplineRules(head_start=Seconds(600.0)))
    book = Run(scenario(callers(talking=exponential(120)), emergency, agents(5, KWA, FOOD), hours=12)).play()
    usual, ahead = book.callers(KWA, 0), book.callers(FOOD, 0)
    assert ahead.waited / ahead.answered < 0.5 * usual.waited / usual.answered


def test_a_reserve_is_kept_for_its_own_callers() -> None:
    own = callers(FOOD, an_hour=6.0, rules=HelplineRules(reserve=1))
    flood = callers(an_hour=600.0, patience=seconds(60))
    book = Run(scenario(flood, own, agents(3, KWA, FOOD), hours=12)).play()
    assert book.callers(FOOD, 0).answered_in_time > 0.5 * book.callers(FOOD, 0).queued
    assert book.callers(KWA, 0).abandoned > 0.5 * book.callers(KWA, 0).queued


class TestLimits:
    def test_who_has_waited_too_long_is_turned_away_and_was_not_served(self) -> None:
        limits = Limits(max_wait=Seconds(30.0))
        imagined = scenario(callers(rules=HelplineRules(limits=limits)), agents(1, shift=NOBODY_YET), hours=6)
        found = counted(imagined)
        assert found.turned_away == found.queued > 300
        assert found.longest == pytest.approx(30)
        assert (found.answered, found.abandoned) == (0, 0)
        total = simulate(imagined).total
        assert total["service_level"].value == 0, "sending callers off meets no target"

    def test_who_finds_the_line_full_overflows_and_is_counted_where_he_came(self) -> None:
        limits = Limits(max_waiting=1, when_full=Outlet(FOOD))
        imagined = scenario(
            callers(rules=HelplineRules(limits=limits)),
            callers(FOOD, an_hour=0.0),
            agents(1, KWA, name="water", shift=NOBODY_YET),
            agents(30, FOOD, name="food"),
            hours=6,
        )
        book = Run(imagined).play()
        water, food = book.callers(KWA, 0), book.callers(FOOD, 0)
        assert water.overflowed == water.answered == water.queued - 1
        assert (food.queued, food.answered) == (0, 0)

    def test_nobody_begins_to_wait_where_nobody_works(self) -> None:
        limits = Limits(join_unstaffed=False)
        found = counted(
            scenario(callers(rules=HelplineRules(limits=limits)), agents(30, shift=LATER), hours=8)
        )
        assert found.turned_away == pytest.approx(found.queued / 2, rel=0.1)
        assert found.longest < 5


class TestCallbacks:
    RULES = HelplineRules(callback=CallbackRules(attempts=2, retry_seconds=Seconds(300.0)))

    def test_who_asks_for_one_is_called_when_his_turn_comes(self) -> None:
        all_ask = Callbacks(share=1.0, after=Seconds(60.0), reached=1.0)
        found = counted(
            scenario(
                callers(an_hour=20.0, patience=seconds(100), rules=self.RULES, callbacks=all_ask),
                agents(30, shift=LATER),
                hours=4,
            )
        )
        # Who came within the last minute was still on the line when the agents came.
        assert found.called_back + found.answered == found.queued > 50
        assert found.answered < 5
        assert found.abandoned == 0, "who is off the line does not lose patience"
        assert found.handled == pytest.approx(120 * found.queued)

    def test_who_is_not_reached_is_tried_as_often_as_the_rules_say(self) -> None:
        never_there = Callbacks(share=1.0, after=Seconds(1.0), reached=0.0)
        imagined = scenario(
            callers(an_hour=20.0, rules=self.RULES, callbacks=never_there),
            agents(1, shift=LATER),
            hours=4,
        )
        book = Run(imagined).play()
        found = book.callers(KWA, 0)
        assert found.not_reached == found.queued > 50

    def test_an_agent_is_held_while_the_citizen_is_called(self) -> None:
        never_there = Callbacks(share=1.0, after=Seconds(1.0), reached=0.0)
        busy = Shift(hour(23), hour(23.5))
        imagined = scenario(
            callers(an_hour=20.0, rules=self.RULES, callbacks=never_there),
            agents(5, name="absent", shift=busy),
            agents(5, shift=Shift(hour(0.5), hour(12))),
            hours=6,
        )
        book = Run(imagined).play()
        early = book.callers(KWA, 0).not_reached
        held = book.agents(["desk"], 0).held
        assert early > 0
        assert held == pytest.approx(2 * CITIZEN_RINGS * early, rel=0.1)

    def test_who_was_reached_but_not_answered_waits_on_the_line(self) -> None:
        """The agents' phones ring longer than anybody lets them."""
        all_ask = Callbacks(share=1.0, after=Seconds(60.0), reached=1.0)
        found = counted(
            scenario(
                callers(an_hour=20.0, patience=seconds(90), rules=self.RULES, callbacks=all_ask),
                agents(3, shift=LATER, answering=seconds(30)),
                hours=4,
            )
        )
        assert (found.answered, found.called_back) == (0, 0)
        assert found.abandoned == found.queued
