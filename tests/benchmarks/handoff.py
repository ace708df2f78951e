"""How soon a free agent has her next caller: our whole service against Asterisk's own app_queue.

    bin/bench handoff [--json]

Real Asterisk, real SIP: the same phones, the same callers, the same talks for both sides, one side after
the other, each on an Asterisk of its own, rendered by our own templates.  `AGENTS` phones answer after 0.1 s
and hang up after `TALK_SECONDS`; wrap-up is nought.  They become free one after another, spread evenly over
one talk.  Whenever a caller leaves, another one calls, so that never fewer than `WAITING` wait.  The window
lasts from the first agent's being free to the end of talk number `HANDLED`.

- ours: ``callcentre run`` with database and journal; `DESKS` agents keep their desk open in the console, and
  the metrics are scraped each second.
- app_queue: no service; the helpline's rendered native queue (autofill, strategy leastrecent), whose members
  are the phones.

Callers come in by the waiting room's door on both sides: a menu takes the same time and work whoever routes.

What is measured, all of it from Asterisk's own event times as a second AMI client sees them
(``parts/handoff_record.py``):

- ``p50_ms``, ``p99_ms``, ``n``: from the ``Hangup`` of an agent's channel to the ``DialBegin`` of the next
  call to that same agent, within the window.
- ``fifo_inversions``: offers made to a caller while one who had queued earlier waited, and went on waiting
  for more than 0.1 s.  The place is ``CC_QUEUED_AT`` for us, the moment of ``QueueCallerJoin`` for app_queue.
- ``double_offers``: calls begun to an agent, or for a caller, while another one was ringing or talking.
- ``idle_while_waiting``: times an agent who serves the helpline, since her first call, had nothing in hand
  for more than 0.1 s while somebody waited all that time.
- ``asterisk_cpu_s``, ``service_cpu_s``: user and system time of the processes over exactly the window, which
  ends with the same number of handled calls for both.
- ``least_waiting``: the fewest who waited at any moment of the window.

The last line with ``--json`` is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from asterisk.ami.action import SimpleAction

from callcentre.control.client import ask
from callcentre.telephony.ami.codec import Message
from tests.benchmarks.parts.handoff_record import WITNESSED, Record, percentile, phone_of
from tests.benchmarks.parts.processor import processor_seconds
from tests.integration.parts.ports import free_range
from tests.integration.parts.sipp_scenarios import Stay
from tests.integration.parts.spoken import spoken
from tests.integration.parts.stack import PASSWORD, Stack
from tests.integration.parts.visitor import Visitor

AGENTS, WAITING, HANDLED = 50, 200, 400
# Besides those who wait: one with each agent, as many who hear the farewell, and a few on their way.
AT_ONCE = WAITING + 2 * AGENTS + 30
CALLS_PER_SECOND = 60.0
TALK_SECONDS = 5.0
DESKS = 5
SCRAPE_SECONDS = 1.0
# Two for each leg.  Three of four stay free, as on any site: Asterisk tries ports until one is.
RTP_PORTS = 4 * 2 * (AT_ONCE + AGENTS)
PHONES = [str(1001 + n) for n in range(AGENTS)]
NAMES = [f"agent{phone}" for phone in PHONES]

# As [arrive] of the rendered dialplan, without the menu; and what a site without a router writes.
OUR_NUMBER, QUEUE_NUMBER = "1998", "1999"
DIALPLAN = f"""
[helplines](+)
exten => {OUR_NUMBER},1,Set(CC_DIALLED={OUR_NUMBER})
 same => n,Set(CC_HELPLINE=kwa)
 same => n,Set(CC_CALL=${{UNIQUEID}})
 same => n,Set(_CC_LEG_OF=${{UNIQUEID}})
 same => n,Set(CC_LANGUAGE=ml)
 same => n,Set(CHANNEL(language)=ml)
 same => n,Set(CC_CALLER=${{FILTER(0-9+,${{CALLERID(num)}}):0:40}})
 same => n,Set(CALLERID(all)="" <${{CC_CALLER}}>)
 same => n,Answer()
 same => n,UserEvent(CallArrived,Dialled: ${{CC_DIALLED}})
 same => n,Set(CC_TOLD=yes)
 same => n,Goto(waiting,s,1)
exten => {QUEUE_NUMBER},1,Set(CHANNEL(language)=ml)
 same => n,Answer()
 same => n,Queue(kwa,c)
 same => n,Goto(after,s,1)
"""


class Side(Protocol):
    """Who brings callers to agents."""

    number: str

    def open(self, centre: Stack) -> None:
        """Start what Asterisk needs besides; nobody is free yet."""

    def free(self, centre: Stack, agent: int) -> None:
        """Let the agent at phone *agent* have calls from now on."""

    def joined(self, event: Message) -> bool:
        """Whether the event says that a caller waits."""


class Ours:
    """The complete service."""

    number = OUR_NUMBER

    def open(self, centre: Stack) -> None:
        centre.start_service()
        for name in NAMES[:DESKS]:
            visitor = Visitor(f"http://127.0.0.1:{centre.http_port}")
            visitor.sign_in(name, PASSWORD)
            threading.Thread(target=_watch_desk, args=(visitor,), daemon=True).start()
        threading.Thread(target=_scrape, args=(centre,), daemon=True).start()

    def free(self, centre: Stack, agent: int) -> None:
        ask(centre.data / "control.sock", "POST", f"/agents/{NAMES[agent]}/available")

    def joined(self, event: Message) -> bool:
        return event.get("UserEvent") == "CallQueued"


class AppQueue:
    """Asterisk alone."""

    number = QUEUE_NUMBER

    def open(self, centre: Stack) -> None:
        return None

    def free(self, centre: Stack, agent: int) -> None:
        phone = f"PJSIP/{PHONES[agent]}"
        centre.witness.ask(SimpleAction("QueueAdd", Queue="kwa", Interface=phone, StateInterface=phone))

    def joined(self, event: Message) -> bool:
        return event.name == "QueueCallerJoin"


@dataclass(frozen=True)
class Outcome:
    """One side's window."""

    figures: dict[str, float]
    least_waiting: int
    asterisk_cpu: float
    service_cpu: float


