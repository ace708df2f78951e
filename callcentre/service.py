"""The life of the running service: checked, started, kept tidy, stopped."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from types import FrameType
from typing import Any, NamedTuple, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.internet.endpoints import TCP4ServerEndpoint, UNIXServerEndpoint
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IStreamServerEndpoint
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from callcentre.acd.restoring import floor_then
from callcentre.app import CallCentre
from callcentre.projections.announcements import in_force_then
from callcentre.projections.step import place_of
from callcentre.prompts.catalogue import read_catalogue
from callcentre.renewal.handover import Handover, MakingWay, open_door
from callcentre.storage.migrate import newest, revision_seen
from callcentre.storage.patience import Backoff
from callcentre.telephony.ami.errors import ActionFailed
from callcentre.telephony.fastagi.ivr_leg import missing_sounds
from ivr.prompts import PromptRef
from routing.facts import CallLost, FloorTakenUp
from routing.ids import Instant

log = Logger()

T = TypeVar("T")

# What a power cut may take of the call log; tickets and agents' wishes are synced at once.
SYNC_SECONDS = 1.0
# Nothing that is tidied up grows fast.
TIDY_SECONDS = 3600.0
# What was asked before the doors are held is answered meanwhile.
ANSWER_SECONDS = 0.3
# The next process is there in about two; callers who wait give the router up so much later.
ABSENCE_SECONDS = 8


class SiteNotReady(Exception):
    """The operator's: the service cannot run on this site as it is; says what to do."""


class Door(NamedTuple):
    """Where somebody may come in."""

    name: str
    endpoint: IStreamServerEndpoint
    factory: IProtocolFactory


