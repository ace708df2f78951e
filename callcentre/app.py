"""The composition root: every part is made here, once, and handed what it needs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from twisted.internet.endpoints import TCP4ClientEndpoint

from agents_ui.console import console
from agents_ui.security import console_site
from callcentre.accounts.users import Account, find_account
from callcentre.acd.agents import Agents
from callcentre.acd.dispatch import Dispatcher
from callcentre.acd.epoch import keep_epoch, next_epoch
from callcentre.acd.hours import Hours
from callcentre.acd.line import Line
from callcentre.acd.phones import Phones
from callcentre.acd.stations import Station
from callcentre.announcements.board import Board
from callcentre.announcements.listeners import listeners_of
from callcentre.announcements.surge import SurgeLimits, SurgeSwitch
from callcentre.announcements.voice import Voice
from callcentre.asterisk.secrets import keep_secrets
from callcentre.bus import Bus
from callcentre.configuration.data_folder import DataFolder
from callcentre.configuration.floor_rules import floor_rules, opening_hours
from callcentre.configuration.model import Configuration, NodeSettings
from callcentre.console.accounts import ConsoleAccounts, ConsoleSessions
from callcentre.console.announcements import ConsoleAnnouncements
from callcentre.console.configuration import ConsoleConfiguration
from callcentre.console.desks import Desks, DeskWishes
from callcentre.console.menus import ConsoleMenus
from callcentre.console.messages import ConsoleMessages
from callcentre.console.options import console_options
from callcentre.console.pincodes import ConsolePinCodes
from callcentre.console.tickets import ConsoleTickets
from callcentre.control.server import ControlRoom
from callcentre.enquiries.furnishing import Furnisher
from callcentre.enquiries.records import Records
from callcentre.in_thread import threads_of
from callcentre.journal.journal import Journal, JournalUnwritable
from callcentre.journal.syncing import JournalSync
from callcentre.menus import flows
from callcentre.operations.health import Health, HealthPage
from callcentre.operations.metrics import Metrics, MetricsPage
from callcentre.projections.last_agents import LastAgents
from callcentre.projections.projector import Projector
from callcentre.projections.step import all_folds
from callcentre.prompts.building import build_prompts
from callcentre.renewal.next_needs import NextNeeds
from callcentre.renewal.renewal import Renewal
from callcentre.renewal.sources import Sources
from callcentre.storage.engine import open_engine
from callcentre.storage.threads import Database
from callcentre.storage.worker import DatabaseWorker
from callcentre.tasks import Tasks
from callcentre.telephony.ami.link import AmiLink
from callcentre.telephony.ami.session import AmiCredentials
from callcentre.telephony.fastagi.ivr_leg import Places
from callcentre.telephony.fastagi.points import Points
from callcentre.telephony.fastagi.server import AgiLimits, FastAgiFactory
from callcentre.telephony.switch import CallingBack, Switch
from callcentre.tickets.desk import Choices, Desk
from callcentre.tickets.docket_book import DocketBook
from routing.estimates import Estimator
from routing.facts import Fact
from routing.floor import Floor
from routing.ids import AgentId, NodeId, Seconds


class CallCentre:
    """The running service of one site."""

    def __init__(
        self,
        configuration: Configuration,
        data: DataFolder,
        reactor: Any,
        *,
        sources: Sources,
        notes: Sequence[str] = (),
    ) -> None:
        """*reactor* is Twisted's, whole: clock, threads and sockets.  Raises JournalInUse.

        *sources*: where *configuration* lies; *notes*: what was not done when it was taken up.
        """
        self.configuration = configuration
        self.data = data
        self.reactor = reactor
        self.in_thread = threads_of(reactor)
        data.create()
        self._make_records()
        self._make_floor()
        self._make_board()
        self._make_house()
        self._make_telephony()
        self._make_renewal(sources, notes)
        self._make_console()
        self._make_doors()

    # --- made once ----------------------------------------------------------------------------------

    def _make_records(self) -> None:
        settings, data = self.configuration.database, self.data
        self.tasks = Tasks()
        self._kept = True
        self.journal = Journal(data.journal, clock=self.reactor)
        self.journal_sync = JournalSync(self.journal, reactor=self.reactor)
        url = data.database_url(settings.url)
        engine = open_engine(url, threads=settings.threads)
        self.database = Database(engine, reactor=self.reactor, threads=settings.threads)
        self.rules = floor_rules(self.configuration)
        self.projecting = DatabaseWorker(url, meanwhile=self.database, reactor=self.reactor)
        self.projector = Projector(
            self.journal, self.projecting, clock=self.reactor, folds=all_folds(self.rules)
        )
        zone = ZoneInfo(self.configuration.site.timezone)
        self.dockets = DocketBook(self.database, clock=self.reactor, zone=zone)

    def _make_floor(self) -> None:
        floor = Floor(self.rules)
        self.metrics = Metrics(
            floor,
            {
                "journal_lag_facts": ("Facts not yet in the database", lambda: self.projector.health.behind),
                "dockets_in_hand": ("Dockets that can be given without the database", self._dockets_in_hand),
                "router_epoch": ("The router's term of office", lambda: self.dispatcher.epoch),
                "surge": ("Whether surge mode is on", lambda: float(self.board.surge)),
                "switches_served": ("Asterisk nodes being served", lambda: len(self.dispatcher.serving)),
            },
        )
        self.bus = Bus(on_fault=self.metrics.fault)
        self.estimator = Estimator(floor)
        self.bus.follow(self.record)
        self.bus.follow(self.estimator.follow)
        self.bus.follow(self.metrics.follow)
        self.dispatcher = Dispatcher(
            floor,
            self.bus,
            epoch=next_epoch(self.data.epoch),
            keep_epoch=lambda epoch: keep_epoch(self.data.epoch, epoch),
            clock=self.reactor,
            tasks=self.tasks,
            recheck=lambda node: self.stations[node].check(),
            on_fault=self.metrics.fault,
        )
        self.phones = Phones(self.dispatcher, tasks=self.tasks)
        self.hours = Hours(opening_hours(self.configuration), self.dispatcher, clock=self.reactor)
        self.agents = Agents(
            self.dispatcher,
            self.phones,
            account_of=self._account_of,
            sync=self.kept,
            break_reasons=self.configuration.routing.break_reasons,
        )

    def _make_house(self) -> None:
        records = Records(append=self._register, sync=self.journal_sync.sync, clock=self.reactor)
        furnisher = Furnisher(
            self.configuration,
            self.data,
            database=self.database,
            reactor=self.reactor,
            in_thread=self.in_thread,
            on_fault=self.metrics.fault,
        )
        choices = _choices(self.configuration)
        messages = furnisher.messages(records, dockets=self.dockets, choices=choices)
        self.left_behind = furnisher.left_behind(messages)
        self.house = furnisher.house(self.board, records, dockets=self.dockets, messages=messages)
        self.bus.follow(self.house.follow)

    def _make_board(self) -> None:
        settings = self.configuration.surge
        surge = SurgeSwitch(
            SurgeLimits(settings.waiting, settings.arrivals_per_minute),
            waiting=self._callers_waiting,
            clock=self.reactor,
            record=self.record,
            sync=self.kept,
        )
        self.bus.follow(surge.follow)
        self.board = Board(
            listeners_of(self.configuration),
            Voice(self.data.asterisk.sounds, in_thread=self.in_thread),
            surge,
            clock=self.reactor,
            # Whoever came a moment before the end hears it at the end of his menus at the latest.
            heard_for=Seconds(self.configuration.agi.max_session_seconds),
            record=self.record,
            sync=self.kept,
        )

    def _make_telephony(self) -> None:
        secrets = keep_secrets(self.data.secrets, self.configuration.phones.endpoints())
        self.links: dict[NodeId, AmiLink] = {}
        self.stations: dict[NodeId, Station] = {}
        for node in self.configuration.nodes:
            self._make_node(node, AmiCredentials(username="callcentre", secret=secrets.ami))
        self.menus = FastAgiFactory(
            self.reactor,
            answer=Points(
                Places(self.data.asterisk.sounds, self.data.messages),
                flows(self.configuration).__getitem__,
                house=self.house,
                line=self._line(),
                last_agent=LastAgents(self.database, clock=self.reactor).of,
                on_fault=self.metrics.fault,
            ),
            limits=_limits(self.configuration),
            on_fault=self.metrics.fault,
        )

    def _line(self) -> Line:
        configuration = self.configuration
        return Line(
            self.dispatcher.floor,
            self.estimator,
            callback_offered_after=Seconds(60.0 * configuration.menus.callback_offered_minutes),
            calling_back=configuration.helplines.keys() if configuration.asterisk.trunk_gateway else (),
        )

    def _make_node(self, node: NodeSettings, credentials: AmiCredentials) -> None:
        # From the address at which the node lets us in.
        ours = (self.configuration.agi.hosts[0], 0)
        self.links[node.name] = link = AmiLink(
            node=node.name,
            endpoint=TCP4ClientEndpoint(self.reactor, node.address, node.ami_port, bindAddress=ours),
            clock=self.reactor,
            credentials=credentials,
            on_event=lambda event: station.told(event),
            on_up=lambda link: station.came_up(),
            on_down=lambda why: station.went_down(why),
            on_pong=lambda at: station.beat(at),
            on_fault=self.metrics.fault,
            # Only spreads reconnections over time; nothing secret depends on it.
            chance=random.Random(),  # noqa: S311
        )
        self.stations[node.name] = station = Station(
            Switch(node.name, link, _calling_back(self.configuration)),
            self.dispatcher,
            self.phones,
            clock=self.reactor,
            tasks=self.tasks,
            on_fault=self.metrics.fault,
        )
        self.bus.follow(station.follow)

    def _make_renewal(self, sources: Sources, notes: Sequence[str]) -> None:
        self.renewal = Renewal(
            sources,
            self.configuration,
            self.data,
            clock=self.reactor,
            in_thread=self.in_thread,
            speak=lambda wanted: build_prompts(wanted, sources.folder, self.data.asterisk, whole=True),
            menus_open=lambda: self.menus.sessions,
            next_needs=NextNeeds(self.database, health=lambda: self.projector.health),
            tasks=self.tasks,
            on_fault=self.metrics.fault,
            notes=notes,
        )

    def _make_console(self) -> None:
        desks = Desks(self.dispatcher.floor, self.database)
        self.bus.follow(desks.follow)
        self.sessions = ConsoleSessions(self.database, clock=self.reactor)
        desk = Desk(
            choices=_choices(self.configuration),
            dockets=self.dockets,
            clock=self.reactor,
            append=self._register,
            sync=self.journal_sync.sync,
        )
        self.desks = desks
        self.console = console(
            accounts=ConsoleAccounts(self.database, clock=self.reactor),
            sessions=self.sessions,
            desk=DeskWishes(self.agents),
            views=desks,
            tickets=ConsoleTickets(
                desk,
                desks,
                self.dispatcher,
                database=self.database,
                database_away=self._database_away,
            ),
            configuration=ConsoleConfiguration(self.renewal),
            announcements=ConsoleAnnouncements(self.board),
            menus=ConsoleMenus(self.configuration, in_thread=self.in_thread),
            messages=ConsoleMessages(self.data.messages, self.database),
            pincodes=ConsolePinCodes(district.id for district in self.configuration.districts),
            clock=self.reactor,
            options=console_options(self.configuration),
        )

    def _make_doors(self) -> None:
        self.control = ControlRoom(
            self.dispatcher,
            self.agents,
            board=self.board,
            estimator=self.estimator,
            health=self.health,
            renewal=self.renewal,
        )
        self.console.putChild(b"health", HealthPage(self.health))
        self.console.putChild(b"metrics", MetricsPage(self.metrics.registry))
        self.front = console_site(self.console, self.reactor)

    # --- what parts ask of each other ---------------------------------------------------------------

    def record(self, fact: Fact) -> None:
        """Put *fact* into the journal and have it projected.  Raises JournalUnwritable."""
        self._kept = False
        self.journal.append(fact)
        self._kept = True
        self.projector.wake()

    async def kept(self) -> None:
        """Return when what was recorded last is on the disk.  Raises JournalUnwritable."""
        if not self._kept:
            raise JournalUnwritable("the journal took nothing")
        await self.journal_sync.sync()

    def _register(self, fact: Fact) -> None:
        # Tickets are no business of the floor's; who watches desks and metrics hears of them all the same.
        self.record(fact)
        self.desks.follow(fact)

    def health(self) -> Health:
        """What is up now."""
        projection = self.projector.health
        return Health(
            asterisk={node: node in self.dispatcher.serving for node in self.stations},
            database=not self._database_away(),
            epoch=self.dispatcher.epoch,
            journal_lag=projection.behind,
        )

    def _database_away(self) -> bool:
        return self.projector.health.failing_since is not None

    async def _account_of(self, name: AgentId) -> Account | None:
        return await self.database.read(lambda session: find_account(session, name))

    def _callers_waiting(self) -> int:
        return sum(map(self.dispatcher.floor.waiting_count, self.configuration.helplines))

    def _dockets_in_hand(self) -> float:
        return float(self.dockets.in_hand)


def _choices(configuration: Configuration) -> Choices:
    helplines = configuration.helplines.values()
    return Choices(
        categories={helpline.id: {category.id for category in helpline.categories} for helpline in helplines},
        districts={district.id for district in configuration.districts},
    )


def _calling_back(configuration: Configuration) -> CallingBack:
    return CallingBack(configuration.caller_id_of, configuration.callback.ring_seconds)


def _limits(configuration: Configuration) -> AgiLimits:
    agi, message = configuration.agi, configuration.menus.message_seconds
    # While a message is being recorded Asterisk says nothing.
    return AgiLimits(
        sessions=agi.max_sessions,
        idle_seconds=AgiLimits().idle_seconds + message,
        session_seconds=agi.max_session_seconds + message,
    )
