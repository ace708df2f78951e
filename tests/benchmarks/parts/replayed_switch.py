"""Plays one Asterisk over AMI: tells of calls as a real one did, and moves them where it is told to.

No media, no SIP: callers come and talks end when the benchmark says so, phones answer by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, cycle

from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from tests.benchmarks.parts.replayed_calls import Script, rows, scripts

NODE = "node1"
# As recorded: from the Redirect to the phone's answer, and from the agent's end to the farewell's.
ANSWER_SECONDS, FAREWELL_SECONDS = 0.1, 1.5
NUMBERS = {"kwa": "1916", "food": "18004251125", "ration": "1967", "citizen": "155300"}
GREETING = b"Asterisk Call Manager/11.0.0\r\n"


@dataclass(slots=True)
class ReplayedCall:
    """A caller: which way the call goes, where it stands, and what its events are filled with."""

    script: Script
    values: dict[str, str]
    state: str = "waiting"


@dataclass(frozen=True, slots=True)
class Decision:
    """An agent was freed; the service has sent the next caller after ``seconds``."""

    freed_at: float
    seconds: float


@dataclass(slots=True)
class Floor:
    """What the switch knows, and what it has measured."""

    calls: dict[str, ReplayedCall] = field(default_factory=dict)
    waiting: int = 0
    talking: dict[str, ReplayedCall] = field(default_factory=dict)
    """By agent, the longest talk first."""
    busy: set[str] = field(default_factory=set)
    """Agents whose phones ring or who talk."""
    freed: dict[str, float] = field(default_factory=dict)
    """Agents without a call, and since when, the longest first."""
    decisions: list[Decision] = field(default_factory=list)
    wrongs: list[str] = field(default_factory=list)
    """Offers that a right router never makes."""


class ReplayedSwitch:
    """The node and its callers."""

    def __init__(self, clock: IReactorTime) -> None:
        self.floor = Floor()
        self._clock = clock
        self._numbers = count(1)
        self._scripts, self._helplines = cycle(scripts()), cycle(NUMBERS)
        self._tell: Callable[[str], None] = lambda text: None

    def now(self) -> str:
        """The switch's clock, as it writes it."""
        return f"{self._clock.seconds():.6f}"

    def connected(self, tell: Callable[[str], None]) -> None:
        """The service is logged in: *tell* it what happens from now on."""
        self._tell = tell

    def disconnected(self) -> None:
        """The service is gone: nobody hears what happens."""
        self._tell = lambda text: None
        self.floor.wrongs.append("the service has dropped the connection")

    # --- what the benchmark does --------------------------------------------------------------------

    def call_comes(self) -> None:
        """A caller dials a helpline and is in its waiting room."""
        number = next(self._numbers)
        helpline = next(self._helplines)
        now = self.now()
        call = ReplayedCall(
            script=next(self._scripts),
            values={
                "call": f"{NODE}-{now[:10]}.{number}",
                "channel": f"PJSIP/trunk-{number:08x}",
                "queued_at": now,
                "helpline": helpline,
                "dialled": NUMBERS[helpline],
                "caller": f"9447{number % 1_000_000:06}",
                "agent": "",
            },
        )
        self.floor.calls[call.values["call"]] = call
        self.floor.waiting += 1
        self._happens(call, call.script.coming)

    def talk_ends(self) -> bool:
        """The longest talk ends, and its agent is free; False when nobody talks."""
        if not self.floor.talking:
            return False
        agent = next(iter(self.floor.talking))
        call = self.floor.talking.pop(agent)
        self.floor.busy.discard(agent)
        self.floor.freed[agent] = self._clock.seconds()
        self._happens(call, call.script.parting)
        if call.script.farewell:
            call.state = "leaving"
            self._clock.callLater(FAREWELL_SECONDS, self._leaves, call)
        else:
            del self.floor.calls[call.values["call"]]
        return True

    # --- what the service asks ----------------------------------------------------------------------

    def redirect(self, action: Mapping[str, str]) -> bool:
        """An offer; False when it is refused."""
        heard_at = self._clock.seconds()
        call, exten = self.floor.calls.get(action["Channel"]), action["Exten"]
        _, agent, phone = exten.split("*")
        if call is None or call.state != "waiting" or agent in self.floor.busy:
            self.floor.wrongs.append(f"{action['Channel']} to {agent}")
            return False
        freed_at = self.floor.freed.pop(agent, None)
        if freed_at is not None:
            self.floor.decisions.append(Decision(freed_at, heard_at - freed_at))
        self._rings(call, agent=agent, phone=phone, exten=exten)
        return True

    def channels(self, action_id: str) -> Iterator[str]:
        """The rows of every call, in the order they came."""
        for call in self.floor.calls.values():
            yield rows()[call.state] % {**call.values, "action": action_id}

    # --- what follows -------------------------------------------------------------------------------

    def _rings(self, call: ReplayedCall, *, agent: str, phone: str, exten: str) -> None:
        call.state = "ringing"
        self.floor.waiting -= 1
        self.floor.busy.add(agent)
        number = next(self._numbers)
        call.values |= {
            "agent": agent,
            "exten": exten,
            "leg": f"{NODE}-{self.now()[:10]}.{number}",
            "leg_channel": f"PJSIP/{phone}-{number:08x}",
        }
        self._clock.callLater(ANSWER_SECONDS, self._answers, call, agent)

    def _answers(self, call: ReplayedCall, agent: str) -> None:
        call.state = "talking"
        self.floor.talking[agent] = call
        self._happens(call, call.script.answered)

    def _leaves(self, call: ReplayedCall) -> None:
        del self.floor.calls[call.values["call"]]
        self._happens(call, call.script.farewell)

    def _happens(self, call: ReplayedCall, text: str) -> None:
        call.values["at"] = self.now()
        self._tell(text % call.values)


