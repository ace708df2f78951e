"""What the site's configuration says that the console needs: names, choices, and how cookies are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias
from zoneinfo import ZoneInfo

from routing.ids import HelplineId, LanguageCode

Translations: TypeAlias = Mapping[LanguageCode, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry to choose from: what is stored, and how it is called in each language."""

    id: str
    names: Translations


@dataclass(frozen=True, slots=True)
class Helpline:
    """One helpline as agents know it."""

    id: HelplineId
    names: Translations
    categories: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleOptions:
    """The console's part of the configuration."""

    site_name: str
    timezone: ZoneInfo
    helplines: Mapping[HelplineId, Helpline]
    districts: tuple[Choice, ...]
    break_reasons: tuple[str, ...]
    secure_cookies: bool
    """True behind TLS: cookies are then sent over TLS only."""

    def helpline(self, helpline: HelplineId) -> Helpline:
        """The helpline of that id; one without names or categories when the site no longer has it."""
        return self.helplines.get(helpline) or Helpline(helpline, {})
