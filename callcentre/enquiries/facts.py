"""What has happened in the menus and after the talk, in the same manner as ``routing.facts``.

The floor does not hear of them: they change nobody's turn.
"""

from __future__ import annotations

from dataclasses import dataclass

from routing.facts import Fact
from routing.ids import CallId, LanguageCode


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeGiven(Fact):
    """The caller was told that the call may be recorded and what is kept of it."""

    call: CallId
    version: str
    """Of the notice's words."""
    recorded: bool
    """Whether he lets it be recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfServed(Fact):
    """The menus told the caller what he wanted to know, and he needed nobody."""

    call: CallId
    language: LanguageCode
    """In which he heard it; empty when that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLeft(Fact):
    """The caller spoke a message, which became a ticket."""

    call: CallId
    docket: str
    file: str
    """The recording's name in the data folder's ``messages/``."""
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextWanted(Fact):
    """The caller wants something by SMS."""

    text: str
    """Its id: the same call wants the same thing once."""
    call: CallId
    to: str
    """In E.164."""
    template: str
    """Which of the texts that are registered with the operators."""
    parameters: tuple[tuple[str, str], ...]
    """What stands in its gaps, by their names."""
    language: LanguageCode
    """Empty when that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallJudged(Fact):
    """The caller said how it went, as far as he said it."""

    call: CallId
    docket: str
    """The ticket that it was about; empty when there is none."""
    solved: bool | None
    rating: int | None
    """From 1, very bad, to 5, very good."""
