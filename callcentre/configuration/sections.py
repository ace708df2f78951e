"""Each section of the configuration files, read from its table into its dataclass."""

from __future__ import annotations

import ipaddress
import zoneinfo
from urllib.parse import urlsplit

from callcentre.configuration.model import (
    Agi,
    AsteriskSettings,
    CallbackSettings,
    CallersSettings,
    DatabaseSettings,
    District,
    Http,
    MenuSettings,
    NodeSettings,
    Phones,
    RationSettings,
    RoutingSettings,
    Site,
    SurgeSettings,
    Translations,
    Waiting,
)
from callcentre.configuration.table import Table
from callcentre.telephony.events import EVENTS_READ
from routing.ids import LanguageCode, NodeId, Seconds

WORD = r"[a-z][a-z0-9_-]{0,31}"
A_WORD = "a short name of small letters, digits, - and _"
# What the console's pages are written in.
INTERFACE_LANGUAGES = (LanguageCode("en"), LanguageCode("ml"))
LANGUAGE = r"[a-z]{2,3}"
NODE = r"[a-z][a-z0-9]{0,15}"
A_NODE = "a short name such as node1"
ADDRESS = r"[0-9A-Za-z.:_-]+"
# The dialplan's own separators, and what a SIP user part may not hold, stay out of rendered files.
PATH = r"/[^\x00-\x1f;]+"
NUMBER = r"[0-9]{3,15}"
A_NUMBER = "a number in quotes, digits only"
# Citizens' numbers and our key go there: in the clear only to a service on this machine, as in tests.
SERVICE_URL = r"|(https://([0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]+\])|http://127\.0\.0\.1)(:[0-9]{1,5})?(/[!-~]*)?"
PLAIN = r"[^\x00-\x1f;\[\]]+"
LAST_PORT = 65_535
# Each is chosen by a key, and spoken in turn before anything else.
LANGUAGE_LIMIT = 5
# It is written on the caller's channel.
VERSION = r"|[0-9A-Za-z][0-9A-Za-z._-]{0,31}"
# Sooner, a caller hears little but where he stands.
SHORTEST_PLACE_SECONDS = 20


def site(table: Table) -> Site:
    value = Site(
        name=table.text("name", pattern=PLAIN, means="the name of the call centre"),
        timezone=table.text("timezone"),
        languages=_languages(table),
        holidays=table.dates("holidays"),
    )
    if value.timezone and not _is_timezone(value.timezone):
        table.fault("timezone", f"{value.timezone!r} is not a time zone", 'Write one such as "Asia/Kolkata".')
    return value


def _is_timezone(name: str) -> bool:
    # A folder of zones is an OSError, a path out of the database a ValueError.
    try:
        return bool(zoneinfo.ZoneInfo(name))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _languages(table: Table) -> tuple[LanguageCode, ...]:
    """The languages; none when they are faulty, for then nobody can say which translations are wanted."""
    codes = table.texts("languages", pattern=LANGUAGE, means='a language code such as "ml"')
    if len(codes) > LANGUAGE_LIMIT:
        remedy = f"Callers choose by a key, 1 to {LANGUAGE_LIMIT}."
        table.fault("languages", f"{len(codes)} are too many", remedy)
    return () if table.faulty("languages") else tuple(LanguageCode(code) for code in codes)


def http(table: Table) -> Http:
    return Http(
        host=table.text("host", pattern=ADDRESS, means="an address to listen on"),
        port=_port(table, "port"),
        secure_cookies=table.flag("secure_cookies"),
    )


def database(table: Table) -> DatabaseSettings:
    return DatabaseSettings(
        url=table.text(
            "url",
            pattern=r"|sqlite:///.+|postgresql\+psycopg://.+",
            means="empty, sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME",
            shown=False,
        ),
        threads=table.whole("threads", low=1, high=64),
    )


def asterisk(table: Table) -> tuple[AsteriskSettings, NodeSettings]:
    """What all nodes have in common, and the first of them."""
    value = AsteriskSettings(
        executable=table.text("executable", pattern=PLAIN, means="a command or path"),
        modules_dir=table.text("modules_dir", pattern=PATH, means="an absolute path"),
        documentation_dir=table.text("documentation_dir", pattern=PATH, means="an absolute path"),
        trunk_addresses=table.texts(
            "trunk_addresses", pattern=r"[0-9a-fA-F.:/]+", means="an IP address or network"
        ),
        trunk_gateway=table.text(
            "trunk_gateway", pattern=r"|[0-9A-Za-z._-]+(:[0-9]{1,5})?", means='empty, or "address:port"'
        ),
        codecs=table.texts("codecs", pattern=r"[a-z0-9]+", means="a codec's name such as alaw"),
        disabled_events=table.texts(
            "disabled_events",
            pattern=rf"(?!(?i:{'|'.join(EVENTS_READ)})$)[A-Za-z]+",
            means="an event that the service does not read",
            optional=True,
        ),
    )
    _check_trunk(table, value)
    return value, node(table, table.text("node", pattern=NODE, means=A_NODE))


def node(table: Table, name: str) -> NodeSettings:
    value = NodeSettings(
        name=NodeId(name),
        address=_own_address(table),
        ami_port=_port(table, "ami_port"),
        http_port=_port(table, "http_port"),
        sip_port=_port(table, "sip_port"),
        rtp_first=_port(table, "rtp_first"),
        rtp_last=_port(table, "rtp_last"),
    )
    known = not (table.faulty("rtp_first") or table.faulty("rtp_last"))
    if known and value.rtp_last - value.rtp_first < 4:
        table.fault("rtp_last", "the range has no room for a call", "Give each call four ports.")
    return value


