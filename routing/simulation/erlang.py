"""Erlang's formulas: what the simulator must find where they hold.

Poisson arrivals, exponential handling, first come, first served.  Erlang C: nobody hangs up.
Erlang A: patience is exponential too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log
from typing import Final

from routing.ids import Seconds

# Even, as Simpson's rule wants.  Five digits with patience of a tenth of the handling time, more with more.
STEPS: Final = 2_000
# What is left out of an integral that has no end: e^-40 of its greatest value.
NEGLIGIBLE: Final = 40.0


@dataclass(frozen=True, slots=True)
class ErlangC:
    """A floor on which everybody waits until answered.

    A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic
    telephone exchanges", 1917.
    """

    calls_per_second: float
    handling: Seconds
    agents: int

    def __post_init__(self) -> None:
        if self.load >= self.agents:
            raise ValueError(f"{self.agents} agents never catch up with a load of {self.load:.2f} Erlang")

    @property
    def load(self) -> float:
        """Calls in progress if nobody waited: A = λ · AHT."""
        return self.calls_per_second * self.handling

    @property
    def occupancy(self) -> float:
        return self.load / self.agents

    @property
    def waits(self) -> float:
        """The probability that a caller waits at all.

        From Erlang's loss formula by its recursion, B(n) = A·B(n-1) / (n + A·B(n-1)), as factorials overflow;
        then Pw = B / (1 - (A/N)·(1 - B)).
        """
        blocked = 1.0
        for agents in range(1, self.agents + 1):
            blocked = self.load * blocked / (agents + self.load * blocked)
        return blocked / (1 - self.occupancy * (1 - blocked))

    @property
    def mean_wait(self) -> float:
        """Average speed of answer: Pw · AHT / (N - A)."""
        return self.waits * self.handling / (self.agents - self.load)

    def service_level(self, seconds: Seconds) -> float:
        """The share answered within *seconds*: 1 - Pw · e^(-(N - A)·T/AHT)."""
        return 1 - self.waits * exp(-(self.agents - self.load) * seconds / self.handling)


@dataclass(frozen=True, slots=True)
class ErlangA:
    """A floor whose callers hang up: M/M/N+M.

    Notation and formulas of S. Zeltyn and A. Mandelbaum, "The M/M/n+G queue: summary of performance
    measures", 2004, for exponential patience: H(x) = (1 - e^(-θx))/θ, J(t) the integral from t on of
    e^(λH(x) - nμx), E the sum over j < n of (n-1)!/j! · (λ/μ)^(j-n+1).
    """

    calls_per_second: float
    handling: Seconds
    agents: int
    patience: Seconds

    @property
    def load(self) -> float:
        return self.calls_per_second * self.handling

    @property
    def waits(self) -> float:
        """The probability that a caller waits at all: λJ(0) / (E + λJ(0))."""
        return self.calls_per_second * self._j(0.0) / self._whole

    @property
    def abandonment(self) -> float:
        """The share of callers who hang up: (1 + (λ - nμ)·J(0)) / (E + λJ(0))."""
        surplus = self.calls_per_second - self._capacity
        return (1 + surplus * self._j(0.0)) / self._whole

    @property
    def occupancy(self) -> float:
        return self.load * (1 - self.abandonment) / self.agents

    @property
    def mean_wait(self) -> float:
        """Of all callers, whether answered or not: as many hang up a second as wait, over their patience."""
        return self.abandonment * self.patience

    @property
    def mean_wait_of_answered(self) -> float:
        """Average speed of answer: the integral of x·e^(-θx) over the density of the offered wait."""
        answered = self._integral(lambda x: x * exp(self._weight(x) - x / self.patience))
        return self.calls_per_second * answered / self._whole / (1 - self.abandonment)

    def answered_within(self, seconds: Seconds) -> float:
        """The share of all callers who are answered within *seconds*."""
        return 1 - self.abandonment - self._answered_after(seconds)

    def abandoned_after(self, seconds: Seconds) -> float:
        """The share of all callers who hang up later than *seconds*."""
        still_waiting = exp(-seconds / self.patience) * self.calls_per_second * self._j(seconds) / self._whole
        return still_waiting - self._answered_after(seconds)

    def _answered_after(self, seconds: Seconds) -> float:
        """From d e^w = (λe^(-θx) - nμ)·e^w dx, with w = λH(x) - nμx: (nμJ(T) - e^w(T)) / (E + λJ(0))."""
        return (self._capacity * self._j(seconds) - exp(self._weight(seconds))) / self._whole

    @property
    def _capacity(self) -> float:
        return self.agents / self.handling

    @property
    def _whole(self) -> float:
        """E + λJ(0), which makes probabilities add up to one."""
        term, total = 1.0, 0.0
        for free in range(self.agents):
            total += term
            term *= (self.agents - 1 - free) / self.load
        return total + self.calls_per_second * self._j(0.0)

    def _weight(self, x: float) -> float:
        """λH(x) - nμx, the logarithm of the density of the offered wait but for its factor."""
        return self.calls_per_second * self.patience * (1 - exp(-x / self.patience)) - self._capacity * x

    def _j(self, start: float) -> float:
        return self._integral(lambda x: exp(self._weight(x)), start)

    def _integral(self, of: Callable[[float], float], start: float = 0.0) -> float:
        """Simpson's rule from *start* to where nothing is left."""
        width = (self._end(start) - start) / STEPS
        ends = of(start) + of(start + STEPS * width)
        odd = sum(of(start + step * width) for step in range(1, STEPS, 2))
        even = sum(of(start + step * width) for step in range(2, STEPS, 2))
        return (ends + 4 * odd + 2 * even) * width / 3

    def _end(self, start: float) -> float:
        """Where the density has fallen to nothing; it falls for good after its peak."""
        ratio = self.calls_per_second / self._capacity
        peak = max(start, self.patience * log(ratio) if ratio > 1 else 0.0)
        reach, least = float(self.handling), self._weight(peak) - NEGLIGIBLE
        while self._weight(peak + reach) > least:
            reach *= 1.5
        return peak + reach
