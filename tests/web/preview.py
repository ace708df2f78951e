"""Serves the console with ports in memory, to look at it: ``python -m tests.web.preview 8099``.

Sign in as ``devi`` (English) or ``sivan`` (Malayalam) with the password in ``parts/console_fakes.py``.
A line on standard input puts the desks into a state: one of SCENES' names.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import gettempdir

from twisted.internet import asyncioreactor
from twisted.protocols.basic import LineOnlyReceiver

from agents_ui.announcement_ports import Kind, SpokenFault, SurgeCause
from agents_ui.options import Choice, Helpline
from callcentre.configuration.reading import read_configuration
from callcentre.console.menus import ConsoleMenus
from routing.agent import AgentState, Intent
from routing.ids import AgentId, HelplineId, Instant, LanguageCode
from tests.web.parts.console_fakes import (
    CONFIG,
    DEVI,
    EN,
    HELPLINES,
    ML,
    SIVAN,
    FakeFloor,
    options,
    ports,
)
from tests.web.parts.messages_fake import silence

LONG = "Department of Co-operation, Registration, Archives and Public Grievance Redressal "
LONG_WORD = "Thiruvananthapuramkozhikkodekannurwayanadpathanamthitta"
BURST_MAIN = {
    LanguageCode("ml"): "പേരൂർക്കടയിൽ പ്രധാന പൈപ്പ് പൊട്ടിയിരിക്കുന്നു. നഗരത്തിന്റെ വടക്കൻ ഭാഗങ്ങളിൽ വെള്ളം ലഭിക്കില്ല.",
    LanguageCode("en"): "A water main has burst at Peroorkada. The north of the city has no water.",
    LanguageCode("hi"): "पेरूरकडा में मुख्य पाइप फट गया है। शहर के उत्तर में पानी नहीं है।",
}
MANY = {
    HelplineId(f"line-{number:02d}"): Helpline(
        HelplineId(f"line-{number:02d}"),
        {
            EN: LONG * (1 + number % 2) + str(number),
            ML: "സഹകരണ രജിസ്ട്രേഷൻ പൊതുജന പരാതി പരിഹാര വകുപ്പ് " * (1 + number % 2) + str(number),
        },
        tuple(Choice(f"c{n}", {EN: LONG + str(n), ML: "വളരെ നീണ്ട വിഭാഗം " * 6 + str(n)}) for n in range(30)),
    )
    for number in range(50)
}


def off_duty(floor: FakeFloor, agent: AgentId) -> None:
    floor.becomes(agent, AgentState.LOGGED_OUT, card=None, intent=None, wrap_up_until=None)


def idle(floor: FakeFloor, agent: AgentId) -> None:
    floor.becomes(agent, AgentState.AVAILABLE, card=None, intent=None, wrap_up_until=None)


def ringing(floor: FakeFloor, agent: AgentId) -> None:
    floor.rings(agent, "node1-1764000000.17")


def withheld(floor: FakeFloor, agent: AgentId) -> None:
    floor.rings(agent, "node1-1764000000.18", caller="")


def talking(floor: FakeFloor, agent: AgentId) -> None:
    ringing(floor, agent)
    floor.answers(agent)
    floor.shows(agent, intent=Intent(AgentState.ON_BREAK, "tea"))


def wrap_up(floor: FakeFloor, agent: AgentId) -> None:
    talking(floor, agent)
    card = floor.desk(agent).card
    assert card is not None
    floor.shows(agent, card=replace(card, docket="2600012345"), intent=None)
    floor.hangs_up(agent)


def on_break(floor: FakeFloor, agent: AgentId) -> None:
    floor.becomes(agent, AgentState.ON_BREAK, card=None, reason="tea", intent=None)


def missed(floor: FakeFloor, agent: AgentId) -> None:
    floor.becomes(agent, AgentState.MISSED, card=None)


def too_much(floor: FakeFloor, agent: AgentId) -> None:
    floor.rings(agent, "node1-1764000000.19", caller="+" + "9" * 299, helpline=HelplineId("line-01"))
    floor.answers(agent)
    person = replace(
        floor.people[agent], display_name="Thiruvananthapuram Sivasankaran Ramachandran Nair " * 2
    )
    floor.people[agent] = person
    hours_ago = Instant(floor.clock.seconds() - 40_000)
    floor.shows(agent, waiting={line: 1000 - n for n, line in enumerate(MANY)}, since=hours_ago)


def nothing_announced(floor: FakeFloor, agent: AgentId) -> None:
    floor.board.up.clear()
    floor.board.declared = None
    floor.board.errors = {}


def announced(floor: FakeFloor, agent: AgentId) -> None:
    nothing_announced(floor, agent)
    noon = Instant(floor.clock.seconds() + 7_200)
    floor.board.add(helplines=(HelplineId("kwa"),), until=noon, texts=BURST_MAIN)
    floor.board.add(kind=Kind.BROADCAST, heard=False)
    floor.board.declared = floor.board.surge_of(SurgeCause.WAITING, count=93)


def too_much_announced(floor: FakeFloor, agent: AgentId) -> None:
    nothing_announced(floor, agent)
    for _ in range(30):
        floor.board.add(helplines=tuple(MANY), texts={code: LONG_WORD * 9 for code in floor.board.languages})
    floor.board.declared = floor.board.surge_of(SurgeCause.BY_HAND, by="a" * 60)


def refused_announcement(floor: FakeFloor, agent: AgentId) -> None:
    nothing_announced(floor, agent)
    floor.board.errors = {
        "text-ml": SpokenFault.REQUIRED,
        "text-en": SpokenFault.FIGURES,
        "until": SpokenFault.PAST,
    }


def nothing_said(floor: FakeFloor, agent: AgentId) -> None:
    floor.messages.left.clear()


def messages_left(floor: FakeFloor, agent: AgentId) -> None:
    nothing_said(floor, agent)
    recording = Path(gettempdir()) / "callcentre-preview.wav"
    recording.write_bytes(silence(65))
    for points in (
        {"helpline": HelplineId("food"), "category": "poisoning"},
        {"kept": False, "seconds": 9},
        {"caller": "", "category": "other", "seconds": 120},
        {},
    ):
        docket = floor.messages.add(**points).docket
        floor.messages.recordings[docket] = recording


def too_much_said(floor: FakeFloor, agent: AgentId) -> None:
    nothing_said(floor, agent)
    for number in range(120):
        line = HelplineId(f"line-{number % 50:02d}")
        floor.messages.add(
            helpline=line, category=LONG_WORD * (number % 3), caller="+" + "9" * 19, seconds=3_000
        )


SCENES: dict[str, Callable[[FakeFloor, AgentId], None]] = {
    scene.__name__: scene
    for scene in (
        *(off_duty, idle, ringing, withheld, talking, wrap_up, on_break, missed, too_much),
        *(nothing_announced, announced, too_much_announced, refused_announcement),
        *(nothing_said, messages_left, too_much_said),
    )
}


class Director(LineOnlyReceiver):
    """Sets scenes by lines of standard input."""

    delimiter = b"\n"

    def __init__(self, floor: FakeFloor) -> None:
        self._floor = floor

    def lineReceived(self, line: bytes) -> None:
        scene = SCENES.get(line.decode().strip())
        if scene is None:
            print("scenes:", *SCENES, flush=True)
            return
        for agent in (DEVI, SIVAN):
            scene(self._floor, agent)
        print("set", flush=True)


def main() -> None:
    """Serve until interrupted."""
    asyncioreactor.install()
    # Both want to know the reactor that was chosen above.
    from twisted.internet import reactor  # noqa: TID251
    from twisted.internet.stdio import StandardIO
    from twisted.internet.threads import deferToThreadPool

    from agents_ui.console import console
    from agents_ui.security import console_site

    floor = FakeFloor(reactor)
    menus = ConsoleMenus(
        read_configuration(CONFIG),
        in_thread=partial(deferToThreadPool, reactor, reactor.getThreadPool()),  # type: ignore[arg-type, attr-defined]
    )
    root = console(
        **{**ports(floor), "menus": menus}, clock=reactor, options=options(helplines={**HELPLINES, **MANY})
    )
    port = reactor.listenTCP(int(sys.argv[1]), console_site(root, reactor), interface="127.0.0.1")  # type: ignore[arg-type]
    StandardIO(Director(floor))
    # Asked for port 0, it is any that was free.
    print(f"http://127.0.0.1:{getattr(port.getHost(), 'port', 0)}/", *SCENES, flush=True)
    reactor.run()


if __name__ == "__main__":
    main()
