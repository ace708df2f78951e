"""The figures of a call centre, worked out from what was counted.

Formulas are those of the floor's own screens: a call counts where it was queued, ringing is inside the
caller's wait, and the service level follows the formula chosen for each helpline.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from routing.simulation.tally import AgentTime, Tally


@dataclass(frozen=True, slots=True)
class Account:
    """What was counted of some helplines and the agents who serve them, in one stretch of time."""

    callers: Tally
    in_time: tuple[int, int]
    """Numerator and denominator of the service level."""
    agents: AgentTime


Figure = Callable[[Account], tuple[float, float]]
"""Numerator and denominator, so that the figure of several runs is that of all their calls together."""

FIGURES: Final[Mapping[str, Figure]] = {
    "service_level": lambda of: of.in_time,
    "asa_seconds": lambda of: (of.callers.waited, of.callers.answered),
    "abandonment": lambda of: (of.callers.abandoned, of.callers.queued),
    "occupancy": lambda of: (of.agents.handling, of.agents.handling + of.agents.available),
    "aht_seconds": lambda of: (of.callers.handled, of.callers.answered + of.callers.called_back),
    "offered": lambda of: (of.callers.queued, 1),
    "answered": lambda of: (of.callers.answered, 1),
    "abandoned": lambda of: (of.callers.abandoned, 1),
    "short_abandoned": lambda of: (of.callers.short, 1),
    "turned_away": lambda of: (of.callers.turned_away, 1),
    "overflowed": lambda of: (of.callers.overflowed, 1),
    "called_back": lambda of: (of.callers.called_back, 1),
    "not_reached": lambda of: (of.callers.not_reached, 1),
    "max_wait_seconds": lambda of: (of.callers.longest, 1),
}
"""Each figure of one run by its name."""

SUMS: Final = frozenset(
    {
        *("offered", "answered", "abandoned", "short_abandoned"),
        *("turned_away", "overflowed", "called_back", "not_reached"),
    }
)
"""Those that grow with the length of a run."""
