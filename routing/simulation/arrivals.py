"""When callers call: a Poisson stream whose rate follows a curve by quarter hour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log
from random import Random

from routing.ids import Instant
from routing.simulation.scenario import QUARTER


def arrivals(curve: Sequence[float], quarters: int, chance: Random) -> Iterator[Instant]:
    """Every arrival within the first *quarters*, in order; *curve* is the calls expected in each, repeated.

    Each gap is one exponential draw of the calls expected in it, spread over as many quarters as it needs
    (Çinlar's inversion of the cumulative rate), so that no draw is thrown away.
    """
    uniform = chance.random
    gap = -log(1.0 - uniform())
    for quarter in range(quarters):
        expected = curve[quarter % len(curve)]
        passed = gap
        while passed < expected:
            yield Instant(QUARTER * (quarter + passed / expected))
            passed -= log(1.0 - uniform())
        gap = passed - expected
