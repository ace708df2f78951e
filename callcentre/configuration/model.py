"""The configuration as the program uses it: frozen values, already validated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ivr.menu import Menu
from ivr.phrases import Phrase, Phrasebook
from routing.ids import CategoryId, HelplineId, LanguageCode, NodeId, Phone, Seconds
from routing.opening_hours import Week
from routing.rules import PLAIN, HelplineRules

Translations = Mapping[LanguageCode, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    name: str
    timezone: str
    languages: tuple[LanguageCode, ...]
    holidays: frozenset[date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    host: str
    port: int
    secure_cookies: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    url: str
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskSettings:
    """What every node has in common."""

    executable: str
    modules_dir: str
    documentation_dir: str
    trunk_addresses: tuple[str, ...]
    trunk_gateway: str
    """Where calls go out; empty for nowhere."""
    codecs: tuple[str, ...]
    disabled_events: tuple[str, ...]
    """Manager events that are not made at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSettings:
    """One Asterisk of the floor, and where it listens."""

    name: NodeId
    address: str
    ami_port: int
    http_port: int
    sip_port: int
    rtp_first: int
    rtp_last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agi:
    addresses: tuple[str, ...]
    max_sessions: int
    max_session_seconds: int

    @property
    def hosts(self) -> tuple[str, ...]:
        """The services' addresses, each once."""
        return tuple(dict.fromkeys(address.rpartition(":")[0] for address in self.addresses))


@dataclass(frozen=True, slots=True, kw_only=True)
class Phones:
    first: int
    count: int

    def names(self) -> tuple[Phone, ...]:
        """Every desk phone, in order of its number."""
        return tuple(Phone(str(number)) for number in range(self.first, self.first + self.count))

    def endpoints(self) -> tuple[str, ...]:
        """Every SIP endpoint: each desk phone, and beside it the browser phone of the same place."""
        return (*self.names(), *(f"b{name}" for name in self.names()))


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingSettings:
    ring_seconds: Seconds
    wrap_up_seconds: Seconds
    missed_offers_limit: int
    order_step_seconds: Seconds
    break_reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    beat_limit_seconds: int
    beat_check_seconds: int
    music: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuSettings:
    """What is the same in the menus and the waiting of every helpline."""

    notice_version: str = ""
    """Of the recording and data notice, kept with each call; empty: no notice is given."""
    place_seconds: Seconds = Seconds(60)
    """How often a waiting caller is told his place; 0 for never."""
    callback_offered_minutes: int = 5
    """A callback is offered to whoever has to wait longer."""
    message_seconds: Seconds = Seconds(120)
    """The longest message."""
    rating: bool = False
    """Whether callers are asked after the talk if their matter is settled, and how they were served."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackSettings:
    """How citizens are called back."""

    caller_id: str
    """What their phones show, unless the helpline has a number of its own for it."""
    ring_seconds: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class CallersSettings:
    """From when on a number is taken to call again and again."""

    often_calls: int
    often_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RationSettings:
    """Where ration cards are asked for."""

    url: str
    """Empty: nowhere."""
    timeout_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgeSettings:
    """From how many callers on surge mode begins by itself; 0: never by that."""

    waiting: int
    arrivals_per_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    id: CategoryId
    name: Translations
    head_start: Seconds | None = None
    """None: the helpline's."""
    matter: Translations | None = None
    """Said before its key, «For no water,»; never None when it is in the menu."""
    emergency: bool = False
    """It stands before all others in the menu."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Helpline:
    """One helpline of one department: its numbers, its names and what people call about."""

    id: HelplineId
    numbers: tuple[str, ...]
    name: Translations
    matter: Translations
    categories: tuple[Category, ...]
    menu: Menu | None = None
    """What its callers choose from; None when they come to its people at once."""
    office: Translations | None = None
    """Hours and addresses of its offices, as they are spoken; None when nobody has said."""
    rules: HelplineRules = PLAIN
    trunks: int | None = None
    """How many calls its numbers take at once on each Asterisk, those in the menu included."""
    caller_id: str = ""
    """Empty: the site's."""
    settle_days: int | None = None
    """Within how many days its department settles a complaint; None when it has promised none."""
    week: Week | None = None
    """Its hours; None when it is open always, on holidays too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A district an agent can name in a ticket."""

    id: str
    """The number of its vehicle code: 01 for KL-01."""
    census: int
    name: Translations


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What callers hear in one language; `ivr.wording` says what there must be."""

    language: LanguageCode
    voice: str
    prompts: Mapping[str, str]
    """By the prompt's name."""
    press: Mapping[str, str]
    digits: Mapping[str, str]
    phrases: Mapping[str, Phrase]
    words: Mapping[str, str]
    """By the sound's name, such as ``weekday/0``."""
    minute: Mapping[str, str]
    """How minutes are said behind the hour: ``one``, and ``few`` and ``many`` with a ``{number}``."""
    number: Mapping[str, str]
    """Corrections of number words, by what follows ``number/`` in the sound's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    site: Site
    http: Http
    database: DatabaseSettings
    asterisk: AsteriskSettings
    nodes: tuple[NodeSettings, ...]
    """The node of ``[asterisk]`` first, then those of ``[nodes.*]``."""
    agi: Agi
    phones: Phones
    routing: RoutingSettings
    waiting: Waiting
    callback: CallbackSettings
    callers: CallersSettings
    ration: RationSettings
    menus: MenuSettings
    surge: SurgeSettings
    helplines: Mapping[HelplineId, Helpline]
    districts: tuple[District, ...]
    texts: Mapping[LanguageCode, Texts]

    @property
    def phrasebook(self) -> Phrasebook:
        """The sentences with slots, in every language."""
        return {language: texts.phrases for language, texts in self.texts.items()}

    def helpline_of(self, number: str) -> Helpline | None:
        """The helpline a dialled number belongs to."""
        return next((h for h in self.helplines.values() if number in h.numbers), None)

    def never_called_back(self) -> tuple[HelplineId, ...]:
        """The helplines with rules of their own for callbacks, while there is no gateway to call through."""
        if self.asterisk.trunk_gateway:
            return ()
        lines = self.helplines.values()
        return tuple(h.id for h in lines if h.caller_id or h.rules.callback != PLAIN.callback)

    def caller_id_of(self, helpline: HelplineId) -> str:
        """What a citizen's phone shows whom the helpline calls back."""
        known = self.helplines.get(helpline)
        return (known.caller_id if known else "") or self.callback.caller_id
