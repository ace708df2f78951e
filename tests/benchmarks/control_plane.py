"""How many calls a second the complete service decides about, with no media and no Asterisk.

    bin/bench control-plane [--json] [--seconds 60]

The real service (its own process, SQLite, journal, metrics, health) hears recorded AMI traffic from a switch
that this benchmark plays (``parts/replayed_switch.py``).  550 agents, 900 callers waiting.  Calls come at a
rate, at moments of chance (Poisson); after each, within a second, a talk ends, so that the freed agent must
be given the next caller and 900 go on waiting.

A decision takes from the moment the switch begins to write the ``Hangup`` that frees an agent to the moment
it has read the ``Redirect`` that sends that agent the next caller.

A rate is held when the 99th percentile of all decisions is within 20 ms, none is left open, no offer was
wrong, and the database is no more than a second of facts behind the journal.  The highest rate is sought
with short trials, then confirmed with one of a minute.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.task import deferLater, react
from twisted.internet.threads import deferToThread

from tests.benchmarks.parts.processor import processor_seconds
from tests.benchmarks.parts.replayed_switch import NUMBERS, AmiDoor, ReplayedSwitch
from tests.integration.parts.stack import Stack

AGENTS, WAITING = 550, 900
LIMIT_MS = 20.0
FIRST_RATE = 100.0
TRIAL_SECONDS = 8.0
# Not counted: the projector and the talks get used to a new rate.
WARM_UP_SECONDS = 2.0
# The search ends when the rates that held and that did not are so near.
NEARNESS = 0.05
# A decision that takes longer than this has failed the trial; no need to wait for its end.
HOPELESS_SECONDS = 1.0
# Each call that comes ends a talk within a second.
LAST_TALK_SECONDS = 1.0
# The benchmark has little to do: when it is later than this, others are using the machine, and a rate that
# was not held is tried again, so many times in all.
LATE_MS, DISTURBANCES = 5.0, 3
# Arrived, queued, proposed, offered, answered, talk ended, ended.
FACTS_A_CALL = 7
SETTLE_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was seen at one rate."""

    rate: float
    seconds: float
    p50_ms: float
    p99_ms: float
    undecided: int
    """Agents who were left without a call."""
    wrong: int
    """Offers that a right router never makes."""
    waiting: int
    lag_facts: int
    late_ms: float
    """How late the benchmark itself was with what it had to tell, 99th percentile."""
    service_cpu_percent: float
    own_cpu_percent: float

    @property
    def held(self) -> bool:
        """Whether the service can go on like this."""
        right = self.undecided == 0 and self.wrong == 0
        return right and self.p99_ms <= LIMIT_MS and self.lag_facts <= self.rate * FACTS_A_CALL

    @property
    def disturbed(self) -> bool:
        """Whether the machine was so busy with other things that the trial says nothing."""
        return not self.held and self.late_ms > LATE_MS

    def told(self) -> str:
        """A line for whoever watches."""
        verdict = "held" if self.held else "disturbed" if self.disturbed else "not held"
        return (
            f"{self.rate:6.1f} calls/s, {self.seconds:2.0f} s:  "
            f"p50 {self.p50_ms:.2f} ms, p99 {self.p99_ms:.2f} ms, "
            f"{self.undecided} undecided, {self.wrong} wrong, {self.lag_facts} facts behind; "
            f"cpu {self.service_cpu_percent:.0f} % (benchmark {self.own_cpu_percent:.0f} %, "
            f"late {self.late_ms:.1f} ms): {verdict}"
        )


