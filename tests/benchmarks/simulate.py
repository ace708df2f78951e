"""How long the simulator takes for a day of the size of Madhya Pradesh's 181, and how much memory.

    python tests/benchmarks/simulate.py [--json]

One run of ``config/scenarios/madhya-pradesh-181.toml``: 60,000 calls expected, 411 agents in the busiest
hour, the very floor of production.  ``seconds`` is the time of that run on the clock of the wall, the
reading of the file left out.  ``peak_mb`` is the most memory the whole process ever held (interpreter,
libraries and all), as the operating system says.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from pathlib import Path
from time import perf_counter, process_time

# A plain script: its own folder is on the path, the checkout is not.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from callcentre.simulation.reading import read_scenario
from routing.simulation.day import Run

SCENARIO = Path(__file__).resolve().parents[2] / "config" / "scenarios" / "madhya-pradesh-181.toml"


def main() -> None:
    """Runs the day and prints; the last line is one JSON object with ``--json``."""
    parser = argparse.ArgumentParser(description="One simulated day of 60,000 calls")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    asked = parser.parse_args()
    scenario = read_scenario(SCENARIO)
    began, began_cpu = perf_counter(), process_time()
    book = Run(scenario).play()
    seconds, cpu = perf_counter() - began, process_time() - began_cpu
    calls = sum(book.callers(demand.helpline, 0).queued for demand in scenario.demands)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{calls:,} calls in {seconds:.2f} s ({cpu:.2f} s of processor): "
        f"{calls / seconds:,.0f} calls/s, peak {peak_mb:.0f} MB"
    )
    if asked.json:
        print(json.dumps({"calls": calls, "seconds": round(seconds, 2), "peak_mb": round(peak_mb, 1)}))


if __name__ == "__main__":
    main()
