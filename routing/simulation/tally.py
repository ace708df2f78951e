"""Counting while a run goes on, in memory that does not grow with its length.

A caller belongs to the stretch of time in which he was queued, however much later he is answered.  So
each caller carries the tally of his stretch, and a stretch is complete only when the run is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from routing.agent import AVAILABLE, RESERVED, RINGING, TALKING, WRAP_UP, AgentState
from routing.ids import HelplineId, Instant, Seconds
from routing.simulation.scenario import QUARTER, QUARTERS, Scenario


@dataclass(slots=True)
class Judged:
    """Callers as a formula of the service level sees them.

    Whoever was turned away, or not reached, counts as one who gave up late: no target is met by sending
    callers off.  Whoever was called back is left out, having chosen not to wait.
    """

    answered: int
    abandoned: int
    answered_in_time: int
    abandoned_in_time: int
    short: int


class Tally:
    """What became of callers who were queued on one helpline in one stretch of time."""

    __slots__ = (
        "abandoned",
        "abandoned_in_time",
        "answered",
        "answered_in_time",
        "called_back",
        "handled",
        "longest",
        "not_reached",
        "overflowed",
        "queued",
        "short",
        "turned_away",
        "waited",
    )

    def __init__(self) -> None:
        self.queued = 0
        self.answered = 0
        self.answered_in_time = 0
        self.abandoned = 0
        self.abandoned_in_time = 0
        self.short = 0
        """Of the abandoned."""
        self.turned_away = 0
        self.overflowed = 0
        """How often callers went on waiting at another helpline."""
        self.called_back = 0
        self.not_reached = 0
        """Of those who asked for a callback."""
        self.waited = 0.0
        """Seconds, of those who were answered."""
        self.longest = 0.0
        """The longest wait of anybody."""
        self.handled = 0.0
        """Seconds of talk and of writing afterwards."""

    def answer(self, wait: Seconds, *, limit: Seconds) -> None:
        """One was answered after *wait*; *limit* is the helpline's target."""
        self.answered += 1
        self.waited += wait
        if wait <= limit:
            self.answered_in_time += 1
        if wait > self.longest:
            self.longest = wait

    def abandon(self, wait: Seconds, *, limit: Seconds, short: Seconds) -> None:
        """One has hung up after *wait*."""
        self.abandoned += 1
        self.abandoned_in_time += wait <= limit
        self.short += wait <= short
        self.longest = max(self.longest, wait)

    def turn_away(self, wait: Seconds) -> None:
        """One was told after *wait* that he cannot be served."""
        self.turned_away += 1
        self.longest = max(self.longest, wait)

    def judged(self) -> Judged:
        """What the formulas of the service level are made of."""
        lost = self.turned_away + self.not_reached
        return Judged(
            answered=self.answered,
            abandoned=self.abandoned + lost,
            answered_in_time=self.answered_in_time,
            abandoned_in_time=self.abandoned_in_time,
            short=self.short,
        )

    def add(self, other: Tally) -> None:
        """Count everything of *other* too."""
        self.queued += other.queued
        self.answered += other.answered
        self.answered_in_time += other.answered_in_time
        self.abandoned += other.abandoned
        self.abandoned_in_time += other.abandoned_in_time
        self.short += other.short
        self.turned_away += other.turned_away
        self.overflowed += other.overflowed
        self.called_back += other.called_back
        self.not_reached += other.not_reached
        self.waited += other.waited
        self.longest = max(self.longest, other.longest)
        self.handled += other.handled


def together(tallies: Iterable[Tally]) -> Tally:
    """The sum of several."""
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return total