def main() -> None:
    """Measure both sides and print."""
    options = argparse.ArgumentParser(description="agent free to agent called: our service against app_queue")
    options.add_argument("--json", action="store_true", help="end with one JSON object")
    as_json = options.parse_args().json
    with tempfile.TemporaryDirectory(prefix="handoff-") as folder:
        _say("building the prompts")
        sounds = spoken(otherwise=Path(folder) / "sounds")
        ours = measure(Ours(), Path(folder) / "ours", sounds)
        app_queue = measure(AppQueue(), Path(folder) / "app_queue", sounds)
    found = compared(ours, app_queue)
    print(json.dumps(found) if as_json else "\n".join(f"{name:16} {value}" for name, value in found.items()))


def compared(ours: Outcome, app_queue: Outcome) -> dict[str, Any]:
    """The result as it is printed."""
    return {
        "ours": ours.figures,
        "app_queue": app_queue.figures,
        "ratio_p50": round(app_queue.figures["p50_ms"] / ours.figures["p50_ms"], 1),
        "asterisk_cpu_s": {
            "ours": round(ours.asterisk_cpu, 2),
            "app_queue": round(app_queue.asterisk_cpu, 2),
        },
        "service_cpu_s": round(ours.service_cpu, 2),
        "agents": AGENTS,
        "waiting": WAITING,
        "least_waiting": {"ours": ours.least_waiting, "app_queue": app_queue.least_waiting},
        "handled": HANDLED,
    }


def measure(side: Side, folder: Path, sounds: Path) -> Outcome:
    """Run one side on an Asterisk of its own."""
    first, last = free_range(RTP_PORTS)
    settings = {
        "routing.wrap_up_seconds": 0,
        "waiting.music": "silence",
        "asterisk.rtp_first": first,
        "asterisk.rtp_last": last,
    }
    centre = Stack(folder, sounds=sounds, settings=settings, witnessed=WITNESSED)
    try:
        return _measure(side, centre)
    finally:
        centre.stop()


def _measure(side: Side, centre: Stack) -> Outcome:
    name = type(side).__name__
    _say(f"{name}: starting Asterisk, phones and whatever else there is")
    secrets = centre.add_agents(NAMES)
    centre.first.add_to("extensions.conf", DIALPLAN)
    centre.start_asterisk()
    centre.sipp.phones(secrets, hang_up_after=TALK_SECONDS)
    for phone in PHONES:
        centre.wait_for_phone(phone)
    side.open(centre)
    _say(f"{name}: {AT_ONCE} callers queue")
    numbers = [f"94470{n:05}" for n in range(AT_ONCE + HANDLED + AGENTS)]
    centre.sipp.call(
        side.number, [Stay()], callers=numbers, rate=CALLS_PER_SECOND, at_once=AT_ONCE, silent=True
    )
    centre.witness.wait_for_count(side.joined, AT_ONCE, 60, what="callers")
    return _window(side, centre)


def _window(side: Side, centre: Stack) -> Outcome:
    _say(f"{type(side).__name__}: {AGENTS} agents take calls")
    assert centre.asterisk is not None
    pids = [program.process.pid for program in (centre.asterisk, centre.service) if program is not None]
    before = [processor_seconds(pid) for pid in pids]
    _free_all(side, centre)
    last = centre.witness.wait_for_count(_ends_a_talk, HANDLED, 120, what="talks")[-1]
    used = [processor_seconds(pid) - at_first for pid, at_first in zip(pids, before, strict=True)]
    events = centre.witness.messages
    record = Record(event for event in events[: events.index(last) + 1] if "Timestamp" in event)
    return Outcome(_figures(record), record.least_waiting(since=record.offers[0].begun), *[*used, 0.0][:2])


def _free_all(side: Side, centre: Stack) -> None:
    """One agent after another, so that talks do not end in step."""
    began = time.monotonic()
    for agent in range(AGENTS):
        time.sleep(max(0.0, began + agent * TALK_SECONDS / AGENTS - time.monotonic()))
        side.free(centre, agent)


def _figures(record: Record) -> dict[str, float]:
    handoffs = record.handoffs()
    return {
        "p50_ms": round(percentile(handoffs, 0.5) * 1000, 2),
        "p99_ms": round(percentile(handoffs, 0.99) * 1000, 2),
        "n": len(handoffs),
        "fifo_inversions": record.fifo_inversions(),
        "double_offers": record.double_offers(),
        "idle_while_waiting": record.idle_while_waiting(),
    }


def _ends_a_talk(event: Message) -> bool:
    return event.name == "Hangup" and phone_of(event["Channel"]) in PHONES


def _watch_desk(visitor: Visitor) -> None:
    for _ in visitor.desk_events():
        pass


def _scrape(centre: Stack) -> None:
    while True:
        try:
            centre.get("/metrics")
        except OSError:
            # The service is being ended.
            return
        time.sleep(SCRAPE_SECONDS)


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
