"""A simulated day: what is counted is what callers and agents did, whatever the scenario."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.ids import Seconds, Skill
from routing.rules import PLAIN, CallbackRules, HelplineRules, Limits, Outlet, Step, Strategy
from routing.service_level import Formula
from routing.simulation.chance import Constant
from routing.simulation.day import CLOSING_QUARTERS, Run
from routing.simulation.scenario import QUARTER, Break, Callbacks, Scenario, Shift
from routing.simulation.tally import AgentTime, Book, Tally
from tests.unit.parts.imagined import (
    FOOD,
    KWA,
    agents,
    callers,
    exponential,
    hour,
    quarter,
    scenario,
    seconds,
)


def played(imagined: Scenario) -> Book:
    return Run(imagined).play()


def counted(imagined: Scenario) -> Tally:
    """What became of the callers of KWA."""
    return played(imagined).callers(KWA, 0)


def spent(imagined: Scenario) -> AgentTime:
    """How the desk's agents spent the counted time."""
    return played(imagined).agents(["desk"], 0)


def on_duty(imagined: Scenario, at: float) -> float:
    """How many were on duty, on average over the quarter hour from *at* o'clock."""
    return played(imagined).quarters[quarter(at)].agents.on_duty / QUARTER


class TestCallers:
    def test_with_agents_enough_each_waits_only_until_the_phone_is_picked_up(self) -> None:
        found = counted(scenario(callers(), agents(30, answering=seconds(4))))
        assert found.queued == found.answered > 1000
        assert found.waited == pytest.approx(4 * found.answered)
        assert found.longest == pytest.approx(4)
        assert found.answered_in_time == found.answered

    def test_the_call_and_what_is_written_afterwards_are_handling(self) -> None:
        found = counted(scenario(callers(talking=seconds(100), writing=seconds(25)), agents(30), wrap_up=60))
        assert found.handled == pytest.approx(125 * found.answered)

    @pytest.mark.parametrize("writing", [None, seconds(500)], ids=["as long as she may", "longer"])
    def test_nobody_writes_longer_than_the_floor_allows(self, writing: Constant | None) -> None:
        found = counted(scenario(callers(talking=seconds(100), writing=writing), agents(30), wrap_up=60))
        assert found.handled == pytest.approx(160 * found.answered)

    def test_without_an_agent_each_hangs_up_when_his_patience_ends(self) -> None:
        nobody = agents(1, shift=Shift(hour(23), hour(23.5)))
        found = counted(scenario(callers(patience=seconds(60)), nobody, hours=12))
        assert found.queued == found.abandoned > 500
        assert (found.answered, found.abandoned_in_time, found.short) == (0, 0, 0)
        assert found.longest == pytest.approx(60)

    def test_who_hangs_up_at_once_is_a_short_one_and_in_time(self) -> None:
        nobody = agents(1, shift=Shift(hour(23), hour(23.5)))
        found = counted(scenario(callers(patience=seconds(5)), nobody, hours=12))
        assert found.short == found.abandoned_in_time == found.abandoned > 0

    def test_who_hangs_up_while_it_rings_sets_the_agent_free(self) -> None:
        """Her phone would ring ten seconds, his patience lasts five; so nobody is ever answered."""
        imagined = scenario(callers(patience=seconds(5)), agents(1, answering=seconds(10)))
        found, time = counted(imagined), spent(imagined)
        assert (found.answered, found.abandoned) == (0, found.queued)
        assert time.handling == 0
        assert 0 < time.held <= 5 * found.queued

    def test_who_is_served_by_nobody_has_abandoned_in_the_end(self) -> None:
        food = callers(FOOD, an_hour=10.0)
        book = played(scenario(callers(), food, agents(10), hours=6))
        lost = book.callers(FOOD, 0)
        assert lost.abandoned == lost.queued > 0
        assert lost.longest <= (6 * 4 + CLOSING_QUARTERS) * QUARTER

    def test_who_is_in_line_at_closing_is_still_served(self) -> None:
        """The last hour brings twice what two agents can do."""
        rush = [0.0] * 11 + [120.0] + [0.0] * 12
        found = counted(scenario(callers(an_hour=rush), agents(2), hours=12))
        assert found.answered == found.queued
        assert found.longest > 1000

    def test_callers_of_the_warm_up_are_not_counted(self) -> None:
        morning = [600.0] * 6 + [60.0] * 18
        found = counted(scenario(callers(an_hour=morning), agents(40), warm_up_hours=6))
        assert 900 < found.queued < 1250


