"""Stands in for the AMI link to one Asterisk: writes down what is asked, and answers as it is told to."""

from __future__ import annotations

from collections.abc import Sequence

from asterisk.ami.action import Action
from twisted.internet.defer import Deferred

from callcentre.telephony.ami.codec import Message
from callcentre.telephony.ami.errors import ActionFailed, ActionRefused, LinkDown

# The switch's own clock, which is not the tests'.
SWITCH_TIME = "1795475000.250000"
SUCCESS = Message.of(("Response", "Success"))


def refusal(why: str) -> ActionRefused:
    """What Asterisk's ``Response: Error`` becomes."""
    return ActionRefused(Message.of(("Response", "Error"), ("Message", why)))


class FakeLink:
    """Every action becomes a line of *transcript*: its name and its values, in the order they are sent.

    Held answers wait for ``release`` or ``lose``; others come at once.  Global variables are kept as Asterisk
    keeps them; its clock stands still.
    """

    def __init__(self, transcript: list[str]) -> None:
        self.up = True
        self.rows: dict[str, Sequence[Message]] = {}
        self.globals: dict[str, str] = {}
        self._transcript = transcript
        self._held: set[str] = set()
        self._failing: dict[str, ActionFailed] = {}
        self._waiting: list[Deferred[None]] = []

    def hold(self, name: str) -> None:
        """Answer no action of that name until told."""
        self._held.add(name)

    def fail(self, start: str, failure: ActionFailed) -> None:
        """Fail the next action whose line starts so."""
        self._failing[start] = failure

    def release(self) -> None:
        """Answer everything that waits."""
        self._held.clear()
        for waiting in self._taken():
            waiting.callback(None)

    def lose(self) -> None:
        """Go down, failing everything that waits, as AmiLink does before it tells its owner."""
        self.up = False
        for waiting in self._taken():
            waiting.errback(LinkDown("connection lost"))

    async def send(self, action: Action) -> Message:
        await self._ask(action)
        name = str(action.keys.get("Variable"))
        if action.name == "Ping":
            return Message.of(("Response", "Success"), ("Ping", "Pong"), ("Timestamp", SWITCH_TIME))
        if "Channel" in action.keys or action.name not in ("Setvar", "Getvar"):
            return SUCCESS
        if action.name == "Setvar":
            self.globals[name] = str(action.keys["Value"])
        return Message.of(("Response", "Success"), ("Value", self.globals.get(name, "")))

    async def collect(self, action: Action) -> list[Message]:
        rows = list(self.rows.get(action.name, ()))
        await self._ask(action)
        return rows

    async def _ask(self, action: Action) -> None:
        if not self.up:
            raise LinkDown("not connected")
        values = [str(value) for value in action.keys.values()]
        values += [f"{name}={value}" for name, value in action.variables.items()]
        line = " ".join([action.name, *values])
        self._transcript.append(line)
        failing = next((start for start in self._failing if line.startswith(start)), None)
        if failing is not None:
            raise self._failing.pop(failing)
        if action.name in self._held:
            waiting: Deferred[None] = Deferred()
            self._waiting.append(waiting)
            await waiting

    def _taken(self) -> list[Deferred[None]]:
        taken, self._waiting = self._waiting, []
        return taken
