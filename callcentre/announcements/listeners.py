"""Whom announcements may be for, and how each of them is spoken to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from callcentre.announcements.facts import AnnouncementMade
from callcentre.configuration.model import Configuration
from callcentre.prompts.catalogue import PromptText
from routing.ids import HelplineId, LanguageCode

ENGLISH = LanguageCode("en")


@dataclass(frozen=True, slots=True)
class Listeners:
    """The callers of a site, as its configuration has them."""

    helplines: tuple[HelplineId, ...]
    voices: Mapping[LanguageCode, str]
    """The espeak-ng voice of each language, the site's first language first."""
    zone: ZoneInfo
    """In which people give times."""

    @property
    def languages(self) -> tuple[LanguageCode, ...]:
        """Those that callers choose from, the site's first one first."""
        return tuple(self.voices)

    @property
    def required(self) -> tuple[LanguageCode, ...]:
        """The languages in which there must be words: the first, and English where it is spoken."""
        return tuple(code for code in self.languages if code in (self.languages[0], ENGLISH))


def listeners_of(configuration: Configuration) -> Listeners:
    """The callers of the configured site."""
    return Listeners(
        helplines=tuple(configuration.helplines),
        voices={language: configuration.texts[language].voice for language in configuration.site.languages},
        zone=ZoneInfo(configuration.site.timezone),
    )


def prompt_name(announcement: str) -> str:
    """The prompt that says it."""
    return f"announcement/{announcement}"


def spoken(made: AnnouncementMade, listeners: Listeners) -> tuple[PromptText, ...]:
    """What is said in each language: its own words, else those of the first language that has any.

    Nothing when it was made for languages that the site no longer speaks.
    """
    words = {language: text for language, text in made.texts if language in listeners.voices}
    otherwise = next((language for language in listeners.languages if language in words), None)
    if otherwise is None:
        return ()
    name = prompt_name(made.announcement)
    chosen = {heard: heard if heard in words else otherwise for heard in listeners.languages}
    return tuple(
        PromptText(heard, name, words[said], listeners.voices[said]) for heard, said in chosen.items()
    )