class AmiSide(Protocol):
    """One AMI connection: reads of each action only what it is and whom it is about."""

    def __init__(self, switch: ReplayedSwitch) -> None:
        self._switch = switch
        self._unread = b""

    def connectionMade(self) -> None:
        # As Asterisk's manager.c does.
        self.transport.setTcpNoDelay(True)
        self.transport.write(GREETING)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._switch.disconnected()

    def dataReceived(self, data: bytes) -> None:
        *actions, self._unread = (self._unread + data).split(b"\r\n\r\n")
        for action in actions:
            lines = action.decode().split("\r\n")
            self._hear(dict(line.split(": ", 1) for line in lines))

    def _hear(self, action: Mapping[str, str]) -> None:
        match action["Action"]:
            case "Redirect":
                moved = self._switch.redirect(action)
                response, message = (
                    ("Success", "Redirect successful") if moved else ("Error", "Redirect failed")
                )
                self._answer(action, f"Message: {message}\r\n", response=response)
            case "Challenge":
                self._answer(action, "Challenge: 107532649\r\n")
            case "Login":
                self._answer(action, "Message: Authentication accepted\r\n")
                self._tell("Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted\r\n\r\n")
                self._switch.connected(self._tell)
            case "Ping":
                self._answer(action, f"Ping: Pong\r\nTimestamp: {self._switch.now()}\r\n")
            case "Getvar":
                known = "NOT_INUSE" if action["Variable"].startswith("DEVICE_STATE") else ""
                self._answer(action, f"Variable: {action['Variable']}\r\nValue: {known}\r\n")
            case "CoreShowChannels":
                self._list(action, list(self._switch.channels(action["ActionID"])))
            case "QueueStatus":
                self._list(action, [])
            case "Logoff":
                self._answer(action, "Message: Thanks for all the fish.\r\n", response="Goodbye")
                self.transport.loseConnection()
            case _:
                self._answer(action, "")

    def _list(self, action: Mapping[str, str], found: list[str]) -> None:
        self._answer(action, "EventList: start\r\nMessage: A list follows\r\n")
        self._tell("".join(found))
        self._tell(
            f"Event: {action['Action']}Complete\r\nActionID: {action['ActionID']}\r\n"
            f"EventList: Complete\r\nListItems: {len(found)}\r\n\r\n"
        )

    def _answer(self, action: Mapping[str, str], rest: str, *, response: str = "Success") -> None:
        self._tell(f"Response: {response}\r\nActionID: {action['ActionID']}\r\n{rest}\r\n")

    def _tell(self, text: str) -> None:
        self.transport.write(text.encode())


class AmiDoor(Factory):
    """Lets the service's AMI link in."""

    noisy = False

    def __init__(self, switch: ReplayedSwitch) -> None:
        self._switch = switch

    def buildProtocol(self, addr: object) -> AmiSide:
        return AmiSide(self._switch)
