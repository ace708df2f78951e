"""Routes: what callers of each helpline go through, drawn."""

from __future__ import annotations

from typing import Final

from agents_ui.access import Doors
from agents_ui.exchange import Exchange
from agents_ui.pages import Pages, safe
from agents_ui.ports import Menus
from agents_ui.security import seal
from agents_ui.texts import FLOW
from agents_ui.translations import INTERFACE_LANGUAGES, catalogue

HOME: Final = "/menus"


class MenusPage:
    """What supervisors and administrators see of the menus; nothing can be changed there."""

    def __init__(self, pages: Pages, menus: Menus) -> None:
        self._pages = pages
        self._menus = menus
        self._words = {
            language: {name: catalogue(language).gettext(text) for name, text in FLOW.items()}
            for language in INTERFACE_LANGUAGES
        }

    def add_to(self, doors: Doors) -> None:
        """Open the routes."""
        doors.get(HOME, self.menus_page)

    async def menus_page(self, exchange: Exchange) -> str:
        visit = exchange.visitor
        language = visit.account.language
        words = self._words[language]
        return self._pages.page(
            "menus.html",
            language,
            account=visit.account,
            csrf=seal(visit.csrf_secret),
            pictures={
                line: safe(await self._menus.picture(line, language, words)) for line in self._menus.helplines
            },
        )
