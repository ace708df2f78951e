"""Chance: what is drawn has the mean that was asked for, and the same seed gives the same again."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from random import Random
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.ids import Seconds
from routing.simulation.arrivals import arrivals
from routing.simulation.chance import Constant, Distribution, Empirical, Exponential, Lognormal, Shares

DRAWS = 20_000
SHAPES = [
    (Constant(Seconds(30)), 0.0),
    (Exponential(Seconds(240)), 240.0),
    (Lognormal(Seconds(200), Seconds(150)), 150.0),
    (Empirical((Seconds(10), Seconds(20), Seconds(90))), stdev([10, 20, 90]) * sqrt(2 / 3)),
]


class TestDurations:
    @pytest.mark.parametrize(("shape", "deviation"), SHAPES, ids=lambda shape: type(shape).__name__)
    def test_have_their_mean_and_deviation(self, shape: Distribution, deviation: float) -> None:
        draw = shape.sampler(Random(1))
        drawn = [draw() for _ in range(DRAWS)]
        assert fmean(drawn) == pytest.approx(shape.mean, rel=0.03)
        assert stdev(drawn) == pytest.approx(deviation, rel=0.05, abs=1e-9)
        assert min(drawn) >= 0

    @pytest.mark.parametrize("shape", [shape for shape, _ in SHAPES], ids=lambda shape: type(shape).__name__)
    def test_come_again_with_the_same_seed(self, shape: Distribution) -> None:
        one, other = shape.sampler(Random(7)), shape.sampler(Random(7))
        assert [one() for _ in range(20)] == [other() for _ in range(20)]


class TestShares:
    def test_are_kept(self) -> None:
        draw = Shares({"ml": 85.0, "en": 15.0, "ta": 0.0}).sampler(Random(1))
        drawn = [draw() for _ in range(DRAWS)]
        assert drawn.count("ml") / DRAWS == pytest.approx(0.85, abs=0.02)
        assert "ta" not in drawn

    @given(st.dictionaries(st.text(), st.floats(0.001, 1e6), min_size=1, max_size=9), st.integers(0, 99))
    def test_nothing_else_is_ever_drawn(self, shares: dict[str, float], seed: int) -> None:
        draw = Shares(shares).sampler(Random(seed))
        assert {draw() for _ in range(50)} <= shares.keys()


class TestArrivals:
    def test_follow_the_curve(self) -> None:
        curve = [0.0, 500.0, 0.0, 2000.0]
        came = list(arrivals(curve, 8, Random(3)))
        found = [sum(quarter * 900 <= at < (quarter + 1) * 900 for at in came) for quarter in range(8)]
        for count, expected in zip(found, curve * 2, strict=True):
            assert abs(count - expected) <= 4 * sqrt(expected)

    def test_are_a_poisson_stream_within_a_quarter_and_across_its_end(self) -> None:
        """Gaps of a Poisson stream are exponential: their deviation is their mean."""
        came = list(arrivals([300.0], 100, Random(5)))
        gaps = [later - earlier for earlier, later in pairwise(came)]
        assert fmean(gaps) == pytest.approx(3.0, rel=0.03)
        assert stdev(gaps) == pytest.approx(3.0, rel=0.03)

    @given(st.lists(st.floats(0, 20), min_size=1, max_size=8), st.integers(0, 20), st.integers(0, 99))
    def test_come_in_order_and_within_their_time(self, curve: list[float], quarters: int, seed: int) -> None:
        came = list(arrivals(curve, quarters, Random(seed)))
        assert came == sorted(came)
        assert all(0 <= at < quarters * 900 for at in came)
        assert all(curve[int(at // 900) % len(curve)] > 0 for at in came)
