"""How far our estimated waits are from the true ones, beside the moving average of app_queue.

    bin/bench estimate [--json]

Simulated days, as many as the scenario has replications, on the floor of production.  Every caller who finds
no agent free is given two estimates at the moment he is queued, and his true wait is compared with both:

- ours: ``routing.estimates.Estimator``, told the same facts as in the service.
- app_queue's: the ``holdtime`` of his queue, as app_queue.c keeps it (``recalc_holdtime``): after each
  answered call ``hold = (3 * hold + wait) / 4`` in whole seconds, 0 at first.

The truth is the wait until an agent answered.  Callers who hung up, were turned away or asked to be called
back have no such wait: nobody knows how long they would have waited, so they are left out, for both; how many
is told.  What they do to the waits of others is in the truth.

``mae_s`` is the mean absolute error, ``within`` the share of estimates off by no more than 30 s or 25 % of
the true wait, ``in_range`` the share of true waits between the two ends that we announce.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

# A plain script: its own folder is on the path, the checkout is not.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from callcentre.simulation.reading import read_scenario
from routing.estimates import Estimate, Estimator
from routing.facts import CallAnswered, CallbackAsked, CallEnded, CallQueued, Fact, OfferProposed
from routing.ids import CallId, HelplineId, Instant
from routing.simulation.day import Run

SCENARIOS = Path(__file__).resolve().parents[2] / "config" / "scenarios"
# The figure of the benchmark, and two other centres to see that it is none of this one only.
MAIN = "tamil-nadu-1100"
OTHERS = ("three-helplines", "monsoon-evening", "madhya-pradesh-181")
NEAR_SECONDS, NEAR_SHARE = 30.0, 0.25


@dataclass(slots=True)
class Told:
    """What a caller was told when he was queued."""

    at: Instant
    helpline: HelplineId
    ours: Estimate | None
    app_queue: int
    at_once: bool = False
    """An agent was free: he was told nothing."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What a caller was told, and how long he waited."""

    ours: Estimate
    app_queue: int
    true: float


class Trace:
    """Listens to a run, and asks both for an estimate of each wait."""

    def __init__(self, run: Run) -> None:
        self._floor = run.floor
        self._estimator = Estimator(run.floor)
        self._hold: Counter[HelplineId] = Counter()
        self._told: dict[CallId, Told] = {}
        self.waits: list[Wait] = []
        self.unanswered = 0
        self.unknown = 0
        """Those for whom we had no estimate: nobody was there to serve them."""
        run.listen(self._hear)

    def _hear(self, fact: Fact) -> None:
        self._estimator.follow(fact)
        match fact:
            case CallQueued():
                self._tell(fact)
            case OfferProposed() if fact.call in self._told:
                told = self._told[fact.call]
                told.at_once = told.at_once or fact.at == told.at
            case CallAnswered() if fact.call in self._told:
                self._is_answered(self._told.pop(fact.call), fact.at)
            case CallEnded() | CallbackAsked() if fact.call in self._told:
                self.unanswered += not self._told.pop(fact.call).at_once

    def _tell(self, fact: CallQueued) -> None:
        call = self._floor.call(fact.call)
        if call is not None:
            estimate = self._estimator.estimate(call)
            self._told[fact.call] = Told(fact.at, fact.helpline, estimate, self._hold[fact.helpline])

    def _is_answered(self, told: Told, at: Instant) -> None:
        wait = at - told.at
        self._hold[told.helpline] = (3 * self._hold[told.helpline] + int(wait)) // 4
        if told.at_once:
            return
        if told.ours is None:
            self.unknown += 1
        else:
            self.waits.append(Wait(told.ours, told.app_queue, wait))


def main() -> None:
    """Runs the days and prints; the last line is one JSON object with ``--json``."""
    parser = argparse.ArgumentParser(description="Estimated waits against true ones")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    asked = parser.parse_args()
    for name in OTHERS:
        told(name, compared(traced(name)))
    figures = compared(traced(MAIN))
    told(MAIN, figures)
    if asked.json:
        print(json.dumps(figures))


def traced(name: str) -> list[Trace]:
    """Every replication of a scenario, listened to; both sides begin each without knowing anything."""
    scenario = read_scenario(SCENARIOS / f"{name}.toml")
    runs = [Run(scenario, replication=number) for number in range(scenario.replications)]
    traces = [Trace(run) for run in runs]
    for run in runs:
        run.play()
    return traces


def compared(traces: Sequence[Trace]) -> dict[str, Any]:
    """Both sides' errors on the same waits."""
    waits = [wait for trace in traces for wait in trace.waits]
    ours = judged([(wait.ours.expected, wait.true) for wait in waits])
    theirs = judged([(wait.app_queue, wait.true) for wait in waits])
    in_range = fmean(wait.ours.shortest <= wait.true <= wait.ours.longest for wait in waits)
    return {
        "ours": {**ours, "in_range": round(in_range, 4)},
        "app_queue": theirs,
        "ratio_mae": round(ours["mae_s"] / theirs["mae_s"], 4),
        "n": len(waits),
        "mean_wait_s": round(fmean(wait.true for wait in waits), 1),
        "unanswered": sum(trace.unanswered for trace in traces),
        "unknown": sum(trace.unknown for trace in traces),
    }


def judged(pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Of estimates with the true waits: mean absolute error, and the share that is near enough."""
    errors = [abs(estimate - true) for estimate, true in pairs]
    near = [e <= max(NEAR_SECONDS, NEAR_SHARE * true) for e, (_, true) in zip(errors, pairs, strict=True)]
    return {"mae_s": round(fmean(errors), 2), "within": round(fmean(near), 4)}


def told(name: str, figures: Mapping[str, Any]) -> None:
    """A line for people."""
    ours, theirs = figures["ours"], figures["app_queue"]
    print(
        f"{name}: {figures['n']:,} waits of {figures['mean_wait_s']:.0f} s; error "
        f"{ours['mae_s']:.1f} s against {theirs['mae_s']:.1f} s (ratio {figures['ratio_mae']:.2f}), "
        f"near {ours['within']:.1%} against {theirs['within']:.1%}, in our range {ours['in_range']:.1%}; "
        f"{figures['unanswered']:,} unanswered, {figures['unknown']:,} without an estimate"
    )


if __name__ == "__main__":
    main()
