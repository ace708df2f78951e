"""A scenario run again and again until its figures can be trusted.

With several replications each is one observation.  A single long run is cut into batches instead, which
are nearly independent when each is much longer than a queue takes to forget (Law, "Simulation Modeling and
Analysis", chapter 9); that only makes sense where every hour is like the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from routing.ids import HelplineId
from routing.service_level import parts
from routing.simulation.confidence import Estimate, Spread
from routing.simulation.day import Run
from routing.simulation.figures import FIGURES, SUMS, Account
from routing.simulation.scenario import QUARTER, QUARTERS, Demand, Scenario
from routing.simulation.tally import AgentTime, Book, Tally, together

# Twenty give Student's t 19 degrees of freedom; more would only shorten the batches (Schmeiser, 1982).
BATCHES: Final = 20

Figures: TypeAlias = Mapping[str, Estimate]
"""Each figure by its name."""


class Method(Enum):
    """Where confidence comes from."""

    REPLICATIONS = "replications"
    BATCH_MEANS = "batch_means"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterFigures:
    """An average quarter hour at one time of the day."""

    calls: float
    waiting: float
    """Callers waiting, on average over the quarter hour."""
    busy: float
    """Agents ringing, talking or writing."""
    on_duty: float
    """Agents busy or free."""
    service_level: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What is known about a scenario."""

    scenario: Scenario
    method: Method
    replications: int
    total: Figures
    helplines: Mapping[HelplineId, Figures]
    quarters: tuple[QuarterFigures | None, ...]
    """By the time of the day; None where no run has come."""


class _Page:
    """The spread of every figure of one helpline, or of all."""

    def __init__(self) -> None:
        self._spreads = {name: Spread() for name in FIGURES}

    def add(self, account: Account) -> None:
        for name, figure in FIGURES.items():
            self._spreads[name].add(*figure(account))

    def figures(self, batches: int) -> Figures:
        found = {name: spread.estimate() for name, spread in self._spreads.items()}
        return {name: known.times(batches) if name in SUMS else known for name, known in found.items()}


class _TimeOfDay:
    """One quarter hour of the day, over all runs."""

    def __init__(self) -> None:
        self.days = 0
        self.calls = 0
        self.waiting = 0.0
        self.agents = AgentTime()
        self.in_time = (0, 0)

    def figures(self) -> QuarterFigures | None:
        if not self.days:
            return None
        seconds = self.days * QUARTER
        return QuarterFigures(
            calls=self.calls / self.days,
            waiting=self.waiting / seconds,
            busy=self.agents.busy / seconds,
            on_duty=self.agents.on_duty / seconds,
            service_level=self.in_time[0] / self.in_time[1] if self.in_time[1] else None,
        )


class Trial:
    """A scenario under trial.  ``run`` as often as it takes, and read ``results``."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.method = Method.REPLICATIONS if scenario.replications > 1 else Method.BATCH_MEANS
        self.replications = 0
        self._batches = BATCHES if self.method is Method.BATCH_MEANS else 1
        self._total = _Page()
        self._helplines = {demand.helpline: _Page() for demand in scenario.demands}
        self._day = [_TimeOfDay() for _ in range(QUARTERS)]

    def run(self, replications: int) -> None:
        """Run so many more; each with a chance of its own, the same in every trial of this seed."""
        for _ in range(replications):
            book = Run(self.scenario, replication=self.replications, batches=self._batches).play()
            self.replications += 1
            for batch in range(self._batches):
                self._read_batch(book, batch)
            for quarter, time in enumerate(self._day):
                self._read_quarter(book, quarter, time)

    def results(self) -> Results:
        """All that is known by now."""
        return Results(
            scenario=self.scenario,
            method=self.method,
            replications=self.replications,
            total=self._total.figures(self._batches),
            helplines={name: page.figures(self._batches) for name, page in self._helplines.items()},
            quarters=tuple(time.figures() for time in self._day),
        )

    def _read_batch(self, book: Book, batch: int) -> None:
        counted = [(demand, book.callers(demand.helpline, batch)) for demand in self.scenario.demands]
        for demand, tally in counted:
            serving = [group.name for group in self.scenario.groups if demand.helpline in group.helplines]
            account = Account(tally, parts(demand.formula, tally.judged()), book.agents(serving, batch))
            self._helplines[demand.helpline].add(account)
        everybody = book.agents([group.name for group in self.scenario.groups], batch)
        self._total.add(Account(together(tally for _, tally in counted), _in_time(counted), everybody))

    def _read_quarter(self, book: Book, quarter: int, time: _TimeOfDay) -> None:
        counted = [(demand, book.callers_at(demand.helpline, quarter)) for demand in self.scenario.demands]
        page = book.quarters[quarter]
        time.days += page.days
        time.calls += sum(tally.queued for _, tally in counted)
        time.waiting += page.waiting
        time.agents.add(page.agents)
        time.in_time = _added(time.in_time, _in_time(counted))


def simulate(scenario: Scenario) -> Results:
    """Every replication that the scenario asks for."""
    trial = Trial(scenario)
    trial.run(scenario.replications)
    return trial.results()


def _in_time(counted: Iterable[tuple[Demand, Tally]]) -> tuple[int, int]:
    """The service level of several helplines, each by its own formula and target."""
    total = (0, 0)
    for demand, tally in counted:
        total = _added(total, parts(demand.formula, tally.judged()))
    return total


def _added(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]
