"""A browser without a screen: speaks HTTP to the console's real Site in memory, and keeps cookies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.resource import IResource

from agents_ui.console import console
from agents_ui.security import console_site
from tests.web.parts.console_fakes import DEVI, PASSWORD, FakeFloor, options, ports

NOON = 1_764_000_000.0
HOST = "desk.example"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    code: int
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    """Set-Cookie, whole, by the cookie's name."""
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def seal(self) -> str:
        """The csrf field of the page's first form."""
        return self.hidden("csrf")

    def hidden(self, name: str) -> str:
        """The value of the page's first field of that name."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found is not None, f"no field {name} in:\n{self.text}"
        return found[1]


class Connection:
    """One connection with one request on it."""

    def __init__(self, browser: Browser, sent: bytes) -> None:
        self.transport = StringTransport(
            IPv4Address("TCP", "127.0.0.1", 8080), IPv4Address("TCP", "127.0.0.1", 40000)
        )
        self._clock = browser.clock
        protocol = browser.site.buildProtocol(None)
        assert protocol is not None
        self._protocol = protocol
        protocol.makeConnection(self.transport)
        protocol.dataReceived(sent)

    def received(self) -> bytes:
        """What came since the last look, and is under way."""
        self._clock.advance(0)
        value: bytes = self.transport.value()
        self.transport.clear()
        return value

    def pause(self, paused: bool) -> None:
        """Let the browser be slow, or quick again."""
        producer = self.transport.producer
        assert producer is not None
        if paused:
            producer.pauseProducing()
        else:
            producer.resumeProducing()

    def lose(self) -> None:
        """Break the connection."""
        self._protocol.connectionLost(Failure(ConnectionDone()))


class Browser:
    """Opens pages and sends forms; ``cookies`` is its jar."""

    def __init__(self, root: IResource, clock: Clock) -> None:
        self.clock = clock
        self.site = console_site(root, clock)
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Reply:
        return self._reply(self.open("GET", path, b"", headers))

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Reply:
        body = urlencode(fields).encode()
        kind = {"content_type": "application/x-www-form-urlencoded", **headers}
        return self._reply(self.open("POST", path, body, kind))

    def open(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Connection:
        """Send a request; its answer is on the connection.  HTTP/1.0, for answers without chunks."""
        lines = {"Host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.cookies:
            lines["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body:
            lines["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return Connection(self, f"{method} {path} HTTP/1.0\r\n{head}\r\n".encode() + body)

    def _reply(self, connection: Connection) -> Reply:
        head, _, content = connection.received().partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        assert status, "no answer yet"
        pairs = [line.split(": ", 1) for line in lines]
        cookies = {value.split("=", 1)[0]: value for name, value in pairs if name == "Set-Cookie"}
        for name, value in cookies.items():
            kept = value.split(";")[0].partition("=")[2]
            if "Max-Age=0" in value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = kept
        headers = {name.lower(): value for name, value in pairs if name != "Set-Cookie"}
        return Reply(int(status.split()[1]), headers, cookies, content)


class Stage:
    """A console on a floor in memory, and a browser in front of it."""

    def __init__(self, *, secure: bool = False) -> None:
        self.clock = Clock()
        self.clock.advance(NOON)
        self.floor = FakeFloor(self.clock)
        self.root = console(**ports(self.floor), clock=self.clock, options=options(secure=secure))
        self.browser = Browser(self.root, self.clock)

    def sign_in(self, name: str = DEVI, password: str = PASSWORD, **fields: str) -> Reply:
        """Send the sign-in form as the page shows it."""
        page = self.browser.get("/login")
        return self.browser.post("/login", {"csrf": page.seal, "name": name, "password": password, **fields})

    def ask(self, path: str, fields: Mapping[str, str] | None = None, *, fragment: bool = False) -> Reply:
        """Send a form of the desk, with its seal."""
        headers = {"hx_request": "true"} if fragment else {}
        sealed = {"csrf": self.browser.get("/desk").seal, **(fields or {})}
        return self.browser.post(path, sealed, **headers)

    def ticket(self, fields: Mapping[str, str], *, fragment: bool = True) -> Reply:
        """Send the ticket form of the desk, filled in with *fields*."""
        page = self.browser.get("/desk")
        hidden = {name: page.hidden(name) for name in ("csrf", "submission", "call", "helpline", "language")}
        headers = {"hx_request": "true"} if fragment else {}
        filled = {"disposition": "ticket", **hidden, **fields}
        return self.browser.post("/desk/ticket", filled, **headers)
