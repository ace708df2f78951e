"""The tables.  What a column means is said here; what may be done with it, in the package that owns it.

Moments are UTC seconds since 1970 as double precision floats.  A double holds microseconds exactly at
this size until the year 2106 (its step at 2**32 is 0.48 µs), both databases give back the very bits they
were given, and no conversion stands between a fact's ``at`` and its row.  A fact's texts have no length
limit here: PostgreSQL would refuse what SQLite keeps; limits are checked where the text comes in.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from sqlalchemy import BigInteger, Dialect, Double, ForeignKey, Index, MetaData, Text, TypeDecorator
from sqlalchemy import Enum as OneOf
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from callcentre.announcements.facts import Kind, SurgeCause
from routing.agent import AgentState
from routing.call import CallState
from routing.facts import Turned

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Role(Enum):
    """What a person may do in the console."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Outcome(Enum):
    """How a call ended."""

    COMPLETED_BY_CALLER = "completed_by_caller"
    COMPLETED_BY_AGENT = "completed_by_agent"
    ABANDONED = "abandoned"
    TURNED_AWAY = "turned_away"
    CALLBACK_FAILED = "callback_failed"
    LEFT_MENU = "left_menu"
    SELF_SERVED = "self_served"
    MESSAGE_LEFT = "message_left"
    LOST = "lost"


class TicketState(Enum):
    """Where a ticket stands."""

    REGISTERED = "registered"
    REOPENED = "reopened"
    """Its citizen has said that it is not settled."""


class TextState(Enum):
    """How far an SMS has come."""

    WAITING = "waiting"


class Ids(TypeDecorator[frozenset[str]]):
    """A set of ids, none of which holds a space, as one sorted text: equal sets are equal rows."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: frozenset[str] | None, dialect: Dialect) -> str | None:
        return None if value is None else " ".join(sorted(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[str] | None:
        return None if value is None else frozenset(value.split())


class IdsInOrder(TypeDecorator[tuple[str, ...]]):
    """Ids, none of which holds a space, as one text in their order."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else " ".join(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(value.split())


class SkillLevels(TypeDecorator[frozenset[tuple[str, int]]]):
    """Skills, none of which holds a space, with their levels, as one sorted text: ``language:ml=7 law=3``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: frozenset[tuple[str, int]] | None, dialect: Dialect) -> str | None:
        return None if value is None else " ".join(f"{skill}={level}" for skill, level in sorted(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[tuple[str, int]] | None:
        if value is None:
            return None
        levels = (skill.rpartition("=") for skill in value.split())
        return frozenset((skill, int(level)) for skill, _, level in levels)


def _stored(kind: type[Enum]) -> OneOf:
    """An Enum kept as its value, in a text column that a later value still fits."""
    return OneOf(kind, values_callable=lambda k: [m.value for m in k], native_enum=False, length=32)


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {
        float: Double,
        str: Text,
        frozenset[str]: Ids,
        tuple[str, ...]: IdsInOrder,
        frozenset[tuple[str, int]]: SkillLevels,
        Role: _stored(Role),
        Outcome: _stored(Outcome),
        TicketState: _stored(TicketState),
        TextState: _stored(TextState),
        Kind: _stored(Kind),
        SurgeCause: _stored(SurgeCause),
        AgentState: _stored(AgentState),
        CallState: _stored(CallState),
        Turned: _stored(Turned),
    }


# --- people --------------------------------------------------------------------------------------


class User(Base):
    """Somebody who may sign in to the console."""

    __tablename__ = "users"

    name: Mapped[str] = mapped_column(primary_key=True)
    """The login name; also the agent's id on the floor."""
    display_name: Mapped[str]
    password_hash: Mapped[str]
    """Argon2id, in its own encoded form with parameters and salt."""
    role: Mapped[Role]
    phone: Mapped[str | None]
    """The phone the agent logs in at unless told otherwise."""
    helplines: Mapped[frozenset[str]]
    pools: Mapped[frozenset[str]] = mapped_column(default=frozenset())
    skills: Mapped[frozenset[tuple[str, int]]] = mapped_column(default=frozenset())
    helpline_order: Mapped[tuple[str, ...]] = mapped_column(default=())
    """Those the agent should serve before the others, the first one most."""
    language: Mapped[str]
    """Of the console, not of the calls."""
    created_at: Mapped[float]
    disabled: Mapped[bool] = mapped_column(default=False)


