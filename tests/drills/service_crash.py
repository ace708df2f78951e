"""Drill: the service is killed while callers wait and talk, and is started again.

Promise: nobody is dropped, talks go on, waiting callers are in the native queue within the limit, and
everybody is served in the original order.  Ends with 1 when it is broken.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.integration.parts.sipp_scenarios import Press, Stay
from tests.integration.parts.spoken import spoken
from tests.integration.parts.stack import Stack

AGENTS, WAITING = 5, 20
TALK_SECONDS = 15.0
# The failure table of docs/architecture.md, and a second for the machine.
FALLBACK_LIMIT_SECONDS = 6.0


def main() -> int:
    """Run the drill; 0 when its promise holds."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    as_json = options.parse_args().json
    with tempfile.TemporaryDirectory(prefix="drill-") as folder:
        found = drill(Path(folder))
    kept = (
        found["dropped"] == 0
        and found["talks_ended"] == 0
        and found["overtaken"] == 0
        and found["fallback_s"] <= FALLBACK_LIMIT_SECONDS
    )
    print(json.dumps({**found, "kept": kept}) if as_json else _told(found, kept=kept))
    return 0 if kept else 1


def drill(folder: Path) -> dict[str, float]:
    """What the callers noticed."""
    sounds = spoken(otherwise=folder / "sounds")
    centre = Stack(folder, sounds=sounds, settings={"routing.wrap_up_seconds": 0})
    try:
        return _crash(centre)
    finally:
        centre.stop()


def _crash(centre: Stack) -> dict[str, float]:
    _say("starting Asterisk, the service, phones and callers")
    names = [f"agent{n}" for n in range(AGENTS)]
    centre.start()
    witness = centre.witness
    centre.sipp.phones(centre.add_agents(names), hang_up_after=TALK_SECONDS)
    centre.make_available(names)
    numbers = [f"94470{n:05}" for n in range(AGENTS + WAITING)]
    callers = centre.sipp.call("1916", [Press("1"), Stay(180)], callers=numbers, rate=20)
    witness.wait_for_events(AGENTS + WAITING, "UserEvent", UserEvent="CallQueued")
    witness.wait_for_events(AGENTS, "DialEnd", DialStatus="ANSWER")
    _say(f"{AGENTS} talk, {WAITING} wait: killing the service")
    assert centre.service is not None
    centre.service.kill()
    killed = time.monotonic()
    witness.wait_for_events(WAITING, "UserEvent", UserEvent="CallFellBack")
    fallback = time.monotonic() - killed
    talks_ended = len(witness.events("Hangup"))
    _say(f"all in the native queue after {fallback:.1f} s; starting the service again")
    restarted = time.monotonic()
    centre.start_service()
    witness.wait_for_events(AGENTS + 2 * WAITING, "UserEvent", UserEvent="CallQueued")
    taken_over = time.monotonic() - restarted
    _say(f"all taken back after {taken_over:.1f} s; waiting for everybody to be served")
    dropped = callers.wait(240)
    return {
        "callers": AGENTS + WAITING,
        "dropped": dropped,
        "talks_ended": talks_ended,
        "fallback_s": round(fallback, 2),
        "taken_over_s": round(taken_over, 2),
        "overtaken": _overtaken(centre),
    }


def _overtaken(centre: Stack) -> int:
    """Callers served by more than a round of agents later than their place."""
    queued: dict[str, float] = {}
    for event in centre.witness.events("UserEvent", UserEvent="CallQueued"):
        variables = event.variables()
        queued.setdefault(variables["CC_CALL"], float(variables["CC_QUEUED_AT"]))
    order = {call: place for place, call in enumerate(sorted(queued, key=lambda call: queued[call]))}
    served = list(dict.fromkeys(event.variables()["CC_CALL"] for event in centre.witness.events("DialBegin")))
    return sum(turn - order[call] >= AGENTS for turn, call in enumerate(served))


def _told(found: dict[str, float], *, kept: bool) -> str:
    lines = [f"{name:14} {value}" for name, value in found.items()]
    return "\n".join([*lines, "promise kept" if kept else "PROMISE BROKEN"])


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
