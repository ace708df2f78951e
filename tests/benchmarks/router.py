"""How many facts a second the router's core takes in and decides upon, and how long one decision takes.

    bin/bench router [--json]

The pure core alone, in one process, on floors of 100 x 100, 1,000 x 1,000 and 10,000 x 10,000 (agents x
callers who wait; ``parts/busy_floor.py`` says what they ask and bring).  Talks end, callers come and give up,
offers are missed, needs relax; the callers who wait stay as many as the agents.

A fact counts only with what it leads to: it is applied, the floor is asked to decide until it has nothing
more to say, every decision is applied as a fact, too, and the next deadline is looked up, as the shell does
for its alarm.  The facts decided count as well, since each costs as much as one told.

The floors take turns in many short rounds, so that a neighbour on the machine who is busy for a moment slows
all of them alike; figures are medians of rounds.  ``growth`` is the cost of a fact at the largest size, in
those at the smallest.  A decision takes from the fact, or the deadline, that leads to it until nothing more
is to be decided.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
from pathlib import Path

# A plain script: its own folder is on the path, the checkout is not.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.parts.busy_floor import BusyFloor

SIZES = (100, 1_000, 10_000)
ROUNDS, FACTS_A_ROUND = 41, 2_500


class Measured:
    """What is seen at one size, round by round."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.floor = BusyFloor(size)
        self.costs: list[float] = []
        """Seconds a fact, of each round."""
        self.decisions: list[float] = []
        """Seconds of every decision."""

    def one_round(self) -> None:
        """Let some more facts happen."""
        self.floor.measure(FACTS_A_ROUND)
        self.costs.append(sum(self.floor.took) / self.floor.facts)
        self.decisions += self.floor.decided

    @property
    def facts_per_s(self) -> float:
        """How many facts a second."""
        return 1 / statistics.median(self.costs)

    def decision_ms(self, percent: int) -> float:
        """How long *percent* of the decisions take at most."""
        return 1000 * statistics.quantiles(self.decisions, n=100, method="inclusive")[percent - 1]

    def longest_ms(self) -> float:
        """How long the longest decision took."""
        return 1000 * max(self.decisions)

    def told(self) -> str:
        """In a line, for people."""
        took = f"p50 {self.decision_ms(50):.3f} ms, p99 {self.decision_ms(99):.3f} ms"
        speed = f"{self.size:6,} x {self.size:6,}  {self.facts_per_s:8,.0f} facts/s"
        return (
            f"{speed}   decision {took}, longest {self.longest_ms():.1f} ms   {self.floor.waiting():,} wait"
        )


def measure() -> dict[int, Measured]:
    """What is seen at every size."""
    seen = {size: Measured(size) for size in SIZES}
    gc.collect()
    for _ in range(ROUNDS):
        for one in seen.values():
            one.one_round()
    return seen


def main() -> None:
    """Measures and prints; the last line is one JSON object with ``--json``."""
    parser = argparse.ArgumentParser(description="The router's core by the size of its floor")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    asked = parser.parse_args()
    seen = measure()
    for size, one in seen.items():
        print(
            f"{size:6,} x {size:6,}  {one.facts_per_s:8,.0f} facts/s   "
            f"decision p50 {one.decision_ms(50):.3f} ms, p99 {one.decision_ms(99):.3f} ms, "
            f"longest {one.longest_ms():.1f} ms   {one.floor.waiting():,} wait"
        )
    if asked.json:
        print(json.dumps(_result(seen)))


def _result(seen: dict[int, Measured]) -> dict[str, object]:
    least, most = seen[SIZES[0]].costs, seen[SIZES[-1]].costs
    growth = statistics.median(large / small for small, large in zip(least, most, strict=True))
    return {
        "sizes": {
            str(size): {
                "facts_per_s": round(one.facts_per_s),
                "p50_decision_ms": round(one.decision_ms(50), 3),
                "p99_decision_ms": round(one.decision_ms(99), 3),
                "longest_decision_ms": round(one.longest_ms(), 1),
                "waiting": one.floor.waiting(),
            }
            for size, one in seen.items()
        },
        "facts_per_s_1000": round(seen[1_000].facts_per_s),
        "growth": round(growth, 2),
        "p99_decision_ms_10000": round(seen[10_000].decision_ms(99), 3),
    }


if __name__ == "__main__":
    main()
