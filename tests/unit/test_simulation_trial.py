"""A trial: many runs become one set of figures, with an interval around each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.ids import Seconds
from routing.service_level import Formula, Target
from routing.simulation.figures import FIGURES
from routing.simulation.scenario import Shift
from routing.simulation.trial import Method, Trial, simulate
from tests.unit.parts.imagined import FOOD, KWA, agents, callers, exponential, hour, scenario, seconds


class TestFigures:
    def test_have_the_same_names_for_the_total_and_for_each_helpline(self) -> None:
        found = simulate(scenario(callers(), callers(FOOD), agents(10, KWA, FOOD), hours=2))
        assert found.total.keys() == FIGURES.keys()
        assert [figures.keys() for figures in found.helplines.values()] == [FIGURES.keys()] * 2

    def test_add_up_to_the_total(self) -> None:
        imagined = scenario(
            callers(patience=exponential(60)),
            callers(FOOD, patience=exponential(30)),
            agents(4, KWA, FOOD),
            hours=6,
        )
        found = simulate(imagined)
        for name in ("offered", "answered", "abandoned", "short_abandoned"):
            parts = [figures[name].value or 0 for figures in found.helplines.values()]
            assert found.total[name].value == pytest.approx(sum(parts))

    def test_of_helplines_with_formulas_of_their_own_are_added_each_by_its_own(self) -> None:
        """Nobody answers: by one formula a failure, by the other a success."""
        nobody = agents(1, KWA, FOOD, shift=Shift(hour(23), hour(23.5)))
        strict = callers(patience=seconds(10), formula=Formula.OFFERED)
        kind = callers(FOOD, patience=seconds(10), formula=Formula.ABANDONS_POSITIVE)
        found = simulate(scenario(strict, kind, nobody, hours=6))
        assert found.helplines[KWA]["service_level"].value == 0
        assert found.helplines[FOOD]["service_level"].value == 1
        assert found.total["service_level"].value == pytest.approx(0.5, abs=0.03)

    def test_occupancy_of_a_helpline_is_that_of_the_agents_who_serve_it(self) -> None:
        found = simulate(
            scenario(
                callers(an_hour=60.0, talking=seconds(120)),
                callers(FOOD, an_hour=60.0, talking=seconds(60)),
                agents(20, KWA, name="water"),
                agents(2, FOOD, name="food"),
                hours=8,
            )
        )
        occupancy = {name: figures["occupancy"].value for name, figures in found.helplines.items()}
        assert occupancy == {KWA: pytest.approx(0.1, rel=0.1), FOOD: pytest.approx(0.5, rel=0.1)}
        assert found.total["occupancy"].value == pytest.approx(3 / 22, rel=0.1)

    def test_of_a_helpline_that_nobody_calls_are_unknown(self) -> None:
        found = simulate(scenario(callers(), callers(FOOD, an_hour=0.0), agents(9, KWA, FOOD), hours=2))
        silent = found.helplines[FOOD]
        assert (silent["offered"].value, silent["service_level"].value) == (0, None)


class TestConfidence:
    def test_grows_with_the_replications(self) -> None:
        trial = Trial(scenario(callers(talking=exponential(120)), agents(3), hours=4))
        trial.run(4)
        few = trial.results()
        trial.run(28)
        many = trial.results()
        assert (few.replications, many.replications) == (4, 32)
        assert (many.total["asa_seconds"].half_width or 0) < (few.total["asa_seconds"].half_width or 0) / 2

    def test_of_a_single_run_comes_from_its_batches(self) -> None:
        steady = scenario(callers(talking=exponential(120)), agents(3), hours=20, replications=1)
        once, often = simulate(steady), simulate(replace(steady, replications=2))
        assert (once.method, often.method) == (Method.BATCH_MEANS, Method.REPLICATIONS)
        assert once.total["offered"].value == pytest.approx(1200, rel=0.1)
        assert once.total["service_level"].ci95 is not None

    def test_the_same_scenario_has_the_same_figures(self) -> None:
        imagined = scenario(callers(talking=exponential(120), patience=exponential(60)), agents(3), hours=6)
        assert simulate(imagined) == simulate(imagined)


class TestTheDay:
    def test_is_an_average_over_the_runs_by_quarter_hour(self) -> None:
        rush = [0.0] * 9 + [120.0] + [0.0] * 14
        imagined = scenario(
            callers(an_hour=rush, target=Target(0.8, Seconds(20))),
            agents(20, shift=Shift(hour(8), hour(18))),
            replications=6,
        )
        day = simulate(imagined).quarters
        assert len(day) == 96
        rushed, before = day[9 * 4 + 1], day[7 * 4]
        assert rushed is not None and before is not None
        assert rushed.calls == pytest.approx(30, rel=0.2)
        assert rushed.busy == pytest.approx(4, rel=0.3)
        assert (rushed.on_duty, rushed.service_level) == (20, 1)
        assert (before.calls, before.on_duty, before.service_level) == (0, 0, None)

    def test_has_holes_where_no_run_came(self) -> None:
        day = simulate(scenario(callers(), agents(5), hours=2, warm_up_hours=1)).quarters
        assert [quarter for quarter, figures in enumerate(day) if figures is not None] == [4, 5, 6, 7]

    def test_callers_waiting_are_the_area_of_their_waits(self) -> None:
        """Two calls an hour, each waiting his whole patience of a minute: 2/60 at any moment."""
        nobody = agents(1, shift=Shift(hour(23), hour(23.5)))
        imagined = scenario(
            callers(an_hour=200.0, patience=seconds(60)), nobody, hours=20, warm_up_hours=1, replications=3
        )
        waiting = [figures.waiting for figures in simulate(imagined).quarters if figures is not None]
        assert sum(waiting) / len(waiting) == pytest.approx(200 / 60, rel=0.05)
