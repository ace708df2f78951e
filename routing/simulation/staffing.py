"""The smallest roster that meets a target.

Groups whose helplines miss the target are first doubled until all meet it; then all groups shrink alike; then
agents are taken from one group after another.  From what is found nobody can be taken away.

Whether a roster meets the target is asked of as few runs as it takes: as soon as the confidence interval lies
on one side of the target the answer is known, and most rosters are far from it.  The same callers come to
every roster, so that two rosters differ by their agents only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Final

from routing.ids import HelplineId
from routing.service_level import Target
from routing.simulation.scenario import QUARTER, Demand, Roster, Scenario
from routing.simulation.trial import Results, Trial

# The fewest that have a confidence interval.
FIRST_REPLICATIONS: Final = 2


class TargetOutOfReach(Exception):
    """Theirs: no number of agents meets the target; says which helplines miss it, and by how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """What was found."""

    target: Target
    results: Results
    """Of the smallest roster that meets the target."""
    one_below: Results | None
    """Of the best roster with one agent fewer; None when no agent is needed at all."""

    @property
    def unsure(self) -> list[HelplineId]:
        """The helplines whose interval still reaches below the target: more replications would tell."""
        levels = {name: figures["service_level"] for name, figures in self.results.helplines.items()}
        return [name for name, level in levels.items() if level.ci95 and level.ci95[0] < self.target.share]


def staff(scenario: Scenario, target: Target, *, told: Callable[[str], None] = lambda _: None) -> Staffing:
    """The smallest roster by which every helpline meets *target*, each by its own formula.

    *told* hears of each roster that was tried.  Raises TargetOutOfReach.
    """
    search = _Search(scenario.with_target(target), target, told)
    roster = search.trimmed(search.shrunk(search.enough()))
    below = search.best_below(roster)
    return Staffing(
        target=target,
        results=search.in_full(roster),
        one_below=None if below is None else search.in_full(below),
    )


