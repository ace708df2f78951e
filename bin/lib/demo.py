"""Synthetic callers and agents for ``bin/run --demo``: SIPp phones, and agents who use the real console.

Usage: demo.py DATA CALLCENTRE-COMMAND...
"""

from __future__ import annotations

import json
import random
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.error
from pathlib import Path

from callcentre.control.client import RequestRefused, ServiceAway, ask
from tests.integration.parts.programs import Program
from tests.integration.parts.sipp import Sipp
from tests.integration.parts.sipp_scenarios import HangUp, Press, Stay, Step
from tests.integration.parts.visitor import Visitor, field

AGENTS = 10
HELPLINES = ("citizen", "kwa", "food", "ration")
FIRST_PHONE = 1001
# Calls come a little faster than ten agents can take them, so that a queue is seen to grow and shrink.
SECONDS_BETWEEN_CALLS = (0.5, 2.5)
TALK_SECONDS = (6.0, 9.0, 12.0)
STORIES = (
    "No water since yesterday evening.",
    "The tap runs brown after the rain.",
    "Main burst beside the bus stop, the road is under water.",
    "The shop was closed during its hours.",
    "The bill is three times last month's.",
)
FIRST_NAMES = ("രമ", "അനിൽ", "Latha", "Joseph", "ഫാത്തിമ", "Suresh")


class DemoAgent(Visitor):
    """One agent at the console: signs in, takes calls, writes a ticket for most of them."""

    def __init__(self, name: str, url: str) -> None:
        super().__init__(url)
        self.name = name
        self._written = ""

    def write(self, call: str, chance: random.Random) -> None:
        """Hand in a ticket for *call*, once, and not for every call."""
        if call == self._written:
            return
        self._written = call
        if chance.random() < 0.3:
            return
        page = self.get("/desk")
        hidden = {name: field(page, name) for name in ("csrf", "submission", "call", "helpline", "language")}
        categories = re.findall(r'<option value="([a-z-]+)"', page)
        if hidden["call"] != call or not categories:
            return
        self.post(
            "/desk/ticket",
            {
                **hidden,
                "category": chance.choice(categories),
                "citizen": chance.choice(FIRST_NAMES),
                "caller": field(page, "caller"),
                "place": "Ward 12",
                "district": f"{chance.randint(1, 14):02}",
                "description": chance.choice(STORIES),
                "disposition": "ticket",
            },
        )


def main(data: Path, command: list[str]) -> None:
    """Keep calls flowing until ended."""
    # bin/run ends us with SIGTERM, and SIPp is to end with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chance = random.Random()
    password = _password(data / "demo-password")
    names = [f"demo{n:02}" for n in range(1, AGENTS + 1)]
    print(f"demo: making agents and phones; sign in as {names[0]} with password {password}", flush=True)
    _make_accounts(command, names, password)
    url = _told(command, "howto", "--url").strip()
    sip_port = int(re.findall(r"server \S+:(\d+)", _told(command, "howto"))[0])
    sipp = Sipp(data / "demo", sip_port=sip_port)
    try:
        phones = json.loads((data / "secrets.json").read_text(encoding="utf-8"))["phones"]
        for n in range(AGENTS):
            phone = str(FIRST_PHONE + n)
            talk = chance.choice(TALK_SECONDS)
            sipp.phones({phone: phones[phone]}, answer_after=chance.uniform(0.5, 2.0), hang_up_after=talk)
        agents = {name: DemoAgent(name, url) for name in names}
        for agent in agents.values():
            agent.sign_in(agent.name, password)
        print(f"demo: calls begin; sign in at {url} as {names[0]} … {names[-1]}", flush=True)
        threading.Thread(target=_work, args=(data, agents, chance), daemon=True).start()
        _ring(sipp, chance)
    finally:
        sipp.stop()


def _ring(sipp: Sipp, chance: random.Random) -> None:
    under_way: list[Program] = []
    while True:
        number, steps = _somebody(chance)
        caller = f"9447{chance.randint(0, 999_999):06}"
        # Asking whether one has ended is what lets the system forget it.
        under_way = [call for call in under_way if call.process.poll() is None]
        under_way.append(sipp.call(number, steps, callers=[caller]))
        time.sleep(chance.uniform(*SECONDS_BETWEEN_CALLS))


def _somebody(chance: random.Random) -> tuple[str, list[Step]]:
    language = Press(chance.choice("11234"), after=chance.uniform(0.5, 3.0))
    end: Step = HangUp(chance.uniform(3, 10)) if chance.random() < 0.1 else Stay(at_most=600)
    # In the menu of every helpline these are matters for its people; 0 is a person.
    matter = Press(chance.choice("230"), after=chance.uniform(0.5, 3.0))
    if chance.random() < 0.5:
        helpline = Press(chance.choice("123"), after=chance.uniform(0.5, 3.0))
        return "155300", [language, helpline, matter, end]
    if chance.random() < 0.1:
        return "155300", [language, Press("0", after=chance.uniform(0.5, 3.0)), end]
    return chance.choice(["1916", "1967", "18004251125"]), [language, matter, end]


def _work(data: Path, agents: dict[str, DemoAgent], chance: random.Random) -> None:
    """What agents do all day: be there, and write."""
    while True:
        try:
            for row in ask(data / "control.sock", "GET", "/agents"):
                agent = agents.get(row["agent"])
                if agent is not None and row["state"] in ("not_ready", "missed"):
                    ask(data / "control.sock", "POST", f"/agents/{agent.name}/available")
                elif agent is not None and row["state"] == "talking":
                    agent.write(row["call"], chance)
        except (ServiceAway, RequestRefused, urllib.error.URLError, OSError) as away:
            print(f"demo: {away}", file=sys.stderr)
        time.sleep(1)


def _make_accounts(command: list[str], names: list[str], password: str) -> None:
    making = []
    for n, name in enumerate(names):
        # Everybody serves the general line, and each two others, as in a real centre.
        served = {HELPLINES[0], HELPLINES[1 + n % 3], HELPLINES[1 + (n + 1) % 3]}
        words = [word for helpline in sorted(served) for word in ("--helpline", helpline)]
        add = [*command, "user", "add", name, "--phone", str(FIRST_PHONE + n), "--password", password, *words]
        making.append(subprocess.Popen(add, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    for one in making:
        # Ends with 1 for who is there already, in a data folder used before.
        one.wait()


def _password(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9) + "\n", encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def _told(command: list[str], *words: str) -> str:
    return subprocess.run([*command, *words], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
