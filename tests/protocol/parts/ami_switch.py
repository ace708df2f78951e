"""An Asterisk in memory for tests of the AMI link: an endpoint whose connections a test plays by hand."""

from __future__ import annotations

from hashlib import md5

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost, ConnectionRefusedError
from twisted.internet.interfaces import (
    IAddress,
    IProtocol,
    IProtocolFactory,
    IPushProducer,
    IStreamClientEndpoint,
    ITCPTransport,
)
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from callcentre.telephony.ami.codec import AmiDecoder, Message

NONCE = "107532649"


@implementer(ITCPTransport, IPushProducer)
class SwitchSide(StringTransport):
    """Asterisk's side of one connection: hears actions, says what the test says."""

    def __init__(self, clock: Clock, secret: str) -> None:
        super().__init__()
        self._clock = clock
        self._secret = secret
        self._heard = AmiDecoder()
        self._heard.feed(b"Asterisk Call Manager/0\r\n")
        self._unread: list[Message] = []
        self.protocol: IProtocol | None = None
        self.no_delay = False
        self.aborted = False
        self.closed = False

    # --- what the link does -------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        assert not self.closed, "written after the connection was lost"
        super().write(data)
        self._unread += self._heard.feed(data)

    def abortConnection(self) -> None:
        self.aborted = True
        self._clock.callLater(0, self._lose, ConnectionAborted())

    def loseConnection(self) -> None:
        self._clock.callLater(0, self._lose, ConnectionDone())

    def setTcpNoDelay(self, enabled: bool) -> None:
        self.no_delay = enabled

    def getTcpNoDelay(self) -> bool:
        return self.no_delay

    def setTcpKeepAlive(self, enabled: bool) -> None:
        raise NotImplementedError

    def getTcpKeepAlive(self) -> bool:
        raise NotImplementedError

    def loseWriteConnection(self) -> None:
        raise NotImplementedError

    # --- what the test does -------------------------------------------------------------------

    def heard(self, name: str) -> Message:
        """The next action, which must be *name*; Pings do not count unless asked for."""
        counting = [action for action in self._unread if (action["Action"] == "Ping") == (name == "Ping")]
        assert counting, f"no {name} was sent"
        action = counting[0]
        assert action["Action"] == name, f"{action['Action']} was sent, not {name}"
        self._unread.remove(action)
        return action

    def heard_all(self) -> list[str]:
        """The names of all actions not looked at yet, Pings included."""
        unread, self._unread = self._unread, []
        return [action["Action"] for action in unread]

    def raw(self, octets: bytes) -> None:
        """Says these bytes in one read."""
        assert self.protocol is not None
        self.protocol.dataReceived(octets)

    def say(self, *headers: tuple[str, str]) -> None:
        """Says one message."""
        self.raw(as_bytes(*headers))

    def answer(self, action: Message, *headers: tuple[str, str], status: str = "Success") -> None:
        """Answers an action."""
        self.say(("Response", status), ("ActionID", action["ActionID"]), *headers)

    def log_in(self) -> None:
        """Greets and lets the link in, as `Asterisk` does before its modules are loaded."""
        self.raw(b"Asterisk Call Manager/11.0.0\r\n")
        self.answer(self.heard("Challenge"), ("Challenge", NONCE))
        login = self.heard("Login")
        right = login["Key"] == md5((NONCE + self._secret).encode(), usedforsecurity=False).hexdigest()
        if right:
            self.answer(login, ("Message", "Authentication accepted"))
        else:
            self.answer(login, ("Message", "Authentication failed"), status="Error")

    def boot(self) -> None:
        """Reports that all modules are loaded."""
        self.say(("Event", "FullyBooted"), ("Status", "Fully Booted"))

    def pong(self, timestamp: str) -> None:
        """Answers the Ping that was sent."""
        self.answer(self.heard("Ping"), ("Ping", "Pong"), ("Timestamp", timestamp))

    def drop(self) -> None:
        """The network or Asterisk goes away."""
        self._lose(ConnectionLost())

    def _lose(self, reason: Exception) -> None:
        if not self.closed:
            self.closed = True
            assert self.protocol is not None
            self.protocol.connectionLost(Failure(reason))


@implementer(IStreamClientEndpoint)
class FakeSwitch:
    """The endpoint: reachable or not, and the connections made so far."""

    def __init__(self, clock: Clock, secret: str) -> None:
        self._clock = clock
        self._secret = secret
        self.reachable = True
        self.answering = True
        self.attempts: list[float] = []
        self.connections: list[SwitchSide] = []

    @property
    def last(self) -> SwitchSide:
        """The newest connection."""
        return self.connections[-1]

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        self.attempts.append(self._clock.seconds())
        if not self.reachable:
            return fail(ConnectionRefusedError())
        if not self.answering:
            return Deferred()
        side = SwitchSide(self._clock, self._secret)
        side.protocol = protocolFactory.buildProtocol(_Nowhere())
        assert side.protocol is not None
        self.connections.append(side)
        side.protocol.makeConnection(side)
        return succeed(side.protocol)


@implementer(IAddress)
class _Nowhere:
    """The address of a switch in memory."""


def as_bytes(*headers: tuple[str, str]) -> bytes:
    """One message as Asterisk writes it."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode() + b"\r\n"