class Site:
    """The service under test, and the switch it serves."""

    def __init__(self, folder: Path, reactor: Any) -> None:
        sounds = folder / "sounds"
        # Nobody hears a prompt here.
        (sounds / "asterisk" / "data").mkdir(parents=True)
        settings = {"routing.wrap_up_seconds": 0, "phones.count": AGENTS}
        self.stack = Stack(folder, sounds=sounds, settings=settings)
        self.switch = ReplayedSwitch(reactor)
        self.floor = self.switch.floor
        self._reactor = reactor
        self._chance = random.Random(2026)  # the same traffic in each run

    async def open(self) -> None:
        """Every agent talks, and everybody else waits, when this returns."""
        names = [f"agent{n:03}" for n in range(AGENTS)]
        await deferToThread(self.stack.add_agents, names, helplines=tuple(NUMBERS))
        for _ in range(AGENTS + WAITING):
            self.switch.call_comes()
        door = TCP4ServerEndpoint(self._reactor, self.stack.first.ami_port, interface="127.0.0.1")
        await door.listen(AmiDoor(self.switch))
        await deferToThread(self.stack.start_service)
        await deferToThread(self.stack.make_available, names)
        await self._until(lambda: len(self.floor.talking) == AGENTS, "every agent talks")

    async def trial(self, rate: float, seconds: float) -> Trial:
        """Calls come at *rate*, for *seconds* that count."""
        await self._settle()
        await self._traffic(rate, WARM_UP_SECONDS)
        begun, cpu, own = self._now(), self._service_cpu(), time.process_time()
        late = await self._traffic(rate, seconds)
        took, cpu, own = self._now() - begun, self._service_cpu() - cpu, time.process_time() - own
        lag = await self._lag()
        undecided = [self._now() - since for since in self.floor.freed.values()]
        decided = [decision.seconds for decision in self.floor.decisions if decision.freed_at >= begun]
        p50, p99 = _percentiles(decided + undecided)
        return Trial(
            rate=rate,
            seconds=took,
            p50_ms=p50 * 1e3,
            p99_ms=p99 * 1e3,
            undecided=sum(waited > HOPELESS_SECONDS for waited in undecided),
            wrong=len(self.floor.wrongs),
            waiting=self.floor.waiting,
            lag_facts=lag,
            late_ms=_percentiles(late)[1] * 1e3,
            service_cpu_percent=100 * cpu / took,
            own_cpu_percent=100 * own / took,
        )

    async def _traffic(self, rate: float, seconds: float) -> list[float]:
        """Calls come and talks end; how late we were with each.  Ends early when it is hopeless."""
        late: list[float] = []
        due = self._now()
        end = due + seconds
        while (due := due + self._chance.expovariate(rate)) < end and not self._hopeless():
            await self._pause(max(0.0, due - self._now()))
            late.append(self._now() - due)
            self.switch.call_comes()
            self._reactor.callLater(self._chance.random(), self.switch.talk_ends)
        return late

    async def _settle(self) -> None:
        """Everything of the last trial is over, and as many wait as in the beginning."""
        await self._pause(LAST_TALK_SECONDS)
        for _ in range(self.floor.waiting - WAITING):
            await self._until(self.switch.talk_ends, "somebody talks")
        await self._until(lambda: len(self.floor.talking) == AGENTS, "every agent talks")
        await self._until(lambda: len(self.floor.calls) == AGENTS + self.floor.waiting, "farewells are over")
        deadline = self._now() + SETTLE_SECONDS
        while await self._lag() > 0:
            if self._now() > deadline:
                raise AssertionError("the database does not catch up with the journal")
            await self._pause(0.1)
        self.floor.decisions.clear()

    def _hopeless(self) -> bool:
        longest = next(iter(self.floor.freed.values()), None)
        return longest is not None and self._now() - longest > HOPELESS_SECONDS

    async def _lag(self) -> int:
        """Facts in the journal that are not in the database."""
        health = json.loads(await deferToThread(self.stack.get, "/health"))
        lag: int = health["journal"]["lag_facts"]
        return lag

    def _service_cpu(self) -> float:
        """Seconds of processor time of the service so far, all its threads."""
        assert self.stack.service is not None
        return processor_seconds(self.stack.service.process.pid)

    async def _until(self, fits: Callable[[], bool], what: str) -> None:
        deadline = self._now() + SETTLE_SECONDS
        while not fits():
            if self._now() > deadline:
                raise AssertionError(f"not within {SETTLE_SECONDS} s: {what}")
            await self._pause(0.01)

    def _now(self) -> float:
        now: float = self._reactor.seconds()
        return now

    def _pause(self, seconds: float) -> Deferred[None]:
        return deferLater(self._reactor, seconds)


async def highest_rate(site: Site, seconds: float) -> Trial:
    """The highest rate that is held for *seconds*."""
    held, failed = 0.0, 0.0
    rate = FIRST_RATE
    while not failed or failed - held > NEARNESS * failed:
        trial = await _undisturbed(site, rate, TRIAL_SECONDS)
        held, failed = (rate, failed) if trial.held else (held, rate)
        rate = (held + failed) / 2 if failed else held * 2
    rate = held
    while not (trial := await _undisturbed(site, rate, seconds)).held:
        rate *= 1 - NEARNESS
    return trial


async def _undisturbed(site: Site, rate: float, seconds: float) -> Trial:
    for _ in range(DISTURBANCES):
        trial = await site.trial(rate, seconds)
        _say(trial.told())
        if not trial.disturbed:
            break
    return trial


async def measure(reactor: Any, folder: Path, asked: argparse.Namespace) -> None:
    """Starts everything, measures, prints, and ends everything."""
    _say(f"starting the service; {AGENTS} agents sit down, {WAITING} callers wait")
    site = Site(folder, reactor)
    try:
        await site.open()
        trial = await highest_rate(site, asked.seconds)
    finally:
        await deferToThread(site.stack.stop)
    print(json.dumps(_result(trial)) if asked.json else trial.told())


def main() -> None:
    """Measures and prints; the last line is one JSON object with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the rate must be held")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        react(lambda reactor: Deferred.fromCoroutine(measure(reactor, Path(folder), asked)))


def _result(trial: Trial) -> dict[str, float]:
    return {
        "calls_per_s": round(trial.rate),
        "p50_ms": round(trial.p50_ms, 2),
        "p99_ms": round(trial.p99_ms, 2),
        "held_s": round(trial.seconds),
        "waiting": trial.waiting,
        "agents": AGENTS,
        "service_cpu_percent": round(trial.service_cpu_percent),
        "benchmark_cpu_percent": round(trial.own_cpu_percent),
        "benchmark_late_p99_ms": round(trial.late_ms, 2),
        "journal_lag_facts": trial.lag_facts,
    }


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    """The median and the 99th percentile."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return cuts[49], cuts[98]


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
