"""The Civil Supplies Department for tests and the demonstration: a card's number tells what it does.

    1000000001 … 4     a card of each kind; the last is not valid any more
    1000000090         answers when told to, in the demonstration after ten seconds
    1000000091         has an error of its own (500)
    1000000092         shows a page of a proxy
    1000000093         does not end
    1000000094         hangs up in the middle of the answer
    1000000095         speaks of another card
    1000000096         knows a fifth kind of card
    others             are not known (404)

Usage: python -m tests.protocol.parts.ration_office PORT KEY-FILE
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

PATH = b"/ratcr/certificate"
CLIENT, KEY = "in.gov.kerala.callcentre.demo", "not-a-secret"
JSON, HTML = "application/json", "text/html"
CARDS = {
    "1000000001": ("AAY", "A", 5),
    "1000000002": ("PHH", "A", 4),
    "1000000003": ("NPS", "A", 3),
    "1000000004": ("NPNS", "I", 0),
}
LATE, BROKEN, PAGE, ENDLESS, CUT, OTHER, FIFTH = (f"10000000{n}" for n in range(90, 97))
LATE_SECONDS = 10.0


@dataclass(frozen=True)
class Exchange:
    """What was asked, and what was answered; the status is 0 when it was no answer."""

    headers: dict[str, str]
    body: bytes
    status: int = 0
    content_type: str = ""
    answer: bytes = b""


class RationOffice(Resource):
    """The service's whole tree."""

    isLeaf = True

    def __init__(self, *, later: Callable[[Callable[[], object]], object]) -> None:
        """*later* is given what is to be done late."""
        super().__init__()
        self.exchanges: list[Exchange] = []
        self._later = later

    def render_POST(self, request: Request) -> Any:
        """One question."""
        if request.path != PATH:
            return self._answer(request, 404, _error("url_not_found", "Your API url or path is incorrect"))
        if (request.getHeader("x-apisetu-clientid"), request.getHeader("x-apisetu-apikey")) != (CLIENT, KEY):
            return self._answer(request, 401, _error("invalid_authentication", "Authentication failed"))
        asked = json.loads(request.content.getvalue())
        return self._card(request, asked["certificateParameters"]["rationCardNo"])

    def _card(self, request: Request, number: str) -> Any:
        match number:
            case _ if number in CARDS:
                return self._answer(request, 200, _certificate(number, *CARDS[number]))
            case _ if number == LATE:
                self._later(lambda: _finish(request, _certificate(number, "PHH", "A", 4)))
                return NOT_DONE_YET
            case _ if number == BROKEN:
                return self._answer(request, 500, _error("internal_server_error", "Internal server error"))
            case _ if number == PAGE:
                return self._answer(request, 200, b"<html>Sign in to the proxy</html>", HTML)
            case _ if number == ENDLESS:
                for _ in range(64):
                    request.write(b" " * 1024)
                return NOT_DONE_YET
            case _ if number == CUT:
                request.setHeader("content-length", "500")
                request.write(b'{"status": ')
                request.loseConnection()
                return NOT_DONE_YET
            case _ if number == OTHER:
                return self._answer(request, 200, _certificate("1000000001", "AAY", "A", 5))
            case _ if number == FIFTH:
                return self._answer(request, 200, _certificate(number, "GOLD", "A", 5))
        return self._answer(request, 404, _error("record_not_found", "No record found"))

    def _answer(self, request: Request, status: int, body: bytes, content_type: str = JSON) -> bytes:
        headers = {name.decode().lower(): values[0].decode() for name, values in _headers(request)}
        self.exchanges.append(Exchange(headers, request.content.getvalue(), status, content_type, body))
        request.setResponseCode(status)
        request.setHeader("content-type", content_type)
        return body


def _headers(request: Request) -> Any:
    return request.requestHeaders.getAllRawHeaders()


def _finish(request: Request, body: bytes) -> None:
    if not request._disconnected:
        request.write(body)
        request.finish()


def _certificate(number: str, kind: str, status: str, members: int) -> bytes:
    told = {
        "status": status,
        "number": number,
        "CertificateData": {"RationCard": {"type": kind, "members": members}},
    }
    return json.dumps(told).encode()


def _error(error: str, description: str) -> bytes:
    return json.dumps({"error": error, "errorDescription": description}).encode()


def write_key(path: Path) -> None:
    """Write the key that this service knows, as an operator would; his own is not replaced."""
    if path.exists() and CLIENT not in path.read_text(encoding="utf-8"):
        sys.exit(f"{path} holds the key of another service: use another data folder")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"client_id": CLIENT, "api_key": KEY}, file)


def main(port: int, key: Path) -> None:
    """Serve on this machine until ended."""
    from twisted.internet import reactor  # noqa: TID251

    write_key(key)
    office = RationOffice(later=lambda work: reactor.callLater(LATE_SECONDS, work))  # type: ignore[attr-defined]
    reactor.listenTCP(port, Site(office), interface="127.0.0.1")  # type: ignore[attr-defined]
    reactor.run()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
