"""Surge mode: on by hand, or by itself while more callers come or wait than the site has set.

By hand it stays until it is ended by hand.  By itself it ends when there have been fewer than four fifths of
what began it for a minute.  Whoever ends it by hand is not contradicted: it begins by itself again only after
it has been calm once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from callcentre.announcements.facts import SurgeCause, SurgeDeclared, SurgeEnded
from routing.facts import CallArrived, CallQueued, Fact
from routing.ids import AgentId, Instant

log = Logger()

MINUTE = 60.0
# Calm begins this far below a limit, and must last so long: at the limit itself the mode would flicker.
CALM_SHARE = 0.8
CALM_SECONDS = 60.0
# How often it is looked whether it is calm, and only while a surge lasts that is to end by itself.
LOOK_SECONDS = 1.0
# Above three hundred callers a second, a count says nothing more.
ARRIVALS_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class SurgeLimits:
    """From how many on it is a surge; 0: never by that."""

    waiting: int
    """Callers in line, of all helplines together."""
    arrivals_per_minute: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many wait, and came within the last minute."""

    waiting: int
    arrivals: int


class SurgeSwitch:
    """Whether surge mode is on, and why.  ``follow`` is the bus's."""

    def __init__(
        self,
        limits: SurgeLimits,
        *,
        waiting: Callable[[], int],
        clock: IReactorTime,
        record: Callable[[Fact], object],
        sync: Callable[[], Awaitable[object]],
    ) -> None:
        """*waiting* counts the callers in line; *record* journals a fact, *sync* has it on the disk."""
        self.limits = limits
        self.declared: SurgeDeclared | None = None
        """The present surge; None while there is none."""
        self._waiting = waiting
        self._clock = clock
        self._record = record
        self._sync = sync
        self._arrivals: deque[float] = deque(maxlen=ARRIVALS_REMEMBERED)
        self._calm_since: float | None = None
        self._overruled = False
        """True from its end by hand until it has been calm."""
        self._alarm: IDelayedCall | None = None

    @property
    def is_on(self) -> bool:
        """Whether silent lines may be released."""
        return self.declared is not None

    def crowd(self) -> Crowd:
        """How many there are now."""
        since = self._clock.seconds() - MINUTE
        while self._arrivals and self._arrivals[0] <= since:
            self._arrivals.popleft()
        return Crowd(self._waiting(), len(self._arrivals))

    async def declare(self, by: AgentId) -> None:
        """On, by hand; also when it is on by itself.  Raises JournalUnwritable."""
        if self.declared is None or self.declared.cause is not SurgeCause.BY_HAND:
            self._begin(SurgeCause.BY_HAND, count=0, by=by)
            await self._sync()

    async def end(self, by: AgentId) -> None:
        """Off, by hand.  Raises JournalUnwritable."""
        if self.declared is not None:
            self._over(by)
            self._overruled = True
            await self._sync()

    def restore(self, declared: SurgeDeclared | None) -> None:
        """Go on as an earlier process left it."""
        self.declared = declared
        self._watch()

    def follow(self, fact: Fact) -> None:
        """Count who comes; begin when they are too many."""
        if isinstance(fact, CallArrived):
            self._arrivals.append(self._clock.seconds())
        if isinstance(fact, CallArrived | CallQueued) and self.declared is None:
            self._consider()

    def stop(self) -> None:
        """Look no more."""
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()

    def _consider(self) -> None:
        crowd = self.crowd()
        if self._overruled:
            self._overruled = not self._is_calm(crowd)
        elif 0 < self.limits.waiting <= crowd.waiting:
            self._begin(SurgeCause.WAITING, count=crowd.waiting, by=None)
        elif 0 < self.limits.arrivals_per_minute <= crowd.arrivals:
            self._begin(SurgeCause.ARRIVALS, count=crowd.arrivals, by=None)

    def _begin(self, cause: SurgeCause, *, count: int, by: AgentId | None) -> None:
        declared = SurgeDeclared(at=self._now(), cause=cause, count=count, by=by)
        self._record(declared)
        self.declared = declared
        log.warn("surge mode is on: {cause}, {count}", cause=cause.value, count=count)
        self._watch()

    def _over(self, by: AgentId | None) -> None:
        self._record(SurgeEnded(at=self._now(), by=by))
        self.declared = None
        log.info("surge mode is off")
        self._watch()

    def _watch(self) -> None:
        """Look again and again for as long as a surge lasts that is to end by itself."""
        self.stop()
        self._calm_since = None
        if self.declared is not None and self.declared.cause is not SurgeCause.BY_HAND:
            self._alarm = self._clock.callLater(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        now = self._clock.seconds()
        if not self._is_calm(self.crowd()):
            self._calm_since = None
        elif self._calm_since is None:
            self._calm_since = now
        elif now - self._calm_since >= CALM_SECONDS:
            self._over(None)
            return
        self._alarm = self._clock.callLater(LOOK_SECONDS, self._look)

    def _is_calm(self, crowd: Crowd) -> bool:
        pairs = (
            (crowd.waiting, self.limits.waiting),
            (crowd.arrivals, self.limits.arrivals_per_minute),
        )
        return all(not limit or count < CALM_SHARE * limit for count, limit in pairs)

    def _now(self) -> Instant:
        return Instant(self._clock.seconds())
