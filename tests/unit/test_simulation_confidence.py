"""Confidence: mean and interval from a stream, as from all observations at once."""

from __future__ import annotations

from math import sqrt
from random import Random
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.simulation.confidence import Estimate, Spread, student_t

OBSERVATIONS = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60)


def spread_of(*observations: float) -> Estimate:
    return ratio_of(*((value, 1.0) for value in observations))


def ratio_of(*observations: tuple[float, float]) -> Estimate:
    spread = Spread()
    for part, whole in observations:
        spread.add(part, whole)
    return spread.estimate()


@pytest.mark.parametrize(
    ("freedom", "t"),
    [
        (1, 12.7062),
        (2, 4.3027),
        (3, 3.1824),
        (4, 2.7764),
        (5, 2.5706),
        (9, 2.2622),
        (19, 2.0930),
        (30, 2.0423),
        (120, 1.9799),
        (10_000, 1.9602),
    ],
)
def test_students_t_as_in_the_tables(freedom: int, t: float) -> None:
    assert student_t(freedom) == pytest.approx(t, abs=4e-4)


class TestSpread:
    @given(OBSERVATIONS)
    def test_a_stream_gives_what_all_at_once_would(self, observations: list[float]) -> None:
        found = spread_of(*observations)
        half = student_t(len(observations) - 1) * stdev(observations) / sqrt(len(observations))
        assert found.value == pytest.approx(fmean(observations), rel=1e-9, abs=1e-6)
        assert found.half_width == pytest.approx(half, rel=1e-6, abs=1e-6)

    @given(st.lists(st.tuples(st.floats(0, 1e3), st.floats(1, 1e3)), min_size=2, max_size=60))
    def test_a_ratio_is_that_of_the_sums_and_varies_as_what_it_leaves_over(
        self, observations: list[tuple[float, float]]
    ) -> None:
        found = ratio_of(*observations)
        parts, wholes = zip(*observations, strict=True)
        ratio = sum(parts) / sum(wholes)
        left_over = [part - ratio * whole for part, whole in observations]
        half = student_t(len(parts) - 1) * stdev(left_over) / sqrt(len(parts)) / fmean(wholes)
        assert found.value == pytest.approx(ratio)
        assert found.half_width == pytest.approx(half, rel=1e-5, abs=1e-4)

    def test_a_run_without_calls_changes_no_ratio(self) -> None:
        assert ratio_of((8, 10), (0, 0), (9, 10)).value == ratio_of((8, 10), (9, 10)).value

    def test_nothing_and_a_single_one_have_no_interval(self) -> None:
        assert spread_of() == ratio_of((0, 0)) == Estimate(None, None)
        assert spread_of(7.0) == Estimate(7.0, None)

    def test_what_is_always_the_same_is_sure(self) -> None:
        assert ratio_of((7, 10), (70, 100), (0.7, 1)).half_width == pytest.approx(0, abs=1e-6)

    def test_a_sum_of_parts_is_as_sure_as_its_parts(self) -> None:
        assert Estimate(3.0, (2.0, 4.0)).times(20) == Estimate(60.0, (40.0, 80.0))
        assert Estimate(3.0, None).times(20) == Estimate(60.0, None)
        assert Estimate(None, None).times(20) == Estimate(None, None)

    def test_nineteen_of_twenty_intervals_hold_the_truth(self) -> None:
        chance = Random(11)
        held = 0
        for _ in range(2_000):
            low, high = spread_of(*(chance.gauss(5, 2) for _ in range(6))).ci95 or (0, 0)
            held += low <= 5 <= high
        assert held / 2_000 == pytest.approx(0.95, abs=0.015)
