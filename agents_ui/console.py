"""Puts the console together.

``console(...)`` gives the resource to hand to ``console_site``; ``putChild`` mounts others, such as
``/health``, beside it.  Importing this module imports klein, which installs the default reactor unless
there is one: import it where the reactor is already chosen.

The HTTP boundary is here: what no handler answered becomes a page or a notice, and what is our own fault
is logged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from klein import Klein
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request
from werkzeug.exceptions import HTTPException, NotFound

from agents_ui import texts
from agents_ui.access import Doors, Forbidden, SignedOut, Unsealed
from agents_ui.announcement_ports import Announcements
from agents_ui.announcements import AnnouncementsPage
from agents_ui.assets import MOUNTED_AT, Asset, Assets
from agents_ui.configuration import ConfigurationPage
from agents_ui.desk import AgentDesk
from agents_ui.exchange import Exchange, Unreadable
from agents_ui.live import Streams
from agents_ui.menus import MenusPage
from agents_ui.message_ports import Messages
from agents_ui.messages import MessagesPage
from agents_ui.options import ConsoleOptions
from agents_ui.pages import Pages
from agents_ui.pincodes import PinCodes
from agents_ui.ports import (
    Accounts,
    Desk,
    DeskViews,
    Menus,
    Sessions,
    SiteConfiguration,
    StorageAway,
    Tickets,
)
from agents_ui.security import PAGE_HEADERS
from agents_ui.signing_in import SigningIn

log = Logger()

# The address carries the version: what is there never changes.
CACHED_FOR_EVER: Final = "public, max-age=31536000, immutable"
# A font named by a style sheet has no version in its address.
CACHED_FOR_A_DAY: Final = "public, max-age=86400"


def console(
    *,
    accounts: Accounts,
    sessions: Sessions,
    desk: Desk,
    views: DeskViews,
    tickets: Tickets,
    configuration: SiteConfiguration,
    announcements: Announcements,
    menus: Menus,
    pincodes: PinCodes,
    messages: Messages,
    clock: IReactorTime,
    options: ConsoleOptions,
) -> Console:
    """The whole console as one resource."""
    assets = Assets()
    pages = Pages(options, assets)
    streams = Streams()
    app = Klein()
    doors = Doors(app, sessions, secure=options.secure_cookies)
    StaticFiles(assets).add_to(doors)
    SigningIn(pages, streams, accounts=accounts, sessions=sessions, desk=desk, views=views).add_to(doors)
    AgentDesk(
        pages,
        streams,
        desk=desk,
        views=views,
        tickets=tickets,
        pincodes=pincodes,
        sessions=sessions,
        clock=clock,
    ).add_to(doors)
    ConfigurationPage(pages, configuration).add_to(doors)
    AnnouncementsPage(pages, announcements, clock=clock, zone=options.timezone).add_to(doors)
    MessagesPage(pages, messages).add_to(doors)
    MenusPage(pages, menus).add_to(doors)
    Boundary(pages, secure=options.secure_cookies).add_to(app)
    return Console(app)


class Console(Resource):
    """The console at the root of a site, with room for other resources beside it."""

    def __init__(self, app: Klein) -> None:
        super().__init__()
        self.app = app
        self._leaf = app.resource()

    def getChild(self, path: bytes, request: Request) -> IResource:
        for name, value in PAGE_HEADERS.items():
            request.setHeader(name, value)
        request.setHeader("Content-Type", "text/html; charset=utf-8")
        if not _is_readable(request):
            return _BadRequest()
        if request.postpath is None or not request.prepath:
            raise AssertionError("a request is being routed before its path was read")
        # Klein reads the whole path; Twisted has taken its first part.
        request.postpath.insert(0, request.prepath.pop())
        return self._leaf


class _BadRequest(Resource):
    """For addresses klein would only complain about."""

    isLeaf = True

    def render(self, request: Request) -> bytes:
        request.setResponseCode(400)
        return b"The address of this request cannot be read."


def _is_readable(request: Request) -> bool:
    try:
        unquote_to_bytes(request.path).decode()
        request.getRequestHostname().decode().encode("idna")
    except UnicodeError:
        return False
    return True


class StaticFiles:
    """Serves style sheets, scripts and fonts."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets

    def add_to(self, doors: Doors) -> None:
        """Open the route."""
        doors.get(f"{MOUNTED_AT}<path:name>", self.static)

    async def static(self, exchange: Exchange, name: str) -> bytes:
        asset = self._assets.find(name)
        if asset is None:
            raise NotFound()
        return _served(exchange, asset)


def _served(exchange: Exchange, asset: Asset) -> bytes:
    request = exchange.request
    versioned = exchange.field("v") == asset.version
    request.setHeader("Cache-Control", CACHED_FOR_EVER if versioned else CACHED_FOR_A_DAY)
    request.setHeader("Content-Type", asset.content_type)
    if request.setETag(asset.version.encode()):
        return b""
    return asset.content


class Boundary:
    """Answers what no handler answered."""

    def __init__(self, pages: Pages, *, secure: bool) -> None:
        self._pages = pages
        self._secure = secure

    def add_to(self, app: Klein) -> None:
        """Take every failure of *app*."""
        answers: tuple[tuple[type[Exception], Callable[[Any, Failure], str]], ...] = (
            (SignedOut, self._signed_out),
            (Forbidden, lambda request, _: self._answer(request, 403)),
            (Unsealed, lambda request, _: self._answer(request, 403, texts.FORM_NOT_OURS)),
            (Unreadable, lambda request, _: self._answer(request, 400)),
            (StorageAway, lambda request, _: self._answer(request, 503)),
            (HTTPException, self._no_route),
            (Exception, self._broken),
        )
        for fault, answer in answers:
            # klein's protocol would have the arguments named as it names them.
            app.handle_errors(fault)(answer)  # type: ignore[arg-type]

    def _signed_out(self, request: Request, _: Failure) -> str:
        exchange = Exchange(request, secure=self._secure)
        if exchange.wants_fragment or request.path == b"/desk/events":
            return self._answer(request, 401, texts.SIGNED_OUT)
        return exchange.see_other("/login")

    def _no_route(self, request: Request, failure: Failure) -> str:
        # werkzeug's redirects among them: their addresses are made of what the request says.
        code = getattr(failure.value, "code", 0)
        return self._answer(request, code if code in texts.ERROR_TITLES else 404)

    def _broken(self, request: Request, failure: Failure) -> str:
        log.failure("{method} {path} failed", failure, method=request.method, path=request.path)
        return self._answer(request, 500)

    def _answer(self, request: Request, code: int, text: str = "") -> str:
        if request.startedWriting:
            # A stream that broke: the browser sees its end and comes back.
            return ""
        exchange = Exchange(request, secure=self._secure)
        request.setResponseCode(code)
        text = text or texts.ERROR_TEXTS[code]
        if exchange.wants_fragment:
            return self._pages.notice(exchange, text, fault=str(code))
        title = texts.ERROR_TITLES[code]
        return self._pages.page("error.html", exchange.language, code=code, title=title, text=text)