class TestAgents:
    def test_are_there_for_their_shift(self) -> None:
        imagined = scenario(callers(), agents(8, shift=Shift(hour(9), hour(17))))
        assert [on_duty(imagined, at) for at in (8.75, 9, 12, 16.75)] == [0, 8, 8, pytest.approx(8)]
        # Whoever talks at the end of her shift finishes her call.
        assert 0 <= on_duty(imagined, 17) <= 8 * 120 / QUARTER
        assert on_duty(imagined, 17.25) == 0

    def test_a_night_shift_is_there_on_both_sides_of_midnight(self) -> None:
        imagined = scenario(callers(), agents(8, shift=Shift(hour(22), hour(6))))
        assert [on_duty(imagined, at) for at in (0, 5.75, 12, 22)] == [8, pytest.approx(8), 0, 8]

    def test_a_shift_begins_anew_every_day(self) -> None:
        imagined = scenario(callers(), agents(8, shift=Shift(hour(9), hour(17))), hours=48)
        book = played(imagined)
        assert book.quarters[quarter(12)].days == 2
        assert book.quarters[quarter(12)].agents.on_duty == pytest.approx(2 * 8 * QUARTER)

    def test_go_on_their_break_in_waves(self) -> None:
        lunch = Break("lunch", hour(12), Seconds(1800), waves=4)
        imagined = scenario(callers(an_hour=1.0), agents(8, breaks=[lunch]))
        there = [on_duty(imagined, at) for at in (11.5, 12.25, 12.75, 13.75, 14.5)]
        assert there == [
            8,
            pytest.approx(6, abs=0.3),
            pytest.approx(6, abs=0.3),
            pytest.approx(6, abs=0.3),
            8,
        ]

    def test_a_break_waits_for_the_call_in_hand_and_lasts_its_whole_time(self) -> None:
        """One agent always talks: her break begins after the call, and still costs fifteen minutes."""
        tea = Break("tea", hour(10), Seconds(900), waves=1)
        imagined = scenario(callers(an_hour=600.0, talking=seconds(700)), agents(1, breaks=[tea]), hours=23)
        book = played(imagined)
        whole_day = sum(page.agents.on_duty for page in book.quarters)
        assert whole_day == pytest.approx(23 * 3600 - 900)
        assert book.quarters[quarter(10)].agents.on_duty > 0

    def test_who_lets_it_ring_is_set_aside_and_comes_back(self) -> None:
        imagined = scenario(
            callers(patience=seconds(600)), agents(3, answering=seconds(30)), missed_limit=1, hours=6
        )
        found, time = counted(imagined), spent(imagined)
        assert found.answered == 0
        # Twenty seconds of ringing, sixty away, again and again.
        assert time.held == pytest.approx(3 * 6 * 3600 / 4, rel=0.05)

    def test_a_break_is_not_cut_short_by_the_end_of_an_absence(self) -> None:
        tea = Break("tea", hour(1), Seconds(3600), waves=1)
        away = scenario(
            callers(an_hour=3600.0),
            agents(5, answering=seconds(30), breaks=[tea]),
            missed_limit=1,
            hours=3,
        )
        assert on_duty(away, 1.5) == 0
        assert on_duty(away, 2.25) > 0


class TestChance:
    def test_the_same_seed_gives_the_same_day(self) -> None:
        imagined = scenario(callers(patience=exponential(60)), agents(2))
        one, again = counted(imagined), counted(imagined)
        assert [getattr(one, name) for name in Tally.__slots__] == [
            getattr(again, name) for name in Tally.__slots__
        ]

    def test_another_seed_and_another_replication_give_another(self) -> None:
        imagined = scenario(callers(talking=exponential(120)), agents(10))
        days = [
            Run(imagined).play(),
            Run(imagined, replication=1).play(),
            Run(replace(imagined, seed=2)).play(),
        ]
        assert len({book.callers(KWA, 0).handled for book in days}) == 3

    def test_with_other_agents_the_same_callers_come(self) -> None:
        imagined = scenario(callers(talking=exponential(120)), agents(10))
        few, many = counted(imagined), counted(imagined.with_roster({"desk": 20}))
        assert few.queued == many.queued
        assert few.handled == pytest.approx(many.handled)


