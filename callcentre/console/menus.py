"""What callers go through, drawn for the console."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from callcentre.configuration.model import Configuration
from callcentre.drawing.menus import draw_menus
from callcentre.drawing.panels import Wording
from callcentre.in_thread import InThread
from routing.ids import HelplineId, LanguageCode


class ConsoleMenus:
    """``agents_ui.ports.Menus``; each picture is drawn once.

    In a thread: it takes about 30 ms, and those of all helplines together would hold up offers for a second.
    """

    def __init__(self, configuration: Configuration, *, in_thread: InThread) -> None:
        self._configuration = configuration
        self._in_thread = in_thread
        self._drawn: dict[tuple[HelplineId, LanguageCode], str] = {}

    @property
    def helplines(self) -> Sequence[HelplineId]:
        """All that callers can dial."""
        return tuple(self._configuration.helplines)

    async def picture(self, helpline: HelplineId, language: LanguageCode, words: Mapping[str, str]) -> str:
        """The way of its callers, as an SVG element."""
        key = helpline, language
        if key not in self._drawn:
            wording = Wording(language, words)
            self._drawn[key] = await self._in_thread(
                lambda: draw_menus(self._configuration, helpline, wording)
            )
        return self._drawn[key]
