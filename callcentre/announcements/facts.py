"""What has happened to announcements and to surge mode, in the same manner as ``routing.facts``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from routing.facts import Fact
from routing.ids import AgentId, HelplineId, Instant, LanguageCode


class Kind(Enum):
    """When callers hear an announcement; the value is what is stored."""

    BROADCAST = "broadcast"
    """Right after the language."""
    OUTAGE = "outage"
    """Before the queue: it may be all the caller wanted to know."""


class SurgeCause(Enum):
    """Why surge mode began."""

    BY_HAND = "by_hand"
    WAITING = "waiting"
    ARRIVALS = "arrivals"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementMade(Fact):
    """A supervisor put something before callers, and it was spoken."""

    announcement: str
    kind: Kind
    helplines: frozenset[HelplineId]
    """Whose callers hear it; empty for all."""
    texts: tuple[tuple[LanguageCode, str], ...]
    """Its words in each language in which there are some."""
    until: Instant | None
    """When it ends by itself; of an outage, also when supply is expected again."""
    by: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementEnded(Fact):
    """A supervisor took it away before its time."""

    announcement: str
    by: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgeDeclared(Fact):
    """From now on silent lines may be released; in place of an earlier cause, if there was one."""

    cause: SurgeCause
    count: int
    """How many waited, or came within a minute; 0 by hand."""
    by: AgentId | None
    """None by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgeEnded(Fact):
    """The surge is over."""

    by: AgentId | None
    """None by itself."""
