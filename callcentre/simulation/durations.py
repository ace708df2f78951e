"""Reads how a duration is distributed from a table such as ``{ kind = "exponential", mean = 240 }``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from callcentre.configuration.table import Table
from routing.ids import Seconds
from routing.simulation.chance import Constant, Distribution, Empirical, Exponential, Lognormal

# A day: whatever is said to last longer was meant in other units.
LONGEST: Final = 86_400
# Times of nothing have no logarithm, and a mean of it no distribution.
SHORTEST_MEAN: Final = 0.1


def durations(table: Table) -> Distribution:
    """The distribution that *table* describes; a usable one even when it notes a fault."""
    kind = table.text("kind", pattern="|".join(_KINDS), means=f"one of {', '.join(_KINDS)}")
    if kind not in _KINDS:
        # Which keys it should have depends on its kind.
        return Constant(Seconds(0.0))
    value = _KINDS[kind](table)
    table.finish()
    return value


def _constant(table: Table) -> Distribution:
    return Constant(Seconds(table.number("seconds", low=0, high=LONGEST)))


def _exponential(table: Table) -> Distribution:
    return Exponential(_mean(table))


def _lognormal(table: Table) -> Distribution:
    deviation = table.number("deviation", low=SHORTEST_MEAN, high=LONGEST)
    return Lognormal(_mean(table), Seconds(deviation))


def _empirical(table: Table) -> Distribution:
    measured = table.numbers("seconds", low=0, high=LONGEST)
    return Empirical(tuple(map(Seconds, measured))) if measured else Constant(Seconds(0.0))


def _mean(table: Table) -> Seconds:
    return Seconds(table.number("mean", low=SHORTEST_MEAN, high=LONGEST))


_KINDS: Final[Mapping[str, Callable[[Table], Distribution]]] = {
    "constant": _constant,
    "exponential": _exponential,
    "lognormal": _lognormal,
    "empirical": _empirical,
}
