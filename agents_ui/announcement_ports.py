"""What the page of announcements shows and asks for, as ``ports.py`` for the rest of the console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from routing.ids import AgentId, HelplineId, Instant, LanguageCode


class Kind(Enum):
    """When callers hear it; the values of the announcements' own kinds."""

    BROADCAST = "broadcast"
    OUTAGE = "outage"


class SpokenFault(Enum):
    """What is wrong with a field; the values of the announcements' own faults."""

    REQUIRED = "required"
    UNKNOWN = "unknown"
    TOO_LONG = "too_long"
    FIGURES = "figures"
    NOT_WORDS = "not_words"
    UNSPOKEN = "unspoken"
    NO_MOMENT = "no_moment"
    PAST = "past"


class BoardFault(Enum):
    """Why nothing can be put up now; the value is the stable code of the answer."""

    FULL = "full"
    NO_VOICE = "no_voice"


class BoardError(Exception):
    """What the supervisor asked for cannot be done now: an answer 409."""

    def __init__(self, fault: BoardFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One that is in force."""

    id: str
    kind: Kind
    helplines: tuple[HelplineId, ...]
    """Empty for all."""
    texts: Mapping[LanguageCode, str]
    """In the languages in which there are words."""
    made_at: Instant
    by: AgentId
    until: Instant | None
    heard: bool
    """False while it is still to be spoken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementForm:
    """What the supervisor filled in, as typed."""

    kind: str
    helplines: tuple[str, ...]
    texts: Mapping[LanguageCode, str]
    until: str
    """``YYYY-MM-DDTHH:MM`` in the site's time; empty for no end."""


@dataclass(frozen=True, slots=True)
class PutUp:
    """Callers hear it."""

    id: str


@dataclass(frozen=True, slots=True)
class Unfit:
    """Nothing was put up; *errors* names the fields: kind, helplines, text-<language>, until."""

    errors: Mapping[str, SpokenFault]


class SurgeCause(Enum):
    """Why surge mode is on; the values of the facts' own causes."""

    BY_HAND = "by_hand"
    WAITING = "waiting"
    ARRIVALS = "arrivals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """Surge mode while it lasts."""

    cause: SurgeCause
    count: int
    since: Instant
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgeView:
    """How it stands, and how near."""

    surge: Surge | None
    waiting: int
    arrivals: int
    """Within the last minute."""
    waiting_limit: int
    """From so many on it begins by itself; 0: never by that."""
    arrivals_limit: int


class Announcements(Protocol):
    """Where announcements are put up and taken down, and surge mode is switched."""

    @property
    def languages(self) -> tuple[LanguageCode, ...]:
        """Those of the callers; an empty text is spoken in the first one."""

    @property
    def required(self) -> tuple[LanguageCode, ...]:
        """Those in which there must be words."""

    @property
    def helplines(self) -> tuple[HelplineId, ...]:
        """Those that an announcement may be for."""

    def in_force(self) -> tuple[Announcement, ...]:
        """Everything that is up, the newest first."""

    async def put_up(self, form: AnnouncementForm, *, by: AgentId) -> PutUp | Unfit:
        """Have it spoken and heard, with or without a database.  Raises BoardError."""

    async def take_down(self, announcement: str, *, by: AgentId) -> None:
        """End it now; nothing happens when it is not up."""

    def sound(self, announcement: str, language: str) -> bytes | None:
        """How it sounds, as a WAV; None when there is no such sound."""

    def surge(self) -> SurgeView:
        """How surge mode stands."""

    async def switch_surge(self, on: bool, *, by: AgentId) -> None:
        """Begin or end it by hand."""
