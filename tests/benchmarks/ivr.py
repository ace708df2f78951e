"""Many callers in the menus at once, with real media, while agents are handed callers; and the menus alone.

    bin/bench ivr [--json]

First the whole call centre: real Asterisk, the complete service with the site's own menus, SIPp callers who
send audio all the time.  `DOCKET_CALLERS` key a docket's number, `OFFICE_CALLERS` have the offices said,
`SILENT_CALLERS` never press anything; each hangs up in the menus, and another one calls.  Beside them
`LINE_CALLERS` go through the same menus to a person, for whom `AGENTS` phones answer and hang up after
`TALK_SECONDS`; they are told their place, and asked afterwards how they were served.  Measured for
`WINDOW_SECONDS`:

- ``concurrent``: the fewest callers in the menus at any moment of the window, from Asterisk's events.
- ``audio_both_ways``: callers and agents of whom Asterisk, at the end, has both sent and received more than a
  second of audio.
- ``cpu_ratio``: the service's processor time, all its processes, over Asterisk's.
- ``handoff_p99_ms``, ``handoff_p50_ms``, ``handoffs``: from the ``Hangup`` of an agent's channel to the
  ``DialBegin`` of her next caller, as in ``handoff.py``.
- ``least_waiting``: the fewest who waited at any moment of the window; 0 means that agents did, too.
- ``service_cpu_percent``, ``asterisk_cpu_percent``: of one processor.

Then the FastAGI server alone: the complete service, its house and its SQLite database, and no Asterisk.  In
its place ``parts/scripted_asterisk.py`` opens `SESSIONS_AT_ONCE` sessions at a time and answers every command
at once, from another process:

- ``sessions_per_s``: sessions from the environment to the closed connection in a second.
- ``commands_a_session``: how many commands each had.

The last line with ``--json`` is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callcentre.telephony.ami.codec import Message
from tests.benchmarks.parts.handoff_record import WITNESSED, Record, percentile
from tests.benchmarks.parts.menu_record import fewest_in_menus
from tests.benchmarks.parts.processor import processor_seconds
from tests.benchmarks.parts.scripted_asterisk import ScriptedAsterisk
from tests.integration.parts.audio import A_SECOND, packets
from tests.integration.parts.ports import free_range
from tests.integration.parts.sipp_scenarios import HangUp, Press, Stay, Step
from tests.integration.parts.spoken import spoken
from tests.integration.parts.stack import Stack

NUMBER = "1916"
DOCKET_CALLERS, OFFICE_CALLERS, SILENT_CALLERS = 60, 55, 50
IN_MENUS = DOCKET_CALLERS + OFFICE_CALLERS + SILENT_CALLERS
AGENTS, TALK_SECONDS = 12, 8.0
# One with each agent, those who say how they were served, and enough who wait.
LINE_CALLERS = 65
WINDOW_SECONDS = 120.0
# Far more than call in that time.
NUMBERS = 2000
# Two for each leg.  Three of four stay free, as on any site: Asterisk tries ports until one is.
RTP_PORTS = 4 * 2 * (IN_MENUS + LINE_CALLERS + AGENTS)
PHONES = [str(1001 + n) for n in range(AGENTS)]
NAMES = [f"agent{phone}" for phone in PHONES]
# A valid number that nobody has.
DOCKET = "2600000013"

DOCKET_STEPS: Sequence[Step] = (
    Press("2", after=4),
    Press("4", after=8),
    *(Press(digit, after=0.5) for digit in DOCKET),
    HangUp(after=15),
)
OFFICE_STEPS = (Press("2", after=4), Press("5", after=10), Press("2", after=14), HangUp(after=20))
SILENT_STEPS = (HangUp(after=75),)
LINE_STEPS = (Press("2", after=3), Press("0", after=1), Stay(at_most=300))

SESSIONS_AT_ONCE = 50
WARM_UP_SECONDS, SESSIONS_SECONDS = 3.0, 15.0


@dataclass(frozen=True)
class Crowd:
    """Callers who do the same, so many at once, the first of them coming at *rate* a second."""

    prefix: str
    steps: Sequence[Step]
    at_once: int
    rate: float

    def numbers(self) -> list[str]:
        """Each calls once: whoever calls again and again is not led through the menus."""
        return [f"{self.prefix}{n:05}" for n in range(NUMBERS)]


CROWDS = (
    # Spread over one stay, so that they do not go on in step.
    Crowd("94470", DOCKET_STEPS, DOCKET_CALLERS, rate=3),
    Crowd("94471", OFFICE_STEPS, OFFICE_CALLERS, rate=2.5),
    Crowd("94472", SILENT_STEPS, SILENT_CALLERS, rate=2),
    Crowd("94473", LINE_STEPS, LINE_CALLERS, rate=5),
)
FULL_SECONDS = 60.0


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description="callers in the menus, beside the hand-over of others")
    options.add_argument("--json", action="store_true", help="end with one JSON object")
    as_json = options.parse_args().json
    with tempfile.TemporaryDirectory(prefix="ivr-") as folder:
        _say("building the prompts")
        sounds = spoken(otherwise=Path(folder) / "sounds")
        found = {
            **menus_and_agents(Path(folder) / "live", sounds),
            **menus_alone(Path(folder) / "alone", sounds),
        }
    print(json.dumps(found) if as_json else "\n".join(f"{name:20} {value}" for name, value in found.items()))


# --- with Asterisk -------------------------------------------------------------------------------


def menus_and_agents(folder: Path, sounds: Path) -> dict[str, float]:
    """The whole call centre."""
    first, last = free_range(RTP_PORTS)
    settings = {"routing.wrap_up_seconds": 0, "asterisk.rtp_first": first, "asterisk.rtp_last": last}
    centre = Stack(folder, sounds=sounds, settings=settings, witnessed=WITNESSED, menus=True)
    try:
        return _menus_and_agents(centre)
    finally:
        centre.stop()


def _menus_and_agents(centre: Stack) -> dict[str, float]:
    _say("starting Asterisk, the service and phones")
    secrets = centre.add_agents(NAMES)
    centre.start()
    centre.sipp.phones(secrets, hang_up_after=TALK_SECONDS)
    for phone in PHONES:
        centre.wait_for_phone(phone)
    _say(f"{IN_MENUS} callers go through the menus, {LINE_CALLERS} to a person")
    for crowd in CROWDS:
        numbers = crowd.numbers()
        centre.sipp.call(NUMBER, crowd.steps, callers=numbers, rate=crowd.rate, at_once=crowd.at_once)
    centre.witness.wait_for_count(_arrives, IN_MENUS + LINE_CALLERS, FULL_SECONDS, what="callers")
    centre.make_available(NAMES)
    # Every agent has had a call, and the menus are as full as they become.
    time.sleep(TALK_SECONDS)
    return _window(centre)


def _window(centre: Stack) -> dict[str, float]:
    assert centre.asterisk is not None and centre.service is not None
    pids = (centre.service.process.pid, centre.asterisk.process.pid)
    _say(f"measuring for {WINDOW_SECONDS:.0f} s")
    begun, before = len(centre.witness.messages), [processor_seconds(pid) for pid in pids]
    time.sleep(WINDOW_SECONDS)
    service, asterisk = (processor_seconds(pid) - used for pid, used in zip(pids, before, strict=True))
    events = [event for event in centre.witness.messages if "Timestamp" in event]
    heard = sum(min(counts) > A_SECOND for counts in packets(centre.witness).values())
    _check_faults(centre.get("/metrics"))
    since = next(
        float(event["Timestamp"]) for event in centre.witness.messages[begun:] if "Timestamp" in event
    )
    return {
        "concurrent": fewest_in_menus(events, since=since),
        "cpu_ratio": round(service / asterisk, 3),
        **_handoffs(Record(events), since),
        "audio_both_ways": heard,
        "service_cpu_percent": round(100 * service / WINDOW_SECONDS),
        "asterisk_cpu_percent": round(100 * asterisk / WINDOW_SECONDS),
    }


def _handoffs(record: Record, since: float) -> dict[str, float]:
    seconds = record.handoffs(since=since)
    return {
        "handoff_p50_ms": round(percentile(seconds, 0.5) * 1000, 2),
        "handoff_p99_ms": round(percentile(seconds, 0.99) * 1000, 2),
        "handoffs": len(seconds),
        "least_waiting": record.least_waiting(since=since),
    }


def _check_faults(metrics: str) -> None:
    """A service that has lost callers on the way is not measured."""
    faults = re.findall(r"(?m)^callcentre_faults_total\{.*\} (?!0\.0$).*$", metrics)
    if faults:
        raise AssertionError("the service had faults:\n" + "\n".join(faults))


def _arrives(event: Message) -> bool:
    return event.get("UserEvent") == "CallArrived"


# --- without -------------------------------------------------------------------------------------


def menus_alone(folder: Path, sounds: Path) -> dict[str, float]:
    """The FastAGI server of a service to which no Asterisk belongs."""
    _say(f"the FastAGI server alone, {SESSIONS_AT_ONCE} sessions at once")
    centre = Stack(folder, sounds=sounds, menus=True)
    try:
        service = centre.start_service(serving=False)
        service.wait_for_line("serving; ")
        asterisk = ScriptedAsterisk(centre.agi_port, at_once=SESSIONS_AT_ONCE)
        asterisk.run(WARM_UP_SECONDS)
        rate = asterisk.run(SESSIONS_SECONDS)
    finally:
        centre.stop()
    tally = asterisk.tally
    if tally.broken:
        raise AssertionError(f"{tally.broken} of {tally.sessions} sessions broke off")
    return {"sessions_per_s": round(rate), "commands_a_session": round(tally.commands / tally.sessions)}


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
