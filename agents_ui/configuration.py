"""Routes: the administrator's page about the configuration that runs and the one in the files."""

from __future__ import annotations

from typing import Final

from twisted.logger import Logger

from agents_ui.access import Doors
from agents_ui.exchange import Exchange
from agents_ui.pages import Pages
from agents_ui.ports import SiteConfiguration
from agents_ui.security import seal

log = Logger()

HOME: Final = "/configuration"


class ConfigurationPage:
    """What an administrator sees and does about it."""

    def __init__(self, pages: Pages, configuration: SiteConfiguration) -> None:
        self._pages = pages
        self._configuration = configuration

    def add_to(self, doors: Doors) -> None:
        """Open the routes."""
        doors.get(HOME, self.configuration_page)
        doors.post(f"{HOME}/take-up", self.take_up)

    async def configuration_page(self, exchange: Exchange) -> str:
        visit = exchange.visitor
        return self._pages.page(
            "configuration.html",
            visit.account.language,
            account=visit.account,
            csrf=seal(visit.csrf_secret),
            view=await self._configuration.view(),
        )

    async def take_up(self, exchange: Exchange) -> str:
        """Answered when the files have been checked; the page says what came of it."""
        log.info("{agent} asks for the configuration to be taken up", agent=exchange.visitor.account.name)
        await self._configuration.take_up()
        return exchange.see_other(HOME)