class Service:
    """Runs a call centre in a reactor."""

    def __init__(self, centre: CallCentre, reactor: Any, *, doors: Mapping[str, int] | None = None) -> None:
        """*doors*: listening sockets that the last process has left open for this one."""
        self._centre = centre
        self._reactor = reactor
        self._left_open = dict(doors or {})
        self._running: list[Deferred[None]] = []
        self._listening: dict[str, IListeningPort] = {}
        self._ended_by: SiteNotReady | None = None
        self._making_way: MakingWay | None = None

    def run(self) -> MakingWay | None:
        """Run until the process is told to stop, or, with something to return, to make way for the next.

        Raises SiteNotReady.
        """
        self._reactor.callWhenRunning(lambda: self._vital(self.start(), what="the start"))
        self._reactor.addSystemEventTrigger("before", "shutdown", lambda: Deferred.fromCoroutine(self.stop()))
        self._reactor.run()
        if self._ended_by is not None:
            raise self._ended_by
        return self._making_way

    def take_up(self, number: int, frame: FrameType | None) -> None:
        """A signal's handler: somebody asks for the configuration to be taken up."""
        work = self._centre.tasks.start
        asked = self._centre.renewal.asked
        self._reactor.callFromThread(lambda: work(asked(), what="taking up the configuration"))

    async def start(self) -> None:
        """Listen, take up what the last process left, and serve the switch.  Raises SiteNotReady."""
        centre = self._centre
        await self._check_schema()
        self._check_prompts()
        await self._listen(self._menus_door())
        centre.tasks.start(centre.dockets.run(), what="the docket book")
        # Menus work meanwhile; nobody is offered, and nobody may ask, before the floor is what it was.
        await centre.projector.catch_up()
        centre.dispatcher.report(FloorTakenUp(at=centre.dispatcher.now()))
        # Until it is served, nobody on it can be asked for anything.
        for node in centre.stations:
            centre.dispatcher.pause(node)
        calls, agents = await self._read(floor_then)
        centre.dispatcher.floor.restore(calls, agents)
        self._lose_strangers()
        await self._put_up_announcements()
        centre.hours.start()
        self._vital(centre.projector.run(), what="the projector")
        await self._listen(*self._people_doors())
        self._every(SYNC_SECONDS, self._sync_journal)
        self._every(TIDY_SECONDS, self._tidy)
        for link in centre.links.values():
            link.start()
        self._vital(self._make_way(), what="making way")
        centre.tasks.start(centre.renewal.keep(), what="keeping a copy of the configuration")
        centre.tasks.start(centre.left_behind.run(), what="looking for messages without a ticket")
        taken_up = {"calls": len(calls), "agents": len(agents), "epoch": centre.dispatcher.epoch}
        log.info("serving; {calls} calls and {agents} agents taken up", **taken_up)

    async def stop(self) -> None:
        """Stop offering, end what is under way, leave every fact on the disk.  Calls go on in Asterisk."""
        log.info("stopping")
        centre = self._centre
        centre.dispatcher.stop()
        centre.hours.stop()
        centre.board.stop()
        for running in self._running:
            running.cancel()
        # Those held open for the next process are its own to close.
        doors = [] if self._making_way is not None else self._listening.values()
        steps: list[Callable[[], Any]] = [
            *(port.stopListening for port in doors),
            centre.menus.stop,
            *(link.stop for link in centre.links.values()),
            centre.tasks.stop,
            centre.journal_sync.close,
            centre.journal.close,
            centre.projecting.close,
            centre.database.close,
        ]
        for step in steps:
            # A full disk must not keep the database's threads, and so the process, alive.
            await maybeDeferred(step).addErrback(lambda failure: log.failure("a part did not stop", failure))
        log.info("stopped")

    async def _make_way(self) -> None:
        """When a configuration is prepared, leave everything to a process that runs it."""
        notes = await self._centre.renewal.prepared
        for port in self._listening.values():
            # Whoever comes now waits for the next process; nobody is refused.
            port.stopReading()  # type: ignore[attr-defined]
        await deferLater(self._reactor, ANSWER_SECONDS)
        await self._beat_ahead()
        doors = {name: port.fileno() for name, port in self._listening.items()}  # type: ignore[attr-defined]
        self._making_way = MakingWay(Handover(doors, notes), asked_again=self._centre.renewal.asked_again)
        self._reactor.stop()

    async def _beat_ahead(self) -> None:
        """Callers who wait are not to give the router up for the moment in which there is none."""
        for switch in list(self._centre.dispatcher.serving.values()):
            try:
                await switch.beat(Instant(await switch.now() + ABSENCE_SECONDS))
            except ActionFailed as failure:
                log.warn("{node} expects us back too early: {why}", node=switch.node, why=str(failure))

    async def _read(self, fn: Callable[[Session], T]) -> T:
        """What *fn* reads, however long the database takes to come back."""
        backoff = Backoff(self._reactor)
        while True:
            try:
                return await self._centre.database.read(fn)
            except SQLAlchemyError as error:
                log.warn("what was before cannot be read yet: {error}", error=type(error).__name__)
                await backoff.pause()

    async def _put_up_announcements(self) -> None:
        board, now = self._centre.board, self._centre.dispatcher.now()
        made, surge = await self._read(lambda session: in_force_then(session, now=now))
        board.restore(made)
        board.switch.restore(surge)
        # Sounds that have gone are spoken beside the calls; nobody waits for them.
        self._centre.tasks.start(board.speak_missing(), what="speaking announcements")

    def _lose_strangers(self) -> None:
        """Calls of a node that is no longer configured can never be seen again, and must hold up nobody."""
        dispatcher = self._centre.dispatcher
        gone = [call for call in dispatcher.floor.calls() if call.node not in self._centre.stations]
        dispatcher.report(*(CallLost(at=dispatcher.now(), call=call.id) for call in gone))

    def _vital(self, work: Coroutine[Any, Any, None], *, what: str) -> None:
        """Run what the service cannot live without: half alive is worse than started anew."""

        def end(failure: Failure) -> None:
            if failure.check(CancelledError):
                return
            reason = failure.value
            if not isinstance(reason, SiteNotReady):
                log.failure("{what} failed; the service ends", failure, what=what)
                reason = SiteNotReady(f"{what} failed: see the log")
            self._ended_by = self._ended_by or reason
            self._reactor.stop()

        running = Deferred.fromCoroutine(work)
        self._running.append(running)
        running.addErrback(end)

    # --- what must be so ----------------------------------------------------------------------------

    async def _check_schema(self) -> None:
        """A database that is away is waited for; one of another version is not written to."""
        try:
            found = await self._centre.database.read(lambda session: revision_seen(session.connection()))
        except SQLAlchemyError:
            return
        if found != newest():
            raise SiteNotReady(
                f"the database is at revision {found}, this version needs {newest()}: "
                "run `callcentre db upgrade`"
            )

    def _check_prompts(self) -> None:
        configuration = self._centre.configuration
        catalogue = read_catalogue(configuration.texts.values(), configuration.helplines.values())
        needed = (PromptRef(prompt.language, prompt.name) for prompt in catalogue.prompts)
        missing = tuple(missing_sounds(self._centre.data.asterisk.sounds, needed))
        if missing:
            self._centre.metrics.fault("prompt-missing")
            log.warn("{count} prompts are missing: run `callcentre prompts build`", count=len(missing))

    # --- who may come in ----------------------------------------------------------------------------

    async def _listen(self, *doors: Door) -> None:
        for name, endpoint, factory in doors:
            left_open = self._left_open.pop(name, None)
            if left_open is not None:
                endpoint = open_door(left_open, self._reactor)
            try:
                self._listening[name] = await endpoint.listen(factory)
            except CannotListenError as error:
                raise SiteNotReady(
                    f"{error}  Is another service running, or the data folder's path too long? "
                    "Give this one other ports, or a shorter path."
                ) from error

    def _menus_door(self) -> Door:
        host, _, port = self._centre.configuration.agi.addresses[0].rpartition(":")
        endpoint = TCP4ServerEndpoint(self._reactor, int(port), interface=host)
        return Door("menus", endpoint, self._centre.menus)

    def _people_doors(self) -> list[Door]:
        centre, http = self._centre, self._centre.configuration.http
        control = centre.data.control_socket
        if "control" not in self._left_open:
            # Left behind by a process that was killed; the journal's lock says that it is gone.
            control.unlink(missing_ok=True)
        web = TCP4ServerEndpoint(self._reactor, http.port, interface=http.host)
        commands = UNIXServerEndpoint(self._reactor, str(control), mode=0o600)
        return [Door("web", web, centre.front), Door("control", commands, centre.control.site())]

    # --- what is done again and again ---------------------------------------------------------------

    def _every(self, seconds: float, work: Callable[[], None]) -> None:
        loop = LoopingCall(work)
        loop.clock = self._reactor
        loop.start(seconds, now=False)

    def _sync_journal(self) -> None:
        self._centre.tasks.start(self._centre.journal_sync.sync(), what="the journal's sync")

    def _tidy(self) -> None:
        self._centre.tasks.start(self._centre.sessions.purge(), what="removing old sessions")
        self._centre.tasks.start(self._remove_old_segments(), what="removing old journal segments")

    async def _remove_old_segments(self) -> None:
        centre = self._centre
        projected = await centre.database.read(lambda session: place_of(session, centre.journal.id))
        centre.journal.remove_old(projected=projected)
