"""One request and its answer, as the console's handlers see them."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from twisted.web.server import Request

from agents_ui.ports import Visit
from agents_ui.translations import INTERFACE_LANGUAGES, preferred
from routing.ids import LanguageCode

SESSION: Final = "desk"
GATE: Final = "gate"
"""Seals the sign-in form of a browser that has no session yet."""
LANGUAGE: Final = "language"

# RFC 6265bis: browsers take such a cookie only over TLS, for this host alone; no subdomain can set it.
HOST_ONLY: Final = "__Host-"


class Unreadable(ValueError):
    """A form that is not UTF-8; the client's."""


class Exchange:
    """What a browser asked, and what it is told besides the body."""

    def __init__(self, request: Request, *, secure: bool) -> None:
        self.request = request
        self.visit: Visit | None = None
        self._secure = secure

    @property
    def visitor(self) -> Visit:
        """Whoever a guarded route let in; ours to have asked only there."""
        if self.visit is None:
            raise AssertionError("a public route asked who is signed in")
        return self.visit

    @property
    def wants_fragment(self) -> bool:
        """Whether a script will put the answer into the page it came from."""
        return self.request.getHeader("hx-request") == "true"

    @property
    def language(self) -> LanguageCode:
        """In which to answer."""
        if self.visit is not None:
            return self.visit.account.language
        chosen = LanguageCode(self.cookie(LANGUAGE))
        if chosen in INTERFACE_LANGUAGES:
            return chosen
        return preferred(self.request.getHeader("accept-language") or "")

    def field(self, name: str) -> str:
        """A field of the form or the query, empty when absent.  Raises Unreadable."""
        value: bytes = self.request.args.get(name.encode(), [b""])[0]
        try:
            return value.decode()
        except UnicodeDecodeError as wrong:
            raise Unreadable(name) from wrong

    def fields(self, name: str) -> tuple[str, ...]:
        """Every value of a field of which there may be several.  Raises Unreadable."""
        try:
            return tuple(value.decode() for value in self.request.args.get(name.encode(), []))
        except UnicodeDecodeError as wrong:
            raise Unreadable(name) from wrong

    def cookie(self, name: str) -> str:
        """What the browser keeps for us under *name*; empty when nothing."""
        kept = self.request.getCookie(self._full(name).encode())
        return "" if kept is None else kept.decode("latin-1")

    def keep(self, name: str, value: str) -> None:
        """Have the browser keep *value* until it is closed, out of reach of scripts and other sites."""
        self.request.addCookie(
            self._full(name), value, path="/", httpOnly=True, secure=self._secure, sameSite="strict"
        )

    def forget(self, name: str) -> None:
        """Have the browser drop what it keeps under *name*."""
        self.request.addCookie(
            self._full(name),
            "",
            path="/",
            max_age="0",
            httpOnly=True,
            secure=self._secure,
            sameSite="strict",
        )

    def see_other(self, path: str) -> str:
        """Answer a form by a page to be fetched; *path* is one of ours, never what a request said."""
        parts = urlsplit(path)
        if parts.scheme or parts.netloc or not path.startswith("/"):
            raise AssertionError(f"{path!r} leads out of the console")
        self.request.setResponseCode(303)
        self.request.setHeader("Location", path)
        return ""

    def _full(self, name: str) -> str:
        return HOST_ONLY + name if self._secure else name
