"""Keeps strangers' pages, scripts and oversized bodies out of the console.

A form is ours when it carries the seal of its browser (an HMAC under a secret only that browser's session
has) and the browser does not say that another site sent it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import IResource
from twisted.web.server import Request, Site

# The longest form: 4,000 characters of Malayalam are 36 kB once percent-encoded, and there are other fields.
LONGEST_BODY: Final = 65_536

# img-src data: the chevrons and ticks of the style sheet we vendor are data URIs.
PAGE_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer, which makes browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    "Cache-Control": "no-store",
}

_TOO_LARGE: Final = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def seal(secret: str) -> str:
    """What a form must carry to be from the browser that holds *secret*."""
    return hmac.new(secret.encode(), b"console form", "sha256").hexdigest()


def is_sealed(secret: str, shown: str) -> bool:
    """Whether *shown* is the seal of *secret*; the time it takes says nothing about either."""
    return hmac.compare_digest(seal(secret).encode(), shown.encode("utf-8", "replace"))


def is_from_here(request: Request) -> bool:
    """Whether nothing says that another site sent *request*: Fetch Metadata, else Origin."""
    site = request.getHeader("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.getHeader("origin")
    # The scheme is not compared: a proxy in front of us may speak TLS where we do not.
    return origin is None or urlsplit(origin).netloc == request.getHeader("host")


class BoundedRequest(Request):
    """A request whose body may not be longer than any form of ours: a longer one is refused as it arrives."""

    _received = 0
    _refused = False

    def gotLength(self, length: int | None) -> None:
        too_long = length is not None and length > LONGEST_BODY
        # A place for the body is not even made ready.
        super().gotLength(0 if too_long else length)
        if too_long:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > LONGEST_BODY:
            self._refuse()
        if not self._refused:
            super().handleContentChunk(data)

    def process(self) -> None:
        if not self._refused:
            super().process()

    def _refuse(self) -> None:
        if not self._refused:
            self._refused = True
            self.channel.write(_TOO_LARGE)
            self.channel.loseConnection()


def console_site(root: IResource, clock: IReactorTime) -> Site:
    """The Site to listen with: no body is longer than LONGEST_BODY."""
    return Site(root, requestFactory=BoundedRequest, reactor=clock)
