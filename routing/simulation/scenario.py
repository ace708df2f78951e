"""What is imagined: who calls when, about what and how patiently, and who is there to answer.

Values only.  They are read from TOML, and checked, by ``callcentre.simulation.reading``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from routing.ids import HelplineId, LanguageCode, Pool, Seconds
from routing.needs import Levels
from routing.rules import PLAIN, HelplineRules
from routing.service_level import Formula, Target
from routing.simulation.chance import Distribution, Shares

QUARTER: Final = 900
"""Seconds in a quarter hour, the grain of every curve and picture."""
QUARTERS: Final = 96
"""Quarter hours in a day; curves and shifts begin anew after them."""
DAY: Final = QUARTER * QUARTERS

Roster: TypeAlias = Mapping[str, int]
"""How many agents each group has, by the group's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """How callers take to being called back."""

    share: float
    """From 0 to 1: of those who still wait after so long, who ask for it."""
    after: Seconds
    reached: float
    """From 0 to 1: how often the citizen answers when he is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """The callers of one helpline."""

    helpline: HelplineId
    curve: tuple[float, ...]
    """Calls expected in each quarter hour of the day, from midnight on."""
    talking: Distribution
    patience: Distribution | None
    """How long a caller waits before hanging up; None when nobody ever does."""
    writing: Distribution | None
    """How long an agent writes afterwards, up to the floor's limit; None: until the limit."""
    languages: Shares[LanguageCode]
    categories: Shares[str]
    formula: Formula
    target: Target
    short: Seconds
    """A hang-up within so many seconds is a short one."""
    rules: HelplineRules = PLAIN
    """How the router treats them."""
    callbacks: Callbacks | None = None
    """None when nobody asks to be called back."""


@dataclass(frozen=True, slots=True)
class Shift:
    """From when to when, in seconds of the day; one that ends before it begins goes through the night."""

    begins: Seconds
    ends: Seconds

    @property
    def lasts(self) -> float:
        return (self.ends - self.begins) % DAY or DAY

    def covers(self, moment: Seconds) -> bool:
        """Whether an agent of this shift is there at *moment* of the day."""
        return (moment - self.begins) % DAY < self.lasts


@dataclass(frozen=True, slots=True)
class Break:
    """A break of a group, which goes in so many *waves*, one after another."""

    reason: str
    begins: Seconds
    """Of the first wave, in seconds of the day."""
    lasts: Seconds
    waves: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Agents who are alike."""

    name: str
    count: int
    helplines: tuple[HelplineId, ...]
    skills: Levels
    """Languages among them, each with its level from 1 to 9."""
    shift: Shift | None
    """None for those who are always there."""
    breaks: tuple[Break, ...]
    answering: Distribution
    """How long until the phone is picked up; longer than it rings is a missed offer."""
    back_after: Seconds
    """How long until an agent whom missed offers have set aside asks for calls again."""
    pools: frozenset[Pool] = frozenset()
    order: tuple[HelplineId, ...] = ()
    """The helplines they should serve before the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A call centre and its callers, and how often and for how long to watch them."""

    name: str
    seed: int
    quarters: int
    """Length of one run, in quarter hours."""
    warm_up: int
    """Quarter hours at its beginning whose callers are not counted."""
    replications: int
    """Independent runs; with a single one confidence comes from batches of it."""
    ring_seconds: Seconds
    wrap_up_seconds: Seconds
    missed_offers_limit: int
    demands: tuple[Demand, ...]
    groups: tuple[Group, ...]
    order_step_seconds: Seconds = Seconds(30.0)

    @property
    def agents(self) -> int:
        """How many agents there are in all groups."""
        return sum(group.count for group in self.groups)

    @property
    def roster(self) -> dict[str, int]:
        """How many agents each group has."""
        return {group.name: group.count for group in self.groups}

    def with_roster(self, roster: Roster) -> Scenario:
        """The same with other numbers of agents."""
        groups = tuple(replace(group, count=roster[group.name]) for group in self.groups)
        return replace(self, groups=groups)

    def with_target(self, target: Target) -> Scenario:
        """The same with one target for all helplines; each keeps its formula."""
        return replace(self, demands=tuple(replace(demand, target=target) for demand in self.demands))