RULES = (
    PLAIN,
    HelplineRules(limits=Limits(max_waiting=2, when_full=Outlet(FOOD))),
    HelplineRules(limits=Limits(max_wait=Seconds(50.0)), head_start=Seconds(30.0)),
    HelplineRules(
        strategy=Strategy.ROUND_ROBIN,
        steps=(Step(skills=frozenset({(Skill("law"), 3)})), Step(after=Seconds(30.0))),
        reserve=1,
        limits=Limits(join_unstaffed=False, when_unstaffed=Outlet(FOOD)),
        callback=CallbackRules(attempts=2, retry_seconds=Seconds(200.0)),
    ),
)
"""Of every kind that a scenario can give."""


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Small centres of every kind."""
    durations = st.sampled_from([seconds(0), seconds(70), exponential(30), exponential(200)])
    patience = st.none() | durations
    demands = [
        callers(
            helpline,
            an_hour=draw(st.floats(0, 80)),
            talking=draw(durations),
            patience=draw(patience),
            writing=draw(patience),
            formula=draw(st.sampled_from(Formula)),
            rules=draw(st.sampled_from(RULES)) if helpline == KWA else PLAIN,
            callbacks=draw(st.none() | st.just(Callbacks(share=0.5, after=Seconds(40.0), reached=0.6))),
        )
        for helpline in (KWA, FOOD)
    ]
    shifts = st.none() | st.builds(
        Shift, st.sampled_from([0.0, 3600.0, 80_000.0]), st.sampled_from([7200.0, 9000.0])
    )
    groups = [
        agents(
            draw(st.integers(0, 4)),
            *draw(st.sampled_from([(KWA,), (KWA, FOOD)])),
            name=name,
            shift=draw(shifts),
            breaks=draw(st.sampled_from([(), (Break("tea", Seconds(3000.0), Seconds(600.0), 2),)])),
            answering=draw(st.sampled_from([seconds(0), seconds(3), exponential(8)])),
        )
        for name in ("one", "two")
    ]
    return scenario(
        *demands,
        *groups,
        hours=draw(st.integers(1, 4)),
        wrap_up=draw(st.sampled_from([0.0, 20.0])),
        missed_limit=draw(st.integers(1, 2)),
        seed=draw(st.integers(0, 999)),
    )


class TestWhateverTheScenario:
    @settings(max_examples=60, deadline=None)
    @given(scenarios())
    def test_everybody_is_counted_once_and_nobody_works_more_than_she_is_there(
        self, imagined: Scenario
    ) -> None:
        book = played(imagined)
        for helpline in (KWA, FOOD):
            found = book.callers(helpline, 0)
            lost = found.abandoned + found.turned_away + found.not_reached
            assert found.queued == found.answered + found.called_back + lost
            assert 0 <= found.answered_in_time <= found.answered
            assert 0 <= found.short <= found.abandoned_in_time <= found.abandoned
            assert 0 <= found.waited <= found.longest * found.answered + 1e-6
        time = book.agents(["one", "two"], 0)
        assert min(time.available, time.held, time.handling) >= 0
        assert time.on_duty <= imagined.agents * imagined.quarters * QUARTER + 1e-6
        assert sum(page.agents.on_duty for page in book.quarters) == pytest.approx(time.on_duty)

    @settings(max_examples=30, deadline=None)
    @given(scenarios(), st.integers(1, 4))
    def test_batches_are_parts_of_the_same_run(self, imagined: Scenario, batches: int) -> None:
        whole, parts = Run(imagined).play(), Run(imagined, batches=batches).play()
        found = [parts.callers(KWA, batch) for batch in range(batches)]
        assert sum(part.queued for part in found) == whole.callers(KWA, 0).queued
        assert sum(part.waited for part in found) == pytest.approx(whole.callers(KWA, 0).waited)
        hours = sum(parts.agents(["one"], batch).on_duty for batch in range(batches))
        assert hours == pytest.approx(whole.agents(["one"], 0).on_duty)


def test_memory_does_not_grow_with_the_length_of_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    # What the floor remembers of calls that ended is bounded; a lower bound is reached sooner.
    monkeypatch.setattr("routing.floor.GONE_REMEMBERED", 50)

    def peak(hours: int) -> int:
        imagined = scenario(
            callers(an_hour=60.0, talking=exponential(100), patience=exponential(120)),
            agents(3),
            hours=hours,
            wrap_up=10,
        )
        tracemalloc.start()
        try:
            played(imagined)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)
    # A day has all the quarter hours there are to be counted in, and the longest queue may come on the third;
    # a trace of each of the 2,880 calls between would be several times as much.
    assert peak(72) < 1.5 * peak(24)
