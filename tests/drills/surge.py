"""Drill: ten times as many callers as a helpline has lines, all at once and for a minute.

`LINES` lines of one helpline are in use: callers talk to agents, and wait.  Then `TIMES` as many call
together, and whenever one of them is gone another one calls, for `SURGE_SECONDS`.  Most want a person, some
ask to be called back, some leave a message, some press nothing; all send audio.

Promise: no accepted call is harmed: whoever has a line keeps his place, his talk and our router, and reaches
an agent.  Everybody hears something within `FIRST_SOUND_SECONDS` of his first INVITE.  Within
`RECOVERY_SECONDS` of the last call offered, a new caller has a line and speaks to an agent, and all for whom
there was none are gone; in the end no channel is left over.  Some of those could ask to be called back, or
leave a message instead.  Ends with 1 when it is broken.

    bin/drill surge [--json]
"""

from __future__ import annotations

import argparse
import itertools
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.parts.handoff_record import Record
from tests.drills.parts.surge_record import WITNESSED, SurgeRecord, invited
from tests.integration.parts.programs import Program
from tests.integration.parts.sipp_scenarios import HangUp, Press, Stay, Step
from tests.integration.parts.spoken import spoken
from tests.integration.parts.stack import Stack, eventually
from tests.unit.parts.site_folder import SiteFolder

NUMBER = "1916"
LINES, TIMES = 10, 10
AGENTS, TALK_SECONDS = 3, 10.0
EARLY = 8
SURGE_SECONDS = 60.0
# Domain rules: nobody stays longer in a silence.
FIRST_SOUND_SECONDS = 2.0
RECOVERY_SECONDS = 60.0
# What SIPp and two event times may differ from the phone's own clock.
SLACK_SECONDS = 0.5
# Those in line at the end of the surge, their talks, and what they are asked afterwards.
DRAIN_SECONDS = 120.0
# More than can call in that time.
NUMBERS = 2000

TO_A_PERSON = (Press("0", after=1.5), Stay(at_most=300))


@dataclass(frozen=True)
class Crowd:
    """Callers who do the same, so many at once."""

    prefix: str
    steps: Sequence[Step]
    at_once: int
    most: int = NUMBERS
    """How many of them there are in all."""

    def numbers(self) -> list[str]:
        """Each calls once."""
        return [f"{self.prefix}{n:05}" for n in range(self.most)]


CROWDS = (
    # What they choose stands for something else where there is a line; then they hang up in the menus.  They
    # come first: there are as many places for such wishes as lines.
    Crowd("94472", (Press("1", after=2.0), HangUp(after=40)), at_once=5, most=5),
    Crowd("94473", (Press("2", after=2.0), Press("#", after=12.0), HangUp(after=40)), at_once=15),
    Crowd("94471", TO_A_PERSON, at_once=60),
    Crowd("94474", (HangUp(after=40),), at_once=20),
)
EARLY_CALLERS = Crowd("94470", TO_A_PERSON, at_once=EARLY, most=EARLY)
PROBE = "94475"


def main() -> int:
    """Run the drill; 0 when its promise holds."""
    options = argparse.ArgumentParser(description="ten times as many callers as there are lines")
    options.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    as_json = options.parse_args().json
    with tempfile.TemporaryDirectory(prefix="drill-") as folder:
        found = drill(Path(folder))
    kept = (
        found["offered"] >= TIMES * LINES
        and found["accepted_harmed"] == 0
        and found["first_sound_p100_s"] <= FIRST_SOUND_SECONDS
        and found["recovery_s"] <= RECOVERY_SECONDS
        and found["channels_left"] == 0
        and found["asked_to_be_called_back"] > 0
        and found["left_a_message"] > 0
    )
    print(json.dumps({**found, "kept": kept}) if as_json else _told(found, kept=kept))
    return 0 if kept else 1


def drill(folder: Path) -> dict[str, float]:
    """What the callers noticed."""
    sounds = spoken(otherwise=folder / "sounds")
    site = SiteFolder(folder)
    site.add("helplines/kwa.toml", f"[limits]\ntrunks = {LINES}")
    settings = {"routing.wrap_up_seconds": 0, "asterisk.disabled_events": "[]"}
    centre = Stack(
        folder / "site", sounds=sounds, settings=settings, config=site.root, witnessed=WITNESSED, menus=True
    )
    try:
        return Surge(centre, folder).run()
    finally:
        centre.stop()