class AgentTime:
    """Agent-seconds of a group, or of all, in one stretch of time."""

    __slots__ = ("available", "handling", "held")

    def __init__(self) -> None:
        self.available = 0.0
        self.handling = 0.0
        """Talking, or writing afterwards."""
        self.held = 0.0
        """By an offer that is not yet answered."""

    @property
    def busy(self) -> float:
        """Held or handling."""
        return self.held + self.handling

    @property
    def on_duty(self) -> float:
        """Busy or available."""
        return self.busy + self.available

    def spend(self, state: AgentState, seconds: Seconds) -> None:
        """So much was spent in *state*; away it does not count."""
        if state is TALKING or state is WRAP_UP:
            self.handling += seconds
        elif state is AVAILABLE:
            self.available += seconds
        elif state is RESERVED or state is RINGING:
            self.held += seconds

    def add(self, other: AgentTime) -> None:
        """Count everything of *other* too."""
        self.available += other.available
        self.handling += other.handling
        self.held += other.held


class Level:
    """How many there are of something that comes and goes, and the area below that line."""

    __slots__ = ("_area", "_since", "count")

    def __init__(self) -> None:
        self.count = 0
        self._area = 0.0
        self._since = 0.0

    def change(self, by: int, at: Instant) -> None:
        """So many have come, or gone."""
        self._area += self.count * (at - self._since)
        self._since = at
        self.count += by

    def take_area(self, at: Instant) -> float:
        """The area since it was last taken."""
        self.change(0, at)
        area, self._area = self._area, 0.0
        return area


class QuarterHour:
    """One quarter hour of the day, over all days of a run."""

    __slots__ = ("agents", "days", "waiting")

    def __init__(self) -> None:
        self.days = 0
        self.waiting = 0.0
        """Seconds that callers have waited within it."""
        self.agents = AgentTime()


class Book:
    """All that is counted in one run: by helpline and group, by batch, and by quarter hour of the day."""

    def __init__(self, scenario: Scenario, batches: int) -> None:
        self._warm_up = scenario.warm_up
        self._counted = scenario.quarters - scenario.warm_up
        self._batches = batches
        self.quarters = [QuarterHour() for _ in range(QUARTERS)]
        self._tallies: defaultdict[tuple[HelplineId, int, int], Tally] = defaultdict(Tally)
        self._agents: defaultdict[tuple[str, int], AgentTime] = defaultdict(AgentTime)

    def batch(self, quarter: int) -> int | None:
        """The batch that a quarter of the run belongs to; None while it warms up, and after its end."""
        since = quarter - self._warm_up
        return since * self._batches // self._counted if 0 <= since < self._counted else None

    def tally(self, helpline: HelplineId, quarter: int) -> Tally:
        """Where callers of *quarter* are counted; one that nobody reads when they are not to be."""
        batch = self.batch(quarter)
        return Tally() if batch is None else self._tallies[helpline, batch, quarter % QUARTERS]

    def close(self, quarter: int, *, waiting: float, agents: Iterable[tuple[str, AgentTime]]) -> None:
        """Take note of how *quarter* was spent."""
        batch = self.batch(quarter)
        if batch is None:
            return
        page = self.quarters[quarter % QUARTERS]
        page.days += 1
        page.waiting += waiting
        for group, spent in agents:
            page.agents.add(spent)
            self._agents[group, batch].add(spent)

    def callers(self, helpline: HelplineId, batch: int) -> Tally:
        """Everything counted of a helpline in a batch."""
        cells = ((helpline, batch, quarter) for quarter in range(QUARTERS))
        return together(self._tallies[cell] for cell in cells if cell in self._tallies)

    def callers_at(self, helpline: HelplineId, quarter: int) -> Tally:
        """Everything counted of a helpline in one quarter hour of all days."""
        cells = ((helpline, batch, quarter) for batch in range(self._batches))
        return together(self._tallies[cell] for cell in cells if cell in self._tallies)

    def agents(self, groups: Iterable[str], batch: int) -> AgentTime:
        """How several groups together have spent a batch."""
        total = AgentTime()
        for group in groups:
            total.add(self._agents[group, batch])
        return total


def seconds_of(quarters: int) -> Instant:
    """The moment so many quarter hours after the beginning."""
    return Instant(QUARTER * quarters)
