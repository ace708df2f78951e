"""Chance with a shape: how long people talk, wait and write, and which of several things they choose.

Each distribution is a value; ``sampler`` binds it to a source of chance and returns the function that draws.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import log, sqrt
from random import Random
from typing import Generic, Protocol, TypeVar

from routing.ids import Seconds

Sampler = Callable[[], float]
"""Draws one duration in seconds."""
Choice = TypeVar("Choice")


class Distribution(Protocol):
    """Durations of one kind, in seconds."""

    @property
    def mean(self) -> float: ...

    def sampler(self, chance: Random) -> Sampler:
        """The function that draws one duration from *chance*."""
        ...


@dataclass(frozen=True, slots=True)
class Constant:
    """Always the same."""

    mean: Seconds

    def sampler(self, chance: Random) -> Sampler:
        seconds = float(self.mean)
        return lambda: seconds


@dataclass(frozen=True, slots=True)
class Exponential:
    """Without memory: what Erlang's formulas assume."""

    mean: Seconds

    def sampler(self, chance: Random) -> Sampler:
        uniform, mean = chance.random, self.mean
        # 1 - u is never nought.
        return lambda: -mean * log(1.0 - uniform())


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Many short ones and a long tail: what talks in call centres look like (Brown et al., JASA 2005)."""

    mean: Seconds
    deviation: Seconds

    def sampler(self, chance: Random) -> Sampler:
        variance = log(1.0 + (self.deviation / self.mean) ** 2)
        mu, sigma = log(self.mean) - variance / 2, sqrt(variance)
        draw = chance.lognormvariate
        return lambda: draw(mu, sigma)


@dataclass(frozen=True, slots=True)
class Empirical:
    """Durations that were measured, each as likely as any other."""

    durations: tuple[Seconds, ...]

    @property
    def mean(self) -> float:
        return sum(self.durations) / len(self.durations)

    def sampler(self, chance: Random) -> Sampler:
        uniform, durations, count = chance.random, self.durations, len(self.durations)
        return lambda: durations[int(uniform() * count)]


@dataclass(frozen=True, slots=True)
class Shares(Generic[Choice]):
    """Which of several things, each with its share; the shares need not add up to one."""

    of: Mapping[Choice, float]

    def sampler(self, chance: Random) -> Callable[[], Choice]:
        """The function that draws one of them.  A single one costs no chance."""
        choices, bounds = tuple(self.of), tuple(accumulate(self.of.values()))
        if len(choices) == 1:
            return lambda: choices[0]
        uniform, whole, last = chance.random, bounds[-1], len(choices) - 1
        return lambda: choices[bisect(bounds, uniform() * whole, hi=last)]
