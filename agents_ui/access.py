"""Who may open what.  Every route has its rule in RULES; one without cannot even be added.

Errors, all the user's::

    Exception
    ├── SignedOut    no session, or not any more: to the sign-in page
    ├── Forbidden    signed in, but not for this
    └── Unsealed     a form that did not come from a page of ours, or from one too old
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from klein import Klein
from twisted.web.resource import IResource
from twisted.web.server import Request

from agents_ui.exchange import GATE, SESSION, Exchange
from agents_ui.ports import Role, Sessions
from agents_ui.security import is_from_here, is_sealed


class SignedOut(Exception):
    """Nobody is signed in at this browser."""


class Forbidden(Exception):
    """Not with this role."""


class Unsealed(Exception):
    """The form did not come from a page of ours."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which roles may pass; None lets anybody in."""

    roles: frozenset[Role] | None


PUBLIC: Final = Rule(None)
SIGNED_IN: Final = Rule(frozenset(Role))
AT_DESKS: Final = Rule(frozenset({Role.AGENT, Role.SUPERVISOR}))
ADMINISTRATORS: Final = Rule(frozenset({Role.ADMIN}))
IN_CHARGE: Final = Rule(frozenset({Role.SUPERVISOR, Role.ADMIN}))

RULES: Final[Mapping[str, Rule]] = {
    "static": PUBLIC,
    "sign_in_page": PUBLIC,
    "sign_in": PUBLIC,
    "signed_out_page": PUBLIC,
    "home": SIGNED_IN,
    "sign_out": SIGNED_IN,
    "speak": SIGNED_IN,
    "desk_page": AT_DESKS,
    "events": AT_DESKS,
    "log_in": AT_DESKS,
    "available": AT_DESKS,
    "take_break": AT_DESKS,
    "log_out": AT_DESKS,
    "fresh_ticket": AT_DESKS,
    "save_ticket": AT_DESKS,
    "find_district": AT_DESKS,
    "saved_ticket": AT_DESKS,
    "configuration_page": ADMINISTRATORS,
    "take_up": ADMINISTRATORS,
    # Whose messages, is the port's to say.
    "messages_page": SIGNED_IN,
    "message_recording": SIGNED_IN,
    "menus_page": IN_CHARGE,
    "announcements_page": IN_CHARGE,
    "announcements_now": IN_CHARGE,
    "announcement_sound": IN_CHARGE,
    "put_up_announcement": IN_CHARGE,
    "end_announcement": IN_CHARGE,
    "switch_surge": IN_CHARGE,
}
"""The rule of each route, by its endpoint."""

Handler: TypeAlias = Callable[..., Awaitable[str | bytes | IResource]]


class Doors:
    """Adds routes to *app*, each behind its rule."""

    def __init__(self, app: Klein, sessions: Sessions, *, secure: bool) -> None:
        self._app = app
        self._sessions = sessions
        self._secure = secure

    def get(self, path: str, handler: Handler, *, touch: bool = True) -> None:
        """Let *handler* answer those who open *path*; *touch*: a sign that somebody is at the browser."""
        self._add(path, handler, method="GET", endpoint=handler.__name__, touch=touch)

    def post(self, path: str, handler: Handler, *, unsealed: Handler | None = None) -> None:
        """Let *handler* answer sealed forms sent to *path*; *unsealed* the others, or they are refused."""

        async def sealed_only(exchange: Exchange) -> str | bytes | IResource:
            if is_sealed_here(exchange):
                return await handler(exchange)
            if unsealed is None:
                raise Unsealed()
            return await unsealed(exchange)

        self._add(path, sealed_only, method="POST", endpoint=handler.__name__)

    def _add(self, path: str, handler: Handler, *, method: str, endpoint: str, touch: bool = True) -> None:
        rule = RULES[endpoint]

        async def guarded(request: Request, **places: str) -> str | bytes | IResource:
            exchange = Exchange(request, secure=self._secure)
            await self._let_in(exchange, rule, touch=touch)
            return await handler(exchange, **places)

        self._app.route(path, methods=[method], endpoint=endpoint)(guarded)

    async def _let_in(self, exchange: Exchange, rule: Rule, *, touch: bool) -> None:
        if rule.roles is None:
            return
        token = exchange.cookie(SESSION)
        exchange.visit = await self._sessions.visit(token, touch=touch) if token else None
        if exchange.visit is None:
            raise SignedOut()
        if exchange.visit.account.role not in rule.roles:
            raise Forbidden()


def is_sealed_here(exchange: Exchange) -> bool:
    """Whether the form came from a page of ours in this very browser."""
    secret = exchange.cookie(GATE) if exchange.visit is None else exchange.visit.csrf_secret
    return bool(secret) and is_sealed(secret, exchange.field("csrf")) and is_from_here(exchange.request)
