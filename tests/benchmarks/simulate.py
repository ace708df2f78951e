"""How long the simulator takes for a day of the size of Madhya Pradesh's 181, and how much memory.

    bin/bench simulate [--json]

One run of ``config/scenarios/madhya-pradesh-181.toml``: 60,000 calls expected, 411 agents in the busiest
hour, the very floor of production.  ``seconds`` is the time of that run on the clock of the wall, the
reading of the file left out.  ``peak_mb`` is the most memory the whole process ever held (interpreter,
libraries and all), as the operating system says; ``peak_mb_two_days`` that of another process that ran
the same day twice in a row, with twice the calls.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

# A plain script: its own folder is on the path, the checkout is not.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from callcentre.simulation.reading import read_scenario
from routing.simulation.day import Run
from routing.simulation.scenario import QUARTERS

SCENARIO = Path(__file__).resolve().parents[2] / "config" / "scenarios" / "madhya-pradesh-181.toml"


def main() -> None:
    """Runs one day and then two, and prints; the last line is one JSON object with ``--json``."""
    parser = argparse.ArgumentParser(description="One simulated day of 60,000 calls")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--days", type=int, help="run only so many, in this process; one JSON object")
    asked = parser.parse_args()
    if asked.days:
        print(json.dumps(measured(asked.days)))
        return
    one, two = in_a_process(1), in_a_process(2)
    told(one)
    told(two)
    if asked.json:
        figures = {key: one[key] for key in ("calls", "seconds", "peak_mb")}
        print(json.dumps({**figures, "peak_mb_two_days": two["peak_mb"]}))


def in_a_process(days: int) -> dict[str, Any]:
    """Measure in a process of its own, whose memory nothing else has touched."""
    command = [sys.executable, __file__, "--days", str(days)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def measured(days: int) -> dict[str, Any]:
    """One run of so many days."""
    scenario = replace(read_scenario(SCENARIO), quarters=QUARTERS * days)
    began, began_cpu = perf_counter(), process_time()
    book = Run(scenario).play()
    seconds, cpu = perf_counter() - began, process_time() - began_cpu
    return {
        "days": days,
        "calls": sum(book.callers(demand.helpline, 0).queued for demand in scenario.demands),
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def told(figures: dict[str, Any]) -> None:
    """A line for people."""
    print(
        f"{figures['days']} day: {figures['calls']:,} calls in {figures['seconds']:.2f} s "
        f"({figures['cpu_seconds']:.2f} s of processor), peak {figures['peak_mb']:.1f} MB"
    )


if __name__ == "__main__":
    main()
