"""Tells the floor when helplines open and close, by one timer that is set for the next change."""

from __future__ import annotations

from collections.abc import Mapping

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from callcentre.acd.dispatch import Dispatcher
from routing.facts import HelplineClosed, HelplineOpened
from routing.ids import HelplineId, Instant
from routing.opening_hours import OpeningHours


class Hours:
    """The opening hours of every helpline."""

    def __init__(
        self, hours: Mapping[HelplineId, OpeningHours], dispatcher: Dispatcher, *, clock: IReactorTime
    ) -> None:
        self._hours = hours
        self._dispatcher = dispatcher
        self._clock = clock
        self._told: dict[HelplineId, bool] = {}
        self._alarm: IDelayedCall | None = None

    def start(self) -> None:
        """Say of each helpline whether it is open, and from now on when that changes."""
        self._look()

    def stop(self) -> None:
        """Say nothing any more."""
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()

    def _look(self) -> None:
        now = self._dispatcher.now()
        is_open = {helpline: hours.is_open(now) for helpline, hours in self._hours.items()}
        changed = sorted(is_open.items() - self._told.items())
        self._told = is_open
        self._set_alarm(now)
        self._dispatcher.report(*(_fact(helpline, opened, now) for helpline, opened in changed))

    def _set_alarm(self, now: Instant) -> None:
        changes = [hours.next_change(now) for hours in self._hours.values()]
        first = min((moment for moment in changes if moment is not None), default=None)
        if first is not None:
            # Should it ring early, by a rounding or a corrected clock, nothing has changed: it is set again.
            self._alarm = self._clock.callLater(first - now, self._look)


def _fact(helpline: HelplineId, is_open: bool, at: Instant) -> HelplineOpened | HelplineClosed:
    return HelplineOpened(at=at, helpline=helpline) if is_open else HelplineClosed(at=at, helpline=helpline)
