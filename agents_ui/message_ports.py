"""What the page of spoken messages shows and asks for, as ``ports.py`` for the rest of the console."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from routing.ids import AgentId, HelplineId, Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a caller has spoken to nobody, and the ticket that it became."""

    docket: str
    helpline: HelplineId
    category: str
    caller: str = field(repr=False)
    """Normalised where it could be; empty when withheld."""
    left_at: Instant
    seconds: int
    kept: bool
    """False when its recording is there no more."""


@dataclass(frozen=True, slots=True)
class MessageList:
    """Some messages, the newest first."""

    messages: tuple[Message, ...]
    more: bool
    """Whether there are older ones."""


class Messages(Protocol):
    """The messages that somebody may hear: those of their helplines; of all, for whoever is in charge."""

    async def newest(self, reader: AgentId, *, before: str) -> MessageList:
        """The newest of *reader*'s, or those before the one of docket *before*.  Raises StorageAway."""

    async def recording(self, reader: AgentId, docket: str) -> Path | None:
        """Where that message can be heard, and a note in the log that *reader* asked for it.

        None when it is not one of *reader*'s, or is there no more.  Raises StorageAway.
        """
