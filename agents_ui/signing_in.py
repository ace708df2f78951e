"""Routes: signing in and out, and the language of the interface."""

from __future__ import annotations

import secrets

from twisted.logger import Logger

from agents_ui import texts
from agents_ui.access import Doors
from agents_ui.exchange import GATE, LANGUAGE, SESSION, Exchange
from agents_ui.live import Streams
from agents_ui.pages import Pages
from agents_ui.ports import (
    Account,
    Accounts,
    Desk,
    DeskError,
    DeskViews,
    LockedOut,
    Role,
    Sessions,
    SignedIn,
    StorageAway,
)
from agents_ui.security import seal
from agents_ui.translations import INTERFACE_LANGUAGES
from routing.agent import AgentState
from routing.ids import Instant, LanguageCode

log = Logger()


class SigningIn:
    """Lets people in and out."""

    def __init__(
        self,
        pages: Pages,
        streams: Streams,
        *,
        accounts: Accounts,
        sessions: Sessions,
        desk: Desk,
        views: DeskViews,
    ) -> None:
        self._pages = pages
        self._streams = streams
        self._accounts = accounts
        self._sessions = sessions
        self._desk = desk
        self._views = views

    def add_to(self, doors: Doors) -> None:
        """Open the routes."""
        doors.get("/login", self.sign_in_page)
        doors.post("/login", self.sign_in, unsealed=self.sign_in_again)
        doors.post("/logout", self.sign_out)
        doors.get("/signed-out", self.signed_out_page)
        doors.post("/language", self.speak)

    async def sign_in_page(self, exchange: Exchange) -> str:
        return self._form(exchange)

    async def sign_in(self, exchange: Exchange) -> str:
        name, password = exchange.field("name").strip(), exchange.field("password")
        answer = await self._accounts.authenticate(name, password)
        if isinstance(answer, SignedIn):
            return await self._let_in(exchange, answer.account)
        if isinstance(answer, LockedOut):
            log.warn("{name} is locked out", name=name)
            return self._form(exchange, code=429, until=answer.until)
        # Not the name: people type their password there.
        log.info("a sign-in was refused", address=str(exchange.request.getClientAddress()))
        return self._form(exchange, code=401, problem=texts.REFUSED)

    async def sign_in_again(self, exchange: Exchange) -> str:
        """The form once more, for one that was open until its cookie was gone."""
        return self._form(exchange, code=403, problem=texts.STALE_PAGE)

    async def sign_out(self, exchange: Exchange) -> str:
        visit = exchange.visitor
        token = exchange.cookie(SESSION)
        try:
            # Nobody's phone rings at an empty chair; with a call in hand she leaves when it is over.
            await self._desk.log_out(visit.account.agent)
        except DeskError as refused:
            log.info("{name} signs out; the floor says {fault}", name=visit.account.name, fault=refused.fault)
        await self._sessions.close_session(token)
        self._streams.end_session(visit.account.agent, token)
        exchange.forget(SESSION)
        return exchange.see_other("/signed-out")

    async def signed_out_page(self, exchange: Exchange) -> str:
        return self._pages.page("signed_out.html", exchange.language)

    async def speak(self, exchange: Exchange) -> str:
        language = LanguageCode(exchange.field("language"))
        if language in INTERFACE_LANGUAGES:
            await self._accounts.remember_language(exchange.visitor.account.name, language)
            exchange.keep(LANGUAGE, language)
        return exchange.see_other("/")

    async def _let_in(self, exchange: Exchange, account: Account) -> str:
        """A new token for every sign-in: one planted in this browser before is worth nothing."""
        if earlier := exchange.cookie(SESSION):
            await self._sessions.close_session(earlier)
            self._streams.end_session(account.agent, earlier)
        language = await self._language_chosen(exchange, account)
        exchange.keep(SESSION, await self._sessions.open_session(account.name))
        exchange.keep(LANGUAGE, language)
        exchange.forget(GATE)
        log.info("{name} signed in", name=account.name)
        if account.role is Role.AGENT:
            await self._seat(account)
        return exchange.see_other("/")

    async def _language_chosen(self, exchange: Exchange, account: Account) -> LanguageCode:
        """The account's language, unless another was chosen on the sign-in page."""
        chosen = LanguageCode(exchange.field("language"))
        if chosen not in INTERFACE_LANGUAGES or chosen == account.language:
            return account.language
        await self._accounts.remember_language(account.name, chosen)
        return chosen

    async def _seat(self, account: Account) -> None:
        """Take the agent's place at her phone, if she has not; the desk says it when that fails."""
        try:
            if (await self._views.view(account.agent)).state is AgentState.LOGGED_OUT:
                await self._desk.log_in(account.agent)
        except (DeskError, StorageAway) as refused:
            log.info("{name} signed in without a phone: {why}", name=account.name, why=str(refused))

    def _form(
        self, exchange: Exchange, *, code: int = 200, problem: str = "", until: Instant | None = None
    ) -> str:
        exchange.request.setResponseCode(code)
        gate = exchange.cookie(GATE) or secrets.token_urlsafe(32)
        exchange.keep(GATE, gate)
        chosen = LanguageCode(exchange.field("language"))
        language = chosen if chosen in INTERFACE_LANGUAGES else exchange.language
        return self._pages.page(
            "sign_in.html",
            language,
            csrf=seal(gate),
            chosen=chosen if chosen in INTERFACE_LANGUAGES else "",
            name=exchange.field("name"),
            problem=problem,
            until=until,
        )