class LoginFailures(Base):
    """Wrong passwords given for a login name, whether or not such a user exists."""

    __tablename__ = "login_failures"

    name: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    since: Mapped[float] = mapped_column(index=True)
    """When the counting window began."""
    locked_until: Mapped[float | None]


class WebSession(Base):
    """A browser that is signed in.  The token itself is only in the browser's cookie."""

    __tablename__ = "web_sessions"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    user: Mapped[str] = mapped_column(ForeignKey("users.name", ondelete="CASCADE"), index=True)
    csrf_secret: Mapped[str]
    created_at: Mapped[float]
    last_seen_at: Mapped[float]
    expires_at: Mapped[float] = mapped_column(index=True)


# --- tickets -------------------------------------------------------------------------------------


class DocketSeries(Base):
    """The next serial of a year that nobody has reserved yet."""

    __tablename__ = "docket_series"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    next_serial: Mapped[int]


class TicketRecord(Base):
    """What a citizen brought forward, and where it stands."""

    __tablename__ = "tickets"

    docket: Mapped[str] = mapped_column(primary_key=True)
    # No foreign key: a call's row may be erased before its ticket is.
    call: Mapped[str | None] = mapped_column(index=True)
    helpline: Mapped[str]
    category: Mapped[str]
    agent: Mapped[str]
    caller: Mapped[str] = mapped_column(index=True)
    citizen: Mapped[str]
    place: Mapped[str]
    pincode: Mapped[str | None]
    district: Mapped[str | None]
    description: Mapped[str]
    language: Mapped[str]
    answered_only: Mapped[bool]
    state: Mapped[TicketState]
    registered_at: Mapped[float] = mapped_column(index=True)
    solved: Mapped[bool | None]
    """What its citizen said of it last; None when he has said nothing."""
    rating: Mapped[int | None]
    """How well it was dealt with, from 1 to 5."""
    judged_at: Mapped[float | None]


class MessageRecord(Base):
    """What a caller has spoken to nobody: a ticket with a recording."""

    __tablename__ = "messages"

    docket: Mapped[str] = mapped_column(primary_key=True)
    call: Mapped[str] = mapped_column(index=True)
    file: Mapped[str]
    """Its name in the data folder's ``messages/``."""
    seconds: Mapped[int]
    left_at: Mapped[float] = mapped_column(index=True)


class TextRecord(Base):
    """An SMS that is to be sent: which of the registered texts, to whom, and what stands in its gaps."""

    __tablename__ = "outbox"

    text: Mapped[str] = mapped_column(primary_key=True)
    call: Mapped[str] = mapped_column(index=True)
    recipient: Mapped[str]
    template: Mapped[str]
    parameters: Mapped[str]
    """A JSON object of texts."""
    language: Mapped[str]
    wanted_at: Mapped[float] = mapped_column(index=True)
    state: Mapped[TextState] = mapped_column(index=True)


# --- announcements and surge mode ----------------------------------------------------------------


class AnnouncementRecord(Base):
    """Something supervisors put before callers."""

    __tablename__ = "announcements"

    announcement: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[Kind]
    helplines: Mapped[frozenset[str]]
    """Empty for all."""
    texts: Mapped[str]
    """A JSON list of pairs: the language, and the words in it."""
    made_at: Mapped[float] = mapped_column(index=True)
    made_by: Mapped[str]
    until: Mapped[float | None]
    """When it ends by itself."""
    ended_at: Mapped[float | None]
    """When it was taken away before."""
    ended_by: Mapped[str | None]


class SurgeRecord(Base):
    """A time of surge mode for one cause; it lasts while it has no end."""

    __tablename__ = "surges"

    declared_at: Mapped[float] = mapped_column(primary_key=True)
    cause: Mapped[SurgeCause]
    count: Mapped[int]
    declared_by: Mapped[str | None]
    """None: by itself."""
    ended_at: Mapped[float | None]
    ended_by: Mapped[str | None]


# --- what happened on the floor ------------------------------------------------------------------


