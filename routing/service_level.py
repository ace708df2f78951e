"""The share of callers served in time, by each of the five formulas in use.

The same day has five service levels, depending on whether and how hang-ups count; so the formula is chosen
for each helpline and its name is shown beside the number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from routing.ids import Seconds


class Formula(Enum):
    """How hang-ups count; the value is its name in configuration and on screens."""

    ANSWERED_ONLY = "answered_only"
    """answered≤T / answered: what Asterisk reports."""
    OFFERED = "offered"
    """answered≤T / (answered + abandoned): every hang-up is a failure."""
    LATE_ABANDONS = "late_abandons"
    """answered≤T / (answered + abandoned>T): a hang-up in time says nothing about us."""
    ABANDONS_POSITIVE = "abandons_positive"
    """(answered≤T + abandoned≤T) / (answered + abandoned): a hang-up in time is a success."""
    SHORT_REMOVED_FROM_TARGET = "short_removed_from_target"
    """(answered≤T + short) / (answered + abandoned): only the shortest hang-ups are successes."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is promised: this share of callers within so many seconds."""

    share: float
    """From 0 to 1."""
    seconds: Seconds


class Counted(Protocol):
    """What the formulas are made of; *T* is the seconds of the target."""

    answered: int
    abandoned: int
    answered_in_time: int
    abandoned_in_time: int
    short: int
    """Abandoned so soon that nobody could have answered; also counted in ``abandoned``."""


_PARTS: Final[Mapping[Formula, Callable[[Counted], tuple[int, int]]]] = {
    Formula.ANSWERED_ONLY: lambda c: (c.answered_in_time, c.answered),
    Formula.OFFERED: lambda c: (c.answered_in_time, c.answered + c.abandoned),
    Formula.LATE_ABANDONS: lambda c: (c.answered_in_time, c.answered + c.abandoned - c.abandoned_in_time),
    Formula.ABANDONS_POSITIVE: lambda c: (
        c.answered_in_time + c.abandoned_in_time,
        c.answered + c.abandoned,
    ),
    Formula.SHORT_REMOVED_FROM_TARGET: lambda c: (c.answered_in_time + c.short, c.answered + c.abandoned),
}


def parts(formula: Formula, counted: Counted) -> tuple[int, int]:
    """Numerator and denominator of the service level, so that those of several helplines can be added."""
    return _PARTS[formula](counted)
