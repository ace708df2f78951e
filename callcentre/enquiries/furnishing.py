"""Puts the house together from the site's configuration."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from twisted.logger import Logger

from callcentre.configuration.data_folder import DataFolder
from callcentre.configuration.model import Configuration
from callcentre.enquiries.arrivals import Arrivals, Board
from callcentre.enquiries.credentials import CredentialsRefused, read_api_key
from callcentre.enquiries.dockets import Dockets
from callcentre.enquiries.house import House
from callcentre.enquiries.left_behind import LeftBehind, whose
from callcentre.enquiries.lookups import Lookups
from callcentre.enquiries.messages import Messages, with_other
from callcentre.enquiries.ration import RationCards, card_agent
from callcentre.enquiries.records import Records
from callcentre.enquiries.texts import Texts
from callcentre.in_thread import InThread
from callcentre.storage.threads import Transactions
from callcentre.tickets.desk import Choices, Desk
from callcentre.tickets.docket_book import DocketBook

log = Logger()


class Furnisher:
    """Makes the parts of one house; *reactor* is Twisted's, whole."""

    def __init__(
        self,
        configuration: Configuration,
        data: DataFolder,
        *,
        database: Transactions,
        reactor: Any,
        in_thread: InThread,
        on_fault: Callable[[str], None],
    ) -> None:
        self._configuration = configuration
        self._data = data
        self._zone = ZoneInfo(configuration.site.timezone)
        self._database = database
        self._lookups = Lookups(database, clock=reactor)
        self._reactor = reactor
        self._in_thread = in_thread
        self._on_fault = on_fault

    def house(self, board: Board, records: Records, *, dockets: DocketBook, messages: Messages) -> House:
        """The house, in which nobody has asked anything yet."""
        clock, on_fault = self._reactor, self._on_fault
        return House(
            Arrivals(
                self._lookups,
                board,
                clock=clock,
                zone=self._zone,
                settings=self._configuration.callers,
            ),
            records,
            dockets=self._dockets(),
            cards=self._cards(),
            texts=Texts(records, helplines=self._configuration.helplines, on_fault=on_fault),
            messages=messages,
            clock=clock,
            on_fault=on_fault,
        )

    def messages(self, records: Records, *, dockets: DocketBook, choices: Choices) -> Messages:
        """Where messages are handed in, by the house and by whoever finds one."""
        choices = with_other(choices)
        desk = Desk(
            choices=choices,
            dockets=dockets,
            clock=self._reactor,
            append=records.append,
            sync=records.sync,
        )
        return Messages(
            self._data.messages,
            desk,
            records=records,
            choices=choices,
            in_thread=self._in_thread,
            on_fault=self._on_fault,
        )

    def left_behind(self, messages: Messages) -> LeftBehind:
        """Who looks for messages that became no ticket."""
        return LeftBehind(
            self._data.messages,
            messages,
            database=self._database,
            whose=partial(whose, self._configuration),
            language=self._configuration.site.languages[0],
            clock=self._reactor,
            in_thread=self._in_thread,
            on_fault=self._on_fault,
        )

    def _dockets(self) -> Dockets:
        lines = self._configuration.helplines.values()
        return Dockets(
            self._lookups,
            clock=self._reactor,
            zone=self._zone,
            settle_days={line.id: line.settle_days for line in lines if line.settle_days is not None},
            on_fault=self._on_fault,
        )

    def _cards(self) -> RationCards:
        settings, key = self._configuration.ration, None
        if settings.url:
            try:
                key = read_api_key(self._data.ration_key)
            except CredentialsRefused as refused:
                # Calls are worth more than ration cards: the service starts all the same.
                self._on_fault("ration-key")
                log.error("nobody is asked for ration cards: {refused}", refused=str(refused))
        agent = card_agent(self._reactor)
        return RationCards(agent, settings, key, clock=self._reactor, on_fault=self._on_fault)
