"""An agent's day by the clock: when she comes, takes her breaks, and goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from routing.ids import Instant, Seconds
from routing.simulation.scenario import DAY, Group


@dataclass(frozen=True, slots=True)
class Comes:
    """Her shift begins."""


@dataclass(frozen=True, slots=True)
class TakesBreak:
    """Her break is due; it lasts its full time from when it really begins."""

    reason: str
    lasts: Seconds


@dataclass(frozen=True, slots=True)
class Leaves:
    """Her shift is over."""


Appointment: TypeAlias = Comes | TakesBreak | Leaves


def agenda(group: Group, place: int) -> Iterator[tuple[Instant, Appointment]]:
    """Every appointment of the agent at *place* in the group, in order, day after day without end.

    Whoever's shift is already running at the first moment comes at that moment.
    """
    daily = sorted(_daily(group, place), key=lambda entry: entry[0])
    if group.shift is None or (group.shift.covers(Seconds(0.0)) and group.shift.begins > 0):
        yield Instant(0.0), Comes()
    if daily:
        for day in count():
            for second, appointment in daily:
                yield Instant(day * DAY + second), appointment


def _daily(group: Group, place: int) -> Iterator[tuple[float, Appointment]]:
    # Those who are relieved leave before their relief comes; sorting keeps this order.
    if group.shift is not None:
        yield group.shift.ends % DAY, Leaves()
        yield group.shift.begins, Comes()
    for pause in group.breaks:
        wave = place % pause.waves
        yield (pause.begins + wave * pause.lasts) % DAY, TakesBreak(pause.reason, pause.lasts)
