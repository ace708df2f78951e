"""The composition root: every part is made here, once, and handed what it needs."""

from __future__ import annotations

import random
from typing import Any
from zoneinfo import ZoneInfo

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, UNIXServerEndpoint
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IStreamServerEndpoint
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from agents_ui.console import console
from agents_ui.security import console_site
from callcentre.accounts.users import Account, find_account
from callcentre.acd.agents import Agents
from callcentre.acd.dispatch import Dispatcher
from callcentre.acd.epoch import keep_epoch, next_epoch
from callcentre.acd.restoring import floor_then
from callcentre.acd.stations import Station
from callcentre.asterisk.secrets import keep_secrets
from callcentre.bus import Bus
from callcentre.configuration.data_folder import DataFolder
from callcentre.configuration.model import Configuration
from callcentre.console.accounts import ConsoleAccounts, ConsoleSessions
from callcentre.console.desks import Desks, DeskWishes
from callcentre.console.options import console_options
from callcentre.console.tickets import ConsoleTickets
from callcentre.control.server import ControlRoom
from callcentre.journal.journal import Journal
from callcentre.journal.syncing import JournalSync
from callcentre.menus import flows
from callcentre.operations.health import Health, HealthPage
from callcentre.operations.metrics import Metrics, MetricsPage
from callcentre.projections.projector import Projector
from callcentre.projections.step import all_folds, place_of
from callcentre.storage.engine import open_engine
from callcentre.storage.threads import Database
from callcentre.tasks import Tasks
from callcentre.telephony.ami.link import AmiLink
from callcentre.telephony.ami.session import AmiCredentials
from callcentre.telephony.fastagi.ivr_leg import IvrAnswer
from callcentre.telephony.fastagi.server import AgiLimits, FastAgiFactory
from callcentre.telephony.switch import Switch
from callcentre.tickets.desk import Choices, Desk
from callcentre.tickets.docket_book import DocketBook
from routing.facts import Fact
from routing.floor import Floor, FloorRules
from routing.ids import AgentId

log = Logger()

# What a power cut may take of the call log; tickets and agents' wishes are synced at once.
SYNC_SECONDS = 1.0
# Nothing that is tidied up grows fast.
TIDY_SECONDS = 3600.0


