"""The smallest roster: what is found meets the target, and nobody can be taken away from it."""

from __future__ import annotations

import pytest

from routing.ids import Seconds
from routing.service_level import Formula, Target
from routing.simulation.erlang import ErlangC
from routing.simulation.scenario import Shift
from routing.simulation.staffing import Staffing, TargetOutOfReach, staff
from routing.simulation.trial import Results, simulate
from tests.unit.parts.imagined import FOOD, KWA, agents, callers, exponential, hour, scenario, seconds

TARGET = Target(0.8, Seconds(20))


def level(results: Results) -> float:
    """The service level of the worst helpline."""
    return min(figures["service_level"].value or 0 for figures in results.helplines.values())


def erlang(count: int) -> ErlangC:
    """So many agents and one call of four minutes a minute."""
    return ErlangC(1 / 60, Seconds(240), count)


def below(found: Staffing) -> Results:
    assert found.one_below is not None
    return found.one_below


class TestOneGroup:
    @pytest.mark.parametrize("guess", [1, 30], ids=["far too few", "far too many"])
    def test_is_as_many_as_erlang_says_whatever_the_scenario_began_with(self, guess: int) -> None:
        found = staff(scenario(callers(talking=exponential(240)), agents(guess), hours=10), TARGET)
        needed = next(n for n in range(5, 99) if erlang(n).service_level(TARGET.seconds) > TARGET.share)
        assert found.results.scenario.roster == {"desk": needed} == {"desk": 7}

    def test_meets_the_target_and_one_fewer_does_not(self) -> None:
        found = staff(scenario(callers(talking=exponential(240)), agents(7), hours=10), TARGET)
        assert below(found).scenario.roster == {"desk": 6}
        assert level(found.results) >= 0.8 > level(below(found))
        assert found.results.replications == below(found).replications == 5

    def test_an_interval_that_reaches_below_the_target_is_owned_up_to(self) -> None:
        line = callers(talking=exponential(240))
        few, many = (staff(scenario(line, agents(7), hours=4, replications=n), TARGET) for n in (2, 40))
        assert (few.unsure, many.unsure) == ([KWA], [])

    def test_a_single_long_run_is_trial_enough(self) -> None:
        steady = scenario(callers(talking=exponential(240)), agents(3), hours=60, replications=1)
        assert staff(steady, TARGET).results.scenario.roster == {"desk": 7}

    def test_the_target_takes_the_place_of_those_in_the_scenario(self) -> None:
        easy = callers(talking=exponential(240), target=Target(0.1, Seconds(3000)))
        found = staff(scenario(easy, agents(7), hours=2), TARGET)
        assert {demand.target for demand in found.results.scenario.demands} == {TARGET}

    def test_what_is_tried_is_told(self) -> None:
        told: list[str] = []
        staff(scenario(callers(talking=exponential(240)), agents(7), hours=10), TARGET, told=told.append)
        assert "7 agents (desk 7): enough" in told
        assert "6 agents (desk 6): too few" in told


class TestSeveralGroups:
    def test_each_helpline_must_meet_the_target_not_only_all_together(self) -> None:
        """Food has one call for twenty of water; its agent can be spared in the total, and is not."""
        imagined = scenario(
            callers(an_hour=120.0, talking=seconds(120)),
            callers(FOOD, an_hour=6.0, talking=seconds(120)),
            agents(4, KWA, name="water"),
            agents(1, FOOD, name="food"),
            hours=5,
        )
        found = staff(imagined, TARGET)
        assert level(found.results) >= 0.8
        assert found.results.scenario.roster["food"] >= 1

    def test_from_none_of_them_anybody_can_be_taken_away(self) -> None:
        imagined = scenario(
            callers(an_hour=[20.0] * 4 + [60.0] * 20, talking=exponential(150), formula=Formula.OFFERED),
            agents(9, name="early", shift=Shift(hour(0), hour(4))),
            agents(3, name="late", shift=Shift(hour(4), hour(8))),
            hours=8,
        )
        found = staff(imagined, TARGET).results.scenario
        assert level(simulate(found)) >= 0.8
        for name, count in found.roster.items():
            assert count == 0 or level(simulate(found.with_roster({**found.roster, name: count - 1}))) < 0.8

    def test_a_group_that_nobody_needs_goes_home(self) -> None:
        imagined = scenario(
            callers(an_hour=[60.0] * 3 + [0.0] * 21, talking=exponential(150)),
            agents(4, name="early", shift=Shift(hour(0), hour(4))),
            agents(4, name="late", shift=Shift(hour(5), hour(23))),
            hours=6,
        )
        assert staff(imagined, TARGET).results.scenario.roster["late"] == 0


class TestOutOfReach:
    def test_is_a_target_that_no_number_of_agents_meets(self) -> None:
        """Their phones are picked up after the twenty seconds are over."""
        slow = scenario(callers(), agents(2, answering=seconds(19.0)), hours=3)
        with pytest.raises(TargetOutOfReach, match=r"reach 80% within 15 s: kwa 0\.0%"):
            staff(slow, Target(0.8, Seconds(15)))

    def test_no_agent_is_needed_where_nobody_calls(self) -> None:
        found = staff(scenario(callers(an_hour=0.0), agents(3), hours=2), TARGET)
        assert found.results.scenario.roster == {"desk": 0}
        assert found.one_below is None