class Surge:
    """One run of it."""

    def __init__(self, centre: Stack, folder: Path) -> None:
        self._centre = centre
        self._folder = folder
        self._begun: list[tuple[Path, list[str]]] = []
        self._probes = itertools.count(1)

    def run(self) -> dict[str, float]:
        """Everything, in its order."""
        self._fill_the_lines()
        _say(f"{AGENTS} talk, {EARLY - AGENTS} wait; now {TIMES * LINES} call at once")
        crowds = [self._call(crowd) for crowd in CROWDS]
        time.sleep(SURGE_SECONDS)
        for crowd in crowds:
            # SIPp begins no more calls, and goes on with those it has.
            crowd.process.send_signal(signal.SIGUSR1)
        over = time.monotonic()
        _say("no more calls are offered")
        self._speak_to_an_agent()
        self._wait_for_the_turned_away()
        recovery = time.monotonic() - over
        _say(f"back to normal after {recovery:.1f} s; whoever has a line is served")
        left = self._channels_left()
        return {**self._counted(), "recovery_s": round(recovery, 2), "channels_left": left}

    def _fill_the_lines(self) -> None:
        _say("starting Asterisk, the service, phones and the first callers")
        centre = self._centre.start()
        names = [f"agent{n}" for n in range(AGENTS)]
        centre.sipp.phones(centre.add_agents(names), hang_up_after=TALK_SECONDS)
        centre.sipp.citizens(centre.gateway_port)
        centre.make_available(names)
        self._call(EARLY_CALLERS)
        centre.witness.wait_for_events(EARLY, "UserEvent", UserEvent="CallQueued")
        centre.witness.wait_for_events(AGENTS, "DialEnd", DialStatus="ANSWER")

    def _call(self, crowd: Crowd) -> Program:
        trace, numbers = self._folder / f"{crowd.prefix}.log", crowd.numbers()
        self._begun.append((trace, numbers))
        return self._centre.sipp.call(
            NUMBER, crowd.steps, callers=numbers, rate=LINES * TIMES, at_once=crowd.at_once, trace=trace
        )

    # --- afterwards -----------------------------------------------------------------------------------

    def _speak_to_an_agent(self) -> None:
        """Somebody calls, again whenever there is no line, until an agent answers."""
        while not self._has_line(number := f"{PROBE}{next(self._probes):05}"):
            pass
        self._centre.witness.wait_for_event(
            "DialEnd", RECOVERY_SECONDS, CallerIDNum=number, DialStatus="ANSWER"
        )

    def _has_line(self, number: str) -> bool:
        witness = self._centre.witness
        self._centre.sipp.call(NUMBER, TO_A_PERSON, callers=[number])
        came = witness.wait_for_event("UserEvent", UserEvent="CallArrived", CallerIDNum=number)
        return not witness.events("Newexten", Context="lines-busy", Uniqueid=came["Uniqueid"])

    def _wait_for_the_turned_away(self) -> None:
        eventually(lambda: set(self._turned_away()), lambda there: not there, RECOVERY_SECONDS)

    def _turned_away(self) -> Iterator[str]:
        """The channels of those whom there was no line for, and who are still there."""
        witness = self._centre.witness
        gone = {event["Uniqueid"] for event in witness.events("Hangup")}
        for event in witness.events("Newexten", Context="lines-busy"):
            if event["Uniqueid"] not in gone:
                yield event["Uniqueid"]

    def _channels_left(self) -> int:
        """How many Asterisk still has when everybody has had the time to be served."""
        with suppress(AssertionError):
            # What is left in the end is the answer.
            eventually(self._channels, lambda left: left == 0, DRAIN_SECONDS)
        return self._channels()

    def _channels(self) -> int:
        lines = self._centre.witness.command("core show channels count")
        return next(int(line.split()[0]) for line in lines if "active channel" in line)

    # --- what it was like -----------------------------------------------------------------------------

    def _counted(self) -> dict[str, float]:
        # Their logs are complete when they have ended.
        self._centre.sipp.stop()
        events = [event for event in self._centre.witness.messages if "Timestamp" in event]
        moments = [invited(trace, numbers) for trace, numbers in self._begun]
        record = SurgeRecord({n: at for crowd in moments for n, at in crowd.items()}, events)
        harmed, overtaken = (
            record.harmed(talk_seconds=TALK_SECONDS - SLACK_SECONDS),
            Record(events).fifo_inversions(),
        )
        return {
            "offered": sum(map(len, moments[1:])),
            "accepted": len(record.accepted),
            "accepted_harmed": len(harmed) + overtaken,
            "overtaken": overtaken,
            "talked": sum(caller.talk_began is not None for caller in record.accepted),
            "asked_to_be_called_back": sum(event.get("UserEvent") == "CallbackAsked" for event in events),
            "left_a_message": sum(event.get("Command").startswith("RECORD FILE") for event in events),
            "first_sound_p100_s": round(record.longest_silence(), 3),
        }


def _told(found: dict[str, float], *, kept: bool) -> str:
    lines = [f"{name:20} {value}" for name, value in found.items()]
    return "\n".join([*lines, "promise kept" if kept else "PROMISE BROKEN"])


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