class CallCentre:
    """The running service of one site."""

    def __init__(self, configuration: Configuration, data: DataFolder, reactor: Any) -> None:
        """*reactor* is Twisted's, whole: clock, threads and sockets.  Raises JournalInUse."""
        self.configuration = configuration
        self.data = data
        self.reactor = reactor
        self._listening: list[IListeningPort] = []
        data.create()
        self._make_records()
        self._make_floor()
        self._make_telephony()
        self._make_console()
        self._make_doors()

    # --- made once ----------------------------------------------------------------------------------

    def _make_records(self) -> None:
        settings, data = self.configuration.database, self.data
        self.tasks = Tasks()
        self.journal = Journal(data.journal, clock=self.reactor)
        self.journal_sync = JournalSync(self.journal, reactor=self.reactor)
        engine = open_engine(data.database_url(settings.url), threads=settings.threads)
        self.database = Database(engine, reactor=self.reactor, threads=settings.threads)
        self.rules = _rules(self.configuration)
        self.projector = Projector(
            self.journal, self.database, clock=self.reactor, folds=all_folds(self.rules)
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
                "switches_served": ("Asterisk nodes being served", lambda: len(self.dispatcher.serving)),
            },
        )
        self.bus = Bus(on_fault=self.metrics.fault)
        self.bus.follow(self.record)
        self.bus.follow(self.metrics.follow)
        self.dispatcher = Dispatcher(
            floor,
            self.bus,
            epoch=next_epoch(self.data.epoch),
            keep_epoch=lambda epoch: keep_epoch(self.data.epoch, epoch),
            clock=self.reactor,
            tasks=self.tasks,
            recheck=lambda node: self.station.check(),
            on_fault=self.metrics.fault,
        )
        self.agents = Agents(
            self.dispatcher,
            account_of=self._account_of,
            sync=self.journal_sync.sync,
            break_reasons=self.configuration.routing.break_reasons,
        )

    def _make_telephony(self) -> None:
        asterisk, agi = self.configuration.asterisk, self.configuration.agi
        secrets = keep_secrets(self.data.secrets, self.configuration.phones.endpoints())
        self.link = AmiLink(
            node=asterisk.node,
            endpoint=TCP4ClientEndpoint(self.reactor, asterisk.address, asterisk.ami_port),
            clock=self.reactor,
            credentials=AmiCredentials(username="callcentre", secret=secrets.ami),
            on_event=lambda event: self.station.told(event),
            on_up=lambda link: self.station.came_up(),
            on_down=lambda why: self.station.went_down(why),
            on_pong=lambda at: self.station.beat(at),
            on_fault=self.metrics.fault,
            # Only spreads reconnections over time; nothing secret depends on it.
            chance=random.Random(),  # noqa: S311
        )
        self.station = Station(
            Switch(asterisk.node, self.link),
            self.dispatcher,
            clock=self.reactor,
            tasks=self.tasks,
            on_fault=self.metrics.fault,
        )
        self.bus.follow(self.station.follow)
        self.menus = FastAgiFactory(
            self.reactor,
            answer=IvrAnswer(
                self.data.asterisk.sounds, flows(self.configuration).__getitem__, on_fault=self.metrics.fault
            ),
            limits=AgiLimits(sessions=agi.max_sessions, session_seconds=agi.max_session_seconds),
            on_fault=self.metrics.fault,
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
                database_away=lambda: self.projector.health.failing_since is not None,
            ),
            clock=self.reactor,
            options=console_options(self.configuration),
        )

    def _make_doors(self) -> None:
        self.control = ControlRoom(self.dispatcher, self.agents, health=self.health)
        self.console.putChild(b"health", HealthPage(self.health))
        self.console.putChild(b"metrics", MetricsPage(self.metrics.registry))
        self.front = console_site(self.console, self.reactor)

    # --- what parts ask of each other ---------------------------------------------------------------

    def record(self, fact: Fact) -> None:
        """Put *fact* into the journal and have it projected.  Raises JournalUnwritable."""
        self.journal.append(fact)
        self.projector.wake()

    def _register(self, fact: Fact) -> None:
        # Tickets are no business of the floor's; who watches desks and metrics hears of them all the same.
        self.record(fact)
        self.desks.follow(fact)

    def health(self) -> Health:
        """What is up now."""
        projection = self.projector.health
        return Health(
            asterisk={self.station.switch.node: self.station.switch.node in self.dispatcher.serving},
            database=projection.failing_since is None,
            epoch=self.dispatcher.epoch,
            journal_lag=projection.behind,
        )

    async def _account_of(self, name: AgentId) -> Account | None:
        return await self.database.read(lambda session: find_account(session, name))

    def _dockets_in_hand(self) -> float:
        return float(self.dockets.in_hand)

    # --- from start to stop -------------------------------------------------------------------------

    def run(self) -> None:
        """Run until the process is told to stop."""
        self.reactor.callWhenRunning(lambda: self.tasks.start(self.start(), what="the start"))
        self.reactor.addSystemEventTrigger("before", "shutdown", self._stopping)
        self.reactor.run()

    async def start(self) -> None:
        """Listen, take up what the last process left, and serve the switch."""
        await self._listen()
        self.tasks.start(self.dockets.run(), what="the docket book")
        # Menus work meanwhile; nobody is offered before the floor is what it was.
        await self.projector.catch_up()
        calls, agents = await self.database.read(floor_then)
        self.dispatcher.floor.restore(calls, agents)
        self.tasks.start(self.projector.run(), what="the projector")
        self._looping(self._sync_journal, SYNC_SECONDS)
        self._looping(self._tidy, TIDY_SECONDS)
        self.link.start()
        log.info(
            "serving; {calls} calls and {agents} agents taken up",
            calls=len(calls),
            agents=len(agents),
            epoch=self.dispatcher.epoch,
        )

    async def _listen(self) -> None:
        http = self.configuration.http
        http_door = TCP4ServerEndpoint(self.reactor, http.port, interface=http.host)
        doors: list[tuple[IStreamServerEndpoint, IProtocolFactory]] = [(http_door, self.front)]
        for address in self.configuration.agi.addresses[:1]:
            host, _, port = address.rpartition(":")
            doors.append((TCP4ServerEndpoint(self.reactor, int(port), interface=host), self.menus))
        self.data.control_socket.unlink(missing_ok=True)
        path = str(self.data.control_socket)
        doors.append((UNIXServerEndpoint(self.reactor, path, mode=0o600), self.control.site()))
        for endpoint, factory in doors:
            self._listening.append(await endpoint.listen(factory))

    async def stop(self) -> None:
        """Stop offering, end what is under way, leave every fact on the disk.  Calls go on in Asterisk."""
        log.info("stopping")
        self.dispatcher.stop()
        for port in self._listening:
            await maybeDeferred(port.stopListening)
        await self.menus.stop()
        await self.link.stop()
        await self.tasks.stop()
        self.journal_sync.close()
        self.journal.close()
        self.database.close()
        self.data.control_socket.unlink(missing_ok=True)
        log.info("stopped")

    def _stopping(self) -> Any:
        return Deferred.fromCoroutine(self.stop())

    def _looping(self, work: Any, seconds: float) -> None:
        loop = LoopingCall(work)
        loop.clock = self.reactor
        loop.start(seconds, now=False)

    def _tidy(self) -> None:
        self.tasks.start(self.sessions.purge(), what="removing old sessions")
        self.tasks.start(self._remove_old_segments(), what="removing old journal segments")

    async def _remove_old_segments(self) -> None:
        projected = await self.database.read(lambda session: place_of(session, self.journal.id))
        self.journal.remove_old(projected=projected)

    def _sync_journal(self) -> None:
        self.tasks.start(self.journal_sync.sync(), what="the journal's sync")


def _choices(configuration: Configuration) -> Choices:
    helplines = configuration.helplines.values()
    return Choices(
        categories={helpline.id: {category.id for category in helpline.categories} for helpline in helplines},
        districts={district.id for district in configuration.districts},
    )


def _rules(configuration: Configuration) -> FloorRules:
    routing = configuration.routing
    return FloorRules(
        ring_seconds=routing.ring_seconds,
        wrap_up_seconds=routing.wrap_up_seconds,
        missed_offers_limit=routing.missed_offers_limit,
    )