def _own_address(table: Table) -> str:
    """Asterisk listens on it, and lets nobody but it log in: neither a name nor 0.0.0.0 will do."""
    means = "an IPv4 address of this machine, such as 127.0.0.1"
    value = table.text("address", pattern=r"[0-9.]+", means=means)
    if not _is_own_address(value) and not table.faulty("address"):
        table.fault("address", f"{value!r} is not {means}", f"Write {means}.")
    return value


def _is_own_address(value: str) -> bool:
    try:
        return ipaddress.IPv4Address(value) != ipaddress.IPv4Address("0.0.0.0")  # noqa: S104
    except ValueError:
        return False


def _check_trunk(table: Table, value: AsteriskSettings) -> None:
    for address in value.trunk_addresses:
        try:
            ipaddress.ip_network(address, strict=False)
        except ValueError:
            table.fault(
                "trunk_addresses", f"{address!r} is not an address", "Write an IP address or network."
            )


def agi(table: Table) -> Agi:
    value = Agi(
        addresses=table.texts(
            "addresses", pattern=r"[0-9.]+:[0-9]{1,5}", means='"host:port", the host an IPv4 address'
        ),
        max_sessions=table.whole("max_sessions", low=1, high=10_000),
        max_session_seconds=table.whole("max_session_seconds", low=30, high=7200),
    )
    for address in value.addresses:
        host, _, port = address.rpartition(":")
        # A service speaks to Asterisk's manager from there, which lets in nobody else and resolves no name.
        if not _is_own_address(host):
            table.fault("addresses", f"{host!r} is no address of a service", "Write an IPv4 address.")
        if not 1 <= int(port) <= LAST_PORT:
            table.fault("addresses", f"{address!r} has no such port", f"Ports are 1 to {LAST_PORT}.")
    return value


def phones(table: Table) -> Phones:
    return Phones(
        first=table.whole("first", low=100, high=99_999), count=table.whole("count", low=2, high=2000)
    )


def routing(table: Table) -> RoutingSettings:
    return RoutingSettings(
        ring_seconds=Seconds(table.whole("ring_seconds", low=3, high=120)),
        wrap_up_seconds=Seconds(table.whole("wrap_up_seconds", low=0, high=1800)),
        missed_offers_limit=table.whole("missed_offers_limit", low=1, high=20),
        order_step_seconds=Seconds(table.whole("order_step_seconds", low=0, high=600)),
        break_reasons=table.texts("break_reasons", pattern=WORD, means=A_WORD),
    )


def waiting(table: Table) -> Waiting:
    return Waiting(
        beat_limit_seconds=table.whole("beat_limit_seconds", low=2, high=60),
        beat_check_seconds=table.whole("beat_check_seconds", low=1, high=30),
        music=table.text("music", pattern=rf"(?!general$){WORD}", means=f'{A_WORD}, not "general"'),
    )


def callback(table: Table) -> CallbackSettings:
    return CallbackSettings(
        caller_id=table.text("caller_id", pattern=NUMBER, means=A_NUMBER),
        ring_seconds=Seconds(table.whole("ring_seconds", low=10, high=120)),
    )


def callers(table: Table) -> CallersSettings:
    return CallersSettings(
        often_calls=table.whole("often_calls", low=1, high=1000),
        often_minutes=table.whole("often_minutes", low=1, high=1440),
    )


def ration(table: Table) -> RationSettings:
    value = RationSettings(
        url=table.text("url", pattern=SERVICE_URL, means="empty, or an https:// address"),
        timeout_seconds=table.number("timeout_seconds", low=0.2, high=2.5),
    )
    if not table.faulty("url") and not _has_port(value.url):
        table.fault("url", f"{value.url!r} has no such port", f"Ports are 1 to {LAST_PORT}.")
    return value


def _has_port(url: str) -> bool:
    """Whether the port of *url*, if it names one, is one that there is."""
    try:
        port = urlsplit(url).port
    except ValueError:
        return False
    return port is None or port >= 1


def menus(table: Table) -> MenuSettings:
    plain = MenuSettings()
    value = MenuSettings(
        notice_version=_version(table) if table.given("notice_version") else plain.notice_version,
        place_seconds=Seconds(table.whole_or("place_seconds", plain.place_seconds, low=0, high=3600)),
        callback_offered_minutes=table.whole_or(
            "callback_offered_minutes", plain.callback_offered_minutes, low=0, high=120
        ),
        message_seconds=Seconds(table.whole_or("message_seconds", plain.message_seconds, low=10, high=600)),
        rating=table.flag("rating") if table.given("rating") else plain.rating,
    )
    if 0 < value.place_seconds < SHORTEST_PLACE_SECONDS:
        remedy = f"Write {SHORTEST_PLACE_SECONDS} or more, or 0 for never."
        table.fault("place_seconds", f"{value.place_seconds} leaves no time for music", remedy)
    return value


def _version(table: Table) -> str:
    return table.text("notice_version", pattern=VERSION, means='empty, or a short word such as "2026-1"')


def surge(table: Table) -> SurgeSettings:
    return SurgeSettings(
        waiting=table.whole("waiting", low=0, high=100_000),
        arrivals_per_minute=table.whole("arrivals_per_minute", low=0, high=10_000),
    )


def translations(table: Table, languages: tuple[LanguageCode, ...]) -> Translations:
    """The text in each language; the table may hold nothing else that has not been read."""
    value = {language: table.text(language, means=f"the text in {language}") for language in languages}
    if languages:
        table.finish()
    return value


def district(table: Table) -> District:
    code = table.text("code", pattern=r"[0-9]{2}", means="two digits such as 01")
    census = table.whole("census", low=1, high=9_999)
    return District(id=code, census=census, name=translations(table, INTERFACE_LANGUAGES))


def _port(table: Table, key: str) -> int:
    return table.whole(key, low=1, high=LAST_PORT)