class CallRecord(Base):
    """One call, folded from its facts."""

    __tablename__ = "calls"
    __table_args__ = (Index("ix_calls_caller_seen_at", "caller", "seen_at"),)

    call: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[float] = mapped_column(index=True)
    """The moment of the first fact about it: the order of the call log."""
    node: Mapped[str] = mapped_column(default="")
    dialled: Mapped[str] = mapped_column(default="")
    caller: Mapped[str] = mapped_column(default="")
    caller_raw: Mapped[str] = mapped_column(default="")
    helpline: Mapped[str | None]
    """Where it waits now, or waited last."""
    category: Mapped[str] = mapped_column(default="")
    language: Mapped[str | None]
    arrived_at: Mapped[float | None]
    queued_at: Mapped[float | None]
    """When it was queued first."""
    answered_at: Mapped[float | None]
    talk_ended_at: Mapped[float | None]
    talk_ended_by: Mapped[str | None]
    ended_at: Mapped[float | None]
    """For a lost call: when its loss was noticed."""
    agent: Mapped[str | None]
    """Who answered it first."""
    outcome: Mapped[Outcome | None]
    docket: Mapped[str | None]
    """Of the first ticket registered from it."""
    turned_away: Mapped[Turned | None]
    """Why it could not go on waiting."""
    offers: Mapped[int] = mapped_column(default=0)
    """That reached an agent's phone, or should have."""
    missed: Mapped[int] = mapped_column(default=0)
    declined: Mapped[int] = mapped_column(default=0)
    unreachable: Mapped[int] = mapped_column(default=0)
    notice_version: Mapped[str | None]
    """Of the recording and data notice that the caller was given."""
    recorded: Mapped[bool | None]
    """Whether he lets the call be recorded; None when he was not asked."""
    self_served: Mapped[bool] = mapped_column(default=False)
    message_left: Mapped[bool] = mapped_column(default=False)
    solved: Mapped[bool | None]
    """What he said after the talk."""
    rating: Mapped[int | None]
    """How he was served, from 1 to 5."""
    # What follows, and helpline, category, language and node, is ``routing.call.Call``, field by field.
    state: Mapped[CallState]
    since: Mapped[float] = mapped_column(default=0.0)
    holder: Mapped[str | None]
    """The agent reserved for it, rung for it or talking."""
    parting_agent: Mapped[str | None]
    """Of the last talk known to be over; a word of its beginning that comes late is told by it."""
    parting_at: Mapped[float | None]
    place_at: Mapped[float | None]
    """The moment that decides its place: later than ``queued_at`` when it was passed on."""
    came_at: Mapped[float | None]
    """When it came to this helpline's line."""
    step: Mapped[int] = mapped_column(default=0)
    left_helplines: Mapped[frozenset[str]] = mapped_column(default=frozenset())
    """Where it could not wait."""
    callback_number: Mapped[str | None]
    """None unless the caller is to be called."""
    callback_on_line: Mapped[bool] = mapped_column(default=False)
    callback_failed: Mapped[int] = mapped_column(default=0)
    callback_failed_at: Mapped[float | None]
    folded_to: Mapped[str]
    """The last line of the journal folded into this row."""


class AgentRecord(Base):
    """The latest known state of an agent: ``routing.agent.Agent``, field by field."""

    __tablename__ = "agent_states"

    agent: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[AgentState]
    since: Mapped[float]
    phone: Mapped[str]
    node: Mapped[str] = mapped_column(server_default="")
    """Where the phone was registered."""
    helplines: Mapped[frozenset[str]]
    pools: Mapped[frozenset[str]]
    skills: Mapped[frozenset[tuple[str, int]]]
    helpline_order: Mapped[tuple[str, ...]]
    call: Mapped[str | None]
    intent: Mapped[AgentState | None]
    intent_reason: Mapped[str]
    reason: Mapped[str]
    missed: Mapped[int]
    answered: Mapped[int]
    deadline: Mapped[float | None]
    idle_since: Mapped[float]
    periods: Mapped[int]
    """How many rows of ``agent_periods`` are theirs."""
    folded_to: Mapped[str]


class AgentPeriod(Base):
    """A stretch of time an agent at a phone spent in one state, for one reason; open while it lasts."""

    __tablename__ = "agent_periods"
    agent: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Counted for each agent from 1."""
    state: Mapped[AgentState]
    started_at: Mapped[float] = mapped_column(index=True)
    ended_at: Mapped[float | None]
    reason: Mapped[str] = mapped_column(default="")


# --- the way from the journal --------------------------------------------------------------------


class JournalPlace(Base):
    """How far a journal has been projected, written with the rows it became."""

    __tablename__ = "journal_places"

    journal: Mapped[str] = mapped_column(primary_key=True)
    segment: Mapped[str]
    offset: Mapped[int] = mapped_column(BigInteger)


class RejectedFact(Base):
    """A line of the journal that could not become rows, kept with the reason for a person to look at."""

    __tablename__ = "rejected_facts"

    journal: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[str]
    reason: Mapped[str]
    rejected_at: Mapped[float]
