"""Keeps the database level with the journal, for ever, and says how far behind it is.

The place in the journal is written in the transaction of the rows it became, so each fact counts exactly
once, whenever we die.  A database that is away is asked again, with growing pauses; facts wait in
the journal meanwhile.  A fact the database refuses is found by going one by one, set aside with the
reason, and passed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from callcentre.journal.journal import Journal
from callcentre.projections.step import Fold, Step, backlog, project, skip_next
from callcentre.storage.patience import Backoff, Bell
from callcentre.storage.threads import Transactions
from routing.ids import Instant

log = Logger()

# Some 60 ms at the 0.3 ms of computing measured for a fact: so long may others wait to write to SQLite.
BATCH = 200
# Facts that come together share a transaction, and the flush of the disk that it costs.
LINGER = 1.0

# What the same fact would meet every time: a broken constraint, or a text that no database keeps.
POISON = (IntegrityError, DataError, UnicodeError)
# What passes: a database that is away, busy or not upgraded yet; a disk that fails to be read.
PASSING = (SQLAlchemyError, OSError)


@dataclass(frozen=True, slots=True)
class Health:
    """How the projection stands."""

    behind: int = 0
    """Facts in the journal that are not rows yet."""
    failing_since: Instant | None = None
    """When the database began to fail; None while it answers."""
    error: str = ""
    """The kind of failure, without a citizen's data."""
    rejected: int = 0
    """Lines set aside in this run."""
    torn: int = 0
    """Lines cut short by a crash and passed over in this run."""


class Projector:
    """Reads the journal into rows.  Everything here runs in the reactor's thread, except the transactions."""

    def __init__(
        self,
        journal: Journal,
        database: Transactions,
        *,
        clock: IReactorTime,
        folds: Sequence[Fold],
    ) -> None:
        self._journal = journal
        self._database = database
        self._clock = clock
        self._folds = folds
        self._bell = Bell()
        self._backoff = Backoff(clock)
        self._health = Health()
        # Lines projected, less those that lay there before this run; so ``appended`` minus it is the backlog.
        self._done = 0
        # How many more lines are taken singly, to find the one that spoilt its batch.
        self._singly = 0

    @property
    def health(self) -> Health:
        """How the projection stands now; earlier runs are counted in once the database has answered."""
        return replace(self._health, behind=self._journal.appended - self._done)

    def wake(self) -> None:
        """Tell that a fact was appended."""
        self._bell.ring()

    async def run(self) -> None:
        """Project until cancelled.  Raises what is a fault of ours; a database's failures are waited out."""
        await self.catch_up()
        while True:
            await self._bell.wait()
            await deferLater(self._clock, LINGER)
            while await self._persistently(self._advance):
                pass

    async def catch_up(self) -> None:
        """Return when everything appended so far is rows, however long the database takes to come back."""
        await self._persistently(self._count_backlog)
        while await self._persistently(self._advance):
            pass

    async def _persistently(self, work: Callable[[], Awaitable[bool]]) -> bool:
        """Do *work*, again and again while it fails for a passing reason."""
        while True:
            try:
                more = await work()
            except PASSING as error:
                self._note_failure(error)
                await self._backoff.pause()
            else:
                self._note_success()
                return more

    async def _count_backlog(self) -> bool:
        journal, appended = self._journal, self._journal.appended
        behind = await self._database.read(partial(backlog, journal=journal.reader, end=journal.end))
        self._done = appended - behind
        return True

    async def _advance(self) -> bool:
        """Project the next lines; False when there are no more."""
        limit = 1 if self._singly else BATCH
        try:
            step = await self._run(project, folds=self._folds, limit=limit)
        except POISON as error:
            if limit > 1:
                self._singly = BATCH
                return True
            step = await self._set_aside(error)
        self._singly = max(0, self._singly - 1)
        self._take_note(step)
        return step.lines == limit

    async def _set_aside(self, error: Exception) -> Step:
        """Pass the line that the database refuses.  The reason is the database's own, and may hold data."""
        reason = str(getattr(error, "orig", error))
        step = await self._run(skip_next, reason=f"{type(error).__name__}: {reason}")
        log.error("set aside a fact at {place}: {error}", place=str(step.after), error=type(error).__name__)
        return step

    async def _run(self, work: Callable[..., Step], **options: object) -> Step:
        now = Instant(self._clock.seconds())
        # No closure: it is sent to another process.
        return await self._database.run(partial(work, journal=self._journal.reader, now=now, **options))

    def _take_note(self, step: Step) -> None:
        self._done += step.lines
        self._health = replace(
            self._health,
            rejected=self._health.rejected + step.rejected,
            torn=self._health.torn + step.torn,
        )

    def _note_failure(self, error: Exception) -> None:
        kind = type(getattr(error, "orig", error)).__name__
        if self._health.failing_since is None:
            log.warn("projection waits: {error}", error=kind, behind=self.health.behind)
            self._health = replace(self._health, failing_since=Instant(self._clock.seconds()))
        self._health = replace(self._health, error=kind)

    def _note_success(self) -> None:
        self._backoff.reset()
        if self._health.failing_since is not None:
            log.info("projection goes on, {behind} facts behind", behind=self.health.behind)
        self._health = replace(self._health, failing_since=None, error="")
