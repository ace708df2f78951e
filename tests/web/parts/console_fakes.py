"""The console's ports written by hand: one floor in memory, which notes all it is asked in one transcript."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from agents_ui.options import Choice, ConsoleOptions, Helpline
from agents_ui.ports import (
    Account,
    CallCard,
    ConfigurationFault,
    ConfigurationView,
    DeskError,
    DeskView,
    FieldFault,
    Invalid,
    LockedOut,
    Refused,
    Registered,
    Role,
    SignedIn,
    SignIn,
    StorageAway,
    TicketForm,
    Visit,
)
from callcentre.configuration.reading import read_configuration
from callcentre.console.pincodes import ConsolePinCodes
from routing.agent import HOLDING, AgentState, Intent
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, Phone
from tests.web.parts.board_fake import FakeBoard
from tests.web.parts.messages_fake import FakeMessages

CONFIG = Path(__file__).parents[3] / "config"
ML, EN = LanguageCode("ml"), LanguageCode("en")
KWA, FOOD, RATION = HelplineId("kwa"), HelplineId("food"), HelplineId("ration")
PASSWORD = "monsoon-at-dawn"
DEVI, SIVAN, ADMIN = AgentId("devi"), AgentId("sivan"), AgentId("admin.one")
PEOPLE = {
    DEVI: Account(name=DEVI, display_name="Devi Nair", role=Role.AGENT, language=EN),
    SIVAN: Account(name=SIVAN, display_name="Sivan K", role=Role.SUPERVISOR, language=ML),
    ADMIN: Account(name=ADMIN, display_name="Administrator", role=Role.ADMIN, language=EN),
}
CALLER = "+919876543210"
DOCKET = "2600012345"
WRONG_PINCODES = {"69500", "069500", "abc"}


def _choice(name: str, en: str, ml: str) -> Choice:
    return Choice(name, {EN: en, ML: ml})


HELPLINES = {
    KWA: Helpline(
        KWA,
        {EN: "Kerala Water Authority", ML: "കേരള വാട്ടർ അതോറിറ്റി"},
        (
            _choice("no-water", "No water or low pressure", "വെള്ളമില്ല അല്ലെങ്കിൽ മർദ്ദം കുറവ്"),
            _choice("bill", "Bill", "ബിൽ"),
        ),
    ),
    FOOD: Helpline(
        FOOD,
        {EN: "Food Safety", ML: "ഭക്ഷ്യസുരക്ഷ"},
        (_choice("poisoning", "Food poisoning", "ഭക്ഷ്യവിഷബാധ"),),
    ),
    RATION: Helpline(
        RATION,
        {EN: "Civil Supplies (ration card)", ML: "സിവിൽ സപ്ലൈസ് (റേഷൻ കാർഡ്)"},
        (_choice("status", "Status of an application", "അപേക്ഷയുടെ നില"),),
    ),
}


def options(*, secure: bool = False, helplines: Mapping[HelplineId, Helpline] = HELPLINES) -> ConsoleOptions:
    return ConsoleOptions(
        site_name="Kerala Citizens' Call Centre",
        timezone=ZoneInfo("Asia/Kolkata"),
        helplines=helplines,
        districts=tuple(Choice(d.id, d.name) for d in read_configuration(CONFIG).districts),
        break_reasons=("meal", "tea", "training", "prayer_room"),
        secure_cookies=secure,
    )


class FakeMenus:
    """A picture of each helpline that says in which language it was asked for."""

    helplines = (KWA, FOOD)

    async def picture(self, helpline: HelplineId, language: LanguageCode, words: Mapping[str, str]) -> str:
        return f'<svg lang="{language}"><title>{words["menu"]} {helpline}</title></svg>'


class FakeFloor:
    """Accounts, sessions, desks and tickets of a few people.

    Set ``refusal``, ``away``, ``broken``, ``held`` (tickets) or ``slow`` (views) to make trouble.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self.clock = clock
        self.transcript: list[tuple[Any, ...]] = []
        self.people = dict(PEOPLE)
        self.tokens: dict[str, AgentId] = {}
        self.desks: dict[AgentId, DeskView] = {}
        self.watchers: dict[AgentId, list[Callable[[], None]]] = {}
        self.registered: list[TicketForm] = []
        self.locked_until: Instant | None = None
        self.refusal: DeskError | None = None
        self.away = False
        self.broken = False
        self.held: Deferred[None] | None = None
        self.slow: Deferred[None] | None = None
        self.standing = ConfigurationView(since=Instant(clock.seconds()))
        self.faults: tuple[ConfigurationFault, ...] = ()
        self.board = FakeBoard(clock, self.transcript, tuple(HELPLINES))
        self.menus = FakeMenus()
        self.messages = FakeMessages(frozenset({SIVAN, ADMIN}), self.transcript)
        self._numbers = count(1)

    # Accounts

    async def authenticate(self, name: str, password: str) -> SignIn:
        self.transcript.append(("authenticate", name))
        self._check_storage()
        if self.locked_until is not None:
            return LockedOut(self.locked_until)
        account = self.people.get(AgentId(name))
        return SignedIn(account) if account is not None and password == PASSWORD else Refused()

    async def remember_language(self, name: str, language: LanguageCode) -> None:
        self.transcript.append(("remember_language", name, language))
        self.people[AgentId(name)] = replace(self.people[AgentId(name)], language=language)

    # Sessions

    async def open_session(self, name: str) -> str:
        token = f"token-{next(self._numbers)}"
        self.tokens[token] = AgentId(name)
        return token

    async def visit(self, token: str, *, touch: bool) -> Visit | None:
        self._check_storage()
        agent = self.tokens.get(token)
        return None if agent is None else Visit(self.people[agent], f"secret of {token}")

    async def close_session(self, token: str) -> None:
        self.transcript.append(("close_session", token))
        self.tokens.pop(token, None)

    # Desk

    async def log_in(self, agent: AgentId) -> None:
        self._asked("log_in", agent)
        self.becomes(agent, AgentState.NOT_READY, phone=Phone("1001"))

    async def available(self, agent: AgentId) -> None:
        self._asked("available", agent)
        if self.desk(agent).state in HOLDING:
            self.shows(agent, intent=None)
        else:
            self.becomes(agent, AgentState.AVAILABLE)

    async def take_break(self, agent: AgentId, reason: str) -> None:
        self._asked("take_break", agent, reason)
        if self.desk(agent).card is not None:
            self.shows(agent, intent=Intent(AgentState.ON_BREAK, reason))
        else:
            self.becomes(agent, AgentState.ON_BREAK, reason=reason)

    async def log_out(self, agent: AgentId) -> None:
        self._asked("log_out", agent)
        if self.desk(agent).card is not None:
            self.shows(agent, intent=Intent(AgentState.LOGGED_OUT))
        else:
            self.becomes(agent, AgentState.LOGGED_OUT)

    # DeskViews

    async def view(self, agent: AgentId) -> DeskView:
        if self.broken:
            raise RuntimeError("the view is broken")
        seen = self.desk(agent)
        if self.slow is not None:
            await self.slow
        return seen

    def subscribe(self, agent: AgentId, on_change: Callable[[], None]) -> Callable[[], None]:
        watchers = self.watchers.setdefault(agent, [])
        watchers.append(on_change)
        return lambda: watchers.remove(on_change)

    # Tickets

    async def register(self, agent: AgentId, form: TicketForm) -> Registered | Invalid:
        self.transcript.append(("register", agent, form.call, form.category))
        if self.held is not None:
            await self.held
        if self.refusal is not None:
            raise self.refusal
        errors = {"category": FieldFault.REQUIRED} if not form.category else {}
        if not form.description and not form.answered_only:
            errors["description"] = FieldFault.REQUIRED
        if form.pincode in WRONG_PINCODES:
            errors["pincode"] = FieldFault.NOT_A_PINCODE
        if errors:
            return Invalid(errors)
        self.registered.append(form)
        docket = str(int(DOCKET) + len(self.registered) - 1)
        card = self.desk(agent).card
        if card is not None and card.call == form.call:
            self.shows(agent, card=replace(card, docket=docket))
        return Registered(docket, journalled=self.away)

    # What the test makes happen

    def desk(self, agent: AgentId) -> DeskView:
        return self.desks.setdefault(
            agent,
            DeskView(
                state=AgentState.LOGGED_OUT,
                since=Instant(self.clock.seconds()),
                phone=Phone("1001"),
                waiting={KWA: 3, FOOD: 0, RATION: 1},
            ),
        )

    def shows(self, agent: AgentId, **changes: Any) -> None:
        """Her desk differs in *changes*, and whoever watches is told."""
        self.desks[agent] = replace(self.desk(agent), **changes)
        for watcher in list(self.watchers.get(agent, ())):
            watcher()

    def becomes(self, agent: AgentId, state: AgentState, **changes: Any) -> None:
        """She comes into *state* now."""
        self.shows(agent, **{"state": state, "since": Instant(self.clock.seconds()), "reason": "", **changes})

    def rings(self, agent: AgentId, call: str, *, caller: str = CALLER, helpline: HelplineId = KWA) -> None:
        """A call is offered to her, by one who has waited 95 seconds."""
        card = CallCard(
            call=CallId(call),
            caller=caller,
            language=ML,
            helpline=helpline,
            queued_at=Instant(self.clock.seconds() - 95.0),
        )
        self.becomes(agent, AgentState.RINGING, card=card)

    def answers(self, agent: AgentId) -> None:
        """She takes the call that rings."""
        card = self.desk(agent).card
        assert card is not None
        self.becomes(agent, AgentState.TALKING, card=replace(card, answered_at=Instant(self.clock.seconds())))

    def hangs_up(self, agent: AgentId, *, wrap_up: float = 30.0) -> None:
        """The call is over; she has *wrap_up* seconds to finish."""
        until = Instant(self.clock.seconds() + wrap_up)
        self.becomes(agent, AgentState.WRAP_UP, wrap_up_until=until)

    def wrap_up_ends(self, agent: AgentId) -> None:
        """She is free again."""
        self.becomes(agent, AgentState.AVAILABLE, card=None, wrap_up_until=None)

    def _asked(self, what: str, agent: AgentId, *more: str) -> None:
        self.transcript.append((what, agent, *more))
        if self.refusal is not None:
            raise self.refusal

    def _check_storage(self) -> None:
        if self.away:
            raise StorageAway


class FakeConfiguration:
    """The site's configuration, on the floor's transcript; refused while the floor has ``faults``."""

    def __init__(self, floor: FakeFloor) -> None:
        self._floor = floor

    async def view(self) -> ConfigurationView:
        return self._floor.standing

    async def take_up(self) -> None:
        floor = self._floor
        floor.transcript.append(("take_up",))
        now = Instant(floor.clock.seconds())
        refused = {"faults": floor.faults, "refused_at": now} if floor.faults else {"under_way": True}
        floor.standing = replace(floor.standing, **refused)


def ports(floor: FakeFloor) -> dict[str, Any]:
    """One floor in the place of every port, and its board."""
    return {
        **dict.fromkeys(("accounts", "sessions", "desk", "views", "tickets"), floor),
        "configuration": FakeConfiguration(floor),
        "announcements": floor.board,
        "menus": floor.menus,
        "messages": floor.messages,
        # No part of the floor: what it knows, it knows by itself.
        "pincodes": ConsolePinCodes(district.id for district in options().districts),
    }


def started(work: Coroutine[Any, Any, Any]) -> Deferred[Any]:
    """*work* under way, as a Deferred."""
    return Deferred.fromCoroutine(work)
