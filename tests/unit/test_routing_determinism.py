"""The floor decides alike in every process, though Python orders its sets differently in each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Six helplines at once have both callers and agents, so that the order of a set would show.
A_BUSY_MOMENT = """
from routing.facts import AgentLoggedIn, AvailabilityAsked, CallQueued
from routing.floor import Floor, FloorRules

names = ["citizen", "food", "kwa", "ration", "power", "health"]
floor = Floor(FloorRules(ring_seconds=20.0, wrap_up_seconds=30.0, missed_offers_limit=1))
for count, name in enumerate(names * 2):
    served = frozenset({name, names[count % 5]})
    floor.apply(AgentLoggedIn(at=1.0, agent=f"a{count}", phone="1001", helplines=served))
    floor.apply(AvailabilityAsked(at=2.0, agent=f"a{count}"))
    floor.apply(
        CallQueued(at=3.0, call=f"c{count}", node="n", helpline=name, language="ml", queued_at=3.0, caller="")
    )
print(floor.decide(4.0))
"""


def decisions(hash_seed: int) -> str:
    surroundings = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    told = subprocess.run(
        [sys.executable, "-c", A_BUSY_MOMENT],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return told.stdout


@pytest.mark.parametrize("hash_seed", [1, 2, 3])
def test_the_order_of_a_set_decides_nothing(hash_seed: int) -> None:
    first = decisions(0)
    assert first.count("Offer(") == 12
    assert decisions(hash_seed) == first
