"""What the console shows, and what it asks for: the values it renders and the ports it needs.

Views carry ids; their names come from ``ConsoleOptions``.  Whatever may touch storage is awaited.
Sessions and tickets must go on while the database is away (from memory, into the journal); what cannot,
raises StorageAway.

Errors::

    Exception
    ├── DeskError     the user's: an answer 409 with the fault's stable code, shown on the page
    └── StorageAway   theirs: an answer 503, "try again shortly"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, TypeAlias

from routing.agent import AgentState, Intent
from routing.ids import AgentId, CallId, HelplineId, Instant, LanguageCode, Phone


class Role(Enum):
    """What a person may do in the console; the values of the accounts' own roles."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class DeskFault(Enum):
    """Why the desk refuses; the value is the stable code of the answer."""

    NO_PHONE = "no_phone"
    PHONE_TAKEN = "phone_taken"
    PHONE_UNREACHABLE = "phone_unreachable"
    NOT_AT_PHONE = "not_at_phone"
    REASON_UNKNOWN = "reason_unknown"
    ROUTER_AWAY = "router_away"
    NO_DOCKET_LEFT = "no_docket_left"


class FieldFault(Enum):
    """What is wrong with a field of the ticket form; the values of the tickets' own faults."""

    REQUIRED = "required"
    TOO_LONG = "too_long"
    UNKNOWN = "unknown"
    CONTROL_CHARACTER = "control_character"
    NOT_A_PINCODE = "not_a_pincode"


class DeskError(Exception):
    """What the agent asked for cannot be done now."""

    def __init__(self, fault: DeskFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class StorageAway(Exception):
    """The question cannot be answered while the database is away."""


# --- accounts and sessions -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may sign in."""

    name: str
    display_name: str
    role: Role
    language: LanguageCode
    """In which the interface speaks to them."""

    @property
    def agent(self) -> AgentId:
        """The account's id on the floor."""
        return AgentId(self.name)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The name and the password belong together."""

    account: Account


@dataclass(frozen=True, slots=True)
class Refused:
    """They do not, or the account is barred; which, is not said."""


@dataclass(frozen=True, slots=True)
class LockedOut:
    """Too many wrong passwords for this name; nothing is looked at before *until*."""

    until: Instant


SignIn: TypeAlias = SignedIn | Refused | LockedOut


class Accounts(Protocol):
    """Who people are."""

    async def authenticate(self, name: str, password: str) -> SignIn:
        """Whether *password* is *name*'s.  Raises StorageAway."""

    async def remember_language(self, name: str, language: LanguageCode) -> None:
        """Speak *language* to *name* from now on, in every session.  Raises StorageAway."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in browser: whose it is, and the secret its forms are sealed with."""

    account: Account
    csrf_secret: str = field(repr=False)


class Sessions(Protocol):
    """Which browsers are signed in."""

    async def open_session(self, name: str) -> str:
        """Sign a browser of *name* in; return the token for its cookie.  Raises StorageAway."""

    async def visit(self, token: str, *, touch: bool) -> Visit | None:
        """Whose browser shows *token*, None when nobody's or not any more; *touch* restarts its idle limit.

        Raises StorageAway when that cannot be known.
        """

    async def close_session(self, token: str) -> None:
        """Sign the browser out; nothing happens when it is not signed in.  Raises StorageAway."""


# --- the desk ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCard:
    """The call in an agent's hands, from the offer to the end of her wrap-up."""

    call: CallId
    caller: str = field(repr=False)
    """Normalised, ``+91XXXXXXXXXX`` where it could be; empty when withheld."""
    language: LanguageCode
    helpline: HelplineId
    queued_at: Instant
    answered_at: Instant | None = None
    docket: str = ""
    """Of the newest ticket registered for this call; empty while there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskView:
    """All that an agent's desk shows at one moment."""

    state: AgentState
    since: Instant
    phone: Phone
    """Where she sits, or would sit; empty when she has no phone."""
    intent: Intent | None = None
    reason: str = ""
    """Of her break, one of the site's reasons; of a missed offer in the switch's words, not shown."""
    card: CallCard | None = None
    waiting: Mapping[HelplineId, int] = field(default_factory=dict)
    """How many callers wait, for each helpline of hers."""
    wrap_up_until: Instant | None = None


class Desk(Protocol):
    """What an agent can ask for.  Done when the answer is known and stored; all raise DeskError."""

    async def log_in(self, agent: AgentId) -> None:
        """She takes her place at her phone; repeating it changes nothing."""

    async def available(self, agent: AgentId) -> None:
        """She wants calls; also ends a wrap-up, a break or a missed state early."""

    async def take_break(self, agent: AgentId, reason: str) -> None:
        """She wants a break: at once when idle, else after the call in hand."""

    async def log_out(self, agent: AgentId) -> None:
        """She wants to go: at once when idle, else after the call in hand."""


class DeskViews(Protocol):
    """How desks look."""

    async def view(self, agent: AgentId) -> DeskView:
        """Her desk now; a logged-out one for whoever the floor does not know."""

    def subscribe(self, agent: AgentId, on_change: Callable[[], None]) -> Callable[[], None]:
        """Have *on_change* called, without delay, whenever ``view(agent)`` may differ; return the way out."""


# --- the configuration ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationFault:
    """One thing wrong in the files, in the words of whoever read them, which are English."""

    file: str
    key: str
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationView:
    """How what runs compares to what is in the files."""

    since: Instant
    """When what runs was taken up."""
    changed: tuple[str, ...] = ()
    """Files that are not what they were then."""
    under_way: bool = False
    """True while a changed configuration is being taken up."""
    refused_at: Instant | None = None
    faults: tuple[ConfigurationFault, ...] = ()
    """Why the last one was refused."""
    notes: tuple[str, ...] = ()
    """What was not done when what runs was taken up; in English."""


class SiteConfiguration(Protocol):
    """The site's configuration, for administrators."""

    async def view(self) -> ConfigurationView:
        """How things are now."""

    async def take_up(self) -> None:
        """Take up what is in the files; what came of it is in the view."""


# --- tickets -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketForm:
    """What the agent filled in, as typed; empty means not filled in."""

    call: CallId
    helpline: HelplineId
    language: LanguageCode
    category: str
    caller: str = field(repr=False)
    citizen: str = field(repr=False)
    place: str = field(repr=False)
    pincode: str
    district: str
    """Empty when not chosen: then the one in which the PIN code lies, if it lies in one."""
    description: str = field(repr=False)
    answered_only: bool
    """True when the question was answered and nothing is left for a department to do."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The ticket is safe."""

    docket: str
    """Ten digits."""
    journalled: bool = False
    """True while the database is away: it is in the journal, and its row follows later."""


@dataclass(frozen=True, slots=True)
class Invalid:
    """Nothing was registered; *errors* names the fields of the form, in their order."""

    errors: Mapping[str, FieldFault]


class Tickets(Protocol):
    """Where forms are handed in."""

    async def register(self, agent: AgentId, form: TicketForm) -> Registered | Invalid:
        """Register *form*, with or without a database; also for a call that is over.  Raises DeskError."""


# --- menus ---------------------------------------------------------------------------------------


class Menus(Protocol):
    """What callers go through."""

    @property
    def helplines(self) -> Sequence[HelplineId]:
        """All that callers can dial."""

    async def picture(self, helpline: HelplineId, language: LanguageCode, words: Mapping[str, str]) -> str:
        """The way of *helpline*'s callers, as an SVG element; *words* are ``texts.FLOW`` in *language*."""
