"""What callers go through, drawn for the console."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from callcentre.configuration.model import Configuration
from callcentre.drawing.menus import draw_menus
from callcentre.drawing.panels import Wording
from routing.ids import HelplineId, LanguageCode


class ConsoleMenus:
    """``agents_ui.ports.Menus``; each picture is drawn once."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._drawn: dict[tuple[HelplineId, LanguageCode], str] = {}

    @property
    def helplines(self) -> Sequence[HelplineId]:
        """All that callers can dial."""
        return tuple(self._configuration.helplines)

    def picture(self, helpline: HelplineId, language: LanguageCode, words: Mapping[str, str]) -> str:
        """The way of its callers, as an SVG element."""
        key = helpline, language
        if key not in self._drawn:
            self._drawn[key] = draw_menus(self._configuration, helpline, Wording(language, words))
        return self._drawn[key]