class _Search:
    def __init__(self, scenario: Scenario, target: Target, told: Callable[[str], None]) -> None:
        self._scenario = scenario
        self._target = target
        self._told = told
        self._tried: dict[tuple[int, ...], tuple[bool, Trial]] = {}

    def enough(self) -> dict[str, int]:
        """A roster that meets the target, found by doubling."""
        roster = self._scenario.roster
        while not self._meets(roster):
            wanting = self._wanting(roster)
            if all(roster[name] > self._plenty for name in wanting):
                raise TargetOutOfReach(self._shortfall(roster))
            roster = {name: count * 2 if name in wanting else count for name, count in roster.items()}
        return roster

    def shrunk(self, roster: dict[str, int]) -> dict[str, int]:
        """The fewest agents who meet the target when all groups of *roster* shrink alike."""
        failing, meeting = 0, sum(roster.values())
        while meeting - failing > 1:
            middle = (failing + meeting) // 2
            if self._meets(_shared_out(middle, roster)):
                meeting = middle
            else:
                failing = middle
        return _shared_out(meeting, roster)

    def trimmed(self, roster: dict[str, int]) -> dict[str, int]:
        """*roster* without whom it can spare, the largest groups asked first, until none can spare one."""
        changed = True
        while changed:
            before = dict(roster)
            for name in sorted(roster, key=lambda group: -before[group]):
                roster = {**roster, name: self._fewest(roster, name)}
            changed = roster != before
        return roster

    def best_below(self, roster: dict[str, int]) -> dict[str, int] | None:
        """*roster* with one agent fewer, where that does the least harm."""
        fewer = [{**roster, name: count - 1} for name, count in roster.items() if count]
        for other in fewer:
            self._meets(other)
        return max(fewer, key=self._worst_margin, default=None)

    def in_full(self, roster: Roster) -> Results:
        """The results of every replication that the scenario asks for."""
        _, trial = self._try(roster)
        trial.run(max(0, self._scenario.replications - trial.replications))
        return trial.results()

    def _fewest(self, roster: dict[str, int], name: str) -> int:
        """How few of group *name* are enough beside the others; tries one fewer, then ever larger steps."""
        enough, step = roster[name], 1
        while enough and self._meets({**roster, name: max(0, enough - step)}):
            enough, step = max(0, enough - step), step * 2
        short = max(-1, enough - step)
        while enough - short > 1:
            middle = (short + enough) // 2
            if self._meets({**roster, name: middle}):
                enough = middle
            else:
                short = middle
        return enough

    def _meets(self, roster: Roster) -> bool:
        return self._try(roster)[0]

    def _try(self, roster: Roster) -> tuple[bool, Trial]:
        key = tuple(roster.values())
        if key not in self._tried:
            trial = Trial(self._scenario.with_roster(roster))
            met = self._judge(trial)
            self._tried[key] = met, trial
            self._told(f"{sum(key)} agents ({_spelt(roster)}): {'enough' if met else 'too few'}")
        return self._tried[key]

    def _judge(self, trial: Trial) -> bool:
        limit = self._scenario.replications
        trial.run(min(FIRST_REPLICATIONS, limit))
        while (verdict := self._verdict(trial.results())) is None and trial.replications < limit:
            trial.run(min(trial.replications, limit - trial.replications))
        return self._worst(trial.results()) >= self._target.share if verdict is None else verdict

    def _verdict(self, results: Results) -> bool | None:
        """Whether every helpline meets the target for sure, or one does not; None while it cannot be told."""
        levels = [figures["service_level"] for figures in results.helplines.values()]
        known = [(level.ci95 or (0.0, 1.0)) for level in levels if level.value is not None]
        if any(high < self._target.share for _, high in known):
            return False
        return True if all(low >= self._target.share for low, _ in known) else None

    def _worst(self, results: Results) -> float:
        levels = [figures["service_level"].value for figures in results.helplines.values()]
        return min((level for level in levels if level is not None), default=1.0)

    def _worst_margin(self, roster: Roster) -> float:
        return self._worst(self._try(roster)[1].results())

    def _wanting(self, roster: Roster) -> set[str]:
        """The groups that serve a helpline which misses the target."""
        missing = self._missing(roster)
        return {group.name for group in self._scenario.groups if missing.keys() & set(group.helplines)}

    def _missing(self, roster: Roster) -> dict[HelplineId, float]:
        """The service level of each helpline that misses the target."""
        results = self._try(roster)[1].results()
        levels = {name: figures["service_level"].value for name, figures in results.helplines.items()}
        return {name: v for name, v in levels.items() if v is not None and v < self._target.share}

    @property
    def _plenty(self) -> int:
        """Twice what the busiest quarter hour keeps busy, and some: with more nobody waits less."""
        return 2 * self._busiest() + 10

    def _busiest(self) -> int:
        """The load of the busiest quarter hour over all helplines, in agents."""
        loads = [self._loads(demand) for demand in self._scenario.demands]
        return ceil(max(map(sum, zip(*loads, strict=True))))

    def _loads(self, demand: Demand) -> list[float]:
        writing = demand.writing.mean if demand.writing else self._scenario.wrap_up_seconds
        return [calls * (demand.talking.mean + writing) / QUARTER for calls in demand.curve]

    def _shortfall(self, roster: Roster) -> str:
        missed = ", ".join(f"{name} {level:.1%}" for name, level in self._missing(roster).items())
        return (
            f"not even {sum(roster.values())} agents ({_spelt(roster)}) reach {self._target.share:.0%} "
            f"within {self._target.seconds:g} s: {missed}"
        )


def _shared_out(agents: int, proportions: Roster) -> dict[str, int]:
    """So many agents over all groups in proportion, by largest remainders."""
    whole = sum(proportions.values())
    exact = {name: agents * count / whole for name, count in proportions.items()}
    shared = {name: int(count) for name, count in exact.items()}
    by_remainder = sorted(exact, key=lambda name: shared[name] - exact[name])
    for name in by_remainder[: agents - sum(shared.values())]:
        shared[name] += 1
    return shared


def _spelt(roster: Roster) -> str:
    return ", ".join(f"{name} {count}" for name, count in roster.items())
